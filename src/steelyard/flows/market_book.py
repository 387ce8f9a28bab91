"""Let the book of an instrument work, and let everything that follows from it happen: bundles, bindings, facts.

Both kinds of books come together here: whatever a book answers becomes rows of orders, facts and notices in the order
in which it happened.
"""

from collections.abc import Callable, Iterable
from fractions import Fraction
from heapq import heapify, heappop, heapreplace
from typing import Any

from msgspec import structs

from steelyard.flows import market_rules, market_trade
from steelyard.flows.diary import Diary
from steelyard.flows.market_facts import (
    AuctionDone,
    BandsSet,
    DepthMoved,
    FirmQuoteMoved,
    Indicated,
    OrderMoved,
    PhaseMoved,
)
from steelyard.flows.market_trade import Deal
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.market.book import Book
from steelyard.market.books import AnyBook, Listing
from steelyard.market.cross.facts import CrossAuction, CrossFact, CrossTrade, Failed
from steelyard.market.cross.quotes import FirmQuote
from steelyard.market.cross.uncrossing import indicative as indicative_cross
from steelyard.market.cross.unit import Worth
from steelyard.market.instruments import PRICE_MAX
from steelyard.market.multi_currency import MultiCurrencyBook
from steelyard.market.orders import (
    Auction,
    CallExtended,
    Cancelled,
    CancelRejected,
    Decremented,
    Event,
    NewOrder,
    PhaseChanged,
    PhaseRejected,
    Refused,
    Released,
    Replace,
    Replaced,
    ReplaceRejected,
    Side,
    Trade,
    VolatilityCall,
    Why,
)
from steelyard.market.phases import CALLS, Phase
from steelyard.market.prints import mark
from steelyard.market.raw_facts import (
    CANCEL_REJECTED,
    FACTS,
    PHASE_REJECTED,
    REFUSED,
    REPLACE_REJECTED,
    Raw,
    fact,
)
from steelyard.market.refusals.orders import BY_CODE
from steelyard.market.resting import Order
from steelyard.market.uncrossing import indicative
from steelyard.values.instants import MILLISECOND, SECOND, Instant
from steelyard.values.refusal import Refusal

NEITHER = 2
AS_IT_IS = Worth(1, 1)
INDICATED_MAX = 1_000
Standing = dict[tuple[str, str], list[tuple[int, int, FirmQuote]]]
"""Who stands in an auction between two currencies: what is left, turned round, number and quote; most left first"""
_SHOWN_ANEW = (NewOrder, Replace)
REJECTED = (Refused, CancelRejected, ReplaceRejected, PhaseRejected)
REJECTIONS = frozenset({REFUSED, CANCEL_REJECTED, REPLACE_REJECTED, PHASE_REJECTED})


def work(
    world: World,
    diary: Diary,
    listing: Listing,
    event: Event,
    at: Instant,
    *,
    currency: str = "",
    checked: bool = False,
    shows: bool = True,
) -> Refusal | None:
    """Let the book of an instrument work off an event, or say why it does not.

    `currency` is that of a new order, which the book is known to take where it is `checked`. Without `shows` the
    caller lets the public see (`show`) what this event and others of the same book have changed together.
    """
    held = world.books.books[listing.instrument.code]
    if isinstance(event, _SHOWN_ANEW):
        world.books.touched[event.order_id] = None
    if isinstance(held, MultiCurrencyBook):
        refusal = _work_cross(world, diary, listing, held, event, currency, at, checked=checked)
    else:
        refusal = _work_one(world, diary, listing, held, event, at, checked=checked)
    if shows:
        show(world, diary, listing, at)
    return refusal


def show(world: World, diary: Diary, listing: Listing, at: Instant) -> None:
    """Tell the public what has changed at which prices, and in a call what it would come to.

    A large call is not worked out at every change: of more than `INDICATED_MAX` orders at one change in a hundred.
    """
    books, code = world.books, listing.instrument.code
    held, depth = books.books[code], books.depths[code]
    depth.look(held, books.touched)
    books.touched.clear()
    changed = depth.take()
    if not changed:
        return
    diary.fact(DepthMoved(code, tuple(changed)))
    if held.phase in CALLS and _is_worked_out(held):
        found = indicative(held) if isinstance(held, Book) else indicative_cross(held, at)
        price, volume, surplus = found or (0, 0, 0)
        diary.fact(Indicated(code, str(price or ""), volume, surplus))


