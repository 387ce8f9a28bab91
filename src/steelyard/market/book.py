"""The book of one instrument: events in, facts out. Checks come first, changes last; a refusal changes nothing.

An event is worked off whole before the next: the order that comes, the stop orders that its trades release, the
call that the collar starts. The same events give the same facts and the same bytes.
"""

from msgspec import Struct

from steelyard.market.bands import band
from steelyard.market.book_state import STATUS_BITS, BookState
from steelyard.market.checks import allowed_after_close, check_new, check_price, order_of, would_trade
from steelyard.market.instruments import QUANTITY_MAX
from steelyard.market.many import work_many
from steelyard.market.matching import enter, release
from steelyard.market.orders import (
    Bands,
    Cancel,
    Event,
    Fact,
    MassCancel,
    NewOrder,
    PhaseTo,
    Replace,
    Settlement,
    Side,
    Status,
    Tif,
    Type,
    Uncross,
    Why,
)
from steelyard.market.phases import CALLS, RULES, Phase, may_follow
from steelyard.market.raw_facts import (
    ACCEPTED,
    CANCEL_REJECTED,
    PHASE_REJECTED,
    REFUSED,
    REPLACE_REJECTED,
    REPLACED,
    Raw,
    fact,
)
from steelyard.market.refusals.orders import OrderRefusal
from steelyard.market.resting import BookSide, Order
from steelyard.market.uncrossing import indicative, uncross

R = OrderRefusal


class Shown(Struct, array_like=True, frozen=True, gc=False):
    """One order as the book shows it: of an iceberg the peak. A price of None: a market order that rests."""

    price: int | None
    shown: int
    order_id: int


class BookView(Struct, frozen=True, gc=False):
    """A book at one moment. `status` has the orders of the day: where each is, and what is left of it."""

    bids: list[Shown]
    asks: list[Shown]
    status: dict[int, tuple[Status, int]]
    phase: Phase
    indicative: tuple[int, int, int] | None
    """In a call: price, volume and surplus if it ended now"""


