"""Credit is not repaid with what covers shorts in the PvP queue; what cycles drew and give back was no cover."""

import pytest

from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows.redeem import RedeemFields
from steelyard.liquidity.credit import CaseKind, LineKind
from steelyard.liquidity.cycles import CycleState
from steelyard.liquidity.order_refusals import OrderRefusal as No
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.values.instants import DAY, MINUTE
from tests.flows.batches import same_state
from tests.flows.creditworld import NOR, SUD, Credits, done
from tests.flows.cycles import Cycles
from tests.flows.payworld import ANNA, BIRK, BRAM, CLEO, is_refused
from tests.flows.test_pvp_cover import COVER
from tests.flows.test_pvp_queue import Queue


class Net(Queue, Credits):
    """A PvP queue among banks whose settlement agents give credit."""


@pytest.fixture
def net() -> Net:
    """Bram is to go short 500 SUD, with 2,000 NOR as its cover."""
    net = Net()
    net.rate("NOR", "SUD", 1, 2)
    net.fund(ANNA, "NOR", 5_000)
    net.fund(BRAM, "SUD", 500)
    net.enrol(BRAM, 10_000)
    net.short(BRAM, "SUD", 1_000, 1_000)
    return net


def go_short(net: Net, pays: int = 2_000) -> None:
    """Let a trade of the queue bring Bram so much NOR, and leave it short 500 SUD."""
    trade = net.both(ANNA, "NOR", pays, BRAM, "SUD", 1_000)
    net.reply()
    assert ("SETTLED", -500) == (net.stands(trade), net.balance(BRAM, "SUD"))


def rates(net: Net) -> None:
    """Tell the rates anew: a day makes them stale."""
    net.rate("SUD", "NOR", 2, 1)
    net.rate("NOR", "SUD", 1, 2)
    net.rate("OST", "NOR", 20, 1)


@pytest.mark.parametrize("sender", [BRAM, SUD])
def test_a_member_line_is_repaid_with_no_cover_by_whoever_orders_it(net: Net, sender: str) -> None:
    line = net.member(3_000)
    done(net.draw(line, BRAM, 2_000))
    net.pay(BRAM, CLEO, "NOR", 2_000)
    go_short(net)
    bank = BRAM if sender == SUD else ""
    before = same_state(net)

    assert is_refused(net.repay(sender, line, 2_001, bank), LiquidityRefusal.REPAYMENT_EXCEEDS_USE)
    assert is_refused(net.repay(sender, line, 2_000 - COVER + 1, bank), No.PVP_PAY_OUT_IS_COVER)
    assert before == same_state(net)
    done(net.repay(sender, line, 2_000 - COVER, bank))
    assert COVER == net.balance(BRAM, "NOR")
    net.fund(BRAM, "SUD", 500)
    done(net.repay(sender, line, COVER, bank))
    assert ([], 0) == (line.lots, net.balance(BRAM, "NOR"))
    net.check()


def test_who_has_not_the_money_is_told_that_and_another_bank_may_repay(net: Net) -> None:
    line = net.member(9_000)
    done(net.draw(line, BIRK, 5_000))
    go_short(net)

    assert is_refused(net.repay(BRAM, line, 2_001), EngineRefusal.LIQUIDITY_IS_SHORT)
    assert is_refused(net.repay(BRAM, line, 2_000), No.PVP_PAY_OUT_IS_COVER)
    done(net.repay(BIRK, line, 5_000))
    net.check()


def test_the_way_back_of_a_swap_waits_at_its_maturity_and_is_gone_when_cover_is_free(net: Net) -> None:
    line = net.swap(3_000, tenor=1)
    done(net.draw(line, BRAM, 2_000))
    net.pay(BRAM, CLEO, "NOR", 2_000)
    go_short(net)
    (lot,) = line.lots
    assert is_refused(net.repay(BRAM, line, 2_000, lot_no=lot.lot_no), No.PVP_PAY_OUT_IS_COVER)
    net.wait(DAY)
    rates(net)
    net.nudge()

    assert [CaseKind.SWAP_NOT_REVERSED] == [case.kind for case in net.world.credit.open_cases.values()]
    assert (2_000, [lot]) == (net.balance(BRAM, "NOR"), line.lots)
    assert is_refused(net.draw(line, BRAM, 1), LiquidityRefusal.CREDIT_LINE_CLOSED)
    net.fund(BRAM, "SUD", 500)
    net.nudge()
    assert ({}, 0, []) == (net.world.credit.open_cases, net.balance(BRAM, "NOR"), line.lots)
    net.check()


