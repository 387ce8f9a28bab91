"""One side of a book: its orders by price and time, and the best price at hand.

A level is a queue of orders at one price; an order leaves it from any place at once. Prices lie in a heap that
forgets lazily: a level whose last order left stays there empty until it comes up as the best, or until empty
levels outnumber the others. Orders without a price stand ahead of all levels.

The queues are ordered dictionaries filled in the order of the journal; a snapshot keeps that order.
"""

from collections import OrderedDict
from collections.abc import Iterator
from heapq import heapify, heappop, heappush

from msgspec import Struct

from steelyard.market.instruments import SelfTrade
from steelyard.market.orders import Side, Tif, Type
from steelyard.values.instants import Day

EMPTY_MAX = 1_024
"""Empty levels that a side bears before it looks whether they are more than the others."""
SPARE_MAX = 256
"""Empty queues that a side keeps, so that prices that come and go make no new ones."""


class Order(Struct, array_like=True, gc=False):
    """An order that is open or waits. What is left of it is `shown` and `hidden` together.

    `owner` is what self-trade prevention compares, 0 for nobody. `seq` is its time. `total` counts what has
    traded too.
    """

    order_id: int
    side: Side
    price: int | None
    shown: int
    hidden: int
    owner: int
    seq: int
    total: int
    member: int = 0
    group: int = 0
    type: Type = Type.LIMIT
    tif: Tif = Tif.GTC
    aon: bool = False
    post_only: bool = False
    peak: int = 0
    stop: int = 0
    stp: SelfTrade | None = None
    until_on: Day = 0

    @property
    def left(self) -> int:
        """Give what has not traded."""
        return self.shown + self.hidden

    def cut(self, left: int) -> None:
        """Set what is left of an order outside its queue, and show a new peak of it."""
        self.shown = min(self.peak, left) if self.peak else left
        self.hidden = left - self.shown


Queue = OrderedDict[int, Order]


class BookSide:
    """The bids or the asks of a book. `sign` turns prices into keys of which the least is the best."""

    __slots__ = ("heap", "heap_max", "levels", "market", "sign", "spare")

    def __init__(self, side: Side) -> None:
        self.sign = -1 if side is Side.BUY else 1
        self.levels: dict[int, Queue] = {}
        self.heap: list[int] = []
        self.heap_max = EMPTY_MAX
        self.spare: list[Queue] = []
        self.market: Queue = OrderedDict()

    def add(self, order: Order) -> None:
        """Put an order behind all others of its price."""
        price = order.price
        if price is None:
            self.market[order.order_id] = order
            return
        level = self.levels.get(price)
        if level is None:
            level = self.open_level(price)
        level[order.order_id] = order

    def open_level(self, price: int) -> Queue:
        """Make the queue of a price that has none."""
        if len(self.heap) >= self.heap_max:
            self._forget_empty()
        level: Queue = self.spare.pop() if self.spare else OrderedDict()
        self.levels[price] = level
        heappush(self.heap, price * self.sign)
        return level

    def queue(self, order: Order) -> Queue:
        """Give the queue in which an order of this side stands."""
        return self.market if order.price is None else self.levels[order.price]

    def best(self) -> int | None:
        """Give the best price at which an order rests, or None."""
        heap, levels, sign = self.heap, self.levels, self.sign
        while heap:
            price = heap[0] * sign
            if levels[price]:
                return price
            heappop(heap)
            level = levels.pop(price)
            if len(self.spare) < SPARE_MAX:
                level.clear()
                self.spare.append(level)
        return None

    def prices(self) -> list[int]:
        """Give the prices at which orders rest, best first."""
        return sorted([price for price, level in self.levels.items() if level], key=self.sign.__mul__)

    def by_limit(self) -> Iterator[Order]:
        """Give the orders with a price in priority, looking no further than is asked. Nothing may change meanwhile."""
        heap = self.heap
        front = [(heap[0], 0)] if heap else []
        while front:
            key, place = heappop(front)
            yield from self.levels[key * self.sign].values()
            for child in (2 * place + 1, 2 * place + 2):
                if child < len(heap):
                    heappush(front, (heap[child], child))

    def orders(self) -> Iterator[Order]:
        """Give all orders in priority."""
        yield from self.market.values()
        for price in self.prices():
            yield from self.levels[price].values()

    def _forget_empty(self) -> None:
        """Drop empty levels, in place: who works off many messages holds on to both."""
        for price in [price for price, level in self.levels.items() if not level]:
            del self.levels[price]
        self.heap[:] = [price * self.sign for price in self.levels]
        heapify(self.heap)
        self.heap_max = 2 * len(self.heap) + EMPTY_MAX
