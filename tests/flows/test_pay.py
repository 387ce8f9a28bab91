"""Taking payments in: what settles at once, what waits, what is refused, and that a repeat changes nothing."""

from typing import Any

import msgspec
import pytest

from steelyard.engine.limits import LimitKind
from steelyard.flows.command import Code
from steelyard.flows.fields import Bearer, PaymentKind, Present, Service
from steelyard.fx.refusals import FxRefusal
from steelyard.payments.refusals import PaymentRefusal
from steelyard.values.calendars import Calendar, CalendarRow
from steelyard.values.instants import DAY, HOUR, SECOND
from steelyard.values.refusal import Refusal
from tests.flows.payworld import (
    ANNA,
    ARNE,
    BRAM,
    CLEO,
    LEVR,
    PONS,
    START,
    Network,
    entered,
    facts,
    is_refused,
    stands,
    told,
)


@pytest.fixture
def net() -> Network:
    network = Network()
    network.fund(ANNA, "NOR", 10_000)
    return network


@pytest.fixture
def fx(net: Network) -> Network:
    """NOR to SUD at 22.50, from 1,000.00 on at 22.60."""
    net.fund(PONS, "SUD", 10**9, "fx")
    net.sheet(PONS, "NOR", "SUD", (0, 2250, 100), (100_000, 2260, 100))
    return net


# What settles


def test_one_currency_settles_in_its_first_command(net: Network) -> None:
    uetr, outcome = net.paid(ANNA, BRAM, "NOR", 4_000)

    assert entered(outcome).state == 9
    assert told(outcome) == [(ANNA, "payment.settled"), (BRAM, "payment.settled")]
    assert (net.balance(ANNA, "NOR"), net.balance(BRAM, "NOR")) == (6_000, 4_000)
    assert net.state(uetr) == 9
    net.check()


def test_two_currencies_settle_as_one_bundle_by_a_quote(fx: Network) -> None:
    (quote,) = fx.quote(ANNA, "NOR", "SUD", 1_000)
    _, outcome = fx.paid(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=quote.quote_id)

    assert entered(outcome).state == 9
    assert entered(outcome).providers == (PONS,)
    assert fx.balance(ANNA, "NOR") == 9_000
    assert fx.balance(PONS, "NOR", "fx") == 1_000
    assert fx.balance(BRAM, "SUD") == 22_500
    assert fx.balance(PONS, "SUD", "fx") == 10**9 - 22_500
    assert fx.legs[-1].count(bytes.fromhex("ff")) >= 0
    assert len(fx.legs[-1]) == 2 * 128
    fx.check()


def test_two_hops_settle_as_one_bundle_of_three_legs(net: Network) -> None:
    net.fund(PONS, "OST", 10**6, "fx")
    net.fund(LEVR, "SUD", 10**6, "fx")
    net.sheet(PONS, "NOR", "OST", (0, 2, 1))
    net.sheet(LEVR, "OST", "SUD", (0, 3, 1))
    (quote,) = net.quote(ANNA, "NOR", "SUD", 1_000)
    _, outcome = net.paid(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=quote.quote_id)

    assert quote.providers == (PONS, LEVR)
    assert entered(outcome).state == 9
    assert net.balance(BRAM, "SUD") == 6_000
    assert net.balance(LEVR, "OST", "fx") == 2_000
    assert net.balance(PONS, "OST", "fx") == 10**6 - 2_000
    assert len(net.legs[-1]) == 3 * 128
    net.check()


def test_the_node_takes_the_best_quote_within_the_senders_tolerance(fx: Network) -> None:
    fx.set(ANNA, best_quote=True, requote_tolerance_bp=50)
    _, outcome = fx.paid(ANNA, BRAM, "NOR", 1_000, "SUD", rate_num=2_261, rate_den=100)

    assert entered(outcome).state == 9
    assert entered(outcome).target_minor == 22_500
    fx.check()


