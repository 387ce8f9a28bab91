"""Solvers of flows, one contract for both makers: costs, supplies, what has no flow."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity.algorithms.successive import NODES_MOST, SuccessivePaths
from steelyard.liquidity.solver import NoFlow
from steelyard.solve.flow import OrToolsFlow

MAKERS = pytest.mark.parametrize("solver", [OrToolsFlow(), SuccessivePaths()], ids=["or-tools", "pure"])
NODES = 5
ends = st.tuples(st.integers(0, NODES - 1), st.integers(0, NODES - 1)).filter(lambda pair: pair[0] != pair[1])
arcs_of = st.lists(st.tuples(ends, st.integers(0, 9), st.integers(-5, 5)), max_size=14)


def table(rows):
    rows = sorted((*pair, capacity, cost) for pair, capacity, cost in rows)
    return np.asarray(rows, np.int64).reshape(-1, 4)


def answer(solver, arcs, supplies):
    """Give the cost of a flow, after the flow is checked; None where there is none."""
    try:
        flow = solver.min_cost_flow(arcs, np.asarray(supplies, np.int64))
    except NoFlow:
        return None
    left = list(supplies)
    for (tail, head, capacity, _), amount in zip(arcs.tolist(), flow, strict=True):
        assert 0 <= amount <= capacity
        left[tail] -= amount
        left[head] += amount
    assert [0] * len(supplies) == left
    assert all(type(amount) is int for amount in flow)
    return sum(amount * row[3] for amount, row in zip(flow, arcs.tolist(), strict=True))


@settings(max_examples=300, deadline=None)
@given(arcs_of, st.lists(st.integers(-4, 4), min_size=NODES - 1, max_size=NODES - 1))
def test_both_makers_find_the_same_cost(rows, some):
    """Also that there is no flow."""
    arcs, supplies = table(rows), [*some, -sum(some)]

    assert answer(OrToolsFlow(), arcs, supplies) == answer(SuccessivePaths(), arcs, supplies)


@MAKERS
def test_supplies_go_the_cheap_way_first(solver):
    """Two ways from 0 to 2; the cheap one takes 3 of 5."""
    arcs = np.asarray([(0, 1, 3, 1), (0, 2, 9, 7), (1, 2, 9, 1)], np.int64)

    assert [3, 2, 3] == solver.min_cost_flow(arcs, np.asarray([5, 0, -5], np.int64))


@MAKERS
def test_a_circle_of_negative_cost_is_filled(solver):
    """To its least capacity, with no supplies at all."""
    arcs = np.asarray([(0, 1, 8, -1), (1, 2, 6, -1), (2, 0, 7, 1)], np.int64)

    assert [6, 6, 6] == solver.min_cost_flow(arcs, np.zeros(3, np.int64))


@MAKERS
def test_no_arcs_and_no_way(solver):
    """Nothing to do is done; what cannot arrive is said."""
    nothing = np.zeros((0, 4), np.int64)

    assert [] == solver.min_cost_flow(nothing, np.zeros(2, np.int64))
    with pytest.raises(NoFlow):
        solver.min_cost_flow(nothing, np.asarray([1, -1], np.int64))
    with pytest.raises(NoFlow):
        solver.min_cost_flow(np.asarray([(0, 1, 1, 0)], np.int64), np.asarray([2, -2], np.int64))
    with pytest.raises(NoFlow):
        solver.min_cost_flow(np.asarray([(0, 1, 1, 0)], np.int64), np.asarray([1, 0], np.int64))


def test_the_pure_one_has_a_size():
    """It is an oracle, no production solver."""
    with pytest.raises(ValueError, match="300"):
        SuccessivePaths().min_cost_flow(np.zeros((0, 4), np.int64), np.zeros(NODES_MOST + 1, np.int64))
