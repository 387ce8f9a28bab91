"""A day through the real thing: the node's state machine, its commands and journal, with a simulated clock.

Commands, bundles, rows of the journal and the solver's proposals are those of production; only the clock, the
network and the participants are simulated. The solver answers at the instant after it was asked. The journal
replays in a node to the same state.
"""

import gc
from dataclasses import dataclass, field
from hashlib import sha256

import msgspec
import numpy as np

from steelyard.flows import batch_snapshot
from steelyard.flows.batch import AgainFields
from steelyard.flows.command import NO_FIELDS, Code, Command, raw
from steelyard.flows.facts import BatchReported, PaymentEntered, PaymentMoved
from steelyard.flows.fields import PayAdded, PayFields
from steelyard.flows.machine import Applied, Machine
from steelyard.flows.settled_rows import each_fact
from steelyard.flows.world import World
from steelyard.liquidity.batches import Batch as OpenBatch
from steelyard.liquidity.fx_snapshot import BatchSnapshot
from steelyard.node.group import Group
from steelyard.payments.states import State
from steelyard.sim import founding, plans
from steelyard.sim.book import Accounts, Batch, Money
from steelyard.sim.demo.founding import OPERATOR, Scribe
from steelyard.sim.loop import Run
from steelyard.sim.mechanisms import Mechanism
from steelyard.sim.scenario import Credit, Limits, Scenario, ScenarioIsWrong
from steelyard.sim.sending import Sending
from steelyard.sim.synthetic import Day
from steelyard.sim.writing import DATE
from steelyard.storage.journal import Head, Journal, next_row
from steelyard.storage.memory import MemoryJournal
from steelyard.values.instants import HOUR, SECOND

ROW_COMMANDS = 500
ANSWERED = SECOND // 2
"""How long after the close the answer to the last batch may come; the day's figures count it as of the close."""
STEP = 1_000
"""What the clock moves on between two commands of one second, in nanoseconds."""
SETTLED = State.SETTLED.value


