"""Which settled payments still lack their creditor agent's report that the payee was credited.

The clock of a settled payment changes nothing about its money; it only shows who is late. So no payment
gets a timer of its own: per service the settled ones stand in one line, and because all of a service have the
same clock, the line is in order of due time. Due times are rounded up to `GRAIN`, so that one tick sees many.
"""

from collections import deque
from collections.abc import Sequence

import msgspec
from msgspec import Struct

from steelyard.values.instants import MINUTE, SECOND, Instant

GRAIN = (MINUTE, SECOND)
"""By service: STANDARD, INSTANT."""


class Tracker:
    """The lines of both services, oldest first."""

    __slots__ = ("_lines",)

    def __init__(self) -> None:
        self._lines: tuple[deque[tuple[Instant, bytes]], ...] = (deque(), deque())

    def put(self, service: int, due_at: Instant, uetr: bytes) -> bool:
        """Expect a report by `due_at`, rounded up; tell whether the line was empty before."""
        line, grain = self._lines[service], GRAIN[service]
        due_at = -(-due_at // grain) * grain
        if line and due_at < line[-1][0]:
            due_at = line[-1][0]  # a clock was shortened: the line stays in order
        line.append((due_at, uetr))
        return len(line) == 1

    def put_all(self, service: int, due_at: Instant, uetrs: Sequence[bytes]) -> bool:
        """Expect reports of many by the same instant; tell whether the line was empty before."""
        line = self._lines[service]
        empty = not line
        if uetrs:
            self.put(service, due_at, uetrs[0])
            due_at = line[-1][0]
            line.extend((due_at, uetr) for uetr in uetrs[1:])
        return empty and bool(uetrs)

    def next_due(self, service: int) -> Instant | None:
        """Give when the first of a line is due, or None."""
        line = self._lines[service]
        return line[0][0] if line else None

    def pop_due(self, service: int, at: Instant, *, limit: int) -> list[bytes]:
        """Take out at most `limit` that are due at `at` or before."""
        line = self._lines[service]
        due: list[bytes] = []
        while line and line[0][0] <= at and len(due) < limit:
            due.append(line.popleft()[1])
        return due

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return msgspec.msgpack.encode(
            [_Line([at for at, _ in line], [uetr for _, uetr in line]) for line in self._lines]
        )

    def load(self, data: bytes) -> None:
        """Replace everything by what `encode` described."""
        saved = msgspec.msgpack.decode(data, type=list[_Line])
        self._lines = tuple(deque(zip(line.due, line.uetrs, strict=True)) for line in saved)


class _Line(Struct, array_like=True, frozen=True, gc=False):
    due: list[Instant]
    uetrs: list[bytes]
