"""Which rule an order breaks before it enters a book in many currencies; nothing is changed by asking.

Terms are checked as in a book of one currency. Daily limits are in the unit of the basket: an order's price lies within
them at the firm quotes of its entry. Where quotes do not lead from its currency to the basket nobody can tell, and the
order is refused.
"""

from steelyard.market.bands import ANY
from steelyard.market.checks import check_quantity, check_terms, is_price, order_of
from steelyard.market.cross.matching import would_trade
from steelyard.market.cross.state import CrossState
from steelyard.market.instruments import QUANTITY_MAX
from steelyard.market.orders import NewOrder, Tif, Type
from steelyard.market.phases import RULES, Phase
from steelyard.market.refusals.orders import OrderRefusal
from steelyard.market.resting import Order
from steelyard.values.instants import Instant

R = OrderRefusal


def check_new(state: CrossState, new: NewOrder, currency: str, *, at: Instant) -> OrderRefusal | None:
    """Give the first rule that a new order breaks, or None."""
    if not _phase_allows(state, new):
        return R.PHASE_DOES_NOT_ALLOW_IT
    if new.order_id in state.subs.orders or new.order_id in state.waiting:
        return R.ORDER_ID_USED
    terms = state.instrument
    refusal = (
        check_quantity(terms, new)
        or check_price(state, new.price, currency, at=at)
        or check_terms(terms, new)
    )
    if refusal is None and new.post_only and would_trade(state, order_of(new), currency, at):
        return R.POST_ONLY_WOULD_TRADE
    return refusal


def check_price(state: CrossState, price: int | None, currency: str, *, at: Instant) -> OrderRefusal | None:
    """Give what is wrong with a limit price, or with an order that has none, or None."""
    if price is not None and not is_price(state.instrument, price):
        return R.PRICE_NOT_ON_TICK
    if state.limits == ANY:
        return None
    worth = state.unit.worth(currency, at)
    if worth is None:
        return R.CURRENCY_HAS_NO_RATE
    inside = price is None or worth.is_inside(price, *state.limits)
    return None if inside else R.PRICE_OUTSIDE_DAILY_LIMIT


def check_replace(
    state: CrossState,
    order: Order,
    currency: str,
    quantity: int | None,
    price: int | None,
    *,
    total: int,
    at: Instant,
) -> OrderRefusal | None:
    """Give the first rule that new terms of an order break, or None. `total` is what the quantity comes to."""
    if not RULES[state.phase].entry or state.phase is Phase.POST_CLOSE:
        return R.PHASE_DOES_NOT_ALLOW_IT
    untouched = order.total == order.left
    if (quantity is not None and quantity < untouched) or total > QUANTITY_MAX:
        return R.QUANTITY_MUST_BE_POSITIVE
    if total % state.instrument.lot:
        return R.QUANTITY_NOT_IN_LOTS
    refusal = None if price is None else check_price(state, price, currency, at=at)
    if refusal is not None:
        return refusal
    left = total - order.total + order.left
    priced = price is not None and order.price is None and order.type is not Type.LIMIT
    if priced or (order.peak and left > order.peak * state.instrument.peaks_max):
        return R.TYPE_COMBINATION_NOT_ALLOWED
    then = order.price if price is None else price
    keeps = then == order.price and total <= order.total
    if order.post_only and left > 0 and not keeps:
        anew = Order(
            order.order_id, order.side, then, left, 0, order.owner, state.seq + 1, left, aon=order.aon,
            stp=order.stp,
        )  # fmt: skip
        if would_trade(state, anew, currency, at):
            return R.POST_ONLY_WOULD_TRADE
    return None


def _phase_allows(state: CrossState, new: NewOrder) -> bool:
    """After the close nothing enters: there is no settlement price in every currency."""
    rules = RULES[state.phase]
    if not rules.entry or state.phase is Phase.POST_CLOSE:
        return False
    if new.tif in (Tif.IOC, Tif.FOK):
        return rules.match
    return rules.call or new.tif is not Tif.GFA
