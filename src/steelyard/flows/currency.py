"""A settlement agent's own rules about its currency: how much is issued, who may hold it, how money comes in.

The cap of a new currency is 0 until its settlement agent sets one.
"""

from typing import Literal

from msgspec import Raw, Struct

from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import openings, queue_view, settle
from steelyard.flows.command import Command, Outcome, raw
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import SettingChanged
from steelyard.flows.fields import Name
from steelyard.flows.world import World
from steelyard.members.members import Member
from steelyard.members.participants import Participant, ParticipantState
from steelyard.members.people import PERSON
from steelyard.members.refusals import MemberRefusal
from steelyard.values.refusal import Refusal


class CapFields(Struct, array_like=True, frozen=True):
    """How much of its currency a settlement agent issues at most."""

    asset: Name
    cap_minor: int


class RulesFields(Struct, array_like=True, frozen=True):
    """A settlement agent's rules about its currency, all of them anew; `allowed` are participants' BICs."""

    asset: Name
    open_to_all: bool
    allowed: tuple[str, ...] = ()
    fund_on_advice: bool = False
    issue_line_minor: int = 0
    advice_line_minor: int = -1
    stop_on_difference: bool = True
    queue_mode: Literal["fifo", "bypass", "guarded"] | None = None
    """How payers' queues are tried; None leaves that as it is"""


def set_cap(world: World, command: Command, fields: CapFields, at: int) -> Outcome:
    """Set how much of a currency is issued at most; below what is out, it stops new issues only."""
    member = own_currency(world, command, "cap", fields.asset)
    if isinstance(member, Refusal):
        return refused(member)
    account_no = world.members.issuer_account(member.asset)
    if account_no is None:
        return refused(MemberRefusal.MEMBER_STATE_FORBIDS)
    refusal = world.engine.change_account(account_no, floor=0, ceiling=fields.cap_minor, people=2)
    if refusal is not None:
        return refused(refusal)
    member.cap_minor = fields.cap_minor
    world.members.put_member(member)
    diary = Diary()
    diary.fact(openings.changed(world, account_no))
    world.touch_context()
    return diary.done()


def set_rules(world: World, command: Command, fields: RulesFields, at: int) -> Outcome:
    """Set a currency's rules and open what they now allow to those who asked for it."""
    member = own_currency(world, command, "cap", fields.asset)
    if isinstance(member, Refusal):
        return refused(member)
    if fields.issue_line_minor < 0 or fields.advice_line_minor < -1:
        return refused(MemberRefusal.SETTING_IS_OUT_OF_RANGE)
    if not set(fields.allowed) <= world.members.participants.keys():
        return refused(MemberRefusal.PARTICIPANT_NOT_FOUND)
    asking = [one for bic in sorted(world.members.participants) if (one := _asks(world, bic, member.asset))]
    if not openings.has_room(world, 3 * len(asking)):
        return refused(SettingRefusal.ACCOUNTS_ARE_FULL)
    member.open_to_all, member.allowed = fields.open_to_all, tuple(sorted(set(fields.allowed)))
    member.fund_on_advice, member.stop_on_difference = fields.fund_on_advice, fields.stop_on_difference
    member.issue_line_minor, member.advice_line_minor = fields.issue_line_minor, fields.advice_line_minor
    changed = fields.queue_mode not in (None, member.queue_mode)
    member.queue_mode = fields.queue_mode or member.queue_mode
    world.members.put_member(member)
    diary = Diary()
    diary.fact(SettingChanged(member.settlement_agent, "currency", _rules(member)))
    for participant in asking:
        openings.of_participant(world, diary, participant)
    world.touch_context()
    if changed:
        world.queues.push_all(queue_view.accounts(world, member.asset))
        settle.work(world, diary, at)
    return diary.done()


def own_currency(world: World, command: Command, action: str, asset: str) -> Member | Refusal:
    """Give the member of a currency that the actor's right reaches, or why not."""
    member = world.members.member_of(asset)
    if member is None:
        return MemberRefusal.CURRENCY_NOT_FOUND
    if not world.members.reaches(command.actor, action, asset=asset):
        return MemberRefusal.OBJECT_IS_NOT_YOURS
    return member


def by_a_person(world: World, command: Command, fields: Struct) -> bool:
    """Tell whether a person gives what an RTGS connector's key gives alone: by hand it takes two."""
    actor = world.members.actors.get(command.actor)
    return actor is not None and actor.kind == PERSON


def _asks(world: World, bic: str, asset: str) -> Participant | None:
    """Give an active participant that asks to hold a currency, or None."""
    found = world.members.participants[bic]
    return found if found.state is ParticipantState.ACTIVE and asset in found.currencies else None


def _rules(member: Member) -> Raw:
    return raw(
        (
            member.asset, member.open_to_all, member.allowed, member.fund_on_advice, member.issue_line_minor,
            member.advice_line_minor, member.stop_on_difference, member.queue_mode,
        )
    )  # fmt: skip
