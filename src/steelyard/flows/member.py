"""A member enters the network, is configured and active, pauses and leaves, always by two operators.

What concerns its currency (`currency.py`) is its settlement agent's own.
"""

import re

from msgspec import Struct

from steelyard.flows import day_end, openings, standing
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import MemberMoved
from steelyard.flows.fields import Name, Title, Word
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.members.members import Member, MemberEvent, MemberState, step
from steelyard.members.participants import ParticipantState
from steelyard.members.refusals import MemberRefusal
from steelyard.values.asset import SCALE_MAX
from steelyard.values.calendars import Calendar
from steelyard.values.identifiers import bic_is_shaped
from steelyard.values.instants import DAY
from steelyard.values.refusal import Refusal

_CODE = re.compile(r"[A-Z][A-Z0-9]{1,7}")
_ASSET = re.compile(r"[A-Z][A-Z0-9.-]{2,11}")


class MemberFields(Struct, array_like=True, frozen=True):
    """A member to be: its code and name, its currency, who issues it, the packs it must have."""

    code: Name
    name: Title
    asset: Name
    scale: int
    settlement_agent: Name
    packs: tuple[tuple[str, str], ...] = ()
    open_to_all: bool = False


class MoveFields(Struct, array_like=True, frozen=True):
    """Which member, and a short reason code."""

    code: Name
    reason: Word = ""


def propose(world: World, command: Command, fields: MemberFields, at: int) -> Outcome:
    """Enter a member; its settlement agent may have people from now on."""
    members = world.members
    shaped = _CODE.fullmatch(fields.code) and _ASSET.fullmatch(fields.asset)
    if not shaped or not 0 < len(fields.name) <= 140 or not 0 <= fields.scale <= SCALE_MAX:
        return refused(MemberRefusal.NAME_IS_MALFORMED)
    if not bic_is_written(fields.settlement_agent):
        return refused(MemberRefusal.BIC_IS_MALFORMED)
    if (
        fields.code in members.members
        or fields.asset in members.assets
        or members.owner_kind(fields.settlement_agent) is not None
    ):
        return refused(MemberRefusal.MEMBER_IS_TAKEN)
    member = Member(
        fields.code, fields.name, fields.asset, fields.scale, fields.settlement_agent, fields.packs,
        open_to_all=fields.open_to_all,
    )  # fmt: skip
    world.engine.add_owner(member.settlement_agent)
    diary = Diary()
    _put(world, diary, member)
    return diary.done()


def configure(world: World, command: Command, fields: MoveFields, at: int) -> Outcome:
    """Open a member's currency once its calendar and packs are there."""
    member = _found(world, fields.code, MemberEvent.CONFIGURE)
    if isinstance(member, Refusal):
        return refused(member)
    calendar = world.calendars.latest(member.asset)
    reaches = at + world.packs.rulebook(at).members.calendar_days_min * DAY
    if not calendar_reaches(calendar, reaches) or not all(
        world.packs.versions(kind, id) for kind, id in member.packs
    ):
        return refused(MemberRefusal.MEMBER_IS_NOT_COMPLETE)
    diary = Diary()
    refusal = openings.of_member(world, diary, member, at)
    if refusal is not None:
        return refused(refusal)
    member.state = MemberState.CONFIGURED
    _put(world, diary, member)
    day_end.schedule(world, member.asset, at)
    return diary.done()


def activate(world: World, command: Command, fields: MoveFields, at: int) -> Outcome:
    """Let a configured member take part."""
    return _move(world, fields, MemberEvent.ACTIVATE, at)


def suspend(world: World, command: Command, fields: MoveFields, at: int) -> Outcome:
    """Suspend a member and with it its participants, each keeping its own state beneath."""
    return _move(world, fields, MemberEvent.SUSPEND, at)


def lift(world: World, command: Command, fields: MoveFields, at: int) -> Outcome:
    """End a member's suspension; nothing that ended by it comes back."""
    return _move(world, fields, MemberEvent.LIFT, at)


def leave(world: World, command: Command, fields: MoveFields, at: int) -> Outcome:
    """Let a member leave: its participants take their money out and do nothing else."""
    return _move(world, fields, MemberEvent.LEAVE, at)


def close(world: World, command: Command, fields: MoveFields, at: int) -> Outcome:
    """Close a member whose participants are closed and whose currency nobody holds any more."""
    member = _found(world, fields.code, MemberEvent.CLOSE)
    if isinstance(member, Refusal):
        return refused(member)
    bound = [one for one in world.members.participants.values() if one.member == member.code]
    if any(one.state is not ParticipantState.CLOSED for one in bound):
        return refused(MemberRefusal.MEMBER_HAS_PARTICIPANTS)
    asset_no = world.engine.asset_no(member.asset)
    refusal = None if asset_no is None else world.engine.close_asset(asset_no)
    if refusal is not None:
        return refused(refusal)
    world.timers.cancel(TimerKind.DAY_END, member.asset.encode())
    outcome = _move(world, fields, MemberEvent.CLOSE, at)
    diary = Diary()
    standing.revoke_all(world, diary, member.settlement_agent)
    return Outcome(outcome.code, 0, -1, (*outcome.facts, *diary.facts), outcome.notices)


def calendar_reaches(calendar: Calendar | None, until: int) -> bool:
    """Tell whether a calendar has rows up to an instant, or needs none."""
    if calendar is None:
        return False
    if not calendar.rows:
        return calendar.always_open
    return calendar.rows[-1].starts_at >= until


def bic_is_written(bic: str) -> bool:
    """Tell whether a BIC is written as the directory writes it.

    >>> bic_is_written("GHAFAEA0"), bic_is_written("GHAFAEA0XXX")
    (True, False)
    """
    return bic_is_shaped(bic) and not (len(bic) == 11 and bic.endswith("XXX"))


def _found(world: World, code: str, event: MemberEvent) -> Member | Refusal:
    member = world.members.members.get(code)
    if member is None:
        return MemberRefusal.MEMBER_NOT_FOUND
    return member if step(member.state, event) is not None else MemberRefusal.MEMBER_STATE_FORBIDS


def _move(world: World, fields: MoveFields, event: MemberEvent, at: int) -> Outcome:
    member = _found(world, fields.code, event)
    if isinstance(member, Refusal):
        return refused(member)
    after = step(member.state, event)
    assert after is not None
    member.state = after
    diary = Diary()
    _put(world, diary, member)
    bound = [bic for bic in sorted(world.members.participants) if _is_of(world, bic, member.code)]
    for recipient in (member.settlement_agent, *bound):
        diary.tell(recipient, "member.moved", member.code.encode(), after.value, fields.reason)
    for bic in bound:
        if event is MemberEvent.SUSPEND:
            standing.stop(world, diary, world.members.participants[bic], at=at)
        elif event is MemberEvent.LEAVE:
            standing.leave_with_member(world, diary, world.members.participants[bic], at=at)
    return diary.done()


def _is_of(world: World, bic: str, code: str) -> bool:
    return world.members.participants[bic].member == code


def _put(world: World, diary: Diary, member: Member) -> None:
    world.members.put_member(member)
    world.touch_context()
    diary.fact(MemberMoved(member.code, member.asset, member.settlement_agent, member.state.value))
