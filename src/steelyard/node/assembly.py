"""A node put together: stores opened, journal replayed, sequencer running, ready for gateways.

`Node.open` does everything that must be right before the first command: settings, journal and epoch, genesis,
replay, clock. What fails there is a `Stop` with its exit code and has changed nothing. `Node.close` is the
orderly end. Both are used by the process, by tests and by the demo alike.
"""

import asyncio
import os
import socket
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from steelyard.flows.world import World
from steelyard.node.checks import check_all, check_share
from steelyard.node.clock import Clock, SimulatedClock, SystemClock
from steelyard.node.config import Config, start_faults
from steelyard.node.exits import StartCheck, Stop
from steelyard.node.genesis import begin, check_genesis
from steelyard.node.health import Health
from steelyard.node.link_server import LinkServer, LocalLink
from steelyard.node.logs import log, where
from steelyard.node.metrics import Metrics
from steelyard.node.pace import Pace
from steelyard.node.recall import Counts, Known, Recall
from steelyard.node.replay import Loaded, Progress, load
from steelyard.node.sequencer import Sequencer
from steelyard.node.snapshot import Snapshots
from steelyard.node.solver import ENTRY, SolverDesk
from steelyard.packs import contracts
from steelyard.packs.calendars import PackIsBroken
from steelyard.storage.evidence import Evidence
from steelyard.storage.journal import CorruptJournal, Head, Journal, JournalError
from steelyard.storage.opening import open_evidence, open_journal
from steelyard.storage.queries import Reader

HEALTH_SECONDS = 1.0
REPLAY_COMMANDS_PER_SECOND = 20_000


class Node:
    """One node: made by `Node.open`, ended by `close`."""

    def __init__(
        self, config: Config, journal: Journal, evidence: Evidence, loaded: Loaded, head: Head, clock: Clock,
        *, on_stop: Callable[[Stop], None], known: Callable[[], Known] | None,
    ) -> None:  # fmt: skip
        loop = asyncio.get_running_loop()
        world = loaded.machine.world
        self.config = config
        self.journal = journal
        self.evidence = evidence
        self.replayed = loaded.replay
        counts = Counts(journal, head.seq, world.commands)
        self.recall = Recall(journal, counts, known, loop)
        self.sequencer = Sequencer(
            loaded.machine,
            journal,
            head,
            clock,
            evidence,
            recall=self.recall,
            pace=Pace(head.seq),
            on_stop=self._stopped,
            check=check_all if config.paranoid else None,
            commit_wait_ms_max=config.commit_wait_ms_max,
            commit_stop_ms_max=config.commit_stop_ms_max,
        )
        self.server = LinkServer(self.sequencer)
        self.snapshots = Snapshots(self.sequencer, journal, loaded.snapshot_seq, loaded.replay.commands)
        self.metrics = Metrics(self.sequencer)
        self.health = Health(
            self.sequencer, config.path(config.health_file), epoch=head.epoch,
            network_id=world.network.network_id,
        )  # fmt: skip
        self.links: list[LocalLink] = []
        self._on_stop = on_stop
        self._share = 0
        self._beats = [
            loop.call_later(HEALTH_SECONDS, self._beat),
            loop.call_later(config.sweep_s, self._sweep),
        ]
        self._loop = loop
        self.sequencer.services.update(
            health=self.health.report, metrics=self.metrics.text, snapshot=self.snapshots.ask
        )

    @classmethod
    async def open(
        cls,
        config: Config,
        *,
        on_stop: Callable[[Stop], None],
        take_over: bool = False,
        accept_gap: bool = False,
        journal: Journal | None = None,
        evidence: Evidence | None = None,
        known: Callable[[], Known] | None = None,
        clock: Clock | None = None,
        tell: Callable[[Progress], None] | None = None,
        opened: Callable[[], None] | None = None,
    ) -> "Node":
        """Open stores, replay and start the sequencer. Stores given here are used in place of the settings'.

        `opened` is called once the journal is ours, before it is replayed.
        """
        faults = start_faults(config)
        if faults:
            raise StartCheck("; ".join(faults))
        _check_packs()
        own_journal = journal or open_journal(config.address("journal"), profile=config.commit_profile)
        try:
            head = own_journal.open(_holder(), take_over=take_over)
            if opened is not None:
                opened()
            loaded, head = _load(config, own_journal, head, tell)
            chosen = clock or _clock(loaded.machine.world)
            _check_clock(config, chosen, head, accept_gap=accept_gap)
            store = evidence or open_evidence(config.address("evidence"), profile=config.commit_profile)
        except CorruptJournal as error:
            own_journal.close()
            raise Stop(error.exit_code, str(error)) from error
        except JournalError as error:
            own_journal.close()
            raise Stop(73, str(error)) from error
        except BaseException:
            own_journal.close()
            raise
        if known is None and config.projector != "off":
            known = partial(Reader, config.address("projection"))
        node = cls(config, own_journal, store, loaded, head, chosen, on_stop=on_stop, known=known)
        if config.projector == "off":
            pace = node.sequencer.pace
            node.sequencer.on_durable.append(lambda group: pace.projected(group.seq))
        if (
            node._owes_snapshot()
        ):  # so that no start takes longer than the one before, however often it is killed
            node.snapshots.ask()
        node.health.write()
        return node

    def _owes_snapshot(self) -> bool:
        """Tell whether replay from the last snapshot would take longer than the settings let it."""
        return self.snapshots.commands_since / REPLAY_COMMANDS_PER_SECOND > self.config.snapshot_after_s

    def link(self) -> LocalLink:
        """Give a link for a gateway in this process."""
        link = LocalLink(self.sequencer)
        self.links.append(link)
        return link

    def solve(self, entry: str = ENTRY) -> SolverDesk:
        """Let a solver's process propose what to settle of open batches; `entry` names what it runs."""
        desk = SolverDesk(self.config, self.sequencer, entry=entry)
        self.metrics.watch_solver(desk)
        self.health.solver = desk
        return desk

    async def listen(self, path: Path | None = None) -> None:
        """Let gateways in other processes connect."""
        await self.server.listen(path or self.config.link_path)

    async def close(self) -> None:
        """End in good order: answer what is open, write a snapshot if it is worth one, let the journal go."""
        self.server.say_stopping()
        for beat in self._beats:
            beat.cancel()
        await self.sequencer.stop()
        for link in self.links:
            await link.close()
        await self.server.close()
        if self.sequencer.stopped is None and self._owes_snapshot():
            self.snapshots.save_now(self.sequencer.watermark)
        await self.snapshots.end()
        self.recall.end()
        self.health.ended = True
        self.health.write()
        self.evidence.close()
        self.journal.close()

    def _stopped(self, stop: Stop) -> None:
        """Let everybody go who waits: nobody here will know their answer."""
        for link in self.links:
            link.lose()
        for gateway in list(self.server.gateways):
            gateway.close()
        self._on_stop(stop)

    def _beat(self) -> None:
        """Look after health once a second."""
        self._beats[0] = self._loop.call_later(HEALTH_SECONDS, self._beat)
        try:
            self.health.watch()
            self.health.write()
        except OSError as error:
            log().error("health file could not be written", why=where(error))

    def _sweep(self) -> None:
        """Check every invariant on the next share of the accounts."""
        self._beats[1] = self._loop.call_later(self.config.sweep_s, self._sweep)
        try:
            self._share = check_share(self.sequencer.machine, self._share)
            self.health.swept_at = time.monotonic()
        except Stop as stop:
            self.sequencer.fail(stop)


