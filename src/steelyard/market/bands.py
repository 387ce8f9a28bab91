"""Between which prices an instrument trades: the daily limits and the collar."""

from fractions import Fraction

from steelyard.market.instruments import PRICE_MAX

BP = 10_000

Band = tuple[int, int]
"""Lowest and highest price, both inside."""
ANY: Band = (0, PRICE_MAX)


def band(low: int | None, high: int | None) -> Band:
    """Give a band with an open side where there is no bound.

    >>> band(None, 7)
    (0, 7)
    """
    return (0 if low is None else low), (PRICE_MAX if high is None else high)


def daily_limits(reference: int, *, limit_bp: int = 700, step: int = 1, widened: bool = False) -> Band:
    """Work out the daily limits: a distance on both sides of the reference, rounded to a step, half up.

    `widened`, on the day after a settlement at the limit: half as much again, before it is rounded.

    >>> daily_limits(20_000), daily_limits(20_050, step=25), daily_limits(20_000, widened=True)
    ((18600, 21400), (18650, 21450), (17900, 22100))
    """
    num, den = reference * limit_bp * (3 if widened else 2), BP * 2
    distance = (2 * num + den * step) // (2 * den * step) * step
    return max(0, reference - distance), reference + distance


def collar(base: int | Fraction, *, collar_bp: int) -> Band:
    """Work out the collar round the last auction, or the reference: the whole prices inside the exact band.

    >>> collar(800, collar_bp=500), collar(805, collar_bp=500), collar(Fraction(1601, 2), collar_bp=500)
    ((760, 840), (765, 845), (761, 840))
    """
    exact = Fraction(base)
    num, den = exact.numerator, exact.denominator * BP
    return -(-num * (BP - collar_bp) // den), num * (BP + collar_bp) // den


def twice(low: int, high: int) -> Band:
    """Widen a collar to twice its width round its middle.

    >>> twice(760, 840)
    (720, 880)
    """
    return low - (high - low + 1) // 2, high + (high - low + 1) // 2
