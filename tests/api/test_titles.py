"""Warehouse receipts over HTTP: from the goods received note until the goods have left, and who sees them."""

import pytest

from tests.api.conftest import begin
from tests.api.goods import CARRIER, GRADE, HOUSE, JUDGE, PAPER, RYE, Trade
from tests.api.world import BNYN, FYNB, GHAF, SIDR, TAMR

RECEIPTS = "/v1/warehouse-receipts"
UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture(scope="module")
def trade(tmp_path_factory):
    live, end = begin(tmp_path_factory.mktemp("titles"))
    made = Trade(live)
    made.site()
    made.stock()
    yield made
    end()


def kg(trade, key):
    return {one["receipt_id"]: one["kg"] for one in trade.items(RECEIPTS, key)}


def test_a_site_is_known_to_all_and_its_stock_to_its_house_and_inspector(trade):
    (site,) = trade.items("/v1/sites", TAMR)
    assert ("PORT", SIDR, BNYN, "0.03") == (
        site["site"], site["warehouse"], site["inspector"], site["storage"]["value"],
    )  # fmt: skip
    assert [RYE] == [one["code"] for one in trade.items("/v1/receipt-classes?site=PORT", TAMR)]
    for key in (HOUSE, JUDGE, "auditor", "STAGAEA0"):
        assert [(GRADE, 1_000_000)] == [
            (one["grade"], one["certified_kg"]) for one in trade.items("/v1/stocks", key)
        ], key
    assert [] == trade.items("/v1/stocks", TAMR)


def test_a_receipt_is_seen_by_its_parties_alone(trade):
    """Holder, pledgee, warehouse, inspector of the site, overseers; to all others it is not there."""
    receipt = trade.issue(40_000, GHAF)
    trade.act(receipt, "pledge", {"to": TAMR}, GHAF, state="PLEDGED")

    for key in (GHAF, TAMR, HOUSE, JUDGE, "operator", "auditor", "STAGAEA0", "STAGINB0 overseer"):
        assert 200 == trade.get(f"{RECEIPTS}/{receipt}", key).status, key
        assert receipt in kg(trade, key), key
    for key in (FYNB, CARRIER, "STAGZAJ0"):
        assert 404 == trade.get(f"{RECEIPTS}/{receipt}", key).status, key
        assert receipt not in kg(trade, key), key
    assert 404 == trade.live.post(f"{RECEIPTS}/{receipt}/transfer", {"to": GHAF}, key=FYNB).status
    assert (
        "RECEIPT_IS_ANOTHERS"
        == (trade.live.post(f"{RECEIPTS}/{receipt}/release", key=GHAF).json["refusal"]["code"])
    )
    assert (
        "RECEIPT_IS_PLEDGED"
        == (trade.live.post(f"{RECEIPTS}/{receipt}/transfer", {"to": FYNB}, key=GHAF).json["refusal"]["code"])
    )
    trade.act(receipt, "invoke", None, TAMR, state="ISSUED", subject=receipt)
    moves = trade.get(f"{RECEIPTS}/{receipt}", TAMR).json["moves"]
    assert ["DRAFTED", "ISSUED", "PLEDGED", "INVOKED"] == [one["event"] for one in moves]
    assert [None, None, None, TAMR] == [one["holder"] for one in moves]
    assert 404 == trade.get(f"{RECEIPTS}/{receipt}", GHAF).status


def test_a_receipt_is_split_merged_and_loaded_out_against_its_storage(trade):
    receipt = trade.issue(50_000, GHAF)
    split = trade.act(receipt, "split", {"parts_kg": [20_000, 30_000]}, GHAF, state="REPLACED")
    parts = split["details"]["receipts"]
    assert [20_000, 30_000] == [kg(trade, GHAF)[one] for one in parts]

    merged = trade.one(f"{RECEIPTS}/merge", {"receipt_ids": parts}, GHAF, state="ISSUED")["subject"]
    trade.act(merged, "attach", {"document": "0" * 64}, GHAF)
    assert 422 == trade.live.post(f"{RECEIPTS}/{merged}/attach", {}, key=GHAF).status
    trade.act(merged, "load-out", None, GHAF, state="LOAD_OUT_REQUESTED")
    before = trade.live.balance(SIDR, "AED")
    trade.act(merged, "load-out/left", {"kg": 10_000, "document": PAPER}, state="PARTIALLY_RELEASED")
    whole = trade.get(f"{RECEIPTS}/{merged}", GHAF).json
    last = whole["moves"][-1]
    assert (40_000, 10_000) == (whole["kg"], last["left_kg"])
    assert trade.live.balance(SIDR, "AED") - before == int(last["storage"]["amount_minor"]) > 0
    trade.act(merged, "load-out/stay", None, GHAF, state="ISSUED")
    trade.act(merged, "transfer", {"to": FYNB}, GHAF, state="ISSUED")
    assert merged in kg(trade, FYNB)
    stock = trade.items("/v1/stocks", HOUSE)[0]
    assert 990_000 == stock["certified_kg"]


