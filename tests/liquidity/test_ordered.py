"""A queue that is checked and read once: `Ordered` takes what the checks take, and says the same to everybody."""

import pytest

from steelyard.liquidity.algorithms.flow import flow_bound
from steelyard.liquidity.algorithms.greedy import greedy_set
from steelyard.liquidity.algorithms.multilateral import largest_ordered_set
from steelyard.liquidity.algorithms.plan import plan_split
from steelyard.liquidity.algorithms.successive import SuccessivePaths
from steelyard.liquidity.ordered import Ordered, fields
from steelyard.liquidity.queue import Queued, Room

BALANCES = {"C": 0, "A": 20, "B": 5}
QUEUE = (
    Queued("r", "C", "A", 80, seq=3),
    Queued("p", "A", "B", 100, seq=1),
    Queued("q", "B", "C", 90, priority=1, seq=2, floor_minor=7),
)


def test_a_checked_queue_is_in_order_and_read_by_account_place():
    """Classes first, then seq; parties are places among the accounts, ascending."""
    queue = Ordered.of(BALANCES, QUEUE)

    assert ["q", "p", "r"] == queue.fields.ids
    assert ([1, 0, 2], [2, 1, 0]) == (queue.fields.payers, queue.fields.payees)
    assert (1, 2) == queue.levels
    assert queue.fields == fields(list(queue), dict(queue.number))
    assert [queue[0]] == queue.of_class(1)


def test_what_is_checked_is_not_checked_again_but_for_other_balances_and_for_bounds():
    """The very same balances count as checked; limits and reservations are always looked at."""
    queue = Ordered.of(BALANCES, QUEUE)

    assert Ordered.of(BALANCES, queue) is queue
    assert Ordered.of(dict(BALANCES), queue) is not queue
    with pytest.raises(ValueError, match="no balance"):
        Ordered.of({"A": 1}, queue)
    with pytest.raises(ValueError, match="below 0"):
        Ordered.of(BALANCES, queue, [Room("A", "B", -1)])
    with pytest.raises(ValueError, match="unknown account"):
        Ordered.of(BALANCES, queue, (), {"Z": (1, 1)})


def test_every_algorithm_says_of_a_checked_queue_what_it_says_of_the_payments():
    """Whoever has checked a queue already gets the same answers for it, to the byte."""
    queue, solver = Ordered.of(BALANCES, QUEUE), SuccessivePaths()
    limits = [Room("A", "B", 90)]

    for ask in (greedy_set, largest_ordered_set):
        assert ask(BALANCES, QUEUE, limits=limits) == ask(BALANCES, queue, limits=limits)
    for prove in (flow_bound, plan_split):
        plain = prove(BALANCES, QUEUE, solver=solver, limits=limits)

        assert plain == prove(BALANCES, queue, solver=solver, limits=limits)
