"""Every deadline of the domains, in one order: (at, kind, id).

A timer is data: it survives a crash, obeys a simulated clock and fires only when a recorded tick
comes. A deadline is exclusive: what arrives at it or later is late, swept or not. The engine keeps the
deadlines of its reservations itself; the Machine sweeps domains before the engine at one instant.
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum, unique
from heapq import heapify, heappop, heappush
from itertools import repeat


@unique
class TimerKind(IntEnum):
    """What a deadline is about. The number is part of the order and of the snapshot: never reused."""

    APPROVAL = 1
    QUOTE = 2
    PAYMENT = 3
    PAYMENT_WINDOW = 4
    CREDITED = 5
    FUNDING = 6
    REDEMPTION = 7
    SUSPENSION = 8
    DAY_END = 9
    FX_TRADE = 10
    RECALL = 11
    REPLAN = 12
    BATCH = 20
    BATCH_ANSWER = 21
    CREDIT_LINE = 30
    CREDIT_SWAP = 31
    FX_ORDER = 50
    FX_BATCH = 51
    FX_BATCH_ANSWER = 52
    PVP = 53
    PVP_ANSWER = 54
    SET_OFF_ANSWER = 60
    RING = 70
    CYCLE = 40
    CYCLE_SCHEDULE = 41
    CYCLE_GATHER = 42
    CLEARING_RUN = 80
    CLEARING_GRACE = 81
    CLEARING_CASE = 82
    RECEIPT = 110
    DELIVERY = 111
    VOYAGE = 112
    FORWARD = 113
    TENDER = 120
    RFQ = 121
    ENERGY_MATCH = 122
    ENERGY_DEAL = 123
    AUCTION = 130
    MARKET_QUOTE = 140
    MARKET_SESSION = 141
    MARKET_CALL = 142
    MARKET_BEAT = 143
    MARKET_DUE = 144
    PRICE_FIXING = 150


class Timers:
    """The live deadlines. At most one per (kind, id): setting again moves it."""

    __slots__ = ("_heap", "_live")

    def __init__(self) -> None:
        self._live: dict[int, dict[bytes, int]] = {}  # kind -> subject -> when
        self._heap: list[tuple[int, int, bytes]] = []

    def __len__(self) -> int:
        return sum(map(len, self._live.values()))

    def set(self, at: int, kind: TimerKind, subject: bytes) -> None:
        """Let `subject` fall due at `at` (ns, exclusive); an earlier setting of the same is forgotten."""
        of_kind = self._live.get(kind)
        if of_kind is None:
            of_kind = self._live[int(kind)] = {}
        of_kind[subject] = at
        heappush(self._heap, (at, int(kind), subject))

    def cancel(self, kind: TimerKind, subject: bytes) -> None:
        """Forget a deadline; nothing happens where there is none."""
        of_kind = self._live.get(kind)
        if of_kind is not None:
            of_kind.pop(subject, None)
        if len(self._heap) > 64 and len(self._heap) > 2 * len(self):
            self._rebuild()

    def cancel_all(self, kind: TimerKind, subjects: Iterable[bytes]) -> list[object]:
        """Forget many deadlines of one kind; give what nobody names any more: to free it takes as long as all else."""
        of_kind = self._live.get(kind, {})
        shed: list[object] = list(map(of_kind.pop, subjects, repeat(None)))
        if len(self._heap) > 64 and len(self._heap) > 2 * len(self):
            shed += self._heap
            self._rebuild()
        return shed

    def at(self, kind: TimerKind, subject: bytes) -> int | None:
        """Give when `subject` falls due, or None."""
        return self._live.get(kind, {}).get(subject)

    def next_due(self) -> int | None:
        """Give the earliest live deadline, or None."""
        self._drop_stale()
        return self._heap[0][0] if self._heap else None

    def due(self, at: int, *, limit: int) -> list[tuple[int, TimerKind, bytes]]:
        """Give at most `limit` deadlines <= `at`, in order, for `take` to take each; till then they stand."""
        found: list[tuple[int, TimerKind, bytes]] = []
        while len(found) < limit:
            self._drop_stale()
            if not self._heap or self._heap[0][0] > at:
                break
            when, kind, subject = heappop(self._heap)
            one = when, TimerKind(kind), subject
            if not found or found[-1] != one:
                found.append(one)
        return found

    def take(self, at: int, kind: TimerKind, subject: bytes) -> bool:
        """Take a deadline that was due out; tell whether it still stood: another's turn may have moved or ended it."""
        of_kind = self._live.get(kind, {})
        stands = of_kind.get(subject) == at
        if stands:
            del of_kind[subject]
        return stands

    def items(self) -> Iterator[tuple[int, int, bytes]]:
        """Give all live deadlines in order: the canonical form of a snapshot."""
        yield from sorted(self._all())

    def load(self, items: list[tuple[int, int, bytes]]) -> None:
        """Replace everything by what `items` gave: the inverse of it."""
        self._live = {}
        for at, kind, subject in items:
            self._live.setdefault(kind, {})[bytes(subject)] = at
        self._rebuild()

    def _drop_stale(self) -> None:
        heap, live = self._heap, self._live
        while heap:
            when, kind, subject = heap[0]
            of_kind = live.get(kind)
            if of_kind is not None and of_kind.get(subject) == when:
                return
            heappop(heap)

    def _rebuild(self) -> None:
        self._heap = self._all()
        heapify(self._heap)

    def _all(self) -> list[tuple[int, int, bytes]]:
        return [
            (at, kind, subject) for kind, of_kind in self._live.items() for subject, at in of_kind.items()
        ]
