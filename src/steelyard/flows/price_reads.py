"""What gateways ask the state about prices: the monthly means by which contracts are priced, for everybody."""

from collections.abc import Callable
from typing import Any

from msgspec import Struct

from steelyard.flows import price_means
from steelyard.flows.world import World
from steelyard.market.prices import Price
from steelyard.values.instants import civil

Params = tuple[Any, ...]
MONTHS = 12


class MonthMean(Struct, array_like=True, frozen=True, gc=False):
    """A month of a series, counted from 1970-01: its exact means, "p/q" text of minor units, by currency.

    None of them while too few of its days have a value.
    """

    month: int
    days: int
    means: tuple[tuple[str, str], ...]


def price_months(world: World, params: Params, viewer: str) -> list[MonthMean] | None:
    """Give the months of a series that are kept, newest first."""
    series = world.prices.series.get(str(params[0]))
    if series is None:
        return None
    months: dict[int, list[Price]] = {}
    for versions in series.days:
        year, month, _ = civil(versions[0].on)
        months.setdefault((year - 1970) * MONTHS + month - 1, []).append(versions[-1])
    listing = world.books.listings.get(series.code)
    currencies = [one for one in sorted(world.members.assets) if price_means.is_in(world, series.code, one)]
    found = []
    for number in sorted(months, reverse=True):
        newest = months[number]
        means = [(code, series.mean(newest, "" if listing is not None else code)) for code in currencies]
        known = tuple((code, str(mean)) for code, mean in means if mean is not None)
        found.append(MonthMean(number, sum([bool(one.value) for one in newest]), known))
    return found


READS: tuple[tuple[str, Callable[[World, Params, str], Any]], ...] = (("price_months", price_months),)
