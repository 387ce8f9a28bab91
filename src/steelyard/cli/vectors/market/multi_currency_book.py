"""Group `multi_currency_book`: one order that comes, against resting orders in other currencies.

A quote "X/Y" is the price of one X in Y: who buys X pays the ask, who sells X gets the bid. Its size is in X.
"""

from typing import Any

from steelyard.cli.vectors.compare import Failure, judged, same
from steelyard.cli.vectors.market.values import exact, unknown_inputs, whole
from steelyard.market.cross.facts import CrossTrade
from steelyard.market.cross.quotes import UNBOUNDED, FirmQuote, QuoteBoard
from steelyard.market.instruments import Instrument
from steelyard.market.multi_currency import MultiCurrencyBook
from steelyard.market.orders import NewOrder, Side

INPUTS = frozenset({"quotes", "makers", "taker"})
ORDER = frozenset({"id", "side", "qty", "price", "ccy"})
QUOTE = frozenset({"ask", "bid", "size"})
SIDES = {"buy": Side.BUY, "sell": Side.SELL}


def judge(given: dict[str, Any], expect: dict[str, Any]) -> list[Failure]:
    """Check a case."""
    taker, makers = given["taker"], given["makers"]
    unknown = unknown_inputs(given, INPUTS)
    for order in (taker, *makers):
        unknown += unknown_inputs(order, ORDER)
    book = MultiCurrencyBook(Instrument(code="CASE"), _board(given["quotes"], unknown))
    for place, maker in enumerate(makers, start=1):
        book.enter(_order(place, maker), maker["ccy"], at=0)
    facts = book.enter(_order(0, taker), taker["ccy"], at=0)
    trades = [_told(fact, makers) for fact in facts if isinstance(fact, CrossTrade)]
    left = whole(taker["qty"]) - sum(trade["qty"] for trade in trades)
    return unknown + judged(
        expect,
        {
            "trades": lambda one: same("trades", one, trades),
            "taker_left": lambda one: same("taker_left", one, left),
        },
    )


def _board(quotes: dict[str, Any], unknown: list[Failure]) -> QuoteBoard:
    board = QuoteBoard()
    for name, quote in quotes.items():
        unknown += unknown_inputs(quote, QUOTE)
        base, terms = name.split("/")
        size = whole(quote.get("size", UNBOUNDED))
        if "ask" in quote:
            ask = exact(quote["ask"])
            ratio = (ask.numerator, ask.denominator)
            board.put(FirmQuote(len(board.by_no) + 1, "P", base, terms, *ratio, size, UNBOUNDED, 1))
        if "bid" in quote:
            bid = exact(quote["bid"])
            ratio = (bid.denominator, bid.numerator)
            board.put(FirmQuote(len(board.by_no) + 1, "P", terms, base, *ratio, UNBOUNDED, size, 1))
    return board


def _order(place: int, order: dict[str, Any]) -> NewOrder:
    return NewOrder(place, SIDES[order["side"]], whole(order["qty"]), whole(order["price"]))


def _told(trade: CrossTrade, makers: list[dict[str, Any]]) -> dict[str, Any]:
    """Give a trade as cases write it."""
    buyer = (trade.buyer_minor, trade.buyer_currency)
    seller = (trade.seller_minor, trade.seller_currency)
    maker, taker = (seller, buyer) if trade.taker is Side.BUY else (buyer, seller)
    place = trade.sell if trade.taker is Side.BUY else trade.buy
    return {
        "maker": makers[place - 1]["id"],
        "qty": trade.quantity,
        "maker_amount": maker[0],
        "maker_ccy": maker[1],
        "taker_amount": taker[0],
        "taker_ccy": taker[1],
    }
