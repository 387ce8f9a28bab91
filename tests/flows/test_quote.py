"""Quotes: what they cost to the unit, whom they belong to, what they promise, and how they end."""

from typing import Any

import pytest

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows.fields import Service
from steelyard.fx.refusals import FxRefusal
from steelyard.payments.refusals import PaymentRefusal
from steelyard.values.calendars import Calendar, CalendarRow
from steelyard.values.instants import DAY, HOUR, SECOND
from steelyard.values.refusal import Refusal
from tests.flows.payworld import ANNA, ARNE, BRAM, LEVR, PONS, START, Network, facts, is_refused


@pytest.fixture
def net() -> Network:
    network = Network()
    network.fund(ANNA, "NOR", 10**7)
    network.fund(PONS, "SUD", 10**9, "fx")
    network.sheet(PONS, "NOR", "SUD", (0, 2250, 100), (10_000_000, 2260, 100), rounding=2)
    return network


def ask(net: Network, **changes: Any) -> Any:
    from steelyard.flows.quote import AskFields

    fields: dict[str, Any] = {"source": "NOR", "target": "SUD", "fixed_send": True, "amount_minor": 1_000}
    fields.update(changes)
    return net.give("quote.ask", AskFields(**fields), ANNA)


def test_the_worked_example_of_fixed_receive_falls_to_the_lower_tier_and_hints_at_the_higher(
    net: Network,
) -> None:
    (quote,) = net.quote(ANNA, "NOR", "SUD", 225_500_000, send=False)

    assert (quote.source_minor, quote.target_minor) == (10_022_223, 225_500_000)
    assert quote.hint == (10_000_000, 226_000_000)


