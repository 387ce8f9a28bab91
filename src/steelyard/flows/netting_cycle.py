"""Orders about netting cycles: open one or set when they are cut, pay in, and what two people may do by hand.

The operator runs cycles of any currencies, a settlement agent opens and schedules those of its own. To cut one before
its time, to cancel one, to move the end of its pay-ins and to leave somebody out takes two people.
"""

from typing import Annotated

from msgspec import Meta, Struct

from steelyard.flows import cycle_fund, cycle_life, parties, pvp_cover, settle
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import At, Id16, Name, Number, Word
from steelyard.flows.liquidity_facts import CycleScheduled
from steelyard.flows.liquidity_rules import rules
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.liquidity.cycles import BEFORE_CLOSED, DAY_MINUTES, Cycle, CycleState, Schedule
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.liquidity.rules import MS
from steelyard.members.refusals import MemberRefusal
from steelyard.members.roles import OwnerKind
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

CUTS_MAX = 288
Assets = Annotated[tuple[Name, ...], Meta(max_length=64)]
CUTTABLE = (CycleState.OPEN,)
EXTENDABLE = (CycleState.NOTIFIED, CycleState.FUNDING)
EXCLUDABLE = (
    CycleState.OPEN,
    CycleState.CUT,
    CycleState.COMPUTED,
    CycleState.NOTIFIED,
    CycleState.FUNDING,
)


class OpenFields(Struct, array_like=True, frozen=True, gc=False):
    """Currencies of a cycle that opens now, and when it is cut; 0: when somebody cuts it."""

    assets: Assets
    cut_at: At = 0


class ScheduleFields(Struct, array_like=True, frozen=True, gc=False):
    """Currencies whose cycles are cut together every day, at these minutes after midnight UTC; none: no longer."""

    assets: Assets
    cuts: Annotated[tuple[Annotated[int, Meta(ge=0, lt=DAY_MINUTES)], ...], Meta(max_length=CUTS_MAX)] = ()


class NamedFields(Struct, array_like=True, frozen=True, gc=False):
    """Which cycle, and why, in a word."""

    cycle_id: Id16
    reason: Word = ""


class ExtendFields(Struct, array_like=True, frozen=True, gc=False):
    """Which cycle, and by how many ms the end of its pay-ins is moved."""

    cycle_id: Id16
    by_ms: Number


class ExcludeFields(Struct, array_like=True, frozen=True, gc=False):
    """Which cycle, and who is left out of it."""

    cycle_id: Id16
    participant: Name


class PayInFields(Struct, array_like=True, frozen=True, gc=False):
    """Which cycle, in which currency, how much of the call; 0: all that is left of it."""

    cycle_id: Id16
    asset: Name
    amount_minor: Number = 0


def open_cycle(world: World, command: Command, fields: OpenFields, at: Instant) -> Outcome:
    """Open a cycle by hand."""
    assets = tuple(sorted(set(fields.assets)))
    refusal = _may_run(world, command.sender, assets)
    if refusal is not None:
        return refused(refusal)
    if any(asset in world.cycles.open for asset in assets):
        return refused(No.CYCLE_IS_OPEN)
    if fields.cut_at and fields.cut_at <= at:
        return refused(No.CYCLE_TIME_OUT_OF_RANGE)
    diary = Diary()
    cycle_life.begin(world, diary, assets, cycle_life.COMMAND, fields.cut_at, at)
    return diary.done()


def schedule(world: World, command: Command, fields: ScheduleFields, at: Instant) -> Outcome:
    """Set when cycles are cut by the calendar; a cycle that is open keeps its own time."""
    assets = tuple(sorted(set(fields.assets)))
    refusal = _may_run(world, command.sender, assets)
    if refusal is not None:
        return refused(refusal)
    if list(fields.cuts) != sorted(set(fields.cuts)):
        return refused(No.CYCLE_TIME_OUT_OF_RANGE)
    schedules = world.cycles.schedules
    old = {found.assets: found for asset in assets if (found := schedules.get(asset)) is not None}
    for found in old.values():
        if _may_run(world, command.sender, found.assets) is not None:
            return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    diary = Diary()
    for found in old.values():
        for asset in found.assets:
            del schedules[asset]
        world.timers.cancel(TimerKind.CYCLE_SCHEDULE, found.assets[0].encode())
        if found.assets != assets:
            diary.fact(CycleScheduled(found.assets, ()))
    if fields.cuts:
        made = Schedule(assets, fields.cuts)
        schedules.update(dict.fromkeys(assets, made))
        diary.fact(CycleScheduled(assets, fields.cuts))
        cycle_life.open_by_schedule(world, diary, made, at)
    elif assets in old:
        diary.fact(CycleScheduled(assets, ()))
    return diary.done()


