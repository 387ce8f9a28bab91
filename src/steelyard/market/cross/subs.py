"""The sub-books: one for each currency and side, and where each order stands.

While an order is only tried, every change notes how it is undone; `undo` then takes all of them back, last first.
"""

from collections.abc import Callable
from itertools import takewhile

from steelyard.market.cross.quotes import FirmQuote, QuoteBoard
from steelyard.market.orders import Side
from steelyard.market.resting import BookSide, Order, Queue

Undo = Callable[[], None]
Route = tuple[str, BookSide, list[FirmQuote] | None]
"""A currency, its orders, and the quotes to them: None where none are needed."""


class SubBooks:
    """All resting orders. `steps` are None unless an order is being tried; `aons` counts those that fill whole."""

    __slots__ = ("_routes", "aons", "by_currency", "orders", "steps")

    def __init__(self) -> None:
        self.by_currency: dict[str, tuple[BookSide, BookSide]] = {}
        self.orders: dict[int, tuple[Order, str]] = {}
        self.steps: list[Undo] | None = None
        self.aons = 0
        self._routes: dict[tuple[str, Side], list[Route]] = {}

    def routes(self, quotes: QuoteBoard, currency: str, opposite: Side) -> list[Route]:
        """Give where an order of a currency may find its opposite side: each sub-book with its quotes.

        The lists are made once and stay right: sides and lists of quotes live as long as the book.
        """
        found = self._routes.get((currency, opposite))
        if found is None:
            found = self._routes[currency, opposite] = [
                (other, sides[opposite], _quotes(quotes, currency, other, opposite))
                for other, sides in sorted(self.by_currency.items())
            ]
        return found

    def add(self, order: Order, currency: str) -> None:
        """Put an order behind all others of its price."""
        sides = self.by_currency.get(currency)
        if sides is None:
            sides = self.by_currency[currency] = (BookSide(Side.BUY), BookSide(Side.SELL))
            self._routes.clear()
        side = sides[order.side]
        side.add(order)
        self.orders[order.order_id] = (order, currency)
        self.aons += order.aon
        if self.steps is not None:

            def undo() -> None:
                del side.queue(order)[order.order_id]
                del self.orders[order.order_id]
                self.aons -= order.aon

            self.steps.append(undo)

    def remove(self, order: Order, currency: str) -> None:
        """Take an order out, from any place."""
        side = self.by_currency[currency][order.side]
        queue = side.queue(order)
        if self.steps is not None:
            before = _ahead(queue, order)

            def undo() -> None:
                if order.price is not None and order.price not in side.levels:
                    side.open_level(order.price)
                again = side.queue(order)
                again[order.order_id] = order
                for order_id in (order.order_id, *before):
                    again.move_to_end(order_id, last=False)
                self.orders[order.order_id] = (order, currency)
                self.aons += order.aon

            self.steps.append(undo)
        del queue[order.order_id]
        del self.orders[order.order_id]
        self.aons -= order.aon

    def note(self, step: Undo) -> None:
        """Note how a change of another kind is undone."""
        if self.steps is not None:
            self.steps.append(step)

    def begin(self) -> None:
        """Only try what comes now."""
        self.steps = []

    def undo(self) -> None:
        """Take back everything since `begin`."""
        steps, self.steps = self.steps or [], None
        for step in reversed(steps):
            step()

    def encoded(self) -> list[tuple[str, list[list[Order]]]]:
        """Give the orders of every currency that has any, by side and priority."""
        found = [
            (currency, [list(side.orders()) for side in self.by_currency[currency]])
            for currency in sorted(self.by_currency)
        ]
        return [(currency, sides) for currency, sides in found if any(sides)]


def _ahead(queue: Queue, order: Order) -> list[int]:
    """Give who stands before an order in its queue, the nearest first: none but such as fill whole or not at all."""
    return list(takewhile(order.order_id.__ne__, queue))[::-1]


def _quotes(quotes: QuoteBoard, currency: str, other: str, opposite: Side) -> list[FirmQuote] | None:
    if currency == other:
        return None
    return quotes.pair(currency, other) if opposite is Side.SELL else quotes.pair(other, currency)
