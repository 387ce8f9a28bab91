"""Suspend a participant with money under way, and lift it: two people, at one instant of the journal.

What waits is rejected and released in steps; what is decided goes on; an order that is with the RTGS goes on.
Lifting restores nothing by itself.
"""

from msgspec import Struct

from steelyard.flows import standing
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Name, Word
from steelyard.flows.onboard import reachable
from steelyard.flows.world import World
from steelyard.members.participants import ParticipantEvent, ParticipantState
from steelyard.values.refusal import Refusal


class SuspendFields(Struct, array_like=True, frozen=True):
    """Which participant; whether it may still receive; a short reason code."""

    bic: Name
    sending_only: bool = False
    reason: Word = ""


class LiftFields(Struct, array_like=True, frozen=True):
    """Which participant, and a short reason code."""

    bic: Name
    reason: Word = ""


def suspend(world: World, command: Command, fields: SuspendFields, at: int) -> Outcome:
    """Suspend a participant, wholly or as a sender."""
    event = ParticipantEvent.SUSPEND_OUT if fields.sending_only else ParticipantEvent.SUSPEND_ALL
    return _move(world, command, fields.bic, event, fields.reason, at)


def lift(world: World, command: Command, fields: LiftFields, at: int) -> Outcome:
    """End a participant's suspension."""
    return _move(world, command, fields.bic, ParticipantEvent.LIFT, fields.reason, at)


def _move(world: World, command: Command, bic: str, event: ParticipantEvent, reason: str, at: int) -> Outcome:
    found = reachable(world, command, "suspend", bic, event)
    if isinstance(found, Refusal):
        return refused(found)
    diary = Diary()
    standing.move(world, diary, found, event, at=at, reason=reason)
    for other in sorted(world.members.participants):
        if other != bic and world.members.participants[other].state is not ParticipantState.CLOSED:
            diary.tell(other, "participant.moved", bic.encode(), found.state.value, "")
    return diary.done()
