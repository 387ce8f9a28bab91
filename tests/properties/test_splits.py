"""Splits sum to the whole, within one unit, whatever the order; residuals let two amounts meet."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.engine.splits import residual_leg, split

TOTALS = st.integers(0, 10**18 - 1)
WEIGHTS = st.lists(st.integers(0, 10**18), min_size=1, max_size=12).filter(any)


def keyed(weights):
    return [f"k{number:02d}" for number in range(len(weights))]


@given(TOTALS, WEIGHTS)
def test_parts_sum_to_the_total_and_lie_within_one_unit(total, weights):
    parts = split(total, weights, keyed(weights))

    assert total == sum(parts)
    for part, weight in zip(parts, weights, strict=True):
        assert abs(part - Fraction(total * weight, sum(weights))) < 1


@given(TOTALS, WEIGHTS, st.randoms(use_true_random=False))
def test_the_order_of_the_input_does_not_matter(total, weights, random):
    shares = list(zip(weights, keyed(weights), strict=True))
    first = dict(zip(keyed(weights), split(total, weights, keyed(weights)), strict=True))
    random.shuffle(shares)
    again = split(total, [weight for weight, _ in shares], [key for _, key in shares])

    assert first == dict(zip((key for _, key in shares), again, strict=True))


@given(TOTALS, WEIGHTS)
def test_who_weighs_nothing_gets_nothing(total, weights):
    parts = split(total, weights, keyed(weights))

    assert not any(part for part, weight in zip(parts, weights, strict=True) if weight == 0)


def test_ties_go_by_key():
    assert split(100, [1, 1, 1], ["c", "b", "a"]) == [33, 33, 34]


@pytest.mark.parametrize(
    ("total", "weights", "keys"),
    [(1, [0], ["a"]), (1, [], []), (-1, [1], ["a"]), (1, [1, -1], ["a", "b"]), (1, [1, 1], ["a", "a"])],
)
def test_what_cannot_be_split_is_a_bug(total, weights, keys):
    with pytest.raises(ValueError, match="weight"):
        split(total, weights, keys)


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_a_residual_leg_makes_both_amounts_true(paid, due):
    leg = residual_leg(paid, due, payer=1, payee=2, residual=9)
    legs = [(1, 2, min(paid, due)), *([leg[:3]] if leg else [])]

    assert paid == sum(amount for source, _, amount in legs if source == 1)
    assert due == sum(amount for _, target, amount in legs if target == 2)
