"""Terms of the PvP queue: how far members may be short, haircuts, and by when what they are short is paid in."""

from typing import Annotated

from msgspec import Meta, Struct

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows.command import Command, Outcome, raw
from steelyard.flows.currency import own_currency
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import SettingChanged
from steelyard.flows.fields import At, Name
from steelyard.flows.pvp_queue import position
from steelyard.flows.world import World
from steelyard.liquidity.algorithms.pvp import STEPS_MAX, WHOLE_BP, pay_in_schedule
from steelyard.liquidity.order_refusals import OrderRefusal as No
from steelyard.liquidity.pvp_book import DuePayIns
from steelyard.members.refusals import MemberRefusal
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal


class TermsFields(Struct, array_like=True, frozen=True, gc=False):
    """How far a participant may be short of a currency, by that currency's settlement agent; and its haircut.

    `aggregate_minor` enrols a participant of the agent's own member: the most it may be short in all, in this
    currency; -1 for a participant that is not enrolled (any longer).
    """

    participant: Name
    asset: Name
    short_minor: int
    haircut_bp: int
    aggregate_minor: int = -1


class ScheduleFields(Struct, array_like=True, frozen=True, gc=False):
    """By when a participant pays in what it is short now: (due at, share of the whole in basis points, summed up)."""

    participant: Name
    asset: Name
    steps: Annotated[tuple[tuple[At, int], ...], Meta(max_length=STEPS_MAX)]


def set_terms(world: World, command: Command, fields: TermsFields, at: Instant) -> Outcome:
    """Put a participant's terms for a currency in place of those before."""
    refusal = _agent(world, command, fields.participant, fields.asset)
    if refusal is not None:
        return refused(refusal)
    home = world.members.assets[fields.asset].code == world.members.home(fields.participant)
    in_range = 0 <= fields.short_minor < AMOUNT_END and 0 <= fields.haircut_bp < WHOLE_BP
    if (
        not in_range
        or not -1 <= fields.aggregate_minor < AMOUNT_END
        or (not home and fields.aggregate_minor >= 0)
    ):
        return refused(No.PVP_TERMS_OUT_OF_RANGE)
    book, who = world.pvp, fields.participant
    book.short_limits[who, fields.asset] = fields.short_minor
    book.haircuts[fields.asset] = fields.haircut_bp
    if home and fields.aggregate_minor >= 0:
        book.aggregates[who] = fields.asset, fields.aggregate_minor
    elif home:
        book.aggregates.pop(who, None)
    diary = Diary()
    told = (fields.short_minor, fields.haircut_bp, fields.aggregate_minor)
    diary.fact(SettingChanged(who, f"pvp/{fields.asset}", raw(told)))
    return diary.done()


def widens(world: World, command: Command, fields: TermsFields) -> bool:
    """Tell whether terms let a participant be shorter than before: that takes two people."""
    book = world.pvp
    _, aggregate = book.aggregates.get(fields.participant, ("", -1))
    return (
        fields.short_minor > book.short_limits.get((fields.participant, fields.asset), 0)
        or fields.aggregate_minor > aggregate
        or fields.haircut_bp < book.haircuts.get(fields.asset, 0)
    )


def set_schedule(world: World, command: Command, fields: ScheduleFields, at: Instant) -> Outcome:
    """Fix by when a participant pays in what it is short now; by the settlement agent that enrolled it."""
    refusal = _agent(world, command, fields.participant, fields.asset)
    if refusal is not None:
        return refused(refusal)
    if world.pvp.aggregates.get(fields.participant, ("", 0))[0] != fields.asset:
        return refused(No.PVP_TERMS_OUT_OF_RANGE)
    balances = position(world, fields.participant, sorted(world.members.assets))
    try:
        due = pay_in_schedule(balances, fields.steps)
    except ValueError:
        return refused(No.PVP_TERMS_OUT_OF_RANGE)
    short = tuple((asset, -minor) for asset, minor in balances.items() if minor < 0)
    steps = tuple((one.currency, one.due_at, one.amount_minor) for one in due)
    world.pvp.schedules[fields.participant] = DuePayIns(short, steps)
    diary = Diary()
    diary.fact(SettingChanged(fields.participant, "pvp_pay_in", raw(steps)))
    for asset, due_at, minor in steps:
        diary.tell(fields.participant, "pvp.pay_in", asset.encode(), due_at, minor)
    return diary.done()


def _agent(world: World, command: Command, participant: str, asset: str) -> Refusal | None:
    """Give why the sender may not speak of a participant's terms in a currency, or None."""
    member = own_currency(world, command, "credit", asset)
    if isinstance(member, Refusal):
        return member
    if command.sender != member.settlement_agent:
        return EngineRefusal.SENDER_HAS_NO_RIGHT
    return None if participant in world.members.participants else MemberRefusal.PARTICIPANT_NOT_FOUND
