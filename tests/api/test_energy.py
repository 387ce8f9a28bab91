"""Energy over HTTP: a contract by the month and the year, matches with their proof, indices."""

import pytest

from steelyard.market.energy.matching import propose_any
from steelyard.market.energy.network import Node, Route, Shared
from steelyard.solve.transport import TransportSolver
from tests.api.conftest import begin
from tests.api.markets import two
from tests.api.world import BNYN, GHAF, TAMR

UNKNOWN = "00000000-0000-4000-8000-000000000000"
TERMS = {
    "buyer": TAMR, "asset": "AED", "unit": "MWh", "acq": 1_200, "take_or_pay": "0.80", "first_month": "2026-12",
    "years": 1, "points": [{"point": "coast", "quantity": 100}], "index": "gas", "base": "0.50", "slope": "3",
    "makeup_years": 5,
}  # fmt: skip
NETWORK = {
    "nodes": [{"id": "P", "amount": 30}, {"id": "Q", "amount": 40}, {"id": "X", "amount": -20},
              {"id": "Y", "amount": -40}],
    "routes": [{"id": "P-X", "source": "P", "target": "X", "cost_minor": 4},
               {"id": "P-Y", "source": "P", "target": "Y", "cost_minor": 6},
               {"id": "Q-X", "source": "Q", "target": "X", "cost_minor": 5},
               {"id": "Q-Y", "source": "Q", "target": "Y", "cost_minor": 3}],
}  # fmt: skip
CONTRACTS = "/v1/energy/contracts"


@pytest.fixture(scope="module")
def net(tmp_path_factory):
    live, end = begin(tmp_path_factory.mktemp("energy"))
    yield live
    end()


def do(net, path, body=None, key=GHAF, method="POST"):
    answer = net.ask(method, path, body=body, key=key)
    assert (200, "done") == (answer.status, answer.json.get("outcome")), answer
    return answer.json


def entered(net, month, value):
    """Let two persons of the operator enter the index of a month."""
    body = {"index": "gas", "month": month, "value_minor": value, "source": "A report"}
    two(net, "POST", "/v1/energy/indices", body)


def test_a_contract_runs_by_the_month(net):
    """Offered, agreed, nominated, taken, confirmed and paid at the mean of three months' index."""
    wrong = net.post(CONTRACTS, {**TERMS, "asset": "XXX", "base": "1."})
    assert {"/asset", "/base"} == {one["pointer"] for one in wrong.json["errors"]}
    contract = do(net, CONTRACTS, TERMS)["subject"]
    one = f"{CONTRACTS}/{contract}"
    assert 404 == net.post(f"{one}/agree", key=BNYN).status
    assert "RUNNING" == do(net, f"{one}/agree", key=TAMR)["state"]
    wanted = {"month": "2026-12", "points": [{"point": "coast", "quantity": 60}]}
    assert "NOMINATED" == do(net, f"{one}/nominate", wanted, TAMR)["state"]
    for month in ("2026-09", "2026-10"):
        entered(net, month, "200.5")
    net.post("/v1/sandbox/advance", {"to": "2026-12-01T00:00:00Z"}, key="operator")
    entered(net, "2026-11", "199")
    assert "REPORTED" == do(net, f"{one}/take", {"month": "2026-12", "taken": 60})["state"]
    early = net.post(f"{one}/confirm", {"month": "2026-12"}, key=TAMR).json
    assert "TAKE_OUT_OF_RANGE" == early["refusal"]["code"]
    net.post("/v1/sandbox/advance", {"to": "2027-01-01T00:00:00Z"}, key="operator")
    before = net.balance(GHAF, "AED")
    assert "CONFIRMED" == do(net, f"{one}/confirm", {"month": "2026-12"}, TAMR)["state"]

    assert before + 39_000 == net.balance(GHAF, "AED")  # 60 at 50 + 3 x 200
    shown = net.get(one, key=TAMR).json
    (month,) = shown["months"]
    assert ("2026-12", "CONFIRMED", 60, "650", "390.00") == (
        month["month"], month["event"], month["taken"], month["price_minor"], month["paid"]["value"],
    )  # fmt: skip
    assert ("4/5", "50", [], 1) == (
        shown["terms"]["take_or_pay"], shown["terms"]["base_minor"], shown["makeup"], shown["contract"]["year"],
    )  # fmt: skip
    assert "YEAR_IS_NOT_COMPLETE" == net.post(f"{one}/settle-year", key=TAMR).json["refusal"]["code"]
    assert [contract] == [row["contract_id"] for row in net.get(CONTRACTS, key=TAMR).json["items"]]
    assert [] == net.get(CONTRACTS, key=BNYN).json["items"]
    assert 404 == net.get(one, key=BNYN).status
    assert [
        ("2026-09", "401/2", "A report"),
        ("2026-10", "401/2", "A report"),
        ("2026-11", "199", "A report"),
    ] == [
        (row["month"], row["value_minor"], row["source"])
        for row in net.get("/v1/energy/indices").json["items"]
    ]


