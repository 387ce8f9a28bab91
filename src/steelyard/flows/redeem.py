"""Money out: a participant redeems its currency into its account at the central bank.

The money is reserved at once and never released on silence, since the RTGS may have paid. What the RTGS says
settles or releases; what contradicts a final state, or names another amount, books nothing: it is noted, an
alarm, and stops issuing until two people of the settlement agent have ruled.
"""

from msgspec import Struct

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import pvp_cover, redeeming, settle
from steelyard.flows.booking import bundle_id
from steelyard.flows.command import Command, Outcome
from steelyard.flows.currency import own_currency
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import RedemptionMoved
from steelyard.flows.fields import Id16, Name, Word
from steelyard.flows.world import World
from steelyard.members.members import MemberState
from steelyard.members.money import Unlike
from steelyard.members.participants import REDEEMS
from steelyard.members.redemptions import FINAL, WITH_RTGS, Redemption, RedemptionEvent, RedemptionState
from steelyard.members.refusals import MemberRefusal, MoneyRefusal
from steelyard.values.refusal import Refusal

E, S = RedemptionEvent, RedemptionState
REFERENCE_MAX = 35
PAYS_OUT = (MemberState.ACTIVE, MemberState.SUSPENDED, MemberState.LEAVING)


class RedeemFields(Struct, array_like=True, frozen=True):
    """How much of which currency. It goes to the account that the RTGS knows for the participant."""

    asset: Name
    amount_minor: int


class FundFields(Struct, array_like=True, frozen=True):
    """How much of which currency a participant wants to bring in (`fund.py`)."""

    asset: Name
    amount_minor: int


class NamedFields(Struct, array_like=True, frozen=True):
    """Which redemption."""

    redemption: Id16


class PayoutFields(Struct, array_like=True, frozen=True):
    """What the RTGS did with an order: paid or not, how much, under which reference of its own."""

    redemption: Id16
    paid: bool
    amount_minor: int
    payout: Word = ""
    reason: Word = ""


class RuleFields(Struct, array_like=True, frozen=True):
    """What two people found in the RTGS's statement about an overdue order."""

    redemption: Id16
    paid: bool
    statement: Word


def run(world: World, command: Command, fields: RedeemFields, at: int) -> Outcome:
    """Reserve the money and order the pay-out, at once inside RTGS hours."""
    participant = world.members.participant(command.sender)
    member = world.members.member_of(fields.asset)
    if participant is None:
        return refused(MemberRefusal.PARTICIPANT_NOT_FOUND)
    if participant.state not in REDEEMS:
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    if member is None:
        return refused(MemberRefusal.CURRENCY_NOT_FOUND)
    home = world.members.members[participant.member]
    if member.state not in PAYS_OUT or home.state not in (MemberState.ACTIVE, MemberState.LEAVING):
        return refused(MemberRefusal.MEMBER_STATE_FORBIDS)
    source = world.members.settlement_account(command.sender, fields.asset)
    target = world.members.issuer_account(fields.asset)
    if source is None or target is None:
        return refused(EngineRefusal.ACCOUNT_NOT_FOUND)
    if command.id in world.money.redemptions:
        return refused(MoneyRefusal.REQUEST_IS_TAKEN)
    if world.money.waiting_redemptions(command.sender) >= world.packs.rulebook(at).members.redemptions_max:
        return refused(MoneyRefusal.TOO_MANY_REDEMPTIONS)
    if pvp_cover.keeps(world, command.sender, source, fields.amount_minor):
        return refused(pvp_cover.REFUSAL)
    number = bundle_id(command.id, world.commands, at)
    bundle = Bundle(
        number, Kind.REDEEM, (Leg(source, target, fields.amount_minor),),
        reference=int.from_bytes(command.id, "big"),
    )  # fmt: skip
    owners = (command.sender, member.settlement_agent)
    authority = [world.engine.owner_nos[owner] for owner in owners]
    act = world.engine.reserve(bundle, authority=authority, at=at)
    if act.refusal is not None:
        return refused(act.refusal, act.leg)
    redemption = Redemption(
        command.id, command.sender, fields.asset, fields.amount_minor, bundle_id=number.to_bytes(16, "big"),
        asked_at=at,
    )  # fmt: skip
    diary = Diary()
    redeeming.move(world, diary, redemption, E.CHECKED)
    redeeming.instruct_or_wait(world, diary, redemption, at)
    return diary.done()


def withdraw(world: World, command: Command, fields: NamedFields, at: int) -> Outcome:
    """Take a redemption back that is not yet with the RTGS."""
    redemption = world.money.redemptions.get(fields.redemption)
    if redemption is None or redemption.participant != command.sender:
        return refused(MoneyRefusal.REDEMPTION_NOT_FOUND)
    if redemption.state is not S.RESERVED:
        return refused(MoneyRefusal.REDEMPTION_STATE_FORBIDS)
    diary = Diary()
    redeeming.release(world, diary, redemption, E.WITHDRAWN, at)
    settle.work(world, diary, at)
    return diary.done()


