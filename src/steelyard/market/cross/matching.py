"""How an order that comes meets the orders of all currencies, step by step: each step at the best head of the moment.

A trade is at the resting order's price, in its currency, and is tried by `book` before anything changes: where its
bundle is refused the order or quote whose side failed goes, and matching goes on. An order that fills whole or not at
all is tried first, for real, and the try is taken back step by step.
"""

from enum import IntEnum
from typing import NamedTuple

from steelyard.market.bands import ANY
from steelyard.market.cross.facts import Booking, CrossFact, CrossTrade, Failed, agreed
from steelyard.market.cross.heads import Head, best_head, cost
from steelyard.market.cross.state import CrossState, Placed
from steelyard.market.instruments import SelfTrade
from steelyard.market.orders import Cancelled, Decremented, Released, Side, Tif, Type, VolatilityCall, Why
from steelyard.market.phases import RULES, Phase
from steelyard.market.resting import Order
from steelyard.values.instants import Instant
from steelyard.values.rate import Rounding, rounded


class End(IntEnum):
    """Why an order goes no further."""

    NOTHING_MORE = 0
    OWN_ORDER = 1
    COLLAR = 2


def enter(
    state: CrossState, order: Order, currency: str, at: Instant, book: Booking, facts: list[CrossFact]
) -> None:
    """Let an order that is in no queue act, and rest or end what is left of it."""
    if not RULES[state.phase].match:
        _wait_for_call(state, order, currency, facts)
        return
    if order.price is None and state.limits != ANY and state.unit.worth(currency, at) is None:
        state.drop(order, Why.LIMITS, facts)  # it waited for its stop; nobody can tell how far it may go
        return
    if order.type is Type.MTL and order.price is None:
        order.price = best_level(state, order, currency, at)
        if order.price is None:
            state.drop(order, Why.REST, facts)
            return
    whole = order.aon or order.tif is Tif.FOK
    if whole and not _try(state, order, currency, at).whole:
        if order.tif is Tif.FOK:
            state.drop(order, Why.NOT_WHOLE, facts)
        else:
            rest_or_drop(state, order, currency, Why.NOT_WHOLE, facts)
        return
    end = _match(state, order, currency, at, book, facts)
    if not order.left:
        return
    if end is End.OWN_ORDER:
        state.drop(order, Why.SELF_TRADE, facts)
    elif end is End.COLLAR:
        state.set_phase(Phase.VOLATILITY_CALL, Why.COLLAR, facts, at)
        _wait_for_call(state, order, currency, facts)
    else:
        rest_or_drop(state, order, currency, Why.REST, facts)


def would_trade(state: CrossState, order: Order, currency: str, at: Instant) -> bool:
    """Tell whether an order that comes would trade at least one unit."""
    if not RULES[state.phase].match:
        return False
    if state.head(order, currency, order.price, at) is None:
        return False
    tried = _try(state, order, currency, at)
    return tried.trades and (tried.whole or not order.aon)


