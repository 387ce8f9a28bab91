"""The book in many currencies under load: `python -m bench market_currencies`.

Orders arrive at random in ten currencies whose firm quotes move every 100 messages; half of all orders are
cancelled later, as on any venue. Prices lie round one value after conversion, so heads of all ten compete. One lane
has daily limits and a collar in the unit of a basket of two of the currencies, which nothing passes.
"""

from collections.abc import Iterator
from random import Random
from statistics import median
from time import perf_counter

from bench.figures import Figure, main
from steelyard.market.cross.quotes import UNBOUNDED, FirmQuote, QuoteBoard
from steelyard.market.instruments import Instrument
from steelyard.market.multi_currency import MultiCurrencyBook
from steelyard.market.orders import NewOrder, Side

CURRENCIES = tuple("ABCDEFGHIJ")
MESSAGES = 100_000
MOVES_EVERY = 100
DEN = 10_000


def rows() -> Iterator[Figure]:
    """Give messages a second and the time of an update of a quote."""
    stream = _stream(Random(7))
    bounded = Instrument(
        code="W", basket="UNIT", basket_holds=(("A", 50), ("B", 100)), limit_low=1_000, limit_high=100_000,
        dyn_low=2_000, dyn_high=50_000,
    )  # fmt: skip
    for words, terms, floor in (("", Instrument(code="W"), 100_000), (", limits and collar", bounded, None)):
        rates, updates = [], []
        for _ in range(3):
            rate, update = _run(stream, terms)
            rates.append(rate)
            updates.append(update)
        yield Figure(f"ten currencies{words}, messages", median(rates), "messages/s", floor)
        yield Figure(
            f"ten currencies{words}, one quote replaced", median(updates) * 1e6, "us", 20, at_most=True
        )


def _stream(random: Random) -> list[tuple[NewOrder, str] | int]:
    """Give orders with their currency, and numbers of orders to cancel."""
    made: list[tuple[NewOrder, str] | int] = []
    for no in range(1, MESSAGES + 1):
        if no % 2 == 0 and random.random() < 0.9:
            made.append(random.randrange(max(1, no - 400), no))
            continue
        place = random.randrange(10)
        price = (10_000 + round(random.gauss(0, 40))) * (place + 1)
        side = Side(random.randrange(2))
        made.append((NewOrder(no, side, random.randrange(1, 50), price, member=no), CURRENCIES[place]))
    return made


def _board(random: Random) -> QuoteBoard:
    """Put quotes for all pairs: one unit of currency n is worth 1 / (n + 1), less half a per mille."""
    board = QuoteBoard()
    for place, _ in enumerate(CURRENCIES):
        for other, _ in enumerate(CURRENCIES):
            if place != other:
                board.put(_quote(len(board.by_no) + 1, place, other, random))
    return board


def _quote(no: int, sell: int, buy: int, random: Random) -> FirmQuote:
    num = (buy + 1) * (DEN + random.randrange(2, 9))
    return FirmQuote(
        no, "P", CURRENCIES[sell], CURRENCIES[buy], num, (sell + 1) * DEN, UNBOUNDED, UNBOUNDED, 10**18
    )


def _run(stream: list[tuple[NewOrder, str] | int], terms: Instrument) -> tuple[float, float]:
    random = Random(11)
    book = MultiCurrencyBook(terms, _board(random))
    spent, quotes_no = 0.0, 1_000
    standing = {(q.sell, q.buy): q.quote_no for q in book.quotes.by_no.values()}
    begin = perf_counter()
    moves = 0
    for place, message in enumerate(stream):
        if place % MOVES_EVERY == 0:
            sell, buy = random.sample(range(10), 2)
            quotes_no += 1
            fresh = _quote(quotes_no, sell, buy, random)
            started = perf_counter()
            book.quotes.drop(standing[fresh.sell, fresh.buy])
            book.quotes.put(fresh)
            spent += perf_counter() - started
            standing[fresh.sell, fresh.buy] = quotes_no
            moves += 1
        if isinstance(message, int):
            book.cancel(message)
        else:
            book.enter(message[0], message[1], at=place)
    took = perf_counter() - begin
    return len(stream) / took, spent / moves


if __name__ == "__main__":
    main(rows)
