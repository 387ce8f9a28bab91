"""What a series of published prices says of a day, in a currency: the market by which differences are settled."""

from fractions import Fraction

from steelyard.flows.world import World
from steelyard.values.instants import Day


def published(world: World, code: str, currency: str, on: Day) -> Fraction | None:
    """Give the price of a day, or the last one before it, in minor units of a currency; None where there is none.

    A series that is told in currencies is read in that one; another is taken to be in it.
    """
    series = world.prices.series.get(code)
    found = series.standing(on) if series is not None else None
    if found is None:
        return None
    if not found.currencies:
        return Fraction(found.value)
    return next((Fraction(value) for name, value in found.currencies if name == currency), None)
