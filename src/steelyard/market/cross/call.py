"""The call of a book in many currencies: one table of rates, one price in the basket's unit, exact throughout.

Limits are put into whole parts of a basket minor unit, fine enough for all rates at once, so that the one rule of
call auctions (`auctions/call.py`) finds the price. Everybody pays and gets his own currency at the same rates; an
amount is rounded once, half to even, and limits hold since limit times quantity is whole.

With daily limits the price lies within them. An order whose limit a moved rate has carried beyond counts at the
limit of the day where it would still trade there, and else takes no part; nor does one that fills whole or not at all.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import lcm
from typing import NamedTuple

from steelyard.market.auctions.call import CallOrder, Uncrossed, auction_price, uncross
from steelyard.market.bands import ANY, Band
from steelyard.market.cross.quotes import half_even
from steelyard.market.instruments import Instrument
from steelyard.market.orders import Side
from steelyard.market.resting import Order

Rates = Mapping[str, Fraction]
"""Basket minor units for one minor unit of each currency"""


class Gathered(NamedTuple):
    """What takes part in a call; prices are `scale` parts of a basket minor unit."""

    bids: list[CallOrder]
    asks: list[CallOrder]
    scale: int
    reference: int | None


def gather(
    orders: Iterable[tuple[Order, str]], rates: Rates, *, reference: int | None, limits: Band = ANY
) -> Gathered:
    """Put the orders of a call into one unit. A reference outside the limits counts as the nearest of them."""
    scale = lcm(*[rate.denominator for rate in rates.values()])
    factors = {currency: rate.numerator * (scale // rate.denominator) for currency, rate in rates.items()}
    low, high = limits[0] * scale, limits[1] * scale
    sides: tuple[list[CallOrder], list[CallOrder]] = ([], [])
    for order, currency in orders:
        factor = factors.get(currency)
        if factor is None or order.aon:
            continue
        limit = None if order.price is None else order.price * factor
        if limit is not None and limits != ANY:
            if limit < low if order.side is Side.BUY else limit > high:
                continue
            limit = min(max(limit, low), high)
        sides[order.side].append(CallOrder(str(order.order_id), limit, order.left, order.seq))
    middle = None if reference is None else min(max(reference * scale, low), high)
    return Gathered(*sides, scale, middle)


def call_price(instrument: Instrument, gathered: Gathered) -> tuple[Fraction, Uncrossed] | None:
    """Find the price of a call, in basket minor units, and its pairs; None where there is no price."""
    bids, asks, scale, reference = gathered
    done = uncross(bids, asks, reference=reference, tick=scale, pressure_cap_pct=instrument.pressure_cap_pct)
    return None if done is None else (Fraction(done.price, scale), done)


def indicative_price(instrument: Instrument, gathered: Gathered) -> tuple[Fraction, int, int] | None:
    """Find the price, volume and surplus of a call without its pairs; None where there is no price."""
    bids, asks, scale, reference = gathered
    found = auction_price(
        [(one.price, one.quantity) for one in bids if one.price is not None],
        [(one.price, one.quantity) for one in asks if one.price is not None],
        market_buy=sum([one.quantity for one in bids if one.price is None]),
        market_sell=sum([one.quantity for one in asks if one.price is None]),
        reference=reference,
        tick=scale,
        pressure_cap_pct=instrument.pressure_cap_pct,
    )
    return None if found is None else (Fraction(found[0], scale), found[1], found[2])


def money(price: Fraction, quantity: int, rate: Fraction) -> int:
    """Give an amount of a trade in a currency, minor units, rounded half to even.

    >>> money(Fraction(26_000), 3, Fraction(8, 5))
    48750
    """
    num = price.numerator * quantity * rate.denominator
    return half_even(num, price.denominator * rate.numerator)
