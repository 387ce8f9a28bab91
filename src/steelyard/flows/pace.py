"""Throughput rules of currencies: set by settlement agents, applied when a day ends. Never a reason to refuse.

At the end of a date every payer is judged by what it had sent in by each checkpoint. What follows is the rule's:
its figures are published, a fee is due, its payments lose ranks in pools until the next end of a day. Fees go to
the settlement agent, one bundle for each payer, apart from all payments; what is not there is owed until it is.
"""

from msgspec import Struct

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.flows import booking, currency, openings, parties, pvp_cover
from steelyard.flows.command import Command, Outcome, raw
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import SettingChanged
from steelyard.flows.fields import Name
from steelyard.flows.liquidity_facts import PaceJudged
from steelyard.flows.world import World
from steelyard.liquidity.pace import Judged, PaceRule
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.members.accounts import FEE
from steelyard.members.members import Member
from steelyard.values.instants import Day, Instant
from steelyard.values.refusal import Refusal
from steelyard.values.wide import wide


class RuleFields(Struct, array_like=True, frozen=True, gc=False):
    """A currency's throughput rule; None: it has none any more."""

    asset: Name
    rule: PaceRule | None = None


def set_rule(world: World, command: Command, fields: RuleFields, at: Instant) -> Outcome:
    """Give one's currency a throughput rule, or none any more; counting begins anew."""
    member = currency.own_currency(world, command, "cap", fields.asset)
    if isinstance(member, Refusal):
        return refused(member)
    if fields.rule is not None and not fields.rule.is_sound:
        return refused(No.THROUGHPUT_RULE_OUT_OF_RANGE)
    diary = Diary()
    if fields.rule is not None:
        refusal = openings.open_account(world, diary, FEE, member.settlement_agent, fields.asset)
        if refusal is not None:
            return refused(refusal)
    world.pace.put(fields.asset, fields.rule)
    diary.fact(SettingChanged(member.settlement_agent, f"throughput/{fields.asset}", raw(fields.rule)))
    return diary.done()


def at_close(world: World, diary: Diary, asset: str, on: Day, at: Instant) -> None:
    """Judge everybody's date and take what is due."""
    if not world.pace.anything:
        return
    member = world.members.assets[asset]
    owed = world.pace.owed.setdefault(asset, {})
    judged = world.pace.end_day(asset, on)
    for payer in sorted({*judged, *owed}):
        one = judged.get(payer)
        due = owed.pop(payer, 0) + (one.fee_minor + one.count.fee_minor if one is not None else 0)
        bundle_id = _take(world, member, payer, due, on, at) if due else 0
        if due and not bundle_id:
            owed[payer] = due
        if one is not None:
            _tell(diary, asset, on, payer, one, due, bundle_id)
    if not owed:
        del world.pace.owed[asset]


def _take(world: World, member: Member, payer: str, minor: int, on: Day, at: Instant) -> int:
    """Book a payer's fees; give the bundle's id, 0 where the money is not there or may not move."""
    legs = (
        Leg(
            parties.settlement_account(world, payer, member.asset),
            parties.fee_account(world, member.settlement_agent, member.asset),
            minor,
        ),
    )
    number = booking.bundle_id(f"pace {member.asset} {on} {payer}".encode(), world.commands, at)
    bundle = Bundle(number, Kind.FEE, legs, reference=number)
    if pvp_cover.takes(world, payer, legs):
        return 0
    act = world.engine.move(bundle, authority=[world.engine.owner_nos.get(payer, 0)], at=at)
    return 0 if act.refusal is not None else number


def _tell(diary: Diary, asset: str, on: Day, payer: str, one: Judged, due_minor: int, bundle_id: int) -> None:
    count = one.count
    diary.fact(
        PaceJudged(
            payer, asset, on, count.submitted, wide(count.submitted_minor), count.settled,
            wide(count.settled_minor), count.waited // count.settled if count.settled else 0,
            wide(one.own_day_minor), tuple(map(wide, count.early)), one.missed, one.published, one.ranks,
            one.fee_minor, wide(count.fee_minor), wide(count.saved_minor), wide(due_minor),
            bundle_id.to_bytes(16, "big") if bundle_id else b"",
        )
    )  # fmt: skip
    if one.missed or due_minor:
        diary.tell(payer, "throughput.judged", asset.encode(), on, one.missed, wide(due_minor), one.ranks)
