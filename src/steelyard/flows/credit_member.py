"""Member lines: what one member may owe another in the other's currency, drawn by its settlement agent for its banks.

The line is an account of the borrowing settlement agent whose floor is minus the cap: its balance is the member's
net position toward the lender, so the engine itself holds the cap. A draw moves money from it to a participant of
the member, a repayment moves it back. Each use is a lot by settlement date; the oldest is repaid first.
"""

from msgspec import Struct

from steelyard.engine.accounts import AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import batch, booking, credit_interest, guard, openings, pvp_cover
from steelyard.flows import credit_lines as lines
from steelyard.flows.command import Command, Outcome
from steelyard.flows.credit_lines import Bp, Days
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import At, Name, Number
from steelyard.flows.world import World
from steelyard.liquidity.credit import Line, LineKind, Lot, Terms
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.values.instants import Day, Instant
from steelyard.values.refusal import Refusal

EVENTS = {1: "near", 2: "over"}
"""What is told of a lot's age."""


class MemberFields(Struct, array_like=True, frozen=True):
    """A line for the settlement agent of another member in the own currency, all terms anew."""

    asset: Name
    partner: Name
    cap_minor: Number
    age_limit_days: Days
    rate_bp: Bp = 0
    from_at: At = 0
    to_at: At = 0


def put(world: World, command: Command, fields: MemberFields, at: Instant) -> Outcome:
    """Give a member line, or change its terms."""
    member = lines.lender(world, command, fields.asset)
    if isinstance(member, Refusal):
        return refused(member)
    partner = lines.partner(world, command, fields.partner)
    if isinstance(partner, Refusal):
        return refused(partner)
    terms = _terms(fields)
    if not lines.fit(terms, at) or not terms.age_limit_days:
        return refused(LiquidityRefusal.CREDIT_TERMS_OUT_OF_RANGE)
    diary = Diary()
    refusal = lines.has_accounts(world, diary, command.sender, fields.asset, 1, terms.rate_bp)
    if refusal is None:
        refusal = openings.open_account(
            world, diary, lines.LINE, fields.partner, fields.asset, kind=AccountKind.SETTLEMENT
        )
    if refusal is not None:
        return refused(refusal)
    account_no = world.members.accounts.get(lines.LINE, fields.partner, fields.asset)
    assert account_no is not None
    changed = world.engine.change_account(account_no, floor=-terms.cap_minor, ceiling=None, people=2)
    assert changed is None, changed
    diary.fact(openings.changed(world, account_no))
    who = (command.sender, fields.partner, fields.asset)
    line = lines.give(world, LineKind.MEMBER, who, terms, account_no=account_no, at=at)
    lines.line_set(world, diary, line, at)
    lines.tell(diary, line, "credit.changed", terms.cap_minor)
    return diary.done()


def widens(world: World, command: Command, fields: MemberFields) -> bool:
    """Tell whether a line is opened, raised or extended."""
    who = (command.sender, fields.partner, fields.asset)
    return lines.widens(world.credit, LineKind.MEMBER, who, _terms(fields))