def best_level(state: CrossState, order: Order, currency: str, at: Instant) -> int | None:
    """Give the limit that a market-to-limit order gets: what the best head costs it, on the tick that reaches it."""
    head = state.head(order, currency, _limit(state, order, currency, at), at)
    if head is None:
        return None
    num, den = cost(head)
    tick = state.instrument.tick
    price = -(-num // (den * tick)) * tick if order.side is Side.BUY else den // (num * tick) * tick
    low, high = state.least(currency, at), state.most(currency, at)
    return price if 0 < price and low <= price <= high else None


def rest_or_drop(state: CrossState, order: Order, currency: str, why: Why, facts: list[CrossFact]) -> None:
    """Let what is left of an order rest, if it may; without a price none does."""
    if order.tif in (Tif.IOC, Tif.FOK) or order.price is None:
        state.drop(order, why, facts)
    else:
        state.rest(order, currency)


def release(state: CrossState, at: Instant, book: Booking, facts: list[CrossFact]) -> None:
    """Let released stop orders enter in the order of their times, and those that these release, until none is left.

    Where a stop order may not enter, it goes on waiting; `CrossState.set_phase` looks again.
    """
    while state.released:
        batch, state.released = sorted(state.released, key=_seq), []
        if not state.takes_stops():
            for order, currency in batch:
                state.wait(order, currency)
            return
        for order, currency in batch:
            order.seq = state.next_seq()
            facts.append(Released(order.order_id))
            enter(state, order, currency, at, book, facts)


def _seq(placed: Placed) -> int:
    return placed[0].seq


def _wait_for_call(state: CrossState, order: Order, currency: str, facts: list[CrossFact]) -> None:
    """Let an order rest where nothing is matched; market orders do so too."""
    if order.tif in (Tif.IOC, Tif.FOK):
        state.drop(order, Why.REST, facts)
    else:
        state.rest(order, currency)


def _limit(state: CrossState, order: Order, currency: str, at: Instant) -> int | None:
    """Give how far an order goes: to its limit, or without one to the daily limit in its currency."""
    if order.price is not None or state.limits == ANY:
        return order.price
    return state.most(currency, at) if order.side is Side.BUY else state.least(currency, at)


def _match(
    state: CrossState, order: Order, currency: str, at: Instant, book: Booking, facts: list[CrossFact]
) -> End:
    """Trade an order with all heads it may meet; all of it acts, so nothing of it is hidden."""
    limit = order.price if order.price is not None else _limit(state, order, currency, at)
    subs, quotes, lot = state.subs, state.quotes, state.instrument.lot
    trying = subs.steps is not None
    while order.shown:
        head = best_head(subs, quotes, order, currency, limit=limit, lot=lot, at=at)
        if head is None:
            break
        maker = head.order
        if order.owner and order.owner == maker.owner and _mode(state, order) is not SelfTrade.NONE:
            if _meets_own(state, order, head, facts):
                return End.OWN_ORDER
            continue
        if state.fence is not None and not _is_fenced(state, head, at):
            if not trying:
                facts.append(VolatilityCall(_shown_value(state, head, at)))
            return End.COLLAR
        trade = _trade(state, order, currency, head, at)
        failed = book(trade)
        if failed is None:
            _fill(state, order, head)
            facts.append(trade)
            if not trying:
                assert maker.price is not None
                state.traded(maker.price, head.currency, at)
        elif failed is Failed.QUOTE and head.legs.quote is not None:
            state.quotes.drop(head.legs.quote.quote_no)
        elif failed.value == order.side.value:
            state.drop(order, Why.BUNDLE, facts)
        else:
            state.subs.remove(maker, head.currency)
            facts.append(Cancelled(maker.order_id, maker.left, Why.BUNDLE))
    return End.NOTHING_MORE


def _is_fenced(state: CrossState, head: Head, at: Instant) -> bool:
    assert head.order.price is not None
    return state.is_fenced(head.order.price, head.currency, at)


def _shown_value(state: CrossState, head: Head, at: Instant) -> int:
    """Give what a head's price is in the unit, rounded half to even to be shown."""
    worth = state.unit.worth(head.currency, at)
    assert worth is not None, "what nobody can value is not stopped"
    assert head.order.price is not None
    exact = worth.value(head.order.price)
    return rounded(exact.numerator, exact.denominator, Rounding.HALF_EVEN)


def _trade(state: CrossState, order: Order, currency: str, head: Head, at: Instant) -> CrossTrade:
    maker, legs = head.order, head.legs
    buys = order.side is Side.BUY
    buyer, seller = (order, maker) if buys else (maker, order)
    paid, got = (currency, head.currency) if buys else (head.currency, currency)
    assert maker.price is not None
    worth = state.unit.worth(head.currency, at) if state.instrument.basket_holds else None
    return CrossTrade(
        buyer.order_id, seller.order_id, legs.quantity, maker.price, paid, legs.buyer_minor, got,
        legs.seller_minor, legs.quote.quote_no if legs.quote else 0, order.side,
        None if worth is None else worth.value(maker.price),
    )  # fmt: skip


def _fill(state: CrossState, order: Order, head: Head) -> None:
    """Take a trade off both orders and off the quote. The maker shows its next peak behind its price."""
    maker, legs = head.order, head.legs
    if state.subs.steps is not None:
        _note(state, head)
    order.shown -= legs.quantity
    if legs.quote is not None:
        state.quotes.use(legs.quote, legs.seller_minor, legs.buyer_minor)
    maker.shown -= legs.quantity
    if maker.shown:
        return
    left = maker.left
    state.subs.remove(maker, head.currency)
    if left:
        maker.seq = state.next_seq()
        maker.cut(left)
        state.subs.add(maker, head.currency)


def _mode(state: CrossState, order: Order) -> SelfTrade:
    return state.instrument.stp if order.stp is None else order.stp


def _meets_own(state: CrossState, order: Order, head: Head, facts: list[CrossFact]) -> bool:
    """Do what the order wants where it meets its own group; True: it goes no further."""
    stp, maker, currency = _mode(state, order), head.order, head.currency
    if stp is SelfTrade.DECREMENT:
        quantity = min(order.left, maker.left)
        order.shown, order.hidden = order.left - quantity, 0
        facts.append(Decremented(order.order_id, maker.order_id, quantity))
        if quantity == maker.left:
            state.subs.remove(maker, currency)
            facts.append(Cancelled(maker.order_id, 0, Why.SELF_TRADE))
        else:
            _decrement(state, maker, quantity)
        return False
    if stp in (SelfTrade.CANCEL_MAKER, SelfTrade.CANCEL_BOTH):
        state.subs.remove(maker, currency)
        facts.append(Cancelled(maker.order_id, maker.left, Why.SELF_TRADE))
    return stp is not SelfTrade.CANCEL_MAKER


def _decrement(state: CrossState, maker: Order, quantity: int) -> None:
    """Take a quantity off a resting order that has not traded."""
    total, shown, hidden = maker.total, maker.shown, maker.hidden

    def undo() -> None:
        maker.total, maker.shown, maker.hidden = total, shown, hidden

    state.subs.note(undo)
    left = maker.left - quantity
    maker.total = total - quantity
    maker.shown = min(shown, left)
    maker.hidden = left - maker.shown


class Tried(NamedTuple):
    """What a try came to: whether all of an order would trade, and whether anything would."""

    whole: bool
    trades: bool


def _try(state: CrossState, order: Order, currency: str, at: Instant) -> Tried:
    """Match an order for real, and take all of it back."""
    shown, hidden, seq = order.shown, order.hidden, state.seq
    facts: list[CrossFact] = []
    state.subs.begin()
    _match(state, order, currency, at, agreed, facts)
    left = order.left
    state.subs.undo()
    order.shown, order.hidden, state.seq = shown, hidden, seq
    told = {type(fact) for fact in facts}
    return Tried(not left and Decremented not in told, CrossTrade in told)


def _note(state: CrossState, head: Head) -> None:
    """Note how to undo what a fill does to a maker and to a quote."""
    maker, legs = head.order, head.legs
    shown, hidden, seq = maker.shown, maker.hidden, maker.seq

    def undo() -> None:
        maker.shown, maker.hidden, maker.seq = shown, hidden, seq
        if legs.quote is not None:
            state.quotes.use(legs.quote, -legs.seller_minor, -legs.buyer_minor)

    state.subs.note(undo)
