"""What banks set after the cut of a netting cycle holds up their own obligations, never the whole cycle."""

import pytest

from steelyard.flows.command import Code
from steelyard.flows.own_rules import HoldingFields
from steelyard.liquidity.cycles import CycleState
from steelyard.payments.states import State
from tests.flows.cycles import Cycles, Planner, moved
from tests.flows.payworld import ANNA, ARNE, BIRK, BRAM, CARL, CLEO
from tests.flows.test_headroom import limited

# Birk would get 10 from everybody; the others net to Anna 20, Arne 30.
OBLIGATIONS = (
    (ANNA, BIRK, 10), (ANNA, BRAM, 50), (BRAM, CLEO, 50), (CLEO, ANNA, 40), (ARNE, CARL, 30), (ARNE, BIRK, 10),
)  # fmt: skip


def ceiling(net, bic, minor):
    """Put a ceiling on a bank's account, as two people of its settlement agent would."""
    account = net.world.members.accounts.settlement(bic, "NOR")
    assert net.world.engine.change_account(account, floor=0, ceiling=minor, people=2) is None


def funded():
    """Give a cycle whose calls are paid, right before its bundle, and its obligations."""
    cycles = Cycles()
    cycles.open()
    uetrs = [cycles.net.pay(payer, payee, "NOR", minor) for payer, payee, minor in OBLIGATIONS]
    assert Code.DONE == cycles.cut().code
    cycles.reach(CycleState.FUNDING)
    for bic in (ANNA, ARNE):
        cycles.net.fund(bic, "NOR", cycles.cycle.open_call(bic, "NOR"))
        assert Code.DONE == cycles.pay_in(bic).code
    assert CycleState.PVP_SETTLE is cycles.state
    return cycles, uetrs


def over(cycles, planner=None):
    """Let a cycle go to its end; a planner answers what was asked."""
    for _ in range(20):
        if cycles.cycle_id not in cycles.net.world.cycles.live:
            return
        if planner is not None and planner.asked:
            assert Code.DONE == planner.answer().code
            planner.asked.clear()
            continue
        cycles.net.at = max(cycles.net.at, cycles.net.machine.next_due())
        cycles.net.give("tick", None, "operator", actor="node")
        cycles.check()
    raise AssertionError(cycles.state)


@pytest.mark.parametrize("solves", [False, True])
@pytest.mark.parametrize("kinds", ["limits", "ceilings", "both", "caps"])
def test_two_banks_that_set_something_after_the_cut_do_not_cancel_the_cycle(kinds, solves):
    cycles, uetrs = funded()
    net = cycles.net
    planner = Planner(net) if solves else None
    if kinds == "caps":
        for bic in (BIRK, CARL):
            assert Code.DONE == net.give("holding.set", HoldingFields("NOR", 5), bic).code
    if kinds in ("limits", "both"):
        for bic in (BRAM, ARNE)[: 1 if kinds == "both" else 2]:
            limited(net, bic, "flow", 5)
    if kinds in ("ceilings", "both"):
        for bic in (BIRK, CARL)[: 1 if kinds == "both" else 2]:
            ceiling(net, bic, 5)
    over(cycles, planner)

    assert CycleState.STATEMENTS is cycles.state
    events = [fact.event for outcome in net.outcomes for fact in moved(outcome)]
    assert 1 == events.count("REFUSED")
    settled = [State.SETTLED == net.state(uetr) for uetr in uetrs]
    assert any(settled)
    assert not all(settled)
    assert net.balance(BIRK, "NOR") <= 5 or kinds == "limits"
    net.check()
