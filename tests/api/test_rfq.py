"""Requests for quotes over HTTP: what is offered is locked, parts are taken, others' answers are not seen."""

import pytest

from tests.api.conftest import begin
from tests.api.goods import RYE, Trade
from tests.api.world import BNYN, FYNB, GHAF, SIDR, TAMR

UNKNOWN = "00000000-0000-4000-8000-000000000000"
REQUEST = {"code": RYE, "kg": 60_000, "side": "buy", "currency": "AED", "valid_until": "2026-11-24T12:00:00Z"}
UNTIL = {"valid_until": "2026-11-24T11:00:00Z"}


@pytest.fixture(scope="module")
def trade(tmp_path_factory):
    live, end = begin(tmp_path_factory.mktemp("rfq"))
    made = Trade(live)
    made.site()
    made.stock()
    yield made
    end()


def test_a_part_of_what_is_offered_is_taken_title_and_money_at_once(trade):
    live, receipt = trade.live, trade.issue(40_000, TAMR)
    rfq = trade.one("/v1/rfq", REQUEST, GHAF, state="OPEN")["subject"]
    wrong = live.post(f"/v1/rfq/{rfq}/answers", {**UNTIL, "ask": "1.234", "receipt_id": receipt}, key=TAMR)
    assert ["/ask"] == [one["pointer"] for one in wrong.json["errors"]]
    offer = {**UNTIL, "ask": "241.01", "receipt_id": receipt}
    answer = trade.one(f"/v1/rfq/{rfq}/answers", offer, TAMR, state="FIRM")["subject"]
    again = live.post(f"/v1/rfq/{rfq}/answers", offer, key=TAMR).json
    assert "RFQ_OUT_OF_RANGE" == again["refusal"]["code"]
    assert [("/receipt_id", "receipt")] == [
        (one["pointer"], one["code"]) for one in again["refusal"]["errors"]
    ]
    odd = live.post("/v1/rfq", {**REQUEST, "code": "HAY", "dealers": [TAMR, GHAF]}, key=GHAF).json["refusal"]
    assert ["/code", "/dealers/1"] == [one["pointer"] for one in odd["errors"]]
    assert all(one["message"].startswith("must ") for one in odd["errors"])
    away = live.post(f"/v1/warehouse-receipts/{receipt}/transfer", {"to": SIDR}, key=TAMR).json
    assert "RECEIPT_IS_LOCKED" == away["refusal"]["code"]
    (mine,) = [one for one in trade.items("/v1/rfq", GHAF) if one["rfq_id"] == rfq]
    assert [(TAMR, "241.01", 1)] == [(one["dealer"], one["ask"], one["ask_place"]) for one in mine["answers"]]
    (theirs,) = trade.items(f"/v1/rfq?code={RYE}", FYNB)
    assert [] == theirs["answers"]
    before = live.balance(TAMR, "AED")
    taken = {"answer_id": answer, "kg": 25_000}
    assert "OPEN" == trade.one(f"/v1/rfq/{rfq}/accept", taken, GHAF)["state"]

    assert before + 602_525 == live.balance(TAMR, "AED")
    (shown,) = [one for one in trade.items("/v1/own-rfq-answers", TAMR) if one["answer_id"] == answer]
    assert ("TAKEN", 25_000, "602525") == (shown["state"], shown["kg"], shown["amount_minor"])
    assert {25_000} == {one["kg"] for one in trade.items("/v1/warehouse-receipts", GHAF)}
    assert [35_000] == [one["kg"] for one in trade.items("/v1/own-rfq?state=OPEN", GHAF)]
    assert "WITHDRAWN" == trade.one(f"/v1/rfq/{rfq}/withdraw", None, GHAF)["state"]
    assert [] == trade.items("/v1/own-rfq?state=OPEN", GHAF)


def test_a_request_of_named_dealers_is_theirs_alone(trade):
    named = {**REQUEST, "side": "hidden", "dealers": [TAMR, BNYN]}
    rfq = trade.one("/v1/rfq", named, GHAF)["subject"]

    for dealer in (TAMR, BNYN):
        (seen,) = [one for one in trade.items("/v1/rfq", dealer) if one["rfq_id"] == rfq]
        assert ("hidden", [dealer], []) == (seen["side"], seen["dealers"], seen["answers"])
    assert rfq not in [one["rfq_id"] for one in trade.items("/v1/rfq", FYNB)]
    bid = {**UNTIL, "bid": "200.00", "kg_max": 1_000}
    assert 404 == trade.live.post(f"/v1/rfq/{rfq}/answers", bid, key=FYNB).status
    assert 404 == trade.live.post(f"/v1/rfq/{rfq}/accept", {"answer_id": UNKNOWN}, key=TAMR).status
    assert 404 == trade.live.post(f"/v1/rfq/{rfq}/withdraw", key=TAMR).status
    assert "FIRM" == trade.one(f"/v1/rfq/{rfq}/answers", bid, TAMR)["state"]
    assert rfq in [one["rfq_id"] for one in trade.items("/v1/own-rfq?state=OPEN", GHAF)]
