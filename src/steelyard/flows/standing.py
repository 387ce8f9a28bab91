"""How a participant stands: every step of its table, with its facts, notices and what the step takes with it.

A participant that may no longer send or receive loses its open quotes and what it waits for. That work is
cut into steps by a timer, one step a tick whoever is suspended; until its step comes such a payment can
neither settle nor be accepted, since every attempt asks how its participants stand.
"""

from steelyard.flows import openings, redeeming, settle
from steelyard.flows.diary import Diary
from steelyard.flows.facts import ActorChanged, ParticipantMoved
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.members.participants import Participant, ParticipantEvent, ParticipantState, step
from steelyard.members.people import REVOKED
from steelyard.values.instants import Instant

E = ParticipantEvent
STOPS = (E.SUSPEND_OUT, E.SUSPEND_ALL, E.LEAVE)
LEAVES: dict[ParticipantState, ParticipantEvent] = {
    ParticipantState.APPLIED: E.REFUSED,
    ParticipantState.TESTING: E.WITHDRAWN,
    ParticipantState.ACTIVE: E.LEAVE,
    ParticipantState.SENDING_BARRED: E.LEAVE,
    ParticipantState.SUSPENDED: E.LEAVE,
}
"""What its member's leaving does to a participant."""


def move(
    world: World,
    diary: Diary,
    participant: Participant,
    event: ParticipantEvent,
    *,
    at: Instant,
    reason: str = "",
) -> bool:
    """Take one step of the table with all that belongs to it; False where it has no place."""
    after = step(participant.state, event)
    if after is None:
        return False
    participant.state, participant.state_at, participant.reason = after, at, reason
    world.members.put_participant(participant)
    world.touch_context()
    diary.fact(ParticipantMoved(participant.bic, participant.member, after.value, reason))
    diary.tell(participant.bic, "participant.moved", participant.bic.encode(), after.value, reason)
    if after is ParticipantState.ACTIVE:
        openings.of_participant(world, diary, participant)
    elif after is ParticipantState.CLOSED:
        revoke_all(world, diary, participant.bic)
    elif event in STOPS:
        stop(world, diary, participant, at=at)
    return True


def stop(world: World, diary: Diary, participant: Participant, *, at: Instant) -> None:
    """Release what is only reserved to go out and let the rest end in steps, beginning with the next tick."""
    redeeming.release_reserved(world, diary, participant.bic, at=at)
    world.timers.set(at, TimerKind.SUSPENSION, participant.bic.encode())


def leave_with_member(world: World, diary: Diary, participant: Participant, *, at: Instant) -> None:
    """Let a participant go where its member goes."""
    event = LEAVES.get(participant.state)
    if event is not None:
        move(world, diary, participant, event, at=at, reason="MEMBER_LEAVES")


def on_timer_suspension(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """End the next step of what a participant waits for, and come again while anything is left."""
    bic = subject.decode()
    participant = world.members.participant(bic)
    if participant is None or participant.sends:
        return
    limit = world.packs.rulebook(at).members.suspension_step - diary.looked_at
    if limit <= 0:  # another's step was in this tick
        world.timers.set(at, TimerKind.SUSPENSION, subject)
        return
    before = len(world.payments.of(bic))
    ended = settle.end_waiting_of(world, bic, at, limit)
    diary.looked_at += before - len(world.payments.of(bic))
    if ended.left:
        world.timers.set(at, TimerKind.SUSPENSION, subject)
    diary.facts += ended.facts
    diary.notices += ended.notices


def revoke_all(world: World, diary: Diary, owner: str) -> None:
    """Let nobody act any more for an owner that is closed."""
    for id in sorted(world.members.actors):
        actor = world.members.actors[id]
        if actor.owner == owner and actor.state != REVOKED:
            world.members.revoke(id)
            diary.fact(ActorChanged(id, owner, actor.kind, actor.roles, REVOKED, actor.holder))
