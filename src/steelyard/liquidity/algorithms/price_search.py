"""The search for prices, in floating point: it only steers; whatever it finds is made exact by `polish.py`.

First prices walk: up what is wanted, down what is offered, in steps that grow while they help. Each order's demand
rises from nothing to all within a narrow band above its limit, so that there is a slope to follow. Then the
band is narrowed and prices follow it by Newton steps, until only the orders that will be filled in part stand in
theirs. Where the walk found no balance, that way begins at a wide band instead.

The same book gives the same doubles on every machine that follows IEEE 754: only +, -, x and / are used, one
at a time and in a fixed order (sums by `bincount` and `cumsum`, which run from first to last), the logarithm
and the exponential below are our own, and no step goes through a linear-algebra library, whose order of sums
is its maker's choice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from steelyard.liquidity.algorithms.price_book import Book, Floats, Ints
from steelyard.liquidity.units import column

MU = 2.0**-10
"""Relative width of the band in which an order's demand grows from nothing to all"""
ROUNDS_MAX = 3_000
WIDE = 0.5
"""Where the way to narrow bands begins if the search found no balance"""
MU_MIN = 2.0**-32
"""Where bands are narrow enough to see who is filled in part"""
EDGE = 2.0**-28
"""How near to its limit an order may stand at it"""
WORK_MAX = 1_500
"""Newton steps in all; a count, not a clock, so that the same book ends the same"""
_NEAR = 1e-4
_STEP_MIN = 1e-12
_LN2 = 0.6931471805599453


@dataclass(frozen=True, slots=True)
class Found:
    """Where the search ended: prices per currency, after how many rounds, and whether near to balance."""

    prices: Floats
    rounds: int
    converged: bool


class Market:
    """What a book sells and buys at given prices."""

    def __init__(self, book: Book) -> None:
        """Lay a book's levels out for fast sums."""
        first = column(book.first).astype(np.int64)
        self.size = len(book.currencies)
        self.sells: Ints = np.array(book.sells, np.int64)
        self.buys: Ints = np.array(book.buys, np.int64)
        self.first: Ints = first[:-1]
        self.ends: Ints = first[1:]
        self.limits = book.limits
        self.before = column(book.before)
        self.amounts: Floats = (self.before[1:] - self.before[:-1]).astype(np.float64)
        of_level = np.repeat(np.arange(len(book.sells)), first[1:] - first[:-1])
        self.keys = of_level + 1j * book.limits  # complex numbers are ordered by pair, then by limit
        self._places = np.arange(len(book.sells), dtype=np.float64)
        self._floor = self.before[self.first]

    def excess(self, prices: Floats, mu: float) -> tuple[Floats, Floats]:
        """Give per currency (bought - sold, the larger of both) in value at these prices."""
        ratios = prices[self.sells] / prices[self.buys]
        low, pair, level = self.partly(ratios, mu)
        full = (self.before[low] - self._floor).astype(np.float64)
        part = (ratios[pair] - self.limits[level]) / (mu * ratios[pair]) * self.amounts[level]
        value = prices[self.sells] * (full + _fold(pair, part, len(ratios)))
        sold, bought = _fold(self.sells, value, self.size), _fold(self.buys, value, self.size)
        return bought - sold, np.maximum(bought, sold)

    def whole(self, prices: Floats) -> Floats:
        """Give per currency the value of all that is offered for it or in it, whatever the limit."""
        value = prices[self.sells] * (self.before[self.ends] - self._floor).astype(np.float64)
        return _fold(self.sells, value, self.size) + _fold(self.buys, value, self.size)

    def slopes(self, prices: Floats, mu: float) -> Floats:
        """Give minus the change of the excess with the logarithm of each price: one row per currency."""
        ratios = prices[self.sells] / prices[self.buys]
        low, pair, level = self.partly(ratios, mu)
        full = (self.before[low] - self._floor).astype(np.float64)
        part = (ratios[pair] - self.limits[level]) / (mu * ratios[pair]) * self.amounts[level]
        steep = self.limits[level] / ratios[pair] / mu * self.amounts[level]
        value = prices[self.sells] * (full + _fold(pair, part, len(ratios)))
        turn = prices[self.sells] * _fold(pair, steep, len(ratios))
        slopes = np.zeros((self.size, self.size))
        np.add.at(slopes, (self.sells, self.sells), value + turn)
        np.add.at(slopes, (self.sells, self.buys), -turn)
        np.add.at(slopes, (self.buys, self.sells), -value - turn)
        np.add.at(slopes, (self.buys, self.buys), turn)
        return slopes

    def fading(self, prices: Floats, mu: float) -> Floats:
        """Give the change of the excess per width by which the band narrows."""
        ratios = prices[self.sells] / prices[self.buys]
        _, pair, level = self.partly(ratios, mu)
        part = (ratios[pair] - self.limits[level]) / (mu * ratios[pair]) / mu * self.amounts[level]
        value = prices[self.sells] * _fold(pair, part, len(ratios))
        return _fold(self.buys, value, self.size) - _fold(self.sells, value, self.size)

    def partly(self, ratios: Floats, mu: float) -> tuple[Ints, Ints, Ints]:
        """Give per pair the first level that is not wanted whole, and (pair, level) of all wanted in part."""
        top = np.searchsorted(self.keys, self._places + 1j * ratios, "left")
        low = np.searchsorted(self.keys, self._places + 1j * (ratios * (1.0 - mu)), "right")
        counts = top - low
        pair = np.repeat(np.arange(len(counts)), counts)
        ends = np.cumsum(counts)
        level = np.arange(len(pair)) + np.repeat(low - (ends - counts), counts)
        return low, pair, level


