"""A member's default, step by step: each an order of two of the operator's people, with a report and a deadline.

The table of steps is that of `market.clearing.default`. Members bid of their own will; what the house does with the
bids, and the waterfall (`clearing_loss.py`), is exact and repeated by every replay.
"""

from collections.abc import Iterable
from typing import Annotated

from msgspec import Meta, Struct

from steelyard.flows import clearing_cover, clearing_goods, clearing_loss, clearing_trade
from steelyard.flows import clearing_money as money
from steelyard.flows.clearing_facts import BidPut, CaseMoved, MemberJudged
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Id16, Label, Name
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.market.clearing import positions
from steelyard.market.clearing.default import (
    BIDS_MAX,
    OWN_BIDS_MAX,
    TAKES_BIDS,
    Bid,
    Case,
    CaseEvent,
    CaseState,
    Sale,
    auction,
    hedge,
    step,
)
from steelyard.market.clearing.house import CASES_MAX, LOTS_END, PRICE_END
from steelyard.market.refusals.clearing import ClearingRefusal as No
from steelyard.members.state import OPERATOR
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

MS = 1_000_000
RANGES = 4
"""How many scan ranges from its mark a bid for lots may lie: whoever bids alone would name the price of another's"""
E = CaseEvent
Hash = Annotated[bytes, Meta(min_length=32, max_length=32)]
Ms = Annotated[int, Meta(ge=60_000, le=30 * 86_400_000)]


class OpenFields(Struct, array_like=True, frozen=True, gc=False):
    """Whose default, the SHA-256 of the report on why, and how long each step may take."""

    member: Name
    report: Hash
    step_ms: Ms = 3_600_000


class BidFields(Struct, array_like=True, frozen=True, gc=False):
    """A bid for lots of the portfolio (below zero: the bidder sells), at the worst price it takes, a tonne."""

    case_id: Id16
    contract: Label
    lots: Annotated[int, Meta(gt=-LOTS_END, lt=LOTS_END)]
    price: Annotated[int, Meta(gt=-PRICE_END, lt=PRICE_END)]


class StepFields(Struct, array_like=True, frozen=True, gc=False):
    """Which step: cure, hedge, auction, tear_up, cover or report; for a hedge, the numbers of the bids it takes.

    A report says how the member stands then: `expelled` or `readmitted`.
    """

    case_id: Id16
    step: Name
    report: Hash
    bids: Annotated[tuple[int, ...], Meta(max_length=BIDS_MAX)] = ()
    ends: Name = ""


class ReadmitFields(Struct, array_like=True, frozen=True, gc=False):
    """Which member that was expelled is let back, and the SHA-256 of the report on why."""

    member: Name
    report: Hash


def open_case(world: World, command: Command, fields: OpenFields, at: Instant) -> Outcome:
    """Suspend a member and open its case."""
    house = world.clearing
    if fields.member not in house.members:
        return refused(No.CLEARING_MEMBER_NOT_FOUND)
    if house.members[fields.member].expelled:
        return refused(No.CLEARING_MEMBER_IS_SUSPENDED)
    if fields.member in house.cases:
        return refused(No.CLEARING_CASE_IS_OPEN)
    if len(house.cases) >= CASES_MAX:
        return refused(No.CLEARING_IS_FULL)
    case = Case(command.id, house.number(), fields.member, at, fields.step_ms, at + fields.step_ms * MS)
    case.note("SUSPENDED", at, fields.report)
    house.cases[fields.member] = case
    house.suspend(fields.member, suspended=True)
    diary = Diary()
    told(world, diary, case, "SUSPENDED", fields.report, ())
    _judge(diary, fields.member, "suspended", case.case_id, fields.report)
    for bic in sorted(house.members):
        diary.tell(bic, "clearing.case_opened", case.case_id, case.member, case.due_at)
    return diary.done()


def bid(world: World, command: Command, fields: BidFields, at: Instant) -> Outcome:
    """Bid for lots of a defaulter's portfolio."""
    house, bic = world.clearing, command.sender
    case = case_of(world, fields.case_id)
    if case is None:
        return refused(No.CLEARING_CASE_UNKNOWN)
    barred = clearing_goods.bidder_fault(world, bic, case)
    if barred is not None:
        return refused(barred)
    terms = house.terms.get(fields.contract)
    if terms is None:
        return refused(No.CLEARING_CONTRACT_UNKNOWN)
    if bic == case.member or (case.contract and case.contract != fields.contract):
        return refused(No.CLEARING_BID_OUT_OF_RANGE)
    made = Bid(case.bid_count + 1, bic, fields.contract, fields.lots, fields.price)
    if not fields.lots or fields.price % terms.tick_minor or not is_near(world, case, made):
        return refused(No.CLEARING_BID_OUT_OF_RANGE)
    if len(case.bids) >= BIDS_MAX or sum([one.member == bic for one in case.bids]) >= OWN_BIDS_MAX:
        return refused(No.CLEARING_IS_FULL)
    no = clearing_trade.refuse_bid(world, case.bids, made, at, limits=bool(case.contract))
    if no is not None:
        return refused(no)
    case.bid_count += 1
    case.bids = [*case.bids, made]
    diary = Diary()
    diary.fact(BidPut(case.case_id, case.bid_count, bic, fields.contract, fields.lots, fields.price))
    return diary.done()


