"""The node's side of the solver: snapshots go out right after the command that asked, proposals come back in.

The solver is a process beside the node, started at the first batch. Nothing depends on it: one that dies, hangs or
answers nonsense only means that a batch is settled by the machine itself when its time is over. Every proposal is
checked by the machine as if it came from an enemy; one that is refused is asked for again. In a replay nobody
takes snapshots, so no solver is ever asked about the past.

With `in_step` the node takes nothing from anybody while a batch waits for its proposal, and takes its snapshot
when everything that was due has happened. So the same commands give the same journal, wherever the node was killed
on the way: what a simulated day is compared by.
"""

import asyncio
import contextlib
import socket
import subprocess
import sys
import time
from collections import OrderedDict
from dataclasses import replace

import msgspec
from msgspec import Raw

from steelyard.flows import batch_snapshot, cycle_plan, energy_question, tender_question
from steelyard.flows.command import Code, encode
from steelyard.flows.held_queues import HeldQueues
from steelyard.flows.machine import Applied
from steelyard.flows.world import World
from steelyard.liquidity.batches import Batch
from steelyard.liquidity.claims import SET_OFF, ClaimsSnapshot, pack_claims
from steelyard.liquidity.cycles import KIND, Cycle
from steelyard.liquidity.fx_snapshot import FxSnapshot, pack_fx
from steelyard.liquidity.order_book import FX_KINDS
from steelyard.liquidity.pvp_book import PVP
from steelyard.liquidity.pvp_snapshot import PvpSnapshot, pack_pvp
from steelyard.liquidity.snapshot import pack, pack_any
from steelyard.market.energy.asks import KIND as MATCH
from steelyard.market.energy.asks import MatchAsk
from steelyard.market.tenders import KIND as TENDER
from steelyard.market.tenders import TenderCase
from steelyard.node import own
from steelyard.node.child import encode_config
from steelyard.node.config import Config
from steelyard.node.logs import log, where
from steelyard.node.sequencer import Sequencer

ENTRY = "steelyard.solve.worker:serve"
SECONDS_MAX = 20.0
"""How long a solver may work on one batch; past it, it is killed."""
FRAME_MAX = 16 << 20
"""Proposals above this are not handed in, nor those above `most_bytes` of their question."""
SPARE_BYTES, TIMES = 1 << 20, 2
PAUSE_SECONDS = 1.0
"""How long after a death at least until the next start."""


Asked = batch_snapshot.Sent
ONCE = (KIND, TENDER, MATCH)
"""What is asked once: it goes on by itself where its answer is refused."""


def most_bytes(question: int) -> int:
    """Give how long the answer to a question of so many bytes may be.

    A proposal with its proofs has not been seen longer than its snapshot, but where that is a few hundred bytes.
    What is refused stays in the journal, since a replay has to refuse it too: so a solver that lies about a short
    queue fills no disk.

    >>> most_bytes(0), most_bytes(100 << 20) == FRAME_MAX
    (1048576, True)
    """
    return min(FRAME_MAX, SPARE_BYTES + TIMES * question)


