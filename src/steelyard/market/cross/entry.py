"""Which orders a book in many currencies takes: limit and market; GTC, DAY, GTD, IOC, FOK, GFA; peak, post-only.

Stops, all-or-none and market-to-limit compare with prices of one currency, so they are for books in one. Refusals
stand in the order of `OrderRefusal`.
"""

from steelyard.market.instruments import PRICE_MAX, QUANTITY_MAX, Instrument
from steelyard.market.orders import NewOrder, Tif, Type
from steelyard.market.phases import CALLS, RULES, Phase
from steelyard.market.refusals.orders import OrderRefusal
from steelyard.market.resting import Order


def refuse(instrument: Instrument, phase: Phase, asked: NewOrder, *, used: bool) -> OrderRefusal | None:
    """Say why an order may not enter, or nothing. `used`: its id is taken."""
    rules = RULES[phase]
    call_only = asked.tif is Tif.GFA and phase not in CALLS
    at_once = asked.tif in (Tif.IOC, Tif.FOK) and not rules.match
    if not rules.entry or call_only or at_once:
        return OrderRefusal.PHASE_DOES_NOT_ALLOW_IT
    if used:
        return OrderRefusal.ORDER_ID_USED
    return refuse_terms(instrument, asked.quantity, asked.price, asked.peak) or _types(asked)


def refuse_terms(
    instrument: Instrument, quantity: int, price: int | None, peak: int | None
) -> OrderRefusal | None:
    """Say what is wrong with quantity, price or peak, or nothing."""
    if not 0 < quantity <= QUANTITY_MAX or (peak is not None and peak <= 0):
        return OrderRefusal.QUANTITY_MUST_BE_POSITIVE
    if quantity % instrument.lot or (peak or 0) % instrument.lot:
        return OrderRefusal.QUANTITY_NOT_IN_LOTS
    if price is not None and (not 0 < price <= PRICE_MAX or price % instrument.tick):
        return OrderRefusal.PRICE_NOT_ON_TICK
    if peak is not None and (peak > quantity or -(-quantity // peak) > instrument.peaks_max):
        return OrderRefusal.TYPE_COMBINATION_NOT_ALLOWED
    return None


def _types(asked: NewOrder) -> OrderRefusal | None:
    market = asked.type is Type.MARKET
    passing = market or asked.tif in (Tif.IOC, Tif.FOK)
    strange = asked.type is Type.MTL or asked.stop is not None or asked.aon
    unlike = market != (asked.price is None) or (passing and (asked.post_only or asked.peak is not None))
    return OrderRefusal.TYPE_COMBINATION_NOT_ALLOWED if strange or unlike else None


def resting(asked: NewOrder, seq: int) -> Order:
    """Make the order that enters at a time `seq`. Its owner is its group, or where it has none its member."""
    owner = 2 * asked.group + 1 if asked.group else 2 * asked.member
    order = Order(
        asked.order_id, asked.side, asked.price, asked.quantity, 0, owner, seq, asked.quantity, asked.member,
        asked.group, asked.type, asked.tif, peak=asked.peak or 0, stp=asked.stp, until_on=asked.until_on,
    )  # fmt: skip
    order.cut(asked.quantity)
    return order