@dataclass(slots=True)
class Through:
    """What went through: the run, as the library gives it, the machine and its journal."""

    run: Run
    machine: Machine
    journal: Journal
    commands: int
    refused: list[tuple[int, int]] = field(default_factory=list)
    """(place of the payment, number of the refusal)"""


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
        self.asked: list[tuple[bytes, BatchSnapshot | None]] = []
        self.solves = solves
        self.answers = False
        self.machine.world.on_batch = self._ask

    def _ask(self, world: World, batch: OpenBatch) -> None:
        if self.answers:
            snapshot = batch_snapshot.of(world, batch, world.now) if self.solves else None
            self.asked.append((batch.batch_id, snapshot))

    def give(self, command: Command, *, at: int = 0) -> Applied:
        """Apply a command at a time, or as soon as may be, and write it down; then what it asks of the solver."""
        applied = self._apply(command, at)
        while self.asked:
            batch_id, snapshot = self.asked.pop(0)
            self._propose(batch_id, snapshot)
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

    def _propose(self, batch_id: bytes, snapshot: BatchSnapshot | None) -> None:
        """Answer for the solver; where there is none, let the machine do what it can at once."""
        self.scribe.at = self.at
        own = self.scribe.one(OPERATOR, "node", "batch.again", AgainFields(batch_id))
        if snapshot is None:
            self._apply(own, 0)
            return
        from steelyard.solve.propose import propose

        fields = propose(batch_id, snapshot, solver=plans.solver())
        made = Command("batch.propose", 1, own.id, OPERATOR, "node", 0, fields, NO_FIELDS, own.nonce)
        if self._apply(made, 0).outcome.code != Code.DONE:
            self._apply(self.scribe.one(OPERATOR, "node", "batch.again", AgainFields(batch_id)), 0)

    def tick_until(self, at: int) -> None:
        """Let everything happen that is due before a time."""
        while (due := self.machine.next_due()) is not None and due <= at:
            second = min(-(-due // SECOND) * SECOND, at)  # the day's clock goes by seconds
            self.scribe.at = max(second, self.at)
            body = self.scribe.one(OPERATOR, "node", "tick", ())
            tick = Command("tick", 1, body.id, OPERATOR, "node", 0, NO_FIELDS, NO_FIELDS, body.nonce)
            self.give(tick, at=second)

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


def found_world(day: Day, mechanism: Mechanism, own: list[int], journal: Journal, opening: int) -> Desk:
    """Give a desk whose world is founded, an hour before the day opens."""
    begins_at = opening - HOUR
    desk = Desk(journal, begins_at, solves=bool(mechanism.split))
    for command in (founding.genesis(desk.scribe), *founding.found(day, mechanism, own, desk.scribe)):
        outcome = desk.give(command).outcome
        assert outcome.code == Code.DONE, (command.name, outcome.refusal)
    desk.facts.clear()
    desk.answers = mechanism.batched
    return desk


def check(day: Day, mechanism: Mechanism, scenario: Scenario, sending: Sending) -> None:
    """Raise ScenarioIsWrong where a scenario asks for what this way of running does not do."""
    founding.check(day, mechanism)
    if (scenario.limits, scenario.credit) != (Limits(), Credit()) or scenario.behaviour.kind == "threshold":
        raise ScenarioIsWrong("--machine: limits, lines and thresholds are simulated without it alone")
    if sending.withdrawals or sending.late or sending.gone:
        raise ScenarioIsWrong("--machine: of events, outages alone; of behaviours, prompt and hold_back")


def run_through(
    day: Day, mechanism: Mechanism, money: Money, sending: Sending, journal: Journal | None = None
) -> Through:
    """Send a day through the machine and give what happened; `check` has let its scenario through."""
    opening = int(DATE.timestamp()) * SECOND + day.opens_s * SECOND
    own = founding.spread(day, money.own) if mechanism.pool else money.own
    desk = found_world(day, mechanism, own, journal or MemoryJournal(), opening)
    gc.collect()
    gc.freeze()  # a world of long-lived objects: looking through it over and over costs a tenth
    try:
        place_of, refused = _send(day, desk, sending, opening)
    finally:
        gc.unfreeze()
    desk.tick_until(opening + day.close_s * SECOND + ANSWERED)
    desk.seal()
    accounts = Accounts.of(day, pool=mechanism.pool)
    run = _result(day, desk, money, accounts, place_of, opening, len(refused))
    return Through(run, desk.machine, desk.journal, desk.commands, refused)


def _send(
    day: Day, desk: Desk, sending: Sending, opening: int
) -> tuple[dict[bytes, int], list[tuple[int, int]]]:
    """Send every payment at its time; give the place of each by its UETR, and what was refused."""
    place_of: dict[bytes, int] = {}
    refused: list[tuple[int, int]] = []
    names = [founding.bank_bic(day, bank) for bank in range(len(day.banks))]
    makers = [founding.maker(name) for name in names]
    columns = [
        column.tolist() for column in (day.payer, day.payee, day.currency, day.amount_minor, day.priority)
    ]
    for place, sent_s in zip(sending.order.tolist(), sending.sent_s[sending.order].tolist(), strict=True):
        at = opening + sent_s * SECOND
        desk.tick_until(at)
        payer, payee, currency, amount, priority = (column[place] for column in columns)
        key = sha256(f"{day.source}/{place + 1}".encode()).digest()
        code = day.currencies[currency]
        fields = PayFields(
            key[:16], 0, 0, b"", b"", b"", key[16:], 1, names[payer], names[payee], code, amount, code, amount,
            priority=priority,
        )  # fmt: skip
        id = (max(at, desk.at) // 10**6).to_bytes(6, "big") + key[6:16]
        command = Command(
            "pay", 1, id, names[payer], makers[payer], 0, raw(fields), raw(PayAdded(key, key)), key[:16]
        )
        place_of[key[:16]] = place
        outcome = desk.give(command, at=at).outcome
        if outcome.code != Code.DONE:
            refused.append((place, outcome.refusal))
    return place_of, refused


def _result(
    day: Day,
    desk: Desk,
    money: Money,
    accounts: Accounts,
    place_of: dict[bytes, int],
    opening: int,
    refused: int,
) -> Run:
    """Read from the facts what settled when, and from the machine what is left of the money."""
    amounts, opened = day.amount_minor.tolist(), day.amount_minor.copy()
    log: list[tuple[int, int, int]] = []
    batches: list[Batch] = []
    for at, said in ((at, said) for at, fact in desk.facts for said in each_fact((fact,))):
        if isinstance(said, PaymentEntered):
            if said.state != SETTLED:
                continue
            place, minor = place_of[said.uetr], said.source_minor
        elif isinstance(said, PaymentMoved) and said.event in ("SETTLED_NOW", "PART_SETTLED"):
            place = place_of[said.uetr]
            minor = int(said.detail[1]) if len(said.detail) > 1 else amounts[place]
        elif isinstance(said, BatchReported):
            batches.append(_batch(said, (at - opening) // SECOND))
            continue
        else:
            continue
        opened[place] -= minor
        log.append((place, (at - opening) // SECOND, minor))
    table = np.array(log, dtype=np.int64).reshape(-1, 3)
    balance = np.array(money.own, dtype=np.int64)
    lowest, closing = balance.copy(), balance
    for place, _, minor in log:
        payer, payee = accounts.payer[place], accounts.payee[place]
        closing[payer] -= minor
        closing[payee] += minor
        lowest[payer] = min(lowest[payer], closing[payer])
    return Run(
        table[:, 0].copy(), table[:, 1].copy(), table[:, 2].copy(), opened, np.array(money.own, dtype=np.int64),
        lowest, closing, batches, 0, refused,
    )  # fmt: skip


def _batch(said: BatchReported, at_s: int) -> Batch:
    settled = int(said.settled) + int(said.parts)
    return Batch(at_s, int(said.queued), settled, said.settled_count + said.parts_count, said.parts_count)
