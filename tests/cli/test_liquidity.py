"""Liquidity and batches: each command against a real node."""

import json
import sys

import pytest

from steelyard.cli import told
from steelyard.cli.output import Output
from steelyard.client.types import Done
from tests.api.world import GHAF, SIDR, TAMR

CUSTOMERS = {
    "debtor": {"name": "Layla Said", "address": {"town": "Dubai", "country": "AE"}},
    "creditor": {"name": "Arjun Rao", "address": {"town": "Pune", "country": "IN"}},
    "debtor_account": {"id": "1"}, "creditor_account": {"id": "2"},
}  # fmt: skip


@pytest.fixture
def waiting(at, tmp_path):
    """Give the UETR of a payment that waits for money, and take it back at the end."""
    file = tmp_path / "payment.json"
    settlement = {"asset": "ZAR", "value": "900000000.00"}
    file.write_text(json.dumps({"creditor_agent": SIDR, "settlement": settlement} | CUSTOMERS))
    sent = at("pay", "--file", str(file), "--json")
    assert 0 == sent.code, sent
    uetr = sent.json[0]["uetr"]
    yield uetr
    at("liquidity", "cancel", uetr)


def test_accounts_and_the_queue_are_shown(at, waiting):
    rows = {row["currency"]: row for row in at("liquidity", "accounts").rows}
    assert ["AED", "INR", "ZAR"] == sorted(rows)
    assert ("ZAR 900000000.00", "guarded") == (rows["ZAR"]["outgoing"], rows["ZAR"]["mode"])
    assert ["ZAR"] == [row["currency"] for row in at("liquidity", "accounts", GHAF, "--currency", "ZAR").rows]
    (row,) = at("liquidity", "queue", "--currency", "ZAR").rows
    assert (waiting, "1", "normal", "LIQUIDITY_IS_SHORT") == tuple(
        row[name] for name in ("uetr", "place", "priority", "reason")
    )
    assert waiting == at("liquidity", "queued", waiting).fields["uetr"]
    assert 2 == at("liquidity", "queued", waiting, who=SIDR).code


def test_status_tells_what_settled_from_what_is_open_and_what_was_given_up(at, waiting):
    found = at("status", waiting).fields
    assert ("ZAR 0.00", "ZAR 900000000.00") == (found["settled"], found["open"])
    at("liquidity", "cancel", waiting)
    assert ("ZAR 0.00", "ZAR 0.00") == tuple(
        at("status", waiting).fields[name] for name in ("settled", "open")
    )


@pytest.mark.parametrize(("state", "is_told"), [("SETTLED", True), ("CANCELLED", False)])
def test_who_takes_back_the_rest_of_a_payment_learns_that_its_parts_stay(capsys, monkeypatch, state, is_told):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    answer = Done(outcome="done", state=state, subject="u")

    assert 0 == told.withdrawn(Output(), "u", answer)
    assert is_told == ("A part had settled and is final" in capsys.readouterr().err)


def test_the_queue_is_ordered_anew(at, waiting):
    for words in (
        ("liquidity", "prioritise", waiting, "urgent"), ("liquidity", "place", waiting, "front"),
        ("liquidity", "place", waiting, "back"), ("liquidity", "times", waiting),
        ("liquidity", "times", waiting, "--not-after", "2026-11-23T16:00:00Z"),
    ):  # fmt: skip
        shown = at(*words)
        assert 0 == shown.code, (words, shown)
    assert 1 == at("liquidity", "place", waiting, "front", who=SIDR).code
    assert 0 == at("liquidity", "cancel", waiting).code
    assert 2 == at("liquidity", "queued", waiting).code


def test_limits_are_set_and_taken_away(at):
    assert 0 == at("liquidity", "limit", SIDR, "ZAR", "100.00").code
    (row,) = at("liquidity", "limits").rows
    assert (SIDR, "ZAR 100.00", "ZAR 100.00") == (row["counterparty"], row["limit"], row["room"])
    assert 0 == at("liquidity", "limit", SIDR, "ZAR", "--none").code
    assert [] == at("liquidity", "limits").rows
    assert 2 == at("liquidity", "limit", SIDR, "ZAR").code


def test_money_is_kept_for_a_class(at):
    assert 0 == at("liquidity", "reserve", "high", "ZAR 7.00").code
    (row,) = at("liquidity", "reservations").rows
    assert ("high", "ZAR 7.00", "ZAR 7.00") == (row["priority"], row["asked"], row["held"])
    assert 0 == at("liquidity", "reserve", "high", "ZAR 0").code


def test_what_is_held_is_capped(at):
    assert 0 == at("liquidity", "cap", "INR", "900000000.00").code
    assert [GHAF] == [row["holder"] for row in at("liquidity", "caps").rows]
    assert 0 == at("liquidity", "cap", "INR", "--none").code
    assert 2 == at("liquidity", "cap", "INR", "1", "--none").code


def test_pools_are_joined_by_two_and_left(at, approved):
    joined = approved(
        "liquidity", "join-pool", "AED 1000.00", "--currency", "AED", "--currency", "INR",
        first=f"{GHAF} maker", second=f"{GHAF} checker",
    )  # fmt: skip
    assert 0 == joined.code, joined
    assert ("AED, INR", "AED 1000.00") == tuple(
        at("liquidity", "pool").fields[name] for name in ("currencies", "cap")
    )
    assert 0 == at("liquidity", "leave-pool").code


