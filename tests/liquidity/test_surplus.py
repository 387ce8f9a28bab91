"""The surplus report: ages beside a plain ledger of single units, windows, and the figures of real trade."""

import csv
import doctest
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity import surplus
from steelyard.liquidity.surplus import AGES, WINDOWS, Clearing, Moved, Relation, Use, ages, clearing, report
from steelyard.solve.flow import OrToolsFlow
from tests.shared import SHARED

days = st.builds(Moved, st.integers(0, 400), st.integers(0, 30), st.integers(0, 30))
relations = st.builds(
    Relation, st.just("RUS"), st.just("INR"), st.lists(days, max_size=12).map(tuple), st.integers(-20, 20)
)


def plainly(relation, on):
    """Keep every minor unit by itself: (day it came in) of each, oldest spent first."""
    units = [relation.opened_on] * max(0, relation.opening_minor)
    owing = max(0, -relation.opening_minor)
    for day in sorted(relation.moved):
        if day.on > on:
            break
        for _ in range(day.inflow_minor):
            if owing:
                owing -= 1
            else:
                units.append(day.on)
        for _ in range(day.outflow_minor):
            if units:
                units.pop(0)
            else:
                owing += 1
    return units, owing


@given(relations, st.integers(0, 420))
def test_ages_conserve_totals(relation, on):
    """Lots are what a ledger of single units keeps; buckets sum to the balance where it is above 0."""
    units, owing = plainly(relation, on)
    lots = ages(relation, on=on)
    (row,) = report([relation], on=on)

    assert units == [since for since, minor in lots for _ in range(minor)]
    assert len(units) - owing == row.balance_minor
    assert max(0, row.balance_minor) == sum(row.ages)
    edges = [-1, *AGES, 10**6]
    for older, (low, high) in zip(row.ages, pairwise(edges), strict=True):
        assert older == sum(low < on - since <= high for since in units)


@given(relations, st.integers(0, 420))
def test_windows_sum_the_days_they_name(relation, on):
    """The last d days, today included; what comes later does not count."""
    (row,) = report([relation], on=on)
    for place, width in enumerate(WINDOWS):
        inside = [moved for moved in relation.moved if on - width < moved.on <= on]

        assert row.inflow_minor[place] == sum(moved.inflow_minor for moved in inside)
        assert row.outflow_minor[place] == sum(moved.outflow_minor for moved in inside)


@given(st.lists(days, max_size=12), st.randoms(use_true_random=False))
def test_the_sequence_of_days_does_not_matter(moved, random):
    """Same row for any shuffle, and rows come sorted."""
    mixed = random.sample(moved, len(moved))
    one, other = Relation("A", "B", tuple(moved)), Relation("B", "A", ())

    assert report([one, other], on=200) == report([other, Relation("A", "B", tuple(mixed))], on=200)


def test_the_borders_of_ages_are_exact():
    """Seven days old is in the first bucket, eight in the second; 180 and 181 likewise."""
    moved = tuple(Moved(200 - age, 1, 0) for age in (0, 7, 8, 30, 31, 90, 91, 180, 181))
    (row,) = report([Relation("RUS", "INR", moved)], on=200)

    assert (2, 2, 2, 2, 1) == row.ages


def test_the_share_spent_is_of_the_years_inflow():
    """Of 100 that came in, 30 went out; older money goes first and does not count."""
    old, new = Moved(1, 50, 0), Moved(500, 100, 0)
    (row,) = report([Relation("RUS", "INR", (old, new, Moved(510, 0, 80)))], on=520)
    (none,) = report([Relation("RUS", "INR", (old,))], on=520)

    assert 3000 == row.spent_bp
    assert none.spent_bp is None


@pytest.mark.parametrize(
    ("use", "word"),
    [
        (Use(100, 79), ""),
        (Use(100, 80), "near"),
        (Use(100, 100), "reached"),
        (Use(0, 1), "reached"),
        (None, ""),
    ],
)
def test_caps_are_near_at_eighty_per_cent(use, word):
    """And reached at all of it; a cap of nothing is reached by anything."""
    (row,) = report([Relation("RUS", "INR", (), holding=use)], on=1)

    assert word == row.cap_is


def test_numbers_beyond_64_bits_are_exact():
    """Balances and figures are Python integers."""
    big = 2**63 + 5
    (row,) = report([Relation("RUS", "INR", (Moved(1, big, 1), Moved(2, big, 0)))], on=2)
    found = clearing({("A", "B"): big, ("B", "C"): big + 2, ("C", "A"): big + 1}, solver=OrToolsFlow())

    assert (2 * big - 1, 2 * big - 1) == (row.balance_minor, sum(row.ages))
    assert Clearing(3 * big + 3, 0, 3 * big) == found


@given(
    st.dictionaries(st.permutations("ABC").map(lambda names: tuple(names[:2])), st.integers(0, 4), max_size=6)
)
@settings(max_examples=60, deadline=None)
def test_the_network_clears_what_an_enumeration_does(owed):
    """Beside every combination of partial payments that leaves all nets as they are."""
    best = 0
    pairs = sorted(owed)

    def walk(place, nets, sum_so_far):
        nonlocal best
        if place == len(pairs):
            if not any(nets.values()):
                best = max(best, sum_so_far)
            return
        here, there = pairs[place]
        for paid in range(owed[here, there] + 1):
            after = {**nets, here: nets.get(here, 0) - paid}
            after[there] = after.get(there, 0) + paid
            walk(place + 1, after, sum_so_far + paid)

    walk(0, {}, 0)
    found = clearing(owed, solver=OrToolsFlow())

    assert best == found.network
    assert found.pair_only <= found.network <= found.total


def trade():
    """Give what importers owed exporters in 2023, in thousands of US dollars."""
    with (SHARED / "trade" / "bilateral_goods_2023_usd_bn.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {(row["importer"], row["exporter"]): int(Decimal(row["value_usd_bn"]) * 10**6) for row in rows}


@pytest.mark.skipif(SHARED is None, reason="shared data is not here")
def test_trade_of_2023_clears_by_two_thirds_in_pairs_and_little_more_as_a_network():
    """All eleven countries, 110 directed cells: 70.5 % and 76.9 %; the rest no netting cures."""
    found = clearing(trade(), solver=OrToolsFlow())

    assert (7051, 7691, 2309) == found.shares_bp()
    assert "23.1 % needs trade, lines or investment" in found.sentence()


@pytest.mark.parametrize(
    ("relation", "error"),
    [
        (Relation("A", "B", (Moved(1, 1.5, 0),)), TypeError),
        (Relation("A", "B", (Moved(1, -1, 0),)), ValueError),
        (Relation("A", "A", ()), ValueError),
        (Relation("A", "B", (Moved(1, 1, 0),), opening_minor=5, opened_on=2), ValueError),
    ],
)
def test_bad_relations_raise(relation, error):
    """Floats, negative flows, oneself, flows before the opening."""
    with pytest.raises(error):
        report([relation], on=9)


@pytest.mark.parametrize(
    ("owed", "error"),
    [({("A", "B"): 1.5}, TypeError), ({("A", "B"): -1}, ValueError), ({("A", "A"): 1}, ValueError)],
)
def test_bad_debts_raise(owed, error):
    """Floats, negative debts, debts to oneself."""
    with pytest.raises(error):
        clearing(owed, solver=OrToolsFlow())


def test_nothing_owed_gives_zeros():
    """No division by nothing."""
    assert (0, 0, 0) == clearing({}, solver=OrToolsFlow()).shares_bp()


def test_the_examples_hold():
    """Docstrings are true."""
    assert doctest.testmod(surplus).failed == 0
