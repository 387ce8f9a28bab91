"""The rule of an auction, order by order: who fills first, who shares, who gives up, and that all trades that can."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity.algorithms.price_batch import find_prices
from steelyard.liquidity.algorithms.price_minor import in_minor
from steelyard.liquidity.auction_check import keeps_the_rule
from steelyard.liquidity.fx_check import Row, row_of
from steelyard.liquidity.orders import Order

UNITS = {"A": 1, "B": 1, "C": 1}
EVEN = {"A": 1, "B": 1}
BAND = 500


def row(seq: int, way: str, size: int, limit: str = "0") -> Row:
    """Give an order of two letters, such as AB: it sells A for B."""
    return Row(seq, f"M{seq}", way[0], way[1], size, *Fraction(limit).as_integer_ratio())


def keeps(rows: list[Row], sold: dict[int, int], prices: dict[str, int] = EVEN) -> bool:
    return keeps_the_rule(rows, {seq: minor for seq, minor in sold.items() if minor}, prices, UNITS, BAND)


# Orders of one limit


ALIKE = [row(1, "AB", 100, "1"), row(2, "AB", 100, "1"), row(3, "BA", 100, "0.98")]


def test_equal_orders_at_the_margin_share() -> None:
    assert keeps(ALIKE, {1: 50, 2: 50, 3: 100})


@pytest.mark.parametrize("sold", [{1: 100, 3: 100}, {2: 100, 3: 100}, {1: 52, 2: 48, 3: 100}])
def test_one_of_two_equal_orders_is_not_preferred(sold: dict[int, int]) -> None:
    assert not keeps(ALIKE, sold)


def test_a_minor_unit_more_or_less_is_a_rounding() -> None:
    rows = [row(1, "AB", 100, "1"), row(2, "AB", 100, "1"), row(3, "BA", 101, "0.98")]

    assert keeps(rows, {1: 51, 2: 50, 3: 101})
    assert keeps(rows, {1: 50, 2: 51, 3: 101})


# Orders of several limits


STEPS = [
    row(1, "AB", 100, "0.99"),
    row(2, "AB", 100, "0.98"),
    row(3, "AB", 100, "1"),
    row(4, "BA", 250, "0.98"),
]


def test_what_is_furthest_within_its_limit_fills_first() -> None:
    assert keeps(STEPS, {1: 100, 2: 100, 3: 50, 4: 250})


@pytest.mark.parametrize(
    "sold",
    [
        {1: 50, 2: 100, 3: 100, 4: 250},
        {1: 100, 2: 50, 3: 100, 4: 250},
        {1: 100, 2: 99, 3: 51, 4: 250},
        {1: 75, 2: 100, 3: 75, 4: 250},
        {1: 83, 2: 83, 3: 84, 4: 250},
    ],
)
def test_what_is_nearer_its_limit_does_not_fill_before_it(sold: dict[int, int]) -> None:
    assert not keeps(STEPS, sold)


def test_no_less_trades_than_can() -> None:
    assert not keeps(STEPS, {1: 100, 2: 100, 3: 40, 4: 240})
    assert not keeps(STEPS, {})


# Where not all in the money can fill


LONG = [row(1, "AB", 100, "0.99"), row(2, "AB", 100, "0.98"), row(3, "BA", 150, "0.98")]


def test_the_right_to_fill_is_lost_nearest_to_the_limit_first() -> None:
    assert keeps(LONG, {1: 50, 2: 100, 3: 150})
    assert not keeps(LONG, {1: 100, 2: 50, 3: 150})


def test_no_more_lose_it_than_must() -> None:
    """Both levels of A may not be cut to 75 each, nor may B be cut."""
    assert not keeps(LONG, {1: 75, 2: 75, 3: 150})
    assert not keeps(LONG, {1: 0, 2: 100, 3: 100})


def test_of_two_levels_as_near_the_one_with_the_earlier_order_loses_it_first() -> None:
    """A to B and A to C are alike but for their seq, and only one of them can fill."""
    prices = {"A": 1, "B": 1, "C": 1}
    rows = [
        row(1, "AB", 100, "0.99"), row(2, "AC", 100, "0.99"), row(3, "BA", 100, "0.98"), row(4, "BC", 100, "1"),
        row(5, "CB", 100, "1"),
    ]  # fmt: skip

    assert not keeps(rows, {1: 100, 3: 100}, prices)
    assert keeps(rows, {2: 100, 3: 100, 5: 100}, prices)


def test_nobody_fills_beyond_its_limit() -> None:
    rows = [row(1, "AB", 100, "1.01"), row(2, "BA", 100, "0.98")]

    assert keeps(rows, {})
    assert not keeps(rows, {2: 100})


# Too small to buy


def test_an_order_whose_share_would_buy_nothing_may_be_left_out() -> None:
    """A minor unit of B is worth ten of A: five of A buy nothing, eleven do."""
    prices, units = {"A": 1, "B": 10, "C": 1}, {"A": 1, "B": 10, "C": 1}
    rows = [row(1, "AB", 95, "0.1"), row(2, "AB", 5, "0.1"), row(3, "BA", 9, "9.8")]

    assert keeps_the_rule(rows, {1: 90, 3: 9}, prices, units, BAND)
    rows[1] = row(2, "AB", 45, "0.1")
    assert not keeps_the_rule(rows, {1: 90, 3: 9}, prices, units, BAND)


def test_an_order_at_any_rate_stands_at_the_worst_of_the_band() -> None:
    """It is furthest within its limit, so it fills before all others."""
    rows = [row(1, "AB", 100, "0.97"), row(2, "AB", 100), row(3, "BA", 150, "0.98")]

    assert keeps(rows, {1: 50, 2: 100, 3: 150})
    assert not keeps(rows, {1: 100, 2: 50, 3: 150})


# Whatever the book


LIMITS = st.sampled_from(["0.96", "0.98", "0.985", "0.99", "0.995", "1", "1.005", "1.01"])
BOOKS = st.lists(
    st.tuples(st.sampled_from("AB AC BA BC CA CB".split()), st.integers(200, 10**6), LIMITS), max_size=14
)


@settings(max_examples=150, deadline=None)
@given(book=BOOKS, changes=st.lists(st.tuples(st.integers(0, 13), st.integers(-(10**6), 10**6)), max_size=3))
def test_what_the_search_finds_keeps_the_rule_and_moving_much_of_it_does_not(
    book: list[tuple[str, int, str]], changes: list[tuple[int, int]]
) -> None:
    orders = [
        Order(f"o{seq}", way[0], way[1], size, Fraction(limit), f"M{seq}", seq)
        for seq, (way, size, limit) in enumerate(book, 1)
    ]
    found = find_prices(orders)
    if not orders or found.fallback:
        return
    prices = {name: price.numerator for name, price in found.prices.items()}
    booked = in_minor(orders, found).fills
    sold = {one.seq: booked[one.id].sold_minor for one in orders if one.id in booked}
    rows = [row_of(one) for one in orders]

    assert keeps_the_rule(rows, sold, prices, UNITS, BAND)
    size_of, moved = {one.seq: one.size for one in rows}, dict(sold)
    for place, much in changes:
        if place < len(orders):
            seq = orders[place].seq
            moved[seq] = max(0, min(size_of[seq], moved.get(seq, 0) + much))
    moved = {seq: minor for seq, minor in moved.items() if minor}
    lost = sum((sold.get(one.seq, 0) - moved.get(one.seq, 0)) * prices[one.sell] for one in orders)
    if lost > sum(prices[one.sell] for one in orders):
        assert not keeps_the_rule(rows, moved, prices, UNITS, BAND)
