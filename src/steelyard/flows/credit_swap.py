"""Swap lines: the lender's currency against the borrower's, there at the stated rate and back at maturity unchanged.

A draw is one bundle of two legs: the lender issues to a participant of the borrower's member, the borrower issues as
much of its own currency, with a margin, to an account of the lender that nobody can spend from. The reverse bundle
is fixed at the draw, with its date: the same two amounts, back to their issuers. If it fails then, a case opens, the
line is closed, and it is tried again whenever the participant has the money. What covers shorts in the PvP queue it has
not: the lender holds a pledge with a margin, those who settled against the participant hold nothing but that cover.

Each direction is a line of its own, given by the settlement agent whose currency it is: so nobody lends unasked.
"""

from fractions import Fraction

from msgspec import Struct

from steelyard.engine.accounts import AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.flows import batch, booking, credit_interest, guard, openings, pvp_cover, valuing
from steelyard.flows import credit_lines as lines
from steelyard.flows.command import Command, Outcome
from steelyard.flows.credit_lines import Bp, Days
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import AccountOpened
from steelyard.flows.fields import At, Label, Name, Number
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.fx.refusals import FxRefusal
from steelyard.liquidity.credit import WHOLE_BP, Case, CaseKind, Line, LineKind, Lot, Terms
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.members.refusals import MemberRefusal, MoneyRefusal
from steelyard.values.instants import DAY, Instant
from steelyard.values.rate import Rounding, rounded
from steelyard.values.refusal import Refusal


class SwapFields(Struct, array_like=True, frozen=True):
    """What the settlement agent of another member may draw of the own currency, all terms anew.

    `margin_bp` is pledged above the value drawn, in `pledge_asset`, the partner's currency; `rate_source` names
    whose rate counts, empty for any that may be used for credit.
    """

    asset: Name
    partner: Name
    cap_minor: Number
    tenor_days: Days
    pledge_asset: Name
    margin_bp: Bp = 0
    rate_source: Label = ""
    rate_bp: Bp = 0
    from_at: At = 0
    to_at: At = 0


def put(world: World, command: Command, fields: SwapFields, at: Instant) -> Outcome:
    """Give a swap line, or change its terms; draws that are out go back as they were fixed."""
    member = lines.lender(world, command, fields.asset)
    if isinstance(member, Refusal):
        return refused(member)
    partner = lines.partner(world, command, fields.partner)
    if isinstance(partner, Refusal):
        return refused(partner)
    terms = _terms(fields)
    if not lines.fit(terms, at) or not terms.tenor_days or terms.pledge_asset != partner.asset:
        return refused(LiquidityRefusal.CREDIT_TERMS_OUT_OF_RANGE)
    diary = Diary()
    refusal = lines.has_accounts(world, diary, command.sender, fields.asset, 1, terms.rate_bp)
    if refusal is not None:
        return refused(refusal)
    account_no = _pledge_account(world, diary, command.sender, terms.pledge_asset)
    if isinstance(account_no, Refusal):
        return refused(account_no)
    who = (command.sender, fields.partner, fields.asset)
    line = lines.give(world, LineKind.SWAP, who, terms, account_no=account_no, at=at)
    lines.line_set(world, diary, line, at)
    lines.tell(diary, line, "credit.changed", terms.cap_minor)
    return diary.done()


def widens(world: World, command: Command, fields: SwapFields) -> bool:
    """Tell whether a line is opened, raised or extended."""
    who = (command.sender, fields.partner, fields.asset)
    return lines.widens(world.credit, LineKind.SWAP, who, _terms(fields))


def rate(world: World, line: Line, at: Instant) -> Fraction | FxRefusal:
    """Give what a minor unit of the lender's currency is worth in the pledged one, by the line's source."""
    terms = line.terms
    valued = valuing.values(world, [line.asset], unit=terms.pledge_asset, flow="credit", at=at)[line.asset]
    if valued.refusal is not None:
        return valued.refusal
    if valued.value is None or terms.rate_source not in ("", valued.source):
        return FxRefusal.RATE_IS_MISSING
    return valued.value