def _is_worked_out(held: AnyBook) -> bool:
    orders = held.orders if isinstance(held, Book) else held.subs.orders
    return len(orders) <= INDICATED_MAX or held.seq % INDICATED_MAX == 0


def _work_one(
    world: World, diary: Diary, listing: Listing, held: Book, event: Event, at: Instant, *, checked: bool
) -> Refusal | None:
    """Let a book in one currency work: what happened before a trade is told before it is booked."""
    out: list[Raw] = []
    place = 0

    def settles(buy: Order, sell: Order, quantity: int, price: int) -> Side | None:
        nonlocal place
        _tell_raw(world, diary, listing, out[place:], at)
        place = len(out)
        return _settle(world, diary, listing, buy, sell, quantity, price, at)

    held.settles = settles
    try:
        held.work(event, out, checked=checked)
    finally:
        held.settles = None
    if out and out[0][0] in REJECTIONS:
        return BY_CODE[out[0][2]]
    _tell_raw(world, diary, listing, out[place:], at)
    return None


def _work_cross(
    world: World,
    diary: Diary,
    listing: Listing,
    held: MultiCurrencyBook,
    event: Event,
    currency: str,
    at: Instant,
    *,
    checked: bool,
) -> Refusal | None:
    """Let a book in many currencies work: what happened before a trade is told before it is booked."""
    out: list[CrossFact] = []
    place = 0
    standing: Standing = {}
    in_call = held.phase in CALLS

    def booked(trade: CrossTrade) -> Failed | None:
        nonlocal place
        _tell_all(world, diary, listing, out[place:], at)
        place = len(out)
        if in_call:
            return _books_auction(world, diary, listing, standing, trade, at)
        return _books_cross(world, diary, listing, trade, at)

    held.work(event, out, currency=currency, at=at, book=booked, checked=checked)
    if out and isinstance(out[0], REJECTED):
        return BY_CODE[out[0].code]
    _tell_all(world, diary, listing, out[place:], at)
    return None


def _settle(
    world: World,
    diary: Diary,
    listing: Listing,
    buy: Order,
    sell: Order,
    quantity: int,
    price: int,
    at: Instant,
) -> Side | None:
    """Book a trade of a book in one currency; the side that failed, or None."""
    rows, minor = world.books.rows, price * quantity
    taker = NEITHER if _in_call(world, listing) else int(buy.seq < sell.seq)
    deal = Deal(
        listing, rows[buy.order_id], rows[sell.order_id], quantity, price, minor, minor, "", 0, taker, price
    )
    failed = market_trade.book(world, diary, deal, at)
    if failed is None:
        _note_trade(world, deal, at)
        return None
    return Side.BUY if failed is Failed.BUYER else Side.SELL


def _note_trade(world: World, deal: Deal, at: Instant) -> None:
    """Note a trade towards the day's settlement price, but none after the close, nor one that has no price there."""
    code = deal.listing.instrument.code
    if deal.mark and world.books.books[code].phase is not Phase.POST_CLOSE:
        window = market_rules.rules(world, at).window_ms * MILLISECOND
        world.books.prints.trade(code, deal.mark, deal.quantity, at=at, window=window)


def _in_call(world: World, listing: Listing) -> bool:
    return world.books.books[listing.instrument.code].phase in CALLS


def _books_cross(
    world: World, diary: Diary, listing: Listing, trade: CrossTrade, at: Instant
) -> Failed | None:
    """Book a trade of a book in many currencies, across them by the firm quote that it names."""
    books = world.books
    quote = books.quotes.by_no.get(trade.quote_no)
    provider = quote.provider if quote is not None else ""
    if quote is None and trade.buyer_currency != trade.seller_currency:
        return Failed.QUOTE
    taker = NEITHER if trade.taker is None else int(trade.taker)
    deal = Deal(
        listing, books.rows[trade.buy], books.rows[trade.sell], trade.quantity, trade.price, trade.buyer_minor,
        trade.seller_minor, provider, trade.quote_no, taker, "" if trade.value is None else mark(trade.value),
    )  # fmt: skip
    failed = market_trade.book(world, diary, deal, at)
    if failed is None:
        _note_trade(world, deal, at)
    if quote is None:
        return failed
    if failed is None:
        books.bind(provider, quote.sell, -trade.seller_minor)
        left = quote.sell_left - trade.seller_minor
        tell_quote(world, diary, structs.replace(quote, sell_left=left), "used")
    elif failed is Failed.QUOTE:
        end_quote(world, diary, quote, "failed")
    return failed


