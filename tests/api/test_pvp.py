"""The PvP queue over the API: enrolled by settlement agents, shown to who it concerns, trades settled by a run."""

import time

import pytest

from steelyard.liquidity import batch_file
from tests.api.conftest import begin
from tests.api.test_batches import solver
from tests.api.world import GHAF, TAMR

AGENT, OTHER = "STAGAEA0", "STAGINB0"
TERMS = {"participant": GHAF, "currency": "AED", "short": "0", "haircut_bp": 1000}


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    live, end = begin(tmp_path_factory.mktemp("pvp"))
    live.desk = live.run(solver(live))
    yield live
    live.run(live.desk.end())
    end()


def terms(net, body, *, key=AGENT):
    return net.ask("PUT", "/v1/pvp/terms", body=body, key=key)


def test_terms_are_the_agents_own_currency_and_widen_with_two(net):
    assert "done" == terms(net, TERMS).json["outcome"]
    assert "refused" == terms(net, TERMS | {"currency": "INR"}).json["outcome"]
    assert 403 == terms(net, TERMS, key=GHAF).status
    assert "PROPOSED" == terms(net, TERMS | {"short": "1.00"}).json["state"]
    assert 422 == terms(net, TERMS | {"short": "x"}).status


def test_members_are_shown_to_whom_they_concern_and_trades_settle_in_a_run(net):
    world = net.world.node.sequencer.machine.world
    world.pvp.aggregates |= {GHAF: ("AED", 10**9), TAMR: ("INR", 10**9)}
    rows = net.get("/v1/pvp", key=GHAF).json["items"]
    assert {GHAF} == {row["participant"] for row in rows}
    assert {"AED", "INR"} <= {row["currency"] for row in rows}
    assert {(GHAF, "AED"), (TAMR, "AED")} <= {
        (row["participant"], row["currency"]) for row in net.get("/v1/pvp", key=AGENT).json["items"]
    }
    assert {"INR"} == {row["currency"] for row in net.get("/v1/pvp?currency=INR", key=GHAF).json["items"]}
    before = {row["currency"]: row["position"]["value"] for row in rows}
    rates = {
        "source": "test", "at": "2026-11-23T07:00:00Z",
        "rates": [{"base": "AED", "quote": "INR", "rate": "22.50"}],
    }  # fmt: skip
    assert "done" == net.post("/v1/fx/rates", rates, key="operator").json["outcome"]
    sides = (
        (GHAF, TAMR, {"asset": "AED", "value": "10.00"}, {"asset": "INR", "value": "225.00"}),
        (TAMR, GHAF, {"asset": "INR", "value": "225.00"}, {"asset": "AED", "value": "10.00"}),
    )
    for owner, other, pays, gets in sides:
        body = {"counterparty": other, "pays": pays, "gets": gets, "value_on": "2026-11-23"}
        trade = net.post("/v1/fx-trades", body, key=owner).json["subject"]
    until = time.monotonic() + 30
    while net.get(f"/v1/fx-trades/{trade}", key=GHAF).json["state"] != "SETTLED":
        assert time.monotonic() < until
        time.sleep(0.05)
    after = {row["currency"]: row["position"]["value"] for row in net.get("/v1/pvp", key=GHAF).json["items"]}
    assert before != after
    runs = net.get("/v1/batches?kind=pvp").json["items"]
    assert ["pvp"] == list({row["kind"] for row in runs})
    holds_together(net, next(run["batch_id"] for run in runs if run["settled"] not in (None, "0")))


def holds_together(net, batch_id):
    """Check a run's file: its figures hold, and the queue alone would prove it."""
    file = batch_file.read(net.get(f"/v1/batches/{batch_id}/certificate", key="auditor").body)

    assert [(GHAF, TAMR)] == [tuple(sorted((one.first, one.second))) for one in file.trades]
    assert ((), False) == (batch_file.verify(file).faults, batch_file.verify(file).is_proved)


def test_pay_ins_are_fixed_by_the_agent_that_enrolled(net):
    steps = [
        {"due_at": "2026-11-24T09:00:00Z", "share_bp": 5000},
        {"due_at": "2026-11-24T12:00:00Z", "share_bp": 10000},
    ]
    body = {"participant": GHAF, "currency": "AED", "steps": steps}

    assert "done" == net.ask("PUT", "/v1/pvp/pay-ins", body=body, key=AGENT).json["outcome"]
    assert (
        "refused"
        == net.ask("PUT", "/v1/pvp/pay-ins", body=body | {"currency": "INR"}, key=OTHER).json["outcome"]
    )
    assert (
        "refused"
        == net.ask("PUT", "/v1/pvp/pay-ins", body=body | {"steps": steps[:1]}, key=AGENT).json["outcome"]
    )
