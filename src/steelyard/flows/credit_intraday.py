"""Intraday lines: the floor of a participant's account, as low as cap and collateral allow, while the line is in force.

At the time of repayment use must be zero. If it is not, a case OVERNIGHT_USE opens and the floor is zero until the
use is repaid, so that nothing more goes out; then the line is in force again by its times.
"""

from typing import Annotated

from msgspec import Meta, Struct

from steelyard.engine.accounts import CLOSED
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import batch, credit_collateral, credit_interest, openings, settle
from steelyard.flows import credit_lines as lines
from steelyard.flows.command import Command, Outcome
from steelyard.flows.credit_lines import Bp
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import At, Name, Number
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.liquidity.credit import Case, CaseKind, Line, LineKind, Pledged, Terms
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.values.instants import DAY, Instant
from steelyard.values.refusal import Refusal


class PledgedFields(Struct, array_like=True, frozen=True):
    """What is pledged, at which price in minor units of the line's currency.

    `held` is the reservation that locks what is booked here, empty for what is held elsewhere.
    """

    asset: Name
    quantity: Number
    price_num: Number
    price_den: Annotated[int, Meta(ge=1, le=2**63 - 1)]
    haircut_bp: Bp
    held: Annotated[bytes, Meta(max_length=16)] = b""


class IntradayFields(Struct, array_like=True, frozen=True):
    """An intraday line for a participant, all terms anew.

    It is used from `from_at` (0: now) until `repay_at`, and so each day till `to_at` (0: no end). `rate_bp` is the
    interest a year on what is used all the same at a day's close.
    """

    asset: Name
    participant: Name
    cap_minor: Number
    collateral: tuple[PledgedFields, ...]
    repay_at: At
    from_at: At = 0
    to_at: At = 0
    rate_bp: Bp = 0


def put(world: World, command: Command, fields: IntradayFields, at: Instant) -> Outcome:
    """Give a participant an intraday line, or change its terms; what waits for its money goes on."""
    member = lines.lender(world, command, fields.asset)
    if isinstance(member, Refusal):
        return refused(member)
    account_no = world.members.settlement_account(fields.participant, fields.asset) or 0
    account = world.engine.account(account_no)
    if account is None or account.gate & CLOSED:
        return refused(EngineRefusal.ACCOUNT_NOT_FOUND)
    who, terms = (command.sender, fields.participant, fields.asset), _terms(fields, at)
    known = world.credit.find(LineKind.INTRADAY, *who)
    ahead = terms.repay_at > at or (known is not None and terms.repay_at == known.terms.repay_at)
    spans = ahead and terms.from_at < terms.repay_at <= terms.from_at + DAY
    if not (lines.fit(terms, at) and spans and len(terms.collateral) <= lines.PLEDGED_MAX):
        return refused(LiquidityRefusal.CREDIT_TERMS_OUT_OF_RANGE)
    not_held = credit_collateral.fault(world, known, fields.participant, terms.collateral, at)
    if not_held is not None:
        return refused(not_held)
    diary = Diary()
    refusal = lines.has_accounts(world, diary, command.sender, fields.asset, 0, terms.rate_bp)
    if refusal is not None:
        return refused(refusal)
    line = lines.give(world, LineKind.INTRADAY, who, terms, account_no=account_no, at=at)
    past_days = max(0, (at - terms.repay_at) // DAY + 1)
    line.repay_next_at = terms.repay_at + past_days * DAY
    credit_collateral.lock(world, line, at)
    apply(world, diary, line, at)
    lines.line_set(world, diary, line, at)
    lines.tell(diary, line, "credit.changed", terms.most_minor(line.kind))
    settle.work(world, diary, at)
    return diary.done()


def widens(world: World, command: Command, fields: IntradayFields) -> bool:
    """Tell whether a line is opened, raised or extended."""
    who = (command.sender, fields.participant, fields.asset)
    return lines.widens(world.credit, LineKind.INTRADAY, who, _terms(fields, world.now))


def apply(world: World, diary: Diary, line: Line, at: Instant) -> None:
    """Set the account's floor to what the line allows now, and the clock to when that changes."""
    account = world.engine.account(line.account_no)
    assert account is not None
    if account.gate & CLOSED:
        line.open = False
        world.timers.cancel(TimerKind.CREDIT_LINE, line.line_id)
        credit_collateral.free_if_over(world, line, at)
        return
    floor = 0 if lines.unusable(world, line, at) is not None else -line.terms.most_minor(line.kind)
    lower = floor < account.floor
    if floor != account.floor:
        changed = world.engine.change_account(line.account_no, floor=floor, ceiling=account.ceiling, people=2)
        assert changed is None, changed
        diary.fact(openings.changed(world, line.account_no))
    credit_collateral.free_if_over(world, line, at)
    if lower:
        world.queues.push_work(line.account_no)
        batch.credit_opened(world, line.asset)
    turns = [turn for turn in (line.next_turn(at) if line.open else 0, line.repay_next_at) if turn]
    if turns:
        world.timers.set(max(at, min(turns)), TimerKind.CREDIT_LINE, line.line_id)
    else:
        world.timers.cancel(TimerKind.CREDIT_LINE, line.line_id)


def on_timer_line(world: World, diary: Diary, line_id: bytes, at: Instant) -> None:
    """Let a line begin, be over, or be found used at its time of repayment."""
    line = world.credit.lines[line_id]
    to_at = line.terms.to_at
    is_over = not line.open or (to_at > 0 and at >= to_at)
    if line.repay_next_at and (is_over or at >= line.repay_next_at):
        used = lines.use_minor(world, line)
        if used and world.credit.case_of(line_id) is None:
            lines.open_case(world, diary, line, CaseKind.OVERNIGHT_USE, used, at)
        late = (at - line.repay_next_at) // DAY + 1 if at >= line.repay_next_at else 0
        line.repay_next_at = 0 if is_over else line.repay_next_at + late * DAY
    apply(world, diary, line, at)
    lines.line_set(world, diary, line, at)


def close(world: World, diary: Diary, line: Line, at: Instant) -> None:
    """Let a line be used no more; what is used must be repaid at its time."""
    line.open = False
    apply(world, diary, line, at)


def look(world: World, diary: Diary, line: Line, case: Case, at: Instant) -> None:
    """Let a case be over once the use is repaid: interest is taken, and the line is in force again by its times."""
    if lines.use_minor(world, line):
        return
    lines.close_case(world, diary, line, case, at)
    credit_interest.fix(world, diary, line, line.account_no, at)
    apply(world, diary, line, at)
    lines.line_set(world, diary, line, at)


def _terms(fields: IntradayFields, at: Instant) -> Terms:
    return Terms(
        fields.cap_minor, fields.rate_bp, fields.from_at or at, fields.to_at, fields.repay_at,
        tuple(
            Pledged(
                each.asset, each.quantity, each.price_num, each.price_den, each.haircut_bp, each.held
            )
            for each in fields.collateral
        ),
    )  # fmt: skip