def test_a_message_with_the_target_alone_is_fixed_receive(fx: Network) -> None:
    fx.set(ANNA, best_quote=True)
    _, outcome = fx.paid(ANNA, BRAM, "NOR", 0, "SUD", target_minor=22_511, rate_num=2_250, rate_den=100)

    assert entered(outcome).source_minor == 1_000  # 22,511 / 22.50 = 1,000.49, half even
    assert fx.balance(BRAM, "SUD") == 22_511


def test_a_banks_own_money_needs_no_acceptance(net: Network) -> None:
    net.set(BRAM, accepts_minor={})
    _, outcome = net.paid(ANNA, BRAM, "NOR", 4_000, kind=PaymentKind.INSTITUTION)

    assert entered(outcome).state == 9


def test_a_payment_above_its_creditor_agents_line_is_offered(net: Network) -> None:
    net.set(BRAM, accepts_minor={"NOR": 4_000})

    assert net.state(net.pay(ANNA, BRAM, "NOR", 4_000)) == 9
    assert net.state(net.pay(ANNA, BRAM, "NOR", 4_001)) == 7
    net.check()


# Repeats


def test_the_same_payment_under_a_new_command_gets_the_stored_answer(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 4_000)
    before = net.world.payments.encode()
    _, outcome = net.paid(ANNA, BRAM, "NOR", 4_000, uetr=uetr)

    assert outcome.code == Code.REPEATED
    assert (stands(outcome).state, stands(outcome).source_minor) == (9, 4_000)
    assert net.balance(BRAM, "NOR") == 4_000
    assert before == net.world.payments.encode()


@pytest.mark.parametrize("state", [4, 7, 9, 20, 22])
def test_a_uetr_is_taken_in_every_state_of_its_payment(net: Network, state: int) -> None:
    if state == 7:
        net.set(BRAM, accepts_minor={})
    amount = {4: 90_000, 22: 90_000}.get(state, 4_000)
    uetr, _ = net.paid(ANNA, "NOBODY00" if state == 20 else BRAM, "NOR", amount)
    if state == 22:
        net.cancel(ANNA, uetr)

    assert net.state(uetr) == state
    assert stands(net.paid(ANNA, BRAM, "NOR", amount, uetr=uetr)[1]).state == state
    assert is_refused(net.paid(ANNA, BRAM, "NOR", amount + 1, uetr=uetr)[1], PaymentRefusal.UETR_IS_TAKEN)
    assert is_refused(net.paid(ARNE, BRAM, "NOR", amount, uetr=uetr)[1], PaymentRefusal.UETR_IS_TAKEN)
    assert net.state(uetr) == state
    net.check()


def test_a_message_id_stands_for_one_message(net: Network) -> None:
    key, one, other = b"k" * 16, b"a" * 16, b"b" * 16
    assert net.state(net.pay(ANNA, BRAM, "NOR", 10, message_key=key, message_content=one)) == 9
    assert net.state(net.pay(ANNA, BRAM, "NOR", 20, message_key=key, message_content=one)) == 9
    _, outcome = net.paid(ANNA, BRAM, "NOR", 30, message_key=key, message_content=other)

    assert is_refused(outcome, PaymentRefusal.MESSAGE_ID_IS_TAKEN)
    assert entered(outcome).state == 20


def test_an_instruction_id_is_used_once_a_day(net: Network) -> None:
    assert net.state(net.pay(ANNA, BRAM, "NOR", 10, instruction_key=b"i" * 16)) == 9
    _, outcome = net.paid(ANNA, BRAM, "NOR", 20, instruction_key=b"i" * 16)
    net.at += DAY

    assert is_refused(outcome, PaymentRefusal.INSTRUCTION_ID_IS_TAKEN)
    assert net.state(net.pay(ANNA, BRAM, "NOR", 20, instruction_key=b"i" * 16)) == 9


