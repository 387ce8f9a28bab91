"""How netting cycles end when something goes wrong: unpaid calls, holds, blocks, cancellations, kills, exclusions."""

import pytest

from steelyard.engine.refusals import SettingRefusal
from steelyard.flows.command import Code
from steelyard.flows.liquidity_facts import CycleMoved
from steelyard.flows.queue import PriorityFields
from steelyard.liquidity.credit import LineKind
from steelyard.liquidity.cycles import BEFORE_CLOSED, CycleState
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.payments.payment import Wait
from steelyard.payments.refusals import PaymentRefusal
from steelyard.payments.states import State
from steelyard.values.instants import DAY, MINUTE
from tests.flows.creditworld import Credits
from tests.flows.cycles import Cycles, Planner, all_facts, reports
from tests.flows.payworld import ANNA, ARNE, BRAM, CLEO, is_refused, notices

# Anna owes 40 and Arne 30, Bram gets 45, Cleo 25; each could pay it.
OBLIGATIONS = (
    (ANNA, BRAM, 100),
    (BRAM, CLEO, 85),
    (CLEO, ANNA, 60),
    (ARNE, BRAM, 30),
)
CALLS = {ANNA: 40, ARNE: 30}
LATER = tuple(state for state in BEFORE_CLOSED if state is not CycleState.OPEN)


def begun(state=CycleState.FUNDING, *, fund=True):
    """Give a cycle with the obligations above in a state; money comes after the cut."""
    cycles = Cycles()
    cycles.open()
    uetrs = [cycles.net.pay(payer, payee, "NOR", amount) for payer, payee, amount in OBLIGATIONS]
    if state is not CycleState.OPEN:
        assert cycles.cut().code == Code.DONE
        cycles.reach(CycleState.FUNDING if state is CycleState.PVP_SETTLE else state)
    if fund:
        for bic, amount in CALLS.items():
            cycles.net.fund(bic, "NOR", amount)
    if state is CycleState.PVP_SETTLE:
        for bic in CALLS:
            assert cycles.pay_in(bic).code == Code.DONE
    assert state is cycles.state
    return cycles, uetrs


def balances(cycles):
    return {bic: cycles.net.balance(bic, "NOR") for bic in (ANNA, ARNE, BRAM, CLEO)}


def states(cycles, uetrs):
    return [State(cycles.net.state(uetr)).name for uetr in uetrs]


def events(cycles):
    return [fact.event for fact in all_facts(cycles.net, CycleMoved)]


def over(cycles):
    """Let a cycle go on until it is over, tick by tick, with every invariant after each."""
    for _ in range(20):
        if cycles.cycle_id not in cycles.net.world.cycles.live:
            return
        due = cycles.net.machine.next_due()
        cycles.net.at = max(cycles.net.at, due)
        cycles.net.give("tick", None, "operator", actor="node")
        cycles.check()
    raise AssertionError(f"still in {cycles.state}")


def test_all_paid_settles_all():
    cycles, uetrs = begun()
    for bic in CALLS:
        assert cycles.pay_in(bic).code == Code.DONE
    over(cycles)

    assert CycleState.STATEMENTS is cycles.state
    assert ["SETTLED"] * 4 == states(cycles, uetrs)
    assert {ANNA: 0, ARNE: 0, BRAM: 45, CLEO: 25} == balances(cycles)


def test_one_that_does_not_pay_drops_its_own_and_what_hung_on_them():
    cycles, uetrs = begun(fund=False)
    cycles.net.fund(ARNE, "NOR", 30)
    cycles.pay_in(ARNE)
    over(cycles)

    assert CycleState.STATEMENTS is cycles.state
    assert ["QUEUED", "QUEUED", "QUEUED", "SETTLED"] == states(cycles, uetrs)
    assert {ANNA: 0, ARNE: 0, BRAM: 30, CLEO: 0} == balances(cycles)
    assert 1 == events(cycles).count("REPLANNED")
    assert {ANNA: 40, ARNE: 30} == cycles.cycle.calls["NOR"]


