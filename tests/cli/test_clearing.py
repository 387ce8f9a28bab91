"""Clearing on the command line: each command against a real node, set up from files."""

import json

from steelyard.cli.clearing import _lines
from steelyard.client import clearing as shapes
from steelyard.client.types import Amount

UNKNOWN, REPORT = "00000000-0000-4000-8000-000000000000", "ab" * 32
OPERATORS = {"first": "operator", "second": "operator 2"}
BOTH = {"first": "SIDRAEA0 maker", "second": "SIDRAEA0 checker"}
CONTRACT = "RYE-2027-03"


def written(tmp_path, name, what):
    """Write a body as a file."""
    file = tmp_path / name
    file.write_text(json.dumps(what), "utf-8")
    return file


def test_a_member_joins_lodges_cash_and_sees_its_margin(at, approved, tmp_path):
    desk = written(tmp_path, "desk", {"currency": "INR", "sponsor": "BALNAEA0"})
    terms = {
        "contract": CONTRACT, "commodity": "RYE", "currency": "INR", "unit_kg": 50_000, "tick": "1.00",
        "scan_range": "900.00",
    }  # fmt: skip
    cash = {"asset": "AED", "kind": "cash", "currency": "AED", "haircut_bp": 100, "mismatch_bp": 800}
    assert "done" == approved("clearing", "put", "desk", desk, **OPERATORS).json[0]["outcome"]
    file = written(tmp_path, "terms", terms)
    assert "done" == approved("clearing", "put", "contract", file, **OPERATORS).json[0]["outcome"]
    ours = ("clearing", "put", "contract", "--contract", "WHT", "--month", "2026-12", "--currency", "INR")
    assert "done" == approved(*ours, **OPERATORS).json[0]["outcome"]
    (wheat,) = [row for row in at("clearing", "contracts", "--json").json if row["contract"] == "WHT-2026-12"]
    assert ("2026-12-01", 50_000, "wheat") == (
        wheat["delivery_from_on"],
        wheat["unit_kg"],
        wheat["commodity"],
    )
    forward = (
        "clearing",
        "put",
        "contract",
        "--contract",
        "SFO-FWD",
        "--month",
        "2026-12",
        "--currency",
        "INR",
    )
    assert "done" == approved(*forward, **OPERATORS).json[0]["outcome"]
    for wrong in (
        ("WHU-FWD", "2026-12"),
        ("WHT", "2026-11"),
        ("WHT", ""),
        ("WHT-SPOT", "2026-12"),
        ("NONE", "2026-12"),
        ("WHT", "2099-12"),
    ):
        asked = ("--contract", wrong[0], "--month", wrong[1], "--currency", "INR")
        assert 2 == at("clearing", "put", "contract", *asked, who="operator").code
    assert 2 == at("clearing", "put", "contract", who="operator").code
    assert 2 == at(*ours[:-1], "XXX", who="operator").code
    file = written(tmp_path, "cash", cash)
    assert "done" == approved("clearing", "put", "collateral", file, **OPERATORS).json[0]["outcome"]
    assert "done" == approved("clearing", "join", "INR", **BOTH).json[0]["outcome"]
    assert 0 == at("clearing", "deposit", "INR 5000.00", who="SIDRAEA0").code
    assert 0 == at("clearing", "withdraw", "INR 1000.00", who="SIDRAEA0").code
    assert 0 == at("clearing", "contribute", "INR 70.00", who="SIDRAEA0").code
    assert 0 == at("clearing", "take-back", "INR 20.00", who="SIDRAEA0").code
    assert 0 == at("clearing", "contribute", "INR 9.00", "--purpose", "clearing-capital", who="BALNAEA0").code

    rows = at("clearing", "margin", who="SIDRAEA0").rows
    (found,) = at("clearing", "margin", "--json", who="SIDRAEA0").json
    assert [("margin in INR", "INR 0.00", "INR 0.00"), ("fund in INR", "INR 0.00", "INR 50.00")] == [
        (row["what"], row["required"], row["covered"]) for row in rows
    ]
    assert [{"asset": "INR", "value": "4000.00", "amount_minor": "400000"}] == found["cash"]
    assert rows == at("clearing", "margin", "SIDRAEA0", who="operator").rows
    assert CONTRACT in [row["contract"] for row in at("clearing", "contracts").rows]
    assert ["AED"] == [row["asset"] for row in at("clearing", "accepted").rows]
    assert [("INR", "BALNAEA0", "INR 9.00")] == [
        (row["currency"], row["sponsor"], row["capital"]) for row in at("clearing", "funds").rows
    ]


