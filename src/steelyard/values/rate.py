"""Rates: exact ratios of integers, and the one rounding that a conversion makes.

A rate says how many minor units of the quote asset one minor unit of the base asset is worth. It is kept as
`num / den` with `den` a power of ten, not reduced; two rates are equal when their values are. No inverse is
ever stored: the other way uses the same ratio upside down. A chain of rates is multiplied out first and
rounded once at its end.
"""

from collections.abc import Sequence
from enum import IntEnum
from math import gcd

import msgspec

RATE_DIGITS_MAX = 18
_DIGITS = frozenset("0123456789")


class Rounding(IntEnum):
    """How a conversion meets a whole minor unit; a quote names its mode."""

    HALF_EVEN = 1
    DOWN = 2
    UP = 3


class Rate(msgspec.Struct, frozen=True, eq=False):
    """Quote minor units per base minor unit, exactly; num and den are > 0.

    >>> Rate("AED", "INR", 225034, 10000) == Rate("AED", "INR", 2250340, 100000)
    True
    """

    base: str
    quote: str
    num: int
    den: int

    def __post_init__(self) -> None:
        if self.num <= 0 or self.den <= 0:
            raise ValueError("a rate is more than zero")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Rate):
            return NotImplemented
        same_pair = self.base == other.base and self.quote == other.quote
        return same_pair and self.num * other.den == other.num * self.den

    def __hash__(self) -> int:
        common = gcd(self.num, self.den)
        return hash((self.base, self.quote, self.num // common, self.den // common))


def from_decimal_text(base: str, quote: str, text: str, *, base_scale: int, quote_scale: int) -> Rate | None:
    """Build the rate that a decimal text of major units means, or None where the text is no rate.

    At most 18 significant digits; no sign, exponent or grouping; more than zero.

    >>> from_decimal_text("AED", "INR", "22.5034", base_scale=2, quote_scale=2)
    Rate(base='AED', quote='INR', num=225034, den=10000)
    >>> from_decimal_text("BHD", "JPY", "398.21", base_scale=3, quote_scale=0)
    Rate(base='BHD', quote='JPY', num=39821, den=100000)
    """
    whole, point, fraction = text.partition(".")
    if not (
        whole and _DIGITS.issuperset(whole) and _DIGITS.issuperset(fraction) and bool(fraction) == bool(point)
    ):
        return None
    digits = (whole + fraction).lstrip("0")
    if not digits or len(digits.rstrip("0")) > RATE_DIGITS_MAX or len(text) > 40:
        return None
    num = int(digits)
    shift = len(fraction) + base_scale - quote_scale
    return Rate(base, quote, num, 10**shift) if shift >= 0 else Rate(base, quote, num * 10**-shift, 1)


def rounded(num: int, den: int, mode: Rounding) -> int:
    """Give num / den as a whole number by the named mode; num >= 0, den > 0.

    >>> [rounded(n, 10, Rounding.HALF_EVEN) for n in (25, 35, 26)]
    [2, 4, 3]
    """
    whole, rest = divmod(num, den)
    if mode == Rounding.DOWN or rest == 0:
        return whole
    if mode == Rounding.UP:
        return whole + 1
    twice = 2 * rest
    return whole + 1 if twice > den or (twice == den and whole & 1) else whole


def convert(minor: int, rate: Rate, mode: Rounding = Rounding.HALF_EVEN) -> int:
    """Give the quote minor units that `minor` base units are worth, rounded once.

    A result of 0, or of 10^18 and more, is the caller's to refuse.

    >>> convert(33_333, Rate("AED", "INR", 225034, 10000))
    750106
    """
    return rounded(minor * rate.num, rate.den, mode)


def convert_back(minor: int, rate: Rate, mode: Rounding = Rounding.HALF_EVEN) -> int:
    """Give the base minor units that `minor` quote units are worth: the same ratio upside down."""
    return rounded(minor * rate.den, rate.num, mode)


def convert_chain(minor: int, start: str, rates: Sequence[Rate], mode: Rounding = Rounding.HALF_EVEN) -> int:
    """Carry `minor` of asset `start` through `rates`, each in the way that fits; round once, at the end.

    >>> there = Rate("NOR", "SUD", 15, 10)
    >>> convert_chain(3, "NOR", [there, Rate("OST", "SUD", 2, 1)])
    2
    """
    num, den, at = minor, 1, start
    for rate in rates:
        if rate.base == at:
            num, den, at = num * rate.num, den * rate.den, rate.quote
        elif rate.quote == at:
            num, den, at = num * rate.den, den * rate.num, rate.base
        else:
            raise ValueError("the rates do not form a chain")
    return rounded(num, den, mode)


def product(rates: Sequence[Rate]) -> Rate:
    """Multiply a chain x->y, y->z into the exact rate x->z.

    >>> product([Rate("X", "Y", 15, 10), Rate("Y", "Z", 3, 10)])
    Rate(base='X', quote='Z', num=45, den=100)
    """
    first, last = rates[0], rates[0]
    num, den = first.num, first.den
    for rate in rates[1:]:
        if rate.base != last.quote:
            raise ValueError("the rates do not form a chain")
        num, den, last = num * rate.num, den * rate.den, rate
    return Rate(first.base, last.quote, num, den)


def fit(num: int, den: int) -> tuple[int, int]:
    """Give a ratio that a record of 64-bit integers can hold: itself where it fits, else the nearest one.

    A chain of rates may have a product of 36 digits. Amounts are computed with the exact product; what is
    recorded and shown of it then has up to 18 digits, half-even, over a power of ten. Both are > 0.

    >>> fit(225034, 10000), fit(10**30, 3 * 10**29)
    ((225034, 10000), (10, 3))
    >>> fit(2 * 10**30 + 1, 10**30)
    (200000000000000000, 100000000000000000)
    """
    if num < _RECORD_END and den < _RECORD_END:
        return num, den
    common = gcd(num, den)
    num, den = num // common, den // common
    if num < _RECORD_END and den < _RECORD_END:
        return num, den
    power = 10 ** max(0, RATE_DIGITS_MAX - len(str(num // den)))
    return min(max(rounded(num * power, den, Rounding.HALF_EVEN), 1), _RECORD_END - 1), power


_RECORD_END = 1 << 63
