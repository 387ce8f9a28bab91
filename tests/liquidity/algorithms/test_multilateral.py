"""A3 against every vector of prefixes."""

from itertools import chain, product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity.algorithms.multilateral import largest_ordered_set
from steelyard.liquidity.queue import ALL, Queued, Room
from tests.liquidity.algorithms.cases import after, holds, limits, networks, reservations


def every_ordered_set(balances, payments):
    """Give every choice of how many payments of each payer, from the head of its queue, are in."""
    ordered = sorted(payments, key=lambda one: (one.priority, one.seq, one.id))
    queues = [[one for one in ordered if one.payer == name] for name in sorted(balances)]
    for counts in product(*(range(len(queue) + 1) for queue in queues)):
        yield counts, list(chain(*(queue[:count] for queue, count in zip(queues, counts, strict=True))))


@settings(max_examples=300, deadline=None)
@given(network=networks(), bounds=limits(), reserved=reservations())
def test_the_set_contains_every_ordered_set_that_holds(network, bounds, reserved):
    """It holds itself, so it is the largest and the only largest."""
    balances, payments = network

    found = largest_ordered_set(balances, payments, limits=bounds, reserved=reserved)

    chosen = [one for one in payments if one.id in found.settled]
    counts = [sum(one.payer == name for one in chosen) for name in sorted(balances)]
    assert holds(balances, chosen, bounds, reserved)
    assert any(list(each) == counts and {p.id for p in them} == set(found.settled)
               for each, them in every_ordered_set(balances, payments))  # fmt: skip
    for each, them in every_ordered_set(balances, payments):
        if any(less > more for less, more in zip(each, counts, strict=True)):
            assert not holds(balances, them, bounds, reserved)
    assert after(balances, chosen) == found.balances
    assert sum(one.amount_minor for one in chosen) == found.value_minor


@given(network=networks(), bounds=limits(), reserved=reservations(), data=st.data())
def test_the_order_of_input_does_not_matter(network, bounds, reserved, data):
    """Payments, accounts and limits shuffled give the same answer, to its bytes."""
    balances, payments = network
    names = data.draw(st.permutations(list(balances)))

    first = largest_ordered_set(balances, payments, limits=bounds, reserved=reserved)
    second = largest_ordered_set(
        {name: balances[name] for name in names},
        data.draw(st.permutations(payments)),
        limits=data.draw(st.permutations(bounds)),
        reserved=dict(reversed(reserved.items())),
    )

    assert repr(first) == repr(second)


@given(network=networks(classes=(2,)), data=st.data())
def test_equal_places_go_by_id(network, data):
    """Of payments with one seq the id decides, whatever the order of input."""
    balances, payments = network
    alike = [Queued(one.id, one.payer, one.payee, one.amount_minor, seq=7) for one in payments]

    first = largest_ordered_set(balances, alike)

    assert first == largest_ordered_set(balances, data.draw(st.permutations(alike)))
    assert list(first.settled) == sorted(first.settled)


def ring(*amounts):
    """Give payments A to B, B to C, C to A."""
    return [Queued(f"p{n}", "ABC"[n], "ABC"[(n + 1) % 3], each, seq=n) for n, each in enumerate(amounts)]


def test_the_worked_examples():
    """A ring with a little money settles whole; one with none does not."""
    assert 300 == largest_ordered_set({"A": 20, "B": 20, "C": 0}, ring(100, 120, 80)).value_minor
    assert 0 == largest_ordered_set({"A": 0, "B": 0, "C": 0}, ring(100, 80, 70)).value_minor
    assert 300 == largest_ordered_set({"A": 0, "B": 0, "C": 0}, ring(100, 100, 100)).value_minor


def test_totals_above_64_bits_are_exact():
    """One minor unit decides."""
    big = 2**62 - 1
    more = Queued("q", "A", "B", big, seq=9), Queued("r", "B", "A", big - 1, seq=10)
    payments = [*ring(big, big, big), *more]

    assert 5 * big - 1 == largest_ordered_set({"A": 1, "B": 0, "C": 0}, payments).value_minor
    assert 3 * big == largest_ordered_set({"A": 0, "B": 0, "C": 0}, payments).value_minor


def test_an_account_below_zero_pays_only_out_of_what_comes_in():
    """A line that was lowered below its use stops what goes out and nothing else."""
    payments = [Queued("in", "B", "A", 30, seq=0), Queued("out", "A", "B", 20, seq=1)]

    assert ("in", "out") == largest_ordered_set({"A": -10, "B": 10}, payments).settled
    assert ("in",) == largest_ordered_set({"A": -11, "B": 30}, payments).settled
    assert ("in",) == largest_ordered_set({"A": -99, "B": 30}, payments).settled


def test_money_kept_for_urgent_payments_is_left_by_others():
    """What an urgent payment of the set itself uses is no longer kept."""
    normal, high = Queued("normal", "A", "B", 60, seq=0), Queued("high", "A", "B", 70, priority=1, seq=1)
    urgent = Queued("urgent", "A", "B", 30, priority=0, seq=2)
    balances, reserved = {"A": 100, "B": 0}, {"A": (40, 20)}

    assert () == largest_ordered_set(balances, [normal, high], reserved=reserved).settled
    assert ("urgent",) == largest_ordered_set(balances, [normal, urgent], reserved=reserved).settled
    smaller = Queued("normal", "A", "B", 40, seq=0)
    assert ("urgent", "normal") == largest_ordered_set(balances, [smaller, urgent], reserved=reserved).settled


def test_a_multilateral_limit_counts_everybody_without_a_bilateral_one():
    """B has its own limit, so only C and D count."""
    payments = [
        Queued("b", "A", "B", 50, seq=0),
        Queued("c", "A", "C", 10, seq=1),
        Queued("d", "A", "D", 10, seq=2),
        Queued("back", "C", "A", 5, seq=3),
    ]
    balances = {"A": 100, "B": 0, "C": 0, "D": 0}

    def settled(*bounds):
        return set(largest_ordered_set(balances, payments, limits=bounds).settled)

    assert {"b", "c", "d", "back"} == settled(Room("A", "B", 50), Room("A", ALL, 15))
    assert {"b", "c", "back"} == settled(Room("A", "B", 50), Room("A", ALL, 14))
    assert set() == settled(Room("A", "B", 49), Room("A", ALL, 15))


@pytest.mark.parametrize(
    ("bounds", "error"),
    [
        ([Room("A", "B", 1.0)], TypeError),
        ([Room("A", "B", -1)], ValueError),
        ([Room("A", "A", 1)], ValueError),
        ([Room("A", "X", 1)], ValueError),
        ([Room("A", "B", 1), Room("A", "B", 2)], ValueError),
    ],
)
def test_bad_limits_are_an_error(bounds, error):
    """Whole rooms from 0, of known accounts, each once, not against oneself."""
    with pytest.raises(error):
        largest_ordered_set({"A": 1, "B": 1}, [], limits=bounds)


def test_bad_payments_are_an_error():
    """As for every algorithm."""
    with pytest.raises(TypeError):
        largest_ordered_set({"A": 1, "B": 1}, [Queued("p", "A", "B", 1.0)])