def test_interest_is_owed_while_only_cover_could_pay_it(net: Net) -> None:
    """With the last repayment one minor unit is left that is no cover: the interest is more than that."""
    line = net.member(3_000, days=100, rate_bp=10_000)
    go_short(net)
    done(net.draw(line, BRAM, 1_000))
    net.wait(3 * DAY)
    rates(net)
    net.pay(BRAM, CLEO, "NOR", 2_000 - COVER - 1)
    assert COVER + 1_001 == net.balance(BRAM, "NOR")
    due = line.interest_of(line.account_no).fixed().due_minor
    done(net.repay(BRAM, line, 1_000))

    assert (COVER + 1, due, 0) == (
        net.balance(BRAM, "NOR"),
        line.interest_of(line.account_no).due_minor,
        net.balance(NOR, "NOR", "fee"),
    )
    assert due > 1
    net.check()


def test_an_intraday_line_that_is_over_takes_no_money_so_no_cover(net: Net) -> None:
    done(net.intraday(1_000, bank=BRAM))
    go_short(net)
    net.wait(10 * 60 * MINUTE)

    assert (2_000, -500) == (net.balance(BRAM, "NOR"), net.balance(BRAM, "SUD"))
    assert {} == net.world.credit.open_cases
    net.check()


@pytest.fixture
def cycles(net: Net) -> Cycles:
    """Bram, short, owes 2,500 by cycle, and its settlement agent lets cycles draw."""
    cycles = Cycles(net=net)
    cycles.with_people()
    net.auto(net.member(3_000), 3_000)
    net.set(BRAM, by_cycle=("NOR",), pays_in=True)
    go_short(net)
    cycles.open()
    net.pay(BRAM, CLEO, "NOR", 2_500)
    return cycles


def test_a_line_covers_what_own_cover_may_not_and_goes_back_with_a_cancelled_cycle(
    net: Net, cycles: Cycles
) -> None:
    """Bram is as short as before, so nothing of his 2,000 that is cover goes to the lender, and the draw goes whole."""
    line = net.line(LineKind.MEMBER)
    cycles.cut()
    cycles.reach(CycleState.FUNDING)
    assert 2_000 - COVER == cycles.cycle.paid["NOR"][BRAM]
    cycles.reach(CycleState.PVP_SETTLE)
    assert (500 + COVER, COVER) == (line.lots_minor, net.balance(BRAM, "NOR"))
    cycles.cancel()

    assert (2_000, 0, []) == (net.balance(BRAM, "NOR"), line.lots_minor, cycles.cycle.drawn)
    net.check()


def test_a_cycle_leaves_nothing_drawn_that_may_not_leave(net: Net, cycles: Cycles) -> None:
    """A SUD is worth 2.02 by then: 1,235 NOR would cover what Bram is short, and he has 1,223."""
    line = net.line(LineKind.MEMBER)
    done(net.give("redeem", RedeemFields("NOR", 2_000 - COVER), BRAM))
    net.rate("SUD", "NOR", 202, 100)
    cycles.cut()
    cycles.reach(CycleState.FUNDING)
    assert not cycles.cycle.paid.get("NOR")
    net.at = cycles.cycle.deadline_at
    net.tick()

    paid, drawn = cycles.cycle.paid["NOR"][BRAM], sum(one.minor for one in cycles.cycle.drawn)
    assert 2_500 - 12 == paid
    assert (paid, paid, COVER) == (drawn, line.lots_minor, net.available(BRAM, "NOR"))
    net.check()
