"""The plan of a margin run: sums are exact, and who is short delays nobody."""

import doctest

from hypothesis import given
from hypothesis import strategies as st

from steelyard.market.clearing import variation
from steelyard.market.clearing.variation import (
    Owed,
    Run,
    RunEvent,
    RunState,
    claims,
    dues,
    pay_claim,
    plan_pay,
    step,
)

MINOR = st.integers(0, 90)


@st.composite
def runs(draw):
    """Give a run with some collected, and what stands on margin accounts and on the liquidity account."""
    gains = draw(st.dictionaries(st.sampled_from("ABCDEFG"), st.integers(-90, 90), max_size=6))
    gains["H"] = -sum(gains.values())
    due, gain = dues(gains)
    collected = {one: draw(st.sampled_from([0, minor])) for one, minor in due.items()}
    run = Run(
        b"r", 1, "NOR", 9, 0, 1, due, gain, {}, {one: minor for one, minor in collected.items() if minor}
    )
    return run, {one: draw(MINOR) for one in due}, draw(MINOR)


def test_its_examples_hold():
    assert not doctest.testmod(variation).failed


def test_a_run_is_paid_once():
    assert RunState.CALLED is step(RunState.CALLED, RunEvent.COLLECTED)
    assert RunState.PAID is step(RunState.CALLED, RunEvent.PAID_OUT)
    assert None is step(RunState.PAID, RunEvent.PAID_OUT)


@given(runs())
def test_what_comes_in_goes_out(case):
    """To the unit; each payer is taken what he owes and no more, nobody is paid more than his gain."""
    run, margins, liquidity = case
    plan = plan_pay(run, margins=margins, liquidity=liquidity)

    assert sum(run.due.values()) == sum(run.gain.values())
    taken = plan.collected + sum(plan.from_margin.values()) + sum(plan.advanced.values())
    assert taken == sum(plan.paid.values())
    for one, minor in run.due.items():
        parts = (run.collected, plan.from_margin, plan.advanced, plan.missing)
        assert minor == sum(part.get(one, 0) for part in parts)
        assert plan.from_margin.get(one, 0) <= margins[one]
    assert sum(plan.advanced.values()) <= liquidity
    for one, minor in run.gain.items():
        assert minor == plan.paid.get(one, 0) + plan.unpaid.get(one, 0)


@given(runs())
def test_a_short_payer_delays_no_gainer(case):
    """While margin accounts and the liquidity account hold what is lacking, every gainer is paid whole."""
    run, margins, liquidity = case
    plan = plan_pay(run, margins=margins, liquidity=liquidity)
    lacking = sum(max(0, run.open_due(one) - margins[one]) for one in run.due)

    assert (lacking <= liquidity) is (plan.paid == run.gain)
    assert max(0, lacking - liquidity) == sum(plan.unpaid.values())


@given(runs())
def test_margin_is_taken_before_money_is_advanced(case):
    run, margins, liquidity = case
    plan = plan_pay(run, margins=margins, liquidity=liquidity)

    for one in plan.advanced:
        assert margins[one] == plan.from_margin.get(one, 0)


@given(runs())
def test_nothing_is_advanced_for_who_is_unaided(case):
    run, margins, liquidity = case
    names = sorted(run.due)[:1]
    plan = plan_pay(run, margins=margins, liquidity=liquidity, unaided=names)

    assert not set(names) & set(plan.advanced)
    assert sum(run.gain.values()) == sum(plan.paid.values()) + sum(plan.unpaid.values())


@given(runs(), st.data())
def test_claims_are_what_is_advanced_and_what_gainers_wait_for(case, data):
    """Paid in any parts, each gainer gets all he waits for and the liquidity account all it advanced."""
    run, margins, liquidity = case
    plan = plan_pay(run, margins=margins, liquidity=liquidity)
    owed = claims(run, plan, 9)
    waits = dict.fromkeys(plan.unpaid, 0)
    for claim in owed:
        assert claim.minor == plan.advanced.get(claim.member, 0) + plan.missing.get(claim.member, 0)
        for gainer, minor in claim.unpaid.items():
            waits[gainer] += minor
    assert plan.unpaid == waits

    back = 0
    got = dict.fromkeys(waits, 0)
    for claim in owed:
        while claim.minor:
            before, part = claim.minor, data.draw(st.integers(1, claim.minor))
            gainers, to_liquidity = pay_claim(claim, part)
            assert part == sum(gainers.values()) + to_liquidity == before - claim.minor
            back += to_liquidity
            for gainer, minor in gainers.items():
                got[gainer] += minor
    assert (waits, sum(plan.advanced.values())) == (got, back)


def test_gainers_come_before_the_liquidity_account():
    claim = Owed(b"", "B", "NOR", 0, 5, {"A": 7})

    assert ({"A": 6}, 0) == pay_claim(claim, 6)
    assert ({"A": 1}, 1) == pay_claim(claim, 2)
    assert ({}, 4) == pay_claim(claim, 99)
    assert 0 == claim.minor