def test_a_cover_and_the_payment_it_covers_do_not_both_settle(net: Network) -> None:
    told_of, seen = b"c" * 16, b"d" * 16
    net.pay(ANNA, BRAM, "NOR", 100, kind=PaymentKind.COVER, cover_of=told_of)
    _, outcome = net.paid(ANNA, BRAM, "NOR", 100, uetr=told_of)
    net.pay(ANNA, BRAM, "NOR", 100, uetr=seen)
    _, other = net.paid(ANNA, BRAM, "NOR", 100, kind=PaymentKind.COVER, cover_of=seen)
    _, same = net.paid(ANNA, BRAM, "NOR", 100, kind=PaymentKind.COVER, cover_of=b"e" * 16, uetr=b"e" * 16)
    _, under_one = net.paid(ANNA, BRAM, "NOR", 101, uetr=b"e" * 16)

    assert is_refused(outcome, PaymentRefusal.COVER_HAS_SETTLED_IT)
    assert is_refused(other, PaymentRefusal.COVER_HAS_SETTLED_IT)
    assert same.code == Code.DONE
    assert is_refused(under_one, PaymentRefusal.COVER_HAS_SETTLED_IT)
    assert net.balance(BRAM, "NOR") == 300


# Refusals, in the order of the checks


def closed(net: Network, bic: str, asset: str, *, block: str = "") -> None:
    account_no = net.world.members.accounts.settlement(bic, asset)
    assert account_no is not None
    if block:
        assert (
            net.world.engine.block(account_no, debits=block == "debits", credits=block == "credits") is None
        )
    else:
        assert net.world.engine.close_account(account_no) is None


def no_account(net: Network, bic: str, asset: str) -> None:
    net.world.members.accounts.drop("settlement", bic, asset)


CASES: list[tuple[Refusal, Any, dict[str, Any]]] = [
    (PaymentRefusal.UETR_WAS_SEEN, None, {"present": Present.UETR_SEEN}),
    (PaymentRefusal.MESSAGE_IS_TOO_OLD, None, {"created_at": START - 2 * DAY - HOUR}),
    (PaymentRefusal.DEBTOR_AGENT_IS_BARRED, lambda net: net.suspend(ANNA, sending_only=True), {}),
    (PaymentRefusal.CREDITOR_AGENT_UNKNOWN, None, {"payee": "NOBODY00"}),
    (PaymentRefusal.CREDITOR_AGENT_IS_SUSPENDED, lambda net: net.suspend(BRAM), {}),
    (PaymentRefusal.AGENTS_MUST_DIFFER, None, {"payee": ANNA}),
    (PaymentRefusal.CURRENCY_IS_NOT_SETTLED, None, {"source": "XXX"}),
    (PaymentRefusal.DEBTOR_HAS_NO_ACCOUNT, lambda net: no_account(net, ANNA, "NOR"), {}),
    (PaymentRefusal.DEBTOR_ACCOUNT_IS_CLOSED, lambda net: closed(net, ANNA, "OST"), {"source": "OST"}),
    (PaymentRefusal.DEBTOR_ACCOUNT_IS_BLOCKED, lambda net: closed(net, ANNA, "NOR", block="debits"), {}),
    (PaymentRefusal.CREDITOR_HAS_NO_ACCOUNT, lambda net: no_account(net, BRAM, "NOR"), {}),
    (PaymentRefusal.CREDITOR_ACCOUNT_IS_CLOSED, lambda net: closed(net, BRAM, "NOR"), {}),
    (PaymentRefusal.CREDITOR_ACCOUNT_IS_BLOCKED, lambda net: closed(net, BRAM, "NOR", block="credits"), {}),
    (PaymentRefusal.AMOUNT_IS_ZERO, None, {"amount": 0}),
    (PaymentRefusal.AMOUNT_IS_ZERO, None, {"amount": -5}),
    (PaymentRefusal.AMOUNT_IS_TOO_LARGE, None, {"amount": 10**18}),
    (PaymentRefusal.SCHEME_LIMIT, lambda net: net.rulebook(scheme_cap_minor={"NOR": 99}), {}),
    (PaymentRefusal.DATE_HAS_PASSED, None, {"settlement_on": 19_999}),
    (PaymentRefusal.DATE_IS_TOO_FAR, None, {"settlement_on": 20_011}),
    (PaymentRefusal.NOT_AFTER_HAS_PASSED, None, {"not_after_at": START}),
    (PaymentRefusal.AMOUNTS_MUST_BE_EQUAL, None, {"target_minor": 99}),
    (FxRefusal.QUOTE_IS_MISSING, None, {"target": "SUD"}),
    (FxRefusal.QUOTE_NOT_FOUND, None, {"target": "SUD", "quote_id": b"q" * 16}),
    (PaymentRefusal.DISCLOSURE_DIFFERS, None, {"disclosure": b"d" * 32}),
    (PaymentRefusal.PURPOSE_IS_MALFORMED, None, {"purpose": "TOO LONG"}),
]


