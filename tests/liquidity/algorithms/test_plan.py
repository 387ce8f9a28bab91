"""Plans: feasible under every rule, the bound itself where all may be split, proved class by class."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity.algorithms.flow import flow_bound
from steelyard.liquidity.algorithms.greedy import drop_and_add_back
from steelyard.liquidity.algorithms.plan import plan_split, plan_whole
from steelyard.liquidity.algorithms.subset import best_whole_set
from steelyard.liquidity.algorithms.successive import SuccessivePaths
from steelyard.liquidity.certificate import check
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.selection import in_order
from steelyard.liquidity.snapshot import Snapshot
from steelyard.liquidity.solver import MOST
from steelyard.solve.flow import OrToolsFlow
from tests.liquidity.algorithms.flows import broken_rules, changed, mixed, queues, shuffled

SOLVER = OrToolsFlow()
reservations = st.dictionaries(
    st.sampled_from("AB"), st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=2
)


@settings(max_examples=400, deadline=None)
@given(drawn=queues(), reserved=reservations, whole=st.booleans())
def test_a_plan_breaks_no_rule_and_no_bound(drawn, reserved, whole):
    """Funds, limits, floors, refusals to split; with classes and reservations."""
    balances, payments, limits = drawn
    plan = (plan_whole if whole else plan_split)(
        balances, payments, limits=limits, reserved=reserved, solver=SOLVER
    )
    bound = flow_bound(balances, payments, limits=limits, solver=SOLVER)
    by_id = {one.id: one for one in payments}
    mended = drop_and_add_back(
        balances, in_order(payments), plan.parts, limits=limits, reserved=reserved, add_back=False
    )

    assert mended == plan.parts
    assert [] == broken_rules(balances, payments, limits, plan.parts)
    assert plan.value_minor <= bound.value_minor
    if whole:
        assert all(part == by_id[key].amount_minor for key, part in plan.parts.items())


@settings(max_examples=300, deadline=None)
@given(drawn=queues(classes=(2,), ages=(0,), split=(True,), floors=(0,)))
def test_where_all_may_be_split_the_plan_is_the_bound(drawn):
    """To the minor unit, limits included."""
    balances, payments, limits = drawn
    plan = plan_split(balances, payments, limits=limits, solver=SOLVER)

    assert flow_bound(balances, payments, limits=limits, solver=SOLVER).value_minor == plan.value_minor


@settings(max_examples=200, deadline=None)
@given(drawn=queues(classes=(2,), ages=(0, 3, 2000), split=(True,), floors=(0,)))
def test_age_gives_up_a_thousandth_at_most(drawn):
    """Old claims win ties and no more."""
    balances, payments, limits = drawn
    plan = plan_split(balances, payments, limits=limits, solver=SOLVER)
    bound = flow_bound(balances, payments, limits=limits, solver=SOLVER).value_minor

    assert 1000 * (bound - plan.value_minor) <= bound


@settings(max_examples=200, deadline=None)
@given(drawn=queues(), reserved=reservations)
def test_each_class_is_proved(drawn, reserved):
    """By either solver; the checker makes the network anew from the queue."""
    balances, payments, limits = drawn
    snapshot = Snapshot(3, "XXX", balances, payments, limits, reserved)
    values = []
    for solver in (SOLVER, SuccessivePaths()):
        plan = plan_split(balances, payments, limits=limits, reserved=reserved, solver=solver, snapshot_seq=3)
        values.append(plan.certificates[0].value if plan.certificates else 0)

        assert [] == [fault for each in plan.certificates for fault in check(each, snapshot)]
        assert sorted({one.priority for one in payments}) == [
            int(each.objective[-1]) for each in plan.certificates
        ]
    assert 1 == len(set(values))


@settings(max_examples=200, deadline=None)
@given(drawn=queues(classes=(0, 2)), data=st.data())
def test_any_single_change_of_a_class_is_seen(drawn, data):
    """Its last class, earlier ones fixed in it."""
    balances, payments, limits = drawn
    plan = plan_split(balances, payments, limits=limits, solver=SOLVER)
    if plan.certificates:
        other = changed(plan.certificates[-1], data.draw)

        assert [] != check(other, Snapshot(0, "XXX", balances, payments, limits))


@settings(max_examples=100, deadline=None)
@given(drawn=queues(), reserved=reservations, rng=st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_show(drawn, reserved, rng: random.Random):
    """Shuffled payments, the same parts in the same order and the same proofs."""
    balances, payments, limits = drawn
    order = list(range(len(payments)))
    rng.shuffle(order)

    first = plan_split(balances, payments, limits=limits, reserved=reserved, solver=SOLVER)
    second = plan_split(
        balances, shuffled(payments, order), limits=limits[::-1], reserved=reserved, solver=SOLVER
    )

    assert list(first.parts.items()) == list(second.parts.items())
    assert first.certificates == second.certificates


@settings(max_examples=200, deadline=None)
@given(drawn=queues(split=(True, False), floors=(0, 2)), data=st.data())
def test_an_account_in_debt_pays_only_when_it_is_covered(drawn, data):
    """Balances below 0 are covered by what comes in, or their owners pay nothing."""
    balances, payments, limits = drawn
    in_debt = data.draw(st.sampled_from(sorted(balances)))
    balances = {**balances, in_debt: -data.draw(st.integers(1, 9))}
    plan = plan_split(balances, payments, limits=limits, solver=SOLVER)
    payers = {one.payer for one in payments if one.id in plan.parts}
    faults = broken_rules(balances, payments, limits, plan.parts)
    snapshot = Snapshot(0, "XXX", balances, payments, limits)

    assert [] == [fault for fault in faults if fault != f"{in_debt} is short" or in_debt in payers]
    assert [] == [fault for each in plan.certificates for fault in check(each, snapshot)]


@pytest.mark.parametrize("seed", [1759, 11268, *range(60)])
def test_everything_at_once(seed):
    """Some sixty payments with debts, limits, reservations, classes, ages and floors; the first two once failed."""
    balances, payments, limits, reserved = mixed(seed)
    snapshot = Snapshot(0, "XXX", balances, payments, limits, reserved)
    bound = flow_bound(balances, payments, limits=limits, solver=SOLVER).value_minor
    for planner in (plan_split, plan_whole):
        plan = planner(balances, payments, limits=limits, reserved=reserved, solver=SOLVER)
        mended = drop_and_add_back(
            balances, in_order(payments), plan.parts, limits=limits, reserved=reserved, add_back=False
        )
        payers = {one.payer for one in payments if one.id in plan.parts}
        short = {f"{name} is short" for name in balances if name not in payers}

        assert mended == plan.parts
        assert set(broken_rules(balances, payments, limits, plan.parts)) <= short
        assert [] == [fault for each in plan.certificates for fault in check(each, snapshot)]
        assert plan.value_minor <= bound


def test_circles_of_several_classes_close():
    """An urgent payment one way and a normal one back: no class settles alone, both do together."""
    pay = Queued("1", "A", "B", 50, priority=0, seq=1), Queued("2", "B", "A", 40, seq=2)
    whole = Queued("1", "A", "B", 50, priority=0, seq=1), Queued("2", "B", "A", 50, seq=2, may_split=False)
    nothing = {"A": 0, "B": 0}

    assert {"1": 40, "2": 40} == plan_split(nothing, pay, solver=SOLVER).parts
    assert {"1": 50, "2": 50} == plan_whole(nothing, whole, solver=SOLVER).parts


def test_the_worked_examples():
    """The ring in parts and whole; five parties: 570 in parts, 500 whole; the chain."""
    ring = [Queued("1", "A", "B", 100), Queued("2", "B", "C", 80), Queued("3", "C", "A", 70)]
    nothing = dict.fromkeys("ABC", 0)

    assert {"1": 70, "2": 70, "3": 70} == plan_split(nothing, ring, solver=SOLVER).parts
    assert {} == plan_whole(nothing, ring, solver=SOLVER).parts
    chain = [Queued("1", "A", "B", 50), Queued("2", "B", "C", 50), Queued("3", "C", "D", 50)]
    five = [
        ("A", "B", 100),
        ("B", "E", 70),
        ("E", "A", 100),
        ("C", "D", 100),
        ("D", "E", 100),
        ("E", "C", 70),
    ]
    pay = [Queued(a + b, a, b, amount) for a, b, amount in [*five, ("B", "C", 100)]]
    parts = {"AB": 100, "BE": 70, "BC": 30, "CD": 100, "DE": 100, "EA": 100, "EC": 70}
    assert parts == plan_split(dict.fromkeys("ABCDE", 0), pay, solver=SOLVER).parts
    assert 500 == best_whole_set(dict.fromkeys("ABCDE", 0), pay, solver=SOLVER).value_minor
    assert 150 == plan_whole({"A": 50, "B": 0, "C": 0, "D": 0}, chain, solver=SOLVER).value_minor


def test_opting_out_is_heard():
    """A payment that may not be split settles whole or waits; floors hold on both sides of a cut."""
    both = [Queued("1", "A", "B", 100, may_split=False, seq=1), Queued("2", "A", "B", 50, seq=2)]

    assert {"2": 50} == plan_split({"A": 99, "B": 0}, both, solver=SOLVER).parts
    one = [Queued("1", "A", "B", 100, floor_minor=30)]
    assert {} == plan_split({"A": 29, "B": 0}, one, solver=SOLVER).parts
    assert {"1": 30} == plan_split({"A": 30, "B": 0}, one, solver=SOLVER).parts
    assert {"1": 70} == plan_split({"A": 80, "B": 0}, one, solver=SOLVER).parts
    assert {"1": 100} == plan_split({"A": 100, "B": 0}, one, solver=SOLVER).parts


def test_urgent_comes_first_and_reserved_funds_wait_for_it():
    """A normal payment takes what is above the reservations that urgent ones left unused."""
    queue = [
        Queued("1", "A", "B", 80, priority=2, seq=1),
        Queued("2", "A", "C", 60, priority=0, seq=2),
    ]
    balances = {"A": 100, "B": 0, "C": 0}

    assert {"2": 60, "1": 40} == plan_split(balances, queue, solver=SOLVER).parts
    kept = plan_split(balances, queue, reserved={"A": (70, 5)}, solver=SOLVER).parts
    assert {"2": 60, "1": 25} == kept
    assert {"1": 25} == plan_split(balances, queue[:1], reserved={"A": (70, 5)}, solver=SOLVER).parts


def test_sums_beyond_the_solver_are_planned_greedily():
    """At the edge the ring settles in parts, proved; above it whole or not at all, without a proof."""

    def ring(amount):
        return [Queued("1", "A", "B", amount), Queued("2", "B", "A", 5)]

    edge = plan_split({"A": 0, "B": 0}, ring(MOST - 6), solver=SOLVER)
    above = plan_split({"A": 0, "B": 0}, ring(MOST - 5), solver=SOLVER)
    funded = plan_split({"A": MOST, "B": 0}, ring(MOST), solver=SOLVER)

    assert ({"1": 5, "2": 5}, 1) == (edge.parts, len(edge.certificates))
    assert ({}, 0) == (above.parts, len(above.certificates))
    assert ({"1": MOST, "2": 5}, 0) == (funded.parts, len(funded.certificates))


@pytest.mark.parametrize("seed", [278, 490, 867])
def test_an_urgent_payment_added_back_on_later_money_leaves_nobody_short(seed):
    """What it lives on comes in with a lower class, whose last flow has to bring it."""
    rng = random.Random(seed)
    names = "ABCDE"[: rng.randint(3, 5)]
    balances = {name: rng.choice((0, 0, 3, 8, 20)) for name in names}
    left, payments = dict(balances), {}
    for seq in range(rng.randint(3, 14)):
        payer, payee = rng.sample(names, 2)
        amount, priority = rng.randint(1, 12), rng.choice((0, 1, 2))
        split = rng.random() < 0.8
        payments[f"p{seq}"] = Queued(f"p{seq}", payer, payee, amount, priority, seq, may_split=split)

    for key, part in plan_split(balances, payments.values(), solver=SOLVER).parts.items():
        left[payments[key].payer] -= part
        left[payments[key].payee] += part

    assert min(left.values()) >= 0


def test_floors_reservations_and_ages_may_be_larger_than_any_sum():
    """A floor beyond the amount makes a payment indivisible, a reservation beyond the balance keeps all of it."""
    pay = [Queued("1", "A", "B", 5, floor_minor=1 << 70, age_cycles=1 << 70)]

    assert {"1": 5} == plan_split({"A": 9, "B": 0}, pay, solver=SOLVER).parts
    assert {} == plan_split({"A": 4, "B": 0}, pay, solver=SOLVER).parts
    assert {} == plan_split({"A": 9, "B": 0}, pay, solver=SOLVER, reserved={"A": (1 << 70, 0)}).parts
