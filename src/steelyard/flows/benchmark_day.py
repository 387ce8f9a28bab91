"""What a day's benchmarks rest on: trades, registered trades, firm quotes, and what a basket is worth.

Nothing of this is handed in. A day ends with its fixing: what is traded from then on counts towards the next one.
Owners of one group count as one. A trade in a currency to which no quotes lead from the basket is left out, as is one
within a group.

Firm quotes are the orders that stand in the books as one can trade with them, at a price and with a quantity that
has stood long enough, and the answers to requests for quotes that still stand. Of a book those count that are near
the middle of its best bid and ask: who alone stands far off says nothing about the price.
"""

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from typing import NamedTuple

from steelyard.flows import counting, market_rules
from steelyard.flows.world import World
from steelyard.market.assessment import WHOLE_BP, FirmQuote, Method, Trade
from steelyard.market.basis import UNIT_MINOR, Basis, Source
from steelyard.market.benchmark import firm_median, short
from steelyard.market.book import Book
from steelyard.market.books import Listing, OrderRow, Way
from steelyard.market.orders import Side
from steelyard.market.otc import EVIDENCE, OtcTrade
from steelyard.market.phases import Phase
from steelyard.market.rfq import KG_PER_T
from steelyard.values.instants import DAY, MILLISECOND, Day, Instant

OPEN = (Phase.CONTINUOUS, Phase.DELIVERY_MONTH)
Ways = dict[tuple[str, str, str], Instant]
Basket = Sequence[tuple[str, int]]
BID, ASK = "bid", "ask"


# what money is worth


def worths(world: World, basket: Basket, at: Instant) -> dict[str, Fraction]:
    """Give what one minor unit of a basket is in minor units of each currency that firm quotes lead to."""
    found: dict[str, Fraction] = {}
    for currency in sorted(world.members.assets):
        rates = [(parts, rate(world, code, currency, at)) for code, parts in basket]
        known = [(parts, one) for parts, one in rates if one is not None]
        if known and len(known) == len(rates):
            whole = short(sum((parts * one for parts, one in known), Fraction(0)) * Fraction(1, UNIT_MINOR))
            if whole:
                found[currency] = whole
    return found


def rate(world: World, one: str, other: str, at: Instant) -> Fraction | None:
    """Give the median firm rate: minor units of the other currency for one of the first; None without a quote.

    Of each way of the pair a provider's best quote counts, however many it puts up, that has stood as long as the rules
    ask for; providers of one group are one.
    """
    if one == other:
        return Fraction(1)
    held = market_rules.rules(world, at).rates_held_ms * MILLISECOND
    board, groups = world.books.quotes, world.books.groups
    rates: list[Fraction] = []
    for buy, sell, is_turned in ((other, one, False), (one, other, True)):
        counted: dict[str, None] = {}
        for quote in board.pairs.get((buy, sell), ()):
            provider = groups.get(quote.provider, quote.provider)
            stands = at < quote.valid_until and quote.sell_left and at - quote.since >= held
            if stands and provider not in counted:
                counted[provider] = None
                rates.append(Fraction(*((quote.den, quote.num) if is_turned else (quote.num, quote.den))))
    return firm_median(rates)


# what was traded


class Goods(NamedTuple):
    """What a code of a benchmark's sources is."""

    source: Source
    origin: str
    grade: str


def goods_of(world: World, basis: Basis) -> dict[str, Goods]:
    """Give the codes by which a benchmark's goods are traded: its sources, and the classes of those on the spot."""
    found: dict[str, Goods] = {}
    for source in basis.sources:
        listing = world.books.listings.get(source.code)
        asset = listing.asset if listing is not None and listing.way is Way.SPOT else source.code
        known = world.titles.classes.get(asset)
        grade = source.grade or (known.grade if known is not None else "")
        for code in dict.fromkeys((source.code, asset)):
            found.setdefault(code, Goods(source, source.origin, grade))
    return found


def trades(
    world: World, basis: Basis, method: Method, worth_of: dict[str, Fraction], on: Day
) -> tuple[Trade, ...]:
    """Give what was traded towards a day, in minor units of the basket for its weight; a pair's at one price as one."""
    found: list[Trade] = []
    goods = goods_of(world, basis)
    for source in basis.sources:
        listing = world.books.listings.get(source.code)
        of = goods[source.code]
        for key, units in world.books.prints.made_on(source.code, on) if listing is not None else ():
            assert listing is not None
            currency, price, *owners = key.split(" ")
            buyer, seller = counting.sides(world, *owners)
            value = _value(Fraction(price), basis.unit_kg, listing.kg, worth_of.get(currency))
            if value is not None:
                name = f"{source.code}/{len(found)}"
                kg = units * listing.kg
                found.append(Trade(name, str(value), kg, buyer, seller, origin=of.origin, grade=of.grade))
    back: Ways = {}
    for one in world.otc.of_day(on):
        known = goods.get(one.code)
        value = _value(Fraction(one.minor), basis.unit_kg, one.kg, worth_of.get(one.currency))
        if known is None or value is None or (one.proven == EVIDENCE and not method.takes_outside):
            continue
        back = back or ways(world)
        if went_back(world, one, back):
            continue
        sides = counting.sides(world, one.buyer, one.seller)
        found.append(
            Trade(
                one.trade_id.hex(),
                str(value),
                one.kg,
                *sides,
                True,
                one.proof.hex(),
                known.origin,
                known.grade,
            )
        )
    return tuple(found)


def ways(world: World) -> Ways:
    """Give when goods (code, buyer, seller) went that way last; owners of a group as one."""
    found: Ways = {}
    for (code, *owners), at in sorted(world.otc.ways.items()):
        way = code, *counting.sides(world, *owners)
        found[way] = max(at, found.get(way, 0))
    return found