def pledge_minor(minor: int, worth: Fraction, margin_bp: int) -> int:
    """Give what is pledged for a draw: its value and the margin, rounded up once.

    >>> pledge_minor(1_000, Fraction(7, 3), 500)  # 2,450 exactly
    2450
    >>> pledge_minor(1_001, Fraction(7, 3), 500)  # 2,452.45
    2453
    """
    num = minor * worth.numerator * (WHOLE_BP + margin_bp)
    return rounded(num, worth.denominator * WHOLE_BP, Rounding.UP)


def draw(
    world: World, diary: Diary, line: Line, target: int, minor: int, at: Instant, *, cycle: bytes = b""
) -> Lot | Refusal:
    """Issue there and pledge here, and fix the way back; or say why not."""
    refusal: Refusal | None = lines.unusable(world, line, at)
    if refusal is None and minor > lines.room_minor(world, line):
        refusal = LiquidityRefusal.CREDIT_CAP_WOULD_BE_EXCEEDED
    if refusal is None:
        refusal = _not_issued(world, line)
    if refusal is None and line.is_full(lines.today(world, line.asset, at), target, cycle):
        refusal = LiquidityRefusal.CREDIT_LOTS_ARE_FULL
    if refusal is not None:
        return refusal
    worth = rate(world, line, at)
    if isinstance(worth, Refusal):
        return worth
    pledged = pledge_minor(minor, worth, line.terms.margin_bp)
    issuer, pledger = _issuers(world, line)
    number = booking.bundle_id(line.seed(b"draw"), world.commands, at)
    legs = (Leg(issuer, target, minor), Leg(pledger, line.account_no, pledged))
    bundle = Bundle(number, Kind.FX, legs, reference=int.from_bytes(line.line_id, "big"))
    owners = world.engine.owner_nos
    act = world.engine.move(bundle, authority=[owners[line.lender], owners[line.borrower]], at=at)
    if act.refusal is not None:
        return act.refusal
    on = lines.today(world, line.asset, at)
    lot = line.add(minor, on, target, cycle)
    lot.pledged_minor, lot.num, lot.den = pledged, str(worth.numerator), str(worth.denominator)
    lot.due_at = at + line.terms.tenor_days * DAY
    lot.reverse_id = booking.bundle_id(number.to_bytes(16, "big"), lot.lot_no, lot.due_at).to_bytes(16, "big")
    line.acts += 1
    line.gave(target, minor)
    world.timers.set(lot.due_at, TimerKind.CREDIT_SWAP, _subject(line, lot))
    lines.lot_moved(world, diary, line, lot, "drawn", minor, on, number.to_bytes(16, "big"))
    lines.tell(diary, line, "credit.drawn", minor)
    world.queues.push_work(target)
    batch.credit_opened(world, line.asset)
    guard.heavier(world, diary, lines.owner_of(world, target), line.asset)
    return lot


