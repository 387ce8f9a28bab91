"""The benchmark moves with the market and not with whoever trades most."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.market.benchmark import benchmark, factors, firm_median, in_currencies, minor

DAY = [
    ("261.50", 60, "A", "B"),
    ("262.10", 50, "C", "D"),
    ("261.80", 70, "E", "F"),
    ("262.40", 40, "G", "H"),
    ("261.60", 80, "C", "F"),
]
COLLUDERS = ("279.00", 600, "X", "Y")


def test_the_worked_day_gives_its_value():
    """C and F trade in two of five, so their trades weigh less; nobody else's do."""
    found = factors(DAY)

    assert (Fraction(17, 39), Fraction(1, 3)) == (found["C"], found["F"])
    assert {"1"} == {str(one) for name, one in found.items() if name not in "CF"}
    assert Fraction("261.60") == benchmark(DAY)


def test_two_colluders_move_it_little():
    """Two thirds of the volume at a price of their own: a plain mean jumps by 11.45, the benchmark by 0.20."""
    day = [*DAY, COLLUDERS]
    mean = sum(Fraction(price) * volume for price, volume, *_ in day) / sum(one[1] for one in day)

    assert Fraction(1, 6) == factors(day)["X"] == factors(day)["Y"]
    assert Fraction("273.27") == round(mean, 2)
    assert Fraction("261.80") == benchmark(day)


houses = st.integers(8, 14)


@given(st.data(), houses, st.integers(0, 65), st.sampled_from([-1, 1]), st.integers(1, 40))
def test_a_pair_with_two_thirds_of_the_volume_moves_it_less_than_a_fifth_of_a_percent(
    data, count, share, side, far
):
    """Honest trades lie within 0.18 % of each other, between many; the pair prints as far out as it likes."""
    honest = []
    for at in range(count):
        price = Fraction(26_000 + data.draw(st.integers(0, 46)))
        honest.append((price, data.draw(st.integers(30, 60)), f"B{at}", f"S{at}"))
    volume = sum(one[1] for one in honest)
    wash = Fraction(volume * share, 100 - share)
    price = Fraction(26_000 * (100 + side * far), 100)
    before = benchmark(honest)
    after = benchmark([*honest, (price, wash, "X", "Y")]) if wash else before

    assert abs(after - before) < before * Fraction(2, 1000)


@given(st.data(), st.integers(2, 5))
def test_splitting_the_wash_into_many_prints_changes_nothing(data, parts):
    """It is the pair's whole volume that is capped, not a trade's."""
    whole = benchmark([*DAY, COLLUDERS])
    cuts = data.draw(st.lists(st.integers(1, 100), min_size=parts, max_size=parts))
    pieces = [("279.00", Fraction(600 * cut, sum(cuts)), "X", "Y") for cut in cuts]

    assert whole == benchmark([*DAY, *pieces])


days = st.lists(
    st.tuples(st.integers(90, 110), st.integers(1, 50), st.sampled_from("ABCDEF"), st.sampled_from("GHIJKL")),
    min_size=1,
    max_size=9,
)


@given(days)
def test_it_is_the_weighted_median_of_the_written_weights(trades):
    """Computed unit by unit: no more than half of the weight lies strictly below it, nor above."""
    total = sum(volume for _, volume, *_ in trades)
    weights = []
    for _, volume, *pair in trades:
        own = [sum(v for _, v, *others in trades if party in others) for party in pair]
        weights.append(volume * min(min(Fraction(1), Fraction(total - one, 3 * one)) for one in own))
    found = benchmark(trades, participants_min=1)
    if found is None:
        assert sum(weights) == 0
        return
    below = sum(weight for weight, trade in zip(weights, trades, strict=True) if trade[0] < found)
    above = sum(weight for weight, trade in zip(weights, trades, strict=True) if trade[0] > found)

    assert 2 * below <= sum(weights)
    assert 2 * above <= sum(weights)
    assert (2 * below == sum(weights)) == (2 * above == sum(weights))


@given(days, st.randoms())
def test_the_order_of_trades_does_not_matter(trades, draw):
    assert benchmark(trades) == benchmark(draw.sample(trades, len(trades)))


def test_exactly_half_gives_the_middle_of_two_prices():
    trades = [(100, 10, "A", "B"), (103, 10, "C", "D")]

    assert Fraction(203, 2) == benchmark(trades)


@pytest.mark.parametrize(
    ("least", "found"),
    [({}, 5), ({"volume_min": 20}, 5), ({"volume_min": 21}, None), ({"participants_min": 5}, None)],
)
def test_too_little_data_gives_no_value(least, found):
    trades = [(5, 10, "A", "B"), (5, 10, "C", "D")]

    assert found == benchmark(trades, **least)


def test_three_participants_are_too_few():
    assert benchmark([(5, 10, "A", "B"), (5, 10, "B", "C")]) is None


def test_who_is_in_every_trade_makes_no_price():
    """Without him there is no volume, so nothing weighs anything."""
    trades = [(price, 10, "M", party) for price, party in enumerate("ABCDE")]

    assert benchmark(trades) is None


def test_no_trade_gives_no_value():
    assert benchmark([]) is None
    assert benchmark([(5, 0, "A", "B"), (5, 0, "C", "D")]) is None


def test_without_a_cap_volume_is_weight():
    assert Fraction(279) == benchmark([*DAY, COLLUDERS], cap=1)


@pytest.mark.parametrize(
    ("rates", "middle"), [([], None), ([3], 3), (["2.50", "2.52"], "2.51"), ([9, 1, 5], 5), ([4, 1, 2, 9], 3)]
)
def test_the_median_of_firm_rates_is_the_middle(rates, middle):
    assert (None if middle is None else Fraction(middle)) == firm_median(rates)


@given(st.fractions(1, 10**6), st.dictionaries(st.sampled_from(["AED", "BRL", "ZAR"]), st.fractions(1, 99)))
def test_a_value_comes_back_from_every_currency_exactly(value, medians):
    """Nothing is rounded on the way; what is shown is half a minor unit away at most."""
    found = in_currencies(value, medians)

    assert sorted(medians) == list(found)
    for currency, worth in found.items():
        assert worth / medians[currency] == value
        assert abs(minor(worth) - worth) <= Fraction(1, 2)