class SolverDesk:
    """Takes snapshots of open batches and hands in what the solver proposes for them, one batch at a time."""

    def __init__(self, config: Config, sequencer: Sequencer, *, entry: str = ENTRY) -> None:
        self.starts = 0
        self.answers = 0
        self.failures = 0
        self.last_ms = 0.0
        self.pause_ms = 0.0
        self._config = config
        self._entry = entry
        self._sequencer = sequencer
        self._waiting: OrderedDict[bytes, tuple[str, Asked]] = OrderedDict()
        self._held: dict[bytes, Batch] = {}
        self._turn = b""
        self._in_step = config.solver == "in_step"
        self._something = asyncio.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._started_at = -PAUSE_SECONDS
        self._task = asyncio.ensure_future(self._run())
        world = sequencer.machine.world
        world.on_batch = self._hold if self._in_step else self._take
        world.on_cycle = self._ask_of
        world.on_tender = self._ask_of_tender
        world.on_match = self._ask_of_match
        if self._in_step:
            sequencer.step = self
        for batch in batch_snapshot.each_open(world):  # their snapshots went with the process that took them
            if self._in_step:
                self._hold(world, batch)
            elif batch.kind in ONCE:
                self._take(world, batch)
            else:
                self._again(batch.batch_id)

    @property
    def state(self) -> str:
        """Say how it is: idle, at work, or not started."""
        if self._process is None or self._process.poll() is not None:
            return "not started"
        return "working" if self._waiting else "idle"

    @property
    def pid(self) -> int:
        """Give the process id, 0 where none runs."""
        return self._process.pid if self.state != "not started" and self._process is not None else 0

    async def end(self) -> None:
        """Stop working; a batch that is open stays so in the journal."""
        self._sequencer.machine.world.on_batch = None
        self._sequencer.machine.world.on_cycle = None
        self._sequencer.machine.world.on_tender = None
        self._sequencer.machine.world.on_match = None
        self._sequencer.step = None
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
        self._kill()

    @property
    def waits(self) -> bool:
        """Tell whether, in step, a batch waits for its proposal."""
        return bool(self._held)

    def stand(self) -> None:
        """Take the snapshot of the batch that began first, if it has none yet."""
        if self._turn not in self._held:
            batch = min(self._held.values(), key=lambda one: (one.number, one.batch_id))
            self._turn = batch.batch_id
            self._take(self._sequencer.machine.world, batch)

    def _hold(self, world: World, batch: Batch) -> None:
        """Let the node wait for a batch, whose snapshot is taken when its turn comes."""
        self._held[batch.batch_id] = batch
        if self._turn == batch.batch_id:
            self._turn = b""

    def _let_go(self, batch_id: bytes) -> None:
        """Let the node go on: a batch is decided, or the solver has nothing to say of it."""
        if self._held.pop(batch_id, None) is not None:
            self._sequencer.go_on()

    def _ask_of(self, world: World, cycle: Cycle) -> None:
        """Let a netting cycle be planned; one that gets no plan makes its own when its time is over."""
        question = cycle_plan.question(cycle)
        if self._in_step:
            self._hold(world, question)
        else:
            self._take(world, question)

    def _ask_of_tender(self, world: World, case: TenderCase) -> None:
        """Let a tender be evaluated; the machine does it itself where no answer comes in time."""
        question = tender_question.question(case)
        if self._in_step:
            self._hold(world, question)
        else:
            self._take(world, question)

    def _ask_of_match(self, world: World, asked: MatchAsk) -> None:
        """Let a network be matched; where no answer comes in time the question ends."""
        question = energy_question.question(asked)
        if self._in_step:
            self._hold(world, question)
        else:
            self._take(world, question)

    def _take(self, world: World, batch: Batch) -> None:
        """Take the snapshot of a batch; called between two commands."""
        begun = time.perf_counter()
        snapshot = batch_snapshot.to_send(world, batch, world.now)
        self._waiting[batch.batch_id] = batch.kind, replace(snapshot, seq=batch.snapshot_seq)
        self._waiting.move_to_end(batch.batch_id)
        self.pause_ms = (time.perf_counter() - begun) * 1000
        self._something.set()

    async def _run(self) -> None:
        while True:
            await self._something.wait()
            while self._waiting:
                batch_id, (kind, snapshot) = next(iter(self._waiting.items()))
                handed_in = False
                try:
                    handed_in = await self._work(batch_id, kind, snapshot)
                except Exception as error:  # whatever an answer brings about, the next batch is asked for
                    self.failures += 1
                    log().error("solver failed", why=where(error))
                    self._kill()
                if self._waiting.get(batch_id, (kind, None))[1] is snapshot:
                    self._waiting.pop(batch_id, None)
                if not handed_in:
                    self._let_go(batch_id)
            self._something.clear()

    async def _work(self, batch_id: bytes, kind: str, snapshot: Asked) -> bool:
        """Let the solver work on one snapshot and hand in what it proposes; False where that is nothing."""
        if batch_snapshot.find(self._sequencer.machine.world, batch_id) is None:
            return False
        packed = await asyncio.to_thread(_pack, snapshot)
        line = await self._started()
        begun = time.monotonic()
        answer = await asyncio.wait_for(self._exchange(line, encode((batch_id, kind, packed))), SECONDS_MAX)
        self.last_ms = (time.monotonic() - begun) * 1000
        named, fields, words = msgspec.msgpack.decode(answer, type=tuple[bytes, Raw, str])
        if named != batch_id:
            raise ValueError("the solver answers another batch than it was asked about")
        if words:
            self.failures += 1
            log().error("solver gave no proposal", why=words[:200])
            return False
        self.answers += 1
        self._sequencer.give(_proposes(kind), bytes(fields), lambda applied: self._told(batch_id, applied))
        return True

    def _told(self, batch_id: bytes, applied: Applied) -> None:
        """Ask again where a proposal was refused; the machine counts how often."""
        if applied.recorded and applied.outcome.code == Code.DONE:
            self._let_go(batch_id)
            return
        self.failures += 1
        refusal = applied.outcome.refusal or (applied.refusal.code if applied.refusal else 0)
        log().warning("proposal refused", code=refusal)
        self._again(batch_id)

    def _again(self, batch_id: bytes) -> None:
        found = batch_snapshot.find(self._sequencer.machine.world, batch_id)
        if found is None or found.kind in ONCE:
            self._let_go(batch_id)
        else:
            self._sequencer.give(
                _asks_again(found.kind), encode((batch_id,)), lambda applied: self._asked(batch_id)
            )

    def _asked(self, batch_id: bytes) -> None:
        """Let go of a batch that the machine has closed itself instead of asking once more."""
        if batch_snapshot.find(self._sequencer.machine.world, batch_id) is None:
            self._let_go(batch_id)

    async def _exchange(self, line: socket.socket, content: bytes) -> bytes:
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(line, len(content).to_bytes(4, "big") + content)
        size = int.from_bytes(await _exactly(line, 4), "big")
        if size > most_bytes(len(content)):
            raise ValueError(f"a proposal of {size} bytes for a question of {len(content)}")
        return await _exactly(line, size)

    async def _started(self) -> socket.socket:
        """Give the line to the solver's process, which is started if none runs."""
        if self._line is not None and self._process is not None and self._process.poll() is None:
            return self._line
        self._kill()
        await asyncio.sleep(max(0.0, self._started_at + PAUSE_SECONDS - time.monotonic()))
        ours, theirs = socket.socketpair()
        with theirs:
            command = [
                sys.executable,
                "-m",
                "steelyard.node.child",
                "solver",
                "0",
                self._entry,
                str(theirs.fileno()),
            ]
            self._process = subprocess.Popen(
                command, stdin=subprocess.PIPE, pass_fds=[theirs.fileno()], bufsize=0
            )
        assert self._process.stdin is not None
        self._process.stdin.write(encode_config(self._config))
        ours.setblocking(False)
        self._line, self._started_at = ours, time.monotonic()
        self.starts += 1
        return ours

    def _kill(self) -> None:
        """End the solver's process, whatever it does."""
        if self._line is not None:
            self._line.close()
            self._line = None
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(OSError):
                process.kill()
            process.wait()
            if process.stdin is not None:
                process.stdin.close()


