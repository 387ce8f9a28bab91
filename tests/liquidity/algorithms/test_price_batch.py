"""The batch that finds its prices: whatever the search did, the rules hold in exact arithmetic."""

import json
import random
from fractions import Fraction
from itertools import permutations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from steelyard.liquidity.algorithms import price_batch, price_search
from steelyard.liquidity.algorithms.price_batch import find_prices
from steelyard.liquidity.algorithms.price_minor import in_minor
from steelyard.liquidity.orders import Order
from tests.shared import SHARED

ratios = st.sampled_from([Fraction(num, den) for num in range(1, 7) for den in range(1, 7)])


@st.composite
def books(draw, currencies="ABCD", size=9):
    """Draw a small book in which many limits meet."""
    names = draw(st.integers(2, len(currencies)))
    pairs = st.sampled_from(list(permutations(currencies[:names], 2)))
    drawn = draw(st.lists(st.tuples(pairs, st.integers(1, 50), ratios, st.integers(0, 3)), max_size=size))
    return [
        Order(f"o{at}", sell, buy, amount, limit, seq=seq)
        for at, ((sell, buy), amount, limit, seq) in enumerate(drawn)
    ]


def thick(count, currencies, *, seed, spread=0.02):
    """Give a book of many orders round hidden prices, most of them a little out of the money."""
    rng = random.Random(seed)
    prices = [rng.uniform(0.5, 2) for _ in range(currencies)]
    orders = []
    for at in range(count):
        sell, buy = rng.sample(range(currencies), 2)
        limit = prices[sell] / prices[buy] * (1 + rng.gauss(-0.3 * spread, spread))
        orders.append(
            Order(
                str(at), f"C{sell:02}", f"C{buy:02}", rng.randint(1, 10**6),
                Fraction(round(limit * 10**6), 10**6), seq=at,
            )
        )  # fmt: skip
    return orders


def broken(orders, found, *, strict=True):
    """Name the rules that fills break: the limits, the balance of each currency, and who has to fill."""
    wrong, net = [], {}
    for order in orders:
        fill, ratio = found.fills[order.id], found.ratio(order.sell, order.buy)
        net[order.sell] = net.get(order.sell, 0) - fill
        net[order.buy] = net.get(order.buy, 0) + fill * ratio
        limit = order.limit
        if not 0 <= fill <= order.amount_minor:
            wrong.append(f"{order.id} fills {fill} of {order.amount_minor}")
        if fill and ratio < limit:
            wrong.append(f"{order.id} fills at {ratio}, worse than {limit}")
        if strict and ratio > limit and fill != order.amount_minor:
            wrong.append(f"{order.id} is in the money and fills only {fill}")
    return wrong + [f"{name} keeps {left}" for name, left in sorted(net.items()) if left]


@settings(max_examples=100, deadline=None)
@given(orders=books())
def test_prices_and_fills_obey_every_rule(orders):
    """In the money fills whole, out of it nothing, and each currency is bought for as much as it is sold.

    A book for which no prices are found in the rounds there are, which is rare, fills nothing at all.
    """
    found = find_prices(orders)
    if found.fallback:
        assert ("not converged", {0}) == (found.reason, set(found.fills.values()))
    assume(not found.fallback)

    assert [] == broken(orders, found)


@settings(max_examples=60, deadline=None)
@given(orders=books("AB", 5))
def test_two_currencies_trade_at_a_ratio_that_brute_force_knows(orders):
    """Between two currencies every ratio that could be right is tried: a limit, or all against all."""
    limits = [order.limit for order in orders]
    found = find_prices(orders)
    if not any(found.fills.values()):
        ways = [(1, limit) for order, limit in zip(orders, limits, strict=True) if order.sell == "A"]
        best_a = min((limit for _, limit in ways), default=None)
        best_b = min(
            (limit for order, limit in zip(orders, limits, strict=True) if order.sell == "B"), default=None
        )
        assert best_a is None or best_b is None or best_a * best_b > 1
        return
    sums = {
        (name, limit): sum(
            order.amount_minor
            for order, own in zip(orders, limits, strict=True)
            if order.sell == name and own <= limit
        )
        for name in "AB"
        for limit in limits
    }
    tried = {limit for order, limit in zip(orders, limits, strict=True) if order.sell == "A"}
    tried |= {1 / limit for order, limit in zip(orders, limits, strict=True) if order.sell == "B"}
    tried |= {
        Fraction(bought, sold)
        for (one, _), sold in sums.items()
        for (two, _), bought in sums.items()
        if one == "A" and two == "B" and sold
    }

    assert found.ratio("A", "B") in tried


