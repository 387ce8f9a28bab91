"""CP-SAT on tenders: the same answers as trying every one, and the same again."""

from hypothesis import assume, given, settings

from steelyard.market.award import Award, award
from steelyard.market.tender import Capacity, Offer, Tender, Vessel
from steelyard.market.tender_problem import numbered
from steelyard.market.tender_solver import BranchAndBound
from steelyard.solve.tender import CpSatTender
from tests.market.tender_cases import tenders


@given(tender=tenders(prices=6))
@settings(max_examples=60, deadline=None)
def test_cp_sat_gives_the_award_of_the_plain_search(tender):
    """Cargoes, bound, second best, entry prices and reasons; prices are few, so that many awards tie."""
    assert award(tender, solver=BranchAndBound()) == award(tender, solver=CpSatTender())


@given(tender=tenders(offers_max=6))
@settings(max_examples=30, deadline=None)
def test_the_same_problem_gives_the_same_answer(tender):
    """One worker, one seed."""
    problem = numbered(tender).problem
    assume(problem.pairs)

    assert CpSatTender().least(problem) == CpSatTender().least(problem)


def test_ties_go_to_the_earlier_offer_and_vessel():
    """Sixty offers alike: the first two of one supplier sell all, on the first vessel as far as it goes."""
    offers = tuple(
        Offer(f"o{no:02}", f"s{no % 30}", f"c{no % 3}", "P", 100, 2, offered_at=60 - no // 2)
        for no in range(60)
    )
    vessels = tuple(Vessel(f"v{no}", "P", 10, 2) for no in range(3))
    made = award(Tender(4, 10, offers, vessels, origin_max=4), solver=CpSatTender())

    assert isinstance(made, Award)
    assert made.cargoes == (("o58", "v0", 2), ("o28", "v1", 2))


def test_a_hard_tender_is_proved():
    """Shares, ports, least quantities and a ceiling on suppliers at once."""
    ports = [f"P{no}" for no in range(6)]
    offers = tuple(
        Offer(f"o{no:02}", f"s{no % 9}", f"c{no % 4}", ports[no % 6], 2_000 + no * 37 % 101, 3, 1 + no % 2)
        for no in range(24)
    )
    vessels = tuple(Vessel(f"v{no:02}", ports[no % 6], 100 + no * 13 % 29, 2) for no in range(12))
    tender = Tender(9, 5, offers, vessels, 4, tuple(Capacity(port, 2) for port in ports), suppliers_max=4)
    made = award(tender, solver=CpSatTender())

    assert isinstance(made, Award)
    assert made.proved
    assert made.second_minor >= made.cost_minor
    assert all(one.entry_minor < 2_200 for one in made.rejected)
