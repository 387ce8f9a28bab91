"""Reference rates judged by the calendars that are in force: what currencies are worth now, and with what flags."""

from collections.abc import Sequence

from steelyard.flows.world import World
from steelyard.fx import valuing
from steelyard.fx.rate_book import Standing
from steelyard.fx.valuing import IsBusiness, Valued
from steelyard.values.calendars import is_business
from steelyard.values.instants import Day, Instant


def values(
    world: World, currencies: Sequence[str], *, unit: str, flow: str, at: Instant
) -> dict[str, Valued]:
    """Give what a minor unit of each currency is worth in minor units of `unit`, or why it is not converted.

    `flow` is one of `fx.rate_book.FLOWS`.
    """
    return valuing.values(
        world.fx.rate_book, currencies, unit=unit, flow=flow, at=at, is_business=_business(world, at)
    )


def marks(world: World, standing: Standing, at: Instant) -> tuple[str, ...]:
    """Give the flags of what stands for a pair and kind."""
    return valuing.flags_of(world.fx.rate_book, standing, at=at, is_business=_business(world, at))


def _business(world: World, at: Instant) -> IsBusiness:
    """Give the function that knows business days; a date that no calendar speaks of counts as one."""
    calendars = world.calendars

    def ask(currency: str, on: Day) -> bool:
        calendar = calendars.of(currency, at)
        rows = calendar.rows
        known = bool(rows) and rows[0].on <= on <= rows[-1].on
        return not known or is_business(calendar, on)

    return ask