def search(market: Market, prices: Floats) -> Found:
    """Walk prices towards balance: those of what is wanted rise, those of what is offered fall.

    Ends when the excess is small against the volume, after `ROUNDS_MAX` rounds, or when no step helps.
    """
    step = 2.0**-10
    excess, volume = market.excess(prices, MU)
    tilt, merit = _tilt(excess, volume)
    for rounds in range(ROUNDS_MAX):
        if _sum(np.abs(excess)) <= _NEAR * _sum(volume):
            return Found(prices, rounds, True)
        if step < _STEP_MIN:
            return Found(prices, rounds, False)
        moved = prices * exponential(step * tilt)
        excess_there, volume_there = market.excess(moved, MU)
        tilt_there, merit_there = _tilt(excess_there, volume_there)
        if merit_there <= merit:
            prices, excess, volume, tilt, merit = moved, excess_there, volume_there, tilt_there, merit_there
            step = min(step * 1.3, 1.0)
        else:
            step *= 0.5
    return Found(prices, ROUNDS_MAX, False)


def sharpen(market: Market, prices: Floats, mu: float) -> tuple[Floats, float]:
    """Follow the balance while the band narrows, as far as it goes; give where it got to, and that width.

    As the band of an order narrows, those filled in part stay so and their prices close in on their limits; the
    others leave it one by one. Each stage predicts the prices of a narrower band and corrects them; where that
    fails, it takes a smaller stage.
    """
    stride = 0.5
    prices, good, work = _correct(market, prices, mu, steps=40)
    while good and mu > MU_MIN and work < WORK_MAX and stride < 0.99:
        excess, volume = market.excess(prices, mu)
        narrower = mu * stride
        slopes = _firm(market.slopes(prices, mu), volume, market.whole(prices))
        move = solve(slopes, market.fading(prices, mu) * (mu - narrower) + excess)
        there, fits, used = _correct(
            market, prices * exponential(_clip(move, max(0.05, mu))), narrower, steps=16
        )
        work += used
        if fits:
            prices, mu, stride = there, narrower, max(stride * stride, 0.125)
        else:
            stride = stride**0.5
    return prices, mu


def _correct(market: Market, prices: Floats, mu: float, *, steps: int) -> tuple[Floats, bool, int]:
    """Bring prices into balance by damped Newton steps; tell whether that came about, and in how many steps."""
    whole = market.whole(prices)
    excess, volume = market.excess(prices, mu)
    merit, enough = _miss(excess, whole), max(1e-16, (2.0**-50 / mu) ** 2)
    for work in range(1, steps + 1):
        if merit < 1e-20:
            return prices, True, work
        move = _clip(solve(_firm(market.slopes(prices, mu), volume, whole), excess), max(0.05, mu))
        for _ in range(8 if merit >= enough else 1):
            moved = prices * exponential(move)
            excess_there, volume_there = market.excess(moved, mu)
            merit_there = _miss(excess_there, whole)
            if merit_there < merit:
                break
            move = move * 0.5
        else:
            if merit < enough:
                return prices, True, work
            # a kink: no step along the slopes helps, so prices walk a little, as in the search
            moved = prices * exponential(0.25 * mu * _tilt(excess, volume)[0])
            excess_there, volume_there = market.excess(moved, mu)
            merit_there = _miss(excess_there, whole)
        prices, excess, volume, merit = moved, excess_there, volume_there, merit_there
    return prices, merit < enough, steps


def _firm(slopes: Floats, volume: Floats, whole: Floats) -> Floats:
    """Make slopes solvable: the scale of all prices is open, and so is what nothing connects."""
    seats = np.arange(len(volume))
    slopes[seats, seats] += 1e-9 * volume + 1e-13 * whole
    return slopes


def _clip(move: Floats, most: float) -> Floats:
    top = float(np.max(np.abs(move)))
    return move * (most / top) if top > most else move


