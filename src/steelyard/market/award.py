"""From a tender to its award: what a solver proposes, and what the machine makes of it.

`propose` asks a solver; `check` takes nothing of the answer on trust. Feasibility and cost are computed anew from
the tender, exactly, and a proposal worse than what greed finds is turned away. That nothing is cheaper than the
bound is the solver's word (`proved`): so an award without it takes two persons.
"""

from collections.abc import Sequence
from enum import StrEnum

from msgspec import Struct

from steelyard.market.entry_price import NEVER, UNKNOWN, EntryPrices
from steelyard.market.refusals.tenders import TenderRefusal
from steelyard.market.tender import Offer, Tender, fits
from steelyard.market.tender_problem import Numbered, Problem, Rule, narrowed, numbered
from steelyard.market.tender_solver import Greedy, TenderSolver, TooHard


class Why(StrEnum):
    """Why nothing of an offer is taken. The first that applies is given."""

    EXPIRED = "expired"
    """The offer, or the rate of its currency, has ended"""
    NO_VESSEL = "no_vessel"
    """No vessel loads at its port in its laycan"""
    MINIMUM = "minimum"
    """Its least quantity does not fit into the tender, its vessels or its origin's share"""
    DEARER = "dearer"
    """An award with it costs more, or is behind in a tie"""