def went_back(world: World, trade: OtcTrade, found: Ways) -> bool:
    """Tell whether the same goods went the other way between a trade's sides, no more than a day before it or since."""
    listing = world.books.listings.get(trade.code)
    buyer, seller = counting.sides(world, trade.buyer, trade.seller)
    return any(
        found.get((code, seller, buyer), 0) > trade.traded_at - DAY
        for code in (trade.code, listing.asset if listing is not None else trade.code)
    )


def _value(minor: Fraction, unit_kg: int, kg: int, worth: Fraction | None) -> Fraction | None:
    """Give what so much money for so many kg is for the benchmark's weight, in the basket."""
    return minor * Fraction(unit_kg, kg) * worth**-1 if worth else None


# firm quotes


class Offered(NamedTuple):
    """One side of a maker at one price: in the basket for the benchmark's weight, since when."""

    source: str
    side: str
    price: Fraction
    kg: int
    maker: str
    since: Instant


def quotes(
    world: World, basis: Basis, method: Method, worth_of: dict[str, Fraction], at: Instant
) -> tuple[FirmQuote, ...]:
    """Give the firm quotes that stand at an instant; a maker's of one side at one price as one."""
    goods = goods_of(world, basis)
    standing: list[Offered] = []
    middles: list[Fraction] = []
    for source in basis.sources:
        held = _held(_orders(world, basis, source.code, worth_of), method, at)
        middle = _middle(held)
        if middle is not None:
            middles.append(middle)
            standing += _near(held, middle, method)
    answers, middle = _held(_answers(world, basis, goods, worth_of, at), method, at), firm_median(middles)
    standing += answers if middle is None else _near(answers, middle, method)
    summed: dict[tuple[str, str, Fraction, str], tuple[int, Instant]] = {}
    for one in standing:
        key = one.source, one.side, one.price, one.maker
        kg, since = summed.get(key, (0, one.since))
        summed[key] = kg + one.kg, max(since, one.since)
    return tuple(
        FirmQuote(
            f"{source}/{side}/{place}", str(price), kg, maker, at - since, goods[source].origin,
            goods[source].grade,
        )
        for place, ((source, side, price, maker), (kg, since)) in enumerate(sorted(summed.items()))
    )  # fmt: skip


def order_count(world: World, code: str) -> int:
    """Count the orders of a book."""
    held = world.books.books.get(code)
    return 0 if held is None else len(held.orders if isinstance(held, Book) else held.subs.orders)


def _orders(world: World, basis: Basis, code: str, worth_of: dict[str, Fraction]) -> list[Offered]:
    """Give the limit orders of a book that anybody can trade with now: what is shown of them."""
    listing, held = world.books.listings.get(code), world.books.books.get(code)
    if listing is None or held is None or held.phase not in OPEN:
        return []
    orders = held.orders if isinstance(held, Book) else {no: one for no, (one, _) in held.subs.orders.items()}
    found = []
    for order_no, order in sorted(orders.items()):
        row = world.books.rows.get(order_no)
        if row is None or order.price is None or order.aon or not order.shown:
            continue
        value = _value(Fraction(order.price), basis.unit_kg, listing.kg, worth_of.get(row.currency))
        if value is not None:
            found.append(_offered(world, listing, row, value, order.shown))
    return found


def _offered(world: World, listing: Listing, row: OrderRow, value: Fraction, shown: int) -> Offered:
    side = BID if row.side is Side.BUY else ASK
    maker = world.books.groups.get(row.owner, row.owner)
    return Offered(row.instrument, side, value, shown * listing.kg, maker, row.since)


def _held(offered: Iterable[Offered], method: Method, at: Instant) -> list[Offered]:
    """Give what has stood long enough."""
    return [one for one in offered if at - one.since >= method.held_min]


def _middle(offered: list[Offered]) -> Fraction | None:
    """Give the middle of the best bid and ask; None where one side is missing."""
    bids = [one.price for one in offered if one.side == BID]
    asks = [one.price for one in offered if one.side == ASK]
    return (max(bids) + min(asks)) * Fraction(1, 2) if bids and asks else None


def _near(offered: list[Offered], middle: Fraction, method: Method) -> list[Offered]:
    """Give what is near the middle."""
    reach = middle * method.within_bp
    return [one for one in offered if abs(one.price - middle) * WHOLE_BP <= reach]


def _answers(
    world: World, basis: Basis, goods: dict[str, Goods], worth_of: dict[str, Fraction], at: Instant
) -> Iterator[Offered]:
    """Give the answers to requests for quotes that stand; goods and money of them are set aside."""
    for _, rfq in sorted(world.rfqs.live.items()):
        known = goods.get(rfq.code)
        worth = worth_of.get(rfq.currency)
        if known is None or at >= rfq.valid_until:
            continue
        for one in rfq.answers:
            if at >= one.valid_until or _is_of_group(world, rfq.requester, one.dealer):
                continue
            maker = world.books.groups.get(one.dealer, one.dealer)
            receipt = world.titles.receipts.get(one.receipt_id)
            sides = ((BID, one.bid_minor, one.kg_max), (ASK, one.ask_minor, receipt.kg if receipt else 0))
            for side, minor, kg in sides:
                value = _value(Fraction(minor), basis.unit_kg, KG_PER_T, worth)
                if minor and kg and value is not None:
                    yield Offered(known.source.code, side, value, kg, maker, one.answered_at)


def _is_of_group(world: World, one: str, other: str) -> bool:
    first, second = counting.sides(world, one, other)
    return first == second
