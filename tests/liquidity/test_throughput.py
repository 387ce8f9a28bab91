"""Throughput: figures beside a plain replay, checkpoints at their exact borders, consequences as they are written."""

import doctest
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.liquidity import throughput as module
from steelyard.liquidity.throughput import (
    Checkpoint,
    Discount,
    Paid,
    Step,
    checkpoints,
    consequence,
    discount,
    fees,
    own_day,
    throughput,
)

POINTS = (Checkpoint(20, 3_000), Checkpoint(40, 6_000), Checkpoint(60, 8_500))


@st.composite
def days(draw):
    """Draw up to ten payments among three, some of which wait."""
    rows = []
    for _ in range(draw(st.integers(0, 10))):
        payer, payee = draw(st.permutations("ABC"))[:2]
        start = draw(st.integers(0, 70))
        settled = draw(st.none() | st.integers(start, 90))
        rows.append(Paid(payer, payee, draw(st.integers(1, 50)), start, settled))
    return rows


@given(days(), st.integers(0, 80))
def test_figures_are_what_a_replay_counts(day, at):
    """Counts, values and waits of each participant, of what has happened by now."""
    for row in throughput(day, {}, at=at, checkpoints=POINTS):
        mine = [paid for paid in day if paid.payer == row.participant and paid.submitted_at <= at]
        done = [paid for paid in mine if paid.settled_at is not None and paid.settled_at <= at]
        waits = [(paid.settled_at if paid in done else at) - paid.submitted_at for paid in mine]

        assert (len(mine), sum(paid.amount_minor for paid in mine)) == (row.submitted, row.submitted_minor)
        assert (len(done), sum(paid.amount_minor for paid in done)) == (row.settled, row.settled_minor)
        assert (sum(waits) // len(waits) if waits else 0) == row.mean_wait


@given(days(), st.randoms(use_true_random=False))
def test_the_sequence_of_payments_does_not_matter(day, random):
    """Same figures for any shuffle."""
    mixed = random.sample(day, len(day))

    assert throughput(day, {}, at=90, checkpoints=POINTS) == throughput(mixed, {}, at=90, checkpoints=POINTS)


@given(days())
def test_the_share_used_is_a_share(day):
    """Between nothing and all of what came in, and nobody uses more than it pays."""
    for row in throughput(day, {}, at=100, checkpoints=POINTS):
        received = sum(p.amount_minor for p in day if p.payee == row.participant and p.settled_at is not None)

        assert (row.used_bp is None) == (received == 0)
        assert row.used_bp is None or 0 <= row.used_bp <= 10_000
        assert row.used_bp is None or row.used_bp * received <= row.settled_minor * 10_000


def test_holding_back_shows():
    """B pays only after A's money is there: all it pays is A's. A pays first and uses nothing of B's."""
    day = [Paid("A", "B", 80, 1, 1), Paid("B", "A", 80, 50, 50), Paid("C", "A", 10, 2)]
    first, second, third = throughput(day, {}, at=60, checkpoints=())

    assert (0, 10_000, None) == (first.used_bp, second.used_bp, third.used_bp)
    assert (58, 0) == (third.mean_wait, third.settled)


def test_a_checkpoint_is_met_by_its_exact_share():
    """30 % of a mean of 100 is 30: one less by then misses it; what comes later does not cure."""
    history = {"A": [90, 110]}
    enough, late = [Paid("A", "B", 30, 20)], [Paid("A", "B", 29, 20), Paid("A", "B", 60, 21)]
    met = throughput(enough, history, at=30, checkpoints=POINTS)[0]
    missed = throughput(late, history, at=45, checkpoints=POINTS)[0]

    assert () == met.missed
    assert POINTS[:1] == missed.missed
    assert 100 == missed.own_day_minor


@given(st.lists(st.integers(0, 10**20), max_size=30), st.integers(1, 10**20), st.integers(0, 40))
def test_checkpoints_compare_exactly(history, sent, at):
    """Beside fractions, for numbers of any size."""
    row = throughput([Paid("A", "B", sent, at)], {"A": history}, at=99, checkpoints=POINTS)[0]
    last = history[-20:]
    mean = Fraction(sum(last), len(last)) if last else Fraction(0)
    wrong = [point for point in POINTS if (sent if at <= point.at else 0) < mean * point.share_bp / 10_000]

    assert tuple(wrong) == row.missed


def test_who_sends_nothing_is_there_by_its_history():
    """And misses every checkpoint that is over."""
    (row,) = throughput([], {"A": [50]}, at=40, checkpoints=POINTS)

    assert ("A", 0, POINTS[:2]) == (row.participant, row.submitted, row.missed)


def test_the_own_day_is_the_mean_of_the_last_twenty():
    """Older days fall out; without any there is nothing to fall behind of."""
    assert (20, 20) == own_day([10**6, *[1] * 20])
    assert (0, 1) == own_day([])


def test_checkpoints_are_placed_on_the_day():
    """Ten, one and four o'clock unless a currency says otherwise; shares that fall are refused."""
    assert checkpoints(100, 2) == (Checkpoint(120, 3_000), Checkpoint(126, 6_000), Checkpoint(132, 8_500))
    with pytest.raises(ValueError, match="rise"):
        checkpoints(0, 1, [Checkpoint(1, 50), Checkpoint(2, 40)])


def test_consequences_are_what_the_steps_say():
    """None below the first, then each up to the next; fees only where there is one."""
    steps = [
        Step(3, publish=True, fee_minor=500, ranks=1),
        Step(1, publish=True),
        Step(2, publish=True, fee_minor=100),
    ]

    assert [Step(0), steps[1], steps[2], steps[0], steps[0]] == [
        consequence(count, steps) for count in range(5)
    ]
    assert {"B": 100, "C": 500} == fees({"C": 9, "A": 1, "B": 2, "D": 0}, steps)
    assert Step(0) == consequence(7, [])


def test_early_entry_gives_back_the_best_share_it_earned():
    """Rounded down; at the instant itself it is too late."""
    given_back = [Discount(10, 5_000), Discount(20, 2_000)]

    assert [50, 20, 0] == [discount(101, at, given_back) for at in (9, 10, 20)]


@pytest.mark.parametrize(
    ("paid", "error"),
    [
        (Paid("A", "B", 1.5, 1), TypeError),
        (Paid("A", "B", 0, 1), ValueError),
        (Paid("A", "A", 1, 1), ValueError),
        (Paid("A", "B", 1, 2, 1), ValueError),
    ],
)
def test_bad_payments_raise(paid, error):
    """Floats, nothing, oneself, settled before submitted."""
    with pytest.raises(error):
        throughput([paid], {}, at=9, checkpoints=())


def test_the_examples_hold():
    """Docstrings are true."""
    assert doctest.testmod(module).failed == 0
