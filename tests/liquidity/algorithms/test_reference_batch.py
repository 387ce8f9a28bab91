"""A9: the vectors, the value beside an enumeration, and what every fill keeps to."""

import doctest
import json
from collections import defaultdict
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity.algorithms import reference_batch
from steelyard.liquidity.algorithms.reference_batch import Fill, match_at_reference, pair_only_value
from steelyard.liquidity.certificate import check
from steelyard.liquidity.orders import Order
from steelyard.solve.flow import OrToolsFlow
from tests.shared import SHARED

NAMES = ("A", "B", "C", "D")


def vectors():
    """Give the shared cases, none where the folder is absent."""
    path = SHARED and SHARED / "liquidity" / "fx_fixed_batch.json"
    return json.loads(path.read_text("utf-8"))["vectors"] if path and path.is_file() else []


def feasible(orders, matched, units):
    """Check all that a fill has to keep to, whatever was matched."""
    sold, bought, sellers = defaultdict(int), defaultdict(int), defaultdict(set)
    known = {order.id: order for order in orders}
    for order in orders:
        sellers[order.sell].add(order.buy)
    for id, fill in matched.fills.items():
        order = known[id]
        assert 0 < fill.sold_minor <= order.amount_minor
        assert fill.bought_minor >= fill.sold_minor * units[order.sell] // units[order.buy]
        sold[order.sell] += fill.sold_minor
        bought[order.buy] += fill.bought_minor
    for currency in units:
        residual = matched.residual_minor.get(currency, 0)
        assert sold[currency] == bought[currency] + residual
        assert residual >= 0 or -residual < max(1, len(sellers[currency]))
        assert residual <= 0 or bought[currency] == 0
    proof = matched.certificate
    assert [] == check(proof)
    assert ("matched_value", matched.value, tuple(sorted(units))) == (
        proof.objective,
        proof.value,
        proof.nodes,
    )
    assert matched.gross_value == sum(capacity for _, _, _, capacity, _, _ in proof.arcs)


@pytest.mark.parametrize("case", vectors(), ids=lambda case: case["name"])
def test_shared_vectors_hold(case):
    """Values exactly, fills feasible."""
    orders = [
        Order(row["id"], row["sell_ccy"], row["buy_ccy"], row["amount"], seq=number)
        for number, row in enumerate(case["orders"])
    ]
    values = case["reference_value_per_minor_unit"]
    matched = match_at_reference(orders, values, solver=OrToolsFlow())

    assert case["expect"] == {
        "gross_value": matched.gross_value,
        "max_matched_value": matched.value,
        "pair_only_matched_value": pair_only_value(orders, values),
        "excess_demand_value": matched.excess,
    }
    feasible(orders, matched, values)


def books(*, most, size=12, currencies=NAMES):
    """Make lists of orders with limits now and then."""
    pairs = st.permutations(currencies).map(lambda names: names[:2])
    limits = st.none() | st.fractions(Fraction(1, 4), 4, max_denominator=9)
    row = st.tuples(pairs, st.integers(1, most), limits, st.sampled_from("xy"))
    return st.lists(row, max_size=size).map(
        lambda rows: [
            Order(f"o{n}", *pair, amount, limit=limit, member=member, seq=n)
            for n, (pair, amount, limit, member) in enumerate(rows)
        ]
    )


values_of = st.fixed_dictionaries({name: st.integers(1, 40) for name in NAMES})


@given(books(most=3, size=5, currencies=NAMES[:3]))
@settings(max_examples=60, deadline=None)
def test_no_other_circulation_has_more_value(orders):
    """With all worths 1 the value beside every whole flow per pair that comes round."""
    matched = match_at_reference(orders, dict.fromkeys(NAMES[:3], 1), solver=OrToolsFlow())
    sides = defaultdict(int)
    for order in orders:
        if order.limit is None or order.limit <= 1:
            sides[order.sell, order.buy] += order.amount_minor
    best = 0
    for flows in product(*(range(value + 1) for value in sides.values())):
        net = defaultdict(int)
        for (sell, buy), flow in zip(sides, flows, strict=True):
            net[sell] -= flow
            net[buy] += flow
        if not any(net.values()):
            best = max(best, sum(flows))

    assert best == matched.value


@given(books(most=10**6), values_of)
@settings(deadline=None)
def test_fills_keep_to_orders_rates_and_limits(orders, values):
    """Nobody gets less than his due rounded down, money is conserved, the residual gives less than a unit a pair."""
    matched = match_at_reference(orders, values, solver=OrToolsFlow())
    feasible(orders, matched, values)
    for order in orders:
        if order.id in matched.fills and order.limit is not None:
            assert Fraction(values[order.sell], values[order.buy]) >= order.limit

    assert matched.value >= pair_only_value(orders, values)


