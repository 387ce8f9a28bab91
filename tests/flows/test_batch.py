"""Batches: what brings one about, what its proposal does to the state as it is by then, and how it is reported."""

import pytest

from steelyard.engine.records import unpack_all
from steelyard.engine.refusals import Refusal as E
from steelyard.flows.facts import PaymentMoved
from steelyard.flows.liquidity_facts import BatchReported, BatchRequested
from steelyard.flows.queue import NamedFields, PriorityFields, TimesFields
from steelyard.flows.timers import TimerKind
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.members.people import KEY, Actor
from steelyard.members.refusals import MemberRefusal
from steelyard.members.roles import Role
from steelyard.payments.states import State
from steelyard.values.instants import HOUR, MINUTE, SECOND
from tests.flows.batches import Solver, calm, report, request, ring, same_state, splitting
from tests.flows.payworld import ANNA, ARNE, BIRK, BRAM, CLEO, Network, facts, is_refused, notices

GAP = 31 * SECOND


@pytest.fixture
def net() -> Network:
    return splitting()


@pytest.fixture
def eager(net: Network) -> Solver:
    """A solver of a network that has had no batch yet, so that anything may bring one about at once."""
    return Solver(net)


@pytest.fixture
def solver(net: Network) -> Solver:
    """A solver of a network whose last batch was just now, so that the next comes by hand alone."""
    return calm(net)


def asked(net: Network) -> list[BatchRequested]:
    return [fact for outcome in net.outcomes for fact in facts(outcome) if isinstance(fact, BatchRequested)]


def reports(net: Network) -> list[BatchReported]:
    return [fact for outcome in net.outcomes for fact in facts(outcome) if isinstance(fact, BatchReported)]


# What a proposal does


def test_a_ring_without_any_money_settles_in_parts(net: Network, solver: Solver) -> None:
    uetrs = ring(net, 100, 80, 70)
    request(net)
    outcome = solver.answer()
    told = report(outcome)

    assert [State.QUEUED, State.QUEUED, State.SETTLED] == [net.state(uetr) for uetr in uetrs]
    assert [30, 10] == [net.world.payments.live[uetr].open_minor for uetr in uetrs[:2]]
    assert ("A4", 3, "250", 1, "70", 2, "140", 2, "40") == (
        told.algorithm, told.queued_count, told.queued, told.settled_count, told.settled, told.parts_count,
        told.parts, told.left_count, told.left,
    )  # fmt: skip
    assert ("210", "210", 0, True) == (told.bound, told.bound_free, told.distance_bp, told.proved)
    assert (
        (ANNA, "NOR", "70", "70", "30"),
        (BRAM, "NOR", "70", "70", "10"),
        (CLEO, "NOR", "70", "70", "0"),
    ) == told.participants
    assert (uetrs[0], "short") == (told.oldest[0], told.oldest[3])
    net.check()


def test_every_payment_has_a_leg_of_its_own_under_its_reference(net: Network, solver: Solver) -> None:
    uetrs = ring(net, 100, 80, 70)
    request(net)
    outcome = solver.answer()
    legs = list(unpack_all(net.legs[-1]))

    assert [int.from_bytes(uetr, "big") for uetr in uetrs] == [leg.reference for leg in legs]
    assert {int.from_bytes(report(outcome).bundle_id, "big")} == {leg.bundle_id for leg in legs}
    assert {1} == {leg.policy for leg in legs}


def test_whole_payments_alone_where_nobody_lets_them_be_split(net: Network, solver: Solver) -> None:
    for bic in (ANNA, BRAM, CLEO):
        net.set(bic, splits=False)
    net.fund(ANNA, "NOR", 20)
    net.fund(BRAM, "NOR", 0 + 20)
    uetrs = ring(net, 100, 120, 80)
    request(net)
    told = report(solver.answer())

    assert {State.SETTLED} == {net.state(uetr) for uetr in uetrs}
    assert (3, 0, "300") == (told.settled_count, told.parts_count, told.settled)
    net.check()


def test_at_end_equals_gross_settlement_with_unlimited_credit(net: Network, solver: Solver) -> None:
    other = Network()
    for bic in (ANNA, BRAM, CLEO):
        other.fund(bic, "NOR", 1_000)
    ring(net, 70, 70, 70)
    ring(other, 70, 70, 70)
    request(net)
    solver.answer()

    for bic in (ANNA, BRAM, CLEO):
        assert other.balance(bic, "NOR") - 1_000 == net.balance(bic, "NOR")


