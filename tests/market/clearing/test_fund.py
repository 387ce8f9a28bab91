"""The size of a default fund against every pair, and how it is shared."""

import doctest
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from steelyard.market.clearing import fund
from steelyard.market.clearing.fund import cover_two, shares

NAMES = "ABCDEF"
LOSSES = st.dictionaries(st.sampled_from(NAMES), st.integers(-50, 200))
AVERAGES = st.dictionaries(st.sampled_from(NAMES), st.integers(0, 100), min_size=1)


def test_its_examples_hold():
    assert not doctest.testmod(fund).failed


@given(st.lists(LOSSES, max_size=5), st.dictionaries(st.sampled_from(NAMES), st.integers(0, 90)))
def test_it_covers_every_pair_in_every_scenario_and_not_a_unit_more(scenarios, margins):
    worst = 0
    for losses in scenarios:
        for pair in [*combinations(losses, 2), *((one,) for one in losses)]:
            worst = max(worst, sum(max(0, losses[one] - margins.get(one, 0)) for one in pair))

    assert worst == cover_two(scenarios, margins, {})


def test_members_of_a_group_fail_together():
    losses = {"A": 30, "B": 30, "C": 30, "D": 10}

    assert 60 == cover_two([losses], {}, {})
    assert 90 == cover_two([losses], {}, {"A": "g", "B": "g"})


@given(size=st.integers(0, 10_000), averages=AVERAGES, least=st.integers(0, 300))
def test_shares_sum_to_the_fund_or_to_what_smallest_shares_ask_for(size, averages, least):
    found = shares(size, averages, least=least)

    assert set(averages) == set(found)
    assert all(minor >= least for minor in found.values())
    assert max(size, least * len(averages)) == sum(found.values())


@given(size=st.integers(0, 10_000), averages=AVERAGES)
def test_a_larger_margin_never_means_a_smaller_share(size, averages):
    found = shares(size, averages)

    for one in averages:
        for other in averages:
            assert averages[one] <= averages[other] or found[one] >= found[other] - 1
