"""Orders about credit lines that are there: draw, repay, close, draw by itself; and what every close does to them.

A settlement agent draws for a participant of its member, and takes back from it what it was given and has not
repaid; the participant repays by itself.
"""

from typing import Annotated

from msgspec import Meta, Struct

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import credit_interest, credit_intraday, credit_member, credit_swap, settle
from steelyard.flows import credit_lines as lines
from steelyard.flows.command import Code, Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Id16, Name, Number
from steelyard.flows.world import World
from steelyard.liquidity.credit import CaseKind, Line, LineKind, ends_a_month
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Day, Instant
from steelyard.values.refusal import Refusal


class NamedFields(Struct, array_like=True, frozen=True):
    """Which line."""

    line_id: Id16


class AutoFields(Struct, array_like=True, frozen=True):
    """Whether cycles may draw on a line by themselves, and how much each at most."""

    line_id: Id16
    auto_draw: bool
    cycle_cap_minor: Number = 0


class DrawFields(Struct, array_like=True, frozen=True):
    """How much is drawn on a line, and for which participant of the own member."""

    line_id: Id16
    participant: Name
    amount_minor: int


class RepayFields(Struct, array_like=True, frozen=True):
    """How much of a line is repaid; a settlement agent says by which participant. Of a swap: which lot, whole."""

    line_id: Id16
    amount_minor: int
    participant: Name = ""
    lot_no: Annotated[int, Meta(ge=0, le=2**62)] = 0


def close(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Close an own line for new use; what is used of it is repaid as agreed."""
    line = world.credit.lines.get(fields.line_id)
    if line is None or line.lender != command.sender:
        return refused(LiquidityRefusal.CREDIT_LINE_NOT_FOUND)
    if not line.open:
        return refused(LiquidityRefusal.CREDIT_LINE_CLOSED)
    diary = Diary()
    line.open = False
    if line.kind is LineKind.INTRADAY:
        credit_intraday.close(world, diary, line, at)
    lines.line_set(world, diary, line, at)
    lines.tell(diary, line, "credit.changed", 0)
    return diary.done()


def set_auto(world: World, command: Command, fields: AutoFields, at: Instant) -> Outcome:
    """Let cycles draw on a line that one has from another, or no longer."""
    line = _drawn_by(world, command, fields.line_id)
    if line is None:
        return refused(LiquidityRefusal.CREDIT_LINE_NOT_FOUND)
    if fields.cycle_cap_minor >= AMOUNT_END:
        return refused(LiquidityRefusal.CREDIT_TERMS_OUT_OF_RANGE)
    line.auto_draw, line.cycle_cap_minor = fields.auto_draw, fields.cycle_cap_minor
    diary = Diary()
    lines.line_set(world, diary, line, at)
    return diary.done()


def draws_more(world: World, command: Command, fields: AutoFields) -> bool:
    """Tell whether cycles would draw more by themselves than before: that takes two people."""
    line = world.credit.lines.get(fields.line_id)
    if line is None or not fields.auto_draw:
        return False
    return not line.auto_draw or fields.cycle_cap_minor > line.cycle_cap_minor


def draw(world: World, command: Command, fields: DrawFields, at: Instant) -> Outcome:
    """Draw on a member or swap line for a participant; what waits for its money goes on."""
    line = _drawn_by(world, command, fields.line_id)
    if line is None:
        return refused(LiquidityRefusal.CREDIT_LINE_NOT_FOUND)
    target = lines.beneficiary(world, line, fields.participant)
    if isinstance(target, Refusal):
        return refused(target)
    fault = _amount_fault(fields.amount_minor)
    if fault is not None:
        return refused(fault)
    diary = Diary()
    drawer = credit_swap if line.kind is LineKind.SWAP else credit_member
    lot = drawer.draw(world, diary, line, target, fields.amount_minor, at)
    if isinstance(lot, Refusal):
        return refused(lot)
    settle.work(world, diary, at)
    return diary.done()


def repay(world: World, command: Command, fields: RepayFields, at: Instant) -> Outcome:
    """Repay of a member line, or give a draw of a swap back before its time."""
    line = world.credit.lines.get(fields.line_id)
    source = _repays_from(world, command, line, fields.participant)
    if line is None or source is None:
        return refused(LiquidityRefusal.CREDIT_LINE_NOT_FOUND)
    fault = _amount_fault(fields.amount_minor)
    if fault is not None:
        return refused(fault)
    diary = Diary()
    refusal: Refusal | None
    if line.kind is LineKind.MEMBER:
        takes_back = command.sender == line.borrower
        most_minor = line.owed.get(source, 0) if takes_back else AMOUNT_END
        refusal = credit_member.repay(
            world, diary, line, source, fields.amount_minor, at, most_minor=most_minor
        )
    else:
        lot = line.lot(fields.lot_no)
        if lot is None or (lot.account_no, lot.open_minor) != (source, fields.amount_minor):
            return refused(LiquidityRefusal.REPAYMENT_EXCEEDS_USE)
        refusal = credit_swap.reverse(world, diary, line, lot, at)
    if refusal is not None:
        return refused(refusal)
    settle.work(world, diary, at)
    return diary.done()


def at_close(world: World, diary: Diary, asset: str, on: Day, at: Instant) -> None:
    """Do what the close of a date does to the lines of a currency: interest, and the age of lots on the next date."""
    for line in world.credit.of_asset(asset):
        credit_interest.accrue(world, line, on)
        for account_no in sorted(line.interest):
            if ends_a_month(on):
                credit_interest.fix(world, diary, line, account_no, at)
            else:
                credit_interest.collect(world, diary, line, account_no, at)
        if line.kind is LineKind.MEMBER:
            credit_member.sync(world, diary, line, on)
            credit_member.age(world, diary, line, on + 1, at)


def looked(world: World, outcome: Outcome, at: Instant) -> Outcome:
    """Give an outcome with the cases that its command made good: called after every command while one is open."""
    if outcome.code == Code.REFUSED:
        return outcome
    diary = Diary()
    for case_id in sorted(world.credit.open_cases):
        case = world.credit.open_cases[case_id]
        line = world.credit.lines[case.line_id]
        look = credit_intraday.look if case.kind is CaseKind.OVERNIGHT_USE else credit_swap.look
        look(world, diary, line, case, at)
    if not diary.facts:
        return outcome
    settle.work(world, diary, at)
    return Outcome(
        outcome.code, outcome.refusal, outcome.leg, (*outcome.facts, *diary.facts),
        (*outcome.notices, *diary.notices),
    )  # fmt: skip


def _drawn_by(world: World, command: Command, line_id: bytes) -> Line | None:
    """Give a line that the sender draws on, or None."""
    line = world.credit.lines.get(line_id)
    if line is None or line.borrower != command.sender or line.kind is LineKind.INTRADAY:
        return None
    return line


def _repays_from(world: World, command: Command, line: Line | None, participant: str) -> int | None:
    """Give the account that repays: the sender's own, or as borrower that of a participant of its member."""
    if line is None or line.kind is LineKind.INTRADAY:
        return None
    bic = participant if command.sender == line.borrower else command.sender
    found = world.members.participants.get(bic)
    if found is None or found.member != world.members.home(line.borrower):
        return None
    return world.members.settlement_account(bic, line.asset)


def _amount_fault(amount_minor: int) -> EngineRefusal | None:
    if amount_minor <= 0:
        return EngineRefusal.LEG_AMOUNT_MUST_BE_POSITIVE
    return EngineRefusal.LEG_AMOUNT_IS_TOO_LARGE if amount_minor >= AMOUNT_END else None
