"""Netting cycles under attack: amounts beyond one leg, blocks on the accounts of a cycle, clocks on their border."""

import pytest

from steelyard.engine.accounts import DEBITS_BLOCKED
from steelyard.engine.refusals import Refusal, SettingRefusal
from steelyard.flows.approve import ApproveFields, ProposeFields
from steelyard.flows.command import NO_FIELDS, Code, Command, encode, raw
from steelyard.flows.ledger import BlockFields, BoundsFields
from steelyard.flows.netting_cycle import ExcludeFields, ExtendFields, NamedFields, PayInFields
from steelyard.liquidity.cycles import BEFORE_CLOSED, CycleState
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.members.people import PERSON, Actor
from steelyard.members.roles import Role
from steelyard.payments.states import State
from tests.flows.cycles import Cycles, Planner
from tests.flows.payworld import ANNA, ARNE, BRAM, CLEO, is_refused
from tests.flows.test_cycle_ends import OBLIGATIONS, begun

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


def test_no_sum_of_a_cycle_is_more_than_a_counter_holds():
    """Unfunded, there and back, without money: settled in cycle after cycle, and the node can write it all down."""
    cycles = Cycles()
    cycles.open()
    net = cycles.net
    uetrs = [net.pay(*pair, "NOR", MUCH) for pair in ((ANNA, BRAM), (BRAM, ANNA)) * 22]
    assert cycles.cut().code == Code.DONE
    assert uetrs[:10] == list(cycles.cycle.items)  # 5 * 9 * 10**17 is below 2**62
    for _ in range(60):
        if not net.world.cycles.live:
            break
        net.at = max(net.at, net.machine.next_due())
        net.give("tick", None, "operator", actor="node")
        cycles.check()

    assert [State.SETTLED] * 44 == [net.state(uetr) for uetr in uetrs]


# Blocks on the account for pay-ins itself


def paid():
    """Give a cycle in funding for which Anna, but not Arne, has paid in."""
    cycles = Cycles()
    cycles.open()
    cycles.net.pay(ANNA, BRAM, "NOR", 40)
    cycles.net.pay(ARNE, BRAM, "NOR", 30)
    assert cycles.cut().code == Code.DONE
    cycles.reach(CycleState.FUNDING)
    cycles.net.fund(ANNA, "NOR", 40)
    assert cycles.pay_in(ANNA).code == Code.DONE
    return cycles


