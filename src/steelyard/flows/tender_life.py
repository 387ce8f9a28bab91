"""What happens to a tender in any of its states: steps, deadlines, bonds, and asking for an evaluation.

A bond is an engine reservation from bidder to buyer without a deadline of its own: the tender's end is its end.
`returned` gives it back, `forfeited` settles it to the buyer; where that cannot be booked, it goes back as well.
"""

from msgspec import structs

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.flows import booking, guard, parties
from steelyard.flows.diary import Diary
from steelyard.flows.tender_facts import BidMoved, TenderEvaluated, TenderMoved
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.market.award import Award, Proposal, check, propose
from steelyard.market.entry_price import NEVER
from steelyard.market.refusals.tenders import TenderRefusal as No
from steelyard.market.tender_solver import BranchAndBound, Greedy, TooHard
from steelyard.market.tenders import OVER, Bid, TenderCase, TenderEvent, TenderState, step
from steelyard.values.instants import SECOND, Instant
from steelyard.values.refusal import Refusal

ANSWER_NS = 30 * SECOND
"""How long a solver has to answer; then the machine evaluates with what it has."""
STEPS = 20_000
"""Work of the machine's own search where greed finds nothing."""
MACHINE, SOLVER = "machine", "solver"
NOT_PUBLISHED, NO_OFFERS, NOT_DECIDED = "NOT_PUBLISHED", "NO_OFFERS", "NOT_DECIDED"
"""Why a tender ends by itself"""
DROPPED = "DROPPED"
"""What is told of a draft that ends without having been published."""


def keep(
    world: World, diary: Diary, case: TenderCase, event: TenderEvent, due_at: Instant, *, reason: str = ""
) -> None:
    """Let a tender take a step, with the deadline of its next state; one that is over leaves."""
    after = step(case.state, event)
    if after is None:
        raise ValueError(f"{event} has no place in {case.state}")
    case.state, case.due_at, case.reason = after, due_at, reason
    if due_at:
        world.timers.set(due_at, TimerKind.TENDER, case.tender_id)
    else:
        world.timers.cancel(TimerKind.TENDER, case.tender_id)
    tell(diary, case, event.value if case.is_public else DROPPED)
    if after in OVER:
        world.tenders.end(case)


def tell(diary: Diary, case: TenderCase, event: str) -> None:
    """Note where a tender is, and tell its buyer and its bidders."""
    terms = case.terms
    diary.fact(
        TenderMoved(
            case.tender_id, case.buyer, terms.asset, terms.cargoes, terms.cargo_t, terms.bond_minor, event,
            case.state.value, case.due_at, case.reason,
        )
    )  # fmt: skip
    for owner in dict.fromkeys((case.buyer, *case.bids)):
        diary.tell(
            owner, f"tender.{case.state.value.lower()}", case.tender_id, event, case.due_at, case.reason
        )


def noted(diary: Diary, case: TenderCase, bid: Bid, event: str) -> None:
    """Note what became of a bid."""
    diary.fact(
        BidMoved(
            case.tender_id,
            bid.bidder,
            event,
            bid.commitment,
            len(bid.offers),
            case.terms.bond_minor,
            bid.bond,
        )
    )


def set_aside(world: World, case: TenderCase, bidder: str, seed: bytes, at: Instant) -> bytes | Refusal:
    """Set a bidder's bond aside: the bundle that did, empty where none is asked for."""
    terms = case.terms
    if not terms.bond_minor:
        return b""
    source = parties.settlement_account(world, bidder, terms.asset)
    target = parties.settlement_account(world, case.buyer, terms.asset)
    if not source or guard.spare(world, bidder, source) < terms.bond_minor:
        return No.BOND_IS_NOT_THERE
    number = booking.bundle_id(seed, world.commands, at)
    bundle = Bundle(
        number, Kind.PURPOSE, (Leg(source, target, terms.bond_minor),),
        reference=int.from_bytes(case.tender_id, "big"),
    )  # fmt: skip
    act = world.engine.reserve(bundle, authority=[world.engine.owner_nos[bidder]], at=at)
    return act.refusal if act.refusal is not None else number.to_bytes(16, "big")


def give_back(world: World, diary: Diary, case: TenderCase, bid: Bid, at: Instant) -> Bid:
    """Return a bond that is still held."""
    if not bid.bond:
        return bid
    act = world.engine.release(int.from_bytes(bid.bond, "big"), at=at)
    if act.refusal is not None:
        raise ValueError(f"bond {bid.bond.hex()}: {act.refusal.name}")
    world.queues.push_all([parties.settlement_account(world, bid.bidder, case.terms.asset)])
    noted(diary, case, bid, "BOND_RETURNED")
    return _without(case, bid)


def forfeit(world: World, diary: Diary, case: TenderCase, bid: Bid, at: Instant) -> Bid:
    """Let a bond go to the buyer, where the terms say so; else, or where it cannot be booked, give it back."""
    if not bid.bond or not case.terms.forfeits:
        return give_back(world, diary, case, bid, at)
    act = world.engine.settle(int.from_bytes(bid.bond, "big"), at=at)
    if act.refusal is not None:
        return give_back(world, diary, case, bid, at)
    world.queues.push_all([parties.settlement_account(world, case.buyer, case.terms.asset)])
    noted(diary, case, bid, "BOND_FORFEITED")
    return _without(case, bid)


def _without(case: TenderCase, bid: Bid) -> Bid:
    after = structs.replace(bid, bond=b"")
    case.bids[bid.bidder] = after
    return after