class Book(BookState):
    """The orders of one instrument and all that may happen to them."""

    __slots__ = ()

    def apply(self, event: Event) -> list[Fact]:
        """Work off one event; give what happened, in order."""
        out: list[Raw] = []
        self.work(event, out)
        return [fact(raw) for raw in out]

    def apply_many(self, records: bytes) -> list[Raw]:
        """Work off packed messages (`packed`); give the facts of all as plain tuples (`raw_facts`).

        The same as `apply` of each message in turn, several times faster where most orders are plain. The first
        fact of each message is its answer (`raw_facts.is_answer`), and no other is one.
        """
        return work_many(self, self.work, records)

    def check(self, event: NewOrder) -> OrderRefusal | None:
        """Give the first rule of the book that a new order breaks, or None."""
        return check_new(self, event)

    def work(self, event: Event, out: list[Raw], *, checked: bool = False) -> None:
        """Work off one event, telling plain tuples (`raw_facts.FACTS`). `checked`: `check` has just found it right."""
        match event:
            case NewOrder():
                self._new(event, out, checked=checked)
            case Cancel():
                self._cancel(event, out)
            case Replace():
                self._replace(event, out)
            case MassCancel():
                self._mass_cancel(event, out)
            case PhaseTo():
                self._phase_to(event.phase, event.why, event.on, out)
            case Uncross():
                self._uncross(event, out)
            case Bands():
                self._bands(event, out)
            case Settlement():
                self.settlement = event.price
        if self.released:
            release(self, out)

    def view(self) -> BookView:
        """Show the book: both sides in priority, every order of the day, the phase."""
        status: dict[int, tuple[Status, int]] = {
            order_id: (Status(ended & (1 << STATUS_BITS) - 1), ended >> STATUS_BITS)
            for order_id, ended in self.done.items()
        }
        status |= {order.order_id: (Status.OPEN, order.left) for order in self.orders.values()}
        status |= {order.order_id: (Status.STOP_WAIT, order.left) for order in self.stops.waiting.values()}
        found = indicative(self) if self.phase in CALLS else None
        return BookView(_shown(self.bids), _shown(self.asks), status, self.phase, found)

    def _new(self, new: NewOrder, out: list[Raw], *, checked: bool) -> None:
        refusal = None if checked else check_new(self, new)
        if refusal is not None:
            out.append((REFUSED, new.order_id, refusal.code))
            return
        out.append((ACCEPTED, new.order_id))
        order = order_of(new)
        order.seq = self.next_seq()
        if order.stop and not self._is_met(order):
            self.stops.add(order)
        else:
            enter(self, order, out)

    def _is_met(self, order: Order) -> bool:
        if self.last is None:
            return False
        return self.last >= order.stop if order.side is Side.BUY else self.last <= order.stop

    def _cancel(self, event: Cancel, out: list[Raw]) -> None:
        order = self.find(event.order_id)
        if order is None:
            out.append((CANCEL_REJECTED, event.order_id, R.ORDER_NOT_OPEN.code))
        elif not self._may_cancel(order):
            out.append((CANCEL_REJECTED, event.order_id, R.PHASE_DOES_NOT_ALLOW_IT.code))
        else:
            self.cancel(order, event.why, out)

    def _may_cancel(self, order: Order) -> bool:
        return self.phase is not Phase.CLOSED or order.tif is Tif.GTC

    def _mass_cancel(self, event: MassCancel, out: list[Raw]) -> None:
        for order in self.in_time(
            lambda order: (
                event.member in (None, order.member)
                and event.group in (None, order.group)
                and event.side in (None, order.side)
                and self._may_cancel(order)
            )
        ):
            self.cancel(order, event.why, out)

    def _replace(self, event: Replace, out: list[Raw]) -> None:
        order = self.find(event.order_id)
        if order is None:
            out.append((REPLACE_REJECTED, event.order_id, R.ORDER_NOT_OPEN.code))
            return
        used = order.total - order.left
        total = order.total if event.quantity is None else event.quantity + (used if event.of_open else 0)
        price = order.price if event.price is None else event.price
        keeps_time = price == order.price and total <= order.total and not event.to_back
        refusal = self._check_replace(order, event, total, price, keeps_time=keeps_time)
        if refusal is not None:
            out.append((REPLACE_REJECTED, event.order_id, refusal.code))
            return
        left = max(0, total - used)
        waits = order.order_id in self.stops.waiting
        out.append((REPLACED, order.order_id, left))
        if not left or not (keeps_time or waits):
            self.take_out_or_forget(order)
        if not left:
            self.finish(order, Status.FILLED, 0)
            return
        order.total, order.price = total, price
        if not keeps_time:
            order.seq = self.next_seq()
        if waits:
            order.shown = left
        elif keeps_time:
            order.shown = min(order.shown, left)
            order.hidden = left - order.shown
        else:
            order.shown, order.hidden = left, 0
            enter(self, order, out)

    def _check_replace(
        self, order: Order, event: Replace, total: int, price: int | None, *, keeps_time: bool
    ) -> OrderRefusal | None:
        """Give the first rule that new terms of an order break, or None."""
        if not RULES[self.phase].entry:
            return R.PHASE_DOES_NOT_ALLOW_IT
        if self.phase is Phase.POST_CLOSE and not keeps_time and not allowed_after_close(self, price):
            return R.PHASE_DOES_NOT_ALLOW_IT
        untouched = order.total == order.left
        if (event.quantity is not None and event.quantity < untouched) or total > QUANTITY_MAX:
            return R.QUANTITY_MUST_BE_POSITIVE
        if total % self.instrument.lot:
            return R.QUANTITY_NOT_IN_LOTS
        refusal = check_price(self, event.price)
        if refusal is not None:
            return refusal
        left = total - order.total + order.left
        if (event.price is not None and order.price is None and order.type is not Type.LIMIT) or (
            order.peak and left > order.peak * self.instrument.peaks_max
        ):
            return R.TYPE_COMBINATION_NOT_ALLOWED
        if order.post_only and left > 0 and not keeps_time and would_trade(self, _as_new(order, price, left)):
            return R.POST_ONLY_WOULD_TRADE
        return None

    def _phase_to(self, phase: Phase, why: Why, on: int, out: list[Raw]) -> None:
        if not may_follow(self.phase, phase):
            out.append((PHASE_REJECTED, phase, R.PHASE_DOES_NOT_ALLOW_IT.code))
            return
        if self.phase in CALLS and RULES[phase].match and not uncross(self, out, forced=True):
            return
        if self.phase is Phase.CLOSED:
            self.done.clear()
            self.stops.forget()
        self.set_phase(phase, why, out)
        if phase is Phase.CLOSED:
            self._expire(on, out)

    def _expire(self, on: int, out: list[Raw]) -> None:
        """End what was good for the day that ends, and what only a call or the day's matching could have filled."""
        for order in self.in_time(lambda order: self._is_over(order, on)):
            self.cancel(order, Why.EXPIRED, out)

    def _is_over(self, order: Order, on: int) -> bool:
        if order.tif is Tif.GTD:
            over = order.until_on <= on
        else:
            over = order.tif is not Tif.GTC
        rests_priceless = order.price is None and order.order_id in self.orders
        may = self.instrument.rest_market and order.type is Type.MARKET
        return over or (rests_priceless and not may)

    def _uncross(self, event: Uncross, out: list[Raw]) -> None:
        phase = self.resumes if event.to is None else event.to
        if self.phase not in CALLS or not may_follow(self.phase, phase):
            out.append((PHASE_REJECTED, phase, R.PHASE_DOES_NOT_ALLOW_IT.code))
        elif uncross(self, out, forced=event.forced):
            self.set_phase(phase, Why.AUCTION, out)
            if phase is Phase.CLOSED:
                self._expire(event.on, out)

    def _bands(self, event: Bands, out: list[Raw]) -> None:
        self.reference = event.reference
        self.daily = band(event.limit_low, event.limit_high)
        self.dyn = (event.dyn_low, event.dyn_high)
        self.set_limits()
        low, high = self.limits
        for order in self.in_time(lambda order: order.price is not None and not low <= order.price <= high):
            self.cancel(order, Why.LIMITS, out)


def _as_new(order: Order, price: int | None, left: int) -> Order:
    """Give an order as it would come anew."""
    return Order(
        order.order_id, order.side, price, left, 0, order.owner, 0, left, aon=order.aon, stp=order.stp
    )


def _shown(side: BookSide) -> list[Shown]:
    return [Shown(order.price, order.shown, order.order_id) for order in side.orders()]
