"""Claims: each command against a real node."""

from tests.api.world import GHAF, TAMR

UNKNOWN = "00000000-0000-4000-8000-000000000000"
TERMS = ("--due", "2026-12-31", "--document", "ab" * 32)


def test_a_claim_is_filed_confirmed_shown_and_taken_back(at):
    filed = at("set-off", "file", TAMR, GHAF, "AED 100.00", *TERMS)
    claim = filed.fields["subject"]

    assert 0 == filed.code, filed
    assert 0 == at("set-off", "confirm", claim, who=TAMR).code
    assert claim in [row["claim"] for row in at("set-off", "list", "--state", "confirmed").rows]
    assert GHAF == at("set-off", "show", claim).fields["creditor"]
    assert 1 == at("set-off", "withdraw", claim, who=TAMR).code
    assert 0 == at("set-off", "withdraw", claim).code
    assert 2 == at("set-off", "show", UNKNOWN).code


def test_what_makes_no_sense_is_refused(at):
    assert 2 == at("set-off", "file", TAMR, GHAF, "AED 1.00", "--due", "tomorrow", "--document", "x").code
    assert 1 == at("set-off", "ask", "AED", who="operator").code
    assert 6 == at("set-off", "ask", "AED").code
    assert 6 == at("set-off", "rule", "yes").code
