"""Orders to exchange currencies and the PvP queue: each command against a real node."""

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


def test_terms_of_the_pvp_queue_are_set_by_agents(at):
    agent = "STAGAEA0"
    assert 0 == at("pvp", "terms", "GHAFAEA0", "AED", who=agent).code
    assert 6 == at("pvp", "terms", "GHAFAEA0", "AED", who="GHAFAEA0").code
    assert 2 == at("pvp", "terms", "GHAFAEA0", "AED", "--short", "", who=agent).code
    assert [] == at("pvp", "list", who="GHAFAEA0").rows


def test_pay_ins_of_who_is_not_enrolled_are_refused(at):
    step = ("--step", "2026-11-24T12:00:00Z=10000")
    assert 1 == at("pvp", "pay-ins", "GHAFAEA0", "AED", *step, who="STAGAEA0").code
    assert 2 == at("pvp", "pay-ins", "GHAFAEA0", "AED", "--step", "soon", who="STAGAEA0").code


def test_residual_accounts_are_swept_by_two_of_the_operator(at):
    assert 6 == at("account", "sweep-residuals", who="GHAFAEA0").code
    assert "PROPOSED" == at("account", "sweep-residuals", "AED", who="operator").fields["state"]
