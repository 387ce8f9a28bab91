"""What currencies are worth in an FX batch: whole numbers, fixed when the batch is asked for, with their sources.

A currency whose rate is missing, stale, dual or has jumped is left out, and the report says by which rule. Values
are the 12 digits of `fx.valuing`; where 64 bits do not hold them all, as many digits as they do.
"""

from collections.abc import Iterable
from fractions import Fraction

from steelyard.flows import valuing
from steelyard.flows.world import World
from steelyard.fx.valuing import DIGITS, Valued
from steelyard.liquidity.order_book import UsedRate
from steelyard.liquidity.units import SAFE, value_units
from steelyard.values.instants import Instant
from steelyard.values.rate import Rounding, rounded

FLOW = "fx_batch"
DIGITS_MIN = 4

Units = tuple[tuple[str, int], ...]


def judged(world: World, assets: Iterable[str], at: Instant) -> dict[str, Valued]:
    """Give the value of each currency in the one from which most of them can be reached.

    Another than they themselves counts where none of them reaches all: two may have rates against a third alone.
    Of several that in which values have the fewest decimals, so that a rate as it was published is kept as it is
    and not rounded upside down; then the first by code.
    """
    wanted, best = sorted(set(assets)), dict[str, Valued]()
    for base in (*wanted, *sorted(world.members.assets.keys() - set(wanted))):
        if base not in wanted and _merit(best)[0] == len(wanted):
            break
        found = valuing.values(world, wanted, unit=base, flow=FLOW, at=at)
        if not best or _merit(found) > _merit(best):
            best = found
    return best


def _merit(found: dict[str, Valued]) -> tuple[int, int]:
    worth = {asset: one.value for asset, one in found.items() if one.value is not None}
    return len(worth), -value_units(worth)[1]


def units(found: dict[str, Valued]) -> Units:
    """Give the worth of a minor unit of each currency that has one; nothing where 64 bits hold too few digits."""
    worth = {asset: one.value for asset, one in found.items() if one.value is not None}
    for digits in range(DIGITS, DIGITS_MIN - 1, -1):
        whole, _ = value_units({asset: _digits(value, digits) for asset, value in worth.items()})
        if max(whole.values(), default=0) < SAFE:
            return tuple(whole.items())
    return ()


def rates(found: dict[str, Valued]) -> tuple[UsedRate, ...]:
    """Give by which rate each currency is valued."""
    return tuple(
        UsedRate(one.currency, str(one.kind), one.source, one.as_of, one.flags)
        for one in found.values()
        if one.value is not None
    )


def left_out(found: dict[str, Valued]) -> tuple[tuple[str, int], ...]:
    """Give the currencies that are not converted now, each with the number of the rule."""
    return tuple((one.currency, one.refusal.code) for one in found.values() if one.refusal is not None)


def _digits(value: Fraction, digits: int) -> Fraction:
    """Round a value half to even to some significant decimal digits."""
    num, den = value.as_integer_ratio()
    places = digits - len(str(num // den)) if num >= den else digits - 1 + len(str(den // num))
    if places >= 0:
        return Fraction(rounded(num * 10**places, den, Rounding.HALF_EVEN), 10**places)
    return Fraction(rounded(num, den * 10**-places, Rounding.HALF_EVEN) * 10**-places)
