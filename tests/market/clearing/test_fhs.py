"""Filtered historical simulation beside exact decimals, its count of worst scenarios, and its monotony."""

import doctest
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.market.clearing import fhs
from steelyard.market.clearing.fhs import History, fhs_margin, fhs_risk, inputs_hash, sigma_now, worst_count
from tests.market.clearing import naive

RETURNS = st.integers(-900, 900).map(lambda one: one / 10_000)


def test_its_examples_hold():
    assert not doctest.testmod(fhs).failed


@pytest.mark.parametrize("confidence", ["0.99", 0.99])
def test_the_worst_are_counted_in_exact_decimals(confidence):
    """In binary floats 500 x (1 - 0.99) is a little more than 5, and its ceiling 6."""
    assert [1, 5, 6, 10] == [worst_count(n, confidence) for n in (10, 500, 501, 1_000)]


@settings(max_examples=60)
@given(
    columns=st.integers(1, 25).flatmap(
        lambda n: st.lists(st.lists(RETURNS, min_size=n, max_size=n), min_size=1, max_size=3)
    ),
    data=st.data(),
    confidence=st.sampled_from(["0.99", "0.95", "0.9", "0.5"]),
    days=st.integers(1, 10),
)
def test_it_finds_what_exact_decimals_find(columns, data, confidence, days):
    """Within 0.01 minor units: VaR, expected shortfall and stressed VaR of a portfolio of some contracts."""
    values = data.draw(st.lists(st.integers(-(10**9), 10**9), min_size=len(columns), max_size=len(columns)))
    stress = data.draw(
        st.lists(st.lists(RETURNS, min_size=len(columns), max_size=len(columns)), min_size=1, max_size=9)
    )
    var0s = [0.0002] * len(columns)
    history = History(list(zip(*columns, strict=True)), var0s, stress)
    (found,) = fhs_risk([values], history, days=days, confidence=confidence, decay="0.97")
    var, es = naive.risk(values, columns, var0s, days=days, confidence=confidence, decay="0.97")
    stressed, _ = naive.risk(
        values, list(zip(*stress, strict=True)), var0s, days=days, confidence=confidence, decay=None
    )
    exact = max(var, Decimal("0.75") * var + Decimal("0.25") * stressed)

    for plain, one in (
        (var, found.var),
        (es, found.es),
        (stressed, found.stressed_var),
        (exact, found.exact),
    ):
        assert abs(plain - Decimal(one)) < Decimal("0.01")
    assert found.margin >= max(0, exact - Decimal("0.01"))
    assert found.margin < max(1, exact + Decimal("1.01"))


def test_without_stress_the_margin_is_the_var():
    (found,) = fhs_risk([[1_000]], History([[-0.1], [0.1]], [0.01]))

    assert found.var == found.stressed_var == found.exact


def test_calm_days_of_the_past_count_as_much_as_the_present_is_wild():
    calm = [0.001, -0.001] * 20

    assert fhs_margin(10**6, [*calm, -0.05], var0=1e-6) > fhs_margin(10**6, [-0.05, *calm], var0=1e-6)
    assert sigma_now([-0.05, *calm], 1e-6) < sigma_now([*calm, -0.05], 1e-6)


@given(
    returns=st.lists(RETURNS, min_size=2, max_size=30),
    value=st.integers(0, 10**8),
    more=st.integers(0, 10**8),
)
def test_a_larger_position_never_needs_less(returns, value, more):
    assert fhs_margin(value, returns, var0=0.0004) <= fhs_margin(value + more, returns, var0=0.0004)


@given(returns=st.lists(RETURNS, min_size=2, max_size=60), days=st.integers(1, 9))
def test_more_days_and_more_confidence_never_need_less(returns, days):
    def margin(**terms):
        return fhs_margin(10**7, returns, var0=0.0004, **terms)

    assert margin(days=days) <= margin(days=days + 1)
    assert margin(confidence="0.9") <= margin(confidence="0.99")


def test_many_portfolios_are_each_what_they_are_alone():
    """To the last bit: nobody's margin depends on whose stand beside it, nor on their order."""
    random = np.random.default_rng(7)
    history = History(
        random.normal(0, 0.01, (300, 6)).tolist(), [0.0001] * 6, random.normal(0, 0.03, (90, 6)).tolist()
    )
    values = random.integers(-(10**10), 10**10, (40, 6)).tolist()
    together = fhs_risk(values, history)

    assert together == [fhs_risk([one], history)[0] for one in values]
    assert together[::-1] == fhs_risk(values[::-1], history)


def test_the_hash_tells_any_change_of_an_input():
    history = History([[0.01], [0.02]], [0.1], [[0.3]])
    hashes = {
        inputs_hash([[5]], history, "0.99"),
        inputs_hash([[6]], history, "0.99"),
        inputs_hash([[5]], history, "0.98"),
        inputs_hash([[5]], history._replace(var0=[0.2]), "0.99"),
        inputs_hash([[5]], history._replace(stress_returns=[]), "0.99"),
        inputs_hash([[5]], history._replace(returns=[[0.02], [0.01]]), "0.99"),
    }

    assert 6 == len(hashes)
    assert inputs_hash([[5]], history, "0.99") == inputs_hash([[5]], history, 0.99)


@pytest.mark.parametrize(
    ("returns", "more"),
    [
        ([], {}),
        ([0.1], {"var0": 0.0}),
        ([0.1], {"decay": "1"}),
        ([0.1], {"confidence": "0"}),
        ([float("nan")], {}),
        ([float("inf")], {}),
    ],
)
def test_what_the_model_cannot_work_with_is_an_error(returns, more):
    with pytest.raises(ValueError):
        fhs_margin(1_000, returns, **({"var0": 0.01} | more))
