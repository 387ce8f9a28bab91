"""Rings of surplus: each command against a real node."""

UNKNOWN = "00000000-0000-4000-8000-000000000000"


def test_surplus_is_offered_and_rings_are_answered(at):
    assert 0 == at("ring", "offer", "AED 1.00", "INR", "--keep", "5.00").code
    assert [("GHAFAEA0", "INR")] == [
        (row["participant"], row["wanted"]) for row in at("ring", "offers", who="GHAFAEA0").rows
    ]
    assert 0 == at("ring", "offer", "AED 0", "INR").code
    assert [] == at("ring", "offers", who="GHAFAEA0").rows
    assert 1 == at("ring", "offer", "AED 1.00", "AED").code
    assert [] == at("ring", "list").rows
    assert [] == at("ring", "standing").rows
    assert 1 == at("ring", "match", who="operator").code
    assert 6 == at("ring", "match").code
    assert 2 == at("ring", "consent", UNKNOWN).code
    assert 2 == at("ring", "decline", UNKNOWN).code
