"""The sequencer: one order, one clock, one writer. Nothing leaves before its row is durable.

It lives on one event loop. What waits is applied into the open group; as soon as the commit thread is free
the group goes to it and becomes a row, while the next is being filled. So there is no artificial delay, and
at most one group is in flight. Answers, reads and everything observers see leave when the row is committed:
`watermark` is the last such row.

Evidence comes first: a submission's items are made durable by the evidence thread before its command enters
the room. A failed or doubtful commit, a failed evidence store, a broken invariant or an exception of the
state machine end the node through `on_stop`, with nothing answered that is not known.
"""

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import msgspec
from msgspec import Raw

from steelyard.engine.refusals import Refusal
from steelyard.flows.command import Code, Command
from steelyard.flows.machine import Applied, Machine
from steelyard.flows.refusals import Admission
from steelyard.node import own
from steelyard.node.bulk import apply_batch
from steelyard.node.clock import Clock, SimulatedClock
from steelyard.node.exits import AMBIGUOUS, DRIFT, Stop
from steelyard.node.group import Group
from steelyard.node.intake import Intake, Sink, by_sink, turned_away
from steelyard.node.lanes import Waiting
from steelyard.node.link import Answer, End, Found, Question
from steelyard.node.pace import Pace
from steelyard.node.reads import balances_of, read
from steelyard.node.recall import Recall
from steelyard.node.threads import Committer
from steelyard.storage.evidence import Evidence
from steelyard.storage.frames import LEG_BYTES
from steelyard.storage.journal import Head, Journal, JournalError

GROUP_NS_MAX = 50_000_000
LARGE_BYTES = 1 << 20
"""A command of the node's own above this is a group of its own."""
LOOK_SECONDS = 0.05
COMMIT_WAIT_MS_MAX = 5_000
COMMIT_STOP_MS_MAX = 30_000
DRAIN_SECONDS = 1.0


class Step(Protocol):
    """Somebody who must be heard before the node takes anything more."""

    @property
    def waits(self) -> bool:
        """Tell whether the node is to wait."""

    def stand(self) -> None:
        """Hear that the state stands now: everything that was due has happened."""