def test_what_does_not_hold_is_refused(at, approved, tmp_path):
    """Nothing is due, nothing is short, nothing is in default; ids that are none are not found."""
    assert [] == at("clearing", "claims").rows
    assert [] == at("clearing", "cases").rows
    assert 1 == at("clearing", "pay-claims", "INR", who="SIDRAEA0").code
    assert 1 == at("clearing", "call", "ZAR", who="operator").code
    assert 2 == at("clearing", "call", "INR", "RYE", who="operator").code
    assert 1 == at("clearing", "call", "INR", who="operator").code
    by_hand = approved("clearing", "call", "INR", "RYE=1.00", "--reason", "within the day", **OPERATORS)
    assert "MARGIN_PRICES_INCOMPLETE" == by_hand.json[0]["refusal"]["code"]
    assert [] == at("clearing", "runs").rows
    assert 2 == at("clearing", "collect", UNKNOWN, who="operator").code
    assert 2 == at("clearing", "pay", UNKNOWN, who="operator").code
    assert 2 == at("clearing", "pay-in", UNKNOWN, who="SIDRAEA0").code
    assert 2 == at("clearing", "lodge", UNKNOWN, who="SIDRAEA0").code
    assert 2 == at("clearing", "return", UNKNOWN, who="SIDRAEA0").code
    assert 2 == at("clearing", "bid", UNKNOWN, "X", "1", "2.00", who="SIDRAEA0").code
    assert 2 == at("clearing", "bid-receipt", UNKNOWN, UNKNOWN, "AED 2.00", who="SIDRAEA0").code
    model = written(tmp_path, "model", {"currency": "ZAR", "version": "1", "inputs": REPORT, "margins": {}})
    assert 1 == at("clearing", "model", model, who="operator").code
    size = written(tmp_path, "size", {"currency": "INR", "stresses": [{CONTRACT: "-900.00"}]})
    assert "done" == approved("clearing", "size-fund", size, **OPERATORS).json[0]["outcome"]
    opened = approved("clearing", "open-case", "TAMRINB0", "--report", REPORT, **OPERATORS)
    assert "CLEARING_MEMBER_NOT_FOUND" == opened.json[0]["refusal"]["code"]
    reduced = approved(
        "clearing", "open-case", "SIDRAEA0", "--report", REPORT, "--contract", CONTRACT, **OPERATORS
    )
    assert "CLEARING_STEP_HAS_NO_PLACE" == reduced.json[0]["refusal"]["code"]


def test_a_default_is_opened_and_cured(at, approved):
    """Who owes nothing and is covered is let go again."""
    opened = approved("clearing", "open-case", "SIDRAEA0", "--report", REPORT, **OPERATORS)
    (case,) = at("clearing", "cases").rows

    assert ("SIDRAEA0", "SUSPENDED") == (case["whose"], case["state"])
    assert opened.json[0]["subject"] == case["case"]
    cured = approved("clearing", "step", case["case"], "cure", "--report", REPORT, **OPERATORS)
    assert "CLOSED" == cured.json[0]["state"]
    back = approved("clearing", "readmit", "SIDRAEA0", "--report", REPORT, **OPERATORS)
    assert "CLEARING_STEP_HAS_NO_PLACE" == back.json[0]["refusal"]["code"]
    assert 0 == at("clearing", "step", case["case"], "reduce", "--report", REPORT, who="operator").code


def amount(text):
    return Amount("ZAR", text, text.replace(".", ""))


def test_the_table_says_position_price_need_cover_and_what_is_short():
    held = shapes.PositionHeld(
        contract="WMF", currency="ZAR", lots=-4, settlement_price="4610.00", gain=amount("1.00")
    )
    margin = shapes.MarginOfCurrency(
        currency="ZAR", required=amount("9.00"), base=amount("9.00"), delivery=amount("0.00"),
        concentration=amount("0.00"), modelled=False, cash=amount("7.00"), covered=amount("7.00"),
        short=amount("2.00"),
    )  # fmt: skip
    due = shapes.MarginDue(run_id=UNKNOWN, amount=amount("3.00"), deadline_at="2026-11-23T12:00:00Z")
    found = shapes.MarginStanding(
        participant="GHAFAEA0", group="GHAFAEA0", joined_on=None, suspended=False, expelled=False, positions=[held],
        margins=[margin], cash=[], fund=[], due=[due], owes=[], waits_for=[],
    )  # fmt: skip
    lines = list(_lines(found))

    assert ("WMF", -4, "ZAR 4610.00") == (lines[0]["what"], lines[0]["lots"], lines[0]["price"])
    assert ("9.00", "7.00", "2.00") == tuple(
        lines[1][name].value for name in ("required", "covered", "short")
    )
    assert (f"run {UNKNOWN}", "2026-11-23T12:00:00Z") == (lines[2]["what"], lines[2]["until"])