def test_what_is_left_goes_on_in_the_next_batch_by_age(net: Network, solver: Solver) -> None:
    uetrs = ring(net, 100, 80, 70)
    for _ in range(2):
        request(net)
        solver.answer()
    net.pay(CLEO, ANNA, "NOR", 10)
    request(net)
    ages = {row.id: row.age_cycles for row in solver.asked[-1][1].payments}
    solver.answer()

    assert [2, 2, 0] == sorted(ages.values(), reverse=True)
    assert [20, 3] == [
        net.world.payments.live[uetrs[0]].open_minor,
        net.world.payments.live[uetrs[0]].parts + 1,
    ]
    net.check()


# A batch in flight


def test_what_settled_meanwhile_is_passed_over(net: Network, solver: Solver) -> None:
    uetrs = ring(net, 100, 80, 70)
    request(net)
    fields = solver.fields()
    net.fund(ANNA, "NOR", 100)
    assert [State.SETTLED] * 3 == [net.state(uetr) for uetr in uetrs]
    told = report(solver.give(fields))

    assert ((3, 0), 0, "0", 0) == (told.skipped, told.settled_count, told.settled, told.left_count)
    net.check()


def test_what_was_withdrawn_meanwhile_is_passed_over_and_money_decides(net: Network, solver: Solver) -> None:
    uetrs = ring(net, 100, 80, 70)
    request(net)
    fields = solver.fields()
    net.cancel(CLEO, uetrs[2])
    state = same_state(net)
    outcome = solver.give(fields)

    assert outcome.code == 1
    assert state == same_state(net)
    net.fund(ANNA, "NOR", 69)
    assert solver.give(fields).code == 1
    net.fund(ANNA, "NOR", 1)
    told = report(solver.give(fields))
    assert ((0, 1), "140") == (told.skipped, told.parts)
    net.check()


def test_what_its_sender_puts_off_meanwhile_is_passed_over(net: Network, solver: Solver) -> None:
    uetrs = ring(net, 100, 80, 70)
    other = net.pay(CLEO, ANNA, "NOR", 5)
    request(net)
    fields = solver.fields()
    later = TimesFields(other, not_before_at=net.at + HOUR)
    assert net.give("queue.set_times", later, CLEO).code == 0
    state = same_state(net)
    assert is_refused(solver.give(fields), E.LIQUIDITY_IS_SHORT)
    assert state == same_state(net)
    net.fund(ANNA, "NOR", 20)
    told = report(solver.give(fields))

    assert (0, 1) == told.skipped
    assert (State.QUEUED, 0) == (net.state(other), net.world.payments.live[other].settled_minor)
    assert State.SETTLED == net.state(uetrs[2])
    net.check()


def test_a_class_or_place_changed_meanwhile_changes_no_proposal(net: Network, solver: Solver) -> None:
    uetrs = ring(net, 100, 80, 70)
    request(net)
    fields = solver.fields()
    assert net.give("queue.reprioritise", PriorityFields(uetrs[0], 1), ANNA).code == 0
    assert net.give("queue.to_back", NamedFields(uetrs[1]), BRAM).code == 0

    assert "140" == report(solver.give(fields)).parts
    net.check()


def test_what_is_barred_meanwhile_is_passed_over(net: Network, solver: Solver) -> None:
    uetrs = ring(net, 100, 80, 70)
    extra = net.pay(ARNE, BIRK, "NOR", 50)
    back = net.pay(BIRK, ARNE, "NOR", 50)
    assert [State.SETTLED] * 2 == [net.state(extra), net.state(back)]
    request(net)
    fields = solver.fields()
    net.suspend(CLEO)
    outcome = solver.give(fields)

    assert outcome.code == 1
    assert {State.QUEUED} == {net.state(uetr) for uetr in uetrs}


def test_a_second_batch_on_one_currency_is_refused(net: Network, solver: Solver) -> None:
    ring(net, 100, 80, 70)
    request(net)

    assert is_refused(request(net), No.BATCH_IS_OPEN)
    assert request(net, "SUD").code == 0


def test_only_operators_and_the_currencys_agent_ask_by_hand(net: Network, solver: Solver) -> None:
    agents = {asset: f"STAG{asset}0" for asset in ("NOR", "SUD")}
    for agent in agents.values():
        actor = Actor(f"k-{agent}", agent, KEY, (Role.SETTLEMENT_AGENT,), public_key=b"k" * 32)
        net.world.members.put_actor(actor)
    ring(net, 100, 80, 70)

    assert is_refused(request(net, "NOR", agents["SUD"]), MemberRefusal.OBJECT_IS_NOT_YOURS)
    assert request(net, "NOR", ANNA).code == 1
    assert request(net, "NOR", agents["NOR"]).code == 0
    assert is_refused(request(net, "XXX"), MemberRefusal.CURRENCY_NOT_FOUND)


# What brings one about


def test_two_queued_payments_bring_about_the_first_batch(net: Network, eager: Solver) -> None:
    net.pay(ANNA, BRAM, "NOR", 100)
    assert [] == asked(net)
    net.pay(BRAM, CLEO, "NOR", 100)

    assert ["doubled"] == [fact.trigger for fact in asked(net)]


