"""A machine with its journal and a clock that goes by seconds: what a simulated network talks to.

The solver answers at the instant after it was asked; where there is none, the machine does what it can itself.
"""

import msgspec

from steelyard.flows import batch_snapshot, cycle_plan
from steelyard.flows.batch import AgainFields
from steelyard.flows.command import NO_FIELDS, Code, Command
from steelyard.flows.machine import Applied, Machine
from steelyard.flows.world import World
from steelyard.liquidity.batches import Batch as OpenBatch
from steelyard.liquidity.cycles import KIND, Cycle
from steelyard.liquidity.fx_snapshot import BatchSnapshot
from steelyard.liquidity.order_book import FX_KINDS
from steelyard.liquidity.snapshot import CycleSnapshot
from steelyard.node import own
from steelyard.node.group import Group
from steelyard.sim import plans
from steelyard.sim.demo.founding import OPERATOR, Scribe
from steelyard.storage.journal import Head, Journal, next_row
from steelyard.values.instants import SECOND

ROW_COMMANDS = 500
STEP = 1_000
"""What the clock moves on between two commands of one second, in nanoseconds."""


class Desk:
    """A machine with its journal and clock: takes commands at times, gives ticks, answers for the solver."""

    def __init__(self, journal: Journal, begins_at: int, *, solves: bool) -> None:
        self.machine = Machine()
        self.journal = journal
        self.head: Head = journal.open("simulation")
        self.group = Group(self.head.seq + 1)
        self.at = begins_at
        self.scribe = Scribe("simulation", begins_at)
        self.commands = 0
        self.facts: list[tuple[int, msgspec.Raw]] = []
        self.asked: list[tuple[str, bytes, BatchSnapshot | CycleSnapshot | None]] = []
        self.solves = solves
        self.answers = False
        self.machine.world.on_batch = self._ask
        self.machine.world.on_cycle = self._ask_of_cycle

    def _ask(self, world: World, batch: OpenBatch) -> None:
        """Take the question of a batch; exchange is always the solver's, the rest where it is wanted."""
        if self.answers:
            solved = self.solves or batch.kind in FX_KINDS
            snapshot = batch_snapshot.of(world, batch, world.now) if solved else None
            self.asked.append((batch.kind, batch.batch_id, snapshot))

    def _ask_of_cycle(self, world: World, cycle: Cycle) -> None:
        """Take the question of a cycle; where no solver is wanted the machine plans by itself when its time is over."""
        if self.solves:
            snapshot = batch_snapshot.of(world, cycle_plan.question(cycle), world.now)
            self.asked.append((KIND, cycle.cycle_id, snapshot))

    def give(self, command: Command, *, at: int = 0) -> Applied:
        """Apply a command at a time, or as soon as may be, and write it down; then what it asks of the solver."""
        applied = self._apply(command, at)
        while self.asked:
            self._propose(*self.asked.pop(0))
        return applied

    def _apply(self, command: Command, at: int) -> Applied:
        self.at = max(self.at + STEP, at)
        stamped = Command(
            command.name, command.version, command.id, command.sender, command.actor, self.at, command.fields,
            command.added, command.nonce,
        )  # fmt: skip
        applied = self.machine.apply(stamped, at=self.at)
        if applied.recorded:
            self.group.record(stamped, applied)
            self.commands += 1
            if self.group.count >= ROW_COMMANDS:
                self.seal()
        at_now = self.at
        self.facts.extend((at_now, fact) for fact in applied.outcome.facts)
        return applied

    def _propose(self, kind: str, batch_id: bytes, snapshot: BatchSnapshot | CycleSnapshot | None) -> None:
        """Answer for the solver; where there is none, let the machine do what it can at once."""
        self.scribe.at = self.at
        fx = kind in FX_KINDS
        again = own.FX_AGAIN if fx else own.AGAIN
        body = self.scribe.one(OPERATOR, "node", again, AgainFields(batch_id))
        if snapshot is None:
            self._apply(body, 0)
            return
        from steelyard.solve.propose import propose

        fields = propose(batch_id, snapshot, solver=plans.solver())
        name = own.CYCLE_PROPOSE if kind == KIND else own.FX_PROPOSE if fx else own.PROPOSE
        made = Command(name, 1, body.id, OPERATOR, "node", 0, fields, NO_FIELDS, body.nonce)
        if self._apply(made, 0).outcome.code != Code.DONE and kind != KIND:
            self._apply(self.scribe.one(OPERATOR, "node", again, AgainFields(batch_id)), 0)

    def tick_until(self, at: int, *, step: int = SECOND) -> None:
        """Let everything happen that is due up to a time; the day's clock goes by seconds unless told otherwise."""
        while (due := self.machine.next_due()) is not None and due <= at:
            turn = -(-due // step) * step
            self.scribe.at = max(turn, self.at)
            body = self.scribe.one(OPERATOR, "node", "tick", ())
            tick = Command("tick", 1, body.id, OPERATOR, "node", 0, NO_FIELDS, NO_FIELDS, body.nonce)
            self.give(tick, at=turn)

    def seal(self) -> None:
        """Put the row in the making into the journal."""
        if self.group.count:
            row = next_row(
                self.head, time_first=self.group.time_first, time_last=self.group.time_last,
                count=self.group.count, body=self.group.writer.body(),
            )  # fmt: skip
            self.journal.append(row)
            self.head = Head(row.seq, row.hash, row.epoch, row.time_last)
            self.group = Group(row.seq + 1)
