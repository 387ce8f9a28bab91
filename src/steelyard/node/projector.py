"""The projector: keeps the tables for questions close behind the journal, in a process or on a thread.

It reads durable rows only and stores its cursor with what it wrote; killed anywhere it goes on without gap
or double. What the tables are is storage's matter; here are pace, stopping, and how the node learns how far
they are.
"""

import asyncio
import contextlib
import os
import signal
import sys
from threading import Event, Thread
from typing import TYPE_CHECKING

from steelyard.node.config import Config
from steelyard.node.logs import log, where
from steelyard.storage.database import DatabaseFault
from steelyard.storage.journal import Journal
from steelyard.storage.opening import open_journal
from steelyard.storage.projection import Projector
from steelyard.storage.queries import Reader

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
    with contextlib.suppress(OSError):
        while os.read(sys.stdin.fileno(), 4096):
            pass
    stop.set()


class Watch:
    """Tells the node's pace how far a projector in another process is."""

    def __init__(self, config: Config, node: "Node") -> None:
        self._stop = Event()
        self._loop = asyncio.get_running_loop()
        self._pace = node.sequencer.pace
        self._reader = Reader(config.address("projection"))
        self._thread = Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def end(self) -> None:
        """End the watch."""
        self._stop.set()
        self._thread.join(timeout=5)
        self._reader.close()

    def _run(self) -> None:
        last = -1
        while not self._stop.wait(WATCH_SECONDS):
            try:
                seq = self._reader.applied_seq()
            except (DatabaseFault, OSError):
                continue  # not begun yet, or gone for now: the pace holds back by itself
            if seq != last:
                last = seq
                with contextlib.suppress(RuntimeError):
                    self._loop.call_soon_threadsafe(self._pace.projected, seq)