def reverse(
    world: World,
    diary: Diary,
    line: Line,
    lot: Lot,
    at: Instant,
    *,
    is_due: bool = False,
    is_back: bool = False,
) -> Refusal | None:
    """Book the reverse bundle of a draw, or give the refusal; with an account's last lot its interest is taken.

    At its maturity it has the id that was fixed with it, earlier or later another. What covers shorts in the PvP queue
    stays, unless the money `is_back`: it has come onto the account with this command, and so was no cover.
    """
    issuer, pledger = _issuers(world, line)
    owners, payer = world.engine.owner_nos, lines.owner_of(world, lot.account_no)
    dated = int.from_bytes(lot.reverse_id, "big")
    number = dated if is_due else booking.bundle_id(lot.reverse_id, world.commands, at)
    legs = (Leg(lot.account_no, issuer, lot.open_minor), Leg(line.account_no, pledger, lot.pledged_minor))
    bundle = Bundle(number, Kind.FX, legs, reference=int.from_bytes(line.line_id, "big"))
    authority = [owners[line.lender], owners[line.borrower], owners[payer]]
    if not is_back and pvp_cover.stops(world, payer, lot.account_no, lot.open_minor):
        return pvp_cover.REFUSAL
    act = world.engine.move(bundle, authority=authority, at=at)
    if act.refusal is not None:
        return act.refusal
    minor, lot.open_minor = lot.open_minor, 0
    line.lots = [one for one in line.lots if one.lot_no != lot.lot_no]
    line.repaid(lot.account_no, minor)
    world.timers.cancel(TimerKind.CREDIT_SWAP, _subject(line, lot))
    on = lines.today(world, line.asset, at)
    lines.lot_moved(world, diary, line, lot, "reversed", minor, on, number.to_bytes(16, "big"))
    lines.tell(diary, line, "credit.repaid", minor)
    case = world.credit.case_of(line.line_id, lot.lot_no)
    if case is not None:
        lines.close_case(world, diary, line, case, at)
    if lot.account_no not in line.owed:
        credit_interest.fix(world, diary, line, lot.account_no, at)
    guard.lighter(world, payer, line.asset)
    return None


def on_timer_swap(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """Give a draw back at its maturity; what cannot go back becomes a case."""
    line = world.credit.lines[subject[:16]]
    lot = line.lot(int.from_bytes(subject[16:], "big"))
    assert lot is not None
    if reverse(world, diary, line, lot, at, is_due=True) is not None:
        lines.open_case(world, diary, line, CaseKind.SWAP_NOT_REVERSED, lot.open_minor, at, lot_no=lot.lot_no)
        lines.line_set(world, diary, line, at)


def look(world: World, diary: Diary, line: Line, case: Case, at: Instant) -> None:
    """Try once more to give a draw back, where its account has the money by now."""
    lot = line.lot(case.lot_no)
    assert lot is not None
    if world.engine.balance(lot.account_no).available < lot.open_minor:
        return
    if reverse(world, diary, line, lot, at) is None:
        lines.line_set(world, diary, line, at)


def _issuers(world: World, line: Line) -> tuple[int, int]:
    issuer = world.members.issuer_account(line.asset)
    pledger = world.members.issuer_account(line.terms.pledge_asset)
    assert issuer is not None
    assert pledger is not None
    return issuer, pledger


def _not_issued(world: World, line: Line) -> Refusal | None:
    """Say why one of the two currencies is not issued now, or None."""
    for asset in (line.asset, line.terms.pledge_asset):
        if asset in world.money.stopped:
            return MoneyRefusal.ISSUING_IS_STOPPED
        member = world.members.assets[asset]
        if member.state != "ACTIVE":
            return MemberRefusal.MEMBER_STATE_FORBIDS
    return None


def _pledge_account(world: World, diary: Diary, owner: str, asset: str) -> int | Refusal:
    """Give the account where pledges of a currency to a lender lie: an escrow that only such bundles move."""
    found = world.members.accounts.get(lines.PLEDGE, owner, asset)
    if found is not None:
        return found
    name = openings.name_of(lines.PLEDGE, owner, asset)
    asset_no = world.engine.asset_nos[asset]
    opened = world.engine.open_account(name, owner, asset_no, AccountKind.ESCROW, made_by=Kind.FX)
    if isinstance(opened, Refusal):
        return opened
    world.members.accounts.put(lines.PLEDGE, owner, asset, opened)
    world.touch_context()
    diary.fact(AccountOpened(opened, name, owner, asset_no, AccountKind.ESCROW.name.lower()))
    return opened


def _subject(line: Line, lot: Lot) -> bytes:
    return line.line_id + lot.lot_no.to_bytes(8, "big")


def _terms(fields: SwapFields) -> Terms:
    return Terms(
        fields.cap_minor, fields.rate_bp, fields.from_at, fields.to_at, tenor_days=fields.tenor_days,
        margin_bp=fields.margin_bp, rate_source=fields.rate_source, pledge_asset=fields.pledge_asset,
    )  # fmt: skip
