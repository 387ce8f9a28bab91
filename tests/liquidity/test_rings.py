"""Ring matching: proposals that give and get to the unit, few parties first, orders only by consent."""

import doctest
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity import rings
from steelyard.liquidity.algorithms.reference_batch import match_at_reference
from steelyard.liquidity.orders import Order
from steelyard.liquidity.rings import Stock, match_rings
from steelyard.solve.flow import OrToolsFlow

NAMES = ("AED", "CNY", "INR", "RUB")


@st.composite
def books(draw, *, most=200, worth=20):
    """Draw stocks of five holders in four currencies, and values."""
    values = {name: draw(st.integers(1, worth)) for name in NAMES}
    stocks = {}
    for _ in range(draw(st.integers(0, 10))):
        held, wanted = draw(st.permutations(NAMES))[:2]
        holder = draw(st.sampled_from("VWXYZ"))
        stocks[holder, held, wanted] = Stock(holder, held, draw(st.integers(0, most)), wanted)
    return list(stocks.values()), values


@given(books())
@settings(max_examples=200, deadline=None)
def test_a_ring_gives_what_it_gets_and_no_stock_gives_more_than_it_has(drawn):
    """Each currency of a ring is got by whom it is given, unit for unit; each turns once."""
    stocks, values = drawn
    given_by = defaultdict(int)
    for ring in match_rings(stocks, values, solver=OrToolsFlow()):
        after = ring.swaps[1:] + ring.swaps[:1]
        assert [(one.gets, one.gets_minor) for one in ring.swaps] == [
            (one.gives, one.gives_minor) for one in after
        ]
        assert len({swap.gives for swap in ring.swaps}) == len(ring.swaps)
        for swap in ring.swaps:
            assert 0 < swap.gives_minor * values[swap.gives] <= ring.value
            given_by[swap.holder, swap.gives, swap.gets] += swap.gives_minor

    have = {(stock.holder, stock.held, stock.wanted): stock.minor for stock in stocks}
    assert all(minor <= have[key] for key, minor in given_by.items())


@given(books(worth=1))
@settings(max_examples=100, deadline=None)
def test_rings_take_in_all_that_the_batch_would_match(drawn):
    """With all worths 1 nothing is rounded: the rings sum to the value of A9 on the same stocks."""
    stocks, values = drawn
    orders = [
        Order(f"o{place}", stock.held, stock.wanted, stock.minor)
        for place, stock in enumerate(stocks)
        if stock.minor
    ]
    found = match_rings(stocks, values, solver=OrToolsFlow())

    assert match_at_reference(orders, values, solver=OrToolsFlow()).value == sum(
        ring.value * len(ring.swaps) for ring in found
    )
    assert sorted(len(ring.swaps) for ring in found) == [len(ring.swaps) for ring in found]


@given(books(), st.randoms(use_true_random=False))
@settings(max_examples=60, deadline=None)
def test_the_sequence_of_stocks_does_not_matter(drawn, random):
    """Same rings for any shuffle."""
    stocks, values = drawn
    mixed = random.sample(stocks, len(stocks))

    assert match_rings(stocks, values, solver=OrToolsFlow()) == match_rings(
        mixed, values, solver=OrToolsFlow()
    )


@given(books(), st.integers(0, 3))
@settings(max_examples=60, deadline=None)
def test_so_many_are_the_first_of_all(drawn, most):
    """Who asks for some of the rings gets those that come first."""
    stocks, values = drawn
    every = match_rings(stocks, values, solver=OrToolsFlow())

    assert every[:most] == match_rings(stocks, values, solver=OrToolsFlow(), most=most)


@given(books(most=10**18, worth=10**15))
@settings(max_examples=40, deadline=None)
def test_numbers_beyond_64_bits_are_exact(drawn):
    """Values of thirty-three digits come round to the unit as well."""
    stocks, values = drawn
    for ring in match_rings(stocks, values, solver=OrToolsFlow()):
        after = ring.swaps[1:] + ring.swaps[:1]

        assert [one.gets_minor for one in ring.swaps] == [one.gives_minor for one in after]


def test_a_pair_comes_before_a_ring_of_three():
    """The value swapped is the most there is; of it, what two can do with each other needs nobody else's consent."""
    stocks = [
        Stock("RUS", "INR", 100, "RUB"),
        Stock("IND", "RUB", 60, "INR"),
        Stock("IND", "AED", 70, "INR"),
        Stock("ARE", "RUB", 70, "AED"),
    ]
    found = match_rings(stocks, dict.fromkeys(NAMES, 1), solver=OrToolsFlow())

    assert [("IND", "RUS"), ("ARE", "IND", "RUS")] == [ring.holders() for ring in found]
    assert [30, 70] == [ring.value for ring in found]


@pytest.mark.parametrize(
    ("stock", "error"),
    [
        (Stock("A", "INR", 1.5, "RUB"), TypeError),
        (Stock("A", "INR", -1, "RUB"), ValueError),
        (Stock("A", "INR", 1, "INR"), ValueError),
        (Stock("A", "INR", 1, "XXX"), ValueError),
    ],
)
def test_bad_stocks_raise(stock, error):
    """Floats, debts, what one has already, unknown currencies."""
    with pytest.raises(error):
        match_rings([stock], dict.fromkeys(NAMES, 1), solver=OrToolsFlow())


def test_the_examples_hold():
    """Docstrings are true."""
    assert doctest.testmod(rings).failed == 0
