"""Credit lines under attack: what a cycle drew and others owe, accounts that are blocked, lines that are narrowed."""

from steelyard.liquidity.credit import LineKind
from steelyard.liquidity.cycles import CycleState
from steelyard.payments.payment import Wait
from tests.flows.creditworld import Credits, done
from tests.flows.cycles import Cycles
from tests.flows.payworld import ANNA, ARNE, BIRK, BRAM


def drawing():
    """Give a cycle in which Bram owes 200 NOR, has none, and lets his agent's line be drawn on."""
    net = Credits()
    net.auto(net.member(1_000), 300)
    cycles = Cycles(net=net)
    cycles.with_people()
    net.set(BRAM, by_cycle=("NOR",), pays_in=True)
    cycles.open()
    net.pay(BRAM, ANNA, "NOR", 200)
    cycles.cut()
    cycles.reach(CycleState.FUNDING)
    return cycles, net


def test_a_cancelled_cycle_takes_from_nobody_what_another_owes():
    """Bram repaid his draw himself; what Birk drew later is Birk's to repay."""
    cycles, net = drawing()
    cycles.reach(CycleState.PVP_SETTLE)
    line = net.line(LineKind.MEMBER)
    net.fund(BRAM, "NOR", 200)
    done(net.repay(BRAM, line, 200))
    done(net.draw(line, BIRK, 200))
    cycles.cancel()
    cycles.check()

    assert (200, 200) == (net.balance(BIRK, "NOR"), line.lots_minor)
    assert 200 == net.balance(ANNA, "NOR")  # Bram's money came back and went to his payee, as queued


def test_nothing_is_drawn_for_an_account_that_cannot_pay_in():
    cycles, net = drawing()
    account_no = net.world.members.settlement_account(BRAM, "NOR")
    assert net.world.engine.block(account_no, debits=True, credits=False, freeze=False) is None
    cycles.reach(CycleState.CANCELLED)
    cycles.check()

    assert (0, 0) == (net.balance(BRAM, "NOR"), net.line(LineKind.MEMBER).lots_minor)


def test_what_was_drawn_for_an_obligation_that_dropped_is_repaid_when_the_cycle_closes():
    """Arne can be credited no longer: of the 300 that Bram has drawn, the 100 for him go back at once."""
    net = Credits()
    net.auto(net.member(1_000), 300)
    cycles = Cycles(net=net)
    cycles.with_people()
    net.set(BRAM, by_cycle=("NOR",), pays_in=True)
    cycles.open()
    net.pay(BRAM, ANNA, "NOR", 200)
    dropped = net.pay(BRAM, ARNE, "NOR", 100)
    cycles.cut()
    cycles.reach(CycleState.PVP_SETTLE)
    line = net.line(LineKind.MEMBER)
    assert 300 == line.lots_minor
    account_no = net.world.members.settlement_account(ARNE, "NOR")
    assert net.world.engine.block(account_no, debits=False, credits=True, freeze=False) is None
    cycles.reach(CycleState.CLOSED)
    cycles.check()

    assert (200, 0) == (line.lots_minor, net.balance(BRAM, "NOR"))
    assert {net.world.members.settlement_account(BRAM, "NOR"): 200} == line.owed
    assert net.world.payments.live[dropped].waits == Wait.FUNDS
