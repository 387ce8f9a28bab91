"""From prices that are nearly right to prices that are right: the equations that they nearly meet, solved exactly.

An order that is filled in part stands at its limit, so it fixes the ratio of two prices. Currencies joined by
such orders form a component; what is still open is one scale per component, and those follow from value: what
the orders in the money take out of a component must be worth what they bring into it. All in integers.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import gcd, lcm

from steelyard.liquidity.algorithms.price_book import Book


def polish(
    book: Book, near: Sequence[Fraction], marginal: Sequence[int], heads: Sequence[int]
) -> list[int] | None:
    """Give exact prices as coprime integers, or None where the equations have no answer above zero.

    `near` are prices close to the answer: they scale what no order connects. `marginal` are levels taken to be
    at the money, the most certain first; one that contradicts those before it is passed over. `heads` says per
    pair how many levels are taken to be in the money.
    """
    shape, ratios = _tie(book, marginal)
    flows: dict[tuple[int, int], Fraction] = {}
    for pair, levels in enumerate(heads):
        sell, buy = book.sells[pair], book.buys[pair]
        if levels and shape[sell] != shape[buy]:
            way = (shape[sell], shape[buy])
            flows[way] = flows.get(way, Fraction(0)) + ratios[sell] * book.sold(pair, levels)
    roots = sorted(set(shape))
    scales: dict[int, Fraction] = {}
    for group in _groups(roots, flows):
        found = _balance(group, flows)
        if found is None:
            return None
        first = group[0]  # a root is the smallest currency of its component
        unit = Fraction(near[first], ratios[first] * found[0])
        for root, scale in zip(group, found, strict=True):
            scales[root] = scale * unit
    return coprime([ratios[at] * scales[shape[at]] for at in range(len(shape))])


def coprime(prices: Sequence[Fraction]) -> list[int]:
    """Give prices as integers with no common divisor, in the same ratios.

    >>> coprime([Fraction(3, 2), Fraction(9, 4)])
    [2, 3]
    """
    common = lcm(*[price.denominator for price in prices])
    whole = [price.numerator * (common // price.denominator) for price in prices]
    divisor = gcd(*whole)
    return [price // divisor for price in whole]


def _tie(book: Book, marginal: Sequence[int]) -> tuple[list[int], list[Fraction]]:
    """Give per currency the root of its component, and its price in units of the root's."""
    size = len(book.currencies)
    shape, ratios = list(range(size)), [Fraction(1)] * size
    pair_of: dict[int, int] = {}
    pair = 0
    for level in sorted(marginal):
        while book.first[pair + 1] <= level:
            pair += 1
        pair_of[level] = pair
    for level in marginal:
        sell, buy = book.sells[pair_of[level]], book.buys[pair_of[level]]
        one, two = shape[sell], shape[buy]
        if one == two or not book.nums[level]:
            continue
        # price of sell = limit x price of buy: what `two` is worth in units of `one`
        joint = Fraction(ratios[sell] * book.dens[level], ratios[buy] * book.nums[level])
        if two < one:
            one, two, joint = two, one, Fraction(1, joint)
        for at in range(size):
            if shape[at] == two:
                shape[at], ratios[at] = one, ratios[at] * joint
    return shape, ratios


def _groups(roots: Sequence[int], flows: dict[tuple[int, int], Fraction]) -> list[list[int]]:
    """Give the components that value flows join, directly or not; each group ascending."""
    group = {root: root for root in roots}
    for one, two in sorted(flows):
        low, high = sorted((group[one], group[two]))
        if low != high:
            group = {root: low if head == high else head for root, head in group.items()}
    return [[root for root in roots if group[root] == head] for head in roots if group[head] == head]


def _balance(group: Sequence[int], flows: dict[tuple[int, int], Fraction]) -> list[Fraction] | None:
    """Give scales at which each component of a group takes in what it gives out; None where there are none.

    The matrix is one of an irreducible flow if there is an answer, so its minors are not zero; elimination
    without fractions (Bareiss) keeps the numbers as short as minors are.
    """
    size = len(group) - 1
    if not size:
        return [Fraction(1)]
    seat = {root: at for at, root in enumerate(group)}
    common = lcm(*[flow.denominator for flow in flows.values()])
    rows = [[0] * (size + 1) for _ in group]
    for (one, two), flow in flows.items():
        if one in seat:
            value = int(flow * common)
            rows[seat[one]][seat[one]] += value
            rows[seat[two]][seat[one]] -= value
    work = rows[:size]
    last = 1
    for at in range(size):
        pivot = next((row for row in range(at, size) if work[row][at]), None)
        if pivot is None:
            return None
        work[at], work[pivot] = work[pivot], work[at]
        head = work[at]
        for row in range(at + 1, size):
            line, factor = work[row], work[row][at]
            work[row] = [0] * (at + 1) + [
                (head[at] * line[col] - factor * head[col]) // last for col in range(at + 1, size + 1)
            ]
        last = head[at]
    scales = [Fraction(0)] * size + [Fraction(1)]
    for at in range(size - 1, -1, -1):
        rest = sum((work[at][col] * scales[col] for col in range(at + 1, size + 1)), Fraction(0))
        scales[at] = Fraction(-rest, work[at][at])
    return scales if min(scales) > 0 else None
