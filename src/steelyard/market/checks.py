"""Which rule an order breaks before it enters, first rule first, and nothing is changed by asking.

What the book cannot know (whether the instrument exists, positions, margin, funds, receipts) is checked around it.
"""

from steelyard.market.book_state import BookState
from steelyard.market.instruments import PRICE_MAX, QUANTITY_MAX, Instrument
from steelyard.market.matching import plan
from steelyard.market.orders import NewOrder, Tif, Type
from steelyard.market.phases import RULES, Phase
from steelyard.market.refusals.orders import OrderRefusal
from steelyard.market.resting import Order

R = OrderRefusal


def check_new(state: BookState, new: NewOrder) -> OrderRefusal | None:
    """Give the first rule that a new order breaks, or None."""
    if not _phase_allows(state, new):
        return R.PHASE_DOES_NOT_ALLOW_IT
    if new.order_id in state.done or state.find(new.order_id) is not None:
        return R.ORDER_ID_USED
    terms = state.instrument
    return (
        check_quantity(terms, new)
        or check_price(state, new.price)
        or check_terms(terms, new)
        or (R.POST_ONLY_WOULD_TRADE if new.post_only and would_trade(state, order_of(new)) else None)
    )


def check_quantity(terms: Instrument, new: NewOrder) -> OrderRefusal | None:
    """Give what is wrong with the quantity of an order, or its peak, or None."""
    peak = 1 if new.peak is None else new.peak
    if not (0 < new.quantity <= QUANTITY_MAX and 0 < peak <= QUANTITY_MAX):
        return R.QUANTITY_MUST_BE_POSITIVE
    if new.quantity % terms.lot or (new.peak or 0) % terms.lot:
        return R.QUANTITY_NOT_IN_LOTS
    return None


def check_terms(terms: Instrument, new: NewOrder) -> OrderRefusal | None:
    """Give what is wrong with the stop of an order, or with its terms together, or None."""
    if new.type is Type.LIMIT and new.tif is Tif.GTC and new.price is not None and _is_bare(new):
        return None  # as most are: it has nothing that might not go together
    if new.stop is not None and not is_price(terms, new.stop):
        return R.PRICE_NOT_ON_TICK
    return None if _goes_together(terms, new) else R.TYPE_COMBINATION_NOT_ALLOWED


def check_price(state: BookState, price: int | None) -> OrderRefusal | None:
    """Give what is wrong with a limit price, or None."""
    if price is None:
        return None
    if not is_price(state.instrument, price):
        return R.PRICE_NOT_ON_TICK
    low, high = state.limits
    return None if low <= price <= high else R.PRICE_OUTSIDE_DAILY_LIMIT


def would_trade(state: BookState, order: Order) -> bool:
    """Tell whether an order that comes would trade at least one unit."""
    if not RULES[state.phase].match:
        return False
    made = plan(state, order)
    return made.trades() and (made.fills_whole() or not order.aon)


def order_of(new: NewOrder) -> Order:
    """Make the order that a new one becomes, with all of its size to act; its time is not set."""
    # By place, several times faster than by name: every order passes here.
    return Order(
        new.order_id, new.side, new.price, new.quantity, 0, owner_of(new.member, new.group), 0, new.quantity,
        new.member, new.group, new.type, new.tif, new.aon, new.post_only, new.peak or 0, new.stop or 0, new.stp,
        new.until_on,
    )  # fmt: skip


def owner_of(member: int, group: int) -> int:
    """Give what self-trade prevention compares: the group, or without one the member, or 0.

    >>> owner_of(3, 0), owner_of(3, 7), owner_of(0, 0)
    (6, 15, 0)
    """
    return group << 1 | 1 if group else member << 1


def _phase_allows(state: BookState, new: NewOrder) -> bool:
    rules = RULES[state.phase]
    if not rules.entry:
        return False
    if state.phase is Phase.POST_CLOSE:
        return allowed_after_close(state, new.price) and new.stop is None
    if new.tif in (Tif.IOC, Tif.FOK):
        return rules.match
    return rules.call or new.tif is not Tif.GFA


def allowed_after_close(state: BookState, price: int | None) -> bool:
    """Tell whether a price may enter after the close."""
    return state.instrument.post_close and price is not None and price == state.settlement


def is_price(terms: Instrument, price: int) -> bool:
    """Tell whether a price is one, on the tick."""
    return 0 < price <= PRICE_MAX and price % terms.tick == 0


def _is_bare(new: NewOrder) -> bool:
    return not (new.post_only or new.aon or new.until_on) and new.stop is None and new.peak is None


def _goes_together(terms: Instrument, new: NewOrder) -> bool:
    at_once = new.tif in (Tif.IOC, Tif.FOK)
    priced = (new.type is Type.LIMIT) == (new.price is not None)
    dated = (new.tif is Tif.GTD) == (new.until_on > 0)
    iceberg = new.peak is None or (
        new.type is not Type.MARKET
        and not at_once
        and not new.aon
        and new.peak <= new.quantity <= new.peak * terms.peaks_max
    )
    rests = not new.post_only or (new.type is Type.LIMIT and not at_once and new.stop is None)
    whole = not new.aon or (new.type is not Type.MTL and new.tif is not Tif.GFA)
    stops = new.stop is None or new.tif is not Tif.GFA
    return priced and dated and iceberg and rests and whole and stops