def _proposes(kind: str) -> str:
    """Give the command by which what was found for a batch of a kind is proposed."""
    if kind in FX_KINDS:
        return own.FX_PROPOSE
    if kind == PVP:
        return own.PVP_PROPOSE
    return {
        KIND: own.CYCLE_PROPOSE,
        TENDER: own.TENDER_PROPOSE,
        MATCH: own.ENERGY_PROPOSE,
        SET_OFF: own.SET_OFF_PROPOSE,
    }.get(kind, own.PROPOSE)


def _asks_again(kind: str) -> str:
    """Give the command by which a batch of a kind is asked for once more."""
    if kind == PVP:
        return own.PVP_AGAIN
    return own.FX_AGAIN if kind in FX_KINDS else own.SET_OFF_AGAIN if kind == SET_OFF else own.AGAIN


def _pack(snapshot: Asked) -> bytes:
    if isinstance(snapshot, tender_question.TenderSnapshot):
        return tender_question.pack(snapshot)
    if isinstance(snapshot, energy_question.MatchSnapshot):
        return energy_question.pack(snapshot)
    if isinstance(snapshot, HeldQueues):
        return pack(snapshot.packed())
    if isinstance(snapshot, ClaimsSnapshot):
        return pack_claims(snapshot)
    if isinstance(snapshot, FxSnapshot):
        return pack_fx(snapshot)
    if isinstance(snapshot, PvpSnapshot):
        return pack_pvp(snapshot)
    return pack_any(snapshot)


async def _exactly(line: socket.socket, size: int) -> bytes:
    """Read so many bytes; EOFError where the stream ends before."""
    loop, parts = asyncio.get_running_loop(), bytearray()
    while len(parts) < size:
        part = await loop.sock_recv(line, min(size - len(parts), 1 << 20))
        if not part:
            raise EOFError("the solver's process has ended")
        parts += part
    return bytes(parts)