@settings(max_examples=30, deadline=None)
@given(orders=books(), seed=st.integers(0, 99))
def test_the_sequence_of_orders_does_not_matter(orders, seed):
    """A shuffled book has the same prices and the same fills, in the same sequence."""
    shuffled = random.Random(seed).sample(orders, len(orders))
    one, two = find_prices(orders), find_prices(shuffled)

    assert (one, list(one.fills)) == (two, list(two.fills))


@settings(max_examples=60, deadline=None)
@given(orders=books())
def test_whole_minor_units_lose_less_than_one_per_pair(orders):
    """Debits and credits are whole, within size and limit, and what rounding leaves is the residual's.

    A pair that sells less than one minor unit books nothing and lacks all the same.
    """
    found = find_prices(orders)
    booking = in_minor(orders, found)
    net, pairs = {}, {}
    for order in orders:
        if found.fills[order.id]:
            pairs.setdefault(order.sell, set()).add(order.buy)
        if order.id not in booking.fills:
            continue
        sold, bought = booking.fills[order.id]
        net[order.sell] = net.get(order.sell, 0) + sold
        net[order.buy] = net.get(order.buy, 0) - bought
        assert 0 <= sold <= order.amount_minor
        assert bought >= (sold * (order.limit)).__floor__()

    assert booking.residual_minor == {name: left for name, left in net.items() if left}
    for name, left in booking.residual_minor.items():
        assert left > -len(pairs.get(name, ())) or name not in pairs
    assert booking == in_minor(orders[::-1], found)


def test_shared_vectors_hold():
    """Fills, ratios and pair-only fills of the development set."""
    if SHARED is None:
        pytest.skip("no shared data here")
    text = (SHARED / "liquidity" / "fx_auction.json").read_text("utf-8")
    for case in json.loads(text)["vectors"]:
        orders = [
            Order(one["id"], one["sell"], one["buy"], one["amount"], Fraction(one["min_rate"]), seq=at)
            for at, one in enumerate(case["orders"])
        ]
        found, expect = find_prices(orders), case["expect"]

        assert {id: Fraction(fill) for id, fill in expect["fills"].items()} == found.fills
        for one, two, ratio in expect.get("price_ratio", ()):
            assert abs(found.ratio(one, two) - Fraction(ratio)) <= Fraction(ratio) / 10**6
        if "pair_only_fills" in expect:
            apart = find_prices(orders, pair_only=True)
            assert {id: Fraction(fill) for id, fill in expect["pair_only_fills"].items()} == apart.fills
        assert [] == broken(orders, found)


@pytest.mark.parametrize(("count", "currencies"), [(300, 3), (3_000, 6), (6_000, 20)])
def test_thick_books_are_priced_exactly(count, currencies):
    """What the search finds in a book of many near limits polishes to exact prices too."""
    orders = thick(count, currencies, seed=count)
    found = find_prices(orders)

    assert found.polished
    assert [] == broken(orders, found)


def test_cross_rates_agree():
    """Over a third currency the ratio is the same."""
    found = find_prices(thick(600, 4, seed=4))

    assert found.ratio("C00", "C02") == found.ratio("C00", "C01") * found.ratio("C01", "C02")


def test_each_pair_apart_sees_no_ring():
    """A ring trades together and not pair by pair; a pair has then a ratio of its own."""
    ring = [Order(name, name, "ABCA"["ABC".index(name) + 1], 100, Fraction(98, 100)) for name in "ABC"]
    both = [Order("x", "A", "B", 80, Fraction(1)), Order("y", "B", "A", 80, Fraction(1))]
    apart = find_prices([*ring, *both], pair_only=True)

    assert {"A": 100, "B": 100, "C": 100} == find_prices(ring).fills
    assert apart.fills["C"] == 0
    assert apart.prices == {}
    assert apart.ratio("A", "B") * apart.ratio("B", "A") == 1


def test_a_thin_book_is_handed_over():
    """With a reference and few orders the batch is that of reference rates, and says so."""
    ring = [
        Order("a", "INR", "RUB", 1200), Order("b", "RUB", "CNY", 1200), Order("c", "CNY", "INR", 100),
    ]  # fmt: skip
    found = find_prices(ring, reference={"INR": 1, "RUB": 1, "CNY": 12})

    assert ("reference", "thin") == (found.fallback, found.reason)
    assert {"a": 1200, "b": 1200, "c": 100} == found.fills
    assert found.ratio("CNY", "INR") == 12


def test_prices_outside_the_band_are_handed_over():
    """A book far from the reference trades at the reference, as far as limits allow."""
    orders = thick(600, 3, seed=3)
    found = find_prices(orders)
    values = {
        name: Fraction(round(price * 10**9 / found.prices["C00"]), 10**9)
        for name, price in found.prices.items()
    }
    near = find_prices(orders, reference=values)
    far = find_prices(orders, reference=values | {"C00": values["C00"] * Fraction(106, 100)})

    assert near.prices == found.prices
    assert ("reference", "outside band") == (far.fallback, far.reason)
    assert far.ratio("C00", "C01") == values["C00"] * Fraction(106, 100) / values["C01"]
    assert [] == [name for name in broken(orders, far, strict=False) if "worse" in name]