def _books_auction(
    world: World, diary: Diary, listing: Listing, standing: Standing, trade: CrossTrade, at: Instant
) -> Failed | None:
    """Book a trade of a call in many currencies: across them through who stands at its rates and has most left."""
    if trade.buyer_currency == trade.seller_currency or trade.taker is not None:
        return _books_cross(world, diary, listing, trade, at)
    quotes, way = world.books.quotes, (trade.buyer_currency, trade.seller_currency)
    found = standing.get(way)
    if found is None:
        there = [one for one in quotes.pair(*way) if one.in_auctions and at < one.valid_until]
        found = standing[way] = [(-one.sell_left, one.quote_no, one) for one in there]
        heapify(found)
    while found and found[0][2].sell_left >= trade.seller_minor:
        quote = found[0][2]
        through = structs.replace(trade, quote_no=quote.quote_no)
        failed = _books_cross(world, diary, listing, through, at)
        if failed is Failed.QUOTE:
            heappop(found)
            continue
        if failed is None:
            quotes.use(quote, trade.seller_minor, trade.buyer_minor)
            heapreplace(found, (-quote.sell_left, quote.quote_no, quote))
        return failed
    return Failed.QUOTE


def end_quote(world: World, diary: Diary, quote: FirmQuote, event: str) -> None:
    """End a firm quote and free what it bound."""
    tell_quote(world, diary, quote, event)
    key = world.books.drop_quote(quote)
    world.timers.cancel(TimerKind.MARKET_QUOTE, key)


def tell_quote(world: World, diary: Diary, quote: FirmQuote, event: str) -> None:
    """Note what became of a firm quote."""
    diary.fact(
        FirmQuoteMoved(
            world.books.quote_keys[quote.quote_no], quote.quote_no, event, quote.provider, quote.sell, quote.buy,
            quote.num, quote.den, quote.sell_left, quote.valid_until,
        )
    )  # fmt: skip
    if event in ("failed", "expired"):
        key = world.books.quote_keys[quote.quote_no]
        diary.tell(quote.provider, f"market_quote.{event}", key, quote.sell, quote.buy)


def _tell_all(world: World, diary: Diary, listing: Listing, facts: Iterable[CrossFact], at: Instant) -> None:
    """Let follow what a book has told."""
    for one in facts:
        handler = _HANDLERS.get(type(one))
        if handler is not None:
            handler(world, diary, listing, one, at)


def _tell_raw(world: World, diary: Diary, listing: Listing, facts: Iterable[Raw], at: Instant) -> None:
    """Let follow what a book in one currency has told; no object is made of that from which nothing follows."""
    for one in facts:
        handler = _OF_RAW[one[0]]
        if handler is not None:
            handler(world, diary, listing, fact(one), at)


def _traded(world: World, diary: Diary, listing: Listing, one: Any, at: Instant) -> None:
    for order_no in (one.buy, one.sell):
        left = world.books.rows[order_no].left - one.quantity
        row = world.books.lower(order_no, left)
        world.books.touched[order_no] = None
        diary.fact(OrderMoved(row.key, "traded", left))


def _cancelled(world: World, diary: Diary, listing: Listing, one: Cancelled, at: Instant) -> None:
    row = world.books.rows.get(one.order_id)
    if row is None:
        return
    world.books.lower(one.order_id, 0)
    world.books.touched[one.order_id] = None
    diary.fact(OrderMoved(row.key, "cancelled", one.left, int(one.why)))
    if one.why is not Why.ASKED:
        diary.tell(row.owner, "order.cancelled", row.key, listing.instrument.code, one.left, one.why.name)


def _decremented(world: World, diary: Diary, listing: Listing, one: Decremented, at: Instant) -> None:
    for order_no in (one.taker, one.maker):
        left = world.books.rows[order_no].left - one.quantity
        row = world.books.lower(order_no, left)
        world.books.touched[order_no] = None
        why = Why.SELF_TRADE if not left and order_no == one.maker else 0
        diary.fact(OrderMoved(row.key, "decremented", left, int(why)))


def _released(world: World, diary: Diary, listing: Listing, one: Released, at: Instant) -> None:
    row = world.books.rows[one.order_id]
    row.since = at
    world.books.touched[one.order_id] = None
    diary.fact(OrderMoved(row.key, "released", row.left))


def _replaced(world: World, diary: Diary, listing: Listing, one: Replaced, at: Instant) -> None:
    """The flow has told of the new terms; an order of which nothing is left is forgotten."""
    if not one.left:
        world.books.lower(one.order_id, 0)


