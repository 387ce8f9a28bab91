"""Every deadline of the domains, in one order: (at, kind, id).

A timer is data: it survives a crash, obeys a simulated clock and fires only when a recorded tick
comes. A deadline is exclusive: what arrives at it or later is late, swept or not. The engine keeps the
deadlines of its reservations itself; the Machine sweeps domains before the engine at one instant.
"""

from collections.abc import Iterable, Iterator
from enum import IntEnum, unique
from heapq import heapify, heappop, heappush


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
    TENDER = 120
    RFQ = 121
    ENERGY_MATCH = 122
    AUCTION = 130
    MARKET_QUOTE = 140
    MARKET_SESSION = 141
    MARKET_CALL = 142
    MARKET_BEAT = 143


class Timers:
    """The live deadlines. At most one per (kind, id): setting again moves it."""

    __slots__ = ("_heap", "_live")

    def __init__(self) -> None:
        self._live: dict[tuple[int, bytes], int] = {}
        self._heap: list[tuple[int, int, bytes]] = []

    def __len__(self) -> int:
        return len(self._live)

    def set(self, at: int, kind: TimerKind, subject: bytes) -> None:
        """Let `subject` fall due at `at` (ns, exclusive); an earlier setting of the same is forgotten."""
        self._live[(kind, subject)] = at
        heappush(self._heap, (at, int(kind), subject))

    def cancel(self, kind: TimerKind, subject: bytes) -> None:
        """Forget a deadline; nothing happens where there is none."""
        self._live.pop((kind, subject), None)
        if len(self._heap) > 64 and len(self._heap) > 2 * len(self._live):
            self._rebuild()

    def cancel_all(self, kind: TimerKind, subjects: Iterable[bytes]) -> None:
        """Forget many deadlines of one kind."""
        number, live = int(kind), self._live
        for subject in subjects:
            live.pop((number, subject), None)
        if len(self._heap) > 64 and len(self._heap) > 2 * len(live):
            self._rebuild()

    def at(self, kind: TimerKind, subject: bytes) -> int | None:
        """Give when `subject` falls due, or None."""
        return self._live.get((kind, subject))

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
        stands = self._live.get((kind, subject)) == at
        if stands:
            del self._live[(kind, subject)]
        return stands

    def items(self) -> Iterator[tuple[int, int, bytes]]:
        """Give all live deadlines in order: the canonical form of a snapshot."""
        yield from sorted((at, kind, subject) for (kind, subject), at in self._live.items())

    def load(self, items: list[tuple[int, int, bytes]]) -> None:
        """Replace everything by what `items` gave: the inverse of it."""
        self._live = {(kind, bytes(subject)): at for at, kind, subject in items}
        self._rebuild()

    def _drop_stale(self) -> None:
        heap, live = self._heap, self._live
        while heap and live.get((heap[0][1], heap[0][2])) != heap[0][0]:
            heappop(heap)

    def _rebuild(self) -> None:
        self._heap = [(at, int(kind), subject) for (kind, subject), at in self._live.items()]
        heapify(self._heap)
