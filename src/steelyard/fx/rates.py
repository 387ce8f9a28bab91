"""Reference rates: what a rate is measured against, with its source, its time and its flags."""

from msgspec import Struct

from steelyard.values.instants import Instant
from steelyard.values.rate import Rounding, rounded

BP = 10_000
MARGIN_MAX = 10**9
"""Basis points. A reference may be any ratio, so a margin has a bound: it stands in facts and is hashed."""


class Reference(Struct, array_like=True, frozen=True, gc=False):
    """A published rate of a pair: minor units of `quote` per minor unit of `base`, who says so, and of when.

    `flags` is a bit set: 1 official, 2 computed from others, 4 for simulation only.
    """

    base: str
    quote: str
    num: int
    den: int
    source: str
    at: Instant
    flags: int = 0


def margin_bp(num: int, den: int, reference: Reference) -> int:
    """Give by how many basis points num / den gives the customer less than the reference; negative for more.

    What is beyond `MARGIN_MAX` is given as that.

    >>> margin_bp(225, 10, Reference("AED", "INR", 226, 10, "x", 0))
    44
    """
    lost = reference.num * den - num * reference.den
    bp = min(rounded(abs(lost) * BP, reference.num * den, Rounding.HALF_EVEN), MARGIN_MAX)
    return bp if lost >= 0 else -bp


def upside_down(rate: Reference) -> Reference:
    """Give the same publication read the other way round."""
    return Reference(rate.quote, rate.base, rate.den, rate.num, rate.source, rate.at, rate.flags)