@pytest.mark.parametrize(("refusal", "before", "more"), CASES, ids=[case[0].name for case in CASES])
def test_a_payment_that_breaks_a_rule_is_rejected_by_that_rule(
    net: Network, refusal: Refusal, before: Any, more: dict[str, Any]
) -> None:
    if before is not None:
        before(net)
    payee, source, amount = more.pop("payee", BRAM), more.pop("source", "NOR"), more.pop("amount", 100)
    engine = net.world.engine.encode()
    uetr, outcome = net.paid(ANNA, payee, source, amount, **more)

    assert is_refused(outcome, refusal)
    assert (entered(outcome).state, entered(outcome).refusal) == (20, refusal.code)
    assert told(outcome) == [(ANNA, "payment.rejected")]
    assert net.state(uetr) == 20
    assert engine == net.world.engine.encode()
    net.check()


def test_a_broken_earlier_rule_is_named_before_a_later_one(net: Network) -> None:
    net.suspend(BRAM)
    _, outcome = net.paid(
        ANNA, BRAM, "NOR", 0, settlement_on=1, purpose="TOO LONG", present=Present.UETR_SEEN
    )
    _, other = net.paid(ANNA, BRAM, "NOR", 0, settlement_on=1, purpose="TOO LONG")

    assert is_refused(outcome, PaymentRefusal.UETR_WAS_SEEN)
    assert is_refused(other, PaymentRefusal.CREDITOR_AGENT_IS_SUSPENDED)


def test_a_payment_of_another_sender_leaves_no_trace(net: Network) -> None:
    before = net.world.payments.encode()
    _, outcome = net.paid(ANNA, BRAM, "NOR", 100, sender=ARNE)

    assert is_refused(outcome, PaymentRefusal.DEBTOR_AGENT_IS_NOT_SENDER)
    assert facts(outcome) == []
    assert before == net.world.payments.encode()


def test_a_debtor_agent_unknown_is_refused(net: Network) -> None:
    """A settlement agent passes the door, yet is no participant."""
    from steelyard.members.people import KEY, Actor
    from steelyard.members.roles import Role

    net.world.members.put_actor(Actor("k-STAGNOR0", "STAGNOR0", KEY, (Role.SETTLEMENT_AGENT,)))
    uetr, outcome = net.paid("STAGNOR0", BRAM, "NOR", 100)

    assert is_refused(outcome, PaymentRefusal.DEBTOR_AGENT_UNKNOWN)
    assert net.state(uetr) == 20


def test_an_engine_limit_of_a_participant_is_its_party_limit(net: Network) -> None:
    engine = net.world.engine
    made = engine.open_limit(LimitKind.FLOW, engine.asset_nos["NOR"], 3_000)
    assert isinstance(made, int)
    assert engine.attach_limit(made, [net.world.members.accounts.settlement(ANNA, "NOR") or 0]) is None

    assert net.state(net.pay(ANNA, BRAM, "NOR", 3_000)) == 9
    assert is_refused(net.paid(ANNA, BRAM, "NOR", 1)[1], PaymentRefusal.PARTY_LIMIT)


def test_a_ceiling_on_foreign_holdings_is_a_holding_limit(net: Network) -> None:
    engine = net.world.engine
    payee = net.world.members.accounts.settlement(BRAM, "NOR") or 0
    assert engine.change_account(payee, floor=0, ceiling=500, people=2) is None

    assert net.state(net.pay(ANNA, BRAM, "NOR", 500)) == 9
    assert is_refused(net.paid(ANNA, BRAM, "NOR", 1)[1], PaymentRefusal.HOLDING_LIMIT)


