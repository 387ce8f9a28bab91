"""A tender in numbers, as solvers take it: offers, pairs of offer and vessel, groups of pairs with a ceiling.

Offers stand in the order in which ties favour them, pairs by offer and then vessel. So the best award is one and
only one: least cost; then fewest suppliers; then as much as may be of the first offer, then of the second, and so
on; then as much as may be on the first pair, and so on.

The rules of a tender have names, so that an infeasible one can be told which of them stand against each other.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from steelyard.market.tender import (
    Offer,
    Tender,
    Vessel,
    cargo_cost,
    fits,
    in_tie_order,
    loading_on,
    vessels_in_order,
)


class Rule(StrEnum):
    """What can be left out to see whether it is in the way; the order is that in which it is tried."""

    SUPPLIERS = "suppliers"
    BUDGET = "budget"
    CAPACITY = "capacity"
    ORIGIN = "origin"
    MINIMUM = "minimum"
    VESSELS = "vessels"
    OFFERED = "offered"


class Problem(NamedTuple):
    """What is to be solved: whole cargoes per pair. No ceiling: `cargoes`; no budget: -1."""

    cargoes: int
    offers: tuple[tuple[int, int, int, bool], ...]
    """(least if any, most, number of the supplier, whether it must be in)"""
    pairs: tuple[tuple[int, int, int], ...]
    """(number of the offer, number of the vessel, cost of a cargo)"""
    groups: tuple[tuple[tuple[int, ...], int], ...]
    """(numbers of pairs, most cargoes of them all)"""
    suppliers_max: int
    budget_minor: int = -1
    other_than: tuple[int, ...] = ()
    """Cargoes per offer that the answer must not have, all alike; empty: none"""

    def taken(self, counts: Sequence[int]) -> tuple[int, ...]:
        """Give the cargoes of each offer."""
        taken = [0] * len(self.offers)
        for (offer, _, _), count in zip(self.pairs, counts, strict=True):
            taken[offer] += count
        return tuple(taken)

    def suppliers(self, counts: Sequence[int]) -> int:
        """Count the suppliers that sell something."""
        return len({self.offers[no][2] for no, count in enumerate(self.taken(counts)) if count})

    def cost(self, counts: Sequence[int]) -> int:
        """Give what the cargoes cost."""
        return sum(cost * count for (_, _, cost), count in zip(self.pairs, counts, strict=True))

    def rank(self, counts: Sequence[int]) -> tuple[int, int, tuple[int, ...], tuple[int, ...]]:
        """Give the place of an answer among all: the lower, the better; no two have the same."""
        return (
            self.cost(counts),
            self.suppliers(counts),
            tuple(-count for count in self.taken(counts)),
            tuple(-count for count in counts),
        )

    def allows(self, counts: Sequence[int]) -> bool:
        """Tell whether an answer keeps every rule."""
        taken = self.taken(counts)
        return (
            all(count >= 0 for count in counts)
            and sum(counts) == self.cargoes
            and all(
                (not count and not must) or (count and least <= count <= most)
                for count, (least, most, _, must) in zip(taken, self.offers, strict=True)
            )
            and all(sum(counts[pair] for pair in pairs) <= most for pairs, most in self.groups)
            and self.suppliers(counts) <= self.suppliers_max
            and not 0 <= self.budget_minor < self.cost(counts)
            and taken != self.other_than
        )


class Numbered(NamedTuple):
    """A tender's offers and vessels in the order of its problem, and the problem."""

    offers: tuple[Offer, ...]
    vessels: tuple[Vessel, ...]
    problem: Problem


