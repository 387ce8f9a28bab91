"""Netting cycles: from the first obligation to the statements, and every other way they can end."""

from hashlib import sha256

import pytest

from steelyard.engine.records import unpack_all
from steelyard.flows.command import Code
from steelyard.flows.cycle_cut import obligations
from steelyard.flows.liquidity_facts import CycleCut, CycleMoved
from steelyard.liquidity.cycles import STEPS, CycleEvent, CycleState, step
from steelyard.payments.payment import Wait
from steelyard.payments.states import State
from tests.flows.cycles import Cycles, all_facts, plans, reports
from tests.flows.payworld import ANNA, ARNE, BRAM, CLEO, notices

RING = ((ANNA, BRAM, 100), (BRAM, CLEO, 70), (CLEO, ANNA, 60))  # nets: Anna -40, Bram +30, Cleo +10


def ring(cycles, asset="NOR", **more):
    return [cycles.net.pay(payer, payee, asset, amount, **more) for payer, payee, amount in RING]


@pytest.fixture
def cycles():
    made = Cycles()
    made.open()
    made.net.fund(ANNA, "NOR", 100)
    return made


def waits(cycles, uetr):
    return cycles.net.world.payments.live[uetr].waits


def test_every_step_of_the_table_leads_to_a_state_of_it():
    assert set(STEPS) == set(CycleState)
    for state in CycleState:
        for event in CycleEvent:
            assert step(state, event) is None or step(state, event) in CycleState
    assert not STEPS[CycleState.STATEMENTS]
    assert not STEPS[CycleState.CANCELLED]


def test_a_cycle_nets_calls_and_settles_all_as_one_bundle(cycles):
    uetrs = ring(cycles)

    assert [Wait.GATHERING] * 3 == [waits(cycles, uetr) for uetr in uetrs]

    assert cycles.cut().code == Code.DONE
    assert [Wait.CYCLE] * 3 == [waits(cycles, uetr) for uetr in uetrs]

    cycles.reach(CycleState.FUNDING)
    assert {"NOR": {ANNA: 40}} == cycles.cycle.calls

    assert cycles.pay_in(ANNA).code == Code.DONE
    assert CycleState.PVP_SETTLE is cycles.state
    assert (60, 40) == (cycles.net.balance(ANNA, "NOR"), cycles.net.balance(ANNA, "NOR", "cycle"))
    cycles.check()

    cycles.reach(CycleState.STATEMENTS)
    assert [State.SETTLED] * 3 == [cycles.net.state(uetr) for uetr in uetrs]
    assert [60, 30, 10, 0] == [
        cycles.net.balance(ANNA, "NOR"),
        cycles.net.balance(BRAM, "NOR"),
        cycles.net.balance(CLEO, "NOR"),
        cycles.net.balance(ANNA, "NOR", "cycle"),
    ]
    cycles.check()
    (report,) = reports(cycles.net)
    assert (("NOR", 3, "230", 0, "0", "", 0),) == report.assets
    assert (
        (ANNA, "NOR", "100", "60", "40"),
        (BRAM, "NOR", "70", "100", "0"),
        (CLEO, "NOR", "60", "70", "0"),
    ) == (report.nets)
    lines = {notice.recipient: notice.data for notice in notices(cycles.net, "cycle.statement")}
    assert {ANNA, BRAM, CLEO} == set(lines)
    assert ("NOR", 1, "100", 1, "60", report.bundle_id) == lines[ANNA][:6]


def test_a_cycle_steps_through_its_states_in_order(cycles):
    ring(cycles)
    cycles.cut()
    cycles.reach(CycleState.FUNDING)
    cycles.pay_in(ANNA)
    cycles.reach(CycleState.STATEMENTS)

    path = [fact.after for fact in all_facts(cycles.net, CycleMoved)]
    assert ["OPEN", "CUT", "COMPUTED", "NOTIFIED", "FUNDING", "PVP_SETTLE", "CLOSED", "STATEMENTS"] == path
    (plan,) = plans(cycles.net)
    assert (("NOR", 3, "230", 3, "230", ""),) == plan.assets
    assert 0 == sum(int(back) - int(out) for _, _, out, back, _ in plan.nets)