def test_a_provider_without_money_ends_an_instant_payment_at_once(fx: Network) -> None:
    (quote,) = fx.quote(ANNA, "NOR", "SUD", 1_000, service=Service.INSTANT)
    drain(fx)
    uetr, outcome = fx.paid(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=quote.quote_id, service=Service.INSTANT)

    assert is_refused(outcome, PaymentRefusal.PROVIDER_IS_SHORT)
    assert fx.state(uetr) == 20
    assert fx.world.fx.ended(quote.quote_id) == ("used", ANNA)
    fx.check()


def drain(net: Network) -> None:
    """Take the provider's money away, as a payment of its own would."""
    from steelyard.engine.bundles import Bundle, Kind, Leg

    accounts, engine = net.world.members.accounts, net.world.engine
    source = accounts.get("fx", PONS, "SUD") or 0
    leg = Leg(source, accounts.settlement(PONS, "SUD") or 0, engine.balance(source).available)
    bundle = Bundle((net.at // 10**6) << 80 | 1 << 70, Kind.TRANSFER, (leg,))
    assert engine.move(bundle, at=net.at, authority=[engine.owner_nos[PONS]]).refusal is None
    engine.take_records()


# Quotes at acceptance


def quoted(fx: Network, **more: Any) -> bytes:
    return fx.quote(ANNA, "NOR", "SUD", 1_000, **more)[0].quote_id


def test_a_quote_is_taken_a_nanosecond_before_it_expires_and_not_at_it(fx: Network) -> None:
    one, other = fx.quote(ANNA, "NOR", "SUD", 1_000)[0], fx.quote(ANNA, "NOR", "SUD", 1_000)[0]
    fx.at = one.expires_at - 1
    in_time = fx.paid(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=one.quote_id)[1]
    fx.at = other.expires_at
    late = fx.paid(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=other.quote_id)[1]

    assert entered(in_time).state == 9
    assert is_refused(late, FxRefusal.QUOTE_HAS_EXPIRED)
    fx.tick()
    again = fx.paid(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=other.quote_id)[1]
    assert is_refused(again, FxRefusal.QUOTE_HAS_EXPIRED)
    fx.check()


def test_a_quote_is_used_once(fx: Network) -> None:
    quote_id = quoted(fx)
    fx.pay(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=quote_id)

    assert is_refused(fx.paid(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=quote_id)[1], FxRefusal.QUOTE_IS_USED)


def test_a_quote_of_another_is_not_to_be_had(fx: Network) -> None:
    fx.fund(ARNE, "NOR", 1_000)
    quote_id = quoted(fx)
    before = fx.paid(ARNE, BRAM, "NOR", 1_000, "SUD", quote_id=quote_id)[1]
    fx.pay(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=quote_id)
    after = fx.paid(ARNE, BRAM, "NOR", 1_000, "SUD", quote_id=quote_id)[1]

    assert is_refused(before, FxRefusal.QUOTE_IS_ANOTHERS)
    assert is_refused(after, FxRefusal.QUOTE_IS_ANOTHERS)


def test_a_withdrawn_quote_says_so(fx: Network) -> None:
    quote_id = quoted(fx)
    fx.withdraw(PONS, "NOR", "SUD")

    assert is_refused(
        fx.paid(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=quote_id)[1], FxRefusal.QUOTE_WAS_WITHDRAWN
    )


@pytest.mark.parametrize(
    ("refusal", "fields"),
    [
        (FxRefusal.QUOTE_PAIR_DIFFERS, {"source": "SUD", "target": "NOR"}),
        (FxRefusal.QUOTE_CREDITOR_AGENT_DIFFERS, {"payee": CLEO}),
        (FxRefusal.QUOTE_AMOUNT_DIFFERS, {"amount": 1_001}),
        (FxRefusal.QUOTE_AMOUNT_DIFFERS, {"target_minor": 22_501}),
        (FxRefusal.QUOTE_PROVIDER_DIFFERS, {"provider": LEVR}),
        (FxRefusal.QUOTE_IS_FOR_ANOTHER_USE, {"kind": 1}),
        (FxRefusal.QUOTE_IS_FOR_ANOTHER_USE, {"service": 1}),
        (FxRefusal.QUOTE_IS_FOR_ANOTHER_USE, {"bearer": 1}),
    ],
)
def test_a_payment_must_be_what_its_quote_says(fx: Network, refusal: Refusal, fields: dict[str, Any]) -> None:
    quote_id = quoted(fx, creditor_agent=BRAM)
    payee, source, target = (
        fields.pop("payee", BRAM),
        fields.pop("source", "NOR"),
        fields.pop("target", "SUD"),
    )
    amount = fields.pop("amount", 1_000)
    _, outcome = fx.paid(ANNA, payee, source, amount, target, quote_id=quote_id, **fields)

    assert is_refused(outcome, refusal)
    assert quote_id in fx.world.fx.quotes
    fx.check()


def test_the_disclosure_consented_to_is_the_quotes(fx: Network) -> None:
    quote = fx.quote(ANNA, "NOR", "SUD", 1_000)[0]
    wrong = fx.paid(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=quote.quote_id, disclosure=b"d" * 32)[1]
    right = fx.paid(ANNA, BRAM, "NOR", 1_000, "SUD", quote_id=quote.quote_id, disclosure=quote.disclosure)[1]

    assert is_refused(wrong, PaymentRefusal.DISCLOSURE_DIFFERS)
    assert entered(right).state == 9


def test_amounts_may_be_left_to_the_quote(fx: Network) -> None:
    quote_id = quoted(fx)
    _, outcome = fx.paid(ANNA, BRAM, "NOR", 0, "SUD", quote_id=quote_id)

    assert (entered(outcome).source_minor, entered(outcome).target_minor) == (1_000, 22_500)


def test_without_a_rate_of_its_own_a_payment_is_held_against_the_reference(fx: Network) -> None:
    fx.set(ANNA, best_quote=True, requote_tolerance_bp=10)
    assert is_refused(fx.paid(ANNA, BRAM, "NOR", 1_000, "SUD")[1], FxRefusal.QUOTE_IS_MISSING)
    fx.rate("NOR", "SUD", 2_253, 100)
    assert is_refused(fx.paid(ANNA, BRAM, "NOR", 1_000, "SUD")[1], FxRefusal.QUOTE_IS_MISSING)
    fx.rate("SUD", "NOR", 100, 2_252)

    assert fx.state(fx.pay(ANNA, BRAM, "NOR", 1_000, "SUD")) == 9


def test_the_best_quote_must_be_of_the_provider_named(fx: Network) -> None:
    fx.set(ANNA, best_quote=True)
    _, outcome = fx.paid(ANNA, BRAM, "NOR", 1_000, "SUD", rate_num=2_250, rate_den=100, provider=LEVR)

    assert is_refused(outcome, FxRefusal.QUOTE_PROVIDER_DIFFERS)


def test_without_any_provider_there_is_no_best_quote(net: Network) -> None:
    net.set(ANNA, best_quote=True)
    _, outcome = net.paid(ANNA, BRAM, "NOR", 1_000, "SUD", rate_num=1, rate_den=1)

    assert is_refused(outcome, FxRefusal.NO_PROVIDER)


# Calendars: the worked example of the rule


def worked(net: Network) -> int:
    """NOR open Mon-Fri 05:00-13:00, SUD open Sun-Thu 03:30-11:30, cut-off 30 min; give the day of a Thursday."""
    thursday = 20_000 + (3 - (20_000 + 3) % 7) % 7
    for asset, days, opens, closes in (
        ("NOR", (0, 1, 2, 3, 4), 300, 780),
        ("SUD", (6, 0, 1, 2, 3), 210, 690),
    ):
        rows = []
        for on in range(19_990, 20_050):
            business = (on + 3) % 7 in days
            minute = 60 * SECOND
            span = ((on * DAY + opens * minute, on * DAY + closes * minute),)
            rows.append(CalendarRow(on, on * DAY, business, span if business else ()))
        net.world.calendars.put(
            Calendar(asset, tuple(rows), {"customer": 30, "institution": 0}, revision=2, in_force_from=0)
        )
    return thursday


def at(on: int, hour: int, minute: int = 0) -> int:
    return on * DAY + hour * HOUR + minute * 60 * SECOND


def test_the_worked_example_of_two_calendars(fx: Network) -> None:
    fx.set(ANNA, best_quote=True)
    thursday = worked(fx)
    rate = {"rate_num": 2_250, "rate_den": 100}

    fx.at = at(thursday, 10, 59)
    assert fx.state(fx.pay(ANNA, BRAM, "NOR", 100, "SUD", **rate)) == 9

    fx.at = at(thursday, 11, 5)
    uetr, moved = fx.paid(ANNA, BRAM, "NOR", 100, "SUD", **rate)
    assert (entered(moved).state, entered(moved).waits) == (4, 3)
    assert entered(moved).settlement_on == thursday + 4
    assert entered(moved).not_before_at == at(thursday + 4, 5)
    assert moved.notices[0].data[3] == "ACWC"

    asked = fx.paid(ANNA, BRAM, "NOR", 100, "SUD", settlement_on=thursday + 1, **rate)[1]
    assert is_refused(asked, PaymentRefusal.DATE_IS_NO_BUSINESS_DAY)

    fx.set(ANNA, best_quote=True, outside_hours="refuse")
    refused = fx.paid(ANNA, BRAM, "NOR", 100, "SUD", **rate)[1]
    assert is_refused(refused, PaymentRefusal.CUT_OFF_HAS_PASSED)

    fx.at = at(thursday + 4, 4)
    instant = fx.paid(ANNA, BRAM, "NOR", 100, "SUD", service=Service.INSTANT, **rate)[1]
    assert is_refused(instant, PaymentRefusal.CUT_OFF_HAS_PASSED)
    fx.check()

    fx.sheet(PONS, "NOR", "SUD", (0, 2250, 100))
    fx.wait(HOUR)
    assert fx.state(uetr) == 9
    fx.check()


def test_what_waits_for_opening_settles_in_the_order_in_which_it_came(net: Network) -> None:
    thursday = worked(net)
    net.at = at(thursday, 3)
    uetrs = [net.pay(ANNA, BRAM, "NOR", 3_000, "NOR") for _ in range(5)]
    assert {net.state(uetr) for uetr in uetrs} == {4}
    net.wait(3 * HOUR)

    assert [net.state(uetr) for uetr in uetrs] == [9, 9, 9, 4, 4]
    net.check()


def test_a_time_set_by_the_sender_is_kept(net: Network) -> None:
    uetr, outcome = net.paid(ANNA, BRAM, "NOR", 100, not_before_at=net.at + HOUR)
    net.wait(HOUR - SECOND)
    before = net.state(uetr)
    net.wait(2 * SECOND)

    assert (entered(outcome).state, before, net.state(uetr)) == (4, 4, 9)


def test_one_minor_unit_short_waits_and_never_goes_negative(net: Network) -> None:
    uetr, outcome = net.paid(ANNA, BRAM, "NOR", 10_001)

    assert (entered(outcome).state, entered(outcome).waits) == (4, 1)
    assert net.balance(ANNA, "NOR") == 10_000
    net.fund(ANNA, "NOR", 1)
    assert net.state(uetr) == 9
    assert net.balance(ANNA, "NOR") == 0
    net.check()


def test_500_parallel_debits_that_do_not_all_fit_book_exactly_a_fitting_set(net: Network) -> None:
    amounts = [30 + n % 17 for n in range(500)]
    uetrs = [net.pay(ANNA, BRAM, "NOR", amount) for amount in amounts]
    booked = [amount for uetr, amount in zip(uetrs, amounts, strict=True) if net.state(uetr) == 9]

    assert sum(booked) == net.balance(BRAM, "NOR") == 10_000 - net.balance(ANNA, "NOR")
    assert net.balance(ANNA, "NOR") < amounts[len(booked)]
    assert {net.state(uetr) for uetr in uetrs[len(booked) :]} == {4}
    net.check()


def test_a_payment_that_waits_longer_than_the_id_horizon_still_settles(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 90_000)
    net.wait(10 * HOUR)
    net.fund(ANNA, "NOR", 80_000)

    assert net.state(uetr) == 9
    repeat = net.paid(ANNA, BRAM, "NOR", 90_000, uetr=uetr)[1]
    assert stands(repeat).state == 9
    net.check()


# Fees


def test_the_worked_example_of_fees_is_booked_to_the_unit(fx: Network) -> None:
    """Send 10,000.00, a scheme fee of 5.00 taken from it, 50.00 kept by the creditor agent."""
    fx.fund(ANNA, "NOR", 1_000_000)
    fx.sheet(PONS, "NOR", "SUD", (0, 2250, 100), (10_000_000, 2260, 100), rounding=2)
    fx.rulebook(
        fees=[
            {
                "what": "scheme",
                "side": "payer",
                "keeper": "operator",
                "fixed_minor": 500,
                "taken": "from_amount",
            },
            {"what": "arrival", "side": "payee", "fixed_minor": 5_000, "booked": False},
        ]
    )
    (quote,) = fx.quote(ANNA, "NOR", "SUD", 1_000_000)
    before = fx.balance(ANNA, "NOR")
    fx.pay(ANNA, BRAM, "NOR", 1_000_000, "SUD", quote_id=quote.quote_id)

    assert (quote.target_minor, quote.payee_minor) == (22_488_750, 22_483_750)
    assert before - fx.balance(ANNA, "NOR") == 1_000_000
    assert fx.balance(PONS, "NOR", "fx") == 999_500
    assert fx.balance("operator", "NOR", "fee") == 500
    assert fx.balance(BRAM, "SUD") == 22_488_750
    fx.check()


@pytest.mark.parametrize(
    ("bearer", "payer", "payee"),
    [(Bearer.SHAR, 1_010, 980), (Bearer.DEBT, 1_030, 1_000), (Bearer.CRED, 1_010, 980)],
)
def test_charges_in_one_currency_are_borne_as_the_payment_says(
    net: Network, bearer: int, payer: int, payee: int
) -> None:
    net.rulebook(
        fees=[
            {"what": "scheme", "side": "payer", "keeper": "operator", "fixed_minor": 10},
            {"what": "arrival", "side": "payee", "keeper": "operator", "fixed_minor": 20},
        ]
    )
    _, outcome = net.paid(ANNA, BRAM, "NOR", 1_000, bearer=bearer)

    assert entered(outcome).state == 9
    assert 10_000 - net.balance(ANNA, "NOR") == payer == entered(outcome).debit_minor
    assert net.balance(BRAM, "NOR") == payee == entered(outcome).payee_minor
    assert net.balance("operator", "NOR", "fee") == 30
    net.check()


def test_fees_that_leave_nothing_are_refused(fx: Network) -> None:
    fx.rulebook(
        fees=[{"what": "x", "side": "payer", "keeper": "operator", "fixed_minor": 50, "taken": "from_amount"}]
    )
    fx.set(ANNA, best_quote=True)
    _, exchanged = fx.paid(ANNA, BRAM, "NOR", 50, "SUD", rate_num=1, rate_den=1)
    _, plain = fx.paid(ANNA, BRAM, "NOR", 50, target_minor=0)

    assert is_refused(exchanged, FxRefusal.FEES_EXCEED_AMOUNT)
    assert is_refused(plain, FxRefusal.FEES_EXCEED_AMOUNT)


def test_two_people_are_needed_above_the_senders_own_line(net: Network) -> None:
    from steelyard.engine.refusals import SettingRefusal

    net.set(ANNA, lines_minor={"NOR": 500})

    assert net.state(net.pay(ANNA, BRAM, "NOR", 500)) == 9
    assert is_refused(net.paid(ANNA, BRAM, "NOR", 501)[1], SettingRefusal.TWO_PEOPLE_NEEDED)


def test_a_decision_says_that_screening_is_not_configured(net: Network) -> None:
    assert entered(net.paid(ANNA, BRAM, "NOR", 1)[1]).screening == 0
    assert msgspec.structs.asdict(entered(net.paid(ANNA, BRAM, "NOR", 1)[1]))["screening"] == 0
