"""Throughput rules over HTTP: set by two people, shown to all; days seen by whom they concern."""

import pytest

from tests.api.conftest import begin
from tests.api.test_credit import AE, order
from tests.api.test_liquidity import pay
from tests.api.world import GHAF, SIDR, TAMR

RULE = {
    "checkpoints": [{"by": "00:01", "share_bp": 3000}],
    "steps": [{"missed_from": 1, "publish": True, "fee": "30.00", "ranks": 1}],
    "entry_fee": "0.02",
    "discounts": [{"before": "23:00", "share_bp": 5000}],
}


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    live, end = begin(tmp_path_factory.mktemp("pace"))
    yield live
    end()


def days(net, key):
    return net.get("/v1/throughput/days?currency=AED", key=key).json["items"]


def test_a_rule_is_set_and_shown_to_all(net):
    assert not net.get("/v1/throughput/rules/AED", key=TAMR).json["on"]
    assert ("done", None) == order(net, AE, "PUT", "/v1/throughput/rules/AED", RULE)[0]
    found = net.get("/v1/throughput/rules/AED", key=TAMR).json

    assert (True, "00:01", "30.00", "0.02", "23:00") == (
        found["on"], found["checkpoints"][0]["at"], found["steps"][0]["fee"]["value"], found["entry_fee"]["value"],
        found["discounts"][0]["at"],
    )  # fmt: skip
    assert ["2026-11-23T00:01:00Z"] == [
        one[:19] + "Z"
        for one in net.get("/v1/throughput?currency=AED&on=2026-11-23", key=GHAF).json["checkpoints"]
    ]
    assert 404 == net.get("/v1/throughput/rules/XXX").status
    assert 403 == net.ask("PUT", "/v1/throughput/rules/AED", body=RULE, key=GHAF).status
    assert 422 == net.ask("PUT", "/v1/throughput/rules/AED", body={"entry_fee": "x"}, key=AE[0]).status


def test_a_rule_out_of_order_is_refused_by_name(net):
    twice = {"checkpoints": RULE["checkpoints"] * 2}

    assert ("refused", "THROUGHPUT_RULE_OUT_OF_RANGE") == order(
        net, AE, "PUT", "/v1/throughput/rules/AED", twice
    )[0]


def test_days_are_ones_own_and_what_is_published(net):
    pay(net, SIDR, "100.00", key=GHAF)
    advance(net)
    (first,) = days(net, GHAF)
    assert (GHAF, 1, "100.00", 0, False, "0.01", "0.01") == (
        first["participant"], first["submitted_count"], first["submitted"]["value"], first["missed"],
        first["published"], first["due"]["value"], first["saved"]["value"],
    )  # fmt: skip
    assert first["bundle_id"]
    assert [] == days(net, TAMR)
    advance(net)
    late = days(net, TAMR)[0]

    assert (GHAF, 1, True, "30.00", 1) == (
        late["participant"], late["missed"], late["published"], late["fee"]["value"], late["ranks"]
    )  # fmt: skip
    assert "throughput.judged" in [one["type"] for one in net.get("/v1/events?type=throughput").json["items"]]


def advance(net):
    """Go to the next business day, past the end of the date before."""
    assert 200 == net.post("/v1/sandbox/advance", {"to": "next_business_day"}, key="operator").status
    net.project()
