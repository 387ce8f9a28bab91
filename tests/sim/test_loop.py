"""The run loop: queue modes give what A1 gives, bundles keep every floor, money is neither made nor lost."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.liquidity.algorithms.bounds import Sent, liquidity_bounds
from steelyard.liquidity.algorithms.entry import enter
from steelyard.sim.book import Accounts, Money
from steelyard.sim.loop import run
from steelyard.sim.mechanisms import STANDARD, Mechanism
from steelyard.sim.money import at_alpha, bounds, endow
from steelyard.sim.scenario import Limits, Scenario, read
from steelyard.sim.sending import sending
from steelyard.sim.synthetic import Day, standard_day
from steelyard.sim.trade import invented

PLAIN = Scenario()
SMALL = standard_day(1, 1_500, banks=12, trade=invented())


def play(day, mechanism, alpha, scenario=PLAIN):
    """Run a day and give what happened, with the money it began with."""
    accounts = Accounts.of(day, pool=mechanism.pool)
    money = endow(day, scenario, accounts, *bounds(day, accounts), Fraction(alpha))
    return run(day, mechanism, money, sending(day, scenario, pool=mechanism.pool), scenario.limits), money


def day_of(rows):
    """Give a day of one currency from rows (payer, payee, amount, priority, second); banks are 0 to 3."""
    columns = [np.array(column, dtype=np.int64) for column in zip(*rows, strict=True)] if rows else [
        np.zeros(0, dtype=np.int64) for _ in range(5)
    ]  # fmt: skip
    payer, payee, amount, priority, at_s = columns
    return Day(
        banks=("A", "B", "C", "D"), bank_member=np.arange(4), members=("A", "B", "C", "D"),
        homes=("EUR",) * 4, currencies=("EUR",), payer=payer, payee=payee, currency=np.zeros_like(payer),
        amount_minor=amount, priority=priority, at_s=at_s, close_s=36_000, source="by hand",
    )  # fmt: skip


payments = st.lists(
    st.tuples(st.integers(0, 3), st.integers(1, 3), st.integers(1, 30), st.integers(0, 2)), max_size=14
).map(
    lambda rows: [
        (a, (a + d) % 4, amount, priority, 10 * n) for n, (a, d, amount, priority) in enumerate(rows)
    ]
)
money_of_four = st.lists(st.integers(0, 40), min_size=4, max_size=4)


@settings(deadline=None)
@given(rows=payments, own=money_of_four, mode=st.sampled_from(["fifo", "bypass", "guarded"]))
def test_queue_modes_give_what_entry_gives(rows, own, mode):
    """Same order of settlement, same balances, same payments left, as A1 over the whole day at once."""
    day = day_of(rows)
    found = run(day, Mechanism(entry=mode), Money(list(own), [0] * 4, [0] * 4), sending(day, PLAIN))
    names = ["A/EUR", "B/EUR", "C/EUR", "D/EUR"]
    entered = enter(dict(zip(day.banks, own, strict=True)), day.queued(split="none"), mode=mode)

    assert [int(name[1:]) - 1 for name in entered.settled] == found.payment.tolist()
    assert names == Accounts.of(day, pool=False).names
    assert list(entered.balances.values()) == found.closing.tolist()
    assert {int(name[1:]) - 1 for name in entered.queued} == set(np.flatnonzero(found.open_minor).tolist())


@given(rows=payments, own=money_of_four, name=st.sampled_from(sorted(STANDARD)))
@settings(max_examples=60, deadline=None)
def test_no_account_falls_below_nothing_and_money_stays(rows, own, name):
    """Whatever the mechanism; only where cycles are funded may an account owe until the close."""
    day, mechanism = day_of(rows), STANDARD[name]
    found = run(day, mechanism, Money(list(own), [0] * 4, [0] * 4), sending(day, PLAIN))
    settled = np.bincount(found.payment, weights=found.amount_minor, minlength=len(day)).astype(np.int64)

    assert sum(own) == int(found.closing.sum())
    assert mechanism.fund or found.lowest.min() >= 0
    assert (settled + found.open_minor == day.amount_minor).all()
    assert (np.diff(found.at_s) >= 0).all()


@settings(deadline=None)
@given(rows=payments)
def test_bounds_are_those_of_the_algorithm(rows):
    """Columns and A8's plain loop agree on every account."""
    day = day_of(rows)
    sent = [Sent(p.id, p.payer, p.payee, "EUR", p.amount_minor, p.seq) for p in day.queued()]
    lower, upper = bounds(day, Accounts.of(day, pool=False))
    wanted = liquidity_bounds(sent)

    for number, bank in enumerate(day.banks):
        assert wanted.lower.get((bank, "EUR"), 0) == lower[number]
        assert wanted.upper.get((bank, "EUR"), 0) == upper[number]


def test_at_the_upper_bound_everything_settles_at_once():
    """Pure RTGS refuses nothing and nothing waits."""
    found, _ = play(SMALL, STANDARD["rtgs"], 1)

    assert 0 == found.refused == int(found.open_minor.sum())
    assert (found.at_s == SMALL.at_s).all()


@pytest.mark.parametrize("name", ["multilateral", "split", "split-top1", "pooled", "pooled-split", "net-4"])
def test_at_the_lower_bound_everything_settles_by_the_close(name):
    """The set of all payments is covered once all are there."""
    found, _ = play(SMALL, STANDARD[name], 0)

    assert 0 == int(found.open_minor.sum())


