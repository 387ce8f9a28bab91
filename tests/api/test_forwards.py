"""Forwards over HTTP: offered, accepted, a cargo named, a ring offset, a failure; and who sees them."""

import pytest

from steelyard.flows.set_off import AllowFields
from steelyard.packs import contracts as packs
from tests.api.conftest import begin
from tests.api.goods import PAPER, Trade
from tests.api.world import FYNB, GHAF, MEMBERS, MRUL, SIDR, TAMR

ALL = "/v1/forwards"
WHEAT = packs.load_all()["WHU-FWD"]
TERMS = {
    "contract": "WHU-FWD", "side": "sell", "other": TAMR, "lots": 2, "price": {"asset": "AED", "value": "300.00"},
    "site": "PORT", "from_on": "2026-11-25", "to_on": "2026-12-10", "benchmark": "DURUM",
    "accept_by": "2026-11-24T12:00:00Z",
}  # fmt: skip


class Forwards(Trade):
    """A trade in which houses sell each other durum wheat for later."""

    def offer(self, key=GHAF, **changes):
        return self.one(ALL, TERMS | changes, key, state="OFFERED")["subject"]

    def agreed(self, seller=GHAF, buyer=TAMR, **changes):
        forward = self.offer(seller, other=buyer, **changes)
        self.one(f"{ALL}/{forward}/accept", None, buyer, state="AGREED")
        return forward

    def refused(self, forward, word, body=None, key=GHAF):
        return self.live.post(f"{ALL}/{forward}/{word}", body, key=key).json["refusal"]["code"]


@pytest.fixture(scope="module")
def trade(tmp_path_factory):
    live, end = begin(tmp_path_factory.mktemp("forwards"))
    made = Forwards(live)
    made.site()
    made.two("/v1/prices/DURUM/methods", {"version": 1, "from_on": "2026-11-20"}, "operator")
    yield made
    end()


def test_an_offer_takes_the_contract_of_its_pack_and_says_what_is_next(trade):
    forward = trade.offer(place=WHEAT.places[-1].place)
    shown = trade.get(f"{ALL}/{forward}", TAMR).json

    assert ("accept or decline", TAMR, "2026-11-24T12:00:00Z") == (
        shown["next_step"],
        shown["next_by"],
        shown["due_at"],
    )
    assert (WHEAT.grade, "CIF", 500_000, 1_000) == tuple(
        shown[name] for name in ("grade", "incoterm", "unit_kg", "price_kg")
    )
    assert f"{WHEAT.places[-1].differential_minor / 100:.2f}" == shown["differential"]
    assert WHEAT.options.arbitration_seat == shown["arbitration_seat"] != ""
    assert 404 == trade.get(f"{ALL}/{forward}", FYNB).status
    assert 404 == trade.live.post(f"{ALL}/{forward}/accept", None, key=FYNB).status
    assert "FORWARD_STATE_FORBIDS" == trade.refused(forward, "accept")
    trade.one(f"{ALL}/{forward}/decline", None, TAMR, state="CANCELLED")
    assert 422 == trade.live.post(ALL, TERMS | {"contract": "WHT-FUT"}, key=GHAF).status
    odd = trade.live.post(ALL, TERMS | {"contract": "WHT-FWD", "other": GHAF}, key=GHAF).json["refusal"]
    assert ("FORWARD_TERMS_OUT_OF_RANGE", ["/other", "/contract"]) == (
        odd["code"],
        [one["pointer"] for one in odd["errors"]],
    )


def test_a_ring_is_offset_where_members_allow_set_off(trade):
    """Two lots round: 300.00, 301.00 and 299.00 a tonne; 1,000 t each."""
    one = trade.agreed(GHAF, TAMR)
    two = trade.agreed(TAMR, SIDR, price={"asset": "AED", "value": "301.00"})
    trade.agreed(SIDR, GHAF, price={"asset": "AED", "value": "299.00"})
    assert "CIRCLE_NOT_ALLOWED" == trade.refused(one, "circle")
    for code in MEMBERS:
        trade.live.run(trade.live.world.builder.agents(code, "set_off.allow", AllowFields(True)))
    trade.one(f"{ALL}/{one}/circle", None, GHAF, state="OFFSET")

    moves = trade.get(f"{ALL}/{two}", SIDR).json["moves"]
    assert ("OFFSET", 2, "301000.00") == (
        moves[-1]["event"],
        moves[-1]["offset_lots"],
        moves[-1]["moved"]["value"],
    )
    assert {one} == {row["forward_id"] for row in trade.items(f"{ALL}?state=OFFSET", GHAF)} & {one, two}
    assert "forward.offset" in {row["type"] for row in trade.items("/v1/events?type=forward", SIDR)}


def test_what_people_decide(trade):
    forward = trade.agreed()
    paper = {"document": PAPER}
    trade.two(f"{ALL}/{forward}/hinder", paper | {"what": "prohibition"}, "operator")
    assert (
        "resume, or it is cancelled at the benchmark" == trade.get(f"{ALL}/{forward}", GHAF).json["next_step"]
    )
    trade.two(f"{ALL}/{forward}/resume", paper, "operator")
    refused = trade.live.post(
        f"{ALL}/{forward}/rule", paper | {"market": {"asset": "AED", "value": "310.00"}}, key="operator"
    )
    assert 200 == refused.status
    assert (
        422
        == trade.live.post(
            f"{ALL}/{forward}/rule", paper | {"market": {"asset": "INR", "value": "310.00"}}, key="operator"
        ).status
    )
    assert "SHIPMENT_OUTSIDE_PERIOD" == trade.refused(forward, "appropriate", {"receipts": [forward]})
    assert 403 == trade.live.post(f"{ALL}/{forward}/hinder", paper | {"what": "prohibition"}, key=MRUL).status
