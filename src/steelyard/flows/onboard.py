"""A bank becomes a participant, and leaves: data and commands, no restart.

Entering, admitting and letting in take two people of the operator or of the member's settlement agent.
"""

from msgspec import Struct

from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import openings, standing
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import ParticipantMoved
from steelyard.flows.fields import Digest, Name, Title, Word
from steelyard.flows.member import bic_is_written
from steelyard.flows.world import World
from steelyard.fx.trades import TRADE_STEPS, TradeState
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.market.refusals.clearing import ClearingRefusal
from steelyard.members.members import MemberState
from steelyard.members.participants import Participant, ParticipantEvent, Settings, step
from steelyard.members.people import REVOKED
from steelyard.members.refusals import MemberRefusal
from steelyard.members.roles import Role
from steelyard.values.identifiers import lei_is_right
from steelyard.values.refusal import Refusal

E = ParticipantEvent


class ApplyFields(Struct, array_like=True, frozen=True):
    """A bank that wants to take part; `currencies` are those it asks to hold beside its home currency."""

    bic: Name
    member: Name
    name: Title
    lei: Name = ""
    provider: bool = False
    currencies: tuple[str, ...] = ()
    fx_on_settlement: bool = False


class MoveFields(Struct, array_like=True, frozen=True):
    """Which participant, and a short reason code."""

    bic: Name
    reason: Word = ""


class CloseFields(Struct, array_like=True, frozen=True):
    """Which participant, and the digest of its final statement, signed by both sides."""

    bic: Name
    statement: Digest


def apply(world: World, command: Command, fields: ApplyFields, at: int) -> Outcome:
    """Enter an application; the applicant may have people from now on."""
    members = world.members
    member = members.members.get(fields.member)
    refusal: Refusal | None = None
    if not bic_is_written(fields.bic):
        refusal = MemberRefusal.BIC_IS_MALFORMED
    elif not 0 < len(fields.name) <= 140:
        refusal = MemberRefusal.NAME_IS_MALFORMED
    elif fields.lei and not lei_is_right(fields.lei):
        refusal = MemberRefusal.LEI_IS_MALFORMED
    elif member is None:
        refusal = MemberRefusal.MEMBER_NOT_FOUND
    elif not members.reaches(command.actor, "admit", member=fields.member):
        refusal = MemberRefusal.OBJECT_IS_NOT_YOURS
    elif member.state in (MemberState.LEAVING, MemberState.CLOSED):
        refusal = MemberRefusal.MEMBER_STATE_FORBIDS
    elif members.owner_kind(fields.bic) is not None:
        refusal = MemberRefusal.PARTICIPANT_IS_TAKEN
    elif not set(fields.currencies) <= members.assets.keys():
        refusal = MemberRefusal.CURRENCY_NOT_FOUND
    if refusal is not None:
        return refused(refusal)
    participant = Participant(
        fields.bic, fields.member, fields.name, fields.lei, fields.provider, tuple(sorted(set(fields.currencies))),
        settings=Settings(fx_on_settlement=fields.fx_on_settlement), state_at=at,
    )  # fmt: skip
    world.engine.add_owner(participant.bic)
    members.put_participant(participant)
    world.touch_context()
    diary = Diary()
    diary.fact(ParticipantMoved(participant.bic, participant.member, participant.state.value))
    return diary.done()


def admit(world: World, command: Command, fields: MoveFields, at: int) -> Outcome:
    """Admit an applicant to testing: its BIC and LEI have passed, somebody can act for it."""
    return _move(world, command, "admit", fields.bic, E.ADMITTED, at, fields.reason)


def refuse(world: World, command: Command, fields: MoveFields, at: int) -> Outcome:
    """Turn an applicant away."""
    return _move(world, command, "admit", fields.bic, E.REFUSED, at, fields.reason)


