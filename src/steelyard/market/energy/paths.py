"""Flows of least cost by shortest paths, one after the other: plain Python, slow, the oracle of the tests."""

from collections.abc import Iterator
from heapq import heappop, heappush
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]


class ShortestPaths:
    """Sends along the cheapest way what it can carry, until everything has come. Costs must be 0 or more."""

    def min_cost_flow(self, arcs: "Ints", supplies: "Ints") -> list[int]:
        """Give the flow of each arc; see `EnergySolver`. ValueError where there is no flow."""
        rows: list[list[int]] = [list(row) for row in arcs.tolist()]
        give = supplies.tolist()
        count = len(give)
        ends: list[list[int]] = [[] for _ in range(count + 1)]
        heads: list[int] = []
        room: list[int] = []
        costs: list[int] = []

        def add(tail: int, head: int, capacity: int, cost: int) -> None:
            for one, two, free, price in ((tail, head, capacity, cost), (head, tail, 0, -cost)):
                ends[one].append(len(heads))
                heads.append(two)
                room.append(free)
                costs.append(price)

        for tail, head, capacity, cost in rows:
            add(tail, head, capacity, cost)
        for node, amount in enumerate(give):
            if amount > 0:
                add(count, node, amount, 0)
        level = [0] * (count + 1)
        wanted = {node: -amount for node, amount in enumerate(give) if amount < 0}
        while wanted:
            length, came = _shortest(count, ends, heads, room, costs, level)
            reached = [node for node in wanted if node in length]
            if not reached:
                raise ValueError("no flow meets the supplies")
            target = min(reached, key=lambda node: (length[node] + level[node], node))
            most = length[target]
            for node in range(count + 1):
                level[node] += min(length.get(node, most), most)
            amount = min([wanted[target], *(room[arc] for arc in _way(target, count, came, heads))])
            for arc in _way(target, count, came, heads):
                room[arc] -= amount
                room[arc ^ 1] += amount
            wanted[target] -= amount
            if not wanted[target]:
                del wanted[target]
        return [room[2 * no + 1] for no in range(len(rows))]


def _shortest(
    start: int,
    ends: list[list[int]],
    heads: list[int],
    room: list[int],
    costs: list[int],
    level: list[int],
) -> tuple[dict[int, int], dict[int, int]]:
    """Give how far each node is by reduced costs, and the arc over which the way comes."""
    length: dict[int, int] = {}
    came: dict[int, int] = {}
    waiting = [(0, start, -1)]
    while waiting:
        far, node, by = heappop(waiting)
        if node in length:
            continue
        length[node], came[node] = far, by
        for arc in ends[node]:
            if room[arc] and heads[arc] not in length:
                heappush(waiting, (far + costs[arc] + level[node] - level[heads[arc]], heads[arc], arc))
    return length, came


def _way(target: int, start: int, came: dict[int, int], heads: list[int]) -> Iterator[int]:
    """Give the arcs of the way to a node, from its end."""
    node = target
    while node != start:
        yield came[node]
        node = heads[came[node] ^ 1]
