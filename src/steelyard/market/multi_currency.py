"""One order book in many currencies: every order is in its owner's, firm quotes join them.

There is one sub-book for each currency and side, in its own prices and times. An order that comes meets the best of
the heads of all sub-books, compared by what it would pay or get itself at the quotes of that moment; of equals the
earlier. A quote that changes re-orders nothing. A sub-book without a quote that stands and has room for a lot is
not seen by that order; orders in one currency meet without a quote.

Whatever compares prices of several currencies (daily limits, the collar, the price of a call, the last trade that
releases stop orders) does so in the unit of a basket, at the firm quotes of the moment (`cross/unit.py`).

In a call orders only gather. The uncross freezes one table of rates, compares limits in the basket's unit exactly,
and finds one price there; everybody pays and gets his own currency at those rates.
"""

from fractions import Fraction
from typing import Self

import msgspec

from steelyard.market.bands import Band, band
from steelyard.market.checks import order_of
from steelyard.market.cross.call import Rates
from steelyard.market.cross.entry import check_new, check_replace
from steelyard.market.cross.facts import Booking, CrossFact, agreed
from steelyard.market.cross.matching import enter, release
from steelyard.market.cross.quotes import QuoteBoard
from steelyard.market.cross.state import CrossState
from steelyard.market.cross.uncrossing import rates_of, uncross
from steelyard.market.instruments import Instrument
from steelyard.market.orders import (
    Accepted,
    Bands,
    Cancel,
    CancelRejected,
    Event,
    MassCancel,
    NewOrder,
    PhaseRejected,
    PhaseTo,
    Refused,
    Replace,
    Replaced,
    ReplaceRejected,
    Side,
    Tif,
    Uncross,
    Why,
)
from steelyard.market.phases import CALLS, RULES, Phase, may_follow
from steelyard.market.refusals.orders import OrderRefusal
from steelyard.market.resting import Order
from steelyard.values.instants import Day, Instant
from steelyard.values.wide import packed, unpacked

R = OrderRefusal


