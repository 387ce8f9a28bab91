"""Amounts: whole numbers of an asset's minor unit, and their decimal text.

Text is read exactly or refused, never rounded: no sign, exponent, grouping or digits other than 0-9, and
no more fraction digits than the scale has. One amount is 0 < a < 10^18; running totals may be any size.
"""

from enum import Enum

import msgspec

from steelyard.values.asset import Asset

AMOUNT_END = 10**18
_DIGITS = frozenset("0123456789")


class AmountFault(Enum):
    """Why a decimal text is no amount. Order is precedence."""

    IS_EMPTY = "an amount needs at least one digit"
    HAS_SIGN = "an amount carries no sign"
    HAS_EXPONENT = "an amount is written out, without an exponent"
    HAS_GROUPING = "digits are not grouped"
    IS_NOT_DECIMAL = "only the digits 0 to 9 and one point, with a digit on either side of it"
    HAS_TOO_MANY_DECIMALS = "more fraction digits than the asset has"
    IS_ZERO = "an amount is more than zero"
    IS_TOO_LARGE = "an amount is less than 10^18 minor units"


class Amount(msgspec.Struct, frozen=True):
    """So many minor units of one asset. Amounts of unlike assets cannot be added or compared.

    >>> from steelyard.values.asset import AssetClass
    >>> nor = Asset("NOR", AssetClass.CURRENCY, 2)
    >>> (Amount(nor, 150) + Amount(nor, 25)).minor
    175
    """

    asset: Asset
    minor: int

    def __add__(self, other: object) -> "Amount":
        if not isinstance(other, Amount) or other.asset != self.asset:
            raise TypeError("only amounts of one asset can be added")
        return Amount(self.asset, self.minor + other.minor)

    def __sub__(self, other: object) -> "Amount":
        if not isinstance(other, Amount) or other.asset != self.asset:
            raise TypeError("only amounts of one asset can be subtracted")
        return Amount(self.asset, self.minor - other.minor)

    def __lt__(self, other: object) -> bool:
        if not isinstance(other, Amount) or other.asset != self.asset:
            raise TypeError("only amounts of one asset can be compared")
        return self.minor < other.minor

    def __str__(self) -> str:
        return f"{format_minor(self.minor, self.asset.scale)} {self.asset.code}"


def parse_minor(text: str, scale: int, *, zero_allowed: bool = False) -> int | AmountFault:
    """Read a decimal text as minor units, or say why it is none.

    >>> parse_minor("1250.5", 2)
    125050
    >>> parse_minor("1.005", 2)
    <AmountFault.HAS_TOO_MANY_DECIMALS: 'more fraction digits than the asset has'>
    """
    if not text:
        return AmountFault.IS_EMPTY
    whole, point, fraction = text.partition(".")
    if not (
        _DIGITS.issuperset(whole) and whole and _DIGITS.issuperset(fraction) and bool(fraction) == bool(point)
    ):
        return _shape_fault(text)
    if len(fraction) > scale:
        return AmountFault.HAS_TOO_MANY_DECIMALS
    digits = (whole + fraction).lstrip("0")
    if len(digits) + scale - len(fraction) > 18 and digits:  # before int(): a text of any length may come in
        return AmountFault.IS_TOO_LARGE
    minor = int(digits.ljust(len(digits) + scale - len(fraction), "0") or "0")
    if minor == 0 and not zero_allowed:
        return AmountFault.IS_ZERO
    return minor


def _shape_fault(text: str) -> AmountFault:
    """Name what is wrong with a text that is not plain decimal."""
    if text[0] in "+-":
        return AmountFault.HAS_SIGN
    if "e" in text or "E" in text:
        return AmountFault.HAS_EXPONENT
    if any(mark in text for mark in ", '_\u00a0\u202f\u2009"):
        return AmountFault.HAS_GROUPING
    return AmountFault.IS_NOT_DECIMAL


def format_minor(minor: int, scale: int) -> str:
    """Write minor units as decimal text with exactly `scale` fraction digits; negative ones get a minus.

    >>> format_minor(125050, 2), format_minor(-5, 2), format_minor(7, 0)
    ('1250.50', '-0.05', '7')
    """
    if scale == 0:
        return str(minor)
    sign = "-" if minor < 0 else ""
    digits = str(abs(minor)).rjust(scale + 1, "0")
    return f"{sign}{digits[:-scale]}.{digits[-scale:]}"
