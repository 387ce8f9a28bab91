"""The best set of whole payments against all sets, one by one; and what is chosen where nothing searches."""

import random
from itertools import combinations

from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity.algorithms.flow import flow_bound
from steelyard.liquidity.algorithms.greedy import drop_and_add_back, greedy_set
from steelyard.liquidity.algorithms.multilateral import largest_ordered_set
from steelyard.liquidity.algorithms.subset import best_whole_set, search_whole_set
from steelyard.liquidity.algorithms.successive import SuccessivePaths
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.selection import in_order
from steelyard.liquidity.solver import MOST
from steelyard.solve.flow import OrToolsFlow
from tests.liquidity.algorithms.flows import broken_rules, queues, shuffled

SOLVER = OrToolsFlow()
reservations = st.dictionaries(
    st.sampled_from("AB"), st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=2
)


def settles(balances, chosen, limits, reserved):
    """Tell whether a set of whole payments settles together: the drop rule then takes nothing out."""
    parts = {one.id: one.amount_minor for one in chosen}
    mended = drop_and_add_back(
        balances, in_order(chosen), parts, limits=limits, reserved=reserved, add_back=False
    )
    return mended == parts


def most_of_all_sets(balances, payments, limits, reserved):
    """Try every set."""
    every = (chosen for size in range(len(payments) + 1) for chosen in combinations(payments, size))
    good = (chosen for chosen in every if settles(balances, chosen, limits, reserved))
    return max(sum(one.amount_minor for one in chosen) for chosen in good)


@settings(max_examples=60, deadline=None)
@given(drawn=queues(most=9, classes=(1, 2)), reserved=reservations)
def test_the_search_finds_the_best_of_all_sets(drawn, reserved):
    """And proves it: its bound is its value."""
    balances, payments, limits = drawn
    found = search_whole_set(balances, payments, limits=limits, reserved=reserved, solver=SOLVER)

    assert most_of_all_sets(balances, payments, limits, reserved) == found.selection.value_minor
    assert found.bound_minor == found.selection.value_minor


@settings(max_examples=100, deadline=None)
@given(drawn=queues(), reserved=reservations)
def test_without_a_search_the_set_settles_and_is_no_worse_than_greedy(drawn, reserved):
    """Diving with the pure solver; urgent value never below that of the ordered set."""
    balances, payments, limits = drawn
    found = best_whole_set(balances, payments, limits=limits, reserved=reserved, solver=SuccessivePaths())
    greedy = greedy_set(balances, payments, limits=limits, reserved=reserved)
    by_order = largest_ordered_set(balances, payments, limits=limits, reserved=reserved)
    chosen = [one for one in payments if one.id in found.settled]

    assert settles(balances, chosen, limits, reserved)
    assert found.value_minor >= greedy.value_minor or found == by_order
    assert urgent(found, payments) >= urgent(by_order, payments)


def urgent(chosen, payments):
    return sum(one.amount_minor for one in payments if one.priority == 0 and one.id in chosen.settled)


@settings(max_examples=60, deadline=None)
@given(drawn=queues(), rng=st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_show(drawn, rng: random.Random):
    """Twice the same set, feasible, within the bound."""
    balances, payments, limits = drawn
    order = list(range(len(payments)))
    rng.shuffle(order)
    first = best_whole_set(balances, payments, limits=limits, solver=SOLVER)
    parts = {one.id: one.amount_minor for one in payments if one.id in first.settled}

    assert first == best_whole_set(balances, shuffled(payments, order), limits=limits, solver=SOLVER)
    assert [] == broken_rules(balances, payments, limits, parts)
    assert first.value_minor <= flow_bound(balances, payments, limits=limits, solver=SOLVER).value_minor


def test_a_balance_below_zero_is_covered_or_its_owner_pays_nothing():
    """What comes in counts first against the debt."""
    pay = Queued("1", "A", "B", 40, seq=1), Queued("2", "B", "A", 30, seq=2)

    assert ("2",) == best_whole_set({"A": -5, "B": 30}, pay, solver=SOLVER).settled
    assert ("1", "2") == best_whole_set({"A": 10, "B": 0}, pay, solver=SOLVER).settled
    assert ("1", "2") == best_whole_set(
        {"A": -5, "B": 50}, (pay[0], Queued("2", "B", "A", 50, seq=2)), solver=SOLVER
    ).settled


def test_what_is_urgent_is_not_given_up_for_value():
    """The larger normal payment would be worth more."""
    pay = Queued("1", "A", "B", 60, priority=0, seq=1), Queued("2", "A", "B", 70, seq=2)
    found = search_whole_set({"A": 100, "B": 0}, pay, solver=SOLVER)

    assert ("A3", ("1",)) == (found.algorithm, found.selection.settled)
    assert 70 == found.bound_minor


def test_a_search_that_takes_too_long_does_not_count(monkeypatch):
    """Then diving is taken, as it is where the sums pass the solver or the payments are too many."""
    monkeypatch.setattr("steelyard.solve.subset.WALL_SECONDS_MOST", 0)
    rng = random.Random(3)
    names = [f"b{number}" for number in range(8)]
    pay = [
        Queued(f"p{number}", *rng.sample(names, 2), rng.randint(1, 10**6), seq=number)
        for number in range(300)
    ]
    balances = dict.fromkeys(names, 10**6)

    assert "A4" == search_whole_set(balances, pay, solver=SOLVER).algorithm
    monkeypatch.undo()
    assert "A5" == search_whole_set(balances, pay, solver=SOLVER, seconds=1).algorithm
    many = [Queued(f"p{number}", "b0", "b1", 1, seq=number) for number in range(1001)]
    assert "A4" == search_whole_set(balances, many, solver=SOLVER).algorithm
    huge = [Queued("1", "b0", "b1", MOST)]
    assert "A6" == search_whole_set(balances, huge, solver=SOLVER).algorithm
