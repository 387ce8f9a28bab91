"""The call of a book in many currencies: one table of rates, one price in the basket's unit, exact throughout.

Limits are put into whole parts of a basket minor unit, fine enough for all rates at once, so that the one rule of
call auctions (`auctions/call.py`) finds the price. Everybody pays and gets his own currency at the same rates; an
amount is rounded once, half to even, and limits hold since limit times quantity is whole.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import lcm

from steelyard.market.auctions.call import CallOrder, Uncrossed, uncross
from steelyard.market.cross.quotes import half_even
from steelyard.market.instruments import Instrument
from steelyard.market.resting import Order


def call_price(
    instrument: Instrument, orders: Iterable[tuple[Order, str]], rates: Mapping[str, Fraction]
) -> tuple[Fraction, Uncrossed] | None:
    """Find the price of a call, in basket minor units, and its pairs; None where there is no price.

    `rates` are basket minor units for one minor unit of each currency; orders without a rate take no part.
    """
    scale = 1
    for currency in sorted(rates):
        scale = lcm(scale, rates[currency].denominator)
    sides: tuple[list[CallOrder], list[CallOrder]] = ([], [])
    for order, currency in orders:
        rate = rates.get(currency)
        if rate is not None:
            limit = None if order.price is None else int(order.price * rate * scale)
            sides[order.side].append(CallOrder(str(order.order_id), limit, order.left, order.seq))
    reference = instrument.ref_price
    done = uncross(
        *sides,
        reference=None if reference is None else reference * scale,
        tick=scale,
        pressure_cap_pct=instrument.pressure_cap_pct,
    )
    return None if done is None else (Fraction(done.price, scale), done)


def money(price: Fraction, quantity: int, rate: Fraction) -> int:
    """Give an amount of a trade in a currency, minor units, rounded half to even.

    >>> money(Fraction(26_000), 3, Fraction(8, 5))
    48750
    """
    num = price.numerator * quantity * rate.denominator
    return half_even(num, price.denominator * rate.numerator)