def test_a_difference_is_a_case_that_stops_issues_until_it_is_decided(trade):
    live_kg = trade.items("/v1/stocks", JUDGE)[0]["live_kg"]
    files = {"grade": GRADE, "weighed_kg": live_kg - 100, "inspected_kg": live_kg - 100, "document": PAPER}
    trade.one("/v1/sites/PORT/stocks/compare", files, JUDGE)
    (case,) = trade.items("/v1/stock-cases", HOUSE)
    assert -100 == case["case_kg"]
    assert [] == trade.items("/v1/stock-cases", GHAF)
    draft = trade.draft(1_000, GHAF)
    asked = trade.one(f"{RECEIPTS}/{draft}/issue", None, state="PROPOSED")
    approved = trade.live.post(
        f"/v1/approvals/{asked['subject']}/approve", {"shown": asked["details"]["shown"]}, key=f"{HOUSE} 2"
    )

    assert "STOCK_CASE_IS_OPEN" == approved.json["refusal"]["code"]
    trade.two("/v1/sites/PORT/stocks/decide", {"grade": GRADE, "document": PAPER}, "operator")
    assert [] == trade.items("/v1/stock-cases", HOUSE)
    trade.act(draft, "drop", None, state="CANCELLED")


def test_receipts_are_frozen_one_by_one_or_all_of_a_site(trade):
    receipt = trade.issue(5_000, GHAF)
    trade.two(f"{RECEIPTS}/{receipt}/freeze", {"document": PAPER}, "operator")
    answer = trade.live.post(f"{RECEIPTS}/{receipt}/transfer", {"to": FYNB}, key=GHAF)
    assert "RECEIPT_IS_FROZEN" == answer.json["refusal"]["code"]
    trade.two(f"{RECEIPTS}/{receipt}/thaw", {"document": PAPER}, "operator")
    trade.two("/v1/sites/PORT/freeze", {"document": PAPER}, "operator")
    assert {"FROZEN"} == {
        one["state"] for one in trade.items(RECEIPTS, HOUSE) if one["state"] not in ("CANCELLED", "REPLACED")
    }
    trade.two("/v1/sites/PORT/thaw", {"document": PAPER}, "operator")
    assert [] == trade.items(f"{RECEIPTS}?state=FROZEN", HOUSE)


def test_what_is_not_there_is_not_found(trade):
    for word, body, key in (
        ("transfer", {"to": GHAF}, GHAF),
        ("load-out", None, GHAF),
        ("drop", None, HOUSE),
    ):
        assert 404 == trade.live.post(f"{RECEIPTS}/{UNKNOWN}/{word}", body, key=key).status, word
    files = {"grade": GRADE, "kg": 1, "document": PAPER}
    assert 404 == trade.live.post("/v1/sites/NOWHERE/stocks/certify", files, key=JUDGE).status
    wrong = {"code": RYE, "holder": GHAF, "kg": 0, "taken_in_on": "2026-13-40", "document": "x"}
    answer = trade.live.post(RECEIPTS, wrong, key=HOUSE)
    assert {"/kg", "/document"} <= {one["pointer"] for one in answer.json["errors"]}


def test_a_regrade_is_the_inspectors_by_two_and_moves_the_goods_to_another_class(trade):
    feed = "RYE-2-26.PORT"
    trade.one("/v1/receipt-classes", {"code": feed, "site": "PORT", "grade": "RYE 2", "crop": "2026"})
    receipt = trade.issue(7_000, GHAF)
    trade.two(f"{RECEIPTS}/{receipt}/regrade", {"code": feed, "document": PAPER}, JUDGE)

    assert (feed, "RYE 2") == tuple(
        trade.get(f"{RECEIPTS}/{receipt}", GHAF).json[name] for name in ("code", "grade")
    )
    assert {"receipt.regraded", "receipt.issued"} <= {
        one["type"] for one in trade.items("/v1/events?type=receipt&limit=100", GHAF)
    }
