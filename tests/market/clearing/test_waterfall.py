"""The waterfall: the example of the rulebook, each layer, and that the parts sum to the loss whatever the remainder."""

import doctest
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.market.clearing import shares
from steelyard.market.clearing import waterfall as module
from steelyard.market.clearing.shares import settle_sum, share_out
from steelyard.market.clearing.waterfall import waterfall
from tests.market.clearing import naive

MINOR = st.integers(0, 60)
MEMBERS = st.dictionaries(st.sampled_from("ABCDE"), MINOR, max_size=5)


def test_its_examples_hold():
    assert not doctest.testmod(module).failed
    assert not doctest.testmod(shares).failed


def test_the_example_of_the_rulebook():
    """Loss 7.4 M, margin 3.2 M, own share 0.7 M, capital 1.0 M: 2.5 M is left for the survivors."""
    found = waterfall(
        740_000_000, margin=320_000_000, own_fund=70_000_000, capital=100_000_000,
        survivors={"C": 40_000_000, "A": 180_000_000, "B": 110_000_000},
    )  # fmt: skip

    assert (320_000_000, 70_000_000, 100_000_000) == (found.margin, found.own_fund, found.capital)
    assert {"A": 136_363_637, "B": 83_333_333, "C": 30_303_030} == found.survivors
    assert ({}, {}, 0) == (found.assessments, found.gains, found.uncovered)


def test_a_layer_that_is_not_reached_is_empty():
    found = waterfall(5, margin=5, own_fund=9, capital=9, survivors={"A": 9}, gains={"A": 9})

    assert (5, 0, 0, {}, {}, {}, 0) == (
        found.margin, found.own_fund, found.capital, found.survivors, found.assessments, found.gains,
        found.uncovered,
    )  # fmt: skip


def test_every_layer_is_drained_before_contracts_are_torn_up():
    found = waterfall(
        100,
        margin=1,
        own_fund=2,
        capital=3,
        survivors={"A": 4, "B": 5},
        assessments=Fraction(1, 2),
        gains={"B": 6},
    )

    assert ({"A": 4, "B": 5}, {"A": 2, "B": 2}, {"B": 6}, 75) == (
        found.survivors, found.assessments, found.gains, found.uncovered,
    )  # fmt: skip


def test_equal_remainders_go_to_the_lower_id():
    assert {"A": 2, "B": 2, "C": 1} == share_out(5, {"C": 7, "B": 7, "A": 7})


@given(
    loss=st.integers(0, 400), margin=MINOR, own=MINOR, capital=MINOR, members=MEMBERS, gains=MEMBERS,
    multiple=st.fractions(0, 2, max_denominator=4),
)  # fmt: skip
def test_it_pays_as_the_plain_one_does_and_sums_to_the_loss(
    loss, margin, own, capital, members, gains, multiple
):
    found = waterfall(
        loss,
        margin=margin,
        own_fund=own,
        capital=capital,
        survivors=members,
        assessments=multiple,
        gains=gains,
    )
    asked = {one: int(share * multiple) for one, share in members.items()}
    layers = [{"-": margin}, {"-": own}, {"-": capital}, members, asked, gains]
    paid, uncovered = naive.waterfall(loss, layers)

    assert loss == found.paid + found.uncovered
    assert uncovered == found.uncovered
    assert [one["-"] for one in paid[:3]] == [found.margin, found.own_fund, found.capital]
    for plain, layer in zip(paid[3:], (found.survivors, found.assessments, found.gains), strict=True):
        assert {one: minor for one, minor in plain.items() if minor} == {
            one: minor for one, minor in layer.items() if minor
        }


@given(loss=st.integers(0, 300), more=st.integers(0, 50), members=MEMBERS)
def test_a_larger_loss_takes_no_less_from_any_layer(loss, more, members):
    """Layer by layer; inside a layer one member may lose a unit of rounding to another."""
    low, high = (
        waterfall(one, margin=20, own_fund=10, capital=5, survivors=members) for one in (loss, loss + more)
    )

    assert low.margin <= high.margin
    assert low.own_fund <= high.own_fund
    assert low.capital <= high.capital
    assert sum(low.survivors.values()) <= sum(high.survivors.values())
    assert sum(low.assessments.values()) <= sum(high.assessments.values())
    assert low.uncovered <= high.uncovered


@given(
    total=st.integers(0, 10**6),
    weights=st.dictionaries(st.sampled_from("ABCDE"), st.integers(1, 10**4), min_size=1),
)
def test_a_share_is_its_exact_part_rounded_one_way_or_the_other(total, weights):
    parts, whole = share_out(total, weights), sum(weights.values())

    assert total == sum(parts.values())
    assert all(abs(parts[one] - Fraction(total * weights[one], whole)) < 1 for one in weights)


@pytest.mark.parametrize("bad", [{"loss": -1}, {"margin": -1}, {"assessments": -1}, {"survivors": {"A": -1}}])
def test_nothing_below_zero_is_shared(bad):
    given = {"loss": 9, "margin": 1, "own_fund": 1, "capital": 1, "survivors": {"A": 9}} | bad

    with pytest.raises(ValueError, match="not negative"):
        waterfall(given.pop("loss"), **given)


def test_amounts_that_leave_a_fraction_are_not_settled():
    with pytest.raises(ValueError, match="whole number"):
        settle_sum({"A": Fraction(1, 2)})
    with pytest.raises(ValueError, match="weight"):
        share_out(1, {"A": 0})
