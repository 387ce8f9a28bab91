"""What one book holds between two events, and the smallest changes to it. Rules are elsewhere."""

from collections.abc import Callable
from itertools import chain

from steelyard.market.bands import ANY, Band, band
from steelyard.market.instruments import Instrument
from steelyard.market.orders import Side, Status, Why
from steelyard.market.phases import RULES, Phase
from steelyard.market.raw_facts import CANCELLED, PHASE_CHANGED, Raw
from steelyard.market.resting import BookSide, Order
from steelyard.market.stops import Stops

STATUS_BITS = 3

Settles = Callable[[Order, Order, int, int], Side | None]
"""Books the bundle of a trade of a buyer and a seller (quantity, price), or names the side whose part failed."""


class BookState:
    """The orders of one instrument, its phase and its prices.

    `done` remembers how the orders of the day ended: what was left, and the status, in one number. `released`
    holds stop orders between the trade that releases them and their entry; it is empty between events. `settles` is
    wiring, no state: where it is set, each trade is booked by it before it counts.
    """

    __slots__ = (
        "asks", "bids", "daily", "done", "dyn", "extended", "instrument", "last", "limits", "orders", "phase",
        "reference", "released", "resumes", "seq", "settlement", "settles", "sides", "stops",
    )  # fmt: skip

    def __init__(self, instrument: Instrument, phase: Phase = Phase.CONTINUOUS) -> None:
        self.instrument = instrument
        self.phase = phase
        self.resumes = Phase.CONTINUOUS
        """The matching phase that follows a call"""
        self.extended = False
        """The present call has been extended"""
        self.seq = 0
        self.last = instrument.last_price
        self.reference = instrument.ref_price
        self.settlement: int | None = None
        self.daily: Band = band(instrument.limit_low, instrument.limit_high)
        self.limits: Band = self.daily
        """The daily limits as they count in this phase"""
        self.dyn: tuple[int | None, int | None] = (instrument.dyn_low, instrument.dyn_high)
        self.bids, self.asks = BookSide(Side.BUY), BookSide(Side.SELL)
        self.sides = (self.bids, self.asks)
        self.orders: dict[int, Order] = {}
        self.stops = Stops()
        self.released: list[Order] = []
        self.done: dict[int, int] = {}
        self.settles: Settles | None = None

    def next_seq(self) -> int:
        """Give the next place in time."""
        self.seq += 1
        return self.seq

    def rest(self, order: Order) -> None:
        """Put an order, its peak shown, behind all others of its price."""
        if order.peak:
            order.cut(order.shown + order.hidden)
        self.orders[order.order_id] = order
        self.sides[order.side].add(order)

    def take_out(self, order: Order) -> None:
        """Take a resting order out of its queue; it has not ended."""
        del self.orders[order.order_id]
        del self.sides[order.side].queue(order)[order.order_id]

    def finish(self, order: Order, status: Status, left: int) -> None:
        """Remember how an order ended that is in no queue any more."""
        self.done[order.order_id] = left << STATUS_BITS | status

    def take_out_or_forget(self, order: Order) -> None:
        """Take an order out of where it rests or waits; it has not ended."""
        if self.stops.waiting.pop(order.order_id, None) is None:
            self.take_out(order)

    def cancel(self, order: Order, why: Why, out: list[Raw]) -> None:
        """End an order that rests or waits."""
        self.take_out_or_forget(order)
        self.drop(order, why, out)

    def drop(self, order: Order, why: Why, out: list[Raw]) -> None:
        """End an order that is in no queue."""
        self.finish(order, Status.CANCELLED, order.left)
        out.append((CANCELLED, order.order_id, order.left, why))

    def traded(self, price: int) -> None:
        """Take note of the price of a trade; stop orders that wait for it are released."""
        self.last = price
        if self.stops.waiting:
            self.released += self.stops.touched(price)

    def find(self, order_id: int) -> Order | None:
        """Give an order that is open or waits, or None."""
        return self.orders.get(order_id) or self.stops.waiting.get(order_id)

    def in_time(self, wanted: Callable[[Order], bool]) -> list[Order]:
        """Give the orders, open or waiting, that are wanted, in the order of their times."""
        alive = chain(self.orders.values(), self.stops.waiting.values())
        return sorted([order for order in alive if wanted(order)], key=_seq)

    def set_phase(self, phase: Phase, why: Why, out: list[Raw]) -> None:
        """Change the phase."""
        self.phase = phase
        self.extended = False
        if phase in (Phase.CONTINUOUS, Phase.DELIVERY_MONTH):
            self.resumes = phase
        self.set_limits()
        out.append((PHASE_CHANGED, phase, why))
        if self.last is not None and self.takes_stops():
            self.released += self.stops.touched(self.last)

    def takes_stops(self) -> bool:
        """Tell whether stop orders that are released may enter now."""
        return RULES[self.phase].entry and self.phase is not Phase.POST_CLOSE

    def set_limits(self) -> None:
        """Let the daily limits count, but in the month of delivery."""
        self.limits = ANY if self.resumes is Phase.DELIVERY_MONTH else self.daily


def _seq(order: Order) -> int:
    return order.seq
