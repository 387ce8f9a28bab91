"""Conversions: error bounds, there and back, chains, exact reading."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.values.rate import (
    Rate,
    Rounding,
    convert,
    convert_back,
    convert_chain,
    from_decimal_text,
    product,
)

NUMS = st.integers(1, 10**18 - 1)
RATES = st.builds(lambda num, digits: Rate("NOR", "SUD", num, 10**digits), NUMS, st.integers(0, 12))
MINORS = st.integers(1, 10**18 - 1)
MODES = st.sampled_from(list(Rounding))


@given(MINORS, RATES, MODES)
def test_a_conversion_errs_by_less_than_one_minor_unit(minor, rate, mode):
    exact = Fraction(minor * rate.num, rate.den)
    error = convert(minor, rate, mode) - exact

    assert -1 < error < 1
    assert mode != Rounding.DOWN or error <= 0
    assert mode != Rounding.UP or error >= 0
    assert mode != Rounding.HALF_EVEN or abs(error) <= Fraction(1, 2)


@given(MINORS, RATES)
def test_half_even_agrees_with_the_standard_library(minor, rate):
    assert round(Fraction(minor * rate.num, rate.den)) == convert(minor, rate)


@given(MINORS, RATES)
def test_there_and_back_with_provider_rounding_never_profits_the_client(minor, rate):
    there = convert(minor, rate, Rounding.DOWN)

    assert convert_back(there, rate, Rounding.DOWN) <= minor


@given(MINORS, RATES)
def test_buying_a_fixed_target_never_costs_less_than_it_is_worth(minor, rate):
    cost = convert_back(minor, rate, Rounding.UP)

    assert convert(cost, rate, Rounding.DOWN) >= minor


@given(MINORS, RATES, NUMS, st.integers(0, 12), MODES)
def test_a_chain_is_rounded_once(minor, rate, num, digits, mode):
    onward = Rate("SUD", "OST", num, 10**digits)

    assert convert(minor, product([rate, onward]), mode) == convert_chain(minor, "NOR", [rate, onward], mode)


@given(MINORS, RATES)
def test_a_chain_there_and_back_is_exact(minor, rate):
    assert minor == convert_chain(minor, "NOR", [rate, rate])


@given(RATES, st.integers(1, 6))
def test_equality_is_by_value(rate, digits):
    same = Rate("NOR", "SUD", rate.num * 10**digits, rate.den * 10**digits)

    assert rate == same
    assert hash(rate) == hash(same)
    assert rate != Rate("NOR", "OST", rate.num, rate.den)


@pytest.mark.parametrize(
    ("text", "base_scale", "quote_scale", "expected"),
    [
        ("22.5034", 2, 2, (225034, 10000)),
        ("398.21", 3, 0, (39821, 100000)),
        ("2.5", 0, 3, (2500, 1)),
        ("0.0025", 0, 3, (25 * 1, 10)),
        ("00.10", 2, 2, (10, 100)),
    ],
)
def test_a_rate_is_read_exactly_from_its_decimal_text(text, base_scale, quote_scale, expected):
    rate = from_decimal_text("A", "B", text, base_scale=base_scale, quote_scale=quote_scale)

    assert rate is not None
    assert expected == (rate.num, rate.den)


@pytest.mark.parametrize(
    "text", ["", "0", "0.00", "-1", "+1", "1e3", "1,5", ".5", "5.", "1234567890123456789", "1/3", "NaN", "1 "]
)
def test_what_is_no_rate_is_none(text):
    assert from_decimal_text("A", "B", text, base_scale=2, quote_scale=2) is None


def test_the_worked_examples_hold():
    aed_inr = Rate("AED", "INR", 225034, 10000)

    assert convert(33_333, aed_inr) == 750_106
    assert convert(2, Rate("A", "B", 2, 10)) == 0
    assert [convert(n, Rate("A", "B", 1, 10)) for n in (25, 35)] == [2, 4]


def test_rates_that_form_no_chain_are_a_bug():
    with pytest.raises(ValueError, match="chain"):
        convert_chain(1, "OST", [Rate("NOR", "SUD", 1, 1)])
    with pytest.raises(ValueError, match="chain"):
        product([Rate("NOR", "SUD", 1, 1), Rate("OST", "NOR", 1, 1)])
