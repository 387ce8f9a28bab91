"""Offers and their answers: the first one counts, at its deadline it is late, and the race goes by time."""

import pytest

from steelyard.engine.refusals import SettingRefusal
from steelyard.flows.command import Code
from steelyard.flows.fields import Service
from steelyard.payments.refusals import PaymentRefusal
from steelyard.values.instants import DAY, HOUR, SECOND
from tests.flows.payworld import (
    ANNA,
    ARNE,
    BRAM,
    PONS,
    Network,
    is_refused,
    moves,
    notices,
    stands,
    told,
)


@pytest.fixture
def net() -> Network:
    """NOR to SUD at 22.50; no creditor agent accepts without being asked."""
    network = Network(accepts=False)
    network.fund(ANNA, "NOR", 10_000)
    network.fund(PONS, "SUD", 10**6, "fx")
    network.sheet(PONS, "NOR", "SUD", (0, 2250, 100))
    return network


def exchange(net: Network, amount: int = 1_000, **more: int) -> bytes:
    quote = net.quote(ANNA, "NOR", "SUD", amount, **more)[0]
    return net.pay(ANNA, BRAM, "NOR", amount, "SUD", quote_id=quote.quote_id, **more)


def test_an_exchange_happens_in_four_steps_with_every_balance(net: Network) -> None:
    uetr = exchange(net)

    assert net.state(uetr) == 7
    assert (net.balance(ANNA, "NOR"), net.available(ANNA, "NOR")) == (10_000, 9_000)
    assert (net.balance(PONS, "SUD", "fx"), net.available(PONS, "SUD", "fx")) == (10**6, 10**6 - 22_500)
    assert net.balance(BRAM, "SUD") == 0
    assert told(net.outcomes[-1]) == [(ANNA, "payment.accepted"), (BRAM, "payment.offered")]
    net.check()

    outcome = net.answer(BRAM, uetr, "accept")

    assert moves(outcome) == [(7, "ACCEPTED", 8), (8, "LEGS_SETTLED", 9)]
    assert (net.balance(ANNA, "NOR"), net.balance(BRAM, "SUD")) == (9_000, 22_500)
    assert told(outcome) == [(ANNA, "payment.settled"), (BRAM, "payment.settled")]
    assert net.state(uetr) == 9
    net.check()


def test_a_declined_offer_releases_every_leg(net: Network) -> None:
    uetr = exchange(net)
    outcome = net.answer(BRAM, uetr, "decline", "AC04")

    assert net.state(uetr) == 20
    assert moves(outcome) == [(7, "DECLINED", 20)]
    assert [(notice.data[2], notice.data[3]) for notice in outcome.notices] == [
        (PaymentRefusal.CREDITOR_AGENT_DECLINED.code, "AC04")
    ] * 2
    assert net.available(ANNA, "NOR") == 10_000
    assert net.world.payments.record(uetr).reason == b"AC04"  # type: ignore[union-attr]
    net.check()


def test_a_creditor_agent_that_errs_is_told_from_one_that_declines(net: Network) -> None:
    uetr = exchange(net)
    net.answer(BRAM, uetr, "decline", "AB09")

    record = net.world.payments.record(uetr)
    assert record is not None
    assert record.refusal == PaymentRefusal.CREDITOR_AGENT_ERRED.code


@pytest.mark.parametrize(("service", "clock"), [(Service.STANDARD, 60), (Service.INSTANT, 20)])
def test_silence_ends_an_offer_at_its_clock(net: Network, service: int, clock: int) -> None:
    uetr = exchange(net, service=service)
    made_at = net.at - 1_000
    net.at = made_at + clock * SECOND - 1
    net.tick()
    assert net.state(uetr) == 7
    net.at = made_at + clock * SECOND
    (tick,) = net.tick()

    assert moves(tick) == [(7, "EXPIRED", 20)]
    record = net.world.payments.record(uetr)
    assert record is not None
    assert record.refusal == PaymentRefusal.OFFER_TIMED_OUT.code
    assert net.available(ANNA, "NOR") == 10_000
    net.check()


def test_the_chains_deadline_ends_an_offer_too(net: Network) -> None:
    net.rulebook(chain_ms=[30_000, 10_000])
    uetr = exchange(net)
    net.wait(31 * SECOND)

    record = net.world.payments.record(uetr)
    assert record is not None
    assert record.refusal == PaymentRefusal.CHAIN_TIMED_OUT.code
    net.check()


