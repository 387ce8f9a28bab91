"""Netting cycles: the life of one as a table, what it holds, and when cycles are cut.

A cycle gathers obligations while it is open. Its cut fixes who is in it; then it is computed, its members are told,
they pay in, and everything settles as one bundle, or nothing does. Every state rests until the next command, so
that a node that stops in any of them goes on from the journal. Deadlines are data: `due_at` ends the present state.

Pay-ins stay their payers' money, on accounts of their own that nothing but the cycle can debit; `paid` is what is
on them. Dictionaries are filled in the order of the journal, and a snapshot keeps it.
"""

from collections import deque
from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Struct

from steelyard.values.instants import MINUTE, Instant
from steelyard.values.wide import packed, unpacked

PURPOSE = "cycle"
"""Third part of the name of the accounts for pay-ins, `owner/CCY/cycle`."""
KIND = "cycle"
"""What a solver is told that it is asked for."""
DAY_MINUTES = 1_440
OVER_MAX = 20
"""How many cycles that are over a node shows without its projection."""


class CycleState(StrEnum):
    """Where a cycle is."""

    OPEN = "OPEN"
    CUT = "CUT"
    COMPUTED = "COMPUTED"
    NOTIFIED = "NOTIFIED"
    FUNDING = "FUNDING"
    PVP_SETTLE = "PVP_SETTLE"
    CLOSED = "CLOSED"
    STATEMENTS = "STATEMENTS"
    CANCELLED = "CANCELLED"


class CycleEvent(StrEnum):
    """What can happen to a cycle."""

    CUT = "CUT"
    PLANNED = "PLANNED"
    TOLD = "TOLD"
    STARTED = "STARTED"
    REPLANNED = "REPLANNED"
    FUNDED = "FUNDED"
    APPLIED = "APPLIED"
    REFUSED = "REFUSED"
    STATED = "STATED"
    CANCELLED = "CANCELLED"


S, E = CycleState, CycleEvent
STEPS: dict[CycleState, dict[CycleEvent, CycleState]] = {
    S.OPEN: {E.CUT: S.CUT, E.CANCELLED: S.CANCELLED},
    S.CUT: {E.PLANNED: S.COMPUTED, E.CANCELLED: S.CANCELLED},
    S.COMPUTED: {E.TOLD: S.NOTIFIED, E.CANCELLED: S.CANCELLED},
    S.NOTIFIED: {E.STARTED: S.FUNDING, E.CANCELLED: S.CANCELLED},
    S.FUNDING: {E.REPLANNED: S.FUNDING, E.FUNDED: S.PVP_SETTLE, E.CANCELLED: S.CANCELLED},
    S.PVP_SETTLE: {E.APPLIED: S.CLOSED, E.REFUSED: S.FUNDING, E.CANCELLED: S.CANCELLED},
    S.CLOSED: {E.STATED: S.STATEMENTS},
    S.STATEMENTS: {},
    S.CANCELLED: {},
}
BEFORE_CLOSED = (S.OPEN, S.CUT, S.COMPUTED, S.NOTIFIED, S.FUNDING, S.PVP_SETTLE)


def step(state: CycleState, event: CycleEvent) -> CycleState | None:
    """Give the state that follows, or None where the event has no place there.

    >>> step(CycleState.PVP_SETTLE, CycleEvent.REFUSED), step(CycleState.CLOSED, CycleEvent.CANCELLED)
    (<CycleState.FUNDING: 'FUNDING'>, None)
    """
    return STEPS[state].get(event)


class Schedule(Struct, array_like=True, frozen=True, gc=False):
    """When cycles of some currencies are cut, every day: minutes after midnight UTC, ascending."""

    assets: tuple[str, ...]
    cuts: tuple[int, ...]

    def after(self, at: Instant) -> Instant:
        """Give the first cut later than an instant.

        >>> Schedule(("NOR",), (60, 600)).after(60 * MINUTE) // MINUTE
        600
        >>> Schedule(("NOR",), (60,)).after(60 * MINUTE) // MINUTE
        1500
        """
        midnight = at // (DAY_MINUTES * MINUTE) * DAY_MINUTES * MINUTE
        times = [midnight + (minute + day) * MINUTE for day in (0, DAY_MINUTES) for minute in self.cuts]
        return next(time for time in times if time > at)


class Plan(Struct, array_like=True, gc=False):
    """What was computed last: by what, how good, how proved. `bounds` are by asset, as decimal text."""

    algorithm: str = ""
    solver_version: str = ""
    certificate: bytes = b""
    """SHA-256 over the certificates in their order"""
    proved: bool = False
    bounds: dict[str, str] = {}


class Drawn(Struct, array_like=True, frozen=True, gc=False):
    """A lot of a credit line that was drawn for a pay-in."""

    kind: str
    asset: str
    minor: int
    line_id: bytes
    lot_no: int
    account_no: int


class Line(Struct, array_like=True, frozen=True, gc=False):
    """What the bundle did for one participant in one asset. Amounts are decimal text, since sums may be huge.

    `digest` is SHA-256 over its legs in the bundle's order: of each its UETR, 16 bytes of amount, one byte 0 (paid)
    or 1 (received). `opening` and `closing` are what its settlement account held before and after; `pay_in` came
    back from its account for pay-ins, which held `kept` after.
    """

    participant: str
    asset: str
    paid_count: int
    paid: str
    received_count: int
    received: str
    digest: bytes
    opening: str = "0"
    closing: str = "0"
    pay_in: str = "0"
    kept: str = "0"