def test_triggers_wait_thirty_seconds_for_the_last_batch(net: Network, solver: Solver) -> None:
    net.pay(ARNE, BIRK, "NOR", 40, priority=0)
    net.wait(29 * SECOND)
    assert [] == asked(net)
    net.wait(2 * SECOND)

    assert [("urgent", 2)] == [(fact.trigger, fact.number) for fact in asked(net)]


def test_money_that_comes_in_brings_about_a_batch(net: Network, solver: Solver) -> None:
    ring(net, 1_000, 1_000, 900)
    request(net)
    solver.answer()
    net.wait(GAP)
    net.fund(ARNE, "NOR", 10)
    assert ["command"] == [fact.trigger for fact in asked(net)]
    net.fund(ARNE, "NOR", 1)

    assert ["command", "inflow"] == [fact.trigger for fact in asked(net)]


def test_every_quarter_of_an_hour_while_something_is_queued(net: Network, solver: Solver) -> None:
    net.pay(ANNA, BRAM, "NOR", 100)
    for _ in range(3):
        net.wait(15 * MINUTE)
        solver.answer()
    assert ["timer"] * 3 == [fact.trigger for fact in asked(net)]
    assert net.world.timers.at(TimerKind.BATCH, b"every NOR") is not None
    net.fund(ANNA, "NOR", 100)
    net.wait(HOUR)

    assert 3 == len(asked(net))
    assert net.world.timers.at(TimerKind.BATCH, b"every NOR") is None


# Without a solver


def test_no_answer_in_twenty_seconds_and_the_machine_does_what_it_can(net: Network) -> None:
    uetrs = ring(net, 70, 70, 70)
    net.wait(19 * SECOND)
    assert {State.QUEUED} == {net.state(uetr) for uetr in uetrs}
    net.wait(2 * SECOND)

    assert {State.SETTLED} == {net.state(uetr) for uetr in uetrs}
    assert [("A3", 3, "210", "", False)] == [
        (one.algorithm, one.settled_count, one.settled, one.bound, one.proved) for one in reports(net)
    ]
    assert {} == net.world.batches.open
    net.check()


def test_a_proposal_after_its_time_answers_nothing(net: Network, eager: Solver) -> None:
    ring(net, 100, 80, 70)
    fields = eager.fields()
    net.wait(21 * SECOND)

    assert is_refused(eager.give(fields), No.BATCH_NOT_REQUESTED)


def test_a_refused_batch_is_asked_for_three_times_more_and_then_done_without(
    net: Network, solver: Solver
) -> None:
    uetrs = ring(net, 70, 70, 70)
    request(net)
    for tries in range(1, 4):
        assert solver.answer(seqs=[1]).code == 1
        old = solver.fields()
        solver.again()
        assert tries == asked(net)[-1].tries
        assert is_refused(solver.give(old), No.BATCH_NOT_REQUESTED)
    assert {State.QUEUED} == {net.state(uetr) for uetr in uetrs}
    solver.again()

    assert {State.SETTLED} == {net.state(uetr) for uetr in uetrs}
    assert ["A3"] == [one.algorithm for one in reports(net)]
    net.check()


# The state


def test_a_snapshot_of_the_world_keeps_an_open_batch(net: Network, solver: Solver) -> None:
    uetrs = ring(net, 100, 80, 70)
    request(net)
    fields = solver.fields()
    other = net.again()
    for each in (net, other):
        each.give("batch.propose", fields, "operator", actor="node")

    assert net.world.state_hash() == other.world.state_hash()
    assert State.SETTLED == other.state(uetrs[2])


def test_nobody_takes_a_snapshot_where_no_solver_runs(net: Network) -> None:
    ring(net, 100, 80, 70)

    assert 1 == len(asked(net))
    assert [] == net.world.batches.fresh


def test_what_is_counted_as_queued_is_what_is_queued(net: Network, solver: Solver) -> None:
    ring(net, 100, 80, 70)
    request(net)
    solver.answer()
    watch = net.world.batches.watch("NOR")
    accounts = net.world.queues.accounts()

    assert (watch.count, watch.minor) == tuple(
        map(sum, zip(*map(net.world.queues.depth, accounts), strict=True))
    )
    assert 2 == watch.count


def test_both_sides_hear_of_each_part(net: Network, solver: Solver) -> None:
    ring(net, 100, 80, 70)
    request(net)
    outcome = solver.answer()
    moved = [fact for fact in facts(outcome) if isinstance(fact, PaymentMoved)]

    assert ["PART_SETTLED", "PART_SETTLED", "SETTLED_NOW"] == [fact.event for fact in moved]
    assert 4 == len(notices(net, "payment.part_settled"))