def take_step(world: World, command: Command, fields: StepFields, at: Instant) -> Outcome:
    """Do the next step of a case."""
    case = case_of(world, fields.case_id)
    if case is None or case.contract:
        return refused(No.CLEARING_CASE_UNKNOWN)
    found = _STEPS.get(fields.step)
    if found is None or step(case.state, found[0]) is None:
        return refused(No.CLEARING_STEP_HAS_NO_PLACE)
    diary = Diary()
    done = found[1](world, diary, case, fields, at)
    if isinstance(done, Refusal):
        return refused(done)
    event, sales = done
    if event is None:
        return diary.done()
    after = step(case.state, event)
    assert after is not None
    case.state, case.due_at = after, at + case.step_ms * MS
    case.note(event, at, fields.report)
    if after not in TAKES_BIDS:
        case.goods = []
    if after is CaseState.CLOSED:
        case.due_at = 0
        world.timers.cancel(TimerKind.CLEARING_CASE, case.case_id)
        world.clearing.end_case(case)
    told(world, diary, case, event, fields.report, sales)
    return diary.done()


def on_timer_case(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """Tell the operator that a step is late, and set the next reminder."""
    case = case_of(world, subject)
    if case is not None:
        diary.tell(OPERATOR, "clearing.case_is_late", subject, case.member, case.state, case.due_at)
        world.timers.set(at + case.step_ms * MS, TimerKind.CLEARING_CASE, subject)


Result = tuple[CaseEvent | None, tuple[Sale, ...]]


def _cure(world: World, diary: Diary, case: Case, fields: StepFields, at: Instant) -> Result | Refusal:
    """Let a member back that owes nothing and has its margin covered."""
    if _is_behind(world, case.member, at):
        return No.CLEARING_MARGIN_IS_SHORT
    world.clearing.readmit(case.member)
    _judge(diary, case.member, "active", case.case_id, fields.report)
    return E.CURED, ()


def _is_behind(world: World, bic: str, at: Instant) -> bool:
    """Tell whether a member owes anything or lacks margin."""
    house = world.clearing
    due = any(run.open_due(bic) for run in house.runs.values())
    return due or bool(house.owed_by(bic)) or clearing_cover.is_short(world, bic, at)


def _hedge(world: World, diary: Diary, case: Case, fields: StepFields, at: Instant) -> Result | Refusal:
    """Take the named bids at their own prices; none is a hedge too: the portfolio is left as it is."""
    sales = hedge(able(world, case, at), fields.bids)
    if len(sales) != len(set(fields.bids)) or not world.clearing.fits(case.member, sales):
        return No.CLEARING_BID_OUT_OF_RANGE
    _bid(case, [one.member for one in sales])
    sell(world, case, sales, at)
    taken = set(fields.bids)
    case.bids = [one for one in case.bids if one.number not in taken]
    return E.HEDGED, tuple(sales)


def _auction(world: World, diary: Diary, case: Case, fields: StepFields, at: Instant) -> Result | Refusal:
    """Sell what is left; bids are over with it, for another auction members bid anew. Then receipts, where needed."""
    house = world.clearing
    portfolio = _portfolio(world, case)
    ticks = {contract: house.terms[contract].tick_minor for contract in portfolio}
    bids = able(world, case, at)
    sales = auction(portfolio, bids, references=house.settle, ticks=ticks)
    if not world.clearing.fits(case.member, sales):
        return No.CLEARING_LOTS_OUT_OF_RANGE
    _bid(case, [one.member for one in bids])
    sell(world, case, sales, at)
    case.bids = []
    left = bool(_portfolio(world, case)) or clearing_goods.sell(world, diary, case, at)
    return (E.LOTS_LEFT if left else E.ALL_SOLD), tuple(sales)


def _bid(case: Case, members: Iterable[str]) -> None:
    """Note who has bid: whose bids stood when they were to count, not who made one and withdrew its margin."""
    case.bidders = list(dict.fromkeys([*case.bidders, *members]))


def able(world: World, case: Case, at: Instant) -> list[Bid]:
    """Give the bids of a case whose members may still take over what they are for, and whose prices are still near."""
    bids: list[Bid] = []
    for one in case.bids:
        no = clearing_trade.refuse_bid(world, bids, one, at, limits=bool(case.contract))
        if no is None and is_near(world, case, one):
            bids.append(one)
    return bids


def is_near(world: World, case: Case, one: Bid) -> bool:
    """Tell whether a bid is near what its contract was marked to last, or else what the lots for sale have cost."""
    house = world.clearing
    held = positions.of(house.book, one.contract, case.member)
    mark = house.settle.get(one.contract, held.cost // held.lots if held.lots else None)
    return mark is not None and abs(one.price - mark) <= RANGES * house.terms[one.contract].scan_range_minor


def _tear_up(world: World, diary: Diary, case: Case, fields: StepFields, at: Instant) -> Result | Refusal:
    """End what nobody bought at the last settlement prices; where there is none, at what it cost. Then receipts."""
    house, ended = world.clearing, []
    for contract, lots in _portfolio(world, case).items():
        held = positions.of(house.book, contract, case.member)
        price = house.settle.get(contract, held.cost // lots)
        parts = positions.tear_up(house.book, contract, case.member, price)
        sign = 1 if lots > 0 else -1
        for bic, part in parts.items():
            ended.append(Sale(contract, bic, sign * part, price))
            diary.tell(bic, "clearing.torn_up", case.case_id, contract, part, price)
    clearing_goods.sell(world, diary, case, at)
    return E.TORN_UP, tuple(ended)


def _cover(world: World, diary: Diary, case: Case, fields: StepFields, at: Instant) -> Result | Refusal:
    """Let the waterfall bear what the member owes and what its portfolio has lost."""
    if any(run.due.get(case.member) for run in world.clearing.runs.values()):
        return No.MARGIN_RUN_IS_OPEN
    clearing_loss.convert(world, diary, case, at)
    for asset in sorted(world.clearing.desks):
        refusal = clearing_loss.cover(world, diary, case, asset, at)
        if refusal is not None and diary.facts:  # other currencies are covered: the step is given once more
            diary.tell(OPERATOR, "clearing.case_is_stuck", case.case_id, case.member, asset, refusal.code)
            return None, ()
        if refusal is not None:
            return refusal
    return E.COVERED, ()


def _report(world: World, diary: Diary, case: Case, fields: StepFields, at: Instant) -> Result | Refusal:
    """Close the case and say how the member stands: expelled, or let back where it owes nothing and is covered."""
    house, bic = world.clearing, case.member
    if fields.ends == "expelled":
        house.expel(bic)
        _judge(diary, bic, "expelled", case.case_id, fields.report)
        return E.EXPELLED, ()
    if fields.ends != "readmitted":
        return No.CLEARING_STEP_HAS_NO_PLACE
    if _is_behind(world, bic, at):
        return No.CLEARING_MARGIN_IS_SHORT
    house.readmit(bic)
    _judge(diary, bic, "active", case.case_id, fields.report)
    return E.READMITTED, ()


def readmit(world: World, command: Command, fields: ReadmitFields, at: Instant) -> Outcome:
    """Let a member back that was expelled, has paid since what it owed, and is covered."""
    house, bic = world.clearing, fields.member
    if bic not in house.members:
        return refused(No.CLEARING_MEMBER_NOT_FOUND)
    if bic in house.cases:
        return refused(No.CLEARING_CASE_IS_OPEN)
    if not house.members[bic].expelled:
        return refused(No.CLEARING_STEP_HAS_NO_PLACE)
    if _is_behind(world, bic, at):
        return refused(No.CLEARING_MARGIN_IS_SHORT)
    house.readmit(bic)
    diary = Diary()
    _judge(diary, bic, "active", b"", fields.report)
    return diary.done()


def _judge(diary: Diary, bic: str, state: str, case_id: bytes, report: bytes) -> None:
    """Note how a member stands from here on, and tell it."""
    diary.fact(MemberJudged(bic, state, case_id, report))
    diary.tell(bic, "clearing.member_stands", case_id or report[:16], state)


_STEPS = {
    "cure": (E.CURED, _cure),
    "hedge": (E.HEDGED, _hedge),
    "auction": (E.ALL_SOLD, _auction),
    "tear_up": (E.TORN_UP, _tear_up),
    "cover": (E.COVERED, _cover),
    "report": (E.EXPELLED, _report),
}


def case_of(world: World, case_id: bytes) -> Case | None:
    """Give a case that is open, of either kind."""
    house = world.clearing
    return next(
        (one for one in (*house.cases.values(), *house.reductions.values()) if one.case_id == case_id), None
    )


def _portfolio(world: World, case: Case) -> dict[str, int]:
    """Give the lots of a defaulter by contract, none at zero."""
    house = world.clearing
    return {
        contract: lots
        for contract in sorted(house.book)
        if (lots := positions.of(house.book, contract, case.member).lots)
    }


def sell(world: World, case: Case, sales: list[Sale], at: Instant) -> None:
    """Let members take over what was sold to them."""
    for one in sales:
        on = money.today(world, world.clearing.terms[one.contract].asset, at)
        world.clearing.take_over(case.member, one, on)


def told(world: World, diary: Diary, case: Case, event: str, report: bytes, sales: tuple[Sale, ...]) -> None:
    """Write a step down, tell the operator, and set the deadline of the next one."""
    diary.fact(
        CaseMoved(
            case.case_id, case.number, case.member, event, case.state, case.due_at, report,
            tuple((one.contract, one.member, one.lots, one.price) for one in sales),
        )
    )  # fmt: skip
    diary.tell(OPERATOR, "clearing.case_moved", case.case_id, case.member, case.state, case.due_at)
    if case.due_at:
        world.timers.set(case.due_at, TimerKind.CLEARING_CASE, case.case_id)
