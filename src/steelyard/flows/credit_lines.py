"""What all credit lines share: how they are given, found, used up, and written down; cases about them.

A line is given by the settlement agent of its currency and of no other. Opening, raising and extending it takes
two people; lowering and closing it one.
"""

from typing import Annotated

from msgspec import Meta

from steelyard.engine.accounts import AccountKind
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import booking, openings
from steelyard.flows.command import Command
from steelyard.flows.diary import Diary
from steelyard.flows.liquidity_facts import CreditCaseMoved, CreditLineSet, CreditUsed
from steelyard.flows.world import World
from steelyard.liquidity.credit import Case, CaseKind, Credit, Line, LineKind, Lot, Terms
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.members.accounts import FEE
from steelyard.members.members import Member, MemberState
from steelyard.members.refusals import MemberRefusal, MoneyRefusal
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import DAY, Day, Instant
from steelyard.values.refusal import Refusal

LINE, PLEDGE = "line", "pledge"
"""Purposes of the accounts that member and swap lines have."""
DAYS_MAX = 3_650
PLEDGED_MAX = 100
Bp = Annotated[int, Meta(ge=0, le=10_000)]
Days = Annotated[int, Meta(ge=0, le=DAYS_MAX)]


def today(world: World, asset: str, at: Instant) -> Day:
    """Give the settlement date of a currency; where its calendar says nothing, the date in UTC."""
    on = world.calendars.today(asset, at)
    return at // DAY if on is None else on


def use_minor(world: World, line: Line) -> int:
    """Give what is used of a line."""
    if line.kind is LineKind.SWAP:
        return line.lots_minor
    return max(0, -world.engine.balance(line.account_no).balance)


def room_minor(world: World, line: Line) -> int:
    """Give how much more may be used of a line by its cap."""
    return max(0, line.terms.most_minor(line.kind) - use_minor(world, line))


def unusable(world: World, line: Line, at: Instant) -> LiquidityRefusal | None:
    """Say why a line is not to be used now, whatever its cap, or None."""
    if not line.in_force(at) or world.credit.case_of(line.line_id) is not None:
        return LiquidityRefusal.CREDIT_LINE_CLOSED
    if line.kind is LineKind.MEMBER and line.too_old(today(world, line.asset, at)):
        return LiquidityRefusal.CREDIT_LINE_TOO_OLD
    return None


# Giving a line


def lender(world: World, command: Command, asset: str) -> Member | Refusal:
    """Give the member whose settlement agent gives a line in its own currency, or why it does not."""
    member = world.members.assets.get(asset)
    if member is None:
        return MemberRefusal.CURRENCY_NOT_FOUND
    if member.settlement_agent != command.sender:
        return MemberRefusal.OBJECT_IS_NOT_YOURS
    return member if member.state is MemberState.ACTIVE else MemberRefusal.MEMBER_STATE_FORBIDS


def partner(world: World, command: Command, name: str) -> Member | LiquidityRefusal:
    """Give the member to whose settlement agent a line is given."""
    member = world.members.agents.get(name)
    if member is None or name == command.sender or member.state is not MemberState.ACTIVE:
        return LiquidityRefusal.CREDIT_PARTNER_NOT_FOUND
    return member


def fit(terms: Terms, at: Instant) -> bool:
    """Tell whether what all lines have in common lies within its bounds."""
    return terms.cap_minor < AMOUNT_END and (not terms.to_at or terms.to_at > max(at, terms.from_at))


def widens(credit: Credit, kind: LineKind, who: tuple[str, str, str], terms: Terms) -> bool:
    """Tell whether a line is opened, raised or extended: that takes two people."""
    line = credit.find(kind, *who)
    return line is None or not line.open or terms.widens(line.terms, kind)


def has_accounts(
    world: World, diary: Diary, lender: str, asset: str, needed: int, rate_bp: int
) -> Refusal | None:
    """Make sure of the room for the accounts of a line, and of the one that its interest goes to."""
    if not openings.has_room(world, needed + 1):
        return SettingRefusal.ACCOUNTS_ARE_FULL
    if rate_bp:
        return openings.open_account(world, diary, FEE, lender, asset, kind=AccountKind.FEE)
    return None


