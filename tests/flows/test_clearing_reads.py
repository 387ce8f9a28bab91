"""What is read of clearing, and a model's margins on their way into it."""

import msgspec
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


def standing(house, bic, viewer=HOUSE):
    return clearing_reads.standing(house.world, (bic,), viewer)


def test_a_member_sees_how_it_stands(house):
    house.ok(house.contribute(BRAM, 5_000))
    house.drain(BRAM)
    house.ok(house.call((S, 21_200)))
    found = standing(house, BRAM, BRAM)

    assert [
        {"contract": S, "asset": "NOR", "lots": -4, "cost": -4 * 21_200, "settle": 21_200, "gain_minor": 0}
    ] == found["positions"]
    (margin,) = found["margins"]
    assert (220_000, 220_000, 0) == (margin["required_minor"], margin["covered_minor"], margin["short_minor"])
    assert [{"asset": "NOR", "minor": 500_000}] == found["cash"]
    assert [{"asset": "NOR", "paid_minor": 5_000, "required_minor": 0}] == found["fund"]
    (due,) = found["due"]
    assert (40_000, house.net.at > due["deadline_at"]) == (due["minor"], False)
    assert due["run_id"] == clearing_reads.runs(house.world, (), BRAM)[0]["run_id"]


def test_nobody_sees_how_another_stands(house):
    assert None is standing(house, BRAM, ANNA)
    assert None is standing(house, CLEO, CLEO)
    assert BRAM == standing(house, BRAM)["bic"]
    assert ANNA == clearing_reads.standing(house.world, (), ANNA)["bic"]
    house.ok(house.call((S, 21_200)))
    whole, own, other = (clearing_reads.runs(house.world, (), viewer)[0] for viewer in (HOUSE, BRAM, ARNE))
    assert [[BRAM, 40_000]] == whole["due"] == own["due"]
    assert ([[ANNA, 40_000]], []) == (whole["gain"], own["gain"])
    assert ([], [], "40000") == (other["due"], other["gain"], other["total"])


def test_claims_runs_and_cases_are_shown_newest_first(house):
    house.drain(BRAM)
    number = house.account("margin", BRAM)
    house.world.engine.block(number, debits=True, credits=False, freeze=False)
    house.ok(house.call((S, 21_200)))
    house.wait(60_000)
    house.ok(house.call((S, 21_300)))
    house.ok(house.open_case(BRAM))
    house.ok(house.bid(BIRK, -4, 21_400))

    (claim,) = clearing_reads.claims(house.world, (), CLEO)
    assert (BRAM, 40_000, [[ANNA, 40_000]]) == (claim["member"], claim["minor"], claim["unpaid"])
    assert [2, 1] == [one["number"] for one in clearing_reads.runs(house.world, (), ANNA)]
    (case,) = clearing_reads.cases(house.world, (), ANNA)
    assert (BRAM, "SUSPENDED", [], [[S, -4]]) == (
        case["member"],
        case["state"],
        case["bids"],
        case["portfolio"],
    )
    assert [-4] == [one["lots"] for one in clearing_reads.cases(house.world, (), BIRK)[0]["bids"]]
    assert [40_000] == [one["minor"] for one in standing(house, ANNA)["waits_for"]]
    assert [40_000] == [one["minor"] for one in standing(house, BRAM)["owes"]]
    house.world.engine.unblock(number, people=2)
    house.wait(60_000)
    for name in ("hedge", "auction", "cover", "report"):
        house.ok(house.step(name))
    (case,) = clearing_reads.cases(house.world, (), ANNA)
    assert ("CLOSED", ["60000"]) == (case["state"], [one["loss"] for one in case["losses"]])


def test_contracts_are_public(house):
    house.ok(house.call((S, 21_200)))
    rows = {row["contract"]: row for row in clearing_reads.contracts(house.world, (), CLEO)}

    assert [D, S] == list(rows)
    assert (4, 21_200, 1_100, "NOR") == (
        rows[S]["open_lots"], rows[S]["settle"], rows[S]["scan_range_minor"], rows[S]["asset"],
    )  # fmt: skip
    assert (0, None) == (rows[D]["open_lots"], rows[D]["settle"])


def test_every_read_can_be_sent(house):
    for _, read in clearing_reads.READS:
        assert msgspec.msgpack.encode(read(house.world, (ANNA,), HOUSE))


def test_what_a_model_finds_is_accepted_and_counts(house):
    """Four lots at 212.00 are worth 42,400.00; the worst of 100 days, 5 %, over two days, and stress of 8 %."""
    house.ok(house.call((S, 21_200)))
    past = Past((0.01, -0.01) * 49 + (-0.05, 0.01), 0.0001, (0.08, -0.08))
    fields = propose(house.world, "NOR", {S: past}, decay="0.999")
    again = propose(house.world, "NOR", {S: past}, decay="0.999")
    assert fields == again
    assert [ANNA, BRAM] == [bic for bic, _ in fields.margins]
    house.ok(house.net.give("clearing.margin.model", fields, HOUSE))

    (found,) = standing(house, ANNA)["margins"]
    assert found["modelled"]
    assert found["required_minor"] == dict(fields.margins)[ANNA]
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


def test_the_fund_shows_each_its_own_share(house):
    house.sponsor(liquidity=900, capital=70)
    house.ok(house.contribute(BRAM, 5_000))
    house.ok(house.size(((S, -2_000),)))
    (whole,) = clearing_reads.fund(house.world, (), HOUSE)
    (own,) = clearing_reads.fund(house.world, (), BRAM)

    assert (900, 70) == (whole["liquidity_minor"], whole["capital_minor"])
    assert [ANNA, ARNE, BIRK, BRAM] == [bic for bic, _, _ in whole["shares"]]
    assert [[BRAM, house.house.fund["NOR"].get(BRAM, 0), 5_000]] == own["shares"]
    assert sum(required for _, required, _ in whole["shares"]) == own["size_minor"]