def test_the_quotes_lock_cuts_the_chain_short(net: Network) -> None:
    net.sheet(PONS, "NOR", "SUD", (0, 2250, 100), ttl_ms=5_000, lock_ms=10_000)
    uetr = exchange(net)
    lock = net.world.payments.live[uetr].terms.lock_until  # type: ignore[union-attr]

    assert net.world.payments.live[uetr].deadline_at == lock
    net.at = lock
    assert is_refused(net.answer(BRAM, uetr, "accept"), PaymentRefusal.OFFER_IS_OVER)
    net.tick()
    assert net.state(uetr) == 20
    net.check()


def test_an_answer_at_the_deadline_is_late_though_nothing_was_swept(net: Network) -> None:
    one, other = exchange(net, 100), exchange(net, 200)
    net.at = net.world.payments.live[one].deadline_at - 1
    assert net.answer(BRAM, one, "accept").code == Code.DONE
    net.at = net.world.payments.live[other].deadline_at
    before = net.world.state_hash()

    assert is_refused(net.answer(BRAM, other, "accept"), PaymentRefusal.OFFER_IS_OVER)
    assert net.world.payments.live[other].state == 7
    assert before != net.world.state_hash()  # the id window knows the command
    net.tick()
    assert is_refused(net.answer(BRAM, other, "accept"), PaymentRefusal.OFFER_IS_OVER)
    assert net.balance(BRAM, "SUD") == 2_250
    net.check()


def test_a_repeat_gets_the_same_answer_and_another_is_refused(net: Network) -> None:
    taken, declined = exchange(net, 100), exchange(net, 200)
    net.answer(BRAM, taken, "accept")
    net.answer(BRAM, declined, "decline", "AC04")

    assert stands(net.answer(BRAM, taken, "accept")).state == 9
    assert stands(net.answer(BRAM, declined, "decline", "AC04")).state == 20
    assert is_refused(net.answer(BRAM, taken, "decline"), PaymentRefusal.OFFER_WAS_ANSWERED)
    assert is_refused(net.answer(BRAM, declined, "accept"), PaymentRefusal.OFFER_WAS_ANSWERED)
    assert net.balance(BRAM, "SUD") == 2_250


def test_who_was_not_asked_hears_nothing(net: Network) -> None:
    uetr = exchange(net)

    assert is_refused(net.answer(ARNE, uetr, "accept"), PaymentRefusal.UNKNOWN_UETR)
    assert is_refused(net.answer(BRAM, b"x" * 16, "accept"), PaymentRefusal.UNKNOWN_UETR)
    net.answer(BRAM, uetr, "accept")
    assert is_refused(net.answer(ARNE, uetr, "accept"), PaymentRefusal.UNKNOWN_UETR)


def test_an_answer_that_is_none_changes_nothing(net: Network) -> None:
    uetr = exchange(net)

    assert is_refused(net.answer(BRAM, uetr, "maybe"), PaymentRefusal.ANSWER_IS_UNKNOWN)
    assert is_refused(net.answer(BRAM, uetr, "decline", "A C4"), PaymentRefusal.REASON_IS_MALFORMED)
    assert net.state(uetr) == 7


def test_an_answer_to_what_is_still_queued_is_no_answer(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 90_000)

    assert is_refused(net.answer(BRAM, uetr, "accept"), PaymentRefusal.OFFER_IS_OVER)
    assert net.state(uetr) == 4


def test_accepted_unposted_settles_and_keeps_the_amount_on_suspense(net: Network) -> None:
    uetr = exchange(net)
    outcome = net.answer(BRAM, uetr, "accept_unposted", "RR04")

    assert moves(outcome) == [(7, "ACCEPTED_UNPOSTED", 8), (8, "LEGS_SETTLED_UNPOSTED", 11)]
    assert (net.balance(BRAM, "SUD"), net.balance(BRAM, "SUD", "suspense")) == (0, 22_500)
    assert stands(net.answer(BRAM, uetr, "accept_unposted", "RR04")).state == 11
    net.check()

    credited = net.credited(BRAM, uetr)
    assert moves(credited) == [(11, "CREDITED", 10)]
    assert (net.balance(BRAM, "SUD"), net.balance(BRAM, "SUD", "suspense")) == (22_500, 0)
    assert net.world.payments.unposted == {}
    net.check()


def test_an_instant_payment_cannot_be_kept_back(net: Network) -> None:
    uetr = exchange(net, service=Service.INSTANT)
    net.answer(BRAM, uetr, "accept_unposted")

    record = net.world.payments.record(uetr)
    assert record is not None
    assert (record.state, record.refusal) == (20, PaymentRefusal.CREDITOR_AGENT_ERRED.code)
    net.check()


