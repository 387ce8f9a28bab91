"""The price of a call auction and who trades at it."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.market.auctions.call import CallOrder, auction_price, pair, ranked, uncross
from tests.market.naive_call import naive_price, naive_trades

levels = st.lists(st.tuples(st.integers(20, 32).map(lambda ticks: ticks * 5), st.integers(1, 9)), max_size=7)
markets = st.sampled_from([0, 0, 0, 1, 4, 12])
references = st.none() | st.integers(18, 34).map(lambda ticks: ticks * 5)
caps = st.none() | st.sampled_from([0, 1, 3, 10, 50])


@given(levels, levels, markets, markets, references, caps)
def test_price_is_what_the_written_rule_gives(bids, asks, market_buy, market_sell, reference, cap):
    """Every candidate looked at one by one gives the same price, volume and surplus."""
    found = auction_price(
        bids,
        asks,
        market_buy=market_buy,
        market_sell=market_sell,
        reference=reference,
        tick=5,
        pressure_cap_pct=cap,
    )

    assert naive_price(bids, asks, market_buy, market_sell, reference, 5, cap) == found


@given(levels, levels, markets, markets, references)
def test_no_price_on_the_tick_trades_more(bids, asks, market_buy, market_sell, reference):
    """Not even one that nobody wrote; the reference must be a candidate, or market orders could wait for it."""
    found = auction_price(
        bids, asks, market_buy=market_buy, market_sell=market_sell, reference=reference, tick=5
    )
    volumes = [
        min(
            market_buy + sum(quantity for limit, quantity in bids if limit >= price),
            market_sell + sum(quantity for limit, quantity in asks if limit <= price),
        )
        for price in range(80, 185, 5)
    ]

    if bids or asks:
        assert max(volumes) == (found[1] if found else 0)


@given(st.data())
def test_only_time_ranks_equal_limits(data):
    """Orders handed over in another order trade the same, and as the naive pairing has it."""
    orders = st.lists(st.tuples(st.none() | st.integers(95, 105), st.integers(1, 6)), max_size=6)
    bids = [CallOrder(f"b{at}", *one, 2 * at) for at, one in enumerate(data.draw(orders))]
    asks = [CallOrder(f"a{at}", *one, 2 * at + 1) for at, one in enumerate(data.draw(orders))]
    done = uncross(bids, asks, reference=100)
    again = uncross(data.draw(st.permutations(bids)), data.draw(st.permutations(asks)), reference=100)

    assert done == again
    if done:
        trades = [list(trade) for trade in done.trades]
        assert naive_trades(bids, asks, done.price, done.volume) == trades


@given(st.data())
def test_nobody_trades_beyond_limit_or_quantity(data):
    """What is bought is what is sold is the volume, and who is better off is served first."""
    orders = st.lists(st.tuples(st.none() | st.integers(95, 105), st.integers(1, 6)), max_size=8)
    bids = [CallOrder(f"b{at}", *one, at) for at, one in enumerate(data.draw(orders))]
    asks = [CallOrder(f"a{at}", *one, at) for at, one in enumerate(data.draw(orders))]
    done = uncross(bids, asks)
    if done is None:
        return
    filled = dict.fromkeys([one.id for one in bids + asks], 0)
    for trade in done.trades:
        filled[trade.buy] += trade.quantity
        filled[trade.sell] += trade.quantity

    assert done.volume == sum(filled[one.id] for one in bids) == sum(filled[one.id] for one in asks)
    for one in bids:
        assert 0 <= filled[one.id] <= one.quantity
        assert not filled[one.id] or one.price is None or one.price >= done.price
        if done.surplus <= 0 and (one.price is None or one.price >= done.price):
            assert filled[one.id] == one.quantity
    for one in asks:
        assert not filled[one.id] or one.price is None or one.price <= done.price
        if done.surplus >= 0 and (one.price is None or one.price <= done.price):
            assert filled[one.id] == one.quantity


FIRST = [(512, 40), (511, 30), (509, 50)], [(508, 20), (510, 35), (512, 60)]
SECOND = [(71, 30), (70, 10), (66, 40)], [(65, 25), (68, 15), (72, 50)]
LAST = [(42, 10), (39, 10), (38, 100)], [(38, 10), (41, 10), (42, 100)]


@pytest.mark.parametrize("reference", [None, 400, 511, 600])
def test_one_best_candidate_needs_no_reference(reference):
    assert (511, 55, 15) == auction_price(*FIRST, reference=reference)
    assert (148, 20, -15) == auction_price([(150, 20)], [(148, 35), (149, 10)], reference=reference)


@pytest.mark.parametrize(("reference", "price"), [(69, 69), (60, 68), (75, 70), (None, 69)])
def test_without_surplus_the_reference_decides_inside_the_range(reference, price):
    assert (price, 40, 0) == auction_price(*SECOND, reference=reference)


def test_the_middle_is_rounded_down_to_the_tick():
    bids, asks = [(71 * 5, 4)], [(68 * 5, 4)]

    assert (345, 4, 0) == auction_price(bids, asks, tick=5)


def test_market_orders_make_the_reference_a_candidate():
    assert (1490, 25, -5) == auction_price([], [(1490, 30)], market_buy=25, reference=1500)
    assert (1490, 25, -5) == auction_price([], [(1490, 30)], market_buy=25)


def test_prices_that_nobody_wrote_are_no_candidates():
    """Every tick as a candidate would give 40, where nobody is in surplus."""
    price, _, _ = auction_price(*LAST, reference=45)

    assert price == 41


def test_only_market_orders_trade_at_the_reference_or_not_at_all():
    assert (700, 8, 3) == auction_price([], [], market_buy=11, market_sell=8, reference=700)
    assert auction_price([], [], market_buy=11, market_sell=8) is None


@pytest.mark.parametrize(
    ("bids", "asks", "markets"),
    [([], [], (0, 0)), ([(100, 5)], [], (0, 0)), ([(100, 5)], [(101, 5)], (0, 0)), ([(100, 5)], [], (9, 0))],
)
def test_without_volume_there_is_no_price(bids, asks, markets):
    buy, sell = markets

    assert auction_price(bids, asks, market_buy=buy, market_sell=sell, reference=100) is None


def test_pressure_cap_holds_the_price_near_the_reference():
    """Buyers are in surplus at 100 and at 130: the highest without a cap, else the reference and a little."""
    book = [(130, 50)], [(100, 20)]

    assert (130, 20, 30) == auction_price(*book, reference=110)
    assert (112, 20, 30) == auction_price(*book, reference=110, pressure_cap_pct=2)
    assert (110, 20, 30) == auction_price(*book, reference=110, tick=5, pressure_cap_pct=2)
    assert (100, 20, 30) == auction_price(*book, reference=90, pressure_cap_pct=2)
    assert (130, 20, 30) == auction_price(*book, pressure_cap_pct=2)


def test_pressure_of_sellers_is_capped_downwards_and_rounded_up():
    book = [(130, 20)], [(100, 50)]

    assert (100, 20, -30) == auction_price(*book, reference=110)
    assert (108, 20, -30) == auction_price(*book, reference=110, pressure_cap_pct=2)
    assert (109, 20, -30) == auction_price(*book, reference=110, pressure_cap_pct=Fraction(3, 2))
    assert (109, 20, -30) == auction_price(*book, reference=110, pressure_cap_pct="1.5")


def test_the_end_of_a_volatility_call_goes_to_the_lowest():
    """After 4 of 7 traded at 805 the collar stopped the rest; a sell at 845 came in the call."""
    bids = [CallOrder("taker", 860, 3, 10)]
    asks = [CallOrder("deep", 850, 6, 2), CallOrder("late", 845, 2, 11)]
    done = uncross(bids, asks)

    assert (850, 3, -5) == (done.price, done.volume, done.surplus)
    assert [("taker", "late", 2), ("taker", "deep", 1)] == [tuple(trade) for trade in done.trades]


def test_market_orders_come_before_limits_however_good():
    bids = [CallOrder("limit", 999, 10, 1), CallOrder("market", None, 10, 2)]
    done = uncross(bids, [CallOrder("s", 100, 10, 3)], reference=100)

    assert [("market", "s", 10)] == [tuple(trade) for trade in done.trades]


def test_quantities_beyond_64_bits_stay_exact():
    huge = 10**18 - 1
    bids = [CallOrder(f"b{at}", 5, huge, at) for at in range(40)]
    asks = [CallOrder(f"a{at}", 5, huge, at) for at in range(40)]
    done = uncross(bids, asks)

    assert (5, 40 * huge, 0) == (done.price, done.volume, done.surplus)
    assert len(done.trades) == 40


def test_ranking_and_pairing_go_by_limit_then_time():
    buys = ranked(
        [CallOrder("x", 9, 2, 3), CallOrder("y", 9, 2, 1), CallOrder("z", 8, 2, 0)], highest_first=True
    )
    sells = ranked([CallOrder("p", 9, 1, 3), CallOrder("q", 7, 4, 4)], highest_first=False)

    assert ["y", "x", "z"] == [one.id for one in buys]
    assert [("y", "q", 2), ("x", "q", 2), ("z", "p", 1)] == [tuple(one) for one in pair(buys, sells, 5)]
