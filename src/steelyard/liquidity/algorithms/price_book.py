"""The book of a price-finding batch, packed: orders in columns, by directed pair, limit and seq.

Orders of one pair and one limit are one *level*: at any prices they stand in, at or out of the money together.
The levels of a pair ascend by their limit, so whatever is in the money is the head of its pair. Levels are told
apart exactly; the floats beside them (a division of two integers, which IEEE 754 rounds the same everywhere)
serve the search alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from operator import ge, truediv

import numpy as np
from numpy.typing import NDArray

from steelyard.liquidity.orders import Order
from steelyard.liquidity.units import SAFE, Column, column

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
NONE: Mapping[tuple[str, str], Fraction] = {}


@dataclass(frozen=True, slots=True)
class Book:
    """Columns of a book.

    Pair p sells `sells[p]` for `buys[p]` (places in `currencies`) and owns the levels `first[p]` to
    `first[p + 1]`. Level k has the limit `nums[k] / dens[k]` and the orders `ranked[start[k] : start[k + 1]]`;
    `before[k]` is what all levels before k sell, in minor units.
    """

    currencies: list[str]
    sells: list[int]
    buys: list[int]
    first: list[int]
    nums: list[int]
    dens: list[int]
    start: list[int]
    before: list[int]
    ranked: list[int]
    orders: Sequence[Order]
    limits: Floats
    """The limit of each level, nearest double"""

    def sold(self, pair: int, levels: int) -> int:
        """Give what the first so many levels of a pair sell, in minor units."""
        low = self.first[pair]
        return self.before[low + levels] - self.before[low]

    def heads(self, prices: Sequence[int]) -> list[tuple[int, int]]:
        """Give per pair how many levels are strictly in the money, and how many are in it or at it; exactly."""
        found = []
        nums, dens = self.nums, self.dens
        for pair, (sell, buy) in enumerate(zip(self.sells, self.buys, strict=True)):
            low, end = self.first[pair], self.first[pair + 1]
            gets, gives = prices[sell], prices[buy]
            at = low
            while at < end:  # the first level whose limit is not below the price ratio
                middle = (at + end) // 2
                if gets * dens[middle] > nums[middle] * gives:
                    at = middle + 1
                else:
                    end = middle
            level_at = at < self.first[pair + 1] and gets * dens[at] == nums[at] * gives
            found.append((at - low, at - low + level_at))
        return found


def pack(orders: Sequence[Order], any_rate: Mapping[tuple[str, str], Fraction] = NONE) -> Book:
    """Give the columns of orders that `check_orders` let pass; the same for any sequence of them.

    `any_rate` is the limit, by (sold, bought), of orders that have none of their own.
    """
    seqs = [order.seq for order in orders]
    if any(map(ge, seqs, seqs[1:])):
        orders = sorted(orders, key=lambda order: (order.seq, order.id))
    sells, buys = [order.sell for order in orders], [order.buy for order in orders]
    currencies = sorted({*sells, *buys})
    place = {currency: at for at, currency in enumerate(currencies)}
    size = len(currencies)
    pairs = np.array(list(map(place.__getitem__, sells)), np.int64) * size
    pairs += np.array(list(map(place.__getitem__, buys)), np.int64)
    limits = [order.limit or any_rate[order.sell, order.buy] for order in orders]
    nums, dens = [limit.numerator for limit in limits], [limit.denominator for limit in limits]
    floats = _nearest(nums, dens)
    ranked = np.argsort(floats, kind="stable")
    ranked = ranked[np.argsort(pairs[ranked], kind="stable")]
    num, den = column(nums), column(dens)
    new = _rank_alike(ranked, pairs, floats, num, den)
    starts = np.flatnonzero(new)
    heads = ranked[starts]
    level_pairs = pairs[heads]
    pair_first = np.flatnonzero(np.concatenate(([True], level_pairs[1:] != level_pairs[:-1])))
    codes = level_pairs[pair_first].tolist()
    amounts = [order.amount_minor for order in orders]
    amount = np.array(amounts, np.int64 if sum(amounts) < SAFE else object)
    before = np.concatenate(([0], np.cumsum(amount[ranked])))
    return Book(
        currencies=currencies,
        sells=[code // size for code in codes],
        buys=[code % size for code in codes],
        first=[*pair_first.tolist(), len(starts)],
        nums=num[heads].tolist(),
        dens=den[heads].tolist(),
        start=[*starts.tolist(), len(orders)],
        before=[*before[starts].tolist(), int(before[-1])],
        ranked=ranked.tolist(),
        orders=orders,
        limits=floats[heads],
    )


def _nearest(nums: Sequence[int], dens: Sequence[int]) -> Floats:
    """Give the nearest doubles of ratios."""
    try:
        return np.array(list(map(truediv, nums, dens)), np.float64)
    except OverflowError:
        top = 1 << 1023
        return np.array(
            [num / den if num < top * den else np.inf for num, den in zip(nums, dens, strict=True)]
        )


def _rank_alike(ranked: Ints, pairs: Ints, floats: Floats, num: Column, den: Column) -> NDArray[np.bool_]:
    """Rank orders whose limits share a double by their exact limits; tell where a level begins."""
    pair, limit, nums, dens = pairs[ranked], floats[ranked], num[ranked], den[ranked]
    alike = (pair[1:] == pair[:-1]) & (limit[1:] == limit[:-1])
    mixed = alike & ~((nums[1:] == nums[:-1]) & (dens[1:] == dens[:-1])).astype(bool)
    new = np.concatenate(([True], ~alike))
    done = 0
    for seat in np.flatnonzero(mixed).tolist():
        if seat < done:
            continue
        low, done = seat, seat + 1
        while low and alike[low - 1]:
            low -= 1
        while done < len(alike) and alike[done]:
            done += 1
        run = [
            (Fraction(int(num[at]), int(den[at])), seat, at)
            for seat, at in enumerate(ranked[low : done + 1].tolist())
        ]
        run.sort()
        ranked[low : done + 1] = [at for _, _, at in run]
        for at, (one, two) in enumerate(pairwise(run), low + 1):
            new[at] = one[0] != two[0]
    return new