@given(books(most=10**6), values_of, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_the_sequence_of_orders_does_not_matter(orders, values, random):
    """Same fills for any shuffle."""
    mixed = list(orders)
    random.shuffle(mixed)

    assert match_at_reference(orders, values, solver=OrToolsFlow()) == match_at_reference(
        mixed, dict(reversed(values.items())), solver=OrToolsFlow()
    )


@given(books(most=50), st.integers(0, 60))
@settings(deadline=None)
def test_a_cap_bounds_what_a_member_sells(orders, cap):
    """Member x sells no more than its cap of A; orders of others lose nothing to the cut but its counterpart."""
    values = dict.fromkeys(NAMES, 1)
    capped = match_at_reference(orders, values, solver=OrToolsFlow(), caps={("x", "A"): cap})
    sold = sum(
        capped.fills[order.id].sold_minor
        for order in orders
        if order.id in capped.fills and (order.member, order.sell) == ("x", "A")
    )

    assert sold <= cap
    assert capped.value <= match_at_reference(orders, values, solver=OrToolsFlow()).value
    feasible(orders, capped, values)


def test_a_cap_serves_the_oldest_first():
    """Of two orders of one member the newer is cut."""
    orders = [
        Order("new", "A", "B", 70, member="x", seq=2),
        Order("old", "A", "B", 50, member="x", seq=1),
        Order("back", "B", "A", 200, member="y", seq=3),
    ]
    matched = match_at_reference(orders, {"A": 1, "B": 1}, solver=OrToolsFlow(), caps={("x", "A"): 60})

    assert {"old": Fill(50, 50), "new": Fill(10, 10), "back": Fill(60, 60)} == matched.fills


def test_a_limit_is_compared_exactly():
    """At the rate it takes part, a hair above it does not."""
    rate = Fraction(10**18 + 1, 10**18)
    values = {"A": rate, "B": 1}
    back = Order("back", "B", "A", 10**6)
    for limit, count in ((rate, 2), (rate + Fraction(1, 10**30), 0)):
        orders = [Order("there", "A", "B", 10**6, limit=limit), back]

        assert count == len(match_at_reference(orders, values, solver=OrToolsFlow()).fills)


@given(books(most=10**18 - 1), st.fixed_dictionaries({n: st.integers(10**9, 10**12) for n in NAMES}))
@settings(max_examples=60, deadline=None)
def test_numbers_beyond_64_bits_are_exact(orders, values):
    """Amounts up to the largest, values of twelve digits: sums of some 10^31."""
    matched = match_at_reference(orders, values, solver=OrToolsFlow())
    feasible(orders, matched, values)

    assert matched.value >= pair_only_value(orders, values)


@given(books(most=10**4))
@settings(max_examples=40, deadline=None)
def test_large_values_match_what_small_ones_match(orders):
    """The way beyond 64 bits and the solver's agree on the value."""
    there = {name: 1 + number for number, name in enumerate(NAMES)}
    large = {name: value * 10**17 for name, value in there.items()}
    matched = match_at_reference(orders, there, solver=OrToolsFlow())

    assert matched.value * 10**17 == match_at_reference(orders, large, solver=OrToolsFlow()).value


def test_a_currency_that_is_bought_and_not_sold_comes_from_the_residual_account():
    """Rounding took all that its sellers would give; what its buyer is due is a lack, and said to be one."""
    orders = [
        Order("o0", "C", "B", 3, seq=0),
        Order("o2", "B", "C", 2, seq=2),
        Order("o3", "A", "B", 1, seq=3),
        Order("o4", "A", "B", 2, seq=4),
        Order("o5", "C", "A", 3, seq=5),
    ]
    units = {"A": 1, "B": 3, "C": 4}

    matched = match_at_reference(orders, units, solver=OrToolsFlow())

    feasible(orders, matched, units)
    assert -1 == matched.residual_minor["C"]


def test_an_empty_book_matches_nothing():
    """Zeros, not a crash."""
    matched = match_at_reference([], {"A": 1}, solver=OrToolsFlow())

    assert (0, 0, {}, {"A": 0}) == (matched.value, matched.gross_value, matched.fills, matched.excess)


@pytest.mark.parametrize(
    ("order", "error"),
    [
        (Order("o", "A", "B", 1.5), TypeError),
        (Order("o", "A", "B", 0), ValueError),
        (Order("o", "A", "A", 1), ValueError),
        (Order("o", "A", "Z", 1), ValueError),
    ],
)
def test_bad_orders_raise(order, error):
    """Floats, nothing, a currency for itself, one without a value."""
    with pytest.raises(error):
        match_at_reference([order], {"A": 1, "B": 1}, solver=OrToolsFlow())


def test_the_examples_hold():
    """Docstrings are true."""
    assert doctest.testmod(reference_batch).failed == 0
