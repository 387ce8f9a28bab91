"""Amounts are read exactly or refused by name."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.values.amount import Amount, AmountFault, format_minor, parse_minor
from steelyard.values.asset import Asset, AssetClass

NOR = Asset("NOR", AssetClass.CURRENCY, 2)
SUD = Asset("SUD", AssetClass.CURRENCY, 2)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1250.50", 125050),
        ("0001.5", 150),
        ("", AmountFault.IS_EMPTY),
        ("-1", AmountFault.HAS_SIGN),
        ("+1", AmountFault.HAS_SIGN),
        ("1e3", AmountFault.HAS_EXPONENT),
        ("1,000.00", AmountFault.HAS_GROUPING),
        ("1 000", AmountFault.HAS_GROUPING),
        ("1_000", AmountFault.HAS_GROUPING),
        ("١٢", AmountFault.IS_NOT_DECIMAL),
        (".5", AmountFault.IS_NOT_DECIMAL),
        ("5.", AmountFault.IS_NOT_DECIMAL),
        ("1.2.3", AmountFault.IS_NOT_DECIMAL),
        ("NaN", AmountFault.IS_NOT_DECIMAL),
        ("1.005", AmountFault.HAS_TOO_MANY_DECIMALS),
        ("1.000", AmountFault.HAS_TOO_MANY_DECIMALS),
        ("0.00", AmountFault.IS_ZERO),
        ("9999999999999999.99", 10**18 - 1),
        ("10000000000000000.00", AmountFault.IS_TOO_LARGE),
        ("1" * 10_000, AmountFault.IS_TOO_LARGE),
        ("0" * 10_000 + "1", 100),
    ],
)
def test_text_is_read_exactly_or_refused_by_name(text, expected):
    assert expected == parse_minor(text, 2)


def test_zero_is_read_where_it_is_allowed():
    assert parse_minor("0", 2, zero_allowed=True) == 0


@given(minor=st.integers(1, 10**18 - 1), scale=st.integers(0, 9))
def test_what_is_written_is_read_back(minor, scale):
    assert minor == parse_minor(format_minor(minor, scale), scale)


@given(minor=st.integers(-(2**127), 2**127), scale=st.integers(0, 9))
def test_writing_agrees_with_fractions(minor, scale):
    assert Fraction(minor, 10**scale) == Fraction(format_minor(minor, scale))


def test_unlike_amounts_do_not_add_or_compare():
    one, other = Amount(NOR, 1), Amount(SUD, 1)

    with pytest.raises(TypeError):
        one + other
    with pytest.raises(TypeError):
        one - other
    with pytest.raises(TypeError):
        one < other  # noqa: B015
    assert str(one + one) == "0.02 NOR"


def test_a_scale_is_zero_to_nine():
    with pytest.raises(ValueError, match="scale"):
        Asset("NOR", AssetClass.CURRENCY, 10)
