"""Stop orders that wait for a trade: found by price when one happens, released in the order of their times."""

from heapq import heapify, heappop, heappush

from steelyard.market.orders import Side
from steelyard.market.resting import Order

GONE_MAX = 64
"""Entries of orders that are gone which a heap bears before it is made anew."""


class Stops:
    """The stop orders of one book that wait. The heaps forget cancelled ones lazily."""

    __slots__ = ("_heaps", "waiting")

    def __init__(self) -> None:
        self.waiting: dict[int, Order] = {}
        self._heaps: tuple[list[tuple[int, int]], list[tuple[int, int]]] = ([], [])

    def add(self, order: Order) -> None:
        """Let an order wait. Buys are kept by lowest stop, sells by highest."""
        heap = self._heaps[order.side]
        if len(heap) >= 2 * len(self.waiting) + GONE_MAX:
            self.forget()
        self.waiting[order.order_id] = order
        heappush(heap, _entry(order))

    def touched(self, price: int, ceiling: int | None = None) -> list[Order]:
        """Take out the orders that a trade at a price releases: buys with a stop at or below it, sells above.

        Of a price that is not whole `price` is the whole one below it, and `ceiling` the one above.
        """
        found = []
        for side, least in ((Side.BUY, price), (Side.SELL, -(price if ceiling is None else ceiling))):
            heap = self._heaps[side]
            while heap and heap[0][0] <= least:
                order = self.waiting.pop(heappop(heap)[1], None)
                if order is not None:
                    found.append(order)
        return found

    def forget(self) -> None:
        """Make the heaps anew from who waits."""
        for side in Side:
            heap = self._heaps[side]
            heap[:] = [_entry(order) for order in self.waiting.values() if order.side is side]
            heapify(heap)


def _entry(order: Order) -> tuple[int, int]:
    return (order.stop if order.side is Side.BUY else -order.stop), order.order_id