def test_what_is_offered_is_taken_back(net):
    contract = do(net, CONTRACTS, {**TERMS, "first_month": "2027-06"})["subject"]

    assert "CANCELLED" == do(net, f"{CONTRACTS}/{contract}/withdraw")["state"]
    for word, body in (("agree", None), ("take", {"month": "2027-06", "taken": 1}), ("give-up", {"quantity": 1}),
                       ("nominate", {"month": "2027-06", "points": []}), ("confirm", {"month": "2027-06"}),
                       ("settle-year", None)):  # fmt: skip
        assert 404 == net.post(f"{CONTRACTS}/{contract}/{word}", body, key=TAMR).status, word
    assert 404 == net.get(f"{CONTRACTS}/{UNKNOWN}").status


def test_a_match_is_published_with_its_proof_for_everybody(net):
    """Brought with flows, prices and cost; asked of the solver it waits for it."""
    lie = {**NETWORK, "flows": [20, 0, 0, 40], "cost_minor": 199,
           "prices": [{"num": 0}, {"num": 0}, {"num": 4}, {"num": 3}]}  # fmt: skip
    refused = net.ask("PUT", "/v1/energy/matches", body=lie, key="operator").json
    assert "MATCH_COST_IS_WRONG" == refused["refusal"]["code"]
    match = do(net, "/v1/energy/matches", {**lie, "cost_minor": 200}, "operator", "PUT")["subject"]
    assert "ASKED" == do(net, "/v1/energy/matches", NETWORK, "operator")["state"]

    (shown,) = net.get("/v1/energy/matches", key=BNYN).json["items"]
    assert (match, "200", None) == (shown["match_id"], shown["cost_minor"], shown["surplus_minor"])
    assert [("P-X", "20"), ("Q-Y", "40")] == [(one["route"], one["quantity"]) for one in shown["flows"]]
    assert [("P", "0", "0"), ("Q", "0", "3"), ("X", "4", "4"), ("Y", "3", "6")] == [
        (one["node"], one["price_minor"], one["highest_minor"]) for one in shown["prices"]
    ]
    assert [("P", "10")] == [(one["node"], one["quantity"]) for one in shown["unsold"]]
    assert 403 == net.post("/v1/energy/matches", NETWORK).status


def brought(nodes, routes, shared):
    """Give a network as JSON with the match that the solver finds, and its proof."""
    found = propose_any(
        [Node(one["id"], one["amount"], one.get("price_minor", -1)) for one in nodes],
        [
            Route(one["id"], one["source"], one["target"], one["cost_minor"], one.get("capacity", -1),
                  (one["keeps"]["num"], one["keeps"]["den"]), one.get("lot", 0))
            for one in routes
        ],
        [Shared(one["id"], one["capacity"], tuple(one["routes"])) for one in shared], solver=TransportSolver(),
    )  # fmt: skip
    proof = {name: getattr(found.proof, name) for name in found.proof.__struct_fields__}
    for name in ("price_proof", "high_proof"):
        proof[name] = [{"column": no, "weight": weight} for no, weight in proof[name]]
    proof["rent_proofs"] = [
        [{"column": no, "weight": weight} for no, weight in one] for one in proof["rent_proofs"]
    ]
    return {
        "nodes": nodes, "routes": routes, "shared": shared, "flows": found.flows, "cost_minor": found.cost_minor,
        "proof": proof,
    }  # fmt: skip


