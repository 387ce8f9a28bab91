"""Orders to exchange currencies: each command against a real node."""

UNKNOWN = "00000000-0000-4000-8000-000000000000"
UNTIL = ("--until", "2026-12-20T00:00:00Z")


def test_an_order_is_entered_listed_shown_and_taken_back(at):
    entered = at("order", "enter", "AED 100.00", "INR", "--limit", "22.50", *UNTIL)
    order = entered.fields["subject"]

    assert 0 == entered.code, entered
    assert order in [row["order"] for row in at("order", "list", "--state", "open").rows]
    assert "22.5" == at("order", "show", order).fields["limit"]
    assert 0 == at("order", "cancel", order).code
    assert order not in [row["order"] for row in at("order", "list", "--state", "open").rows]
    assert 2 == at("order", "cancel", UNKNOWN).code
    assert 2 == at("order", "show", UNKNOWN).code


def test_an_order_that_breaks_a_rule_is_refused(at):
    assert 1 == at("order", "enter", "AED 900000000.00", "INR", *UNTIL).code
    assert 2 == at("order", "enter", "AED", "INR", *UNTIL).code


def test_a_cap_is_set_and_taken_back(at):
    assert 0 == at("order", "cap", "AED", "250.00").code
    assert 0 == at("order", "cap", "AED").code


def test_a_batch_without_orders_is_refused(at):
    assert 1 == at("order", "batch", who="operator").code
    assert 6 == at("order", "batch").code
