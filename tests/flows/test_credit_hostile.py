"""Credit lines under attack: what a cycle drew and others owe, accounts that are blocked, lines that are narrowed."""

import pytest

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.liquidity.credit import LineKind
from steelyard.liquidity.cycles import CycleState
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.payments.payment import Wait
from tests.flows.batches import same_state
from tests.flows.creditworld import SUD, Credits, done
from tests.flows.cycles import Cycles
from tests.flows.payworld import ANNA, ARNE, BIRK, BRAM, is_refused


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


@pytest.mark.parametrize("act", ["draw", "repay"])
def test_a_refused_order_leaves_lots_as_they_are_written(act):
    """Money came back to the line's account by another way: lots follow with the next act, none that is refused."""
    net = Credits()
    line = net.member(300)
    done(net.draw(line, BRAM, 200))
    accounts = net.world.members.accounts
    source, target = accounts.settlement(BRAM, "NOR"), accounts.get("line", SUD, "NOR")
    bundle = Bundle((net.at // 1_000_000) << 80 | 7, Kind.CORRECTION, (Leg(source, target, 50),))
    net.world.engine.move(bundle, authority=[net.world.engine.owner_nos[BRAM]], at=net.at)
    net.world.engine.take_records()
    before = same_state(net)
    outcome = net.draw(line, BRAM, 151) if act == "draw" else net.repay(BRAM, line, 151)

    refusal = No.CREDIT_CAP_WOULD_BE_EXCEEDED if act == "draw" else No.REPAYMENT_EXCEEDS_USE
    assert is_refused(outcome, refusal)
    assert before == same_state(net)
    assert 200 == line.lots_minor
    done(net.draw(line, BRAM, 150) if act == "draw" else net.repay(BRAM, line, 150))
    assert (300 if act == "draw" else 0) == line.lots_minor
