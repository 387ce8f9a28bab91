"""What the public sees of a book: at each price how much is shown, and which of it an event has changed.

An iceberg counts with its peak, an order without a price at price 0, a stop that waits not at all. It follows from the
book alone, so it is no part of a snapshot.
"""

from collections.abc import Iterable
from typing import NamedTuple

from steelyard.market.book import Book
from steelyard.market.multi_currency import MultiCurrencyBook
from steelyard.market.resting import Order


class Level(NamedTuple):
    """How much is shown at a price of a side, in the orders' own currency; 0: nothing any more."""

    currency: str
    side: int
    price: int
    quantity: int


Place = tuple[str, int, int]


class Depth:
    """The levels of one book, and what each order adds to them."""

    __slots__ = ("_changed", "_levels", "_shown")

    def __init__(self) -> None:
        self._levels: dict[Place, int] = {}
        self._shown: dict[int, tuple[Place, int]] = {}
        self._changed: dict[Place, None] = {}

    def look(self, held: Book | MultiCurrencyBook, order_nos: Iterable[int]) -> None:
        """Look anew at some orders of the book."""
        for order_no in order_nos:
            self._put(order_no, *_found(held, order_no))

    def look_at_all(self, held: Book | MultiCurrencyBook) -> None:
        """Look anew at every order of the book, and at those that were in it."""
        orders = held.orders if isinstance(held, Book) else held.subs.orders
        self.look(held, list(dict.fromkeys((*self._shown, *orders))))

    def take(self) -> list[Level]:
        """Give the levels that have changed since they were last taken, in order."""
        changed, self._changed = self._changed, {}
        places = sorted(changed) if len(changed) > 1 else changed
        return [Level(*place, self._levels.get(place, 0)) for place in places]

    def levels(self) -> list[Level]:
        """Give all levels, in order."""
        return [Level(*place, self._levels[place]) for place in sorted(self._levels)]

    def _put(self, order_no: int, order: Order | None, currency: str) -> None:
        before = self._shown.pop(order_no, None)
        if before is not None:
            self._add(before[0], -before[1])
        if order is not None:
            place = (currency, int(order.side), order.price or 0)
            self._shown[order_no] = (place, order.shown)
            self._add(place, order.shown)

    def _add(self, place: Place, quantity: int) -> None:
        if not quantity:
            return
        total = self._levels.get(place, 0) + quantity
        if total:
            self._levels[place] = total
        else:
            del self._levels[place]
        self._changed[place] = None


def _found(held: Book | MultiCurrencyBook, order_no: int) -> tuple[Order | None, str]:
    """Give an order that rests in a book, or None, and its currency."""
    if isinstance(held, Book):
        return held.orders.get(order_no), held.instrument.currency
    order, currency = held.subs.orders.get(order_no, (None, ""))
    return order, currency
