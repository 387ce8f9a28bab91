"""A benchmark from the day's own trades: whose trades count, and what a unit of its basket is worth in each currency.

Rates are medians of the firm quotes that stand on the market: of both ways of a pair, each as what one minor unit of
the one currency is in the other. A trade in a currency that no quotes lead to from the basket is left out, as is one
within a group. Nothing of this is handed in.
"""

from collections.abc import Sequence
from fractions import Fraction

from steelyard.flows.world import World
from steelyard.market.assessment import Trade
from steelyard.market.benchmark import firm_median
from steelyard.values.instants import HOUR, Day, Instant

FIXING = 16 * HOUR
"""Time of day, UTC, from which on a day's benchmark is made"""
UNIT_MINOR = 100
Basket = Sequence[tuple[str, int]]


def is_basis(world: World, instruments: Sequence[str], basket: Basket) -> bool:
    """Tell whether a benchmark can be made from instruments in a basket: both or neither, all of one weight a unit."""
    listings = world.books.listings
    codes = [code for code, _ in basket]
    if bool(instruments) != bool(basket) or codes != sorted(set(codes)):
        return False
    if any(code not in listings for code in instruments) or len(set(instruments)) < len(instruments):
        return False
    weights = {listings[code].kg: None for code in instruments}
    return len(weights) <= 1 and all(code in world.members.assets for code in codes)


def worths(world: World, basket: Basket, at: Instant) -> dict[str, Fraction]:
    """Give what one minor unit of a basket is in minor units of each currency that firm quotes lead to."""
    found: dict[str, Fraction] = {}
    for currency in sorted(world.members.assets):
        rates = [(parts, rate(world, code, currency, at)) for code, parts in basket]
        known = [(parts, one) for parts, one in rates if one is not None]
        if known and len(known) == len(rates):
            found[currency] = sum((parts * one for parts, one in known), Fraction(0)) * Fraction(
                1, UNIT_MINOR
            )
    return found


def rate(world: World, one: str, other: str, at: Instant) -> Fraction | None:
    """Give the median firm rate: minor units of the other currency for one of the first; None without a quote."""
    if one == other:
        return Fraction(1)
    board = world.books.quotes
    rates = []
    for quote in board.by_no.values():
        if at >= quote.valid_until or not quote.sell_left:
            continue
        if (quote.sell, quote.buy) == (one, other):
            rates.append(Fraction(quote.num, quote.den))
        elif (quote.sell, quote.buy) == (other, one):
            rates.append(Fraction(quote.den, quote.num))
    return firm_median(rates)


def trades(
    world: World, instruments: Sequence[str], worth_of: dict[str, Fraction], on: Day
) -> tuple[Trade, ...]:
    """Give the day's trades of instruments, prices in minor units of the basket; a pair's at one price as one."""
    found: list[Trade] = []
    for code in instruments:
        day = world.books.prints.day(code, on)
        for key, units in sorted(day.made.items()) if day is not None else ():
            currency, price, buyer, seller = key.split(" ")
            worth = worth_of.get(currency)
            if worth:
                value = Fraction(price) * worth**-1
                found.append(Trade(f"{code}/{len(found)}", str(value), units, buyer, seller))
    return tuple(found)
