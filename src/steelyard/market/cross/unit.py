"""The unit of a basket at the firm quotes of a moment: what bounds, collar, auction and last price are compared in.

One unit holds so much of each currency of its basket and counts 100 minor units. Its worth in a currency is the sum of
its parts at the rates of the board, exact; only one whose numbers have grown beyond `BITS_MAX`, out of rates that are
no decimals, is rounded, so that no provider makes everybody else's sums long. A currency from which quotes do not lead
to every part has no worth.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from steelyard.market.cross.quotes import FOREVER, QuoteBoard, half_even
from steelyard.values.instants import Instant

UNIT_MINOR = 100
BITS_MAX = 200
BITS_KEPT = 100
Holds = Sequence[tuple[str, int]]
"""What one unit holds: (currency, minor units), by currency"""


class Worth(NamedTuple):
    """What one minor unit of the basket is: `num / den` minor units of a currency."""

    num: int
    den: int

    def value(self, price: int | Fraction) -> Fraction:
        """Give a price of the currency in the unit.

        >>> Worth(5, 2).value(10)
        Fraction(4, 1)
        """
        return Fraction(price * self.den, self.num)

    def price(self, value: int | Fraction) -> Fraction:
        """Give a value in the unit as a price of the currency.

        >>> Worth(5, 2).price(4)
        Fraction(10, 1)
        """
        return Fraction(value * self.num, self.den)

    def is_inside(self, price: int, low: int, high: int) -> bool:
        """Tell whether a price of the currency lies between two values in the unit, or at one of them."""
        return low * self.num <= price * self.den <= high * self.num


class Unit:
    """The worths of a basket. They are kept until a quote changes or ends; nothing of it is state."""

    __slots__ = ("_board", "_holds", "_kept")

    def __init__(self, holds: Holds, board: QuoteBoard) -> None:
        self._holds, self._board = holds, board
        self._kept: dict[str, tuple[Worth | None, int, Instant]] = {}

    def worth(self, currency: str, at: Instant) -> Worth | None:
        """Give what the unit is worth in a currency, or None where no quotes lead there."""
        kept = self._kept.get(currency)
        if kept is None or kept[1] != self._board.changes or at >= kept[2]:
            found, until = self._find(currency, at)
            kept = self._kept[currency] = (found, self._board.changes, until)
        return kept[0]

    def _find(self, currency: str, at: Instant) -> tuple[Worth | None, Instant]:
        total, until, whole = Fraction(0), FOREVER, bool(self._holds)
        for code, minor in self._holds:
            rate, holds_until = self._board.rate(code, currency, at)
            until = min(until, holds_until)
            if rate is None:
                whole = False
            else:
                total += minor * rate
        if not whole:
            return None, until
        found = short(total * Fraction(1, UNIT_MINOR))
        return Worth(found.numerator, found.denominator), until


def short(exact: Fraction) -> Fraction:
    """Give a ratio above zero as it is, or where it is too long rounded half to even to 100 binary digits.

    >>> short(Fraction(1, 3)), short(Fraction(2**300 + 1, 2**300 - 1))
    (Fraction(1, 3), Fraction(1, 1))
    """
    num, den = exact.numerator, exact.denominator
    if max(num, den) >> BITS_MAX == 0:
        return exact
    shift = BITS_KEPT - num.bit_length() + den.bit_length()
    if shift >= 0:
        return Fraction(half_even(num << shift, den), 1 << shift)
    return Fraction(half_even(num, den << -shift) << -shift)
