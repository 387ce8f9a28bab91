"""Whether fills keep the rule of an auction (A10) at the prices it states; exact, and no search for prices.

Orders of one pair and one limit are one level. At the prices, by pair, the level furthest within its limit fills
first, each whole before the next has anything, and a level that fills in part does so in one proportion. Every
level strictly in the money fills whole; where that cannot be, levels lose the right to it one by one, nearest to
their limit first (ties: by their first seq), and as few as it takes. Then as much trades as can.

Whole minor units leave less than one per pair unfilled. An order whose share would buy nothing is left out.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from steelyard.liquidity.algorithms.price_flow import take_back
from steelyard.liquidity.fx_check import Pair, Prices, Row, alive, is_shared

BP = 10_000
_SHIFT = 192
"""Limits whose denominators have at most 96 bits differ by more than 1 / 2^192, or not at all"""


class Level(NamedTuple):
    """Orders of one pair and limit: what they would sell in all, what they do, how far within the limit prices are."""

    size: int
    sold: int
    distance: Fraction
    """0 at the limit"""
    seq: int


class Side(NamedTuple):
    """The levels of a pair in the money and at it, the one furthest within its limit first."""

    sell: str
    buy: str
    levels: list[Level]

    @property
    def within(self) -> int:
        """How many levels are strictly in the money."""
        return len(self.levels) - bool(self.levels and not self.levels[-1].distance)

    def value(self, count: int, prices: Prices) -> int:
        """What its first so many levels sell, in value."""
        return sum(level.size for level in self.levels[:count]) * prices[self.sell]


def keeps_the_rule(
    rows: Sequence[Row], sold_of: Mapping[int, int], prices: Prices, units: Prices, band_bp: int
) -> bool:
    """Tell whether fills (minor units sold, by seq) of orders are those that an auction's prices make.

    `rows` are by ascending seq; `units` are the references, of which the band makes the limit of an order that
    takes any rate.
    """
    sides: list[Side] = []
    for pair, levels in _levels(rows, prices, units, band_bp):
        side = _side(pair, levels, sold_of, prices)
        if side is None:
            return False
        if side.levels:
            sides.append(side)
    given_up = _given_up(sides)
    if given_up is not None:
        last, counts = given_up
        fewer = [
            side.within - count + (place == last)
            for place, (side, count) in enumerate(zip(sides, counts, strict=True))
        ]
        if _most(sides, fewer, prices) is not None:
            return False  # one level fewer would have done
    must = [side.within - (given_up[1][place] if given_up else 0) for place, side in enumerate(sides)]
    most = _most(sides, must, prices)
    if most is None:
        return False
    traded = sum(level.sold * prices[side.sell] for side in sides for level in side.levels)
    slack = sum(
        prices[side.sell] for side, count in zip(sides, must, strict=True) if count < len(side.levels)
    )
    return most - traded < max(1, slack)


def _levels(
    rows: Sequence[Row], prices: Prices, units: Prices, band_bp: int
) -> list[tuple[Pair, list[tuple[Fraction, list[Row]]]]]:
    """Give by pair the levels whose limit the prices reach, lowest limits first."""
    pairs: dict[Pair, dict[int, list[Row]]] = {}
    for one in rows:
        num, den = one.limit_num, one.limit_den
        if not num:
            num, den = units[one.sell] * (BP - band_bp), units[one.buy] * (BP + band_bp)
        if num * prices[one.buy] <= prices[one.sell] * den:
            pairs.setdefault((one.sell, one.buy), {}).setdefault((num << _SHIFT) // den, []).append(one)
    found = []
    for pair in sorted(pairs):
        worst = Fraction(units[pair[0]] * (BP - band_bp), units[pair[1]] * (BP + band_bp))
        levels = []
        for key in sorted(pairs[pair]):
            first = pairs[pair][key][0]
            limit = Fraction(first.limit_num, first.limit_den) if first.limit_num else worst
            levels.append((limit, pairs[pair][key]))
        found.append((pair, levels))
    return found


def _side(
    pair: Pair, levels: Sequence[tuple[Fraction, list[Row]]], sold_of: Mapping[int, int], prices: Prices
) -> Side | None:
    """Sum the levels of a pair up; None where one is filled before its time, or not in one proportion."""
    gets, gives = prices[pair[0]], prices[pair[1]]
    found: list[Level] = []
    is_over = False
    for limit, orders in levels:
        some = alive(orders, sold_of, prices)
        size = sum(one.size for one in some)
        sold = sum(sold_of.get(one.seq, 0) for one in some)
        if (is_over and sold) or not is_shared(some, sold_of):
            return None
        if some:
            is_over = is_over or sold < size
            distance = 1 - Fraction(limit.numerator * gives, limit.denominator * gets)
            found.append(Level(size, sold, distance, some[0].seq))
    return Side(*pair, found)


def _given_up(sides: Sequence[Side]) -> tuple[int, list[int]] | None:
    """Give how many levels of each side in the money may stay open, and the side of the last one; None if none is.

    The open level furthest within its limit is the last that has lost its right; all nearer ones lost it before.
    """
    last: tuple[Fraction, int] | None = None
    at = -1
    for place, side in enumerate(sides):
        for level in side.levels[: side.within]:
            if level.sold < level.size:
                if last is None or (level.distance, level.seq) > last:
                    last, at = (level.distance, level.seq), place
                break  # those after it are nearer to their limits
    if last is None:
        return None
    counts = [
        sum((level.distance, level.seq) <= last for level in side.levels[: side.within]) for side in sides
    ]
    return at, counts


def _most(sides: Sequence[Side], must: Sequence[int], prices: Prices) -> int | None:
    """Give the largest value that can trade where so many levels of each side fill whole; None if nothing fits."""
    place = {
        asset: number for number, asset in enumerate(sorted({s.sell for s in sides} | {s.buy for s in sides}))
    }
    spare, arcs, total = [0] * len(place), [], 0
    for side, count in zip(sides, must, strict=True):
        most = side.value(len(side.levels), prices)
        total += most
        spare[place[side.sell]] += most
        spare[place[side.buy]] -= most
        if count < len(side.levels):
            arcs.append((place[side.sell], place[side.buy], most - side.value(count, prices)))
    back = take_back(arcs, spare)
    return None if back is None else total - sum(back)
