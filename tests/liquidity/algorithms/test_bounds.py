"""A8: the bounds mean what they say on days played through, and the index is exact."""

from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from steelyard.liquidity.algorithms.bounds import Sent, Waited, delay_index, liquidity_bounds
from steelyard.liquidity.algorithms.entry import enter
from steelyard.liquidity.algorithms.multilateral import largest_ordered_set
from tests.liquidity.algorithms.cases import networks


def sent(payments, currency="INR"):
    """Give payments as they were sent."""
    return [Sent(p.id, p.payer, p.payee, currency, p.amount_minor, p.seq) for p in payments]


def held(bound, less=None):
    """Give balances of a bound, one minor unit less on one account."""
    return {account: amount - (account == less) for (account, _), amount in bound.items()}


@given(network=networks(classes=(2,)))
def test_with_the_upper_bound_every_payment_settles_when_it_comes(network):
    """And with one minor unit less on any account that needs something, one has to wait."""
    _, payments = network
    in_time = tuple(one.id for one in sorted(payments, key=lambda one: one.seq))

    bounds = liquidity_bounds(sent(payments))

    assert in_time == enter(held(bounds.upper), payments, mode="fifo").settled
    for (account, _), needed in bounds.upper.items():
        if needed:
            assert in_time != enter(held(bounds.upper, account), payments, mode="fifo").settled


@given(network=networks(classes=(2,)))
def test_with_the_lower_bound_all_settle_together_and_with_less_they_cannot(network):
    """The lower bound is the net outflow, which no rule can save."""
    _, payments = network
    assume(payments)

    bounds = liquidity_bounds(sent(payments))

    assert len(payments) == len(largest_ordered_set(held(bounds.lower), payments).settled)
    for (account, _), needed in bounds.lower.items():
        if needed:
            less = held(bounds.lower, account)
            assert len(payments) > len(largest_ordered_set(less, payments).settled)


@given(network=networks(), data=st.data())
def test_the_order_of_input_does_not_matter(network, data):
    """Only `seq` says what came first."""
    _, payments = network

    first = liquidity_bounds(sent(payments))

    assert repr(first) == repr(liquidity_bounds(sent(data.draw(st.permutations(payments)))))


def test_currencies_are_apart():
    """What comes in in one pays nothing in another."""
    day = [
        Sent("a", "A", "B", "INR", 100, 0),
        Sent("b", "B", "A", "RUB", 60, 1),
        Sent("c", "B", "A", "INR", 70, 2),
    ]

    bounds = liquidity_bounds(day)

    assert {("A", "INR"): 100, ("A", "RUB"): 0, ("B", "INR"): 0, ("B", "RUB"): 60} == bounds.upper
    assert {("A", "INR"): 30, ("A", "RUB"): 0, ("B", "INR"): 0, ("B", "RUB"): 60} == bounds.lower
    assert (160, 90) == (bounds.upper_total, bounds.lower_total)


def test_totals_above_64_bits_are_exact():
    """Integers of Python do not wrap."""
    big = 2**62 - 1
    day = [Sent(f"p{n}", "A", "B", "INR", big, n) for n in range(4)]

    assert 4 * big == liquidity_bounds(day).upper_total


def test_the_delay_index_weighs_by_value():
    """A large payment that waits to the close outweighs a small one that does not."""
    assert Fraction(9, 10) == delay_index([Waited(90, 10, 10), Waited(10, 0, 10)])
    assert Fraction(0) == delay_index([])
    assert Fraction(0) == delay_index([(5, 0, 0)])
    assert Fraction(2**70, 3 * 2**70) == delay_index([(2**70, 1, 3)])


@pytest.mark.parametrize(
    ("day", "error"),
    [
        ([Sent("a", "A", "B", "INR", 1.0)], TypeError),
        ([Sent("a", "A", "B", "INR", 0)], ValueError),
        ([Sent("a", "A", "A", "INR", 1)], ValueError),
        ([Sent("a", "A", "B", "INR", 1), Sent("a", "B", "A", "INR", 1)], ValueError),
    ],
)
def test_bad_payments_are_an_error(day, error):
    """Floats, amounts not above 0, payer = payee, ids twice."""
    with pytest.raises(error):
        liquidity_bounds(day)


@pytest.mark.parametrize(
    ("item", "error"),
    [((1.0, 0, 1), TypeError), ((0, 0, 1), ValueError), ((1, 2, 1), ValueError), ((1, -1, 1), ValueError)],
)
def test_bad_waits_are_an_error(item, error):
    """A wait is an integer from 0 to the time there is."""
    with pytest.raises(error):
        delay_index([item])
