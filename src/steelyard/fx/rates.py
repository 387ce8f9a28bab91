"""Reference rates: what a rate is measured against, with its kind, its source and its times."""

from enum import StrEnum

from msgspec import Struct

from steelyard.values.instants import Instant
from steelyard.values.rate import Rounding, rounded

BP = 10_000
MARGIN_MAX = 10**9
"""Basis points. A reference may be any ratio, so a margin has a bound: it stands in facts and is hashed."""


SIMULATION = 1
"""Bit of `flags`: a rate that was made up, for a demo or a test."""


class Kind(StrEnum):
    """Who makes a rate: an authority, a street or exchange, banks among each other, or a sum over others."""

    OFFICIAL = "official"
    INTERBANK = "interbank"
    MARKET = "market"
    CROSS = "cross"


class Reference(Struct, array_like=True, frozen=True, gc=False):
    """A published rate of a pair: minor units of `quote` per minor unit of `base`, who says so, and of when.

    `at` is the time it speaks of, `received_at` when it came in here.
    """

    base: str
    quote: str
    num: int
    den: int
    source: str
    at: Instant
    kind: str = Kind.MARKET
    received_at: Instant = 0
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
    return Reference(
        rate.quote,
        rate.base,
        rate.den,
        rate.num,
        rate.source,
        rate.at,
        rate.kind,
        rate.received_at,
        rate.flags,
    )


def apart_bp(one: Reference, two: Reference, most_bp: int) -> bool:
    """Tell whether two rates of a pair differ by more than some basis points of the smaller one.

    >>> old, new = (Reference("USD", "ETB", num, 100, "x", 0) for num in (5_750, 11_100))
    >>> apart_bp(old, new, 300)
    True
    """
    left, right = one.num * two.den, two.num * one.den
    return abs(left - right) * BP > min(left, right) * most_bp
