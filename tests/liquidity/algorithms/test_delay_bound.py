"""The least delay: what any rule must let wait, beside every settlement there is, tried one by one."""

import doctest
from itertools import product

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity.algorithms import delay_bound
from steelyard.liquidity.algorithms.delay_bound import Inflow, Waiting, least_waiting
from steelyard.liquidity.algorithms.flow import Packed
from steelyard.liquidity.algorithms.successive import SuccessivePaths

CLOSE = 12
SOLVER = SuccessivePaths()
rows = st.lists(
    st.tuples(st.integers(0, 2), st.integers(1, 2), st.integers(1, 3), st.integers(0, CLOSE)), max_size=5
).map(lambda some: [(payer, (payer + step) % 3, minor, at) for payer, step, minor, at in some])
money = st.lists(st.integers(0, 3), min_size=3, max_size=3)
inflows = st.lists(st.builds(Inflow, st.integers(0, CLOSE), st.integers(0, 2), st.integers(1, 3)), max_size=2)


def least(rows, own, inflows=(), **options):
    """Ask for the least waiting of rows (payer, payee, amount, time) between three accounts."""
    payer, payee, minor, at = np.array(rows, dtype=np.int64).reshape(-1, 4).T
    packed = Packed(
        ("A", "B", "C"), np.array(own, dtype=np.int64), payer, payee, minor, np.full_like(payer, 2)
    )
    return least_waiting(packed, at, close_at=CLOSE, solver=SOLVER, inflows=inflows, **options)


def most_settled(rows, own):
    """Try every part of every payment and give the most that leaves nobody short."""
    best = 0
    for parts in product(*(range(minor + 1) for _, _, minor, _ in rows)):
        left = list(own)
        for (payer, payee, _, _), part in zip(rows, parts, strict=True):
            left[payer] -= part
            left[payee] += part
        if min(left) >= 0:
            best = max(best, sum(parts))
    return best


@settings(deadline=None, max_examples=50)
@given(rows=rows, own=money, inflows=inflows)
def test_with_every_instant_it_is_what_trying_everything_gives(rows, own, inflows):
    """Sent less the most that can settle of it, at each time of the day."""
    waited = 0
    for now in range(CLOSE):
        there = [
            minor + sum(i.minor for i in inflows if i.account == n and i.at <= now)
            for n, minor in enumerate(own)
        ]
        sent = [row for row in rows if row[3] <= now]
        waited += sum(minor for _, _, minor, _ in sent) - most_settled(sent, there)

    assert Waiting(waited, sum(minor * (CLOSE - at) for _, _, minor, at in rows)) == least(
        rows, own, inflows, instants=CLOSE
    )


@settings(deadline=None, max_examples=50)
@given(rows=rows, own=money, inflows=inflows, instants=st.integers(1, 5))
def test_with_few_instants_it_is_never_too_high(rows, own, inflows, instants):
    """Potentials of one instant bound the others: less is shown, never more."""
    exact, roughly = least(rows, own, inflows, instants=CLOSE), least(rows, own, inflows, instants=instants)

    assert 0 <= roughly.waited <= exact.waited <= exact.could == roughly.could


def test_a_day_without_payments_lets_nothing_wait():
    """And its index is 0, not a division by nothing."""
    none = least([], [0, 0, 0])

    assert (0, 0, 0) == (none.waited, none.could, none.index)


def test_sums_that_no_solver_takes_give_no_bound():
    """From 2^62 on there is none; just below it is exact, though seconds times money pass 64 bits."""
    assert least([(0, 1, 1 << 61, 0)], [1 << 61, 0, 0]) is None
    assert Waiting(((1 << 61) - 1) * CLOSE, ((1 << 61) - 1) * CLOSE) == least(
        [(0, 1, (1 << 61) - 1, 0)], [0, 0, 0]
    )


def test_examples_run():
    """The docstring's ring."""
    assert doctest.testmod(delay_bound).failed == 0
