"""The most that a book trades at given exact prices.

Prices are integers, so what an order sells is worth a whole number of value units, of any length: more than a
solver of 64-bit integers holds. The network is small (one node per currency, arcs only for what may fill in
part), so the pure one serves.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from fractions import Fraction
from heapq import heappop, heappush
from itertools import islice

import numpy as np

from steelyard.liquidity.algorithms.price_book import Book
from steelyard.liquidity.algorithms.successive import SuccessivePaths
from steelyard.liquidity.solver import NoFlow


def trade(
    book: Book, prices: Sequence[int], must: Sequence[int], may: Sequence[int]
) -> list[Fraction] | None:
    """Give what each pair sells, in minor units, so that the volume in value is largest; None if nothing fits.

    `must` and `may` are how many levels of each pair have to fill whole, and may fill at all.
    """
    spare = [0] * len(book.currencies)
    arcs, open_pairs = [], []
    for pair, (sell, buy) in enumerate(zip(book.sells, book.buys, strict=True)):
        most = book.sold(pair, may[pair]) * prices[sell]
        spare[sell] += most
        spare[buy] -= most
        if may[pair] > must[pair]:
            arcs.append((sell, buy, most - book.sold(pair, must[pair]) * prices[sell]))
            open_pairs.append(pair)
    back = take_back(arcs, spare)
    if back is None:
        return None
    sold = [Fraction(book.sold(pair, levels)) for pair, levels in enumerate(may)]
    for pair, value in zip(open_pairs, back, strict=True):
        sold[pair] -= Fraction(value, prices[book.sells[pair]])
    return sold


def take_back(arcs: Sequence[tuple[int, int, int]], spare: Sequence[int]) -> list[int] | None:
    """Give the least flow, summed over arcs (tail, head, room), that carries `spare` to where it lacks.

    So much less of each arc and as much is bought as sold, at the largest volume. None if some cannot go.

    >>> take_back([(0, 1, 5), (1, 2, 5), (0, 2, 1)], [3, 0, -3])
    [2, 2, 1]
    """
    costed = np.array([(*arc, 1) for arc in arcs], object).reshape(-1, 4)
    try:
        return SuccessivePaths().min_cost_flow(costed, np.array(spare, object))
    except NoFlow:
        return None


def relax(book: Book, prices: Sequence[int]) -> tuple[list[Fraction], int]:
    """Give what each pair sells where not all orders in the money can fill, and how many levels lost that right.

    Levels lose it one by one, nearest to their limit first (ties: by their first seq), and as few as it takes.
    """
    heads = book.heads(prices)
    may = [upto for _, upto in heads]
    must = [within for within, _ in heads]
    sold = trade(book, prices, must, may)
    nearest = _by_distance(book, prices, must)
    given_up: list[int] = []  # pairs, in the order in which they lose a level
    known, wanted = 0, 1
    while sold is None:
        given_up.extend(islice(nearest, wanted - len(given_up)))
        known, wanted = (len(given_up) if wanted > len(given_up) else wanted), wanted * 2
        sold = trade(book, prices, _less(must, given_up[:known]), may)
    low, high = known // 2, known  # `low` is too few, `high` does
    while high - low > 1:
        middle = (low + high) // 2
        found = trade(book, prices, _less(must, given_up[:middle]), may)
        if found is None:
            low = middle
        else:
            high, sold = middle, found
    return sold, high


def fills(book: Book, sold: Sequence[Fraction]) -> dict[str, Fraction | int]:
    """Deal what each pair sells in all to its orders: lowest limits first, within a level pro rata, exactly."""
    orders, ranked = book.orders, book.ranked
    amounts = [order.amount_minor for order in orders]
    filled: list[Fraction | int] = [0] * len(orders)
    for pair, total in enumerate(sold):
        low, end = book.first[pair], book.first[pair + 1]
        whole = bisect_right(book.before, book.before[low] + total.__floor__(), low, end + 1) - 1
        for at in ranked[book.start[low] : book.start[whole]]:
            filled[at] = amounts[at]
        rest = total - (book.before[whole] - book.before[low])
        if rest:
            share = Fraction(rest, book.before[whole + 1] - book.before[whole])
            for at in ranked[book.start[whole] : book.start[whole + 1]]:
                filled[at] = share * amounts[at]
    return dict(zip([order.id for order in orders], filled, strict=True))


def _less(must: Sequence[int], given_up: Sequence[int]) -> list[int]:
    left = list(must)
    for pair in given_up:
        left[pair] -= 1
    return left


def _by_distance(book: Book, prices: Sequence[int], must: Sequence[int]) -> Iterator[int]:
    """Give the pair of each level in the money, the level nearest to its limit first."""
    heap: list[tuple[Fraction, int, int, int]] = []

    def offer(pair: int, levels: int) -> None:
        if levels:
            level = book.first[pair] + levels - 1
            gets, gives = prices[book.sells[pair]], prices[book.buys[pair]]
            distance = 1 - Fraction(book.nums[level] * gives, book.dens[level] * gets)
            heappush(heap, (distance, book.orders[book.ranked[book.start[level]]].seq, pair, levels))

    for pair, levels in enumerate(must):
        offer(pair, levels)
    while heap:
        _, _, pair, levels = heappop(heap)
        yield pair
        offer(pair, levels - 1)
