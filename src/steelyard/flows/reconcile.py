"""Compare a currency's reserve account outside with what is issued here, item by item and in all.

`theirs` keeps what a statement showed and is not booked here, `ours` the other way round; so an advice or a
pay-out that crosses a statement finds its other half with the next one. An item that nothing here explains, an
amount that differs, an item that a statement should have shown, or a closing balance that does not follow is a
difference: alarm, and by rule no more of the currency is issued until two people clear it.
"""

from msgspec import Struct

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows.command import Command, Outcome
from steelyard.flows.currency import own_currency
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import ReserveCleared, ReserveStated
from steelyard.flows.fields import Name, Word
from steelyard.flows.redeem import REFERENCE_MAX
from steelyard.flows.world import World
from steelyard.members.fundings import FundingState
from steelyard.members.members import Member
from steelyard.members.money import STATEMENTS_MAX, SUM_MAX, Unlike
from steelyard.members.redemptions import WITH_RTGS
from steelyard.members.refusals import MemberRefusal, MoneyRefusal
from steelyard.values.refusal import Refusal
from steelyard.values.wide import wide

UNKNOWN, AMOUNT, MISSING, CLOSING = "UNKNOWN_ITEM", "AMOUNT_DIFFERS", "MISSING_THERE", "CLOSING_DIFFERS"


class StatementFields(Struct, array_like=True, frozen=True):
    """A statement of the reserve account up to `until_at`: its items since the one before, and its closing.

    An item is (reference, amount), in positive, out negative; the reference is the advice id of money in, the
    order's id in hex of money out.
    """

    asset: Name
    statement: Word
    until_at: int
    closing_minor: int
    items: tuple[tuple[str, int], ...] = ()


class ClearFields(Struct, array_like=True, frozen=True):
    """Which currency's differences two people have looked into, and a short reason."""

    asset: Name
    reason: Word


def run(world: World, command: Command, fields: StatementFields, at: int) -> Outcome:
    """Take a statement and say what does not fit."""
    member = own_currency(world, command, "advise", fields.asset)
    if isinstance(member, Refusal):
        return refused(member)
    if not 0 < len(fields.statement) <= REFERENCE_MAX:
        return refused(MoneyRefusal.REFERENCE_IS_MALFORMED)
    if fields.statement in world.money.statements.get(fields.asset, ()):
        return refused(MoneyRefusal.STATEMENT_IS_TAKEN)
    issuer = world.members.issuer_account(fields.asset)
    if issuer is None:
        return refused(MemberRefusal.MEMBER_STATE_FORBIDS)
    if _is_too_large(world, fields):
        return refused(EngineRefusal.LEG_AMOUNT_IS_TOO_LARGE)
    seen = world.money.statements.setdefault(fields.asset, [])
    seen.append(fields.statement)
    del seen[:-STATEMENTS_MAX]
    found = [*_match(world, fields, at), *_missing(world, fields, at)]
    issued = world.engine.balance(issuer).balance - world.credit.issued(fields.asset)
    expected = world.money.expected(fields.asset, issued)
    if expected != fields.closing_minor:
        found.append(Unlike(fields.asset, CLOSING, fields.statement, at, expected, fields.closing_minor))
    diary = Diary()
    for unlike in found:
        if world.money.differs(unlike, stop=member.stop_on_difference):
            _alarm(diary, member, unlike)
    agreed = not found
    diary.fact(
        ReserveStated(
            fields.asset, fields.statement, fields.until_at, fields.closing_minor, wide(issued), agreed,
            tuple((one.why, one.reference, one.ours_minor, one.theirs_minor) for one in found),
        )
    )  # fmt: skip
    return diary.done()


def clear(world: World, command: Command, fields: ClearFields, at: int) -> Outcome:
    """Take a currency's differences as ruled on and let it be issued again."""
    member = own_currency(world, command, "issue", fields.asset)
    if isinstance(member, Refusal):
        return refused(member)
    known = any(one.asset == fields.asset for one in world.money.unlike)
    if not known and fields.asset not in world.money.stopped:
        return refused(MoneyRefusal.NOTHING_TO_CLEAR)
    cleared = world.money.clear(fields.asset)
    diary = Diary()
    diary.fact(ReserveCleared(fields.asset, len(cleared), fields.reason[:REFERENCE_MAX]))
    return diary.done()


def _is_too_large(world: World, fields: StatementFields) -> bool:
    """Tell whether a statement's sums, with what is open from those before, could not be written down."""
    shown = sum(abs(amount) for _, amount in fields.items)
    open_before = sum(abs(amount) for amount in world.money.theirs.get(fields.asset, {}).values())
    return shown + open_before + abs(fields.closing_minor) > SUM_MAX


def _match(world: World, fields: StatementFields, at: int) -> list[Unlike]:
    """Strike what both sides have; keep what only they have; give what nothing here explains."""
    asset, found = fields.asset, []
    ours = world.money.ours.setdefault(asset, {})
    theirs = world.money.theirs.setdefault(asset, {})
    for reference, amount in fields.items:
        booked = ours.pop(reference, None)
        if booked is not None and booked.amount_minor == amount:
            continue
        if booked is not None:
            ours[reference] = booked
            found.append(Unlike(asset, AMOUNT, reference, at, booked.amount_minor, amount))
        elif not _is_explained(world, asset, reference, amount):
            found.append(Unlike(asset, UNKNOWN, reference, at, 0, amount))
        theirs[reference] = theirs.get(reference, 0) + amount
    return found


def _missing(world: World, fields: StatementFields, at: int) -> list[Unlike]:
    """Give what was booked before the statement's end and should stand in it."""
    ours, theirs = world.money.ours[fields.asset], world.money.theirs[fields.asset]
    return [
        Unlike(fields.asset, MISSING, reference, at, ours[reference].amount_minor, 0)
        for reference in sorted(ours)
        if ours[reference].at < fields.until_at and reference not in theirs
    ]


def _is_explained(world: World, asset: str, reference: str, amount: int) -> bool:
    """Tell whether an item that is not booked is one that this side knows to be under way."""
    funding = world.money.advised(asset, reference)
    if funding is not None and funding.state is FundingState.LISTED:
        return amount == funding.amount_minor
    try:
        redemption = world.money.redemptions.get(bytes.fromhex(reference))
    except ValueError:
        return False
    known = redemption is not None and redemption.asset == asset and redemption.state in WITH_RTGS
    return known and redemption is not None and amount == -redemption.amount_minor


def _alarm(diary: Diary, member: Member, unlike: Unlike) -> None:
    diary.tell(
        member.settlement_agent, "reserve.differs", unlike.reference.encode(), unlike.asset, unlike.why,
        unlike.ours_minor, unlike.theirs_minor,
    )  # fmt: skip
