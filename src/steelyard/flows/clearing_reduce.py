"""Lots above a position limit: after the notice, and if their holder does not reduce them himself, an auction does.

Two of the operator's people open the reduction of a member's lots in one contract. That is the notice: until its
deadline the member reduces himself, and nothing is sold against his will. Members bid as in a default, but all that a
group bids for keeps within its limit and all that a member bids for within his margin, as it does again when it is
sold. The auction, again by two people, sells what is too much at that time, of it what no delivery is for, and no lot
more. What the member loses or gains by it is in his next run, as with any trade.
"""

from msgspec import Struct

from steelyard.flows import clearing_money as money
from steelyard.flows.clearing_default import MS, Hash, Ms, able, case_of, sell, told
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Id16, Label, Name
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.market.clearing import positions
from steelyard.market.clearing.default import Case, CaseEvent, CaseState, Sale, auction, step
from steelyard.market.clearing.house import CASES_MAX
from steelyard.market.refusals.clearing import ClearingRefusal as No
from steelyard.values.instants import Instant


class OpenFields(Struct, array_like=True, frozen=True, gc=False):
    """Whose lots of which contract, the SHA-256 of the report on why, and how long each step may take."""

    member: Name
    contract: Label
    report: Hash
    step_ms: Ms = 3_600_000


class AuctionFields(Struct, array_like=True, frozen=True, gc=False):
    """Which reduction, and the SHA-256 of the report on the auction."""

    case_id: Id16
    report: Hash


def open_case(world: World, command: Command, fields: OpenFields, at: Instant) -> Outcome:
    """Open the reduction of lots that stand above their limit."""
    house = world.clearing
    if fields.member not in house.members:
        return refused(No.CLEARING_MEMBER_NOT_FOUND)
    if fields.contract not in house.terms:
        return refused(No.CLEARING_CONTRACT_UNKNOWN)
    key = f"{fields.contract}/{fields.member}"
    if key in house.reductions or fields.member in house.cases:
        return refused(No.CLEARING_CASE_IS_OPEN)
    if len(house.reductions) >= CASES_MAX:
        return refused(No.CLEARING_IS_FULL)
    if not _excess(world, fields.contract, fields.member, at):
        return refused(No.CLEARING_STEP_HAS_NO_PLACE)
    due_at = at + fields.step_ms * MS
    case = Case(command.id, house.number(), fields.member, at, fields.step_ms, due_at, CaseState.REDUCING)
    case.contract = fields.contract
    case.note("OPENED", at, fields.report)
    house.reductions[key] = case
    diary = Diary()
    told(world, diary, case, "OPENED", fields.report, ())
    for bic in sorted(house.members):
        diary.tell(bic, "clearing.reduction_opened", case.case_id, case.member, case.contract, case.due_at)
    return diary.done()


def hold_auction(world: World, command: Command, fields: AuctionFields, at: Instant) -> Outcome:
    """Sell what stands above the limit now; where nothing does any more, the case is over."""
    house = world.clearing
    case = case_of(world, fields.case_id)
    if case is None or not case.contract:
        return refused(No.CLEARING_CASE_UNKNOWN)
    excess = _excess(world, case.contract, case.member, at)
    if excess and at < case.opened_at + case.step_ms * MS:
        return refused(No.CLEARING_STEP_HAS_NO_PLACE)
    sales: list[Sale] = []
    if excess:
        ticks = {case.contract: house.terms[case.contract].tick_minor}
        sales = auction({case.contract: excess}, able(world, case, at), references=house.settle, ticks=ticks)
        if not house.fits(case.member, sales):
            return refused(No.CLEARING_LOTS_OUT_OF_RANGE)
        sell(world, case, sales, at)
    left = _excess(world, case.contract, case.member, at)
    event = CaseEvent.CURED if not excess else CaseEvent.LOTS_LEFT if left else CaseEvent.ALL_SOLD
    after = step(case.state, event)
    assert after is not None
    case.state, case.bids = after, []
    case.due_at = 0 if after is CaseState.CLOSED else at + case.step_ms * MS
    case.note(event, at, fields.report)
    if after is CaseState.CLOSED:
        world.timers.cancel(TimerKind.CLEARING_CASE, case.case_id)
        house.end_case(case)
    diary = Diary()
    told(world, diary, case, event, fields.report, tuple(sales))
    return diary.done()


def _excess(world: World, contract: str, member: str, at: Instant) -> int:
    """Give the lots of a member above a limit (below zero: sold) that no delivery under way is for."""
    house = world.clearing
    lots = house.excess(contract, member, money.today(world, house.terms[contract].asset, at))
    held = positions.of(house.book, contract, member).lots
    free = max(0, abs(held) - world.deliveries.lots_of(contract, member, long=held > 0))
    return min(lots, free) if lots > 0 else max(lots, -free)