def test_a_part_of_the_call_settles_what_it_covers():
    """The payer of 100 who paid 5 keeps nothing back that others could have: what is covered goes."""
    cycles = Cycles()
    cycles.open()
    small, large = (cycles.net.pay(ANNA, BRAM, "NOR", amount) for amount in (5, 95))
    cycles.cut()
    cycles.reach(CycleState.FUNDING)
    cycles.net.fund(ANNA, "NOR", 5)
    cycles.pay_in(ANNA, amount=5)
    over(cycles)

    assert ["SETTLED", "QUEUED"] == states(cycles, (small, large))
    assert 5 == cycles.net.balance(BRAM, "NOR")


@pytest.mark.parametrize("fund", [False, True])
def test_a_cycle_that_nobody_pays_into_is_cancelled(fund):
    """With money on their accounts the members settle from their queues afterwards, in the next batch."""
    cycles, uetrs = begun(fund=fund)
    over(cycles)

    assert CycleState.CANCELLED is cycles.state
    assert "NOTHING_TO_SETTLE" == cycles.cycle.reason
    cycles.net.wait(20 * MINUTE)
    assert ["SETTLED" if fund else "QUEUED"] * 4 == states(cycles, uetrs)


def test_two_of_three_payers_fail_and_the_third_is_not_asked_for_more():
    cycles = Cycles()
    cycles.open()
    pairs = ((ANNA, CLEO, 10), (ARNE, CLEO, 20), (BRAM, CLEO, 30), (CLEO, ANNA, 4))
    uetrs = [cycles.net.pay(payer, payee, "NOR", amount) for payer, payee, amount in pairs]
    cycles.cut()
    cycles.reach(CycleState.FUNDING)
    cycles.net.fund(BRAM, "NOR", 100)
    assert cycles.pay_in(BRAM).code == Code.DONE
    over(cycles)

    assert ["QUEUED", "QUEUED", "SETTLED"] == states(cycles, uetrs[:3])
    assert 70 == cycles.net.balance(BRAM, "NOR")
    assert {(ANNA, "NOR"): 6, (ARNE, "NOR"): 20, (BRAM, "NOR"): 30} == {
        (bic, asset): minor for bic, asset, minor in cycles.cycle.each_call()
    }


def test_a_solver_plans_what_was_paid_in_and_proves_its_bound():
    cycles = Cycles()
    planner = Planner(cycles.net)
    cycles.open()
    # in the order of its queue Anna could not pay the first; the second she can
    uetrs = [cycles.net.pay(ANNA, BRAM, "NOR", amount) for amount in (100, 30)]
    cycles.cut()
    assert planner.answer().code == Code.DONE
    assert CycleState.COMPUTED is cycles.state
    cycles.reach(CycleState.FUNDING)
    cycles.net.fund(ANNA, "NOR", 40)
    cycles.pay_in(ANNA, amount=40)
    cycles.net.at = cycles.cycle.deadline_at
    cycles.net.tick()
    assert cycles.cycle.asking
    assert planner.answer().code == Code.DONE
    over(cycles)

    assert ["QUEUED", "SETTLED"] == states(cycles, uetrs)
    (report,) = reports(cycles.net)
    assert (("NOR", 1, "30", 1, "100", "40", 2500),) == report.assets
    assert report.proved
    assert 32 == len(report.certificate)


@pytest.mark.parametrize("state", LATER)
def test_an_obligation_that_is_held_after_the_cut_is_planned_around(state):
    """Whatever happens to it, the others settle, and nobody pays more."""
    cycles, uetrs = begun(state)
    net = cycles.net
    net.suspend(CLEO)
    net.end_waiting(CLEO, 100)
    cycles.check()
    if state is not CycleState.PVP_SETTLE:
        cycles.reach(CycleState.FUNDING)
        for bic in CALLS:
            call = cycles.cycle.open_call(bic, "NOR")
            net.fund(bic, "NOR", call)
            assert cycles.pay_in(bic).code == Code.DONE
    over(cycles)

    assert ["REJECTED", "REJECTED"] == states(cycles, uetrs[1:3])
    assert "SETTLED" == states(cycles, uetrs)[3]
    assert CycleState.STATEMENTS is cycles.state


