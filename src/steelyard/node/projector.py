"""The projector: keeps the tables for questions close behind the journal, in a process or on a thread.

It reads durable rows only and stores its cursor with what it wrote; killed anywhere it goes on without gap
or double. What the tables are is storage's matter; here are pace, stopping, and how the node learns how far
they are.
"""

import asyncio
import contextlib
import signal
import sys
from threading import Event, Thread
from typing import TYPE_CHECKING

from steelyard.node.config import Config
from steelyard.node.logs import log, where
from steelyard.storage.database import DatabaseFault, PostgresDatabase, SqliteDatabase
from steelyard.storage.generations import Generations
from steelyard.storage.journal import Journal
from steelyard.storage.leg_rows import ROW_BITS
from steelyard.storage.opening import open_journal
from steelyard.storage.projection import Projector

if TYPE_CHECKING:
    from collections.abc import Callable

    from steelyard.node.assembly import Node

IDLE_SECONDS_MIN, IDLE_SECONDS_MAX = 0.02, 0.1
WATCH_SECONDS = 0.25
TROUBLE_SECONDS = 1.0


def follow(
    projector: Projector, journal: Journal, stop: Event, *, wake: Event | None = None,
    tell: "Callable[[int], None] | None" = None,
) -> None:  # fmt: skip
    """Project what is there and what comes, until `stop` is set.

    A database that cannot write for now (full, gone) is tried again once a second: nothing is lost, and the
    sequencer holds back by itself. `wake` cuts an idle wait short.
    """
    idle = IDLE_SECONDS_MIN
    while not stop.is_set():
        try:
            taken = projector.take(journal)
        except (DatabaseFault, OSError) as error:
            log().error("projection cannot be written", why=where(error))
            stop.wait(TROUBLE_SECONDS)
            continue
        if taken:
            idle = IDLE_SECONDS_MIN
            if tell is not None:
                tell(projector.applied_seq)
        elif wake is not None:
            wake.wait(IDLE_SECONDS_MAX)
            wake.clear()
        else:
            stop.wait(idle)
            idle = min(idle * 1.5, IDLE_SECONDS_MAX)


class ProjectorThread:
    """The projector on a thread of the node's own process, woken by every durable row."""

    def __init__(self, config: Config, node: "Node") -> None:
        self._stop, self._wake = Event(), Event()
        self._projector = Projector(config.address("projection"))
        self._loop = asyncio.get_running_loop()
        self._pace = node.sequencer.pace
        self._pace.projected(self._projector.applied_seq)
        node.sequencer.on_durable.append(lambda group: self._wake.set())
        self._thread = Thread(target=self._run, args=(node.journal,), name="projector", daemon=True)
        self._thread.start()

    @property
    def applied_seq(self) -> int:
        """The last row that the tables hold."""
        return self._projector.applied_seq

    def end(self) -> None:
        """End after the transaction under way."""
        self._stop.set()
        self._wake.set()
        self._thread.join(timeout=10)
        self._projector.close()

    def _run(self, journal: Journal) -> None:
        follow(self._projector, journal, self._stop, wake=self._wake, tell=self._tell)

    def _tell(self, seq: int) -> None:
        with contextlib.suppress(RuntimeError):  # the loop may have been closed
            self._loop.call_soon_threadsafe(self._pace.projected, seq)


def run_process(config: Config) -> None:
    """Run as a process of its own until told to stop, or until the node that started it has gone."""
    stop = Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the node hears it too and tells us by SIGTERM
    Thread(target=_lifeline, args=(stop,), daemon=True).start()
    journal = open_journal(config.address("journal"), profile=config.commit_profile)
    projector = Projector(config.address("projection"))
    try:
        follow(projector, journal, stop)
    finally:
        projector.close()
        journal.close()


def _lifeline(stop: Event) -> None:
    """Set `stop` when standard input ends."""
    sys.stdin.buffer.read()
    stop.set()


class Follower:
    """A look at the serving tables: how far they are, and where a command of an id stands."""

    def __init__(self, address: str) -> None:
        self._generations = Generations(address)
        self._generation = 0
        self._tables: SqliteDatabase | PostgresDatabase | None = None

    def applied_seq(self) -> int:
        """Give the last row that the serving tables hold; 0 where there are none yet."""
        try:
            found = self._serving().one("SELECT seq FROM cursor WHERE id = 1")
        except (DatabaseFault, OSError):
            return 0
        return int(found[0]) if found else 0

    def command_place(self, command_id: bytes) -> tuple[int, int] | None:
        """Give (seq, position) of the first command of that id, or None."""
        found = self._serving().one("SELECT min(key) FROM command WHERE id = ?", (command_id,))
        if found is None or found[0] is None:
            return None
        return int(found[0]) >> ROW_BITS, int(found[0]) & ((1 << ROW_BITS) - 1)

    def close(self) -> None:
        """Close the tables."""
        if self._tables is not None:
            self._tables.close()
        self._generations.close()

    def _serving(self) -> SqliteDatabase | PostgresDatabase:
        now = self._generations.current()
        if self._tables is None or now != self._generation:
            if self._tables is not None:
                self._tables.close()
            self._tables, self._generation = self._generations.open(now, read_only=True), now
        return self._tables


class Watch:
    """Tells the node's pace how far a projector in another process is."""

    def __init__(self, config: Config, node: "Node") -> None:
        self._stop = Event()
        self._loop = asyncio.get_running_loop()
        self._pace = node.sequencer.pace
        self._follower = Follower(config.address("projection"))
        self._thread = Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """End the watch."""
        self._stop.set()
        self._thread.join(timeout=5)
        self._follower.close()

    def _run(self) -> None:
        last = -1
        while not self._stop.wait(WATCH_SECONDS):
            seq = self._follower.applied_seq()
            if seq != last:
                last = seq
                with contextlib.suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._pace.projected, seq)
