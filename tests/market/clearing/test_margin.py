"""Variation margin, the scan and the add-ons: the rulebook's examples, sums, and what more of anything does."""

import doctest
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.market.clearing import margin as module
from steelyard.market.clearing.margin import (
    Held,
    concentration_add_on,
    root_up,
    scan_margin,
    variation_margin,
)

NAMES = st.sampled_from("ABCD")
PRICES = st.integers(-500, 500)


def test_its_examples_hold():
    assert not doctest.testmod(module).failed


def test_the_scans_of_the_rulebook():
    """8 long lots of 50 t at 11.00 a tonne are 4,400.00; a spread of 8 against 8 at 2.50 is 1,000.00."""
    terms = {"unit": 50, "scan_range": 1_100, "spread_charge": 250}

    assert 440_000 == scan_margin({"SEP": 8}, **terms)
    assert 440_000 == scan_margin({"SEP": -8}, **terms)
    assert 100_000 == scan_margin({"SEP": 8, "DEC": -8}, **terms)
    assert 2 * 55_000 + 3 * 12_500 == scan_margin({"SEP": 5, "DEC": -3}, **terms)
    assert 0 == scan_margin({}, **terms)
    assert 1 == scan_margin({"SEP": 1}, unit=Fraction(1, 3), scan_range=1, spread_charge=0)


@given(lots=st.dictionaries(NAMES, st.integers(-50, 50)), wider=st.integers(0, 100))
def test_a_wider_range_never_asks_for_less(lots, wider):
    low, high = (scan_margin(lots, unit=50, scan_range=300 + more, spread_charge=40) for more in (0, wider))

    assert 0 <= low <= high


def test_carried_lots_and_trades_of_the_day():
    """Carried from 210.00: A 3 long. A sells 1 to B at 212.00; the day settles at 213.00, 50 t a lot."""
    carried = [Held("A", 3, 21_000, 50), Held("C", -3, 21_000, 50)]
    traded = [Held("A", -1, 21_200, 50), Held("B", 1, 21_200, 50)]

    assert {"A": 45_000 - 5_000, "B": 5_000, "C": -45_000} == variation_margin(carried + traded, 21_300)


def test_each_contract_is_marked_to_its_own_price():
    held = [
        Held("A", 1, 10, 1, "SEP"),
        Held("B", -1, 10, 1, "SEP"),
        Held("B", 1, 10, 1, "DEC"),
        Held("A", -1, 10, 1, "DEC"),
    ]

    assert {"A": 5 + 3, "B": -5 - 3} == variation_margin(held, {"SEP": 15, "DEC": 7})


@given(
    trades=st.lists(st.tuples(NAMES, NAMES, st.integers(1, 30), PRICES), max_size=12),
    settle=PRICES,
    unit=st.fractions(Fraction(1, 7), 60, max_denominator=7),
)
def test_it_sums_to_zero_exactly(trades, settle, unit):
    held = []
    for buyer, seller, lots, price in trades:
        held += [Held(buyer, lots, price, unit), Held(seller, -lots, price, unit)]
    found = variation_margin(held, settle)
    exact = {
        one: sum(((settle - h.price) * h.lots * unit for h in held if h.member == one), Fraction(0))
        for one in found
    }

    assert 0 == sum(found.values())
    assert all(abs(found[one] - exact[one]) < 1 for one in found)


def test_a_book_that_is_not_closed_is_told_by_its_fraction():
    with pytest.raises(ValueError, match="whole number"):
        variation_margin([Held("A", 1, 0, Fraction(1, 2))], 1)


@given(lots=st.integers(0, 5_000), more=st.integers(0, 500), median=st.integers(0, 900))
def test_a_larger_position_is_never_less_concentrated(lots, more, median):
    low, high = (concentration_add_on(10_000, one, median_lots=median, days=2) for one in (lots, lots + more))

    assert 0 <= low <= high
    assert low == concentration_add_on(10_000, -lots, median_lots=median, days=2)


@given(st.fractions(0, 10**9, max_denominator=50))
def test_a_root_is_the_least_that_is_enough(square):
    root = root_up(square)

    assert root * root >= square
    assert root == 0 or (root - 1) ** 2 < square
