"""The state machine: the door and the dispatch. Node, replay and simulator drive this and nothing else.

Door, in this order: the id window (each id is looked up once), the command's shape, the sender's right.
Then the flow that the registry names. A refusal by flow or engine changes nothing but the id window; a
refusal by the door for the id itself changes nothing at all and is not recorded.
"""

from typing import NamedTuple

import msgspec

from steelyard.engine.ids import IdAnswer
from steelyard.engine.refusals import Refusal
from steelyard.flows import batch, credit, energy_bill
from steelyard.flows.command import Code, Command, Outcome, content_digest
from steelyard.flows.entry import Entry, door
from steelyard.flows.refusals import Admission
from steelyard.flows.registry import BY_NAME
from steelyard.flows.world import World
from steelyard.values.refusal import Refusal as AnyRefusal


class Applied(NamedTuple):
    """What the Machine answers.

    `recorded` says whether the command and its outcome belong in the journal. `known` is the running number
    (from 1) of the command that did this before, where the id is a repeat: its outcome stands in the
    journal and is the answer. `legs` are the 128-byte records, not yet stamped with row and position.
    """

    outcome: Outcome
    legs: bytes
    recorded: bool
    known: int = 0
    refusal: AnyRefusal | None = None


class Machine:
    """One World and the one way to change it."""

    __slots__ = ("world",)

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()
        self.world.run_inner = self._inner
        self.world.entry_of = _entry_of

    def apply(self, command: Command, *, at: int) -> Applied:
        """Decide one command at sequencer time `at` (ns, later than every time before)."""
        world = self.world
        world.free_some()
        digest = content_digest(command)
        key = int.from_bytes(command.id, "big")
        answer = world.ids.look_number(key, digest, at=at)
        if answer is not IdAnswer.NEW:
            return self._not_new(answer, command)
        entry = BY_NAME.get((command.name, command.version))
        if entry is None:
            return _turned_away(Admission.COMMAND_IS_UNKNOWN)
        try:
            fields = entry.decode(command.fields)
        except msgspec.MsgspecError:
            return _turned_away(Admission.COMMAND_IS_MALFORMED)
        world.now = at
        outcome = self._run(entry, command, fields, at)
        world.commands += 1
        world.ids.put_number(key, digest + world.commands.to_bytes(8, "little"))
        if world.batches.fresh or world.cycles.fresh or world.tenders.fresh or world.supplies.fresh:
            self._hand_over()
        return Applied(outcome, world.engine.take_records(), True)

    def next_due(self) -> int | None:
        """Give the earliest deadline, or None."""
        return self.world.next_due()

    def _run(self, entry: Entry, command: Command, fields: object, at: int) -> Outcome:
        refusal = door(self.world, entry, command, fields)
        if refusal is not None:
            return Outcome(Code.REFUSED, refusal.code)
        outcome = entry.run(self.world, command, fields, at)
        if self.world.credit.open_cases:
            outcome = credit.looked(self.world, outcome, at)
        if self.world.payments.came:
            outcome = energy_bill.came(self.world, outcome, at)
        return batch.looked(self.world, outcome, at) if self.world.batches.touched else outcome

    def _hand_over(self) -> None:
        """Let a solver's snapshot be taken of this very state, by whoever runs a solver."""
        world = self.world
        fresh, world.batches.fresh = world.batches.fresh, []
        if world.on_batch is not None:
            for one in fresh:
                world.on_batch(world, one)
        asking, world.cycles.fresh = world.cycles.fresh, []
        if world.on_cycle is not None:
            for cycle in asking:
                world.on_cycle(world, cycle)
        tenders, world.tenders.fresh = world.tenders.fresh, []
        if world.on_tender is not None:
            for tender in tenders:
                world.on_tender(world, tender)
        matches, world.supplies.fresh = world.supplies.fresh, []
        if world.on_match is not None:
            for match in matches:
                world.on_match(world, match)

    def _inner(self, command: Command, at: int) -> Outcome:
        """Run an approved proposal's command: same flow, all checks anew, no door (the approval was it)."""
        entry = BY_NAME[(command.name, command.version)]
        return entry.run(self.world, command, entry.decode(command.fields), at)

    def _not_new(self, answer: IdAnswer, command: Command) -> Applied:
        if answer is IdAnswer.KNOWN:
            return Applied(Outcome(Code.REPEATED), b"", False, known=self.world.ids.number(command.id))
        return _turned_away(_DOOR[answer])


_DOOR: dict[IdAnswer, AnyRefusal] = {
    IdAnswer.ZERO: Refusal.ID_IS_ZERO,
    IdAnswer.TOO_OLD: Refusal.ID_IS_TOO_OLD,
    IdAnswer.FROM_THE_FUTURE: Refusal.ID_IS_FROM_THE_FUTURE,
    IdAnswer.OTHER_CONTENT: Refusal.ID_REUSED_WITH_OTHER_CONTENT,
}


def _entry_of(name: str, version: int) -> Entry | None:
    return BY_NAME.get((name, version))


def _turned_away(refusal: AnyRefusal) -> Applied:
    return Applied(Outcome(Code.REFUSED, refusal.code), b"", False, refusal=refusal)