class Proposal(Struct, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """What a solver says of a tender: an award, or no `cargoes` and the rules in conflict."""

    digest: bytes
    """Of the tender"""
    cargoes: tuple[tuple[str, str, int], ...] = ()
    """(offer, vessel, count)"""
    cost_minor: int = 0
    bound_minor: int = 0
    proved: bool = False
    second_minor: int = NEVER
    """Least cost of an award with other quantities of some offer; NEVER: there is none, UNKNOWN: not proved"""
    entries: tuple[tuple[str, int], ...] = ()
    """(offer of which nothing is taken, highest price at which an award with it is cheaper)"""
    conflict: tuple[str, ...] = ()


class Rejected(Struct, array_like=True, frozen=True, gc=False):
    """An offer of which nothing is taken, why, and the highest price per tonne at which it would enter."""

    offer: str
    why: str
    entry_minor: int = UNKNOWN


class Award(Struct, array_like=True, frozen=True, gc=False):
    """What is bought, or which rules leave nothing to buy. `digest` is of the tender: all inputs by their hash."""

    digest: bytes
    cargoes: tuple[tuple[str, str, int], ...]
    """(offer, vessel, count), in the order of ties"""
    cost_minor: int
    bound_minor: int
    proved: bool
    second_minor: int
    rejected: tuple[Rejected, ...]
    conflict: tuple[str, ...] = ()

    @property
    def gap_minor(self) -> int:
        """Give how far the cost may be from the least."""
        return self.cost_minor - self.bound_minor


def award(tender: Tender, *, solver: TenderSolver) -> Award | TenderRefusal:
    """Give the award of a tender, or why what the solver proposed is none.

    >>> from steelyard.market.tender import Vessel
    >>> from steelyard.market.tender_solver import BranchAndBound
    >>> offers = (Offer("A", "anna", "ONE", "P", 24_420, 3, 2), Offer("B", "bram", "ONE", "P", 24_500, 3),
    ...           Offer("C", "cleo", "TWO", "P", 24_650, 3))
    >>> ship = Vessel("v", "P", 0, 9)
    >>> made = award(Tender(3, 50_000, offers, (ship,), origin_max=2), solver=BranchAndBound())
    >>> made.cargoes, made.cost_minor, made.proved
    ((('A', 'v', 2), ('C', 'v', 1)), 3674500000, True)
    >>> award(Tender(1, 50_000, offers, (ship,)), solver=BranchAndBound()).cargoes
    (('B', 'v', 1),)
    """
    return check(tender, propose(tender, solver=solver))


def propose(tender: Tender, *, solver: TenderSolver) -> Proposal:
    """Let a solver work on a tender: award, bound, second best, entry prices; raises TooHard."""
    sheet = narrowed(numbered(tender))
    found = solver.least(sheet.problem) if sheet.problem.pairs else None
    if found is None:
        return Proposal(tender.digest, conflict=_conflict(tender, solver))
    cargoes = tuple(
        (sheet.offers[offer].id, sheet.vessels[vessel].id, count)
        for (offer, vessel, _), count in zip(sheet.problem.pairs, found.counts, strict=True)
        if count
    )
    if not found.proved:
        return Proposal(tender.digest, cargoes, found.cost_minor, found.bound_minor, second_minor=UNKNOWN)
    entries = EntryPrices(tender, sheet, found, solver)
    return Proposal(
        tender.digest, cargoes, found.cost_minor, found.bound_minor, True,
        _second(sheet.problem, found.counts, solver),
        tuple(
            (sheet.offers[no].id, entries.of(no))
            for no, count in enumerate(sheet.problem.taken(found.counts))
            if not count and any(pair[0] == no for pair in sheet.problem.pairs)
        ),
    )  # fmt: skip


def check(tender: Tender, proposal: Proposal) -> Award | TenderRefusal:
    """Compute a proposal anew and give the award it makes, or the rule it breaks."""
    sheet = numbered(tender)
    if not proposal.cargoes:
        if (
            proposal.digest != tender.digest
            or not set(proposal.conflict) <= set(Rule)
            or not proposal.conflict
        ):
            return TenderRefusal.AWARD_NAMES_NO_PAIR
        if _greedy(tender) is not None:
            return TenderRefusal.AWARD_IS_BEATEN
        return Award(tender.digest, (), 0, 0, proposal.proved, NEVER, (), proposal.conflict)
    counts = _counts(tender, sheet, proposal)
    if counts is None:
        return TenderRefusal.AWARD_NAMES_NO_PAIR
    if not sheet.problem.allows(counts):
        return TenderRefusal.AWARD_BREAKS_A_RULE
    if sheet.problem.cost(counts) != proposal.cost_minor:
        return TenderRefusal.AWARD_COST_IS_WRONG
    if _contradicts(sheet, counts, proposal):
        return TenderRefusal.AWARD_BOUND_IS_WRONG
    beaten = _greedy(tender)
    if beaten is not None and beaten < proposal.cost_minor:
        return TenderRefusal.AWARD_IS_BEATEN
    ids = [(sheet.offers[offer].id, sheet.vessels[vessel].id) for offer, vessel, _ in sheet.problem.pairs]
    return Award(
        tender.digest,
        tuple((*names, count) for names, count in zip(ids, counts, strict=True) if count),
        proposal.cost_minor, proposal.bound_minor, proposal.proved, proposal.second_minor,
        tuple(_rejected(tender, sheet, counts, dict(proposal.entries))),
    )  # fmt: skip


def _counts(tender: Tender, sheet: Numbered, proposal: Proposal) -> tuple[int, ...] | None:
    """Give the proposal as cargoes per pair, or None where it names what is no pair, or one twice."""
    if proposal.digest != tender.digest:
        return None
    places = {
        (sheet.offers[offer].id, sheet.vessels[vessel].id): at
        for at, (offer, vessel, _) in enumerate(sheet.problem.pairs)
    }
    counts = [0] * len(places)
    for offer_id, vessel_id, count in proposal.cargoes:
        at = places.get((offer_id, vessel_id))
        if at is None or counts[at] or count < 1:
            return None
        counts[at] = count
    return tuple(counts)


def _contradicts(sheet: Numbered, counts: Sequence[int], proposal: Proposal) -> bool:
    """Tell whether what a proposal says beside its cost cannot be true of it."""
    cost, second = proposal.cost_minor, proposal.second_minor
    rejected = {
        one.id: one for one, count in zip(sheet.offers, sheet.problem.taken(counts), strict=True) if not count
    }
    return (
        proposal.bound_minor > cost
        or (proposal.proved and proposal.bound_minor != cost)
        or (0 <= second < cost)
        or second < UNKNOWN
        or len({name for name, _ in proposal.entries}) < len(proposal.entries)
        or any(
            name not in rejected or not UNKNOWN <= price <= rejected[name].price_minor
            for name, price in proposal.entries
        )
    )


def _greedy(tender: Tender) -> int | None:
    """Give what an award costs that greed finds, or None where it finds none."""
    try:
        found = Greedy().least(narrowed(numbered(tender)).problem, ties=False)
    except TooHard:
        return None
    return None if found is None else found.cost_minor


def _second(problem: Problem, counts: Sequence[int], solver: TenderSolver) -> int:
    """Give the least cost of an award with other quantities of some offer."""
    try:
        found = solver.least(problem._replace(other_than=problem.taken(counts)), ties=False)
    except TooHard:
        return UNKNOWN
    return NEVER if found is None else found.cost_minor if found.proved else UNKNOWN


def _conflict(tender: Tender, solver: TenderSolver) -> tuple[str, ...]:
    """Give rules that cannot be kept together, while without any one of them the others can."""
    without: list[Rule] = []
    for rule in Rule:
        problem = narrowed(numbered(tender, without=[*without, rule])).problem
        try:
            if not problem.pairs or solver.least(problem, ties=False) is None:
                without.append(rule)
        except TooHard:
            continue
    return tuple(rule.value for rule in Rule if rule not in without) or (Rule.OFFERED.value,)


def _rejected(
    tender: Tender, sheet: Numbered, counts: Sequence[int], entries: dict[str, int]
) -> list[Rejected]:
    """Give every offer of which nothing is taken, by id."""
    taken = dict(zip([one.id for one in sheet.offers], sheet.problem.taken(counts), strict=True))
    return [
        Rejected(one.id, _why(tender, sheet, one), entries.get(one.id, UNKNOWN))
        for one in sorted(tender.offers, key=lambda one: one.id)
        if not taken.get(one.id)
    ]


def _why(tender: Tender, sheet: Numbered, offer: Offer) -> str:
    if not tender.stands(offer):
        return Why.EXPIRED.value
    vessels = [one for one in sheet.vessels if fits(tender, offer, one)]
    if not vessels:
        return Why.NO_VESSEL.value
    room = min(tender.cargoes, tender.origin_max or tender.cargoes, sum(one.count for one in vessels))
    return Why.MINIMUM.value if offer.cargoes_min > room else Why.DEARER.value
