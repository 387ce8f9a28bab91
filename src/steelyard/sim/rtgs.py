"""A simulated RTGS of one currency: banks' accounts, the reserve account, hours, and faults on demand.

The same seed, calls and times give the same reports, since every draw is made from the seed and the name of
what it decides. Faults never break the promises of `node/rtgs.py`; they strain what is built on them: reports
late, twice, lost or out of order, orders lost or refused, a wrong amount paid, an unforeseen closure.
"""

from heapq import heappop, heappush
from random import Random

from msgspec import Struct

from steelyard.members.calendars import REDEEM
from steelyard.node.rtgs import Order, OrderKind, Report, ReportKind
from steelyard.values.calendars import Calendar, common_window
from steelyard.values.instants import DAY, MINUTE, SECOND, Instant


class Faults(Struct, frozen=True):
    """How often what goes wrong, in thousandths. Delays are drawn evenly between the two bounds (ns)."""

    delay: tuple[Instant, Instant] = (SECOND, 5 * SECOND)
    repeat: int = 0
    loss: int = 0
    order_loss: int = 0
    refusal: int = 0
    wrong_amount: int = 0
    reordering: int = 0
    closed: tuple[tuple[Instant, Instant], ...] = ()
    """Times in which it is closed whatever the calendar says"""