class MultiCurrencyBook(CrossState):
    """The book of one instrument. `quotes` may be shared by the books of all instruments."""

    __slots__ = ()

    # what is asked of it: each gives the facts of one event

    def enter(
        self, asked: NewOrder, currency: str, *, at: Instant, book: Booking = agreed
    ) -> list[CrossFact]:
        """Enter an order of a currency."""
        facts: list[CrossFact] = []
        self.work(asked, facts, currency=currency, at=at, book=book)
        return facts

    def cancel(self, order_id: int, why: Why = Why.ASKED) -> list[CrossFact]:
        """Take an order out."""
        facts: list[CrossFact] = []
        self.work(Cancel(order_id, why), facts, at=0)
        return facts

    def mass_cancel(
        self, *, member: int | None = None, group: int | None = None, side: Side | None = None
    ) -> list[CrossFact]:
        """Take out all orders of a member, a group or a side, in the order of their times."""
        facts: list[CrossFact] = []
        self.work(MassCancel(member, group, side), facts, at=0)
        return facts

    def replace(
        self,
        order_id: int,
        *,
        quantity: int | None = None,
        price: int | None = None,
        at: Instant,
        book: Booking = agreed,
    ) -> list[CrossFact]:
        """Change an order's total or price. Same price and a lower total keep its time; else it enters anew."""
        facts: list[CrossFact] = []
        self.work(Replace(order_id, quantity, price), facts, at=at, book=book)
        return facts

    def uncross(
        self, rates: Rates, *, to: Phase | None = None, at: Instant = 0, book: Booking = agreed
    ) -> list[CrossFact]:
        """End a call at one price in the basket's unit. `rates`: basket minor units for one minor unit of each.

        Orders of a currency without a rate take no part and stay. The money of a pair: each side's quantity
        times price at its rate, rounded once, half to even.
        """
        facts: list[CrossFact] = []
        self.work(Uncross(to), facts, at=at, book=book, rates=rates)
        return facts

    def work(
        self,
        event: Event,
        facts: list[CrossFact],
        *,
        at: Instant,
        currency: str = "",
        book: Booking = agreed,
        checked: bool = False,
        rates: Rates | None = None,
    ) -> None:
        """Work off one event. `currency` is a new order's, `rates` those of an uncross (None: those of `at`).

        `checked`: `check` has just found a new order right.
        """
        match event:
            case NewOrder():
                self._new(event, currency, at, book, facts, checked=checked)
            case Cancel():
                self._cancel(event, facts)
            case Replace():
                self._replace(event, at, book, facts)
            case MassCancel():
                self._mass_cancel(event, facts)
            case PhaseTo():
                self._phase_to(event, at, book, facts)
            case Uncross():
                self._uncross(event, rates, at, book, facts)
            case Bands():
                self._bands(event, at, facts)
            case _:
                raise ValueError(f"{event} is no event of a book in many currencies")
        if self.released:
            release(self, at, book, facts)

    def check(self, asked: NewOrder, currency: str, *, at: Instant) -> OrderRefusal | None:
        """Give the first rule of the book that a new order breaks, or None."""
        return check_new(self, asked, currency, at=at)

    def _new(
        self,
        new: NewOrder,
        currency: str,
        at: Instant,
        book: Booking,
        facts: list[CrossFact],
        *,
        checked: bool,
    ) -> None:
        refusal = None if checked else check_new(self, new, currency, at=at)
        if refusal is not None:
            facts.append(Refused(new.order_id, refusal.code))
            return
        facts.append(Accepted(new.order_id))
        order = order_of(new)
        order.seq = self.next_seq()
        if order.stop and not self.is_met(order, currency, at):
            self.wait(order, currency)
        else:
            enter(self, order, currency, at, book, facts)

    def _cancel(self, event: Cancel, facts: list[CrossFact]) -> None:
        found = self.find(event.order_id)
        if found is None:
            facts.append(CancelRejected(event.order_id, R.ORDER_NOT_OPEN.code))
        elif event.why is Why.ASKED and not self._may_cancel(found[0]):
            facts.append(CancelRejected(event.order_id, R.PHASE_DOES_NOT_ALLOW_IT.code))
        else:
            self._end(*found, event.why, facts)

    def _end(self, order: Order, currency: str, why: Why, facts: list[CrossFact]) -> None:
        self.take_out(order, currency)
        self.drop(order, why, facts)

    def _may_cancel(self, order: Order) -> bool:
        return RULES[self.phase].cancel and (self.phase is not Phase.CLOSED or order.tif is Tif.GTC)

    def _mass_cancel(self, event: MassCancel, facts: list[CrossFact]) -> None:
        for order, currency in self.in_time():
            chosen = (
                event.member in (None, order.member)
                and event.group in (None, order.group)
                and event.side in (None, order.side)
            )
            if chosen and self._may_cancel(order):
                self._end(order, currency, event.why, facts)

    def _replace(self, event: Replace, at: Instant, book: Booking, facts: list[CrossFact]) -> None:
        found = self.find(event.order_id)
        if found is None:
            facts.append(ReplaceRejected(event.order_id, R.ORDER_NOT_OPEN.code))
            return
        order, currency = found
        used = order.total - order.left
        total = order.total if event.quantity is None else event.quantity
        price = order.price if event.price is None else event.price
        refusal = check_replace(self, order, currency, event.quantity, event.price, total=total, at=at)
        if refusal is not None:
            facts.append(ReplaceRejected(event.order_id, refusal.code))
            return
        left = max(0, total - used)
        facts.append(Replaced(event.order_id, left))
        waits = event.order_id in self.waiting
        keeps_time = price == order.price and total <= order.total
        if not left or not (keeps_time or waits):
            self.take_out(order, currency)
        if not left:
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
            enter(self, order, currency, at, book, facts)

    def _phase_to(self, event: PhaseTo, at: Instant, book: Booking, facts: list[CrossFact]) -> None:
        if not may_follow(self.phase, event.phase):
            facts.append(PhaseRejected(event.phase, R.PHASE_DOES_NOT_ALLOW_IT.code))
            return
        if self.phase in CALLS and RULES[event.phase].match:
            uncross(self, rates_of(self, at), at, book, facts, forced=True)
        self.set_phase(event.phase, event.why, facts, at)
        if event.phase is Phase.CLOSED:
            self._expire(event.on, facts)

    def _uncross(
        self, event: Uncross, rates: Rates | None, at: Instant, book: Booking, facts: list[CrossFact]
    ) -> None:
        phase = self.resumes if event.to is None else event.to
        frozen = rates_of(self, at) if rates is None else rates
        if self.phase not in CALLS or not may_follow(self.phase, phase):
            facts.append(PhaseRejected(phase, R.PHASE_DOES_NOT_ALLOW_IT.code))
        elif uncross(self, frozen, at, book, facts, forced=event.forced):
            self.set_phase(phase, Why.AUCTION, facts, at)
            if phase is Phase.CLOSED:
                self._expire(event.on, facts)

    def _expire(self, on: Day, facts: list[CrossFact]) -> None:
        """End what was good for the day that ends, and what only a call could have filled."""
        for order, currency in self.in_time():
            over = order.until_on <= on if order.tif is Tif.GTD else order.tif is not Tif.GTC
            if over or (order.price is None and order.order_id in self.subs.orders):
                self._end(order, currency, Why.EXPIRED, facts)

    def _bands(self, event: Bands, at: Instant, facts: list[CrossFact]) -> None:
        """Set reference, limits and collar; orders beyond the limits at the rates of now are cancelled."""
        self.reference = event.reference
        self.daily = band(event.limit_low, event.limit_high)
        self.dyn = (event.dyn_low, event.dyn_high)
        self.set_limits()
        for order, currency in self.in_time():
            worth = None if order.price is None else self.unit.worth(currency, at)
            if worth is not None and order.price and not worth.is_inside(order.price, *self.limits):
                self._end(order, currency, Why.LIMITS, facts)

    # state

    def encode(self) -> bytes:
        """Give the canonical bytes, without the quotes: those are encoded by whoever shares them out."""
        last = None if self.last is None else (self.last[0], str(self.last[1]))
        waiting = sorted(self.waiting.values(), key=lambda placed: placed[0].seq)
        return packed(
            _Image(
                self.instrument, self.phase, self.resumes, self.extended, self.seq, last, self.reference, self.daily,
                self.dyn, self.subs.encoded(), [(currency, order) for order, currency in waiting],
            )
        )  # fmt: skip

    @classmethod
    def decode(cls, content: bytes, quotes: QuoteBoard | None = None) -> Self:
        """Build the book that `content` describes: the inverse of encode."""
        image = unpacked(content, _Image)
        book = cls(image.instrument, quotes)
        book.phase, book.resumes, book.extended = image.phase, image.resumes, image.extended
        book.seq, book.reference, book.daily, book.dyn = image.seq, image.reference, image.daily, image.dyn
        book.last = None if image.last is None else (image.last[0], Fraction(image.last[1]))
        book.set_limits()
        for currency, sides in image.subs:
            for orders in sides:
                for order in orders:
                    book.subs.add(order, currency)
        for currency, order in image.waiting:
            book.wait(order, currency)
        return book


class _Image(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """What is written of a book. `last` is a price as "p/q" text with its currency."""

    instrument: Instrument
    phase: Phase
    resumes: Phase
    extended: bool
    seq: int
    last: tuple[str, str] | None
    reference: int | None
    daily: Band
    dyn: tuple[int | None, int | None]
    subs: list[tuple[str, list[list[Order]]]]
    waiting: list[tuple[str, Order]]