def cut(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Cut an open cycle before its time."""
    cycle = _in(world, fields.cycle_id, CUTTABLE)
    if not isinstance(cycle, Cycle):
        return refused(cycle)
    if not cycle.items:
        return refused(No.CYCLE_IS_EMPTY)
    if not cycle_life.is_open(world, cycle.assets, at):
        return refused(No.TIME_WINDOW_CLOSED)
    diary = Diary()
    cycle_life.cut(world, diary, cycle, at, reason=fields.reason)
    settle.work(world, diary, at)
    return diary.done()


def cancel(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """End a cycle that has not settled; everybody gets back what it paid in."""
    cycle = _in(world, fields.cycle_id, BEFORE_CLOSED)
    if not isinstance(cycle, Cycle):
        return refused(cycle)
    diary = Diary()
    cycle_life.cancel(world, diary, cycle, fields.reason or "CANCELLED_BY_HAND", at)
    settle.work(world, diary, at)
    return diary.done()


def extend(world: World, command: Command, fields: ExtendFields, at: Instant) -> Outcome:
    """Move the end of the pay-ins of a cycle, once."""
    cycle = _in(world, fields.cycle_id, EXTENDABLE)
    if not isinstance(cycle, Cycle):
        return refused(cycle)
    if cycle.asking or at >= cycle.deadline_at:
        return refused(No.CYCLE_STATE_FORBIDS)
    if cycle.extended or not 0 < fields.by_ms <= rules(world, at).cycle_extend_max_ms:
        return refused(No.CYCLE_WAS_EXTENDED)
    diary = Diary()
    cycle_life.extend(world, diary, cycle, fields.by_ms * MS, at)
    return diary.done()


def exclude(world: World, command: Command, fields: ExcludeFields, at: Instant) -> Outcome:
    """Leave a participant out of a cycle that has not settled."""
    cycle = _in(world, fields.cycle_id, EXCLUDABLE)
    if not isinstance(cycle, Cycle):
        return refused(cycle)
    if fields.participant not in world.members.participants or fields.participant in cycle.excluded:
        return refused(No.CYCLE_HAS_NO_SUCH_MEMBER)
    diary = Diary()
    cycle_life.exclude(world, diary, cycle, fields.participant, at)
    settle.work(world, diary, at)
    return diary.done()


def pay_in(world: World, command: Command, fields: PayInFields, at: Instant) -> Outcome:
    """Pay in what a cycle has called for, or a part of it."""
    cycle = _in(world, fields.cycle_id, (CycleState.FUNDING,))
    if not isinstance(cycle, Cycle):
        return refused(cycle)
    if at >= cycle.deadline_at or cycle.asking:
        return refused(No.PAY_IN_IS_LATE)
    left = cycle.open_call(command.sender, fields.asset)
    if not left:
        return refused(No.PAY_IN_NOT_CALLED)
    if fields.amount_minor > left:
        return refused(No.PAY_IN_EXCEEDS_CALL)
    minor = fields.amount_minor or left
    source = parties.settlement_account(world, command.sender, fields.asset)
    if pvp_cover.keeps(world, command.sender, source, minor):
        return refused(pvp_cover.REFUSAL)
    diary = Diary()
    act = cycle_fund.pay_in(world, diary, cycle, command.sender, fields.asset, minor, at)
    if act.refusal is not None:
        return refused(act.refusal, act.leg)
    cycle_life.look(world, diary, cycle, at)
    return diary.done()


def _in(world: World, cycle_id: bytes, states: tuple[CycleState, ...]) -> Cycle | Refusal:
    """Give a cycle in one of these states, or the refusal."""
    cycle = world.cycles.live.get(cycle_id)
    if cycle is None:
        return No.CYCLE_NOT_FOUND
    return cycle if cycle.state in states else No.CYCLE_STATE_FORBIDS


def _may_run(world: World, sender: str, assets: tuple[str, ...]) -> Refusal | None:
    """Say why a sender may not open or schedule cycles of these currencies, or None."""
    members = [world.members.assets.get(asset) for asset in assets]
    if not members or None in members:
        return MemberRefusal.CURRENCY_NOT_FOUND
    if world.members.owner_kind(sender) is OwnerKind.OPERATOR:
        return None
    own = all(member is not None and member.settlement_agent == sender for member in members)
    return None if own else MemberRefusal.OBJECT_IS_NOT_YOURS