def give_all_back(world: World, diary: Diary, case: TenderCase, at: Instant) -> None:
    """Return every bond that is still held."""
    for bid in list(case.bids.values()):
        give_back(world, diary, case, bid, at)


def ask(world: World, case: TenderCase, at: Instant) -> None:
    """Ask a solver to evaluate what is on the table at an instant; the caller has set the deadline of the answer."""
    case.asks += 1
    case.asked_at, case.asked_seq, case.award = at, world.commands + 1, None
    world.tenders.fresh.append(case)


def evaluated(
    world: World, diary: Diary, case: TenderCase, proposal: Proposal, by: str, at: Instant
) -> Refusal | None:
    """Take a proposal that stands every check, or say why not."""
    award = check(case.problem(), proposal)
    if not isinstance(award, Award):
        return award
    _take(world, diary, case, award, by, at)
    return None


def _take(world: World, diary: Diary, case: TenderCase, award: Award, by: str, at: Instant) -> None:
    case.award = award
    case.decide_at = case.decide_at or at + case.terms.decide_ns
    diary.fact(
        TenderEvaluated(
            case.tender_id, case.asks, by, award.digest, award.cargoes, award.cost_minor, award.bound_minor,
            award.proved, award.second_minor,
            tuple((one.offer, one.why, one.entry_minor) for one in award.rejected), award.conflict,
        )
    )  # fmt: skip
    keep(world, diary, case, TenderEvent.EVALUATED, min(case.decide_at, case.lapses_at()))


def on_timer_tender(world: World, diary: Diary, tender_id: bytes, at: Instant) -> None:
    """End the present state of a tender whose deadline is reached."""
    case = world.tenders.live.get(tender_id)
    if case is not None and case.state in _AT_THE_DEADLINE:
        _AT_THE_DEADLINE[case.state](world, diary, case, at)


def _close(world: World, diary: Diary, case: TenderCase, at: Instant) -> None:
    keep(world, diary, case, TenderEvent.CLOSED, case.terms.open_at)


def _open(world: World, diary: Diary, case: TenderCase, at: Instant) -> None:
    """Open what was revealed; who has not loses its bond by the terms. Without any offer nothing follows."""
    for bid in list(case.bids.values()):
        if not bid.offers:
            forfeit(world, diary, case, bid, at)
    keep(world, diary, case, TenderEvent.OPENED, at + ANSWER_NS)
    _go_on(world, diary, case, at)


def _go_on(world: World, diary: Diary, case: TenderCase, at: Instant) -> None:
    """Ask for an evaluation of what was opened; where no offer is left nothing can come of it, and the tender ends."""
    if any(bid.offers and not bid.out for bid in case.bids.values()):
        ask(world, case, at)
    else:
        case.asks += 1  # it was opened, so that everybody may see who had bid
        cancel(world, diary, case, NO_OFFERS, at)


def _evaluate(world: World, diary: Diary, case: TenderCase, at: Instant) -> None:
    """Evaluate without a solver: greed first, then a search of little work; else there is no award."""
    problem = case.problem()
    for solver in (Greedy(), BranchAndBound(STEPS)):
        try:
            found = check(problem, propose(problem, solver=solver))
        except TooHard:
            continue
        if isinstance(found, Award) and found.cargoes:
            _take(world, diary, case, found, MACHINE, at)
            return
        if isinstance(found, Award) and not isinstance(solver, Greedy):
            _take(world, diary, case, found, MACHINE, at)
            return
    _take(world, diary, case, Award(problem.digest, (), 0, 0, False, NEVER, ()), MACHINE, at)


def _lapse(world: World, diary: Diary, case: TenderCase, at: Instant) -> None:
    """End a tender that nobody decided; or evaluate anew where a part of its award has ended."""
    if at >= case.decide_at:
        cancel(world, diary, case, NOT_DECIDED, at)
        return
    keep(world, diary, case, TenderEvent.LAPSED, at + ANSWER_NS)
    ask(world, case, at)


def _unsigned(world: World, diary: Diary, case: TenderCase, at: Instant) -> None:
    """Leave out who has not signed in time, and evaluate the rest anew."""
    for name in case.winners():
        bid = case.bids[name]
        if not bid.signed:
            after = structs.replace(forfeit(world, diary, case, bid, at), out=True)
            case.bids[name] = after
            noted(diary, case, after, "OUT")
    for name, bid in list(case.bids.items()):
        case.bids[name] = structs.replace(bid, signed=False)
    case.decide_at = 0
    keep(world, diary, case, TenderEvent.UNSIGNED, at + ANSWER_NS)
    _go_on(world, diary, case, at)


def cancel(world: World, diary: Diary, case: TenderCase, reason: str, at: Instant) -> None:
    """End a tender without an award: every bond goes back."""
    give_all_back(world, diary, case, at)
    keep(world, diary, case, TenderEvent.CANCELLED, 0, reason=reason)


def _forget(world: World, diary: Diary, case: TenderCase, at: Instant) -> None:
    cancel(world, diary, case, NOT_PUBLISHED, at)


_AT_THE_DEADLINE = {
    TenderState.DRAFT: _forget,
    TenderState.PUBLISHED: _close,
    TenderState.SEALED: _open,
    TenderState.OPENED: _evaluate,
    TenderState.EVALUATED: _lapse,
    TenderState.STANDSTILL: _lapse,
    TenderState.AWARDED: _unsigned,
}
