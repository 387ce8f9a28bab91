"""Money in: what is locked at the central bank outside is issued here, once per advice.

The advised amount counts, asked for or not. An advice nobody asked for is issued if the settlement agent's
rule says so; what may not be issued is listed with its reason, an alarm, since the money lies outside and not
here. It ends by two people of the settlement agent: issue now, or pay back.
"""

from msgspec import Struct

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import guard, settle
from steelyard.flows.booking import bundle_id
from steelyard.flows.command import Command, Outcome
from steelyard.flows.currency import own_currency
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import FundingMoved
from steelyard.flows.fields import Id16, Key, Name, Word
from steelyard.flows.redeem import REFERENCE_MAX, FundFields
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.members.calendars import REDEEM
from steelyard.members.fundings import Funding, FundingEvent, FundingState, step
from steelyard.members.members import Member, MemberState
from steelyard.members.refusals import MemberRefusal, MoneyRefusal
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import DAY
from steelyard.values.refusal import Refusal

E, S = FundingEvent, FundingState


class AdviceFields(Struct, array_like=True, frozen=True):
    """What the RTGS advises: so much is locked for a participant, under this id. `funding` names a request."""

    asset: Name
    participant: Name
    amount_minor: int
    advice: Word
    funding: Key = b""


class RefuseFields(Struct, array_like=True, frozen=True):
    """Which request the settlement agent turns away, and a short reason code."""

    funding: Id16
    reason: Word


class RuleFields(Struct, array_like=True, frozen=True):
    """Which listed funding, and whether it is issued now or paid back."""

    funding: Id16
    issue: bool


class IssueFields(Struct, array_like=True, frozen=True):
    """An issue by hand: to whom, how much, and the outside reference of the money locked."""

    asset: Name
    participant: Name
    amount_minor: int
    reference: Word


def ask(world: World, command: Command, fields: FundFields, at: int) -> Outcome:
    """Announce that money will be locked; the request lapses at the RTGS's cut-off."""
    participant = world.members.participant(command.sender)
    member = world.members.member_of(fields.asset)
    refusal: Refusal | None = None
    if participant is None:
        refusal = MemberRefusal.PARTICIPANT_NOT_FOUND
    elif not participant.receives:
        refusal = MoneyRefusal.PARTICIPANT_MAY_NOT_HOLD
    elif member is None:
        refusal = MemberRefusal.CURRENCY_NOT_FOUND
    elif member.state is not MemberState.ACTIVE:
        refusal = MemberRefusal.MEMBER_STATE_FORBIDS
    elif world.members.settlement_account(command.sender, fields.asset) is None:
        refusal = EngineRefusal.ACCOUNT_NOT_FOUND
    elif command.id in world.money.fundings:
        refusal = MoneyRefusal.REQUEST_IS_TAKEN
    else:
        refusal = _amount_refused(fields.amount_minor)
    if refusal is None and (
        world.money.waiting_fundings(command.sender) >= world.packs.rulebook(at).members.fundings_max
    ):
        refusal = MoneyRefusal.TOO_MANY_FUNDINGS
    if refusal is not None or member is None:
        return refused(refusal or MemberRefusal.CURRENCY_NOT_FOUND)
    funding = Funding(command.id, command.sender, fields.asset, fields.amount_minor, asked_at=at)
    world.money.put_funding(funding)
    closes_at = world.calendars.closes_at(fields.asset, REDEEM, at) or at + DAY
    world.timers.set(closes_at, TimerKind.FUNDING, funding.id)
    diary = Diary()
    _fact(diary, funding)
    diary.tell(member.settlement_agent, "funding.asked", funding.id, *told(funding))
    return diary.done()