def numbered(tender: Tender, *, without: Sequence[Rule] = ()) -> Numbered:
    """Put a tender into numbers, some of its rules left out."""
    offers, vessels = tuple(in_tie_order(tender)), tuple(vessels_in_order(tender))
    places = [
        (offer_no, vessel_no)
        for offer_no, offer in enumerate(offers)
        for vessel_no, vessel in enumerate(vessels)
        if fits(tender, offer, vessel)
    ]
    pairs = tuple([(one, two, cargo_cost(tender, offers[one], vessels[two])) for one, two in places])
    suppliers = {name: no for no, name in enumerate(sorted({one.supplier for one in offers}))}
    most = tender.cargoes if Rule.OFFERED in without else None
    bounds = tuple(
        (
            0 if Rule.MINIMUM in without else one.cargoes_min,
            most or min(one.cargoes_max, tender.cargoes),
            suppliers[one.supplier],
            False,
        )
        for one in offers
    )
    groups: list[tuple[tuple[int, ...], int]] = []
    if Rule.VESSELS not in without:
        for no, vessel in enumerate(vessels):
            groups.append((tuple(at for at, (_, two) in enumerate(places) if two == no), vessel.count))
    if Rule.ORIGIN not in without and tender.origin_max:
        for origin in sorted({one.origin for one in offers}):
            of_it = tuple(at for at, (one, _) in enumerate(places) if offers[one].origin == origin)
            groups.append((of_it, tender.origin_max))
    if Rule.CAPACITY not in without:
        for capacity in tender.capacities:
            first, last = capacity.window
            loaded = tuple(
                at
                for at, (one, two) in enumerate(places)
                if capacity.port in ("", offers[one].port)
                and first <= loading_on(offers[one], vessels[two]) <= last
            )
            groups.append((loaded, capacity.cargoes_max))
    return Numbered(offers, vessels, Problem(
        tender.cargoes, bounds, pairs,
        tuple(group for group in groups if group[0] and group[1] < tender.cargoes),
        (tender.suppliers_max if Rule.SUPPLIERS not in without else 0) or len(offers),
        (tender.budget_minor if Rule.BUDGET not in without else 0) or -1,
    ))  # fmt: skip


def narrowed(sheet: Numbered) -> Numbered:
    """Leave out vessels that no best award takes: enough of their kind cost less for every offer.

    Vessels are of a kind where the same offers may load on them and the same ceilings count their cargoes. Of a kind,
    in the order of cost, those stay that are needed for all cargoes, and those that cost one offer no more than they.
    """
    problem = sheet.problem
    counted: dict[int, list[int]] = {at: [] for at in range(len(problem.pairs))}
    counts: dict[int, int] = {}
    for no, (pairs, most) in enumerate(problem.groups):
        vessels = {problem.pairs[at][1] for at in pairs}
        whole = len(vessels) == 1 and len(pairs) == sum(1 for pair in problem.pairs if pair[1] in vessels)
        if whole:
            vessel = next(iter(vessels))
            counts[vessel] = min(most, counts.get(vessel, most))
        else:
            for at in pairs:
                counted[at].append(no)
    kinds: dict[tuple[tuple[int, tuple[int, ...]], ...], list[tuple[int, tuple[int, ...]]]] = {}
    by_vessel: dict[int, list[int]] = {}
    for at, (_, vessel, _) in enumerate(problem.pairs):
        by_vessel.setdefault(vessel, []).append(at)
    for vessel, places in by_vessel.items():
        kind = tuple((problem.pairs[at][0], tuple(counted[at])) for at in places)
        kinds.setdefault(kind, []).append((vessel, tuple(problem.pairs[at][2] for at in places)))
    gone: set[int] = set()
    for kind, of_kind in kinds.items():
        room = problem.cargoes
        for no, (_, most) in enumerate(problem.groups):
            if all(no in groups for _, groups in kind):
                room = min(room, most)
        for vessel, costs in of_kind:
            cheaper = sum(
                counts.get(other, problem.cargoes)
                for other, theirs in of_kind
                if all(one < two for one, two in zip(theirs, costs, strict=True))
            )
            if cheaper >= room:
                gone.add(vessel)
    return _without(sheet, gone)


def _without(sheet: Numbered, gone: set[int]) -> Numbered:
    """Leave out every pair of some vessels."""
    kept = [at for at, (_, vessel, _) in enumerate(sheet.problem.pairs) if vessel not in gone]
    places = {at: place for place, at in enumerate(kept)}
    groups = (
        (tuple(places[at] for at in pairs if at in places), most) for pairs, most in sheet.problem.groups
    )
    return sheet._replace(
        problem=sheet.problem._replace(
            pairs=tuple(sheet.problem.pairs[at] for at in kept),
            groups=tuple(group for group in groups if group[0]),
        )
    )