def test_a_quote_shows_the_reference_with_its_source_and_the_margin(net: Network) -> None:
    net.rate("NOR", "SUD", 2_260, 100)
    (quote,) = net.quote(ANNA, "NOR", "SUD", 1_000)

    assert quote.reference[:3] == (2_260, 100, "test")
    assert quote.margin_bp == 44
    assert (quote.earliest_at, quote.latest_at) == (quote.issued_at, START // DAY * DAY + DAY)


def test_quotes_come_best_first_and_end_with_their_clock(net: Network) -> None:
    net.fund(LEVR, "SUD", 10**6, "fx")
    net.sheet(LEVR, "NOR", "SUD", (0, 2251, 100), ttl_ms=60_000)
    first, second = net.quote(ANNA, "NOR", "SUD", 1_000)

    assert [(first.providers, first.rank), (second.providers, second.rank)] == [((LEVR,), 1), ((PONS,), 2)]
    assert net.world.fx.claims.items() == [(LEVR, "SUD", 22_510), (PONS, "SUD", 22_500)]
    net.check()
    net.wait(61 * SECOND)
    assert net.world.fx.claims.items() == [(PONS, "SUD", 22_500)]
    assert net.world.fx.ended(first.quote_id) == ("expired", ANNA)
    net.wait(600 * SECOND)
    assert net.world.fx.claims.items() == []
    net.check()


def test_a_provider_promises_what_it_has_and_no_more(net: Network) -> None:
    net.fund(LEVR, "SUD", 30_000, "fx")
    net.sheet(LEVR, "NOR", "SUD", (0, 2251, 100))
    assert [one.providers for one in net.quote(ANNA, "NOR", "SUD", 1_000)] == [(LEVR,), (PONS,)]
    assert [one.providers for one in net.quote(ANNA, "NOR", "SUD", 1_000)] == [(PONS,)]
    net.set(LEVR, oversubscription_bp=20_000)

    assert [one.providers for one in net.quote(ANNA, "NOR", "SUD", 1_000)] == [(LEVR,), (PONS,)]
    net.check()


def test_when_all_is_promised_the_reason_is_money(net: Network) -> None:
    assert is_refused(ask(net, amount_minor=10**8), FxRefusal.ALL_OUT_OF_FUNDS)


def test_two_quotes_of_one_request_do_not_promise_one_sum_twice(net: Network) -> None:
    """Two paths through one second provider: the first takes what the second would need."""
    net.withdraw(PONS, "NOR", "SUD")
    net.fund(PONS, "OST", 10**6, "fx")
    net.fund(LEVR, "SUD", 4_000, "fx")
    net.sheet(PONS, "NOR", "OST", (0, 2, 1))
    net.sheet(LEVR, "OST", "SUD", (0, 2, 1))
    assert len(net.quote(ANNA, "NOR", "SUD", 600)) == 1
    assert is_refused(ask(net, amount_minor=600), FxRefusal.ALL_OUT_OF_FUNDS)
    net.check()


CASES: list[tuple[Refusal, Any, dict[str, Any]]] = [
    (PaymentRefusal.DEBTOR_AGENT_IS_BARRED, lambda net: net.suspend(ANNA), {}),
    (FxRefusal.CURRENCY_IS_UNKNOWN, None, {"target": "XXX"}),
    (FxRefusal.SHEET_PAIR_MUST_DIFFER, None, {"target": "NOR"}),
    (FxRefusal.QUOTE_AMOUNT_MUST_BE_POSITIVE, None, {"amount_minor": 0}),
    (FxRefusal.QUOTE_AMOUNT_MUST_BE_POSITIVE, None, {"amount_minor": 10**18}),
    (FxRefusal.QUOTE_CREDITOR_AGENT_IS_UNKNOWN, None, {"creditor_agent": "NOBODY00"}),
    (FxRefusal.NO_PROVIDER, None, {"target": "OST"}),
    (FxRefusal.NO_PROVIDER, lambda net: net.sheet(PONS, "NOR", "SUD", (0, 1, 1), services=1), {"service": 1}),
    (FxRefusal.NO_PROVIDER, lambda net: net.sheet(PONS, "NOR", "SUD", (0, 1, 1), kinds=2), {}),
    (FxRefusal.NO_PROVIDER, lambda net: net.withdraw(PONS, "NOR", "SUD"), {}),
    (FxRefusal.ALL_OUT_OF_FUNDS, lambda net: net.suspend(PONS), {}),
]


@pytest.mark.parametrize(("refusal", "before", "changes"), CASES)
def test_a_request_that_cannot_be_answered_says_why(
    net: Network, refusal: Refusal, before: Any, changes: dict[str, Any]
) -> None:
    if before is not None:
        before(net)

    assert is_refused(ask(net, **changes), refusal)
    assert net.world.fx.quotes == {}


def test_outside_hours_nothing_is_quoted_that_would_die_before_they_come(net: Network) -> None:
    rows = tuple(
        CalendarRow(on, on * DAY, True, ((on * DAY + 9 * HOUR, on * DAY + 17 * HOUR),))
        for on in range(19_999, 20_030)
    )
    net.world.calendars.put(Calendar("SUD", rows, {}, revision=2, in_force_from=0))
    net.at = START // DAY * DAY + 8 * HOUR
    early = ask(net)
    net.at = START // DAY * DAY + 9 * HOUR - 600 * SECOND
    soon, instant = ask(net), ask(net, service=Service.INSTANT)

    assert is_refused(early, FxRefusal.OUTSIDE_HOURS)
    assert facts(soon)[0].earliest_at == START // DAY * DAY + 9 * HOUR
    assert is_refused(instant, FxRefusal.OUTSIDE_HOURS)


def test_a_path_is_not_offered_while_its_middle_is_closed(net: Network) -> None:
    net.fund(PONS, "OST", 10**6, "fx")
    net.fund(LEVR, "NOR", 10**6, "fx")
    net.sheet(PONS, "SUD", "OST", (0, 2, 1))
    net.sheet(LEVR, "OST", "NOR", (0, 2, 1))
    net.fund(ANNA, "SUD", 10_000)
    assert len(net.quote(ANNA, "SUD", "NOR", 100)) == 1
    net.world.calendars.put(Calendar("OST", (), revision=2, in_force_from=0))

    assert net.quote(ANNA, "SUD", "NOR", 100) == []


# Firm sheets


@pytest.fixture
def firm(net: Network) -> Network:
    net.sheet(PONS, "NOR", "SUD", (0, 2250, 100), firm_reserved=True, ttl_ms=60_000, lock_ms=120_000)
    return net


def test_a_firm_quote_sets_the_money_aside_until_it_expires(firm: Network) -> None:
    firm.quote(ANNA, "NOR", "SUD", 1_000)

    assert firm.available(PONS, "SUD", "fx") == 10**9 - 22_500
    assert firm.world.fx.claims.items() == []
    firm.check()
    firm.wait(60 * SECOND)
    assert firm.available(PONS, "SUD", "fx") == 10**9
    firm.check()


@pytest.mark.parametrize("accepts", [True, False])
def test_a_payment_takes_what_its_firm_quote_set_aside(firm: Network, accepts: bool) -> None:
    if not accepts:
        firm.set(BRAM, accepts_minor={})
    (quote,) = firm.quote(ANNA, "NOR", "SUD", 1_000)
    uetr = firm.pay(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=quote.quote_id)
    firm.check()
    if not accepts:
        firm.answer(BRAM, uetr, "accept")

    assert firm.state(uetr) == 9
    assert firm.balance(PONS, "SUD", "fx") == firm.available(PONS, "SUD", "fx") == 10**9 - 22_500
    firm.check()


def test_a_payment_that_waits_holds_its_firm_quote_until_the_lock_ends(firm: Network) -> None:
    (quote,) = firm.quote(ANNA, "NOR", "SUD", 10**7 + 50)
    uetr = firm.pay(ANNA, BRAM, "NOR", 10**7 + 50, "SUD", quote_id=quote.quote_id)
    held = firm.world.payments.live[uetr].terms.hops[0].firm  # type: ignore[union-attr]
    firm.check()
    firm.wait(100 * SECOND)
    reservation = firm.world.engine.reservations[int.from_bytes(held, "big")]
    assert reservation.deadline_at == quote.lock_until
    firm.fund(ANNA, "NOR", 50)

    assert firm.state(uetr) == 9
    assert firm.world.engine.reservations == {}
    firm.check()


def test_a_firm_quote_whose_payment_waits_too_long_is_given_back(firm: Network) -> None:
    (quote,) = firm.quote(ANNA, "NOR", "SUD", 10**7 + 50)
    uetr = firm.pay(ANNA, BRAM, "NOR", 10**7 + 50, "SUD", quote_id=quote.quote_id)
    firm.wait(121 * SECOND)

    assert firm.state(uetr) == 1
    assert firm.world.engine.reservations == {}
    assert firm.available(PONS, "SUD", "fx") == 10**9
    firm.check()


def test_a_cancelled_payment_gives_its_firm_quote_back(firm: Network) -> None:
    (quote,) = firm.quote(ANNA, "NOR", "SUD", 10**7 + 50)
    uetr = firm.pay(ANNA, BRAM, "NOR", 10**7 + 50, "SUD", quote_id=quote.quote_id)
    firm.cancel(ANNA, uetr)

    assert firm.available(PONS, "SUD", "fx") == 10**9
    firm.check()


def test_withdrawing_a_firm_sheet_gives_everything_back(firm: Network) -> None:
    firm.quote(ANNA, "NOR", "SUD", 1_000)
    firm.withdraw(PONS, "NOR", "SUD")

    assert firm.world.engine.reservations == {}
    firm.check()


def test_a_rejected_payment_gives_its_firm_quote_back(firm: Network) -> None:
    (quote,) = firm.quote(ANNA, "NOR", "SUD", 1_000)
    engine, accounts = firm.world.engine, firm.world.members.accounts
    payee = accounts.settlement(BRAM, "SUD") or 0
    assert engine.change_account(payee, floor=0, ceiling=10, people=2) is None
    _, outcome = firm.paid(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=quote.quote_id)

    assert is_refused(outcome, PaymentRefusal.HOLDING_LIMIT)
    assert engine.reservations == {}
    firm.check()


def test_a_stranger_asks_for_itself(net: Network) -> None:
    from steelyard.flows.quote import AskFields

    outcome = net.give("quote.ask", AskFields("NOR", "SUD", True, 5), ARNE, actor=f"k-{ANNA}")

    assert is_refused(outcome, EngineRefusal.SENDER_HAS_NO_RIGHT)


def test_a_firm_quote_of_an_account_blocked_meanwhile_becomes_an_ordinary_promise(firm: Network) -> None:
    firm.mode("NOR", "fifo")
    before = firm.pay(ANNA, BRAM, "NOR", 10**9)
    (quote,) = firm.quote(ANNA, "NOR", "SUD", 1_000)
    account_no = firm.world.members.accounts.get("fx", PONS, "SUD") or 0
    assert firm.world.engine.block(account_no) is None
    uetr = firm.pay(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=quote.quote_id)
    firm.check()
    assert firm.world.engine.reservations == {}
    assert firm.world.engine.unblock(account_no) is None
    firm.cancel(ANNA, before)

    assert firm.state(uetr) == 9
    firm.check()


def test_a_payment_whose_provider_is_blocked_is_rejected(firm: Network) -> None:
    (quote,) = firm.quote(ANNA, "NOR", "SUD", 1_000)
    account_no = firm.world.members.accounts.get("fx", PONS, "SUD") or 0
    assert firm.world.engine.block(account_no) is None
    _, outcome = firm.paid(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=quote.quote_id)

    assert is_refused(outcome, EngineRefusal.ACCOUNT_DEBITS_ARE_BLOCKED)
    assert firm.world.engine.reservations == {}
    firm.check()
