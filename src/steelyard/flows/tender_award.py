"""From the opening of a tender to its contracts: evaluated, left to stand, awarded, signed.

A solver proposes the award; the machine computes it anew and takes it, or refuses it and changes nothing. Without
proof the award takes two persons of the buyer. Losers have their bonds back when it is awarded, winners when all of
them have signed.
"""

from msgspec import Struct, structs

from steelyard.flows import settle, tender_life
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Id16, Number
from steelyard.flows.tender import NamedFields, mine
from steelyard.flows.world import World
from steelyard.market.award import Proposal
from steelyard.market.refusals.tenders import TenderRefusal as No
from steelyard.market.tenders import TenderEvent, TenderState
from steelyard.values.instants import Instant


class ProposeFields(Struct, array_like=True, frozen=True, gc=False):
    """An evaluation of a tender; `ask` numbers the question that it answers."""

    tender_id: Id16
    ask: Number
    proposal: Proposal


def propose(world: World, command: Command, fields: ProposeFields, at: Instant) -> Outcome:
    """Take a solver's evaluation, or refuse it."""
    case = world.tenders.live.get(fields.tender_id)
    if case is None:
        return refused(No.TENDER_NOT_FOUND)
    if case.state is not TenderState.OPENED or fields.ask != case.asks:
        return refused(No.TENDER_NOT_ASKED)
    diary = Diary()
    fault = tender_life.evaluated(world, diary, case, fields.proposal, tender_life.SOLVER, at)
    return diary.done() if fault is None else refused(fault)


def evaluate(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Ask for an evaluation once more, of what is on the table now."""
    case = mine(world, command.sender, fields.tender_id, TenderEvent.LAPSED)
    if isinstance(case, No):
        return refused(case)
    diary = Diary()
    tender_life.keep(world, diary, case, TenderEvent.LAPSED, at + tender_life.ANSWER_NS)
    tender_life.ask(world, case, at)
    return diary.done()


def stand(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Let an evaluation stand for objections, for the time of the terms."""
    case = mine(world, command.sender, fields.tender_id, TenderEvent.STOOD)
    if isinstance(case, No):
        return refused(case)
    if at >= case.due_at:
        return refused(No.TENDER_STATE_FORBIDS)
    if case.award is None or not case.award.cargoes:
        return refused(No.AWARD_IS_EMPTY)
    diary = Diary()
    case.stands_until = at + case.terms.standstill_ns
    tender_life.keep(world, diary, case, TenderEvent.STOOD, case.due_at)
    return diary.done()


def award(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Award what has stood: losers have their bonds back, winners have until the deadline to sign."""
    case = mine(world, command.sender, fields.tender_id, TenderEvent.AWARDED)
    if isinstance(case, No):
        return refused(case)
    if at >= case.due_at:
        return refused(No.TENDER_STATE_FORBIDS)
    if at < case.stands_until:
        return refused(No.STANDSTILL_IS_NOT_OVER)
    diary = Diary()
    winners = case.winners()
    for bid in list(case.bids.values()):
        if bid.bidder not in winners:
            tender_life.give_back(world, diary, case, bid, at)
    tender_life.keep(world, diary, case, TenderEvent.AWARDED, at + case.terms.sign_ns)
    settle.work(world, diary, at)
    return diary.done()


def unproved(world: World, command: Command, fields: NamedFields) -> bool:
    """Say whether an award that can be made lacks its proof, so that two persons must make it."""
    case = world.tenders.live.get(fields.tender_id)
    if case is None or case.state is not TenderState.STANDSTILL:
        return False
    return case.award is not None and not case.award.proved


def sign(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Sign as a winner; with the last signature the tender is contracted, and the winners have their bonds back."""
    case = world.tenders.live.get(fields.tender_id)
    if case is None or command.sender not in case.winners():
        return refused(No.TENDER_NOT_FOUND)
    if case.state is not TenderState.AWARDED or at >= case.due_at:
        return refused(No.TENDER_STATE_FORBIDS)
    diary = Diary()
    signed = structs.replace(case.bids[command.sender], signed=True)
    case.bids[command.sender] = signed
    tender_life.noted(diary, case, signed, "SIGNED")
    if all(case.bids[name].signed for name in case.winners()):
        tender_life.give_all_back(world, diary, case, at)
        tender_life.keep(world, diary, case, TenderEvent.SIGNED, 0)
        settle.work(world, diary, at)
    return diary.done()