def test_a_creditor_agent_whose_line_was_lowered_cannot_keep_back(net: Network) -> None:
    payee = net.world.members.accounts.settlement(BRAM, "SUD") or 0
    engine = net.world.engine
    assert engine.change_account(payee, floor=-50_000, ceiling=None, people=2) is None
    net.set(ANNA, accepts_minor={"SUD": -1})
    net.pay(BRAM, ANNA, "SUD", 40_000)
    assert engine.change_account(payee, floor=0, ceiling=None, people=2) is None
    uetr = exchange(net)
    net.answer(BRAM, uetr, "accept_unposted")

    record = net.world.payments.record(uetr)
    assert record is not None
    assert (record.state, record.refusal) == (20, PaymentRefusal.CREDITOR_AGENT_ERRED.code)
    net.check()


def test_what_is_kept_back_too_long_is_told_every_business_day(net: Network) -> None:
    uetr = exchange(net)
    net.answer(BRAM, uetr, "accept_unposted")
    net.wait(3 * DAY + HOUR)
    late = notices(net, "payment.unposted_is_late")

    assert {(notice.recipient, notice.subject) for notice in late} == {(BRAM, uetr), ("operator", uetr)}
    assert net.state(uetr) == 11
    net.check()


def test_a_freed_reservation_lets_the_next_in_the_queue_go(net: Network) -> None:
    first = net.pay(ANNA, BRAM, "NOR", 9_000)
    net.set(BRAM, accepts_minor={"NOR": -1})
    second = net.pay(ANNA, BRAM, "NOR", 5_000)
    assert (net.state(first), net.state(second)) == (7, 4)
    net.answer(BRAM, first, "decline")

    assert (net.state(first), net.state(second)) == (20, 9)
    net.check()


def test_an_exchange_leg_alone_cannot_expire(net: Network) -> None:
    """Both legs are one reservation: at any deadline both go or both stay."""
    uetr = exchange(net)
    reservation = net.world.engine.reservations[
        int.from_bytes(net.world.payments.live[uetr].bundle_id, "big")
    ]
    assert len(reservation.legs) == 2
    net.at = reservation.deadline_at + HOUR
    net.tick()

    assert net.available(ANNA, "NOR") == 10_000
    assert net.available(PONS, "SUD", "fx") == 10**6
    net.check()


def test_a_frozen_account_ends_the_offer(net: Network) -> None:
    uetr = exchange(net)
    account_no = net.world.members.accounts.settlement(ANNA, "NOR") or 0
    assert net.world.engine.block(account_no, freeze=True) is None
    outcome = net.answer(BRAM, uetr, "accept")

    assert moves(outcome) == [(7, "REFUSED", 20)]
    net.check()


@pytest.mark.parametrize("suspended", [ANNA, BRAM, PONS])
def test_an_offer_of_a_suspended_party_cannot_be_accepted(net: Network, suspended: str) -> None:
    uetr = exchange(net)
    net.suspend(suspended)
    if suspended == BRAM:  # the door still lets its people in
        assert net.answer(BRAM, uetr, "accept").code == Code.REFUSED
    else:
        assert net.answer(BRAM, uetr, "accept").refusal in (
            PaymentRefusal.DEBTOR_AGENT_WAS_SUSPENDED.code,
            PaymentRefusal.PROVIDER_WAS_SUSPENDED.code,
        )

    assert net.state(uetr) == 20
    assert net.available(ANNA, "NOR") == 10_000
    net.check()


def test_one_notice_of_settlement_goes_to_each_party(net: Network) -> None:
    uetr = exchange(net)
    net.answer(BRAM, uetr, "accept")
    net.answer(BRAM, uetr, "accept")
    net.wait(DAY)

    assert sorted(n.recipient for n in notices(net, "payment.settled") if n.subject == uetr) == [ANNA, BRAM]


def test_taking_a_payment_above_the_agents_own_line_needs_two_people(net: Network) -> None:
    net.set(BRAM, lines_minor={"SUD": 22_499})
    one, other = exchange(net), exchange(net, 999)

    assert is_refused(net.answer(BRAM, one, "accept"), SettingRefusal.TWO_PEOPLE_NEEDED)
    assert net.state(one) == 7
    assert net.answer(BRAM, other, "accept").code == Code.DONE
    assert net.answer(BRAM, one, "decline").code == Code.DONE