def test_a_deal_is_accepted_billed_and_paid(net):
    """With losses and a shared pipe; each step by its party, seen by whom it concerns."""
    net.post("/v1/sandbox/advance", {"to": "2027-03-01T00:00:00Z"}, key="operator")
    gas = {"product": "gas", "month": "2027-03"}
    match = brought(
        [{"id": "P", "amount": 200, **gas, "owner": GHAF}, {"id": "X", "amount": -97, "price_minor": 900, **gas,
                                                            "owner": TAMR}],
        [{"id": "r", "source": "P", "target": "X", "cost_minor": 194, "keeps": {"num": 97, "den": 100},
          "owner": GHAF}],
        [{"id": "pipe", "capacity": 150, "routes": ["r"], "owner": GHAF}],
    )  # fmt: skip
    settled = {**match, "asset": "AED", "accept_until": "2027-03-20T00:00:00Z"}
    nowhere = net.ask("PUT", "/v1/energy/matches", body={**settled, "asset": "XXX"}, key="operator").json
    assert "DEAL_OUT_OF_RANGE" == nowhere["refusal"]["code"]
    lie = {**settled, "proof": {**match["proof"], "prices": ["0", "201"]}}
    refused = net.ask("PUT", "/v1/energy/matches", body=lie, key="operator").json
    assert "PRICES_LEAVE_A_GAP" == refused["refusal"]["code"]
    deal = do(net, "/v1/energy/matches", settled, "operator", "PUT")["subject"]
    shown = net.get("/v1/energy/matches", key=BNYN).json["items"][0]
    assert (deal, "AED", "PUBLISHED", "19400") == tuple(
        shown[name] for name in ("match_id", "asset", "state", "cost_minor")
    )
    assert [{"node": "X", "quantity": 97}] == shown["delivered"]
    assert 404 == net.post(f"/v1/energy/deals/{deal}/accept", key=BNYN).status
    assert "OFFERED" == do(net, f"/v1/energy/deals/{deal}/accept", key=GHAF)["state"]
    assert "AGREED" == do(net, f"/v1/energy/deals/{deal}/accept", key=TAMR)["state"]
    assert (
        "DEAL_STATE_FORBIDS" == net.post(f"/v1/energy/deals/{deal}/decline", key=TAMR).json["refusal"]["code"]
    )
    (offered,) = net.get("/v1/energy/deals", key=BNYN).json["items"]
    assert [("2027-03", TAMR, GHAF, "194.00")] == [
        (due["month"], due["debtor"], due["creditor"], due["amount"]["value"]) for due in offered["dues"]
    ]
    net.post("/v1/sandbox/advance", {"to": "2027-04-01T00:00:01Z"}, key="operator")
    (bill,) = net.get("/v1/energy/bills?state=OPEN", key=TAMR).json["items"]
    assert [] == net.get("/v1/energy/bills", key=BNYN).json["items"]
    assert 404 == net.post(f"/v1/energy/bills/{bill['bill_id']}/pay", {}, key=GHAF).status
    before = net.balance(GHAF, "AED")
    assert "PAID" == do(net, f"/v1/energy/bills/{bill['bill_id']}/pay", {}, TAMR)["state"]

    assert before + 19_400 == net.balance(GHAF, "AED")
    paid = net.get("/v1/energy/bills", key=GHAF).json["items"]
    assert [("match", "PAID"), ("month", "PAID")] == [(row["what"], row["state"]) for row in paid]
    short = {"node": "X", "quantity": 7}
    assert 404 == net.post(f"/v1/energy/deals/{deal}/short", short, key=BNYN).status
    more = net.post(f"/v1/energy/deals/{deal}/short", {**short, "quantity": 98}, key=GHAF).json["refusal"]
    assert "SHORTFALL_OUT_OF_RANGE" == more["code"]
    assert "BILLED" == do(net, f"/v1/energy/deals/{deal}/short", short, GHAF)["state"]
    (failed,) = net.get("/v1/energy/bills?state=OPEN", key=TAMR).json["items"]
    assert ("shortfall", GHAF, TAMR, "14.00", "14.00") == (
        failed["what"],
        failed["debtor"],
        failed["creditor"],
        failed["amount"]["value"],
        failed["open"]["value"],
    )
    (told,) = net.get("/v1/energy/deals", key=BNYN).json["items"]
    assert [("X", TAMR, "2027-03", 97, "200")] == [tuple(one.values()) for one in told["served"]]
    assert [("X", GHAF, 7)] == [(one["node"], one["party"], one["quantity"]) for one in told["shortfalls"]]
    assert 404 == net.post(f"/v1/energy/bills/{bill['bill_id']}/pay", {}, key=TAMR).status


def test_cargoes_with_a_gap_wait_for_two_people(net):
    """One alone only proposes it; taken back it is no more."""
    ships = brought(
        [{"id": "P", "amount": 90}, {"id": "X", "amount": -50, "price_minor": 20}],
        [{"id": "ship", "source": "P", "target": "X", "cost_minor": 2, "keeps": {"num": 1, "den": 1}, "lot": 30}], [],
    )  # fmt: skip
    found = do(net, "/v1/energy/matches", ships, "operator", "PUT")
    one = f"/v1/energy/matches/{found['subject']}"
    shown = net.get("/v1/energy/matches", key=BNYN).json["items"][0]

    assert ("UNPROVED", 20) == (found["state"], shown["gap_minor"])
    assert "PROPOSED" == net.post(f"{one}/publish", key="operator").json["state"]
    assert 403 == net.post(f"{one}/publish", key=GHAF).status
    assert "WITHDRAWN" == do(net, f"{one}/withdraw", key="operator")["state"]
    assert "MATCH_NOT_ASKED" == net.post(f"{one}/withdraw", key="operator").json["refusal"]["code"]
