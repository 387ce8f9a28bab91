"""Margin without a model of the market: variation margin, the scan of a price range, and the add-ons.

Prices are in minor units for what a contract's `unit` counts (tonnes, say); a lot is `unit` of them. All of this is
exact; where a margin is no whole number it is rounded up.
"""

from collections.abc import Iterable, Mapping
from fractions import Fraction
from math import isqrt
from typing import NamedTuple

from steelyard.market.clearing.shares import settle_sum

WHOLE_BP = 10_000
MOST_TIMES = 10
"""How often its margin a concentrated position is asked for, the margin itself included"""
Exact = int | Fraction


class Held(NamedTuple):
    """Lots that a member holds (below zero: has sold), and the price they were marked or traded at."""

    member: str
    lots: int
    price: Exact
    unit: Exact = 1
    contract: str = ""


def variation_margin(positions: Iterable[Held], settle: Exact | Mapping[str, Exact]) -> dict[str, int]:
    """Give what each member gains (below zero: pays) as contracts are marked to their settlement prices.

    `settle` is one price, or one by contract. It sums to zero exactly where every lot bought was sold at its
    price: amounts that are no whole minor units are rounded down and the rest goes to the largest fractions,
    equal ones by member id. Raises ValueError where positions leave a fraction over.

    >>> variation_margin([Held("A", 2, 21_000, 50), Held("B", -2, 21_000, 50)], 21_025)
    {'A': 2500, 'B': -2500}
    """
    exact: dict[str, Exact] = {}
    for one in positions:
        price = settle[one.contract] if isinstance(settle, Mapping) else settle
        exact[one.member] = exact.get(one.member, 0) + (price - one.price) * one.lots * one.unit
    return settle_sum(exact)


def scan_margin(lots: Mapping[str, int], *, unit: Exact, scan_range: Exact, spread_charge: Exact) -> int:
    """Give the margin for lots by delivery month of one commodity: the fallback that anybody can work out.

    Net lots times the price range that is scanned, and for each lot that stands against one of another month a
    charge for their spread. Both are per unit, the answer is rounded up to a minor unit.

    >>> scan_margin({"SEP": 8}, unit=50, scan_range=1_100, spread_charge=250)
    440000
    >>> scan_margin({"SEP": 8, "DEC": -8}, unit=50, scan_range=1_100, spread_charge=250)
    100000
    """
    longs = sum(count for count in lots.values() if count > 0)
    shorts = -sum(count for count in lots.values() if count < 0)
    return up((abs(longs - shorts) * scan_range + min(longs, shorts) * spread_charge) * unit)


def concentration_add_on(
    margin: int, lots: int, *, median_lots: int, days: int, share_bp: int = 2_500
) -> int:
    """Give what a position costs above its margin that takes longer to sell than the margin reckons with.

    It is sold at `share_bp` of the median volume of a day, `median_lots` (0: in no time one could name; then it
    counts as one lot). Margin grows with the square root of time: margin x (sqrt(needed / days) - 1), rounded
    up; nothing while it can be sold within `days`, and nine times the margin at most.

    >>> concentration_add_on(1_000, 800, median_lots=400, days=2), concentration_add_on(
    ...     1_000, 200, median_lots=400, days=2
    ... )
    (1000, 0)
    """
    needed = Fraction(abs(lots) * WHOLE_BP, max(median_lots, 1) * share_bp)
    if needed <= days:
        return 0
    return min(root_up(margin * margin * needed * Fraction(1, days)), margin * MOST_TIMES) - margin


def root_up(square: Fraction) -> int:
    """Give the smallest whole number whose square is not below one >= 0.

    >>> root_up(Fraction(16)), root_up(Fraction(33, 2)), root_up(Fraction(0))
    (4, 5, 0)
    """
    whole = up(square)
    return isqrt(whole - 1) + 1 if whole else 0


def up(exact: Exact) -> int:
    """Round up to a whole number."""
    return -(-exact.numerator // exact.denominator)