def let_in(world: World, command: Command, fields: MoveFields, at: int) -> Outcome:
    """Let a participant in that has passed its tests, and open its accounts."""
    return _move(world, command, "admit", fields.bic, E.PASSED, at, fields.reason)


def withdraw(world: World, command: Command, fields: MoveFields, at: int) -> Outcome:
    """End an admission before it was complete."""
    return _move(world, command, "admit", fields.bic, E.WITHDRAWN, at, fields.reason)


def leave(world: World, command: Command, fields: MoveFields, at: int) -> Outcome:
    """Let a participant leave by its own two people."""
    return _move(world, command, "leave", fields.bic, E.LEAVE, at, fields.reason)


def close(world: World, command: Command, fields: CloseFields, at: int) -> Outcome:
    """Close a participant that has left: nothing under way, every account empty, its last statement signed."""
    found = reachable(world, command, "admit", fields.bic, E.EMPTIED)
    if isinstance(found, Refusal):
        return refused(found)
    if world.payments.of(found.bic) or world.fx.quotes_of(found.bic) or _trades(world, found.bic):
        return refused(MemberRefusal.PARTICIPANT_HAS_PAYMENTS)
    if world.clearing.entangled(found.bic):
        return refused(ClearingRefusal.CLEARING_IS_NOT_OVER)
    numbers = [number for _, _, number in world.members.accounts.of(found.bic)]
    for number in numbers:
        held = world.engine.balance(number)
        if held.balance or held.reserved_in or held.reserved_out:
            return refused(MemberRefusal.PARTICIPANT_HOLDS_MONEY)
        if world.credit.owes(number):
            return refused(LiquidityRefusal.CREDIT_IS_OWED)
    diary = Diary()
    for number in numbers:
        refusal = world.engine.close_account(number)
        assert refusal is None, refusal
        diary.fact(openings.changed(world, number))
    world.clearing.leave(found.bic)
    standing.move(world, diary, found, E.EMPTIED, at=at, reason=fields.statement.hex()[:16])
    return diary.done()


def reachable(
    world: World, command: Command, action: str, bic: str, event: ParticipantEvent
) -> Participant | Refusal:
    """Give a participant that the actor's right reaches and that has a place for an event, or why not."""
    found = world.members.participant(bic)
    if found is None:
        return MemberRefusal.PARTICIPANT_NOT_FOUND
    if not world.members.reaches(command.actor, action, owner=bic):
        return MemberRefusal.OBJECT_IS_NOT_YOURS
    return found if step(found.state, event) is not None else MemberRefusal.PARTICIPANT_STATE_FORBIDS


def _move(
    world: World, command: Command, action: str, bic: str, event: ParticipantEvent, at: int, reason: str
) -> Outcome:
    found = reachable(world, command, action, bic, event)
    if isinstance(found, Refusal):
        return refused(found)
    if event is E.ADMITTED and not _can_act(world, bic):
        return refused(MemberRefusal.PARTICIPANT_HAS_NO_KEY)
    if event is E.PASSED and world.members.members[found.member].state is not MemberState.ACTIVE:
        return refused(MemberRefusal.MEMBER_STATE_FORBIDS)
    if event is E.PASSED and not openings.has_room(world, len(openings.missing(world, found))):
        return refused(SettingRefusal.ACCOUNTS_ARE_FULL)
    diary = Diary()
    standing.move(world, diary, found, event, at=at, reason=reason)
    return diary.done()


def _trades(world: World, bic: str) -> bool:
    """Tell whether a participant is side of a foreign exchange trade that is not over."""
    return any(
        TRADE_STEPS[TradeState(one.state)] and bic in (one.first, one.second)
        for one in world.fx.trades.values()
    )


def _can_act(world: World, bic: str) -> bool:
    """Tell whether somebody makes for a participant."""
    makers = (Role.MAKER, Role.FX_PROVIDER)
    return any(
        actor.owner == bic and actor.state != REVOKED and any(role in actor.roles for role in makers)
        for actor in world.members.actors.values()
    )