def test_an_order_without_limit_takes_what_the_band_allows():
    """It stands at the money at the worst edge of the band, and in it elsewhere."""
    orders = [
        Order("any", "A", "B", 100), Order("one", "B", "A", 60, Fraction(99, 100), seq=1),
        Order("two", "B", "A", 100, Fraction(102, 100), seq=2),
    ]  # fmt: skip
    found = find_prices(orders, reference={"A": 1, "B": 1}, orders_min=0)

    assert found.ratio("B", "A") == Fraction(102, 100)
    assert {"any": 100, "one": 60, "two": 100 / Fraction(102, 100) - 60} == found.fills


def test_without_a_reference_a_search_that_fails_trades_nothing(monkeypatch):
    """No convergence and nothing to fall back on: no fills."""
    monkeypatch.setattr(price_batch, "polish", lambda *_: None)
    monkeypatch.setattr(price_search, "ROUNDS_MAX", 0)
    orders = thick(300, 3, seed=1)
    found = find_prices(orders)

    assert ("none", "not converged") == (found.fallback, found.reason)
    assert not any(found.fills.values())


@pytest.mark.parametrize("seed", range(5))
def test_frozen_prices_keep_limits_and_balance(monkeypatch, seed):
    """Where prices cannot be polished, orders nearest to their limits give way and the rest fills whole."""
    monkeypatch.setattr(price_batch, "polish", lambda *_: None)
    orders = thick(300, 4, seed=seed)
    found = find_prices(orders)
    excused = sorted(
        1 - order.limit / found.ratio(order.sell, order.buy)
        for order in orders
        if found.ratio(order.sell, order.buy) > order.limit
    )[: found.relaxed]
    short = [
        order for order in orders
        if found.ratio(order.sell, order.buy) > order.limit and found.fills[order.id] != order.amount_minor
    ]  # fmt: skip

    assert not found.polished
    assert found.relaxed > 0
    assert [] == broken(orders, found, strict=False)
    assert all(1 - order.limit / found.ratio(order.sell, order.buy) <= excused[-1] for order in short)


def test_limits_that_share_a_double_are_told_apart():
    """Two limits nearer than floats can see: the better one fills, the other does not."""
    nudge = Fraction(1, 2**80)
    orders = [
        Order("low", "A", "B", 10, 1 - nudge), Order("high", "A", "B", 10, 1 + nudge, seq=1),
        Order("other", "B", "A", 10, Fraction(1), seq=2),
    ]  # fmt: skip
    found = find_prices(orders)

    assert {"low": 10, "high": 0, "other": 10} == found.fills


def test_the_search_gives_the_same_doubles_everywhere():
    """Pinned to the last bit: only +, -, x and / in a fixed order are used."""
    book = price_batch.pack(thick(500, 4, seed=7))
    market = price_batch.Market(book)
    found = price_search.search(market, price_search.start(book, market))

    assert PINNED == [found.rounds, *(float(price).hex() for price in found.prices)]


PINNED = [34, "0x1.18ab4b1b36c4bp+0", "0x1.a0d9cb152e048p-1", "0x1.a4c2511c3ecf5p+0", "0x1.5dc6d29b33f96p-1"]


@pytest.mark.parametrize(
    ("orders", "error"),
    [
        ([Order("a", "A", "B", 1.5)], TypeError),
        ([Order("a", "A", "B", 1, 0.5)], TypeError),
        ([Order("a", "A", "B", 0)], ValueError),
        ([Order("a", "A", "B", 1, Fraction(0))], ValueError),
        ([Order("a", "A", "A", 1)], ValueError),
        ([Order("a", "A", "B", 1), Order("a", "B", "A", 1)], ValueError),
    ],
)
def test_what_is_no_order_is_turned_away(orders, error):
    """Floats, nothing to sell, no limit worth the name, one currency, one id twice."""
    with pytest.raises(error):
        find_prices(orders)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({}, ValueError),
        ({"band_bp": 100}, ValueError),
        ({"reference": {"A": 1}}, ValueError),
        ({"reference": {"A": 1, "B": 0}}, ValueError),
        ({"reference": {"A": 1, "B": 0.5}}, TypeError),
        ({"reference": {"A": 1, "B": 1}, "band_bp": 10_000}, ValueError),
    ],
)
def test_a_reference_is_whole_and_exact(given, error):
    """A band and an order without limit need a reference: an exact worth above 0 for every currency."""
    with pytest.raises(error):
        find_prices([Order("a", "A", "B", 1)], **given)


def test_an_empty_book_has_no_prices():
    """Nothing in, nothing out."""
    assert {} == find_prices([]).fills
