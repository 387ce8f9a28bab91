"""Netting cycles over HTTP: opened, cut by two people, paid in, settled; one's own rows alone are seen."""

import time

import pytest

from tests.api.conftest import begin
from tests.api.test_liquidity import pay
from tests.api.world import GHAF, MRUL, SIDR, TAMR

OPERATORS = ("operator", "operator 2")
NOBODY = "01a207a2-3280-d03b-c267-1ae5d1ae88eb"
RING = ((GHAF, SIDR, "150.00"), (SIDR, TAMR, "150.00"), (TAMR, GHAF, "140.00"))


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    """Three banks that settle AED by cycle, a cycle that has gathered a ring of theirs, and a solver."""
    live, end = begin(tmp_path_factory.mktemp("cycles"))
    for bank in (GHAF, SIDR, TAMR):
        at = f"/v1/participants/{bank}/settings"
        headers = {"if-match": live.get(at, key=bank).headers["etag"]}
        body = {"by_cycle": ["AED"], "pays_in": False}
        assert 200 == live.ask("PATCH", at, body=body, key=bank, headers=headers).status
    live.opened = live.post("/v1/cycles", {"currencies": ["AED"]}, key="operator").json
    live.cycle = live.opened["subject"]
    for payer, payee, value in RING:
        pay(live, payee, value, key=payer)
    live.desk = live.run(solver(live))
    yield live
    live.run(live.desk.end())
    end()


async def solver(live):
    return live.world.node.solve()


def by_two(live, path, body):
    """Give an order by both operators."""
    asked = live.post(path, body, key=OPERATORS[0])
    assert "PROPOSED" == asked.json["state"], asked
    live.project()
    shown = {"shown": asked.json["details"]["shown"]}
    done = live.post(f"/v1/approvals/{asked.json['subject']}/approve", shown, key=OPERATORS[1]).json
    return done["outcome"], (done["refusal"] or {}).get("code")


def shown(live, key="operator", cycle=None):
    return live.get(f"/v1/cycles/{cycle or live.cycle}", key=key).json


def until(live, *states):
    """Wait for the solver, move the clock, until the cycle is in one of these states."""
    end = time.monotonic() + 40
    while (found := shown(live))["cycle"]["state"] not in states:
        assert time.monotonic() < end, found
        time.sleep(0.05)
        if found["cycle"]["state"] != "CUT":
            live.post("/v1/sandbox/advance", {"to": "PT61S"}, key="operator")
    return found


def test_a_cycle_is_open_and_gathers(net):
    assert ("done", "OPEN") == (net.opened["outcome"], net.opened["state"])
    row = net.get("/v1/cycles?currency=AED&state=open", key=MRUL).json["items"][0]
    assert (net.cycle, "command", None) == (row["cycle_id"], row["trigger"], row["cut_at"])
    assert ("refused", "CYCLE_IS_OPEN") == (
        lambda told: (told["outcome"], told["refusal"]["code"])
    )(net.post("/v1/cycles", {"currencies": ["AED"]}, key="STAGAEA0").json)  # fmt: skip


def test_it_is_cut_planned_paid_in_and_settles(net):
    """150 there, 150 on, 140 back: GHAF owes 10, TAMR is owed 10."""
    assert ("done", None) == by_two(net, f"/v1/cycles/{net.cycle}/cut", {"reason": "EARLY"})
    found = until(net, "FUNDING")
    (aed,) = found["by_currency"]
    assert ("440.00", "440.00", 0) == (aed["gathered"]["value"], aed["bound"]["value"], aed["distance_bp"])
    assert {GHAF: ("150.00", "140.00", "-10.00", "10.00"), SIDR: ("150.00", "150.00", "0.00", "0.00"),
            TAMR: ("140.00", "150.00", "10.00", "0.00")} == {
        one["participant"]: tuple(one[name]["value"] for name in ("out", "back", "net", "called"))
        for one in found["participants"]
    }  # fmt: skip
    much = {"currency": "AED", "amount": {"asset": "AED", "value": "10.01"}}
    told = net.post(f"/v1/cycles/{net.cycle}/pay-in", much).json
    assert "PAY_IN_EXCEEDS_CALL" == told["refusal"]["code"]
    assert "done" == net.post(f"/v1/cycles/{net.cycle}/pay-in", {"currency": "AED"}).json["outcome"]
    found = until(net, "CLOSED", "STATEMENTS")
    (aed,) = found["by_currency"]

    assert (3, "440.00", "440.00", 0) == (
        aed["settles_count"], aed["settles"]["value"], aed["bound"]["value"], aed["distance_bp"]
    )  # fmt: skip
    assert found["cycle"]["closed_at"]
    assert found["bundle_id"]
    assert [] == net.get("/v1/queue").json["items"]


