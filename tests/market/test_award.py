"""Awards of tenders: against every award there is, and against solvers that lie."""

import pytest
from hypothesis import assume, given, settings
from msgspec import structs

from steelyard.market.award import NEVER, UNKNOWN, Award, Proposal, award, check, propose
from steelyard.market.refusals.tenders import TenderRefusal
from steelyard.market.tender import Capacity, FirmRate, Offer, Tender, Vessel
from steelyard.market.tender_problem import Rule, narrowed, numbered
from steelyard.market.tender_solver import BranchAndBound, Found, Greedy, TooHard
from tests.market import naive_tender
from tests.market.tender_cases import tenders

A = Offer("A", "anna", "ONE", "P", 24_420, 3, 2)
B = Offer("B", "bram", "ONE", "P", 24_500, 3)
C = Offer("C", "cleo", "TWO", "P", 24_650, 3)
SHIP = Vessel("v", "P", 0, 9)
SPEC = Tender(3, 50_000, (A, B, C), (SHIP,), origin_max=2)


def loads_of(made):
    """Give the cargoes of an award by pair."""
    return {(offer, vessel): count for offer, vessel, count in made.cargoes}


def test_an_origin_gives_way_to_its_share():
    """The tender of the rulebook: two of the cheapest, one of another origin, though dearer."""
    made = award(SPEC, solver=BranchAndBound())

    assert {("A", "v"): 2, ("C", "v"): 1} == loads_of(made)
    assert (made.proved, made.gap_minor, made.digest) == (True, 0, SPEC.digest)


def test_without_the_share_the_cheapest_takes_all():
    """Three of A, which allows three."""
    made = award(structs.replace(SPEC, origin_max=0), solver=BranchAndBound())

    assert {("A", "v"): 3} == loads_of(made)


def test_a_least_quantity_keeps_the_cheapest_out():
    """One cargo is needed, A sells two at least."""
    made = award(structs.replace(SPEC, cargoes=1), solver=BranchAndBound())

    assert {("B", "v"): 1} == loads_of(made)
    assert [("A", "minimum", NEVER), ("C", "dearer", 24_499)] == [
        (one.offer, one.why, one.entry_minor) for one in made.rejected
    ]


@given(tender=tenders())
@settings(deadline=None)
def test_the_award_is_the_first_of_all(tender):
    """Cost, suppliers, offer by offer, pair by pair: no award goes before it; none where there is none."""
    expected = naive_tender.best(tender)
    made = award(tender, solver=BranchAndBound())

    if expected is None:
        assert made.cargoes == ()
        assert made.conflict
    else:
        assert (expected[0], expected[2]) == (made.cost_minor, loads_of(made))
        assert made.proved
        assert made.bound_minor == expected[0]


@given(tender=tenders(offers_max=4))
@settings(deadline=None)
def test_second_best_and_entry_prices_are_exact(tender):
    """The second best has other quantities; at its entry price an offer makes an award cheaper, one above it not."""
    made = award(tender, solver=BranchAndBound())
    assume(made.cargoes)
    expected = naive_tender.second(tender, loads_of(made))

    assert (NEVER if expected is None else expected) == made.second_minor
    for one in made.rejected:
        if (
            one.why in ("dearer", "minimum") and one.entry_minor != UNKNOWN
        ):  # unknown: the search's steps were over
            offer = next(two for two in tender.offers if two.id == one.offer)
            entry = naive_tender.entry(tender, offer, made.cost_minor)
            assert (NEVER if entry is None else entry) == one.entry_minor


def loosened(tender, rules):
    """Give a tender without some of its rules."""
    plain = {"suppliers": "suppliers_max", "budget": "budget_minor", "origin": "origin_max"}
    for rule in rules:
        if rule in plain:
            tender = structs.replace(tender, **{plain[rule]: 0})
    if "capacity" in rules:
        tender = structs.replace(tender, capacities=())
    offers, vessels = tender.offers, tender.vessels
    if "minimum" in rules:
        offers = tuple(structs.replace(one, cargoes_min=1) for one in offers)
    if "offered" in rules:
        offers = tuple(structs.replace(one, cargoes_max=9) for one in offers)
    if "vessels" in rules:
        vessels = tuple(structs.replace(one, count=9) for one in vessels)
    return structs.replace(tender, offers=offers, vessels=vessels)