def advise(world: World, command: Command, fields: PayoutFields, at: int) -> Outcome:
    """Take the RTGS's word about an order. The same word twice changes nothing."""
    redemption = _reported(world, command, fields.redemption, "advise")
    if isinstance(redemption, Refusal):
        return refused(redemption)
    if len(fields.payout) > REFERENCE_MAX or (fields.paid and not fields.payout):
        return refused(MoneyRefusal.REFERENCE_IS_MALFORMED)
    diary = Diary()
    state = redemption.state
    if state in FINAL:
        if fields.paid == (state is S.SETTLED):
            _stands(diary, redemption)
            return diary.repeated()
        why = "PAID_AFTER_RELEASE" if fields.paid else "REFUSED_AFTER_SETTLEMENT"
        note(world, diary, redemption, why, fields, at)
        _stands(diary, redemption)
    elif state not in WITH_RTGS:
        if not fields.paid:
            return refused(MoneyRefusal.REDEMPTION_STATE_FORBIDS)
        note(world, diary, redemption, "PAID_BEFORE_ORDER", fields, at)
        redeeming.move(world, diary, redemption, E.INSTRUCT, "PAID_BEFORE_ORDER")
        redeeming.overdue(world, diary, redemption, at, "PAID_BEFORE_ORDER")
    elif not fields.paid:
        redeeming.release(world, diary, redemption, E.REFUSED_BY_RTGS, at, fields.reason[:REFERENCE_MAX])
    elif fields.amount_minor != redemption.amount_minor:
        note(world, diary, redemption, "PAYOUT_AMOUNT_DIFFERS", fields, at)
        _kept(world, diary, redemption, "PAYOUT_AMOUNT_DIFFERS", at)
    else:
        redemption.payout = fields.payout
        frozen = redeeming.settle(world, diary, redemption, E.PAID, at)
        if frozen is not None:
            _kept(world, diary, redemption, frozen.name, at)
    settle.work(world, diary, at)
    return diary.done()


def rule(world: World, command: Command, fields: RuleFields, at: int) -> Outcome:
    """End an overdue redemption by what two people found in the RTGS's statement, which they name."""
    redemption = _reported(world, command, fields.redemption, "issue")
    if isinstance(redemption, Refusal):
        return refused(redemption)
    if not 0 < len(fields.statement) <= REFERENCE_MAX:
        return refused(MoneyRefusal.REFERENCE_IS_MALFORMED)
    if redemption.state is not S.OVERDUE:
        return refused(MoneyRefusal.REDEMPTION_STATE_FORBIDS)
    diary = Diary()
    if fields.paid:
        frozen = redeeming.settle(world, diary, redemption, E.RULED_PAID, at, fields.statement)
        if frozen is not None:
            return refused(frozen)
    else:
        redeeming.release(world, diary, redemption, E.RULED_UNPAID, at, fields.statement)
    settle.work(world, diary, at)
    return diary.done()


def over_line(world: World, command: Command, fields: RedeemFields | FundFields) -> bool:
    """Tell whether an amount lies above the line from which a participant's own acts take two people."""
    participant = world.members.participant(command.sender)
    line = None if participant is None else participant.settings.lines_minor.get(fields.asset)
    return line is not None and fields.amount_minor > line


def note(world: World, diary: Diary, redemption: Redemption, why: str, fields: PayoutFields, at: int) -> None:
    """Note a contradiction, raise the alarm, and stop issuing where the currency's rule says so."""
    member = world.members.member_of(redemption.asset)
    assert member is not None
    unlike = Unlike(
        redemption.asset, why, redemption.id.hex(), at, redemption.amount_minor, fields.amount_minor
    )
    if world.money.differs(unlike, stop=member.stop_on_difference):
        diary.tell(
            member.settlement_agent, "reserve.differs", redemption.id, redemption.asset, why,
            redemption.amount_minor, fields.amount_minor,
        )  # fmt: skip


def _reported(world: World, command: Command, id: bytes, action: str) -> Redemption | Refusal:
    redemption = world.money.redemptions.get(id)
    if redemption is None:
        return MoneyRefusal.REDEMPTION_NOT_FOUND
    member = own_currency(world, command, action, redemption.asset)
    return redemption if not isinstance(member, Refusal) else MoneyRefusal.REDEMPTION_NOT_FOUND


def _kept(world: World, diary: Diary, redemption: Redemption, why: str, at: int) -> None:
    """Keep a redemption that was answered in a way that books nothing now; it is asked about until it ends."""
    if redemption.state is S.INSTRUCTED:
        redeeming.overdue(world, diary, redemption, at, why)
    else:
        redemption.reason = why
        world.money.put_redemption(redemption)
        _stands(diary, redemption)


def _stands(diary: Diary, redemption: Redemption) -> None:
    diary.fact(
        RedemptionMoved(
            redemption.id, redemption.participant, redemption.asset, redemption.amount_minor,
            redemption.state.value, redemption.reason, redemption.bundle_id,
        )
    )  # fmt: skip