def test_who_paid_in_for_what_then_dropped_is_told_that_it_came_back():
    """Cleo is suspended: her 60 and the 85 to her drop, and Anna's 100 with them; Anna's pay-in comes back whole."""
    cycles, _ = begun(CycleState.PVP_SETTLE)
    net = cycles.net
    net.pay(ANNA, BRAM, "NOR", 25, priority=0)  # waits for money: Anna's lies in the cycle
    net.suspend(CLEO)
    net.end_waiting(CLEO, 100)
    over(cycles)

    told = {notice.recipient: notice.data for notice in notices(net, "cycle.statement")}
    assert {ANNA, ARNE, BRAM} == set(told)
    assert (0, "0", 0, "0") == told[ANNA][1:5]
    assert ("0", "40", "40", "0") == told[ANNA][9:]
    assert 15 == net.balance(ANNA, "NOR")


@pytest.mark.parametrize("state", LATER)
@pytest.mark.parametrize("freeze", [False, True])
def test_an_account_that_is_blocked_after_the_cut_is_planned_around(state, freeze):
    """Arne's account is blocked: what it pays drops; its pay-in comes back past the block."""
    cycles, uetrs = begun(state)
    net = cycles.net
    blocked = net.world.members.accounts.settlement(ARNE, "NOR")
    if state is CycleState.FUNDING:
        assert cycles.pay_in(ARNE).code == Code.DONE
    net.world.engine.block(blocked, debits=True, credits=True, freeze=freeze)
    if state is not CycleState.PVP_SETTLE:
        cycles.reach(CycleState.FUNDING)
        cycles.pay_in(ANNA)
    over(cycles)

    assert CycleState.STATEMENTS is cycles.state
    assert ["SETTLED", "SETTLED", "SETTLED"] == states(cycles, uetrs[:3])
    assert "SETTLED" != states(cycles, uetrs)[3]
    assert 30 == net.balance(ARNE, "NOR")
    assert {ANNA: 0, BRAM: 15, CLEO: 25} == {bic: net.balance(bic, "NOR") for bic in (ANNA, BRAM, CLEO)}


def test_a_bundle_that_is_refused_twice_cancels_the_cycle():
    cycles, _ = begun(CycleState.PVP_SETTLE)
    accounts = cycles.net.world.members.accounts
    engine = cycles.net.world.engine
    engine.block(accounts.settlement(ARNE, "NOR"), debits=True, credits=False, freeze=False)
    cycles.reach(CycleState.FUNDING)
    assert "REFUSED" == events(cycles)[-1]
    due = cycles.cycle.due_at
    cycles.net.at = due
    cycles.net.give("tick", None, "operator", actor="node")
    assert CycleState.PVP_SETTLE is cycles.state
    engine.block(accounts.settlement(ANNA, "NOR"), debits=True, credits=False, freeze=False)
    over(cycles)

    assert CycleState.CANCELLED is cycles.state
    assert {ANNA: 40, ARNE: 30} == {bic: cycles.net.balance(bic, "NOR") for bic in CALLS}