def advise(world: World, command: Command, fields: AdviceFields, at: int) -> Outcome:
    """Take the RTGS's word that money is locked, and issue as much. The same advice twice issues once."""
    member = own_currency(world, command, "advise", fields.asset)
    if isinstance(member, Refusal):
        return refused(member)
    if not 0 < len(fields.advice) <= REFERENCE_MAX:
        return refused(MoneyRefusal.REFERENCE_IS_MALFORMED)
    refusal = _amount_refused(fields.amount_minor)
    if refusal is not None:
        return refused(refusal)
    diary = Diary()
    known = world.money.advised(fields.asset, fields.advice)
    if known is not None:
        if (known.participant, known.amount_minor) != (fields.participant, fields.amount_minor):
            return refused(MoneyRefusal.ADVICE_IS_TAKEN)
        _fact(diary, known)
        return diary.repeated()
    funding = _request(world, fields)
    unasked = funding is None
    if funding is None:
        if command.id in world.money.fundings:
            return refused(MoneyRefusal.REQUEST_IS_TAKEN)
        funding = Funding(command.id, fields.participant, fields.asset, 0, asked_at=at)
    funding.amount_minor, funding.advice = fields.amount_minor, fields.advice
    world.timers.cancel(TimerKind.FUNDING, funding.id)
    why = _not_by_rule(member, fields, unasked=unasked)
    _issue_or_list(world, diary, member, funding, why, at)
    return diary.done()


def refuse(world: World, command: Command, fields: RefuseFields, at: int) -> Outcome:
    """Turn a request away; an advice that comes all the same is one that nobody asked for."""
    funding = _found(world, command, fields.funding, "advise")
    if isinstance(funding, Refusal):
        return refused(funding)
    if step(funding.state, E.REFUSED) is None:
        return refused(MoneyRefusal.FUNDING_STATE_FORBIDS)
    world.timers.cancel(TimerKind.FUNDING, funding.id)
    diary = Diary()
    _move(world, diary, funding, E.REFUSED, fields.reason[:REFERENCE_MAX])
    return diary.done()


def rule(world: World, command: Command, fields: RuleFields, at: int) -> Outcome:
    """Issue a listed funding now, or order its money to be paid back outside."""
    funding = _found(world, command, fields.funding, "issue")
    if isinstance(funding, Refusal):
        return refused(funding)
    if step(funding.state, E.ISSUE) is None:
        return refused(MoneyRefusal.FUNDING_STATE_FORBIDS)
    member = world.members.member_of(funding.asset)
    assert member is not None
    diary = Diary()
    if fields.issue:
        refusal = _issue(world, diary, member, funding, E.ISSUE, at)
        return refused(refusal) if refusal is not None else diary.done()
    world.money.book(funding.asset, funding.advice, funding.amount_minor, at)
    world.money.book(funding.asset, funding.id.hex(), -funding.amount_minor, at)
    _move(world, diary, funding, E.PAY_BACK)
    diary.tell(member.settlement_agent, "rtgs.payback", funding.id, *told(funding), funding.advice)
    return diary.done()


def issue(world: World, command: Command, fields: IssueFields, at: int) -> Outcome:
    """Issue by hand against money that is locked outside under a reference."""
    member = own_currency(world, command, "issue", fields.asset)
    if isinstance(member, Refusal):
        return refused(member)
    if not 0 < len(fields.reference) <= REFERENCE_MAX:
        return refused(MoneyRefusal.REFERENCE_IS_MALFORMED)
    if world.money.advised(fields.asset, fields.reference) is not None:
        return refused(MoneyRefusal.ADVICE_IS_TAKEN)
    if command.id in world.money.fundings:
        return refused(MoneyRefusal.REQUEST_IS_TAKEN)
    funding = Funding(
        command.id, fields.participant, fields.asset, 0, S.LISTED, fields.amount_minor, fields.reference,
        asked_at=at,
    )  # fmt: skip
    diary = Diary()
    refusal = _issue(world, diary, member, funding, E.ISSUE, at)
    return refused(refusal) if refusal is not None else diary.done()


def over_issue_line(world: World, command: Command, fields: IssueFields) -> bool:
    """Tell whether an issue by hand lies above the settlement agent's own line; the line starts at 0."""
    member = world.members.member_of(fields.asset)
    return member is not None and fields.amount_minor > member.issue_line_minor


def on_timer_funding(world: World, diary: Diary, subject: bytes, at: int) -> None:
    """Let a request lapse whose money was not locked by the cut-off."""
    funding = world.money.fundings.get(subject)
    if funding is not None and step(funding.state, E.EXPIRED) is not None:
        _move(world, diary, funding, E.EXPIRED)


def told(funding: Funding) -> tuple[str | int, ...]:
    """Give what a notice says of a funding: (asset, amount, participant, state, reason, amount asked for)."""
    return (
        funding.asset, funding.amount_minor or funding.asked_minor, funding.participant, funding.state.value,
        funding.reason, funding.asked_minor,
    )  # fmt: skip