def by_agent(cycles, name, fields):
    """Let the settlement agent of NOR give a command, by two persons where it takes two."""
    net = cycles.net
    agent = net.world.members.assets["NOR"].settlement_agent
    for number in (1, 2):
        net.world.members.put_actor(Actor(f"p-{number}", agent, PERSON, (Role.SETTLEMENT_AGENT,)))
    outcome = net.give(name, fields, agent, actor="p-1")
    if outcome.refusal != SettingRefusal.TWO_PEOPLE_NEEDED.code:
        return outcome
    net._number += 1
    command_id = (net.at // 1_000_000).to_bytes(6, "big") + net._number.to_bytes(10, "big")
    inner = Command(name, 1, command_id, agent, "p-1", 0, raw(fields), NO_FIELDS, b"n" * 16)
    assert net.give("propose", ProposeFields(encode(inner)), agent, actor="p-1").code == Code.DONE
    (proposal,) = net.world.members.approvals.waiting.values()
    return net.give("approve", ApproveFields(proposal.id, proposal.shown), agent, actor="p-2")


def freeze(cycles, bic):
    assert by_agent(cycles, "account.block", BlockFields(f"{bic}/NOR/cycle", freeze=True)).code == Code.DONE


@pytest.mark.parametrize("settles", [True, False])
def test_money_that_is_frozen_on_its_way_into_a_cycle_stays_frozen(settles):
    """Whichever of its owner's accounts an order names: what a cycle gives back comes under the same block."""
    cycles = paid()
    freeze(cycles, ANNA)
    if settles:
        cycles.net.fund(ARNE, "NOR", 30)
        assert cycles.pay_in(ARNE).code == Code.DONE
    else:
        assert cycles.cancel().code == Code.DONE
    over(cycles)
    net = cycles.net

    assert 30 * settles == net.balance(BRAM, "NOR")
    assert (40, 0) == (net.balance(ANNA, "NOR"), net.balance(ANNA, "NOR", "cycle"))
    account = net.world.engine.account(net.world.members.settlement_account(ANNA, "NOR"))
    assert account.freeze
    assert account.gate & DEBITS_BLOCKED


@pytest.mark.parametrize("settles", [True, False])
def test_nobody_sets_a_floor_under_what_a_cycle_gives_back(settles):
    cycles = paid()
    outcome = by_agent(cycles, "account.bounds", BoundsFields(f"{ANNA}/NOR/cycle", 25))
    if settles:
        cycles.net.fund(ARNE, "NOR", 30)
        cycles.pay_in(ARNE)
    else:
        assert cycles.cancel().code == Code.DONE
    over(cycles)

    assert is_refused(outcome, SettingRefusal.FLOOR_MUST_NOT_BE_POSITIVE)
    assert 0 == cycles.net.balance(ANNA, "NOR", "cycle")


# Who may do what, and until when


def test_outsiders_and_agents_change_no_cycle():
    cycles, _ = begun()
    net, cycle_id = cycles.net, cycles.cycle_id
    agent = net.world.members.assets["NOR"].settlement_agent
    net.world.members.put_actor(Actor("p-1", agent, PERSON, (Role.SETTLEMENT_AGENT,)))
    named = NamedFields(cycle_id)
    commands = {
        "cycle.cut": named,
        "cycle.cancel": named,
        "cycle.extend": ExtendFields(cycle_id, 1),
        "cycle.exclude": ExcludeFields(cycle_id, ANNA),
    }

    for name, fields in commands.items():
        for sender, actor in ((CLEO, ""), (agent, "p-1")):
            assert is_refused(net.give(name, fields, sender, actor=actor), Refusal.SENDER_HAS_NO_RIGHT), name
    paid_by = net.give("cycle.pay_in", PayInFields(cycle_id, "NOR", 1), CLEO)
    assert is_refused(paid_by, LiquidityRefusal.PAY_IN_NOT_CALLED)
    assert CycleState.FUNDING is cycles.state
    assert not list(cycles.cycle.each_paid())


def test_a_call_is_paid_once_and_until_the_last_instant_before_the_deadline():
    cycles, _ = begun()
    assert Code.DONE == cycles.pay_in(ANNA, amount=39).code
    assert is_refused(cycles.pay_in(ANNA, amount=2), LiquidityRefusal.PAY_IN_EXCEEDS_CALL)
    assert Code.DONE == cycles.pay_in(ANNA, amount=1).code
    assert is_refused(cycles.pay_in(ANNA), LiquidityRefusal.PAY_IN_NOT_CALLED)
    cycles.net.at = cycles.cycle.deadline_at - 1
    assert Code.DONE == cycles.pay_in(ARNE, amount=1).code
    cycles.net.at = cycles.cycle.deadline_at
    assert is_refused(cycles.pay_in(ARNE, amount=1), LiquidityRefusal.PAY_IN_IS_LATE)

    assert is_refused(cycles.extend(1), LiquidityRefusal.CYCLE_STATE_FORBIDS)
    go_on(cycles)
    assert is_refused(cycles.cancel(), LiquidityRefusal.CYCLE_NOT_FOUND)


# A hostile solver


def test_no_solver_ends_a_cycle_that_has_its_money():
    """A plan that settles nothing, or less than the machine's, is refused after the pay-ins too."""
    cycles = Cycles()
    planner = Planner(cycles.net)
    cycles.open()
    uetrs = [
        cycles.net.pay(payer, BRAM, "NOR", minor) for payer, minor in ((ANNA, 40), (ANNA, 5), (ARNE, 30))
    ]
    assert cycles.cut().code == Code.DONE
    assert planner.answer().code == Code.DONE
    cycles.reach(CycleState.FUNDING)
    cycles.net.fund(ANNA, "NOR", 45)
    assert cycles.pay_in(ANNA).code == Code.DONE
    cycles.net.at = cycles.cycle.deadline_at
    cycles.net.tick()
    assert cycles.cycle.asking
    honest = planner.fields()

    for seqs in ([], honest.seqs[:1]):
        assert is_refused(planner.answer(seqs=seqs), LiquidityRefusal.PLAN_LEAVES_OUT)
    assert planner.answer().code == Code.DONE
    go_on(cycles)
    assert [State.SETTLED, State.SETTLED, State.QUEUED] == [cycles.net.state(uetr) for uetr in uetrs]


# Somebody is suspended


def go_on(cycles):
    """Let a cycle go on until it is over; whoever can pays in, every invariant holds after each step."""
    net = cycles.net
    for _ in range(40):
        for bic in (ANNA, ARNE, BRAM, CLEO):
            if cycles.state is CycleState.FUNDING:
                cycles.pay_in(bic)
                cycles.check()
        if cycles.cycle_id not in net.world.cycles.live:
            return
        net.at = max(net.at, net.machine.next_due() or 0)
        net.give("tick", None, "operator", actor="node")
        cycles.check()
    raise AssertionError(cycles.state)


@pytest.mark.parametrize("sending_only", [True, False])
@pytest.mark.parametrize("state", BEFORE_CLOSED)
@pytest.mark.parametrize("who", [ANNA, BRAM])
def test_a_suspended_member_stops_its_own_obligations_in_any_state(who, state, sending_only):
    cycles, uetrs = begun(state)
    net = cycles.net
    net.suspend(who, sending_only=sending_only)
    while not sending_only and net.end_waiting(who, 1):
        cycles.check()
    if state is CycleState.OPEN:
        cycles.cut()
    go_on(cycles)

    for uetr, (payer, payee, _) in zip(uetrs, OBLIGATIONS, strict=True):
        stopped = payer == who or (payee == who and not sending_only)
        assert not (stopped and net.state(uetr) == State.SETTLED)
    assert not any(
        net.balance(bic, "NOR", "cycle")
        for bic in (ANNA, ARNE, BRAM, CLEO)
        if net.world.members.accounts.get("cycle", bic, "NOR")
    )