def give(
    world: World,
    kind: LineKind,
    who: tuple[str, str, str],
    terms: Terms,
    *,
    account_no: int,
    at: Instant,
) -> Line:
    """Open a line, or put new terms in place of the old ones; `who` are lender, borrower and currency."""
    line = world.credit.find(kind, *who)
    if line is None:
        line_id = new_id(world, "/".join((str(kind), *who)).encode(), at)
        line = Line(line_id, kind, *who, account_no, terms)
        world.credit.put(line)
    line.terms, line.open = terms, True
    return line


def new_id(world: World, seed: bytes, at: Instant) -> bytes:
    """Make the id of a line, a case or a bundle about them."""
    return booking.bundle_id(seed, world.commands, at).to_bytes(16, "big")


# Using it


def beneficiary(world: World, line: Line, bic: str) -> int | Refusal:
    """Give the account of the participant that is to get what a settlement agent draws, or why it may not."""
    participant = world.members.participants.get(bic)
    if participant is None:
        return MemberRefusal.PARTICIPANT_NOT_FOUND
    if participant.member != world.members.home(line.borrower):
        return MemberRefusal.OBJECT_IS_NOT_YOURS
    account_no = world.members.settlement_account(bic, line.asset)
    if account_no is None:
        return EngineRefusal.ACCOUNT_NOT_FOUND
    return account_no if participant.receives else MoneyRefusal.PARTICIPANT_MAY_NOT_HOLD


def owner_of(world: World, account_no: int) -> str:
    """Give who owns an account."""
    account = world.engine.accounts[account_no]
    assert account is not None
    return world.engine.owners[account.owner_no]


# Writing it down


def line_set(world: World, diary: Diary, line: Line, at: Instant) -> None:
    """Write down how a line stands."""
    terms = line.terms
    is_usable = unusable(world, line, at) is None
    diary.fact(
        CreditLineSet(
            line.line_id, str(line.kind), line.lender, line.borrower, line.asset, terms.cap_minor,
            terms.most_minor(line.kind) if is_usable else 0, terms.rate_bp, terms.from_at, terms.to_at,
            "open" if line.open else "closed", line.auto_draw, line.cycle_cap_minor,
        )
    )  # fmt: skip


def lot_moved(
    world: World, diary: Diary, line: Line, lot: Lot, event: str, minor: int, on: Day, bundle_id: bytes = b""
) -> None:
    """Write down what happened to a lot."""
    owner = owner_of(world, lot.account_no) if lot.account_no else line.borrower
    diary.fact(
        CreditUsed(
            line.line_id, lot.lot_no, event, minor, lot.open_minor, owner, on, bundle_id, lot.pledged_minor,
            lot.num, lot.den, lot.due_at, lot.reverse_id, lot.cycle,
        )
    )  # fmt: skip


def tell(diary: Diary, line: Line, kind: str, minor: int, *, subject: bytes = b"") -> None:
    """Let lender and borrower be told."""
    for recipient in (line.lender, line.borrower):
        diary.tell(
            recipient, kind, subject or line.line_id, str(line.kind), line.lender, line.borrower, line.asset, minor
        )  # fmt: skip


def open_case(
    world: World, diary: Diary, line: Line, kind: CaseKind, minor: int, at: Instant, *, lot_no: int = 0
) -> None:
    """Let people look after what was not repaid or given back; both sides are told."""
    case_id = new_id(world, b"case" + line.line_id + lot_no.to_bytes(8, "big"), at)
    case = Case(case_id, kind, line.line_id, lot_no, minor, at)
    world.credit.open_case(case)
    diary.fact(CreditCaseMoved(case_id, line.line_id, str(kind), "open", minor, lot_no))
    tell(diary, line, "credit.case_opened", minor, subject=case_id)


def close_case(world: World, diary: Diary, line: Line, case: Case, at: Instant) -> None:
    """Let a case be over, since what it is about was made good."""
    world.credit.close_case(case, at)
    diary.fact(CreditCaseMoved(case.case_id, line.line_id, str(case.kind), "closed", case.minor, case.lot_no))
    tell(diary, line, "credit.case_closed", case.minor, subject=case.case_id)
