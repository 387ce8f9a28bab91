"""What the simulated FX providers offer: sheets made from a world pack's rates, exact decimals throughout.

The pack's table gives units per dollar; a price between two currencies is the quotient of two of its cells
and no leg is ever booked in the table's yardstick. A sheet has two tiers, the larger one better by ten basis
points. Prices are cut to eleven significant digits and at most ten decimals, so that a pacs.008 can carry
them (BaseOneRate: 11 digits, 10 of them after the point).
"""

from fractions import Fraction
from itertools import permutations

from msgspec import Struct

from steelyard.packs.worlds import ProviderPack, WorldPack

DIGITS, DECIMALS = 11, 10
LARGE_USD = 250_000
"""From this value on the better tier counts; chosen for the demonstration."""


class OfferedTier(Struct, frozen=True):
    """From `from_source_minor` on, one unit of the sold currency buys `rate` of the other."""

    from_source_minor: int
    rate: str


class OfferedSheet(Struct, frozen=True):
    """A provider's offer: it takes `source` from the payer's side and gives `target`."""

    provider: str
    source: str
    target: str
    tiers: tuple[OfferedTier, ...]


def mid_rate(world: WorldPack, source: str, target: str) -> Fraction:
    """Give units of `target` per unit of `source` in the pack's table, exactly."""
    return world.usd_rates[target] / world.usd_rates[source]


def decimal_text(value: Fraction) -> str:
    """Cut an exact value to what BaseOneRate can carry; rounds down.

    >>> decimal_text(Fraction(225034, 10000)), decimal_text(Fraction(1, 3)), decimal_text(Fraction(98765, 3))
    ('22.5034', '0.3333333333', '32921.666666')
    """
    whole = len(str(value.numerator // value.denominator))
    decimals = min(DECIMALS, DIGITS - whole)
    scaled = value * 10**decimals
    digits = str(scaled.numerator // scaled.denominator).rjust(decimals + 1, "0")
    text = f"{digits[:-decimals]}.{digits[-decimals:]}" if decimals > 0 else digits
    return text.rstrip("0").rstrip(".") if "." in text else text


def sheets_of(world: WorldPack, provider: ProviderPack, margin_bp: int) -> list[OfferedSheet]:
    """Give every sheet of one provider, in a fixed order."""
    barred = {frozenset(item.pair) for item in world.network.unquoted}
    scale = {member.currency: member.scale for member in world.members}
    sheets = []
    for source, target in permutations(provider.currencies, 2):
        if frozenset((source, target)) in barred:
            continue
        mid = mid_rate(world, source, target)
        large = int(LARGE_USD * world.usd_rates[source]) * 10 ** scale[source]
        tiers = (
            OfferedTier(0, decimal_text(mid * (10_000 - margin_bp - 10) / 10_000)),
            OfferedTier(large, decimal_text(mid * (10_000 - margin_bp) / 10_000)),
        )
        sheets.append(OfferedSheet(provider.bic, source, target, tiers))
    return sheets


def all_sheets(world: WorldPack) -> list[OfferedSheet]:
    """Give every sheet of every provider of a world."""
    pairs = zip(world.network.provider, world.network.margin_bp, strict=False)
    return [sheet for provider, margin in pairs for sheet in sheets_of(world, provider, margin)]