@given(tender=tenders(offers_max=3))
@settings(deadline=None)
def test_a_conflict_is_one_and_no_rule_of_it_is_idle(tender):
    """What is named cannot be kept together; with any one of the named left out there is an award."""
    made = award(tender, solver=BranchAndBound())
    every = {rule.value for rule in Rule}
    assume(not made.cargoes)
    assume(naive_tender.best(loosened(tender, every)) is not None)
    others = every - set(made.conflict)

    assert naive_tender.best(loosened(tender, others)) is None
    for rule in made.conflict:
        assert naive_tender.best(loosened(tender, {*others, rule})) is not None


@pytest.mark.parametrize(
    ("change", "conflict"),
    [
        ({"budget_minor": 3_663_000_000 - 1, "origin_max": 0}, ("budget",)),
        ({"suppliers_max": 1}, ("suppliers", "origin")),
        ({"capacities": (Capacity("P", 2),)}, ("capacity",)),
        ({"vessels": (structs.replace(SHIP, count=2),)}, ("vessels",)),
        ({"cargoes": 10, "origin_max": 0}, ("offered",)),
        ({"cargoes": 1, "offers": (A,), "origin_max": 0}, ("minimum",)),
        ({"vessels": ()}, ("offered",)),
    ],
)
def test_an_infeasible_tender_names_the_rules_in_conflict(change, conflict):
    """A budget of one unit too little, one supplier for two origins, and the others."""
    assert conflict == award(structs.replace(SPEC, **change), solver=BranchAndBound()).conflict


def test_offers_leave_when_they_end_or_their_rate_does():
    """What ends at the instant of evaluation has ended."""
    ends = structs.replace(A, valid_until=10)
    foreign = structs.replace(C, currency="NOR")
    tender = Tender(1, 50_000, (ends, B, foreign), (SHIP,), rates=(FirmRate("NOR", 1, 2, 10),), at=10)
    made = award(tender, solver=BranchAndBound())

    assert {("B", "v"): 1} == loads_of(made)
    assert [("A", "expired"), ("C", "expired")] == [(one.offer, one.why) for one in made.rejected]
    assert {("C", "v"): 1} == loads_of(award(structs.replace(tender, at=9), solver=BranchAndBound()))


def test_an_offer_without_a_vessel_says_so():
    """Another port, a laycan that ends before the vessel's begins, a vessel too small."""
    offers = (
        B,
        structs.replace(A, id="D", port="Q"),
        structs.replace(A, id="E", laycan=(1, 4)),
        structs.replace(A, id="F", port="R"),
    )
    vessels = (structs.replace(SHIP, laycan=(5, 9)), Vessel("w", "R", 0, 9, size_t=49_999))
    made = award(Tender(1, 50_000, offers, vessels), solver=BranchAndBound())

    assert ["no_vessel"] * 3 == [one.why for one in made.rejected]