class SimulatedRtgs:
    """One currency's RTGS. `accounts` are what banks hold there, `reserve_minor` what is locked for the node."""

    def __init__(self, currency: str, calendar: Calendar, seed: int, faults: Faults | None = None) -> None:
        self.asset = currency
        self.calendar = calendar
        self.faults = faults or Faults()
        self.accounts: dict[str, int] = {}
        self.reserve_minor = 0
        self._seed = seed
        self._done: dict[bytes, Report] = {}  # what became of an order, given anew to every query
        self._due: list[tuple[Instant, int, Order | tuple[str, str, int, bytes]]] = []
        self._reports: list[tuple[Instant, int, Report]] = []
        self._items: list[tuple[str, int]] = []
        self._counts: dict[str, int] = {}
        self._statements = 0

    # What banks do there

    def open_account(self, participant: str, amount_minor: int) -> None:
        """Let a bank hold so much more at the central bank."""
        self.accounts[participant] = self.accounts.get(participant, 0) + amount_minor

    def lock(self, participant: str, amount_minor: int, *, at: Instant, funding: bytes = b"") -> str:
        """Let a bank lock money for the node, as soon as it is open; gives the advice id it will bear."""
        number = self._count("lock")
        advice = f"{self.asset}-L{number:06d}"
        self._schedule(self._opens_at(at), (participant, advice, amount_minor, funding))
        return advice

    # Rtgs

    def send(self, order: Order, *, at: Instant) -> None:
        """Take an order or a query; outside hours it waits."""
        draw = self._draw("send", order.kind, order.id.hex())
        if order.kind is OrderKind.QUERY:
            self._schedule(at + self._delay(draw), order)
            return
        if order.kind is OrderKind.PAYOUT and draw.randrange(1000) < self.faults.order_loss:
            return
        self._schedule(self._opens_at(at + self._delay(draw)), order)

    def receive(self, *, at: Instant) -> list[Report]:
        """Do what is due and give the reports that have arrived."""
        while self._due and self._due[0][0] <= at:
            when, _, what = heappop(self._due)
            if isinstance(what, Order):
                self._carry_out(what, when)
            else:
                self._lock(*what, when)
        found = []
        while self._reports and self._reports[0][0] <= at:
            found.append(heappop(self._reports)[2])
        return found

    def next_at(self) -> Instant | None:
        """Give when something happens here next."""
        times = [heap[0][0] for heap in (self._due, self._reports) if heap]
        return min(times, default=None)

    # Statements

    def state(self, *, at: Instant) -> Report:
        """Give a statement of the reserve account: every item since the one before."""
        for report in self.receive(at=at):
            heappush(self._reports, (at, self._count("order of reports"), report))
        self._statements += 1
        items, self._items = tuple(self._items), []
        return Report(
            ReportKind.STATEMENT, self.asset, f"{self.asset}-S{self._statements:04d}",
            amount_minor=self.reserve_minor, until_at=at, items=items,
        )  # fmt: skip

    def became_of(self, order: bytes) -> ReportKind | None:
        """Give what became of an order, or None where it is not decided: what a test holds the node to."""
        done = self._done.get(order)
        return None if done is None else done.kind

    # What it does

    def _carry_out(self, order: Order, at: Instant) -> None:
        done = self._done.get(order.id)
        if done is None:
            done = self._done[order.id] = self._decide(order)
        self._report(done, at)

    def _decide(self, order: Order) -> Report:
        """Pay an order, or refuse it; a query finds one that never arrived and refuses it for good."""
        draw = self._draw("decide", order.id.hex())
        if order.kind is OrderKind.QUERY:
            return self._refused(order, "NOT_RECEIVED")
        amount, kind = order.amount_minor, ReportKind.PAID_BACK
        if order.kind is OrderKind.PAYOUT:
            kind = ReportKind.PAID
            if draw.randrange(1000) < self.faults.refusal:
                return self._refused(order, "REFUSED")
            if draw.randrange(1000) < self.faults.wrong_amount:
                amount = max(1, amount - draw.randint(1, 100))
        if amount > self.reserve_minor:
            return self._refused(order, "RESERVE_IS_SHORT")
        self.reserve_minor -= amount
        self.open_account(order.participant, amount)
        self._items.append((order.id.hex(), -amount))
        number = self._count("pay")
        reference = f"{self.asset}-P{number:06d}"
        return Report(kind, self.asset, reference, order.participant, amount, order.id)

    def _refused(self, order: Order, reason: str) -> Report:
        return Report(ReportKind.REFUSED, self.asset, "", order.participant, 0, order.id, reason)

    def _lock(self, participant: str, advice: str, amount_minor: int, funding: bytes, at: Instant) -> None:
        if self.accounts.get(participant, 0) < amount_minor:
            return
        self.accounts[participant] -= amount_minor
        self.reserve_minor += amount_minor
        self._items.append((advice, amount_minor))
        report = Report(ReportKind.LOCKED, self.asset, advice, participant, amount_minor, funding)
        self._report(report, at)

    def _report(self, report: Report, at: Instant) -> None:
        """Let a report arrive: late, twice, before an earlier one, or not at all."""
        name = report.reference + report.order.hex()
        draw = self._draw("report", name, str(self._count("report " + name)))
        times = 0 if draw.randrange(1000) < self.faults.loss else 1
        times += draw.randrange(1000) < self.faults.repeat
        for _ in range(times):
            late = self._delay(draw)
            if draw.randrange(1000) < self.faults.reordering:
                late += draw.randint(0, 20 * MINUTE)
            heappush(self._reports, (at + late, self._count("order of reports"), report))

    # Time and chance

    def _schedule(self, at: Instant, what: Order | tuple[str, str, int, bytes]) -> None:
        heappush(self._due, (at, self._count("order of events"), what))

    def _opens_at(self, at: Instant) -> Instant:
        """Give when it is open next, unforeseen closures counted; a day later where no opening is known."""
        while True:
            found = common_window((self.calendar,), REDEEM, at)
            start = found.start if found is not None else at + DAY
            ends = [end for begin, end in self.faults.closed if begin <= start < end]
            if not ends:
                return start
            at = max(ends)

    def _delay(self, draw: Random) -> Instant:
        return draw.randint(*self.faults.delay)

    def _draw(self, *names: str) -> Random:
        return Random("/".join((str(self._seed), self.asset, *names)))

    def _count(self, what: str) -> int:
        self._counts[what] = self._counts.get(what, 0) + 1
        return self._counts[what]
