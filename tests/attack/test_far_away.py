"""What lies far in time: payments for a distant day, and money kept back longer than payments are remembered."""

import pytest

from steelyard.flows.command import Code
from steelyard.payments.refusals import PaymentRefusal
from steelyard.payments.states import State
from steelyard.values.instants import DAY
from tests.flows.payworld import ANNA, BRAM, Network, is_refused


@pytest.mark.parametrize(("days", "stays"), [(9, True), (11, False), (10_000, False)])
def test_no_payment_waits_for_a_day_beyond_the_horizon(days: int, stays: bool) -> None:
    net = Network()
    net.fund(ANNA, "NOR", 100)
    _, outcome = net.paid(ANNA, BRAM, "NOR", 5, not_before_at=net.at + days * DAY)

    assert (outcome.code == Code.DONE) is stays
    assert is_refused(outcome, PaymentRefusal.DATE_IS_TOO_FAR) is not stays
    assert len(net.world.payments.live) == stays


def test_money_kept_back_for_months_can_still_be_credited() -> None:
    net = Network(accepts=False)
    net.fund(ANNA, "NOR", 1_000)
    net.world.payments.memory.segment_max = 3
    kept = net.pay(ANNA, BRAM, "NOR", 100)
    net.answer(BRAM, kept, "accept_unposted")
    net.set(BRAM, accepts_minor={"NOR": -1})
    others = []
    for _ in range(9):
        others.append(net.pay(ANNA, BRAM, "NOR", 1))
        net.wait(10 * DAY)
        net = net.again()
        net.world.payments.memory.segment_max = 3
    net.world.payments.memory.forget(at=net.at)

    assert net.world.payments.state_of(others[0]) is None
    assert net.state(kept) == State.UNPOSTED
    assert net.credited(BRAM, kept).code == Code.DONE
    assert (net.balance(BRAM, "NOR"), net.balance(BRAM, "NOR", "suspense")) == (109, 0)