def draw(
    world: World, diary: Diary, line: Line, target: int, minor: int, at: Instant, *, cycle: bytes = b""
) -> Lot | Refusal:
    """Move money from the line to an account, and open a lot for it; or say why not.

    What was paid into the line before anything was drawn is used first, and makes no lot.
    """
    refusal = lines.unusable(world, line, at)
    if refusal is not None:
        return refusal
    on = lines.today(world, line.asset, at)
    if line.is_full(on, target, cycle):
        return LiquidityRefusal.CREDIT_LOTS_ARE_FULL
    number = booking.bundle_id(line.seed(b"draw"), world.commands, at)
    bundle = Bundle(
        number, Kind.TRANSFER, (Leg(line.account_no, target, minor),),
        reference=int.from_bytes(line.line_id, "big"),
    )  # fmt: skip
    authority = [world.engine.owner_nos[line.borrower]]
    act = world.engine.check_move(bundle, authority=authority, at=at)
    if act.refusal is EngineRefusal.LIQUIDITY_IS_SHORT:
        return LiquidityRefusal.CREDIT_CAP_WOULD_BE_EXCEEDED
    if act.refusal is not None:
        return act.refusal
    sync(world, diary, line, on)
    act = world.engine.move(bundle, authority=authority, at=at)
    assert act.refusal is None, act
    line.acts += 1
    line.gave(target, minor)
    used = lines.use_minor(world, line) - line.lots_minor
    lot = line.add(used, on, target, cycle) if used else Lot(0, minor, 0, on, target, cycle)
    lines.lot_moved(world, diary, line, lot, "drawn", minor, on, number.to_bytes(16, "big"))
    lines.tell(diary, line, "credit.drawn", minor)
    world.queues.push_work(target)
    batch.credit_opened(world, line.asset)
    guard.heavier(world, diary, lines.owner_of(world, target), line.asset)
    return lot


def repay(
    world: World,
    diary: Diary,
    line: Line,
    source: int,
    minor: int,
    at: Instant,
    *,
    most_minor: int,
    first_no: int = 0,
    is_back: bool = False,
) -> Refusal | None:
    """Move money from an account back to the line; its oldest lots are repaid first, but one named before them.

    With the last of them its interest is rounded, and taken from the same account. What covers shorts in the PvP
    queue stays, unless the money `is_back`: it has come onto the account with this command, and so was no cover.
    """
    on = lines.today(world, line.asset, at)
    if minor > min(most_minor, lines.use_minor(world, line)):
        return LiquidityRefusal.REPAYMENT_EXCEEDS_USE
    payer = lines.owner_of(world, source)
    number = booking.bundle_id(line.seed(b"repay"), world.commands, at)
    bundle = Bundle(
        number, Kind.TRANSFER, (Leg(source, line.account_no, minor),),
        reference=int.from_bytes(line.line_id, "big"),
    )  # fmt: skip
    authority = [world.engine.owner_nos[payer]]
    act = world.engine.check_move(bundle, authority=authority, at=at)
    if act.refusal is not None:
        return act.refusal
    if not is_back and pvp_cover.keeps(world, payer, source, minor):
        return pvp_cover.REFUSAL
    sync(world, diary, line, on)
    act = world.engine.move(bundle, authority=authority, at=at)
    assert act.refusal is None, act
    line.acts += 1
    line.repaid(source, minor)
    sync(world, diary, line, on, bundle_id=number.to_bytes(16, "big"), first_no=first_no)
    lines.tell(diary, line, "credit.repaid", minor)
    if not line.lots:
        line.owed.clear()
        credit_interest.fix(world, diary, line, line.account_no, at, payer_no=source)
    guard.lighter(world, payer, line.asset)
    return None


def sync(
    world: World, diary: Diary, line: Line, on: Day, *, bundle_id: bytes = b"", first_no: int = 0
) -> None:
    """Let the lots sum to what is used of the line: more is a new lot, less repays the oldest."""
    more = lines.use_minor(world, line) - line.lots_minor
    if more > 0:
        lines.lot_moved(world, diary, line, line.add(more, on), "drawn", more, on)
    elif more < 0:
        for lot, part in line.take(-more, first_no=first_no):
            lines.lot_moved(world, diary, line, lot, "repaid", part, on, bundle_id)


def age(world: World, diary: Diary, line: Line, on: Day, at: Instant) -> None:
    """Tell both sides of lots that come near their age limit on a date, or reach it: the line is closed then."""
    for lot, level in line.aged(on):
        event = EVENTS[level]
        lines.lot_moved(world, diary, line, lot, event, lot.open_minor, on)
        lines.tell(diary, line, f"credit.{event}", lot.open_minor)


def _terms(fields: MemberFields) -> Terms:
    return Terms(
        fields.cap_minor, fields.rate_bp, fields.from_at, fields.to_at, age_limit_days=fields.age_limit_days
    )
