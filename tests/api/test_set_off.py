"""Claims over HTTP: filed by one side, confirmed by the other, set off in circles by a solver's process."""

import pytest

from tests.api.conftest import begin
from tests.api.test_batches import ended, solver
from tests.api.test_credit import AE, IN, order
from tests.api.world import FYNB, GHAF, SIDR, TAMR

CLAIMS = "/v1/set-off/claims"
PAPER = "ab" * 32


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    live, end = begin(tmp_path_factory.mktemp("set_off"))
    yield live
    end()


def body(debtor, creditor, value):
    amount = {"asset": "AED", "value": value}
    return {
        "debtor": debtor,
        "creditor": creditor,
        "amount": amount,
        "due_on": "2026-12-31",
        "document_hash": PAPER,
    }


def file(net, debtor, creditor, value):
    """File a claim as its creditor."""
    return net.post(CLAIMS, body(debtor, creditor, value), key=creditor).json


def owed(net, debtor, creditor, value):
    """File a claim and let its debtor confirm it."""
    claim_id = file(net, debtor, creditor, value)["subject"]
    assert "confirmed" == net.post(f"{CLAIMS}/{claim_id}/confirm", {}, key=debtor).json["state"]
    return claim_id


def shown(net, claim_id, key):
    return net.get(f"{CLAIMS}/{claim_id}", key=key)


def test_a_claim_is_filed_shown_to_both_sides_and_taken_back(net):
    claim_id = file(net, GHAF, TAMR, "70.00")["subject"]
    found = shown(net, claim_id, GHAF).json

    assert ("filed", False, True, TAMR, "70.00", "70.00", "2026-12-31", PAPER) == (
        found["state"], found["debtor_confirmed"], found["creditor_confirmed"], found["filed_by"],
        found["amount"]["value"], found["open"]["value"], found["due_on"], found["document_hash"],
    )  # fmt: skip
    assert 404 == shown(net, claim_id, SIDR).status
    assert claim_id not in [one["claim_id"] for one in net.get(CLAIMS, key=SIDR).json["items"]]
    assert claim_id in [one["claim_id"] for one in net.get(f"{CLAIMS}?state=filed", key=GHAF).json["items"]]
    assert "claim.filed" in [one["type"] for one in net.get("/v1/events", key=GHAF).json["items"]]
    assert 404 == net.post(f"{CLAIMS}/{claim_id}/withdraw", {}, key=SIDR).status
    assert "withdrawn" == net.post(f"{CLAIMS}/{claim_id}/withdraw", {}, key=GHAF).json["state"]
    assert "withdrawn" == shown(net, claim_id, TAMR).json["state"]


@pytest.mark.parametrize(
    "change", [{"due_on": "2026-13-31"}, {"document_hash": "ab"}, {"amount": {"asset": "XXX", "value": "1"}}]
)
def test_a_field_that_makes_no_sense_is_named(net, change):
    assert 422 == net.post(CLAIMS, body(GHAF, TAMR, "1.00") | change, key=TAMR).status


def test_a_claim_of_others_is_refused_by_name(net):
    told = net.post(CLAIMS, body(GHAF, TAMR, "1.00"), key=SIDR)

    assert 404 == told.status or "CLAIM_UNKNOWN" == told.json["refusal"]["code"]


def test_a_circle_is_set_off_where_the_law_of_all_allows_it(net):
    circle = [owed(net, GHAF, SIDR, "100.00"), owed(net, SIDR, TAMR, "80.00"), owed(net, TAMR, GHAF, "70.00")]
    asked = net.post("/v1/set-off/batches", {"currency": "AED"}, key="operator").json
    assert ("refused", "SET_OFF_HAS_NO_CLAIMS") == (asked["outcome"], asked["refusal"]["code"])
    for people in (AE, IN):
        assert ("done", None) == order(net, people, "PUT", "/v1/set-off/rule", {"allowed": True})[0]
    desk = net.run(solver(net))
    batch_id = net.post("/v1/set-off/batches", {"currency": "AED"}, key="operator").json["subject"]
    report = ended(net, batch_id)
    net.run(desk.end())

    assert ("set_off", ["AED"], 3, 1, "7000", 2, "14000", "21000", True) == (
        report["kind"], report["currencies"], report["queued_count"], report["settled_count"], report["settled"],
        report["parts_count"], report["parts"], report["bound"], report["proved"],
    )  # fmt: skip
    assert ["part_set_off", "part_set_off", "set_off"] == [
        shown(net, one, "auditor").json["state"] for one in circle
    ]
    first = shown(net, circle[0], GHAF).json
    assert ("30.00", [(batch_id, "70.00", "30.00")]) == (
        first["open"]["value"],
        [(one["batch_id"], one["amount"]["value"], one["left"]["value"]) for one in first["parts"]],
    )
    (event,) = [
        one for one in net.get("/v1/events?type=claim.set_off", key=TAMR).json["items"]
        if one["subject"] == circle[2]
    ]  # fmt: skip
    assert 7000 == int(event["data"]["set_off_minor"])
    file_ = net.get(f"/v1/batches/{batch_id}/certificate", key="auditor").json
    assert [21000] == [one["value"] for one in file_["certificates"]]
    assert FYNB not in [row["participant"] for row in net.get(f"/v1/batches/{batch_id}").json["participants"]]


def test_the_claims_book_is_shown_as_accounts_that_hold_no_money(net):
    names = [one["name"] for one in net.get("/v1/accounts", key=GHAF).json["items"]]

    assert {f"{GHAF}/AED.CLAIMS/owed", f"{GHAF}/AED.CLAIMS/owes"} <= set(names)