@pytest.mark.parametrize("state", BEFORE_CLOSED)
def test_a_cycle_cancelled_in_any_state_gives_every_pay_in_back(state):
    cycles, uetrs = begun(state)
    if state is CycleState.FUNDING:
        cycles.pay_in(ANNA, amount=15)
        assert 15 == cycles.net.balance(ANNA, "NOR", "cycle")
    before = {bic: cycles.net.available(bic, "NOR") for bic in CALLS}
    held = {bic: minor for bic, _, minor in cycles.cycle.each_paid()}

    assert cycles.cancel().code == Code.DONE
    cycles.check()

    assert CycleState.CANCELLED is cycles.state
    assert not any(uetr in cycles.cycle.items for uetr in uetrs)
    returned = {notice.recipient: notice.data[1] for notice in notices(cycles.net, "cycle.returned")}
    assert held == returned
    assert sum(before.values()) + sum(held.values()) == sum(CALLS.values())
    cycles.net.wait(20 * MINUTE)
    assert ["SETTLED"] * 4 == states(cycles, uetrs)  # in the next batch, now that the money is free again
    assert {ANNA: 0, ARNE: 0, BRAM: 45, CLEO: 25} == balances(cycles)


@pytest.mark.parametrize("state", CycleState)
def test_a_cycle_goes_on_from_its_snapshot_in_any_state(state):
    """Two nodes, one started anew in this state, end with the same state and the same outcomes."""
    if state in BEFORE_CLOSED:
        cycles, _ = begun(state)
    else:
        cycles, _ = begun(CycleState.PVP_SETTLE)
        if state is CycleState.CANCELLED:
            cycles.cancel()
        cycles.reach(state)
    net = cycles.net
    other = Cycles(net=net.again())
    other.cycle_id = cycles.cycle_id
    count = len(net.outcomes)
    for one in (cycles, other):
        if one.cycle_id in one.net.world.cycles.live:
            if one.state is CycleState.OPEN:
                one.cut()
            if one.state in (CycleState.CUT, CycleState.COMPUTED, CycleState.NOTIFIED):
                one.reach(CycleState.FUNDING)
            for bic in CALLS:
                one.pay_in(bic)
            over(one)

    assert net.outcomes[count:] == other.net.outcomes
    assert net.world.state_hash() == other.net.world.state_hash()


def test_a_cycle_nets_to_what_gross_settlement_with_unlimited_credit_gives():
    cycles, _ = begun(CycleState.PVP_SETTLE)
    over(cycles)
    gross = dict.fromkeys((ANNA, ARNE, BRAM, CLEO), 0) | CALLS
    for payer, payee, amount in OBLIGATIONS:
        gross[payer] -= amount
        gross[payee] += amount

    assert gross == balances(cycles)


# What senders may do meanwhile


def test_an_obligation_of_an_open_cycle_is_its_senders():
    cycles, uetrs = begun(CycleState.OPEN, fund=False)
    assert cycles.net.give("queue.reprioritise", PriorityFields(uetrs[0], 1), ANNA).code == Code.DONE
    assert cycles.net.cancel(ANNA, uetrs[0]).code == Code.DONE

    assert "CANCELLED" == states(cycles, uetrs)[0]
    assert 3 == len(cycles.cycle.items)
    cycles.check()


@pytest.mark.parametrize("settles", [True, False])
def test_a_cancel_after_the_cut_is_answered_at_the_end(settles):
    cycles, uetrs = begun()
    net = cycles.net
    refused = net.give("queue.reprioritise", PriorityFields(uetrs[0], 1), ANNA)
    assert is_refused(refused, No.PAYMENT_IN_CUT_CYCLE)
    assert net.cancel(ANNA, uetrs[0]).code == Code.DONE
    assert net.cancel(ANNA, uetrs[0]).code == Code.REPEATED
    assert "QUEUED" == states(cycles, uetrs)[0]
    if settles:
        for bic in CALLS:
            cycles.pay_in(bic)
    over(cycles)

    if settles:
        assert "SETTLED" == states(cycles, uetrs)[0]
        assert [ANNA] == [one.recipient for one in notices(net, "payment.cancel_refused")]
    else:
        assert "CANCELLED" == states(cycles, uetrs)[0]
        record = net.world.payments.record(uetrs[0])
        assert PaymentRefusal.SENDER_WITHDREW.code == record.refusal


