"""A sender's cancel in every state it can meet."""

import pytest

from steelyard.flows.command import Code
from steelyard.payments.refusals import PaymentRefusal
from steelyard.values.instants import HOUR, SECOND
from tests.flows.payworld import ANNA, ARNE, BRAM, PONS, Network, is_refused, moves, stands, told


@pytest.fixture
def net() -> Network:
    network = Network()
    network.fund(ANNA, "NOR", 10_000)
    return network


def asked(net: Network) -> bytes:
    net.set(BRAM, accepts_minor={})
    return net.pay(ANNA, BRAM, "NOR", 1_000)


def test_what_is_queued_is_taken_back_at_once(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 90_000)
    outcome = net.cancel(ANNA, uetr)

    assert moves(outcome) == [(4, "WITHDRAWN", 22)]
    assert told(outcome) == [(ANNA, "payment.cancelled")]
    assert not net.world.queues.anything
    net.check()


def test_taking_back_the_first_lets_the_next_go(net: Network) -> None:
    net.mode("NOR", "fifo")
    first, second = net.pay(ANNA, BRAM, "NOR", 90_000), net.pay(ANNA, BRAM, "NOR", 5_000)
    assert (net.state(first), net.state(second)) == (4, 4)
    net.cancel(ANNA, first)

    assert (net.state(first), net.state(second)) == (22, 9)
    net.check()


def test_what_waits_for_opening_or_consent_is_taken_back_at_once(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 100, not_before_at=net.at + HOUR)
    net.cancel(ANNA, uetr)
    net.wait(2 * HOUR)

    assert net.state(uetr) == 22
    net.fund(PONS, "SUD", 10**6, "fx")
    net.sheet(PONS, "NOR", "SUD", (0, 2250, 100), ttl_ms=1_000, lock_ms=2_000)
    quote = net.quote(ANNA, "NOR", "SUD", 20_000)[0]
    other = net.pay(ANNA, BRAM, "NOR", 20_000, "SUD", quote_id=quote.quote_id)
    net.wait(3 * SECOND)
    assert net.state(other) == 1
    assert moves(net.cancel(ANNA, other)) == [(1, "WITHDRAWN", 22)]
    net.check()


def test_while_offered_the_creditor_agent_is_asked_and_a_decline_cancels(net: Network) -> None:
    uetr = asked(net)
    outcome = net.cancel(ANNA, uetr)
    again = net.cancel(ANNA, uetr)

    assert told(outcome) == [(BRAM, "payment.cancel_asked")]
    assert (again.code, stands(again).state) == (Code.REPEATED, 7)
    answer = net.answer(BRAM, uetr, "decline")
    assert moves(answer) == [(7, "CANCEL_AGREED", 22)]
    assert told(answer) == [(ANNA, "payment.cancelled"), (BRAM, "payment.cancelled")]
    net.check()


def test_while_offered_silence_cancels(net: Network) -> None:
    uetr = asked(net)
    net.cancel(ANNA, uetr)
    net.wait(61 * SECOND)

    assert net.state(uetr) == 22
    net.check()


def test_an_acceptance_that_comes_first_in_the_journal_settles(net: Network) -> None:
    uetr = asked(net)
    net.cancel(ANNA, uetr)
    outcome = net.answer(BRAM, uetr, "accept")

    assert (ANNA, "payment.cancel_refused") in told(outcome)
    assert net.state(uetr) == 9
    late = net.cancel(ANNA, uetr)
    assert is_refused(late, PaymentRefusal.PAYMENT_IS_FINAL)
    assert stands(late).state == 9
    net.check()


def test_a_cancel_after_the_offers_deadline_finds_it_over(net: Network) -> None:
    """The same answer and the same end whether the tick or the cancel comes first."""
    ends = []
    for tick_first in (True, False):
        uetr = asked(net)
        net.at = net.world.payments.live[uetr].deadline_at
        if tick_first:
            net.tick()
        outcome = net.cancel(ANNA, uetr)
        net.tick()
        ends.append((outcome.code, outcome.refusal, moves(outcome), net.state(uetr)))

    assert ends[0] == ends[1] == (Code.REFUSED, PaymentRefusal.PAYMENT_IS_FINAL.code, [], 20)
    net.check()


def test_a_cancel_at_the_end_of_a_wait_is_late(net: Network) -> None:
    """In the queue, and while the sender is asked for its consent; a moment before it is in time."""
    for early in (1, 0):
        queued = net.pay(ANNA, BRAM, "NOR", 90_000, service=1)
        net.at = net.world.payments.live[queued].due_at - early
        outcome = net.cancel(ANNA, queued)
        net.tick()
        assert is_refused(outcome, PaymentRefusal.PAYMENT_IS_FINAL) is not bool(early)
        net.wait(SECOND)
        assert net.state(queued) == (22 if early else 20)
    net.check()


def test_a_dead_quote_does_not_make_a_cancel_late(net: Network) -> None:
    """Its payment would go on with another quote, so it can still be taken back; with consent due it cannot."""
    net.fund(PONS, "SUD", 10**6, "fx")
    net.sheet(PONS, "NOR", "SUD", (0, 2250, 100), ttl_ms=1_000, lock_ms=2_000)
    first, second = (
        net.pay(ANNA, BRAM, "NOR", 20_000, "SUD", quote_id=net.quote(ANNA, "NOR", "SUD", 20_000)[0].quote_id)
        for _ in range(2)
    )
    net.at = net.world.payments.live[first].deadline_at
    assert moves(net.cancel(ANNA, first)) == [(4, "WITHDRAWN", 22)]
    net.wait(3 * SECOND)
    assert net.state(second) == 1
    net.at = net.world.payments.live[second].deadline_at
    assert is_refused(net.cancel(ANNA, second), PaymentRefusal.PAYMENT_IS_FINAL)
    net.tick()
    assert net.state(second) == 20
    net.check()


def test_what_is_over_stays_as_it_is(net: Network) -> None:
    settled, rejected = net.pay(ANNA, BRAM, "NOR", 10), net.pay(ANNA, "NOBODY00", "NOR", 10)
    gone = net.pay(ANNA, BRAM, "NOR", 90_000)
    net.cancel(ANNA, gone)

    assert is_refused(net.cancel(ANNA, settled), PaymentRefusal.PAYMENT_IS_FINAL)
    assert is_refused(net.cancel(ANNA, rejected), PaymentRefusal.PAYMENT_IS_FINAL)
    assert net.cancel(ANNA, gone).code == Code.REPEATED
    net.credited(BRAM, settled)
    assert stands(net.cancel(ANNA, settled)).state == 10


def test_only_the_sender_takes_back(net: Network) -> None:
    waiting, over = net.pay(ANNA, BRAM, "NOR", 90_000), net.pay(ANNA, BRAM, "OST", 0)
    for uetr in (waiting, over, b"x" * 16):
        for stranger in (ARNE, BRAM):
            assert is_refused(net.cancel(stranger, uetr), PaymentRefusal.UNKNOWN_UETR)
    assert net.state(waiting) == 4
