"""Requests for quotes: each command against a real node."""

from tests.api.world import SIDR, TAMR

UNKNOWN = "00000000-0000-4000-8000-000000000000"
UNTIL = "2026-11-24T12:00:00Z"


def test_requests_are_asked_answered_and_taken(at):
    """Of a class that there is not a request is refused; the lists are there, and empty."""
    refused = at("rfq", "ask", "HAY", "1000", "buy", "AED", UNTIL, SIDR)
    assert 1 == refused.code
    assert "RFQ_OUT_OF_RANGE: RFQ out of range: code must be a class of receipts that is there" in refused.err
    assert 2 == at("rfq", "ask", "HAY", "0", "buy", "AED", UNTIL).code
    assert 2 == at("rfq", "ask", "HAY", "1000", "steal", "AED", UNTIL).code
    assert [] == at("rfq", "list", "--code", "HAY", who=TAMR).rows
    assert [] == at("rfq", "answers", UNKNOWN).rows
    assert [] == at("rfq", "own", "--state", "OPEN").rows
    assert [] == at("rfq", "own-answers", "--state", "FIRM").rows
    assert 2 == at("rfq", "answer", UNKNOWN, UNTIL, "--bid", "200.00", "--kg", "1000", who=SIDR).code
    assert 2 == at("rfq", "accept", UNKNOWN, UNKNOWN, "--kg", "5").code
    assert 2 == at("rfq", "withdraw", UNKNOWN).code
