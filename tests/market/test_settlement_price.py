"""The settlement price of a day, tier by tier."""

from fractions import Fraction
from math import floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.market.settlement_price import settlement_price

quarter = st.integers(800, 900).map(lambda ticks: Fraction(ticks, 4))


@pytest.mark.parametrize(("previous", "price"), [("209.75", "210.25"), ("212.00", "210.50")])
def test_half_a_tick_goes_towards_the_price_before(previous, price):
    """210.375 lies exactly between two ticks of 0.25."""
    found = settlement_price([("210.25", 2), ("210.50", 2)], tick="0.25", previous=previous)

    assert (Fraction(price), 1) == found


@given(st.lists(st.tuples(quarter, st.integers(1, 50)), min_size=1, max_size=8), quarter)
def test_the_mean_is_rounded_to_the_nearest_tick(trades, previous):
    """Never more than half a tick away, always on the tick; a half goes to the nearer of the two."""
    price, tier = settlement_price(trades, tick="1/4", previous=previous)
    mean = sum(one * lots for one, lots in trades) / sum(lots for _, lots in trades)
    below = Fraction(floor(mean * 4), 4)

    assert tier == 1
    assert price in (below, below + Fraction(1, 4))
    assert abs(price - mean) <= Fraction(1, 8)
    if mean - below == Fraction(1, 8):
        assert abs(price - previous) == min(abs(below - previous), abs(below + Fraction(1, 4) - previous))


@given(st.lists(st.tuples(quarter, st.integers(1, 50)), min_size=1, max_size=6), quarter, st.randoms())
def test_the_order_of_trades_does_not_matter(trades, previous, draw):
    shuffled = draw.sample(trades, len(trades))

    assert settlement_price(trades, tick="1/4", previous=previous) == settlement_price(
        shuffled, tick="1/4", previous=previous
    )


@pytest.mark.parametrize(
    ("last", "bid", "ask", "price"),
    [
        (104, 101, 103, 103),
        (100, 101, 103, 101),
        (102, 101, 103, 102),
        (101, 101, 101, 101),
        (104, 101, None, 104),
        (104, None, 103, 104),
        (104, None, None, 104),
        (104, 103, 101, 104),
    ],
)
def test_the_last_trade_is_clamped_by_a_pair_only(last, bid, ask, price):
    """One side alone, or a bid above the ask, clamps nothing."""
    assert (price, 2) == settlement_price([], tick=1, previous=90, last=last, bid=bid, ask=ask)


@pytest.mark.parametrize(("previous", "price"), [(90, 101), (102, 102), (110, 103)])
def test_without_a_trade_the_price_before_is_clamped(previous, price):
    """A pair of quotes counts before any change of the neighbour month."""
    assert (price, 3) == settlement_price([], tick=1, previous=previous, bid=101, ask=103, neighbour_change=7)


@pytest.mark.parametrize(("change", "price"), [(7, 107), (-7, 93), (0, 100)])
@pytest.mark.parametrize(("bid", "ask"), [(None, None), (200, None), (None, 50)])
def test_without_a_pair_the_neighbour_month_leads(change, price, bid, ask):
    assert (price, 4) == settlement_price([], tick=1, previous=100, bid=bid, ask=ask, neighbour_change=change)


def test_without_anything_the_price_before_stands():
    assert (100, 3) == settlement_price([], tick=1, previous=100)
    assert (100, 3) == settlement_price([], tick=1, previous=100, ask=50)


def test_a_contract_that_never_settled_settles_by_trades_only():
    """Half a tick goes down; without a trade there is nothing to go by."""
    assert (Fraction("210.25"), 1) == settlement_price(
        [("210.25", 2), ("210.50", 2)], tick="0.25", previous=None
    )
    assert (104, 2) == settlement_price([], tick=1, previous=None, last=104)
    with pytest.raises(ValueError):
        settlement_price([], tick=1, previous=None, bid=101, ask=103)


def test_a_window_takes_its_trades_of_the_day():
    """From its first instant to just before its end; the last trade before the end is the last of the day."""
    day = [(500, 9, 10), (100, 1, 20), (110, 1, 29), (900, 5, 30)]

    assert (105, 1) == settlement_price(day, tick=1, previous=0, window=(20, 30))
    assert (500, 2) == settlement_price(day[:1], tick=1, previous=0, window=(20, 30))
    assert (700, 2) == settlement_price(day[:1], tick=1, previous=0, window=(20, 30), last=700)
    assert (1, 3) == settlement_price(day[3:], tick=1, previous=1, window=(20, 30))
