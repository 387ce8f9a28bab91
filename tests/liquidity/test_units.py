"""Exact columns: proportions and shares at every size, beside Python's own integers."""

import doctest
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.liquidity import units
from steelyard.liquidity.units import column, deal, proportion, total, value_units

sizes = st.integers(0, 70).flatmap(lambda bits: st.integers(0, 2**bits))
columns = st.lists(sizes, min_size=1, max_size=12)


@given(columns, sizes, sizes)
def test_a_proportion_is_what_python_says(numbers, times, by):
    """At any size of numbers, numerator and denominator, 64 bits and beyond."""
    by += 1
    shares, rests = proportion(column(numbers), times, by)

    assert [divmod(number * times, by) for number in numbers] == list(
        zip(shares.tolist(), rests.tolist(), strict=True)
    )


@given(columns)
def test_a_total_is_the_sum(numbers):
    """However large."""
    assert sum(numbers) == total(column(numbers))


@given(columns, sizes)
def test_shares_sum_to_the_whole_and_follow_the_remainders(numbers, whole):
    """Each share is its proportion rounded down or up; up goes to larger remainders, then to earlier rows."""
    numbers[0] += 1
    among = sum(numbers)
    shares = deal(column(numbers), whole).tolist()

    assert whole == sum(shares)
    ups = [share - number * whole // among for share, number in zip(shares, numbers, strict=True)]
    rests = [(-(number * whole % among), row) for row, number in enumerate(numbers)]
    assert set(ups) <= {0, 1}
    assert sorted(rests)[: sum(ups)] == sorted(rest for rest, up in zip(rests, ups, strict=True) if up)


@given(
    st.lists(st.builds(Fraction, st.integers(1, 10**12), st.sampled_from([1, 2, 5, 8, 10**6])), max_size=4)
)
def test_units_keep_the_ratios(values):
    """One power of ten for all, and the least that does."""
    named = {f"C{number}": value for number, value in enumerate(values)}
    scaled, digits = value_units(named)

    assert scaled == {name: value * 10**digits for name, value in named.items()}
    assert digits == 0 or any(value * 10 ** (digits - 1) % 1 for value in values)


@pytest.mark.parametrize(
    ("value", "error"), [(Fraction(1, 3), ValueError), (0, ValueError), (1.5, TypeError), (True, TypeError)]
)
def test_what_is_no_value_raises(value, error):
    """Thirds, nothing, floats."""
    with pytest.raises(error):
        value_units({"INR": value})


def test_long_division_is_taken_where_it_should_be():
    """A million-order column stays in 64 bits: forty bits times forty bits."""
    numbers = np.arange(2**40, 2**40 + 50)
    shares, _ = proportion(numbers, 2**39 + 7, 2**46 + 1)

    assert shares.dtype == np.int64
    assert [number * (2**39 + 7) // (2**46 + 1) for number in numbers.tolist()] == shares.tolist()


def test_the_examples_hold():
    """Docstrings are true."""
    assert doctest.testmod(units).failed == 0
