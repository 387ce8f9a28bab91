"""Energy: each command against a real node."""

import json

from tests.api.world import GHAF, SIDR, TAMR

UNKNOWN = "00000000-0000-4000-8000-000000000000"
TERMS = {
    "buyer": TAMR, "asset": "AED", "unit": "MWh", "acq": 1_200, "take_or_pay": "0.80", "first_month": "2029-01",
    "years": 1, "points": [{"point": "coast", "quantity": 100}], "index": "gas", "base": "0.50", "slope": "3",
    "tolerance": "0.1",
}  # fmt: skip
NETWORK = {"nodes": [{"id": "P", "amount": 30}, {"id": "X", "amount": -20}],
           "routes": [{"id": "P-X", "source": "P", "target": "X", "cost_minor": 4}]}  # fmt: skip


def test_a_contract_is_offered_agreed_and_nominated(at, tmp_path):
    place = tmp_path / "terms.json"
    place.write_text(json.dumps(TERMS))
    registered = at("energy", "register", place)
    assert (0, "OFFERED") == (registered.code, registered.fields["state"])
    contract = registered.fields["subject"]
    assert 2 == at("energy", "agree", contract, who=SIDR).code
    assert "RUNNING" == at("energy", "agree", contract, who=TAMR).fields["state"]
    assert 1 == at("energy", "withdraw", contract).code
    assert 0 == at("energy", "give-up", contract, "100", who=TAMR).code
    nominated = at("energy", "nominate", contract, "2029-01", "coast=60", who=TAMR)
    assert "NOMINATED" == nominated.fields["state"]
    assert 2 == at("energy", "nominate", contract, "2029-01", "coast", who=TAMR).code
    early = at("energy", "take", contract, "2029-01", "60")
    assert (1, True) == (early.code, "TAKE_OUT_OF_RANGE" in early.err)
    assert 1 == at("energy", "confirm", contract, "2029-01", who=TAMR).code
    assert 1 == at("energy", "settle-year", contract, who=TAMR).code

    rest = {name: TERMS[name] for name in ("buyer", "asset", "first_month", "years", "points")}
    place.write_text(json.dumps(rest))
    pipe = at("energy", "register", place, "--contract", "GAS-PIPE").fields["subject"]
    (gas,) = at("energy", "show", pipe, "--json").json
    assert (120_000, "4/5", "1/10", 5) == (
        gas["contract"]["acq"],
        *(gas["terms"][name] for name in ("take_or_pay", "tolerance", "makeup_years")),
    )
    assert 2 == at("energy", "register", place, "--contract", "WHT-SPOT").code
    assert 2 == at("energy", "register", place, "--contract", "NONE").code
    shown = at("energy", "show", contract, who=TAMR).out
    assert all(text in shown for text in ("4/5", "2029-01", "NOMINATED"))
    assert contract in [row["contract"] for row in at("energy", "list", "--state", "RUNNING", who=TAMR).rows]
    assert [] == at("energy", "list", who=SIDR).rows
    assert 2 == at("energy", "show", UNKNOWN).code


def test_matches_are_asked_for_and_indices_entered_by_the_operator(at, approved, tmp_path):
    place = tmp_path / "network.json"
    place.write_text(json.dumps(NETWORK))
    assert "ASKED" == at("energy", "ask-match", place, who="operator").fields["state"]
    assert 6 == at("energy", "ask-match", place).code
    assert [] == at("energy", "matches").rows
    assert 2 == at("energy", "match", UNKNOWN).code
    put = ("energy", "put-index", "oil", "2026-09")
    assert 0 == approved(*put, "100.5", "A report", first="operator", second="operator 2").code
    assert 1 == approved(*put, "101", "A report", first="operator", second="operator 2").code

    assert [("oil", "2026-09", "201/2")] == [
        (row["index"], row["month"], row["value"]) for row in at("energy", "indices", "--index", "oil").rows
    ]


def test_a_match_is_solved_here_brought_and_settled(at, tmp_path):
    """Losses and a shared pipe: solved without a node, published with its proof, offered, accepted by its parties."""
    place, made = tmp_path / "network.json", tmp_path / "match.json"
    month = {"month": "2029-01"}
    place.write_text(json.dumps({
        "nodes": [{"id": "P", "amount": 90, "owner": GHAF, **month},
                  {"id": "X", "amount": -48, "owner": TAMR, **month}],
        "routes": [{"id": "r", "source": "P", "target": "X", "cost_minor": 2, "keeps": {"num": 97, "den": 100},
                    "owner": GHAF}],
        "shared": [{"id": "pipe", "capacity": 60, "routes": ["r"], "owner": GHAF}],
        "asset": "AED", "accept_until": "2026-12-10T00:00:00Z",
    }))  # fmt: skip
    assert [str(made)] == at("energy", "solve", place, "--out", made).out.split()
    brought = at("energy", "bring-match", made, who="operator")
    assert (0, "PUBLISHED") == (brought.code, brought.fields["state"])
    match = brought.fields["subject"]
    shown = at("energy", "match", match).out
    assert all(text in shown for text in ("AED\t0.020618556701030927", "pipe"))
    drawn = tmp_path / "match.svg"
    assert [str(drawn)] == at("energy", "picture", match, "--out", drawn).out.split()
    assert "</svg>" in drawn.read_text()
    assert 2 == at("energy", "picture", match, "--out", tmp_path / "match.gif").code
    assert match in [row["match"] for row in at("energy", "deals").rows]
    shown = at("energy", "deal", match).out
    assert all(text in shown for text in ("0.99", "brings to", f"X\t{TAMR}\t2029-01\t48\t200/97"))
    early = at("energy", "short", match, "X", 1)
    assert (1, True) == (early.code, "DEAL_STATE_FORBIDS" in early.err)
    assert "OFFERED" == at("energy", "accept", match).fields["state"]
    assert "CANCELLED" == at("energy", "decline", match, who=TAMR).fields["state"]
    assert 2 == at("energy", "accept", UNKNOWN).code
    assert 2 == at("energy", "deal", UNKNOWN).code
    assert [] == at("energy", "bills", "--state", "OPEN").rows
    assert 2 == at("energy", "pay", UNKNOWN).code
    assert 1 == at("energy", "withdraw-match", match, who="operator").code
    assert "PROPOSED" == at("energy", "publish-match", match, who="operator").fields["state"]
    place.write_text(json.dumps({**NETWORK, "routes": [{**NETWORK["routes"][0], "target": "Z"}]}))
    assert 2 == at("energy", "solve", place).code