class Sequencer:
    """Feeds one Machine from many gateways, through one journal."""

    def __init__(
        self,
        machine: Machine,
        journal: Journal,
        head: Head,
        clock: Clock,
        evidence: Evidence,
        *,
        recall: Recall,
        pace: Pace,
        on_stop: Callable[[Stop], None],
        check: Callable[[Machine], None] | None = None,
        commit_wait_ms_max: int = COMMIT_WAIT_MS_MAX,
        commit_stop_ms_max: int = COMMIT_STOP_MS_MAX,
    ) -> None:
        self.machine = machine
        self.clock = clock
        self.watermark = head.seq
        self.watermark_at = head.time_last
        self.last_at = head.time_last
        self.stopped: Stop | None = None
        self.on_durable: list[Callable[[Group], None]] = []
        self.last_group = 0
        self.last_flush_ms = 0.0
        self._loop = asyncio.get_running_loop()
        self._next_seq = head.seq + 1
        self._group = Group(self._next_seq)
        self._flushing: Group | None = None
        self._pump_scheduled = False
        self._questions: list[tuple[Sink, Question]] = []
        self._advances: list[tuple[Sink, int, int]] = []
        self._moved: list[tuple[Sink, int, int]] = []
        self._sweeping = False
        self._given: list[tuple[str, bytes, Callable[[Applied], None]]] = []
        self._snapshots: list[Callable[[int], None]] = []
        self._recall = recall
        self.pace = pace
        self._on_stop = on_stop
        self._check = check
        self._commit_wait_ms_max = commit_wait_ms_max
        self._commit_stop_ms_max = commit_stop_ms_max
        self.services: dict[str, Callable[[], Any]] = {}
        self.step: Step | None = None
        self._committer = Committer(journal, head, self._loop, self._committed)
        self.intake = Intake(machine.world, evidence, pace, self._loop, wake=self._wake, fail=self.fail)
        self._room = self.intake.room
        self._looker = self._loop.call_later(LOOK_SECONDS, self._look)

    @property
    def stopping(self) -> bool:
        """Tell whether nothing more is taken."""
        return self.intake.stopping

    @property
    def head_seq(self) -> int:
        """Give the last row applied; the watermark follows it."""
        return self._next_seq - 1

    @property
    def waiting(self) -> int:
        """Give how many commands wait, evidence in the making included."""
        return self._room.commands

    def ask(self, questions: Iterable[Question], sink: Sink) -> None:
        """Take reads of one gateway: they see the state with everything applied so far."""
        for question in questions:
            if question.name == own.ADVANCE:
                self._ask_advance(question, sink)
            elif question.name in self.services:
                self._serve(question, sink)
            else:
                self._questions.append((sink, question))
        self._wake()

    def at_boundary(self, call: Callable[[int], None]) -> None:
        """Call once with the seq of the row after which the state stands, between two groups."""
        self._snapshots.append(call)
        self._wake()

    def give(self, name: str, fields: bytes, told: Callable[[Applied], None]) -> None:
        """Take a command of the node's own that may be refused; `told` hears what was decided, durable or not."""
        if not self.stopping:
            self._given.append((name, fields, told))
            self._wake()

    def go_on(self) -> None:
        """Look again at what waits: who had to be heard first has been."""
        self._wake()

    async def stop(self) -> None:
        """Take no more, work off what waits for at most a second, and end when all is durable."""
        self.intake.stopping = True
        until = self._loop.time() + DRAIN_SECONDS
        while self._busy() and self.stopped is None:
            if self._loop.time() > until:
                self.intake.turn_away_all()
                until += 3600
            await asyncio.sleep(0.002)
        self._looker.cancel()
        self._committer.end()
        self.intake.end()

    def fail(self, stop: Stop) -> None:
        """End the node: what is not durable is answered by nobody."""
        if self.stopped is None:
            self.stopped = stop
            self.intake.stopping = True
            self._looker.cancel()
            self._on_stop(stop)

    # questions

    def _ask_advance(self, question: Question, sink: Sink) -> None:
        to = msgspec.msgpack.decode(question.params, type=tuple[int])[0]
        if not isinstance(self.clock, SimulatedClock) or self.stopping:
            refusal = Admission.NODE_IS_STOPPING if self.stopping else Refusal.SENDER_HAS_NO_RIGHT
            self._found_now(question, sink, None, refusal.code)
            return
        self._advances.append((sink, question.no, to))

    def _serve(self, question: Question, sink: Sink) -> None:
        """Answer what the node itself is asked (health, metrics, a snapshot); not placed in a group."""
        value = self.services[question.name]()
        if asyncio.isfuture(value):
            value.add_done_callback(lambda done: self._served(question, sink, done))
        else:
            self._found_now(question, sink, value, 0)

    def _served(self, question: Question, sink: Sink, done: "asyncio.Future[Any]") -> None:
        failed = done.exception() is not None
        code = Admission.NODE_IS_BUSY.code if failed else 0
        self._found_now(question, sink, None if failed else done.result(), code)

    def _found_now(self, question: Question, sink: Sink, value: Any, refusal: int) -> None:
        found = Found(self.watermark, self.last_at, Raw(msgspec.msgpack.encode(value)), refusal)
        sink.found(self.machine.world.context_version, [(question.no, found)])

    # applying

    def _wake(self) -> None:
        if not self._pump_scheduled and self.stopped is None:
            self._pump_scheduled = True
            self._loop.call_soon(self._pump)

    def _pump(self) -> None:
        """Apply what waits into the open group, then hand it to the commit thread if that is free."""
        self._pump_scheduled = False
        if self.stopped is not None:
            return
        try:
            self._fill(self._group)
            if not self._sweeping:
                self._answer_questions()
        except Stop as stop:
            self.fail(stop)
            return
        except Exception as error:
            self.fail(Stop(DRIFT, f"the state machine raised {type(error).__name__}: {error}"))
            raise
        if self._flushing is None:
            self._flush()

    def _fill(self, group: Group) -> None:
        """Apply until the group is full, its time is spent, or nothing waits: what is due goes first."""
        begun = time.perf_counter_ns()
        until = begun + GROUP_NS_MAX - group.spent_ns
        if (
            self._sweep(group, self.clock.now(), until)
            and self._move_clock(group, until)
            and self._apply_given(group, until)
        ):
            next_due = self.machine.world.next_due
            while not self._held() and self._room.anything and time.perf_counter_ns() < until:
                at = max(self.clock.now(), self.last_at + 1)
                due = next_due()
                if due is not None and due <= at and not self._sweep(group, at, until):
                    break
                item = self._room.next(group.share)
                if item is None:
                    break
                self._apply(group, item, max(at, self.last_at + 1))
        group.spent_ns += time.perf_counter_ns() - begun
        if self._check is not None and group.count:
            self._check(self.machine)

    def _held(self) -> bool:
        """Tell whether somebody must be heard first; nothing is due where this is asked."""
        if self.step is None or not self.step.waits:
            return False
        self.step.stand()
        return True

    def _apply(self, group: Group, item: Waiting, at: int) -> None:
        given = item.command
        command = Command(
            given.name, given.version, given.id, given.sender, given.actor, at, given.fields, given.added,
            given.nonce,
        )  # fmt: skip
        if item.packed:
            applied, outcomes = apply_batch(self.machine, command, item.packed, at=at)
        else:
            applied, outcomes = self.machine.apply(command, at=at), b""
        if applied.recorded:
            self.last_at = at + max(len(item.packed) // LEG_BYTES - 1, 0)
            outcome = group.record(command, applied, item.packed, outcomes, until=self.last_at)
            balances: tuple[tuple[int, str, str], ...] = ()
            if applied.legs and not item.packed:
                balances = balances_of(self.machine.world.engine, command.sender, applied.legs)
            group.answer(item, at, outcome, outcomes, balances)
            if command.name == "pay":
                group.payments += 1
                group.payments_refused += applied.outcome.code == Code.REFUSED
            elif command.sender == own.SENDER and _ends_a_day(applied.outcome.facts):
                group.day_ended = True
        elif applied.known:
            group.repeats.append((item, applied.known))
        else:
            assert applied.refusal is not None
            if applied.refusal is Refusal.ID_IS_TOO_OLD:
                group.repeats.append((item, 0))
            else:
                group.answers.append((item.sink, item.no, turned_away(applied.refusal)))

    def _sweep(self, group: Group, at: int, until: int) -> bool:
        """Record ticks until no deadline is due at `at`; False where the group's time is over before that.

        Asked before every command with the time it will get, so that the place of a tick never depends on
        how commands were grouped.
        """
        while True:
            due = self.machine.next_due()
            self._sweeping = due is not None and due <= at
            if not self._sweeping:
                return True
            if time.perf_counter_ns() >= until:
                return False
            self._own(group, own.TICK, None, max(self.clock.now(), self.last_at + 1))

    def _move_clock(self, group: Group, until: int) -> bool:
        """Move the simulated clock as asked, by recorded commands that themselves bear the time they move to.

        Who asked is answered once everything that fell due by the move has been swept, and whoever had to be heard
        about it has been.
        """
        while True:
            if self._held():
                return True
            for sink, no, at in self._moved:
                group.founds.append((sink, no, Found(group.seq, at, Raw(msgspec.msgpack.encode(at)))))
            self._moved.clear()
            if not self._advances:
                return True
            assert isinstance(self.clock, SimulatedClock)
            sink, no, to = self._advances.pop(0)
            at = max(to, self.last_at + 1)
            self._own(group, own.ADVANCE, (at,), at)
            self.clock.advance(at)
            self._moved.append((sink, no, at))
            if not self._sweep(group, at, until):
                return False

    def _own(self, group: Group, name: str, fields: Any, at: int) -> None:
        command = own.own_command(name, fields, at=at, number=self.machine.world.commands + 1)
        applied = self.machine.apply(command, at=at)
        if not applied.recorded or applied.outcome.code:
            raise Stop(
                DRIFT, f"the node's own {name} was refused: {applied.refusal or applied.outcome.refusal}"
            )
        self.last_at = at
        group.record(command, applied)
        group.day_ended = group.day_ended or _ends_a_day(applied.outcome.facts)

    def _apply_given(self, group: Group, until: int) -> bool:
        """Apply the node's own commands that may be refused; False where the group holds no more."""
        while self._given and not group.full and time.perf_counter_ns() < until:
            name, fields, told = self._given[0]
            if len(fields) > LARGE_BYTES:
                if group.count:
                    return False
                group.full = True
            at = max(self.clock.now(), self.last_at + 1)
            if not self._sweep(group, at, until):
                return False
            del self._given[0]
            at = max(at, self.last_at + 1)
            command = own.own_command(name, Raw(fields), at=at, number=self.machine.world.commands + 1)
            applied = self.machine.apply(command, at=at)
            if applied.recorded:
                self.last_at = at
                group.record(command, applied)
            told(applied)
        return not group.full

    def _answer_questions(self) -> None:
        """Let every waiting read see the state; it leaves with the newest group that has changed it."""
        questions, self._questions = self._questions, []
        holder = self._group if self._group.count else self._flushing or self._group
        for sink, question in questions:
            value, refusal = read(self.machine.world, question.name, question.params, question.viewer)
            found = Found(
                max(holder.seq if holder.count else self.watermark, 0), self.last_at, value, refusal
            )
            holder.founds.append((sink, question.no, found))

    # committing

    def _flush(self) -> None:
        """Hand the open group to the commit thread; one without commands has no row and leaves at once."""
        group = self._group
        if not group.empty:
            if group.count:
                self._next_seq += 1
                self._flushing = group
                group.taken_at = self._loop.time()
                self._committer.put(group)
            self._group = Group(self._next_seq, bulk_may_fill=not group.share.bulk_was_large)
            if not group.count:
                self._release(group)
        if self._snapshots and not self._group.count:
            calls, self._snapshots = self._snapshots, []
            for call in calls:
                call(self._next_seq - 1)
        held = self.step is not None and self.step.waits
        if self._sweeping or self._given or ((self._room.anything or self._advances) and not held):
            self._wake()

    def _committed(self, batch: list[Group], error: BaseException | None) -> None:
        """Raise the watermark and let everything go that waited for it."""
        if self.stopped is not None:
            return
        if error is not None:
            code = error.exit_code if isinstance(error, JournalError) else AMBIGUOUS
            self.fail(Stop(code, f"row {batch[0].seq} could not be committed: {error}"))
            return
        for group in batch:
            self._flushing = None
            self.watermark, self.watermark_at = group.seq, group.time_last
            self.last_group = group.count
            self.last_flush_ms = (self._loop.time() - group.taken_at) * 1000
            self._recall.committed(group.seq, group.count)
            self.pace.committed(group.seq, legs=group.legs, payments=group.payments, commands=group.count)
            self._release(group)
            for tell in self.on_durable:
                tell(group)
        self._pump()

    def _release(self, group: Group) -> None:
        """Send what a durable group holds: one batch per gateway."""
        if group.answers and not group.told_unknown:
            version = self.machine.world.context_version
            for sink, answers in by_sink(group.answers):
                sink.answers(version, answers)
        if group.founds:
            version = self.machine.world.context_version
            for sink, found in by_sink(group.founds):
                sink.found(version, found)
        for item, number in group.repeats:
            self._recall.ask(item, number, seq=self.watermark, done=self._recalled)

    def _recalled(self, item: Waiting, answer: Answer) -> None:
        item.sink.answers(self.machine.world.context_version, [(item.no, answer)])

    # the clockwork beside

    def _look(self) -> None:
        """Look 20 times a second for a deadline that is due and for a commit that takes too long."""
        self._looker = self._loop.call_later(LOOK_SECONDS, self._look)
        due = self.machine.next_due()
        if due is not None and due <= self.clock.now():
            self._wake()
        group = self._flushing
        if group is None:
            return
        waited_ms = (self._loop.time() - group.taken_at) * 1000
        if waited_ms > self._commit_stop_ms_max:
            self.fail(Stop(AMBIGUOUS, f"row {group.seq} is not committed after {waited_ms / 1000:.0f} s"))
        elif waited_ms > self._commit_wait_ms_max:
            self._tell_unknown(group)
            self._tell_unknown(self._group)

    def _tell_unknown(self, group: Group) -> None:
        """Answer UNKNOWN to those who wait for a commit that hangs; the row may still come."""
        if not group.told_unknown and group.answers:
            group.told_unknown = group is not self._group
            unknown = [(sink, no, Answer(End.UNKNOWN)) for sink, no, _ in group.answers]
            group.answers = []
            for sink, answers in by_sink(unknown):
                sink.answers(self.machine.world.context_version, answers)

    def _busy(self) -> bool:
        return bool(
            self._room.commands or self.intake.keeping or self._flushing or not self._group.empty or self._questions
            or self._snapshots or self._moved or self._recall.busy
        )  # fmt: skip


def _ends_a_day(facts: tuple[Raw, ...]) -> bool:
    """Tell whether a business day ended: the tag is the first thing in a fact."""
    return any(bytes(fact)[1:5] == b"\xa3day" for fact in facts)
