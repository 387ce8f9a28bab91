"""Novation, netting and marking beside a list of single lots; limits; tearing up."""

import doctest
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.market.clearing import positions
from steelyard.market.clearing.positions import (
    Terms,
    closed,
    exceeds,
    gains,
    mark,
    novate,
    of,
    opposite,
    tear_up,
)

SEP = Terms("SEP", "WHEAT", "NOR", 50_000, 25, 1_100, 250)
NAMES = st.sampled_from("ABCDE")
PRICES = st.integers(-400, 900)
TRADES = st.lists(st.tuples(NAMES, NAMES, st.integers(1, 40), PRICES), max_size=15)


def test_its_examples_hold():
    assert not doctest.testmod(positions).failed


@given(
    days=st.lists(st.tuples(TRADES, PRICES), min_size=1, max_size=4),
    unit_kg=st.sampled_from([1, 333, 50_000]),
)
def test_marking_two_numbers_is_marking_each_lot(days, unit_kg):
    """The naive book keeps (member, lots, price at which they stand) and marks them one by one."""
    terms = Terms("SEP", "WHEAT", "NOR", unit_kg, 25, 1_100, 250)
    book, single = {}, []
    for trades, settle in days:
        for buyer, seller, lots, price in trades:
            novate(book, "SEP", buyer=buyer, seller=seller, lots=lots, price=price)
            single += [[buyer, lots, price], [seller, -lots, price]]
        assert closed(book)
        found = gains(book, terms, settle)
        for member in "ABCDE":
            exact = sum(
                (
                    Fraction((settle - price) * lots * unit_kg, 1_000)
                    for one, lots, price in single
                    if one == member
                ),
                Fraction(0),
            )
            assert abs(found.get(member, 0) - exact) < 1
            assert unit_kg != 50_000 or found.get(member, 0) == exact
        assert 0 == sum(found.values())
        mark(book, "SEP", settle)
        single = [[member, lots, settle] for member, lots, _ in single]
        assert closed(book)
        assert not any(gains(book, terms, settle).values())
        assert all(one.lots for one in book.get("SEP", {}).values())


@given(trades=TRADES.filter(bool), price=PRICES)
def test_torn_up_lots_end_on_both_sides(trades, price):
    """The member ends flat, the others lose as many lots of the other side, pro rata."""
    book = {}
    for buyer, seller, lots, at in trades:
        novate(book, "SEP", buyer=buyer, seller=seller, lots=lots, price=at)
    member = trades[0][0]
    held = of(book, "SEP", member).lots
    other = opposite(book, "SEP", held)
    before = {one: of(book, "SEP", one).lots for one in "ABCDE"}
    parts = tear_up(book, "SEP", member, price)

    assert closed(book)
    assert 0 == of(book, "SEP", member).lots
    assert abs(held) == sum(parts.values())
    for one in other:
        assert parts.get(one, 0) == abs(before[one]) - abs(of(book, "SEP", one).lots)
        assert abs(parts.get(one, 0) - Fraction(abs(held) * other[one], sum(other.values()))) < 1


@pytest.mark.parametrize(
    ("held", "change", "limit", "beyond"),
    [
        (9, 1, 10, False), (9, 2, 10, True), (-9, -2, 10, True), (-9, -1, 10, False),
        (30, -1, 10, False), (30, -41, 10, False), (30, -61, 10, True), (30, 0, 10, False), (30, 5, 0, False),
    ],
)  # fmt: skip
def test_a_limit_stops_what_adds_and_nothing_that_lessens(held, change, limit, beyond):
    """Through zero to the other side counts by what stands there."""
    assert beyond is exceeds(held, change, limit)


def test_the_lower_limit_counts_from_the_delivery_month_on():
    terms = Terms(
        "SEP", "WHEAT", "NOR", 50_000, 25, 1, 1, limit_lots=100, delivery_limit_lots=20, delivery_from_on=50
    )

    assert [100, 20, 20] == [terms.limit(on) for on in (49, 50, 51)]


@given(changes=st.lists(st.integers(-6, 6), max_size=12))
def test_days_are_those_of_single_lots_closed_oldest_first(changes):
    """The naive position is a list of lots with their days; what stands against them takes the first."""
    single, held, days = [], 0, ()
    for on, change in enumerate(changes):
        sign = 1 if change > 0 else -1
        for _ in range(abs(change)):
            if single and held * sign < 0:
                single.pop(0)
            else:
                single.append(on)
            held += sign
        days = positions.aged(days, held - change, change, on)

        assert single == [day for day, lots in days for _ in range(lots)]
        assert all(lots > 0 for _, lots in days)


def test_lots_of_very_many_days_count_with_the_oldest():
    days = ()
    for on in range(positions.DAYS_MAX + 40):
        days = positions.aged(days, on, 1, on)

    assert (positions.DAYS_MAX, (0, 41)) == (len(days), days[0])