def _request(world: World, fields: AdviceFields) -> Funding | None:
    """Give the request that an advice answers: the one it names, else the oldest that fits."""
    if fields.funding:
        named = world.money.fundings.get(fields.funding)
        fits = named is not None and named.state is S.ASKED
        same = named is not None and (named.participant, named.asset) == (fields.participant, fields.asset)
        return named if fits and same else None
    return world.money.asked(fields.participant, fields.asset, fields.amount_minor)


def _not_by_rule(member: Member, fields: AdviceFields, *, unasked: bool) -> str:
    """Give why the settlement agent's standing rule does not issue this by itself, or nothing."""
    if unasked and not member.fund_on_advice:
        return "NOT_ASKED"
    line = member.advice_line_minor
    return "OVER_LINE" if 0 <= line < fields.amount_minor else ""


def _issue_or_list(world: World, diary: Diary, member: Member, funding: Funding, why: str, at: int) -> None:
    if not why:
        refusal = _issue(world, diary, member, funding, E.LOCK_ADVISED, at)
        if refusal is None:
            return
        why = refusal.name
    _move(world, diary, funding, E.LIST, why)
    diary.tell(member.settlement_agent, "funding.listed", funding.id, *told(funding))


def _issue(
    world: World, diary: Diary, member: Member, funding: Funding, event: FundingEvent, at: int
) -> Refusal | None:
    """Make the leg from the issuer to the participant, and let what waited for money go on."""
    participant = world.members.participant(funding.participant)
    if participant is None:
        return MemberRefusal.PARTICIPANT_NOT_FOUND
    if member.state is not MemberState.ACTIVE:
        return MemberRefusal.MEMBER_STATE_FORBIDS
    if funding.asset in world.money.stopped:
        return MoneyRefusal.ISSUING_IS_STOPPED
    if not participant.receives:
        return MoneyRefusal.PARTICIPANT_MAY_NOT_HOLD
    source = world.members.issuer_account(funding.asset)
    target = world.members.settlement_account(funding.participant, funding.asset)
    if source is None or target is None:
        return EngineRefusal.ACCOUNT_NOT_FOUND
    number = bundle_id(funding.id, world.commands, at)
    bundle = Bundle(
        number, Kind.ISSUE, (Leg(source, target, funding.amount_minor),),
        reference=int.from_bytes(funding.id, "big"),
    )  # fmt: skip
    act = world.engine.move(bundle, authority=[world.engine.owner_nos[member.settlement_agent]], at=at)
    if act.refusal is not None:
        return act.refusal
    funding.bundle_id = number.to_bytes(16, "big")
    world.money.book(funding.asset, funding.advice, funding.amount_minor, at)
    _move(world, diary, funding, event)
    world.queues.push_all([target])
    world.batches.touch(funding.asset).inflow = True
    guard.heavier(world, diary, funding.participant, funding.asset)
    settle.work(world, diary, at)
    return None


def _found(world: World, command: Command, id: bytes, action: str) -> Funding | Refusal:
    funding = world.money.fundings.get(id)
    if funding is None:
        return MoneyRefusal.FUNDING_NOT_FOUND
    member = own_currency(world, command, action, funding.asset)
    return funding if not isinstance(member, Refusal) else MoneyRefusal.FUNDING_NOT_FOUND


def _amount_refused(amount_minor: int) -> EngineRefusal | None:
    if amount_minor <= 0:
        return EngineRefusal.LEG_AMOUNT_MUST_BE_POSITIVE
    return EngineRefusal.LEG_AMOUNT_IS_TOO_LARGE if amount_minor >= AMOUNT_END else None


def _move(world: World, diary: Diary, funding: Funding, event: FundingEvent, reason: str = "") -> None:
    """Take one step of the table and write it down; a step that is not there is our own fault."""
    after = step(funding.state, event)
    if after is None:
        raise ValueError(f"{event} has no place in {funding.state}")
    funding.state, funding.reason = after, reason
    world.money.put_funding(funding)
    _fact(diary, funding)
    if funding.participant in world.members.participants:
        diary.tell(funding.participant, "funding.moved", funding.id, *told(funding))


def _fact(diary: Diary, funding: Funding) -> None:
    diary.fact(
        FundingMoved(
            funding.id, funding.participant, funding.asset, funding.amount_minor or funding.asked_minor,
            funding.state.value, funding.reason, funding.bundle_id,
        )
    )  # fmt: skip
