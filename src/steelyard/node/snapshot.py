"""Snapshots: the whole state after a row, so that a start need not replay everything.

Sections are encoded between two groups, on the sequencer's loop, and saved on a thread once their row is
durable. The state hash is over the sections before compression: two nodes at one row have the same.
"""

import asyncio
import time

from steelyard.flows.machine import Machine
from steelyard.flows.rules import RULES
from steelyard.flows.world import World
from steelyard.node.exits import StartCheck
from steelyard.node.group import Group
from steelyard.node.logs import log, where
from steelyard.node.sequencer import Sequencer
from steelyard.storage.journal import Journal, Snapshot, sections_hash


def take(world: World, seq: int) -> Snapshot:
    """Give the snapshot of a state that stands after row `seq`."""
    sections = tuple(world.sections())
    return Snapshot(seq, sections_hash(sections), sections)


def restore(snapshot: Snapshot) -> Machine:
    """Build the Machine that stood after the snapshot's row."""
    return Machine(World.decode(dict(snapshot.sections)))


def check_rules(world: World) -> None:
    """Raise StartCheck where the journal has activated a rule that this release does not know."""
    unknown = [name for name in world.rules.names() if name not in RULES]
    if unknown:
        raise StartCheck(f"the journal activates rules this release does not know: {', '.join(unknown)}")


class Snapshots:
    """Takes snapshots of a running sequencer: between two groups, kept once their row is durable."""

    def __init__(self, sequencer: Sequencer, journal: Journal, last_seq: int, commands_since: int) -> None:
        self.last_seq = last_seq
        self.commands_since = commands_since
        self.pause_ms = 0.0
        self._sequencer = sequencer
        self._journal = journal
        self._loop = asyncio.get_running_loop()
        self._taken: Snapshot | None = None
        self._asked: list[asyncio.Future[int]] = []
        self._saving: asyncio.Future[None] | None = None
        sequencer.on_durable.append(self._on_durable)

    def ask(self) -> "asyncio.Future[int]":
        """Take one at the next boundary; the future gives its seq once it is kept."""
        future: asyncio.Future[int] = self._loop.create_future()
        self._asked.append(future)
        if len(self._asked) == 1 and self._taken is None:
            self._sequencer.at_boundary(self._take)
        return future

    def save_now(self, seq: int) -> None:
        """Take and keep one at once, at the end of a sequencer that has come to rest."""
        self._taken = self._take_at(seq)
        self._keep()

    async def end(self) -> None:
        """Wait until what is being kept is kept."""
        if self._saving is not None:
            await asyncio.wait([self._saving])

    def _take_at(self, seq: int) -> Snapshot:
        begun = time.perf_counter()
        snapshot = take(self._sequencer.machine.world, seq)
        self.pause_ms = (time.perf_counter() - begun) * 1000
        return snapshot

    def _take(self, seq: int) -> None:
        self._taken = self._take_at(seq)
        self.commands_since = 0
        if self._sequencer.watermark >= seq:
            self._keep()

    def _on_durable(self, group: Group) -> None:
        self.commands_since += group.count
        if self._taken is not None and group.seq >= self._taken.seq:
            self._keep()
        if group.day_ended and not self._asked:
            self.ask()

    def _keep(self) -> None:
        """Save on a thread what was taken, if nothing is being saved."""
        if self._saving is not None or self._taken is None:
            return
        snapshot, self._taken = self._taken, None
        asked, self._asked = self._asked, []
        saving = self._loop.run_in_executor(None, self._journal.save_snapshot, snapshot)
        self._saving = asyncio.ensure_future(saving)
        self._saving.add_done_callback(lambda done: self._kept(done, snapshot.seq, asked))

    def _kept(self, done: "asyncio.Future[None]", seq: int, asked: "list[asyncio.Future[int]]") -> None:
        self._saving = None
        error = done.exception()
        if error is None:
            self.last_seq = seq
        for future in asked:
            if future.done():
                continue
            if error is None:
                future.set_result(seq)
            else:
                future.set_exception(error)
                future.exception()
        if error is not None:
            log().error("snapshot could not be kept", seq=seq, why=where(error))
        if self._asked:
            self._sequencer.at_boundary(self._take)
        self._keep()
