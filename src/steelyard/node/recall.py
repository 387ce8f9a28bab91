"""What was answered before: the outcome of a repeat, found again in the journal.

The id window of the state keeps for each id the running number of its command. Rows are found by number
from counts per row, which are kept for all rows since the start and read backwards for older ones when they
are first asked for. An id older than the window is looked up in the projection: found, its outcome is given;
not found in a projection that holds every row which could hold it, the refusal 11 is certain; else nobody
knows yet, and the answer is UNKNOWN.

All of this reads disks, so it runs on a thread of its own.
"""

import asyncio
import time
from bisect import bisect_left, bisect_right
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Protocol

from steelyard.engine.refusals import Refusal
from steelyard.flows.command import decode_command
from steelyard.node.lanes import Waiting
from steelyard.node.link import UNKNOWN, Answer, End
from steelyard.node.logs import log, where
from steelyard.storage.frames import Act, iter_acts
from steelyard.storage.journal import Journal

BACK_ROWS = 64
ROWS_KEPT = 16
ROW_BYTES_KEPT = 4 * 1024 * 1024
PROJECTION_WAIT_SECONDS = 2.0

Done = Callable[[Waiting, Answer], None]


class Known(Protocol):
    """What is asked of the projection."""

    def applied_seq(self) -> int:
        """Give the last row it holds."""

    def command_place(self, command_id: bytes) -> tuple[int, int] | None:
        """Give (seq, position) of the first command or batch of that id, or None."""


class Counts:
    """Which row holds the command of a running number. Counts of old rows are read when first needed."""

    def __init__(self, journal: Journal, seq: int, commands: int) -> None:
        self._journal = journal
        self._base_seq = seq  # the row after which `_ends` begins
        self._base = commands
        self._ends: list[int] = []  # running number of the last command of row base + 1, + 2, ...
        self._older: list[int] = []  # running number of the last command of row base, base - 1, ...
        self._older_begins = commands  # the number before the first command of the oldest row read

    def add(self, seq: int, count: int) -> None:
        """Count a row that follows the last."""
        if seq != self._base_seq + len(self._ends) + 1:
            raise ValueError(f"row {seq} does not follow")
        self._ends.append((self._ends[-1] if self._ends else self._base) + count)

    def place(self, number: int) -> tuple[int, int]:
        """Give (seq, position) of a command by its running number from 1."""
        if number > self._base:
            index = bisect_left(self._ends, number)
            before = self._ends[index - 1] if index else self._base
            return self._base_seq + 1 + index, number - before - 1
        while number <= self._older_begins:
            self._read_back()
        index = bisect_right(self._older, -number, key=lambda end: -end) - 1
        begins = self._older[index + 1] if index + 1 < len(self._older) else self._older_begins
        return self._base_seq - index, number - begins - 1

    def _read_back(self) -> None:
        """Read the counts of the rows just before the oldest known."""
        last = self._base_seq - len(self._older)
        first = max(last - BACK_ROWS, 0)
        counts: list[int] = []
        while first + len(counts) < last:
            rows = self._journal.read(first + len(counts), limit=last - first - len(counts))
            counts += [row.count for row in rows]
            if not rows:
                raise ValueError(f"row {first + len(counts) + 1} is not there")
        for count in reversed(counts):
            self._older.append(self._older_begins)
            self._older_begins -= count


class Recall:
    """Answers repeats, on a thread of its own."""

    def __init__(
        self,
        journal: Journal,
        counts: Counts,
        known: Callable[[], Known] | None,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self._journal = journal
        self._counts = counts
        self._open_known = known
        self._loop = loop
        self._rows: dict[int, list[Act]] = {}
        self._queue: SimpleQueue[tuple[Waiting, int, int, Done] | None] = SimpleQueue()
        self._asked = 0
        self._thread = Thread(target=self._run, name="recall", daemon=True)
        self._thread.start()

    @property
    def busy(self) -> bool:
        """Tell whether somebody waits for an answer."""
        return self._asked > 0

    def committed(self, seq: int, count: int) -> None:
        """Count a row that is durable now."""
        self._counts.add(seq, count)

    def ask(self, item: Waiting, number: int, *, seq: int, done: Done) -> None:
        """Find what command `number` gave; number 0: look the id up, `seq` being the last row that may hold it."""
        self._asked += 1
        self._queue.put((item, number, seq, done))

    def end(self) -> None:
        """Let the thread end."""
        self._queue.put(None)
        self._thread.join(timeout=5)

    def _run(self) -> None:
        known = None
        while (work := self._queue.get()) is not None:
            item, number, seq, done = work
            try:
                if number:
                    answer = self._stored(*self._counts.place(number))
                else:
                    known = known or (self._open_known() if self._open_known else None)
                    answer = self._by_id(item.command.id, seq, known)
            except Exception as error:  # whatever could not be read: the same bytes may be sent again
                log().error("stored outcome could not be read", seq=seq, why=where(error))
                answer = UNKNOWN
            try:
                self._loop.call_soon_threadsafe(self._give, done, item, answer)
            except RuntimeError:
                return

    def _give(self, done: Done, item: Waiting, answer: Answer) -> None:
        self._asked -= 1
        done(item, answer)

    def _by_id(self, command_id: bytes, seq: int, known: Known | None) -> Answer:
        """Look an id up in the projection, waiting for it a little where it is behind."""
        if known is None:
            return UNKNOWN
        until = time.monotonic() + PROJECTION_WAIT_SECONDS
        while True:
            applied = known.applied_seq()
            place = known.command_place(command_id)
            if place is not None:
                return self._stored(*place)
            if applied >= seq:
                return Answer(End.TURNED_AWAY, refusal=Refusal.ID_IS_TOO_OLD.code)
            if time.monotonic() > until:
                return UNKNOWN
            time.sleep(0.02)

    def _stored(self, seq: int, position: int) -> Answer:
        """Give the outcome that stands at a place of the journal."""
        act = self._acts(seq)[position]
        at = decode_command(act.command).at_ns
        outcome, packed = bytes(act.outcome), bytes(act.packed_outcomes)
        return Answer(End.RECORDED, seq, position, at, outcome, replayed=True, packed=packed)

    def _acts(self, seq: int) -> list[Act]:
        """Give a row cut into its acts; the last few stay at hand."""
        found = self._rows.get(seq)
        if found is None:
            row = self._journal.read(seq - 1, limit=1)[0]
            found = list(iter_acts(row.body))
            if len(row.body) <= ROW_BYTES_KEPT:
                self._rows[seq] = found
            if len(self._rows) > ROWS_KEPT:
                del self._rows[next(iter(self._rows))]
        return found
