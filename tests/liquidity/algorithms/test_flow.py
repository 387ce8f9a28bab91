"""The bound against a linear program over single payments, two solvers against each other, and its proof."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity.algorithms.flow import flow_bound
from steelyard.liquidity.algorithms.potentials import NotOptimal
from steelyard.liquidity.algorithms.successive import SuccessivePaths
from steelyard.liquidity.certificate import check
from steelyard.liquidity.queue import Queued, Room
from steelyard.liquidity.snapshot import Snapshot
from steelyard.liquidity.solver import MOST
from steelyard.solve.flow import OrToolsFlow
from tests.liquidity.algorithms.flows import most_by_lp, queues, shuffled

SOLVERS = (OrToolsFlow(), SuccessivePaths())


@settings(max_examples=300, deadline=None)
@given(queues())
def test_the_bound_is_what_a_linear_program_finds(drawn):
    """Limits, classes and all: the network says nothing else than the plain rules."""
    balances, payments, limits = drawn

    found = {flow_bound(balances, payments, limits=limits, solver=solver).value_minor for solver in SOLVERS}

    assert {most_by_lp(balances, payments, limits)} == found


@settings(max_examples=100, deadline=None)
@given(queues(), st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_show(drawn, rng: random.Random):
    """Shuffled payments and accounts give the same certificate."""
    balances, payments, limits = drawn
    order = list(range(len(payments)))
    names = list(balances)
    rng.shuffle(order)
    rng.shuffle(names)

    first = flow_bound(balances, payments, limits=limits, solver=SOLVERS[0])
    second = flow_bound(
        {name: balances[name] for name in names},
        shuffled(payments, order),
        limits=tuple(sorted(limits, key=lambda _: rng.random())),
        solver=SOLVERS[0],
    )

    assert first == second


@pytest.mark.parametrize("solver", SOLVERS, ids=["or-tools", "pure"])
def test_the_worked_examples(solver):
    """A ring without money settles its least arc thrice; a chain with 50 at its head settles 150; five parties."""
    ring = [Queued("1", "A", "B", 100), Queued("2", "B", "C", 80), Queued("3", "C", "A", 70)]
    chain = [Queued("1", "A", "B", 50), Queued("2", "B", "C", 50), Queued("3", "C", "D", 50)]

    assert 210 == flow_bound(dict.fromkeys("ABC", 0), ring, solver=solver).value_minor
    assert 150 == flow_bound({"A": 50, "B": 0, "C": 0, "D": 0}, chain, solver=solver).value_minor


@pytest.mark.parametrize("solver", SOLVERS, ids=["or-tools", "pure"])
def test_sums_just_below_the_edge_are_exact(solver):
    """Amounts and balances of 2^62 - 1 in all go through the solver; one more does not, and nothing is proved."""
    half = (MOST - 1) // 2
    ring = [Queued("1", "A", "B", half), Queued("2", "B", "A", MOST - 2 - half)]
    snapshot = Snapshot(0, "XXX", {"A": 1, "B": 0}, tuple(ring))

    edge = flow_bound({"A": 1, "B": 0}, ring, solver=solver)
    above = flow_bound({"A": 2, "B": 0}, ring, solver=solver)

    assert MOST - 2 == edge.value_minor
    assert [] == check(edge.certificate, snapshot)
    assert (MOST - 2, None) == (above.value_minor, above.certificate)


def test_what_is_no_queue_is_refused():
    """Floats, negative amounts, unknown accounts, names of the network's own."""
    good = Queued("1", "A", "B", 5)
    for balances, payment, trouble in (
        ({"A": 1.0, "B": 0}, good, TypeError),
        ({"A": 1}, good, ValueError),
        ({"A": 1, "B": 0}, Queued("1", "A", "B", -5), ValueError),
        ({"A": 1, "B": 0}, Queued("1", "A", "A", 5), ValueError),
        ({"A": 1, "B": 0, "C*": 0}, good, ValueError),
    ):
        with pytest.raises(trouble):
            flow_bound(balances, [payment], solver=SOLVERS[1])
    with pytest.raises(ValueError):
        flow_bound({"A": 1, "B": 0}, [good], limits=[Room("A", "B", -1)], solver=SOLVERS[1])


class Liar:
    """A solver that changes a good flow before it gives it."""

    def __init__(self, change):
        self.change = change

    def min_cost_flow(self, arcs, supplies):
        flow = SuccessivePaths().min_cost_flow(arcs, supplies)
        return self.change(flow)


@pytest.mark.parametrize(
    "change",
    [
        lambda flow: [0] * len(flow),
        lambda flow: [amount + 1 for amount in flow],
        lambda flow: [-amount for amount in flow],
        lambda flow: [flow[0] + 1, *flow[1:]],
    ],
    ids=["nothing flows", "past its bounds", "backwards", "one more on one arc"],
)
def test_a_solver_that_lies_is_found_out(change):
    """No flow is believed: it has to conserve, keep its bounds and have a proof."""
    ring = [Queued("1", "A", "B", 100), Queued("2", "B", "C", 80), Queued("3", "C", "A", 70)]

    with pytest.raises(NotOptimal):
        flow_bound(dict.fromkeys("ABC", 0), ring, solver=Liar(change))


def test_limits_may_be_larger_than_any_sum():
    """They bind nothing then."""
    pay = [Queued("1", "A", "B", 5)]
    limits = [Room("A", "B", 1 << 80), Room("B", "*", 1 << 70)]

    assert 5 == flow_bound({"A": 9, "B": 0}, pay, limits=limits, solver=SOLVERS[0]).value_minor