def test_the_cut_writes_down_who_is_in_by_class_and_order(cycles):
    uetrs = ring(cycles)
    high = cycles.net.pay(CLEO, BRAM, "NOR", 5, priority=1)
    cycles.cut()

    (fact,) = all_facts(cycles.net, CycleCut)
    found = list(obligations(fact.names, fact.rows))
    assert [high, *uetrs] == [one.uetr for one in found] == list(cycles.cycle.items)
    live = cycles.net.world.payments.live
    for one in found:
        payment = live[one.uetr]
        assert (one.payer, one.payee, one.asset) == (payment.debtor_agent, payment.creditor_agent, "NOR")
        assert (one.priority, one.seq, one.open_minor) == (payment.priority, payment.seq, payment.open_minor)
        assert one.seq < cycles.cycle.cut_seq


def test_the_notice_names_amounts_deadline_and_account(cycles):
    ring(cycles)
    cycles.cut()
    cycles.reach(CycleState.NOTIFIED)

    told = {notice.recipient: notice.data for notice in notices(cycles.net, "cycle.notified")}
    deadline = cycles.cycle.deadline_at
    assert ("NOR", "100", "60", 40, deadline, f"{ANNA}/NOR/cycle", b"") == told[ANNA]
    assert ("NOR", "70", "100", 0, deadline, "", b"") == told[BRAM]


def test_an_unpaid_call_drops_obligations_and_keeps_what_others_have_funded():
    cycles = Cycles()
    cycles.open()
    uetrs = ring(cycles)
    funded = cycles.net.pay(ARNE, BRAM, "NOR", 25)
    cycles.net.fund(ARNE, "NOR", 25)
    cycles.cut()
    cycles.reach(CycleState.FUNDING)
    cycles.pay_in(ARNE)

    cycles.reach(CycleState.STATEMENTS)

    assert CycleEvent.REPLANNED in [fact.event for fact in all_facts(cycles.net, CycleMoved)]
    assert State.SETTLED == cycles.net.state(funded)
    assert {"NOR": {ANNA: 40, ARNE: 25}} == cycles.cycle.calls
    assert (25, 0) == (cycles.net.balance(BRAM, "NOR"), cycles.net.balance(ARNE, "NOR"))
    assert [Wait.FUNDS] * 3 == [waits(cycles, uetr) for uetr in uetrs]
    cycles.check()


def test_a_statement_is_the_count_sum_and_hash_of_its_legs_in_the_journal(cycles):
    """What a member is told can be made anew from the leg records of the bundle alone."""
    ring(cycles)
    cycles.net.pay(ANNA, CLEO, "NOR", 3)
    cycles.cut()
    cycles.reach(CycleState.FUNDING)
    cycles.pay_in(ANNA)
    cycles.reach(CycleState.STATEMENTS)
    net = cycles.net
    bundle_id = int.from_bytes(cycles.cycle.bundle_id, "big")
    records = [one for one in unpack_all(b"".join(net.legs)) if one.bundle_id == bundle_id]
    own = int.from_bytes(cycles.cycle_id, "big")

    told = notices(net, "cycle.statement")
    assert 3 == len(told)
    for notice in told:
        account = net.world.members.accounts.settlement(notice.recipient, "NOR")
        digest, figures = sha256(), [0, 0, 0, 0]
        for one in records:
            if one.reference == own or account not in (one.source, one.target):
                continue
            side = int(one.target == account)
            figures[2 * side] += 1
            figures[2 * side + 1] += one.amount_minor
            digest.update(
                one.reference.to_bytes(16, "big") + one.amount_minor.to_bytes(16, "big") + bytes([side])
            )
        _, paid, paid_minor, received, received_minor, _, given, number, closed_at, *sums = notice.data
        assert figures == [paid, int(paid_minor), received, int(received_minor)]
        assert given == digest.digest()
        assert (cycles.cycle.number, cycles.cycle.closed_at) == (number, closed_at)
        opening, closing, pay_in, kept = map(int, sums)
        assert closing == opening + figures[3] - figures[1] + pay_in
        assert (closing, kept) == (net.balance(notice.recipient, "NOR"), 0)