def test_below_the_lower_bound_better_rules_settle_more():
    """Money at half the lower bound: a plan in parts before ordered sets before a plain FIFO queue."""
    value = {
        name: int(play(SMALL, STANDARD[name], Fraction(-1, 2))[0].amount_minor.sum())
        for name in ("fifo", "bypass", "multilateral", "split")
    }

    assert value["fifo"] < value["bypass"] <= value["multilateral"] < value["split"]


def test_bilateral_offsets_settle_what_waits_both_ways():
    """Nobody has money; two payments that cancel out but for what the first has settle together."""
    day = day_of([(0, 1, 70, 2, 0), (1, 0, 60, 2, 5)])
    found = run(day, STANDARD["bilateral"], Money([10, 0, 0, 0], [0] * 4, [0] * 4), sending(day, PLAIN))

    assert (1, [5, 5]) == (found.offsets, found.at_s.tolist())
    assert [0, 10, 0, 0] == found.closing.tolist()


def test_a_ring_without_money_settles_by_a_plan_in_parts():
    """The worked example: 70 of each, 30 and 10 left."""
    day = day_of([(0, 1, 100, 2, 0), (1, 2, 80, 2, 0), (2, 0, 70, 2, 0)])
    nothing = Money([0] * 4, [0] * 4, [0] * 4)
    whole = run(day, STANDARD["multilateral"], nothing, sending(day, PLAIN))
    parts = run(day, STANDARD["split"], nothing, sending(day, PLAIN))

    assert 0 == len(whole.payment)
    assert [30, 10, 0] == parts.open_minor.tolist()


@pytest.mark.parametrize(
    ("gap_s", "expected"), [(0, [900]), (30, [1, 31, 61, 900]), (600, [1, 601, 900]), (3_600, [1, 900])]
)
def test_what_happens_brings_batches_about(gap_s, expected):
    """Two queue at once, more and more value doubles the queue, an urgent one comes: each waits for its gap."""
    rows = [
        (0, 1, 10, 2, 0),
        (0, 1, 10, 2, 1),
        (0, 1, 30, 2, 5),
        (0, 1, 1, 0, 40),
        (0, 2, 40, 2, 41),
        (0, 2, 20, 2, 45),
    ]
    found = run(
        day_of(rows), Mechanism(multilateral=True, batch_gap_s=gap_s), Money([0] * 4, [0] * 4, [0] * 4),
        sending(day_of(rows), PLAIN),
    )  # fmt: skip

    assert expected == [batch.at_s for batch in found.batches if batch.at_s <= 900]


def test_money_that_comes_late_brings_a_batch_about():
    """What comes in above a twentieth of what is queued; the machine's own rule."""
    day = day_of([(0, 1, 100, 2, 0), (0, 1, 90, 2, 1), (1, 0, 100, 2, 2)])
    text = '[[event]]\nat = "08:00"\nuntil = "08:10"\nkind = "late_funds"\nwho = "A"\n'
    found = run(day, STANDARD["split"], Money([20, 0, 0, 0], [0] * 4, [0] * 4), sending(day, read(text)))

    assert [1, 600] == [batch.at_s for batch in found.batches if batch.at_s <= 600]


def test_banks_exchange_what_they_can_spare_for_what_they_lack():
    """A holds euros and owes rupees, B the other way round: a ring of two orders, and both payments settle."""
    day = day_of([(0, 2, 50, 2, 0), (1, 2, 40, 2, 1)])
    day = replace(day, currencies=("EUR", "INR"), currency=np.array([1, 0]))
    own = [60, 0, 0, 60, 0, 0, 0, 0]  # A: 60 EUR, B: 60 INR
    exchanged = Mechanism(multilateral=True, fx="reference")
    alone, found = (
        run(day, mechanism, Money(list(own), [0] * 8, [0] * 8), sending(day, PLAIN))
        for mechanism in (STANDARD["multilateral"], exchanged)
    )

    assert 0 == len(alone.payment)
    assert 40 == int(found.amount_minor.sum())
    assert (60, 60) == (int(found.closing[0::2].sum()), int(found.closing[1::2].sum()))
    assert [20, 40] == found.closing[:2].tolist()


def test_limits_stop_normal_payments_alone():
    """Net outflow to one counterparty, or to all, stays within the limit; urgent payments do not count."""
    day = day_of([(0, 1, 50, 2, 0), (0, 1, 50, 2, 1), (0, 1, 50, 0, 2), (0, 2, 50, 2, 3), (1, 0, 30, 2, 4)])
    plenty = Money([500] * 4, [0] * 4, [0] * 4)
    pair = run(day, STANDARD["bypass"], plenty, sending(day, PLAIN), Limits(bilateral_minor=60))
    all_of_them = run(day, STANDARD["bypass"], plenty, sending(day, PLAIN), Limits(multilateral_minor=60))

    assert [0, 50, 0, 0, 0] == pair.open_minor.tolist()
    assert [0, 50, 0, 50, 0] == all_of_them.open_minor.tolist()


def test_a_line_is_money_that_is_not_one_s_own():
    """Use of a line shows as a balance below zero, never beyond the line."""
    day = day_of([(0, 1, 50, 2, 0), (0, 1, 60, 2, 1)])
    found = run(day, STANDARD["bypass"], Money([0] * 4, [100, 0, 0, 0], [0] * 4), sending(day, PLAIN))

    assert [-50, 0, 0, 0] == found.lowest.tolist()
    assert [0, 60] == found.open_minor.tolist()


def test_alpha_lies_between_the_bounds():
    """Rounded up, so that at the lower bound nothing is short of a unit."""
    assert (100, 200) == (at_alpha(100, 200, Fraction(0)), at_alpha(100, 200, Fraction(1)))
    assert (34, 0) == (at_alpha(101, 200, Fraction(-2, 3)), at_alpha(100, 200, Fraction(-1)))