def _holder() -> str:
    """Name this process for whoever finds the journal held."""
    return f"{socket.gethostname()} pid {os.getpid()}"


def _check_packs() -> None:
    """Stop before anything is opened where a pack of contracts is malformed, with its file and line."""
    try:
        contracts.load_all()
    except PackIsBroken as fault:
        raise StartCheck(str(fault)) from fault


def _load(
    config: Config, journal: Journal, head: Head, tell: Callable[[Progress], None] | None
) -> tuple[Loaded, Head]:
    """Replay the journal, or begin it with row 1; the genesis file must be the one of row 1."""
    genesis = config.path(config.genesis)
    if head.seq == 0:
        machine, head = begin(journal, head, genesis)
        return Loaded(machine, head, 0, 0, Progress(1, 1, 0, 0.0)), head
    loaded = load(journal, tell=tell, check=check_all if config.paranoid else None)
    check_genesis(loaded.machine.world, genesis)
    if (loaded.head.seq, loaded.head.hash) != (head.seq, head.hash):
        raise Stop(71, f"replay ends at row {loaded.head.seq}, the journal at row {head.seq}")
    return loaded, head


def _clock(world: World) -> Clock:
    """Give the clock that row 1 fixed."""
    return SimulatedClock() if world.network.clock == "simulated" else SystemClock()


def _check_clock(config: Config, clock: Clock, head: Head, *, accept_gap: bool) -> None:
    """Start the clock behind the head; too far ahead of it is refused unless accepted."""
    clock.start(head.time_last)
    most = config.start_gap_ns_max
    gap = clock.now() - head.time_last
    if most is not None and gap > most and not accept_gap:
        raise StartCheck(
            f"the clock is {gap / 3.6e12:.1f} h ahead of the last row, more than start_gap_s_max allows: time"
            " never goes back and every deadline in between falls due at once; start with --accept-gap if so it is"
        )