def test_a_batch_is_asked_for_shown_and_proved_to_auditors(at, tmp_path):
    """Without a solver there is nothing to prove; the file says so, and so does its check."""
    asked = at("batch", "request", "ZAR", who="operator")
    assert asked.code == 0 or "BATCH_IS_OPEN" in asked.err, asked
    rows = at("batch", "list", "--currency", "ZAR", "--kind", "currency").rows
    assert "ZAR" == rows[0]["currencies"]
    batch = rows[0]["batch"]
    assert batch == at("batch", "show", batch).fields["batch_id"]
    assert 6 == at("batch", "certificate", batch).code
    shown = at("batch", "certificate", batch, "--out", tmp_path / "batch.json", who="auditor")
    assert shown.code == (0 if rows[0]["state"] == "applied" else 2), shown


def test_credit_lines_are_given_drawn_and_closed(at, approved, tmp_path):
    """By the settlement agent whose currency it is, two people of it; drawn by the other's."""
    file = tmp_path / "line.json"
    terms = {"kind": "member", "currency": "AED", "partner": "STAGINB0", "cap": "100.00", "age_limit_days": 9}
    file.write_text(json.dumps(terms))
    given = approved("credit", "give", file, first="STAGAEA0 1", second="STAGAEA0 2")
    assert 0 == given.code, given
    (row,) = at("credit", "list", "--kind", "member", who="STAGINB0").rows
    line = row["line"]
    assert ("AED 100.00", "yes") == (row["room"], row["usable"])
    assert 0 == at("credit", "draw", line, TAMR, "AED 30.00", who="STAGINB0").code
    assert 0 == at("credit", "repay", line, "AED 30.00", "--participant", TAMR, who="STAGINB0").code
    automatic = approved("credit", "auto", line, "5.00", first="STAGINB0 1", second="STAGINB0 2")
    assert 0 == automatic.code, automatic
    assert 0 == at("credit", "auto", line, "--off", who="STAGINB0").code
    assert 2 == at("credit", "auto", line, who="STAGINB0").code
    assert 0 == at("credit", "close", line, who="STAGAEA0").code
    assert [] == at("credit", "cases", who="STAGAEA0").rows


def test_cycles_are_opened_cut_and_cancelled(at, approved, tmp_path):
    """By the operator, by hand with two people; seen by all."""
    opened = at("cycle", "open", "AED", "INR", who="operator")
    assert (0, "OPEN") == (opened.code, opened.fields["state"])
    cycle = opened.fields["subject"]
    rows = {row["cycle"]: row for row in at("cycle", "list", "--state", "open").rows}
    assert "AED, INR" == rows[cycle]["currencies"]
    assert cycle == at("cycle", "show", cycle).fields["cycle.cycle_id"]
    assert 2 == at("cycle", "open", who="operator").code  # of no currency
    file = tmp_path / "cycle.json"
    assert 0 == at("cycle", "certificate", cycle, "--out", file, who="auditor").code
    assert 2 == at("cycle", "certificate", cycle, "--out", file, who="auditor").code  # nothing is overwritten
    shown = at("verify", "cycle", file)
    assert (1, True) == (shown.code, "has not settled: it is OPEN" in shown.err)
    assert 1 == len(shown.err.splitlines())  # nothing is asked of a cut that was not made
    assert 6 == at("cycle", "certificate", cycle).code
    assert 1 == at("cycle", "pay-in", cycle, "AED").code
    both = {"first": "operator", "second": "operator 2"}
    assert "refused" == approved("cycle", "cut", cycle, **both).json[0]["outcome"]
    assert "refused" == approved("cycle", "extend", cycle, "5", **both).json[0]["outcome"]
    assert "done" == approved("cycle", "exclude", cycle, SIDR, **both).json[0]["outcome"]
    assert "done" == approved("cycle", "cancel", cycle, "--reason", "TEST", **both).json[0]["outcome"]
    assert "TEST" == {row["cycle"]: row for row in at("cycle", "list").rows}[cycle]["reason"]


def test_cuts_are_scheduled(at):
    words = ("cycle", "schedule", "ZAR")
    assert 0 == at(*words, "--cut", "09:00", "--cut", "16:30", who="operator").code
    assert ["09:00, 16:30"] == [row["cuts"] for row in at("cycle", "schedules").rows]
    assert 0 == at("cycle", "schedule", "ZAR", who="operator").code
    assert [] == at("cycle", "schedules").rows


def test_surplus_and_throughput_are_shown(at, waiting):
    """Rows on standard output, what netting cures beside."""
    shown = at("surplus", "--on", "2026-11-23")
    assert 0 == shown.code, shown
    assert {GHAF} == {row["holder"] for row in shown.rows}
    assert "clearing" in at("surplus", "--json").json[0]
    assert [] == at("surplus", "--members").rows
    (row,) = at("throughput", "ZAR").rows
    assert GHAF == row["participant"]
    assert "ZAR" in at("throughput", "ZAR", "--json").json[0]["total"]["submitted"]["asset"]
    assert 2 == at("throughput", "XXX").code