def start(book: Book, market: Market) -> Floats:
    """Give the prices that meet the limits of all orders best: least squares of logarithms, mean 0."""
    size = market.size
    counts = np.diff(column(book.start)).astype(np.float64)
    told = (market.limits > 0.0) & (market.limits < np.inf)
    logs = np.zeros(len(market.limits))
    logs[told] = logarithm(market.limits[told])
    pair = market.keys.real.astype(np.int64)
    weight = _fold(pair, np.where(told, counts, 0.0), len(market.sells))
    wish = _fold(pair, np.where(told, counts, 0.0) * logs, len(market.sells))
    normal, right = np.zeros((size, size)), np.zeros(size)
    for one, two, sign in ((0, 0, 1.0), (1, 1, 1.0), (0, 1, -1.0), (1, 0, -1.0)):
        ends = (market.sells, market.buys)
        np.add.at(normal, (ends[one], ends[two]), sign * weight)
    np.add.at(right, market.sells, wish)
    np.add.at(right, market.buys, -wish)
    normal += 1e-9 * (1.0 + _sum(weight)) / size  # pins the mean, which the orders leave open
    seats = np.arange(size)
    normal[seats, seats] += 1e-12 * (1.0 + _sum(weight))
    levels = solve(normal, right)
    return exponential(levels - _sum(levels) / size)


def near(prices: Sequence[Fraction]) -> Floats:
    """Give the nearest doubles of exact prices."""
    return np.array([price.numerator / price.denominator for price in prices], np.float64)


def freeze(prices: Floats) -> list[Fraction]:
    """Give exact prices with 33 binary digits each, nearest to these.

    >>> freeze(np.array([1.0, 0.1]))[1] - Fraction(1, 10) < Fraction(1, 2**36)
    True
    """
    parts, powers = np.frexp(prices)
    whole = np.rint(parts * 2.0**33).astype(np.int64).tolist()
    return [
        Fraction(digits) * Fraction(2) ** (power - 33)
        for digits, power in zip(whole, powers.tolist(), strict=True)
    ]


def solve(matrix: Floats, right: Floats) -> Floats:
    """Solve a system by elimination with the largest pivot of each column; the first of equals."""
    work = np.column_stack((matrix, right))
    size = len(right)
    least = 1e-30 * float(np.max(np.abs(matrix))) + 1e-300
    for at in range(size):
        pivot = at + int(np.argmax(np.abs(work[at:, at])))
        if pivot != at:
            work[[at, pivot]] = work[[pivot, at]]
        if abs(work[at, at]) < least:
            work[at, at] = least
        factors = work[at + 1 :, at] / work[at, at]
        work[at + 1 :] -= factors[:, None] * work[at]
    answer = np.zeros(size)
    for at in range(size - 1, -1, -1):
        answer[at] = (work[at, size] - _sum(work[at, at + 1 : size] * answer[at + 1 :])) / work[at, at]
    return answer


def exponential(values: Floats) -> Floats:
    """Give e to each of some small numbers by its series; halved until it is short, then squared again."""
    halvings = 0
    top = float(np.max(np.abs(values), initial=0.0))
    while top > 0.25:
        top *= 0.5
        halvings += 1
    short = values / 2.0**halvings
    result = np.ones_like(short)
    for term in range(14 if top > 0.01 else 7, 0, -1):
        result = 1.0 + result * short / term
    for _ in range(halvings):
        result = result * result
    return result


def logarithm(values: Floats) -> Floats:
    """Give the natural logarithm of numbers above 0, by the series of the inverse hyperbolic tangent."""
    part, power = np.frexp(values)
    near = (part - 0.75) / (part + 0.75)
    square = near * near
    series = np.zeros_like(near)
    for term in range(25, 0, -2):
        series = series * square + 1.0 / term
    return power * _LN2 + 2.0 * near * series - 0.28768207245178096  # ln 0.75


def _tilt(excess: Floats, volume: Floats) -> tuple[Floats, float]:
    """Give the excess over the volume per currency, within -1 and 1, and the sum of its squares."""
    tilt = np.clip(excess / np.where(volume > 0.0, volume, 1.0), -1.0, 1.0)
    return tilt, _sum(tilt * tilt)


def _miss(excess: Floats, whole: Floats) -> float:
    """Give the sum of squares of the excess over all that is offered or wanted at all."""
    part = excess / whole
    return _sum(part * part)


def _fold(seats: Ints, values: Floats, size: int) -> Floats:
    """Add values by seat, from first to last."""
    return np.asarray(np.bincount(seats, values, size), np.float64)


def _sum(values: Floats) -> float:
    """Add from first to last."""
    return float(np.cumsum(values)[-1]) if len(values) else 0.0


@dataclass(frozen=True, slots=True)
class Hint:
    """How levels stand at some prices: per pair how many are wanted whole, and which are wanted in part.

    `marginal` begins with those nearest to half; `edge` are others so near to their limit that they may stand
    at it, nearest first.
    """

    heads: list[int]
    marginal: list[int]
    edge: list[int]


def stand(market: Market, prices: Floats, mu: float) -> Hint:
    """Say how levels stand at prices in balance for a band of width `mu`."""
    ratios = prices[market.sells] / prices[market.buys]
    low, pair, level = market.partly(ratios, mu)
    share = (ratios[pair] - market.limits[level]) / (mu * ratios[pair])
    middle = np.lexsort((level, np.abs(share - 0.5)))
    _, pair, close = market.partly(ratios * (1.0 + EDGE), 2 * EDGE)
    apart = np.abs(ratios[pair] - market.limits[close]) / ratios[pair]
    nearest = np.lexsort((close, apart))
    return Hint((low - market.first).tolist(), level[middle].tolist(), close[nearest].tolist())
