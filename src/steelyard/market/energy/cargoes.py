"""Cargoes: flows in whole units, on some routes in whole lots; what of a unit is lost on the way is lost whole.

Nobody proves that no other cargoes cost less but by a bound below all of them: the exact match of the same network
with cargoes that can be divided. What lies between is the gap. It is proved; that there are no better cargoes within
it is its solver's word.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from steelyard.market.energy.general import General


class Cargoes(NamedTuple):
    """Whole flows that fit, and what follows from them, by column as in `General`."""

    numbers: list[int]
    cost: int
    total: int
    """The cost, and what unserved needs would have bid"""


class CargoSolver(Protocol):
    """Finds whole flows."""

    def cargoes(self, net: General) -> tuple[int, ...]:
        """Give flows by route of a low cost; ValueError where none were found."""
        ...


def arrives(quantity: int, keeps: tuple[int, int]) -> int:
    """Give the whole units that arrive.

    >>> arrives(50, (97, 100))
    48
    """
    return quantity * keeps[0] // keeps[1]


def loaded(net: General, flows: Sequence[int]) -> Cargoes | None:
    """Give what flows come to; None where they do not fit."""
    if len(flows) != len(net.routes):
        return None
    rest = [0] * len(net.nodes)
    used = [0] * len(net.shared)
    for flow, route, column in zip(flows, net.routes, net.columns, strict=False):
        if flow < 0 or (0 <= route.capacity < flow) or (route.lot and flow % route.lot):
            return None
        rest[column[0][0]] -= flow
        rest[column[1][0]] += arrives(flow, route.keeps)
        for row, _ in column[2:]:
            used[row - len(net.nodes)] += flow
    free = [one.capacity - count for one, count in zip(net.shared, used, strict=True)]
    sides, waste = [], []
    for node, left in zip(net.nodes, rest, strict=True):
        if node.amount > 0:
            sides.append(max(0, -left))
            waste.append(max(0, left))
        else:
            if node.amount:
                sides.append(max(0, -node.amount - left))
            waste.append(max(0, left + node.amount))
            if left < 0:
                return None
    numbers = [*flows, *sides, *waste, *free]
    if any(
        number < 0 or (most is not None and number > most)
        for number, most in zip(numbers, net.most, strict=True)
    ):
        return None
    total = sum(number * cost for number, cost in zip(numbers, net.costs, strict=True))
    bids = sum(
        sides[at] * net.costs[len(net.routes) + at]
        for at, no in enumerate(net.market)
        if net.nodes[no].amount < 0
    )
    return Cargoes(numbers, total - bids, total)
