"""What is read of clearing, and a model's margins on their way into it."""

import pytest

from steelyard.flows import clearing_reads
from steelyard.flows.clearing_model import Past, propose
from tests.flows.clearings import ANNA, ARNE, BIRK, BRAM, HOUSE, House
from tests.flows.payworld import CLEO

S, D = "WHEAT.SEP", "WHEAT.DEC"


@pytest.fixture
def house():
    made = House().begin()
    assert made.trade(ANNA, BRAM, 4, 21_000) is None
    return made


def test_a_member_sees_how_it_stands(house):
    house.ok(house.contribute(BRAM, 5_000))
    house.drain(BRAM)
    house.ok(house.call((S, 21_200)))
    found = clearing_reads.standing(house.world, BRAM, house.net.at)

    assert (S, "NOR", -4, -4 * 21_200, 21_200) == (
        found.positions[0].contract, found.positions[0].asset, found.positions[0].lots, found.positions[0].cost,
        found.positions[0].settle,
    )  # fmt: skip
    (cover,) = found.covers
    assert (220_000, 220_000, 0) == (cover.parts.minor, cover.covered_minor, cover.short_minor)
    assert ((("NOR", 500_000),), (("NOR", 5_000, 0),)) == (found.margin_minor, found.fund_minor)
    ((asset, run_id, minor, deadline_at),) = found.due
    assert ("NOR", 40_000) == (asset, minor)
    assert run_id == clearing_reads.runs(house.world)[0].run_id
    assert deadline_at > house.net.at
    assert None is clearing_reads.standing(house.world, CLEO, house.net.at)


def test_claims_runs_and_cases_are_shown_newest_first(house):
    house.drain(BRAM)
    number = house.account("margin", BRAM)
    house.world.engine.block(number, debits=True, credits=False, freeze=False)
    house.ok(house.call((S, 21_200)))
    house.wait(60_000)
    house.ok(house.call((S, 21_300)))
    house.ok(house.open_case(BRAM))

    assert [40_000] == [one.minor for one in clearing_reads.claims(house.world)]
    assert [2, 1] == [one.number for one in clearing_reads.runs(house.world)]
    assert [BRAM] == [one.member for one in clearing_reads.cases(house.world)]
    found = clearing_reads.standing(house.world, ANNA, house.net.at)
    assert [("NOR", 40_000)] == [(asset, minor) for asset, _, minor in found.waits]
    assert 40_000 == clearing_reads.standing(house.world, BRAM, house.net.at).owed[0].minor


def test_what_a_model_finds_is_accepted_and_counts(house):
    """Four lots at 212.00 are worth 42,400.00; the worst of 100 days, 5 %, over two days, and stress of 8 %."""
    house.ok(house.call((S, 21_200)))
    past = Past((0.01, -0.01) * 49 + (-0.05, 0.01), 0.0001, (0.08, -0.08))
    fields = propose(house.world, "NOR", {S: past}, decay="0.999")
    again = propose(house.world, "NOR", {S: past}, decay="0.999")
    assert fields == again
    assert [ANNA, BRAM] == [bic for bic, _ in fields.margins]
    house.ok(house.net.give("clearing.margin.model", fields, HOUSE))

    found = clearing_reads.standing(house.world, ANNA, house.net.at).covers[0].parts
    assert found.modelled
    assert found.minor == dict(fields.margins)[ANNA]
    assert fields.inputs == house.house.models["NOR"].inputs
    assert fields.inputs != propose(house.world, "NOR", {S: past}, decay="0.99").inputs


def test_a_model_needs_a_past_and_a_price_of_each_contract(house):
    with pytest.raises(ValueError, match=S):
        propose(house.world, "NOR", {})
    with pytest.raises(ValueError, match="no contract"):
        propose(house.world, "SUD", {})
    assert house.trade(ARNE, BIRK, 1, 21_000, D) is None
    house.ok(house.call((S, 21_200), (D, 21_200)))
    with pytest.raises(ValueError, match=r"shorter|longer"):
        propose(house.world, "NOR", {S: Past((0.1, 0.2), 0.1), D: Past((0.1,), 0.1)})