class Cycle(Struct, array_like=True, gc=False):
    """One cycle. `items` are its obligations: UETR, and what of it settles by the plan (0: not in it)."""

    cycle_id: bytes
    number: int
    assets: tuple[str, ...]
    trigger: str
    """command, calendar, or rest: the cycle before could not hold all"""
    opened_at: Instant
    state: CycleState = S.OPEN
    due_at: Instant = 0
    """When the present state ends by itself, 0 for never"""
    cut_at: Instant = 0
    cut_seq: int = 0
    """Commands recorded before the cut's own: members have a lower `seq`"""
    deadline_at: Instant = 0
    """End of the pay-ins"""
    steps_done: int = 0
    extended: bool = False
    excluded: tuple[str, ...] = ()
    items: dict[bytes, int] = {}
    calls: dict[str, dict[str, int]] = {}
    """Asset, participant: what it was asked to pay in. Never raised"""
    paid: dict[str, dict[str, int]] = {}
    drawn: list[Drawn] = []
    plan: Plan = msgspec.field(default_factory=Plan)
    asks: int = 0
    """How often a solver was asked"""
    asked_seq: int = 0
    asking: bool = False
    broken: bool = False
    """A planned obligation has gone since the plan"""
    replanned: bool = False
    refused: bool = False
    barred: tuple[tuple[str, str, bool], ...] = ()
    """(participant, asset, as payer) whose obligations a refused bundle has named"""
    bundle_id: bytes = b""
    closed_at: Instant = 0
    reason: str = ""
    lines: list[Line] = []
    """What settled for each participant, until it has been told"""

    def open_call(self, bic: str, asset: str) -> int:
        """Give what a participant is still to pay in."""
        return max(0, self.calls.get(asset, {}).get(bic, 0) - self.paid.get(asset, {}).get(bic, 0))

    def each_paid(self) -> Iterator[tuple[str, str, int]]:
        """Give participant, asset and amount of every pay-in, by asset, then participant."""
        for asset in sorted(self.paid):
            for bic in sorted(self.paid[asset]):
                if self.paid[asset][bic]:
                    yield bic, asset, self.paid[asset][bic]

    def each_call(self) -> Iterator[tuple[str, str, int]]:
        """Give participant, asset and amount of every call for a pay-in, by asset, then participant."""
        for asset in sorted(self.calls):
            for bic in sorted(self.calls[asset]):
                yield bic, asset, self.calls[asset][bic]


class Cycles:
    """All that a node knows of its cycles. `fresh` are those that have just asked a solver: wiring, no state.

    So is `at_hand`: a cycle's id, the number of the command that cut it, and what that command had of its members.
    """

    __slots__ = ("_home", "at_hand", "fresh", "live", "next_number", "open", "over", "schedules")

    def __init__(self) -> None:
        self.next_number = 1
        self.live: dict[bytes, Cycle] = {}
        self.over: list[Cycle] = []
        self.open: dict[str, Cycle] = {}
        """By asset: the cycle that takes obligations in"""
        self.schedules: dict[str, Schedule] = {}
        """By each of its assets"""
        self.fresh: list[Cycle] = []
        self.at_hand: tuple[bytes, int, Any] | None = None
        self._home: dict[bytes, Cycle] = {}

    def begin(self, cycle: Cycle) -> None:
        """Keep a cycle that takes obligations in from now on."""
        self.next_number += 1
        self.live[cycle.cycle_id] = cycle
        for asset in cycle.assets:
            self.open[asset] = cycle

    def shut(self, cycle: Cycle) -> None:
        """Take no more obligations into a cycle."""
        for asset in cycle.assets:
            if self.open.get(asset) is cycle:
                del self.open[asset]

    def end(self, cycle: Cycle) -> None:
        """Keep a cycle that is over among the last of them; it holds nothing any more."""
        del self.live[cycle.cycle_id]
        self.over = [*self.over, cycle][-OVER_MAX:]

    def join(self, asset: str, uetr: bytes) -> None:
        """Take an obligation into the open cycle of its currency."""
        cycle = self.open[asset]
        cycle.items[uetr] = 0
        self._home[uetr] = cycle

    def of(self, uetr: bytes) -> Cycle | None:
        """Give the cycle that an obligation is in."""
        return self._home.get(uetr)

    def left(self, uetr: bytes) -> None:
        """Let an obligation out: settled, returned to its queue, or ended."""
        cycle = self._home.pop(uetr, None)
        if cycle is not None and cycle.items.pop(uetr):
            cycle.broken = True

    def settled(self, cycle: Cycle, uetrs: Sequence[bytes]) -> None:
        """Let obligations of a cycle out that have settled with it."""
        deque(map(self._home.__delitem__, uetrs), maxlen=0)
        if len(uetrs) == len(cycle.items):
            cycle.items.clear()
        else:
            deque(map(cycle.items.__delitem__, uetrs), maxlen=0)

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        schedules = [one for asset, one in sorted(self.schedules.items()) if one.assets[0] == asset]
        return packed(_Saved(self.next_number, list(self.live.values()), self.over, schedules))

    @classmethod
    def decode(cls, data: bytes) -> "Cycles":
        """Build what `encode` described."""
        saved = unpacked(data, _Saved)
        cycles = cls()
        cycles.next_number, cycles.over = saved.next_number, saved.over
        for cycle in saved.live:
            cycles.live[cycle.cycle_id] = cycle
            cycles._home.update(dict.fromkeys(cycle.items, cycle))
            if cycle.state is S.OPEN:
                cycles.open.update(dict.fromkeys(cycle.assets, cycle))
        for schedule in saved.schedules:
            cycles.schedules.update(dict.fromkeys(schedule.assets, schedule))
        return cycles


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    next_number: int
    live: list[Cycle]
    over: list[Cycle]
    schedules: list[Schedule]