def _phase_changed(world: World, diary: Diary, listing: Listing, one: PhaseChanged, at: Instant) -> None:
    if one.phase is Phase.VOLATILITY_CALL:
        _call_ends(world, listing, at)
    _note_close(world, listing, one.phase, at)
    if one.why not in (Why.COLLAR, Why.OPERATOR):  # of these two the one who does it tells more
        diary.fact(PhaseMoved(listing.instrument.code, int(one.phase), int(one.why)))


def _note_close(world: World, listing: Listing, phase: Phase, at: Instant) -> None:
    """Note when a book closes and at which best prices: those that were shown before, without the day's end.

    Of many currencies they are compared, and noted, in the unit of the basket; what has no worth there does not count.
    """
    code, prints = listing.instrument.code, world.books.prints
    if phase in (Phase.CLOSED, Phase.POST_CLOSE):
        held = world.books.books[code]
        sides: tuple[list[Fraction], list[Fraction]] = ([], [])
        for one in world.books.depths[code].levels():
            worth = held.unit.worth(one.currency, at) if isinstance(held, MultiCurrencyBook) else AS_IT_IS
            if one.price and worth is not None:
                sides[one.side].append(worth.value(one.price))
        bid, ask = max(sides[0], default=None), min(sides[1], default=None)
        prints.close(code, None if bid is None else mark(bid), None if ask is None else mark(ask), at=at)
    elif phase is not Phase.PRE_OPEN:
        prints.reopen(code, at=at)


def _volatility(world: World, diary: Diary, listing: Listing, one: VolatilityCall, at: Instant) -> None:
    code = listing.instrument.code
    diary.fact(PhaseMoved(code, int(Phase.VOLATILITY_CALL), int(Why.COLLAR), "", one.price))


def _auction(world: World, diary: Diary, listing: Listing, one: Auction, at: Instant) -> None:
    diary.fact(AuctionDone(listing.instrument.code, str(one.price or ""), one.volume, one.surplus))
    _look_at_all(world, diary, listing)


def _cross_auction(world: World, diary: Diary, listing: Listing, one: CrossAuction, at: Instant) -> None:
    price = str(Fraction(one.num, one.den)) if one.num else ""
    rates = tuple((currency, str(rate)) for currency, rate in one.rates)
    diary.fact(AuctionDone(listing.instrument.code, price, one.volume, one.surplus, rates=rates))
    _look_at_all(world, diary, listing)


def tell_bands(world: World, diary: Diary, listing: Listing) -> None:
    """Tell reference, daily limits and collar as they are now."""
    held = world.books.books[listing.instrument.code]
    low, high = held.daily
    bounds = (held.reference, low or None, high if high < PRICE_MAX else None, *held.dyn)
    diary.fact(BandsSet(listing.instrument.code, *[-1 if one is None else one for one in bounds]))


def _look_at_all(world: World, diary: Diary, listing: Listing) -> None:
    """After an auction prices of orders may be new without a word: look at all that there are; so may the collar."""
    if listing.instrument.collar_bp is not None:
        tell_bands(world, diary, listing)
    held = world.books.books[listing.instrument.code]
    world.books.touched |= dict.fromkeys(sorted(held.orders if isinstance(held, Book) else held.subs.orders))


def _extended(world: World, diary: Diary, listing: Listing, one: CallExtended, at: Instant) -> None:
    diary.fact(AuctionDone(listing.instrument.code, str(one.price), 0, 0, extended=True))
    if not one.operator:
        _call_ends(world, listing, at)


def _call_ends(world: World, listing: Listing, at: Instant) -> None:
    until = at + listing.instrument.call_seconds * SECOND
    world.timers.set(until, TimerKind.MARKET_CALL, listing.instrument.code.encode())


_HANDLERS: dict[type, Callable[[World, Diary, Listing, Any, Instant], None]] = {
    Trade: _traded,
    CrossTrade: _traded,
    Cancelled: _cancelled,
    Decremented: _decremented,
    Released: _released,
    Replaced: _replaced,
    PhaseChanged: _phase_changed,
    VolatilityCall: _volatility,
    Auction: _auction,
    CrossAuction: _cross_auction,
    CallExtended: _extended,
}
"""What follows from a fact. Accepted orders are told of by the flow that entered them; refusals are its answer."""
_OF_RAW = tuple(_HANDLERS.get(kind) for kind in FACTS)
