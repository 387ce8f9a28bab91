"""Quotes that die while their payment waits: another within the tolerance, or the sender's word."""

import pytest

from steelyard.flows.facts import PaymentPriced
from steelyard.fx.refusals import FxRefusal
from steelyard.payments.refusals import PaymentRefusal
from steelyard.values.instants import HOUR, SECOND
from tests.flows.payworld import ANNA, ARNE, BRAM, PONS, Network, facts, is_refused, moves, notices


@pytest.fixture
def net() -> Network:
    """A payment of 2,000 for which 1,000 are there, by a quote whose lock is short."""
    network = Network()
    network.fund(ANNA, "NOR", 1_000)
    network.fund(PONS, "SUD", 10**6, "fx")
    network.sheet(PONS, "NOR", "SUD", (0, 2250, 100), ttl_ms=1_000, lock_ms=2_000)
    return network


def waiting(net: Network, amount: int = 2_000) -> bytes:
    quote = net.quote(ANNA, "NOR", "SUD", amount)[0]
    return net.pay(ANNA, BRAM, "NOR", amount, "SUD", quote_id=quote.quote_id)


def test_the_rate_is_good_until_the_lock_and_no_longer(net: Network) -> None:
    uetr = waiting(net)
    lock = net.world.payments.live[uetr].terms.lock_until  # type: ignore[union-attr]
    net.at = lock - 3_000
    net.fund(ANNA, "NOR", 500)
    net.tick()
    assert net.state(uetr) == 4
    net.at = lock
    net.fund(ANNA, "NOR", 500)

    assert net.state(uetr) == 1  # money came at the lock: the rate was no longer good
    assert net.balance(BRAM, "SUD") == 0
    net.check()


def test_a_dead_quote_asks_the_sender_who_agrees_to_another(net: Network) -> None:
    uetr = waiting(net)
    (tick,) = net.wait(3 * SECOND)
    assert moves(tick) == [(4, "QUOTE_DIED", 1)]
    assert [(n.recipient, n.subject) for n in notices(net, "payment.requote")] == [(ANNA, uetr)]
    assert not net.world.queues.anything

    net.sheet(PONS, "NOR", "SUD", (0, 2240, 100))
    quote = net.quote(ANNA, "NOR", "SUD", 2_000)[0]
    outcome = net.consent(ANNA, uetr, quote.quote_id)
    (priced,) = [fact for fact in facts(outcome) if isinstance(fact, PaymentPriced)]
    assert (priced.source_minor, priced.target_minor) == (2_000, 44_800)
    assert moves(outcome) == [(1, "SCREEN", 2), (2, "CLEAR", 4)]
    assert net.state(uetr) == 4

    net.fund(ANNA, "NOR", 1_000)
    assert net.balance(BRAM, "SUD") == 44_800
    net.check()


def test_a_sender_that_refuses_ends_it(net: Network) -> None:
    uetr = waiting(net)
    net.wait(3 * SECOND)
    outcome = net.consent(ANNA, uetr)

    assert moves(outcome) == [(1, "REQUOTE_REFUSED", 20)]
    assert net.world.payments.record(uetr).refusal == PaymentRefusal.REQUOTE_WAS_REFUSED.code  # type: ignore[union-attr]
    net.check()


def test_a_sender_that_is_silent_ends_it_after_an_hour(net: Network) -> None:
    uetr = waiting(net)
    net.wait(3 * SECOND)
    net.wait(HOUR)

    assert net.world.payments.record(uetr).refusal == PaymentRefusal.REQUOTE_TIMED_OUT.code  # type: ignore[union-attr]


def test_consent_takes_a_quote_that_fits(net: Network) -> None:
    uetr = waiting(net)
    assert is_refused(net.consent(ANNA, uetr), PaymentRefusal.PAYMENT_IS_NOT_UNPRICED)
    net.wait(3 * SECOND)
    net.sheet(PONS, "NOR", "SUD", (0, 2240, 100))
    other = net.quote(ANNA, "NOR", "SUD", 2_001)[0]

    assert is_refused(net.consent(ANNA, uetr, other.quote_id), FxRefusal.QUOTE_AMOUNT_DIFFERS)
    assert is_refused(net.consent(ANNA, uetr, b"q" * 16), FxRefusal.QUOTE_NOT_FOUND)
    assert is_refused(net.consent(ARNE, uetr, other.quote_id), PaymentRefusal.UNKNOWN_UETR)
    assert net.state(uetr) == 1
    net.check()


@pytest.mark.parametrize(("rate", "state"), [(2_239, 4), (2_238, 1)])
def test_a_tolerance_covers_a_rate_down_to_its_basis_point(net: Network, rate: int, state: int) -> None:
    """22.50 less 50 bp is 22.3875."""
    net.set(ANNA, requote_tolerance_bp=50)
    uetr = waiting(net)
    net.sheet(PONS, "NOR", "SUD", (0, rate, 100))
    net.wait(3 * SECOND)

    assert net.state(uetr) == state
    net.check()


def test_a_payment_requoted_keeps_its_place_in_the_queue(net: Network) -> None:
    net.set(ANNA, best_quote=True)
    first, second = waiting(net), net.pay(ANNA, BRAM, "NOR", 1_500)
    net.sheet(PONS, "NOR", "SUD", (0, 2260, 100))
    net.wait(3 * SECOND)
    net.fund(ANNA, "NOR", 1_000)

    assert (net.state(first), net.state(second)) == (9, 4)
    assert net.balance(BRAM, "SUD") == 45_200
    net.check()


def test_while_the_sender_thinks_nobody_waits_behind(net: Network) -> None:
    net.mode("NOR", "fifo")
    first, second = waiting(net), net.pay(ANNA, BRAM, "NOR", 600)
    assert net.state(second) == 4
    net.wait(3 * SECOND)

    assert (net.state(first), net.state(second)) == (1, 9)
    net.check()


def test_a_quote_that_would_die_before_the_opening_is_not_consumed(net: Network) -> None:
    quote = net.quote(ANNA, "NOR", "SUD", 500)[0]
    uetr = net.pay(ANNA, BRAM, "NOR", 500, "SUD", quote_id=quote.quote_id, not_before_at=net.at + HOUR)
    live = net.world.payments.live[uetr]

    assert quote.quote_id in net.world.fx.quotes
    assert (live.state, live.terms, live.source_minor, live.target_minor) == (4, None, 500, 11_250)
    net.check()
    net.wait(HOUR + SECOND)
    assert net.state(uetr) == 1
    net.check()


def test_a_quote_that_outlives_the_opening_is_consumed_and_settles_then(net: Network) -> None:
    net.sheet(PONS, "NOR", "SUD", (0, 2250, 100), lock_ms=7_200_000)
    quote = net.quote(ANNA, "NOR", "SUD", 500)[0]
    uetr = net.pay(ANNA, BRAM, "NOR", 500, "SUD", quote_id=quote.quote_id, not_before_at=net.at + HOUR)
    assert quote.quote_id not in net.world.fx.quotes
    net.wait(HOUR + SECOND)

    assert net.state(uetr) == 9
    net.check()