def test_urgent_and_instant_payments_do_not_wait_for_a_cycle():
    cycles = Cycles()
    cycles.open()
    cycles.net.fund(ANNA, "NOR", 30)
    urgent = cycles.net.pay(ANNA, BRAM, "NOR", 10, priority=0)
    instant = cycles.net.pay(ANNA, BRAM, "NOR", 10, service=1)
    other = cycles.net.pay(ANNA, BRAM, "SUD", 10)
    high = cycles.net.pay(ANNA, BRAM, "NOR", 10, priority=1)

    assert ["SETTLED", "SETTLED", "QUEUED", "QUEUED"] == states(cycles, (urgent, instant, other, high))
    assert [high] == list(cycles.cycle.items)


def test_a_cycle_takes_what_waits_in_queues_when_it_opens():
    cycles = Cycles()
    uetr = cycles.net.pay(ANNA, BRAM, "NOR", 10)
    cycles.open()

    assert Wait.GATHERING == cycles.net.world.payments.live[uetr].waits


# Orders by two people


def test_the_end_of_pay_ins_is_moved_once_by_half_an_hour_at_most():
    cycles, _ = begun()
    deadline = cycles.cycle.deadline_at

    assert is_refused(cycles.extend(30 * 60_000 + 1), No.CYCLE_WAS_EXTENDED)
    assert cycles.extend(30 * 60_000).code == Code.DONE
    assert deadline + 30 * MINUTE == cycles.cycle.deadline_at
    assert is_refused(cycles.extend(1), No.CYCLE_WAS_EXTENDED)

    cycles.net.at = deadline + MINUTE
    cycles.net.tick()
    for bic in CALLS:
        assert cycles.pay_in(bic).code == Code.DONE
    over(cycles)
    assert CycleState.STATEMENTS is cycles.state


@pytest.mark.parametrize("state", [one for one in BEFORE_CLOSED if one is not CycleState.PVP_SETTLE])
def test_who_is_left_out_neither_pays_nor_gets(state):
    cycles, uetrs = begun(state)
    if state is CycleState.FUNDING:
        cycles.pay_in(ARNE)
    assert cycles.exclude(ARNE).code == Code.DONE
    cycles.check()
    assert is_refused(cycles.exclude(ARNE), No.CYCLE_HAS_NO_SUCH_MEMBER)
    assert is_refused(cycles.exclude("NOBODY00"), No.CYCLE_HAS_NO_SUCH_MEMBER)
    assert "SETTLED" == states(cycles, uetrs)[3]  # from its queue: the money was there
    if state is CycleState.OPEN:
        cycles.cut()
    if state is not CycleState.FUNDING:
        cycles.reach(CycleState.FUNDING)
    assert cycles.pay_in(ANNA).code == Code.DONE
    over(cycles)

    assert CycleState.STATEMENTS is cycles.state
    assert ["SETTLED"] * 4 == states(cycles, uetrs)


@pytest.mark.parametrize("name", ["cut", "cancel", "extend", "exclude"])
def test_one_person_of_the_operator_does_not_change_a_cycle(name):
    cycles, _ = begun(CycleState.OPEN, fund=False)
    fields = {
        "cut": (cycles.cycle_id,),
        "cancel": (cycles.cycle_id,),
        "extend": (cycles.cycle_id, 1),
        "exclude": (cycles.cycle_id, ANNA),
    }[name]
    outcome = cycles.net.give(f"cycle.{name}", fields, "operator")

    assert is_refused(outcome, SettingRefusal.TWO_PEOPLE_NEEDED)
    assert CycleState.OPEN is cycles.state


# Lines that a cycle may draw on


def drawing():
    """Give a cycle in which Bram owes 200 NOR, has none, and lets his agent's line be drawn on."""
    net = Credits()
    net.auto(net.member(1_000), 300)
    cycles = Cycles(net=net)
    cycles.with_people()
    net.set(BRAM, by_cycle=("NOR",), pays_in=True)
    cycles.open()
    uetr = net.pay(BRAM, ANNA, "NOR", 200)
    cycles.cut()
    cycles.reach(CycleState.FUNDING)
    assert not cycles.cycle.drawn
    cycles.reach(CycleState.PVP_SETTLE)
    assert 200 == net.line(LineKind.MEMBER).lots_minor
    return cycles, uetr


