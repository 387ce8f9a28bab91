"""A flow of least cost in plain Python: successive shortest paths. Slow, short, and an oracle for the other solver.

Arcs of negative cost are filled at once, which leaves a graph without any; then surplus goes to lack along
shortest paths (Dijkstra on reduced costs), so no cycle of negative cost ever appears and the end is optimal.

Source: Ahuja, Magnanti and Orlin, "Network Flows" (1993), section 9.7.
"""

from heapq import heappop, heappush

import numpy as np

from steelyard.liquidity.solver import Ints, NoFlow

NODES_MOST = 300


class SuccessivePaths:
    """The pure solver, for at most 300 nodes. Integers of any size."""

    def min_cost_flow(self, arcs: Ints, supplies: Ints) -> list[int]:
        """Give the flow of each arc; see `FlowSolver`."""
        rows: list[list[int]] = np.asarray(arcs).reshape(-1, 4).tolist()
        surplus = [int(supply) for supply in supplies]
        if len(surplus) > NODES_MOST:
            raise ValueError(f"this solver takes at most {NODES_MOST} nodes")
        flow = [0] * len(rows)
        for number, (tail, head, capacity, cost) in enumerate(rows):
            if cost < 0:
                flow[number] = capacity
                surplus[tail] -= capacity
                surplus[head] += capacity
        _Paths(rows, flow, surplus).run()
        return flow


class _Paths:
    """The residual graph and the potentials that keep its costs from going below 0."""

    def __init__(self, rows: list[list[int]], flow: list[int], surplus: list[int]) -> None:
        self.rows, self.flow, self.surplus = rows, flow, surplus
        self.potential = [0] * len(surplus)
        self.out: list[list[tuple[int, int]]] = [[] for _ in surplus]
        for number, (tail, head, _, _) in enumerate(rows):
            self.out[tail].append((number, 1))
            self.out[head].append((number, -1))

    def run(self) -> None:
        """Send every surplus to a lack; raises NoFlow where one cannot get there."""
        for source in range(len(self.surplus)):
            while self.surplus[source] > 0:
                self._send(source)
        if any(self.surplus):
            raise NoFlow("supplies do not sum to 0")

    def _room(self, number: int, way: int) -> int:
        return self.rows[number][2] - self.flow[number] if way > 0 else self.flow[number]

    def _send(self, source: int) -> None:
        came, sink, distance = self._search(source)
        if sink is None:
            raise NoFlow("no flow meets the supplies")
        path: list[tuple[int, int]] = []
        node = sink
        while node != source:
            number, way = came[node]
            path.append((number, way))
            node = self.rows[number][0 if way > 0 else 1]
        most = min(self._room(number, way) for number, way in path)
        amount = min(most, self.surplus[source], -self.surplus[sink])
        for number, way in path:
            self.flow[number] += way * amount
        self.surplus[source] -= amount
        self.surplus[sink] += amount
        limit = distance[sink]
        for node, far in distance.items():
            self.potential[node] += min(far, limit) - limit

    def _search(self, source: int) -> tuple[dict[int, tuple[int, int]], int | None, dict[int, int]]:
        """Find the nearest node that lacks something, and how one comes there."""
        came: dict[int, tuple[int, int]] = {}
        distance = {source: 0}
        heap = [(0, source)]
        done: set[int] = set()
        while heap:
            far, node = heappop(heap)
            if node in done:
                continue
            done.add(node)
            if self.surplus[node] < 0:
                return came, node, distance
            for number, way in self.out[node]:
                if self._room(number, way) > 0:
                    tail, head, _, cost = self.rows[number]
                    other = head if way > 0 else tail
                    reduced = way * cost + self.potential[node] - self.potential[other]
                    if other not in distance or far + reduced < distance[other]:
                        distance[other] = far + reduced
                        came[other] = number, way
                        heappush(heap, (far + reduced, other))
        return came, None, distance