def sound():
    """Give a proposal that stands."""
    return propose(SPEC, solver=BranchAndBound())


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        ({"digest": bytes(32)}, TenderRefusal.AWARD_NAMES_NO_PAIR),
        ({"cargoes": (("A", "v", 2), ("X", "v", 1))}, TenderRefusal.AWARD_NAMES_NO_PAIR),
        ({"cargoes": (("A", "v", 1), ("A", "v", 1), ("C", "v", 1))}, TenderRefusal.AWARD_NAMES_NO_PAIR),
        ({"cargoes": (("A", "v", 2), ("C", "v", -1))}, TenderRefusal.AWARD_NAMES_NO_PAIR),
        ({"cargoes": (("A", "v", 3),)}, TenderRefusal.AWARD_BREAKS_A_RULE),
        ({"cargoes": (("A", "v", 2),)}, TenderRefusal.AWARD_BREAKS_A_RULE),
        ({"cargoes": (("A", "v", 1), ("C", "v", 2))}, TenderRefusal.AWARD_BREAKS_A_RULE),
        ({"cost_minor": 3_674_500_001}, TenderRefusal.AWARD_COST_IS_WRONG),
        ({"cost_minor": 3_674_499_999}, TenderRefusal.AWARD_COST_IS_WRONG),
        ({"bound_minor": 3_674_500_001}, TenderRefusal.AWARD_BOUND_IS_WRONG),
        ({"bound_minor": 3_674_499_999}, TenderRefusal.AWARD_BOUND_IS_WRONG),
        ({"second_minor": 3_674_499_999}, TenderRefusal.AWARD_BOUND_IS_WRONG),
        ({"second_minor": -3}, TenderRefusal.AWARD_BOUND_IS_WRONG),
        ({"entries": (("A", 1),)}, TenderRefusal.AWARD_BOUND_IS_WRONG),
        ({"entries": (("B", 24_501),)}, TenderRefusal.AWARD_BOUND_IS_WRONG),
        ({"entries": (("B", 1), ("B", 2))}, TenderRefusal.AWARD_BOUND_IS_WRONG),
        (
            {"cargoes": (("B", "v", 2), ("C", "v", 1)), "cost_minor": 3_682_500_000, "bound_minor": 3_682_500_000,
             "entries": ()},
            TenderRefusal.AWARD_IS_BEATEN,
        ),
        ({"cargoes": (), "conflict": ("origin",)}, TenderRefusal.AWARD_IS_BEATEN),
        ({"cargoes": (), "conflict": ()}, TenderRefusal.AWARD_NAMES_NO_PAIR),
        ({"cargoes": (), "conflict": ("weather",)}, TenderRefusal.AWARD_NAMES_NO_PAIR),
    ],
)  # fmt: skip
def test_a_lying_proposal_is_refused(change, refusal):
    """Nothing of a solver's answer is taken on trust."""
    assert isinstance(check(SPEC, sound()), Award)
    assert refusal is check(SPEC, structs.replace(sound(), **change))


def test_a_solver_with_a_wrong_cost_gives_no_award():
    """The lie may as well come out of the solver."""

    class Liar(BranchAndBound):
        def least(self, problem, *, ties=True):
            found = super().least(problem, ties=ties)
            return found and Found(found.counts, found.cost_minor - 1, found.cost_minor - 1, True)

    assert award(SPEC, solver=Liar()) is TenderRefusal.AWARD_COST_IS_WRONG


def test_greed_stands_in_without_proof():
    """A node whose solver is dead still has an award, with a gap to see and nothing claimed."""
    made = award(SPEC, solver=Greedy())

    assert {("A", "v"): 2, ("C", "v"): 1} == loads_of(made)
    assert (made.proved, made.second_minor, made.gap_minor) == (
        False,
        UNKNOWN,
        3_674_500_000 - 3 * 24_420 * 50_000,
    )


@given(tender=tenders())
@settings(deadline=None)
def test_greed_keeps_the_rules(tender):
    """What greed finds is an award, and never better than the best."""
    problem = numbered(tender).problem
    try:
        found = Greedy().least(problem)
    except TooHard:
        return

    assert problem.allows(found.counts)
    assert found.bound_minor <= naive_tender.best(tender)[0] <= found.cost_minor == problem.cost(found.counts)


def test_work_that_runs_out_proves_nothing():
    """With few steps there is an answer without proof, or none at all."""
    problem = numbered(SPEC).problem
    found = BranchAndBound(steps_max=5).least(problem)

    assert found is not None
    assert not found.proved
    assert found.bound_minor < found.cost_minor
    with pytest.raises(TooHard):
        BranchAndBound(steps_max=2).least(problem)


@given(tender=tenders())
@settings(deadline=None)
def test_narrowing_loses_no_best_award(tender):
    """Vessels left out as too dear are in no best award."""
    whole, narrow = numbered(tender), narrowed(numbered(tender))
    solver = BranchAndBound()
    found, again = solver.least(whole.problem), solver.least(narrow.problem)

    assert (found is None) == (again is None)
    if found is not None:
        assert found.cost_minor == again.cost_minor
        assert _named(whole, found.counts) == _named(narrow, again.counts)


def _named(sheet, counts):
    return {pair[:2]: count for pair, count in zip(sheet.problem.pairs, counts, strict=True) if count}


def test_inputs_are_named_by_their_hash():
    """One figure more or less is another tender."""
    assert Proposal(SPEC.digest).digest != structs.replace(SPEC, at=1).digest
