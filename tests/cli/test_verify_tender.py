"""`steelyard verify tender`: an award is recomputed from its file, and whatever was changed in it is found."""

import copy
import json

import pytest

from steelyard.flows import tender_file
from steelyard.flows.tender_award import ProposeFields
from steelyard.market.award import propose
from steelyard.market.tenders import TenderState
from steelyard.solve.tender import CpSatTender
from tests.flows.payworld import CLEO
from tests.flows.test_tender import BIDS, CLOSE, OPEN, Market


def evaluated(solver=None):
    """Bring a tender to its evaluation: by a solver's proof, or by the machine alone."""
    market = Market()
    market.do("publish")
    for bidder, offers in BIDS.items():
        market.bid(bidder, offers)
    market.until(CLOSE)
    for bidder, offers in BIDS.items():
        market.reveal(bidder, offers)
    market.until(OPEN)
    if solver is not None:
        found = propose(market.case.problem(), solver=solver)
        fields = ProposeFields(market.tender_id, market.case.asks, found)
        market.give("tender.propose", fields, "operator", actor="node")
    else:
        market.until(market.case.due_at)
    assert market.state is TenderState.EVALUATED
    return market


@pytest.fixture(scope="module")
def published():
    """Give the file of a tender that a solver has evaluated with proof."""
    return json.loads(tender_file.write(tender_file.of_case(evaluated(CpSatTender()).case)))


def verified(alone, folder, file, *more):
    place = folder / "award.json"
    place.write_text(file if isinstance(file, str) else json.dumps(file))
    return alone("verify", "tender", place, *more)


def test_a_published_award_is_computed_anew_and_the_same(alone, tmp_path, published):
    """Two cargoes of the cheapest, one of the other origin."""
    ran = verified(alone, tmp_path, published)

    assert (0, "") == (ran.code, ran.err)
    assert (
        "right: 3674500 minor units, proved the least; 3 offers of 3 bids, computed anew and the same\n"
        == ran.out
    )
    (verdict,) = verified(alone, tmp_path, published, "--json").json
    assert (True, True, True) == (verdict["right"], verdict["proved"], verdict["is_anew"])


def test_an_award_without_proof_is_checked(alone, tmp_path):
    """The machine's own evaluation says that it is not proved, and so does the check."""
    ran = verified(alone, tmp_path, tender_file.write(tender_file.of_case(evaluated().case)).decode())

    assert 0 == ran.code
    assert "not proved the least" in ran.out


def changed(file, *steps, to):
    """Give a copy of a file in which one value is another."""
    made = copy.deepcopy(file)
    place = made
    for step in steps[:-1]:
        place = place[step]
    assert place[steps[-1]] != to
    place[steps[-1]] = to
    return made


@pytest.mark.parametrize(
    ("steps", "to", "words"),
    [
        (("award", "cost_minor"), 3_674_499, "AWARD_COST_IS_WRONG"),
        (("award", "bound_minor"), 3_674_499, "AWARD_BOUND_IS_WRONG"),
        (("award", "second_minor"), 3_674_501, "computed anew"),
        (("award", "cargoes"), [], "nothing was found"),
        (("award", "cargoes", 0, 2), 3, "AWARD_BREAKS_A_RULE"),
        (("award", "cargoes", 0, 0), "NOBODY/a", "AWARD_NAMES_NO_PAIR"),
        (("award", "digest"), "0" * 64, "digest"),
        (("award", "rejected", 0, 1), "expired", "rejected"),
        (("award", "rejected", 0, 2), 1, "computed anew"),
        (("tender", "offers", 0, "price_minor"), 1, "not those revealed"),
        (("tender", "origin_max"), 3, "digest"),
        (("tender", "at"), 1, "digest"),
        (("tender", "vessels", 0, "rate_minor"), 1, "digest"),
        (("bids", 0, "salt"), "00" * 16, "not what it committed to"),
        (("bids", 0, "content"), "", "not those revealed"),
        (("bids", 0, "content"), "c1", "not what it committed to"),
        (("bids", 0, "commitment"), "0" * 64, "not what it committed to"),
        (("bids", 0, "bidder"), "NOBODY", "not what it committed to"),
        (("bids", 0, "bid_at"), 1, "not those revealed"),
        (("bids", 1, "out"), True, "not those revealed"),
        (("tender_id",), "0" * 32, "not what it committed to"),
    ],
)  # fmt: skip
def test_what_was_changed_is_found(alone, tmp_path, published, steps, to, words):
    """By one unit, one name or one hash."""
    ran = verified(alone, tmp_path, changed(published, *steps, to=to))

    assert 1 == ran.code, ran
    assert words in ran.err
    assert ran.out.startswith("not right: ")


def test_what_a_file_does_not_know_is_no_fault(alone, tmp_path, published):
    """Second best and entry price may have been too hard for whoever evaluated it."""
    file = changed(published, "award", "second_minor", to=-2)
    file["award"]["rejected"][0][2] = -2
    ran = verified(alone, tmp_path, file)

    assert (0, "") == (ran.code, ran.err)
    assert "computed anew and the same" in ran.out


def test_a_bid_that_was_left_out_is_found(alone, tmp_path, published):
    """The offers evaluated must be those of every bid in the file, each bidder once."""
    fewer = {**published, "bids": [one for one in published["bids"] if one["bidder"] != CLEO]}
    twice = {**published, "bids": [*published["bids"], published["bids"][0]]}

    assert "not those revealed" in verified(alone, tmp_path, fewer).err
    assert "a bidder is there twice" in verified(alone, tmp_path, twice).err


@pytest.mark.parametrize(
    "change",
    [
        lambda file: "{", lambda file: "[]", lambda file: {**file, "format": "steelyard-tender/2"},
        lambda file: {**file, "more": 1}, lambda file: {**file, "tender": {}},
        lambda file: {**file, "tender": {**file["tender"], "offers": 1}},
        lambda file: {**file, "tender": {**file["tender"], "cargoes": "3"}},
        lambda file: {**file, "tender": {**file["tender"], "offers": [{"id": "a"}]}},
    ],
)  # fmt: skip
def test_what_is_no_award_is_bad_input(alone, tmp_path, published, change):
    """Another format, other fields, other kinds of values."""
    ran = verified(alone, tmp_path, change(published))

    assert 2 == ran.code, ran
    assert "" == ran.out