def test_figures_are_public_and_rows_ones_own(net):
    for key, rows in ((GHAF, [GHAF]), (MRUL, []), ("STAGAEA0 overseer", [GHAF, SIDR]),
                      ("auditor", [GHAF, SIDR, TAMR])):  # fmt: skip
        found = shown(net, key)

        assert "440.00" == found["by_currency"][0]["settles"]["value"], key
        assert rows == sorted(one["participant"] for one in found["participants"]), key


def test_the_proof_is_for_those_who_audit(net):
    path = f"/v1/cycles/{net.cycle}/certificate"
    found = net.get(path, key="auditor").json

    assert {"steelyard-certificate/1"} == {one["format"] for one in found["certificates"]}
    assert shown(net)["certificate"] == found["certificate"]
    assert [200, 403, 404] == [
        net.get(path, key=key).status for key in ("STAGAEA0 overseer", GHAF, "STAGINB0 overseer")
    ]


def test_one_is_cancelled_and_everything_queued_again(net):
    told = net.post(
        "/v1/cycles", {"currencies": ["AED"], "cut_at": "2030-01-01T00:00:00Z"}, key="STAGAEA0"
    ).json
    cycle = told["subject"]
    assert "CYCLE_STATE_FORBIDS" == by_two(net, f"/v1/cycles/{cycle}/extend", {"by_ms": 1_000})[1]
    assert ("done", None) == by_two(net, f"/v1/cycles/{cycle}/exclude", {"participant": TAMR})
    assert ("done", None) == by_two(net, f"/v1/cycles/{cycle}/cancel", {"reason": "TEST"})
    found = shown(net, cycle=cycle)["cycle"]

    assert ("CANCELLED", "TEST") == (found["state"], found["reason"])
    assert cycle not in [one["cycle_id"] for one in net.get("/v1/cycles?state=open").json["items"]]


def test_cuts_have_a_calendar(net):
    body = {"currencies": ["INR", "ZAR"], "cuts": ["16:30", "09:00"]}
    assert "done" == net.ask("PUT", "/v1/cycle-schedules", body=body, key="operator").json["outcome"]
    (row,) = net.get("/v1/cycle-schedules", key=MRUL).json["items"]

    assert (["INR", "ZAR"], ["09:00", "16:30"]) == (row["currencies"], row["cuts"])
    bad = net.ask("PUT", "/v1/cycle-schedules", body=body | {"cuts": ["24:00"]}, key="operator")
    assert (422, "/cuts/0") == (bad.status, bad.json["errors"][0]["pointer"])
    assert "done" == net.ask(
        "PUT", "/v1/cycle-schedules", body={"currencies": ["INR", "ZAR"]}, key="operator"
    ).json["outcome"]  # fmt: skip
    assert [] == net.get("/v1/cycle-schedules").json["items"]


def test_a_cycle_that_is_none_is_not_found(net):
    assert 404 == net.get(f"/v1/cycles/{NOBODY}").status
    assert 404 == net.post(f"/v1/cycles/{NOBODY}/pay-in", {"currency": "AED"}).status
    assert 403 == net.post(f"/v1/cycles/{net.cycle}/cancel", {}, key=GHAF).status
    wrong = {"currency": "AED", "amount": {"asset": "INR", "value": "1.00"}}
    assert 422 == net.post(f"/v1/cycles/{net.cycle}/pay-in", wrong).status
