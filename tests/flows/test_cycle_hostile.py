"""Netting cycles under attack: amounts beyond one leg, blocks on the accounts of a cycle, clocks on their border."""

import pytest

from steelyard.flows.command import Code
from steelyard.liquidity.cycles import CycleState
from steelyard.payments.states import State
from tests.flows.cycles import Cycles
from tests.flows.payworld import ANNA, BRAM

MUCH = 9 * 10**17


def huge(*, pays_in=False):
    """Give a cycle in which Anna is called for more than one leg can move."""
    cycles = Cycles()
    cycles.net.set(ANNA, by_cycle=("NOR",), pays_in=pays_in)
    cycles.open()
    uetrs = [cycles.net.pay(ANNA, BRAM, "NOR", MUCH) for _ in range(2)]
    assert cycles.cut().code == Code.DONE
    cycles.reach(CycleState.NOTIFIED)
    for _ in range(2):
        cycles.net.fund(ANNA, "NOR", MUCH)
    if not pays_in:
        cycles.reach(CycleState.FUNDING)
    return cycles, uetrs


def over(cycles):
    for _ in range(30):
        if cycles.cycle_id not in cycles.net.world.cycles.live:
            return
        cycles.net.at = max(cycles.net.at, cycles.net.machine.next_due())
        cycles.net.give("tick", None, "operator", actor="node")
        cycles.check()
    raise AssertionError(cycles.state)


def test_a_cancelled_cycle_gives_back_more_than_one_leg_can_move():
    cycles, _ = huge()
    assert cycles.pay_in(ANNA, amount=MUCH).code == Code.DONE
    assert cycles.pay_in(ANNA, amount=MUCH - 1).code == Code.DONE
    assert cycles.cancel().code == Code.DONE
    cycles.check()

    assert 0 == cycles.net.balance(ANNA, "NOR", "cycle")
    assert CycleState.CANCELLED is cycles.state


@pytest.mark.parametrize("pays_in", [True, False])
def test_a_cycle_settles_more_than_one_leg_can_move(pays_in):
    cycles, uetrs = huge(pays_in=pays_in)
    if not pays_in:
        assert cycles.pay_in(ANNA).code == Code.DONE
    over(cycles)

    assert [State.SETTLED] * 2 == [cycles.net.state(uetr) for uetr in uetrs]
    assert 2 * MUCH == cycles.net.balance(BRAM, "NOR")