def test_a_line_covers_what_is_kept_for_urgent_payments():
    """Bram has 50 of the 200 and keeps them for urgent ones: all 200 are drawn, and his 50 stay."""
    net = Credits()
    net.auto(net.member(1_000), 300)
    cycles = Cycles(net=net)
    cycles.with_people()
    net.set(BRAM, by_cycle=("NOR",), pays_in=True)
    net.fund(BRAM, "NOR", 50)
    net.world.reservations.put(net.world.members.accounts.settlement(BRAM, "NOR"), 0, 50)
    cycles.open()
    net.pay(BRAM, ANNA, "NOR", 200)
    cycles.cut()
    cycles.reach(CycleState.PVP_SETTLE)

    assert (200, 50) == (net.line(LineKind.MEMBER).lots_minor, net.balance(BRAM, "NOR"))
    over(cycles)
    assert (CycleState.STATEMENTS, 50) == (cycles.state, net.balance(BRAM, "NOR"))


def test_what_is_drawn_for_a_call_fills_no_reservation():
    """Bram would keep 80 for urgent payments and has 50: the 200 that are drawn are paid in to the last unit."""
    net = Credits()
    net.auto(net.member(1_000), 300)
    cycles = Cycles(net=net)
    cycles.with_people()
    net.set(BRAM, by_cycle=("NOR",), pays_in=True)
    net.fund(BRAM, "NOR", 50)
    net.world.reservations.put(net.world.members.accounts.settlement(BRAM, "NOR"), 0, 80)
    cycles.open()
    uetr = net.pay(BRAM, ANNA, "NOR", 200)
    cycles.cut()
    over(cycles)

    assert (CycleState.STATEMENTS, ["SETTLED"]) == (cycles.state, states(cycles, [uetr]))
    assert (200, 50) == (net.line(LineKind.MEMBER).lots_minor, net.balance(BRAM, "NOR"))


def test_a_line_is_drawn_at_the_deadline_for_who_has_agreed():
    cycles, uetr = drawing()
    over(cycles)

    assert ["SETTLED"] == states(cycles, [uetr])
    assert (200, 0) == (cycles.net.balance(ANNA, "NOR"), cycles.net.balance(BRAM, "NOR"))
    assert 200 == cycles.net.line(LineKind.MEMBER).lots_minor


def test_what_was_drawn_for_a_cancelled_cycle_is_repaid():
    cycles, uetr = drawing()
    cycles.cancel()
    cycles.check()

    assert ["QUEUED"] == states(cycles, [uetr])
    assert 0 == cycles.net.line(LineKind.MEMBER).lots_minor
    assert (0, 0) == tuple(cycles.net.balance(BRAM, "NOR", purpose) for purpose in ("settlement", "cycle"))


def test_a_swap_that_went_back_with_its_cycle_is_not_due_any_more():
    """The node was down for days: one tick cancels the cycle, undoes its draw, and comes to the draw's maturity."""
    net = Credits()
    net.rate("NOR", "SUD", 1, 1)
    net.fund(BRAM, "SUD", 1_000)
    net.auto(net.swap(1_000, tenor=1), 150)
    cycles = Cycles(net=net)
    cycles.with_people()
    net.set(BRAM, by_cycle=("NOR",), pays_in=True)
    cycles.open()
    net.pay(BRAM, ANNA, "NOR", 200)
    cycles.cut()
    cycles.reach(CycleState.FUNDING)
    net.at = cycles.cycle.deadline_at
    net.tick()
    assert 150 == net.line(LineKind.SWAP).lots_minor
    net.at += 3 * DAY
    net.tick()

    assert (CycleState.CANCELLED, 0) == (cycles.state, net.line(LineKind.SWAP).lots_minor)
    cycles.check()
