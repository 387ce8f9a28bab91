"""Monthly means of published prices, exact: what a contract is priced by that names a series of this system.

Every day of the month counts alike, by its newest version; a day without a value does not count. The mean is in the
currency that is asked for: the series' own, or, of a benchmark or index, what each day's value was in it at its fixing.
"""

from fractions import Fraction

from steelyard.flows.world import World


def monthly_mean(world: World, series: str, month: int, currency: str) -> Fraction | None:
    """Give the mean of a series in a month, counted from 1970-01, in minor units of a currency; None without one.

    There is none while too few days of the month have a value: how many it takes is a figure of the method.
    """
    found = world.prices.series.get(series)
    if found is None or not is_in(world, series, currency):
        return None
    listing = world.books.listings.get(series)
    return found.month_mean(month, "" if listing is not None else currency)


def is_in(world: World, series: str, currency: str) -> bool:
    """Tell whether a series has values in a currency: what its instrument settles in, or any of a basket's."""
    found, listing = world.prices.series.get(series), world.books.listings.get(series)
    if found is None:
        return False
    if listing is not None:
        return listing.instrument.currency == currency
    return found.methods[-1].basis.kind in ("benchmark", "index") and currency in world.members.assets
