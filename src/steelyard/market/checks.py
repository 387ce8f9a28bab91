"""Which rule an order breaks before it enters, first rule first, and nothing is changed by asking.

What the book cannot know (whether the instrument exists, positions, margin, funds, receipts) is checked around it.
"""

from steelyard.market.book_state import BookState
from steelyard.market.instruments import PRICE_MAX, QUANTITY_MAX
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
    peak = 1 if new.peak is None else new.peak
    if not (0 < new.quantity <= QUANTITY_MAX and 0 < peak <= QUANTITY_MAX):
        return R.QUANTITY_MUST_BE_POSITIVE
    if new.quantity % state.instrument.lot or (new.peak or 0) % state.instrument.lot:
        return R.QUANTITY_NOT_IN_LOTS
    return (
        check_price(state, new.price)
        or (None if new.stop is None or _is_price(state, new.stop) else R.PRICE_NOT_ON_TICK)
        or (None if _goes_together(state, new) else R.TYPE_COMBINATION_NOT_ALLOWED)
        or (R.POST_ONLY_WOULD_TRADE if new.post_only and would_trade(state, order_of(state, new)) else None)
    )


def check_price(state: BookState, price: int | None) -> OrderRefusal | None:
    """Give what is wrong with a limit price, or None."""
    if price is None:
        return None
    if not _is_price(state, price):
        return R.PRICE_NOT_ON_TICK
    low, high = state.limits
    return None if low <= price <= high else R.PRICE_OUTSIDE_DAILY_LIMIT


def would_trade(state: BookState, order: Order) -> bool:
    """Tell whether an order that comes would trade at least one unit."""
    if not RULES[state.phase].match:
        return False
    made = plan(state, order)
    return made.trades() and (made.fills_whole() or not order.aon)


def order_of(state: BookState, new: NewOrder) -> Order:
    """Make the order that a new one becomes, with all of its size to act; its time is not set."""
    return Order(
        order_id=new.order_id,
        side=new.side,
        price=new.price,
        shown=new.quantity,
        hidden=0,
        owner=owner_of(new.member, new.group),
        seq=0,
        total=new.quantity,
        member=new.member,
        group=new.group,
        type=new.type,
        tif=new.tif,
        aon=new.aon,
        post_only=new.post_only,
        peak=new.peak or 0,
        stop=new.stop or 0,
        stp=new.stp,
        until_on=new.until_on,
    )


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


def _is_price(state: BookState, price: int) -> bool:
    return 0 < price <= PRICE_MAX and price % state.instrument.tick == 0


def _goes_together(state: BookState, new: NewOrder) -> bool:
    at_once = new.tif in (Tif.IOC, Tif.FOK)
    priced = (new.type is Type.LIMIT) == (new.price is not None)
    dated = (new.tif is Tif.GTD) == (new.until_on > 0)
    iceberg = new.peak is None or (
        new.type is not Type.MARKET
        and not at_once
        and not new.aon
        and new.peak <= new.quantity <= new.peak * state.instrument.peaks_max
    )
    rests = not new.post_only or (new.type is Type.LIMIT and not at_once and new.stop is None)
    whole = not new.aon or (new.type is not Type.MTL and new.tif is not Tif.GFA)
    stops = new.stop is None or new.tif is not Tif.GFA
    return priced and dated and iceberg and rests and whole and stops
