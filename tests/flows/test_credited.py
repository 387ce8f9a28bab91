"""Reports on settled payments: credited, kept back, late; the money between the agents stays final."""

import pytest

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows.command import Code
from steelyard.flows.facts import CreditsLate
from steelyard.flows.fields import Service
from steelyard.payments.refusals import PaymentRefusal
from steelyard.values.instants import HOUR, MINUTE, SECOND
from tests.flows.payworld import ANNA, ARNE, BRAM, Network, facts, is_refused, moves, notices, stands, told


@pytest.fixture
def net() -> Network:
    network = Network()
    network.fund(ANNA, "NOR", 10_000)
    return network


def test_a_credit_is_told_to_the_sender(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 100)
    outcome = net.credited(BRAM, uetr)

    assert moves(outcome) == [(9, "CREDITED", 10)]
    assert told(outcome) == [(ANNA, "payment.credited")]
    assert net.credited(BRAM, uetr).code == Code.REPEATED
    net.check()


def test_a_settled_amount_may_be_kept_back_and_credited_later(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 100)
    kept = net.credited(BRAM, uetr, False, "RR04")

    assert moves(kept) == [(9, "UNPOSTED", 11)]
    assert (net.balance(BRAM, "NOR"), net.balance(BRAM, "NOR", "suspense")) == (0, 100)
    assert net.credited(BRAM, uetr, False).code == Code.REPEATED
    net.check()
    assert moves(net.credited(BRAM, uetr)) == [(11, "CREDITED", 10)]
    assert (net.balance(BRAM, "NOR"), net.balance(BRAM, "NOR", "suspense")) == (100, 0)
    assert is_refused(net.credited(BRAM, uetr, False), PaymentRefusal.PAYMENT_STATE_FORBIDS)
    net.check()


def test_what_is_spent_cannot_be_kept_back(net: Network) -> None:
    uetr = net.pay(ANNA, BRAM, "NOR", 100)
    net.pay(BRAM, ANNA, "NOR", 50)

    assert is_refused(net.credited(BRAM, uetr, False), EngineRefusal.LIQUIDITY_IS_SHORT)
    assert net.state(uetr) == 9
    net.check()


def test_only_the_creditor_agent_reports_and_only_what_settled(net: Network) -> None:
    settled, queued = net.pay(ANNA, BRAM, "NOR", 100), net.pay(ANNA, BRAM, "NOR", 90_000)
    rejected = net.pay(ANNA, BRAM, "NOR", 0)

    for stranger in (ANNA, ARNE):
        assert is_refused(net.credited(stranger, settled), PaymentRefusal.UNKNOWN_UETR)
    assert is_refused(net.credited(BRAM, queued), PaymentRefusal.PAYMENT_STATE_FORBIDS)
    late = net.credited(BRAM, rejected)
    assert is_refused(late, PaymentRefusal.PAYMENT_STATE_FORBIDS)
    assert stands(late).state == 20
    assert is_refused(net.credited(BRAM, settled, False, "A B"), PaymentRefusal.REASON_IS_MALFORMED)


@pytest.mark.parametrize(
    ("service", "clock", "grain"),
    [(Service.STANDARD, 2 * HOUR, MINUTE), (Service.INSTANT, 10 * SECOND, SECOND)],
)
def test_who_promised_reports_and_is_late_is_told_once_for_all(
    net: Network, service: int, clock: int, grain: int
) -> None:
    net.set(BRAM, reports_credit=True)
    uetrs = [net.pay(ANNA, BRAM, "NOR", 100, service=service) for _ in range(3)]
    net.credited(BRAM, uetrs[1])
    net.wait(clock - 2 * grain)
    assert notices(net, "payment.credit_is_late") == []
    net.wait(3 * grain)
    late = [fact for outcome in net.outcomes for fact in facts(outcome) if isinstance(fact, CreditsLate)]

    assert late == [CreditsLate(BRAM, (uetrs[0], uetrs[2]))]
    assert [notice.recipient for notice in notices(net, "payment.credit_is_late")] == [BRAM]
    assert net.state(uetrs[0]) == 9
    assert moves(net.credited(BRAM, uetrs[0])) == [(9, "CREDITED", 10)]
    net.check()


def test_who_promised_nothing_is_never_late(net: Network) -> None:
    net.pay(ANNA, BRAM, "NOR", 100)
    net.wait(3 * HOUR)

    assert notices(net, "payment.credit_is_late") == []
