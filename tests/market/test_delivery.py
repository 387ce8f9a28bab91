"""Deliveries: the table, the assignment to longs, and what a failure costs."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.market.delivery import (
    ENDS,
    FAILURES,
    STEPS,
    Deadlines,
    DeliveryEvent,
    DeliveryState,
    assign_deliveries,
    failure_minor,
    step,
)

S, E = DeliveryState, DeliveryEvent


def test_the_oldest_long_is_first_and_a_day_is_dealt_pro_rata():
    """The example of the rulebook."""
    assert {"P": 10, "Q": 5, "R": 3} == assign_deliveries(18, [("P", 1, 10), ("Q", 2, 9), ("R", 2, 6)])


@pytest.mark.parametrize(
    ("notices", "longs", "dealt"),
    [
        (0, [("P", 1, 10)], {}),
        (5, [], {}),
        (12, [("P", 1, 10)], {"P": 10}),  # two notices find no long
        (1, [("R", 1, 1), ("Q", 1, 1)], {"Q": 1}),  # equal remainders: by id
        (2, [("A", 1, 1), ("B", 1, 1), ("C", 1, 1)], {"A": 1, "B": 1}),
        (7, [("A", 2, 5), ("A", 1, 3), ("B", 2, 5)], {"A": 5, "B": 2}),  # of two days, each in its turn
        (3, [("A", 1, 2), ("A", 1, 2), ("B", 1, 4)], {"A": 2, "B": 1}),  # two entries of a day are one
    ],
)
def test_edges_of_the_assignment(notices, longs, dealt):
    """Worked by hand."""
    assert dealt == assign_deliveries(notices, longs)


longs = st.lists(st.tuples(st.sampled_from("ABCDE"), st.integers(1, 3), st.integers(1, 20)), max_size=8)


@given(st.integers(0, 120), longs)
def test_assignments_add_up_to_the_notices(notices, longs):
    """Or to all longs; nobody gets more than he is long, and no younger day anything before an older is full."""
    dealt = assign_deliveries(notices, longs)
    long = {who: sum(lots for one, _, lots in longs if one == who) for who, _, _ in longs}

    assert min(notices, sum(long.values())) == sum(dealt.values())
    assert all(0 < lots <= long[who] for who, lots in dealt.items())


@given(st.integers(0, 60), st.dictionaries(st.sampled_from("ABCDE"), st.integers(1, 20), min_size=1))
def test_within_a_day_nobody_is_a_lot_from_his_share(notices, sizes):
    """The share rounded down or up."""
    whole = sum(sizes.values())
    dealt = assign_deliveries(notices, [(who, 1, lots) for who, lots in sizes.items()])

    for who, lots in sizes.items():
        share = Fraction(min(notices, whole) * lots, whole)
        assert abs(dealt.get(who, 0) - share) < 1


@given(st.integers(0, 120), longs, st.randoms(use_true_random=False))
def test_the_order_of_the_list_says_nothing(notices, longs, random):
    """Days and ids decide."""
    mixed = list(longs)
    random.shuffle(mixed)

    assert assign_deliveries(notices, longs) == assign_deliveries(notices, mixed)


def test_force_majeure_may_come_from_every_state_before_settlement_and_from_none_after():
    """As the table of the rulebook has it."""
    expected = (
        S.INTENDED, S.MATCHED, S.NOTIFIED, S.CERTIFIED, S.INVOICED, S.FUNDED, S.DISPUTED, S.ALTERNATIVE,
    )  # fmt: skip

    assert expected == tuple(state for state in S if E.HINDERED in STEPS[state])


def test_every_state_leads_to_an_end():
    """And nothing leads out of one."""

    def reaches(state, seen=()):
        return state in ENDS or any(
            reaches(after, (*seen, state)) for after in STEPS[state].values() if after not in seen
        )

    assert all(reaches(state) for state in S)
    assert all(not STEPS[state] for state in ENDS)


@pytest.mark.parametrize("state", [*FAILURES, S.DISPUTED, S.ALTERNATIVE, S.FORCE_MAJEURE])
def test_what_people_must_decide_they_can_decide_three_ways(state):
    """Certified, closed or cancelled."""
    ruled = [step(state, event) for event in (E.RULED_CERTIFIED, E.RULED_CLOSED, E.RULED_CANCELLED)]

    assert [S.CERTIFIED, S.CLOSED, S.CANCELLED] == ruled


@pytest.mark.parametrize("state", [S.SETTLED, S.LOADING, S.LOADED, S.CLOSED])
def test_what_has_settled_is_not_turned_back(state):
    """No step leads back before settlement, nor to a cancellation."""
    assert set(STEPS[state].values()) <= {S.LOADING, S.LOADED, S.CLOSED}


def test_force_majeure_leads_back_to_where_it_came_from():
    """RESUMED; its time run out it cancels."""
    assert S.NOTIFIED is step(S.FORCE_MAJEURE, E.RESUMED, before=S.NOTIFIED)
    assert S.CANCELLED is step(S.FORCE_MAJEURE, E.LATE)


def test_deadlines_move_once():
    """By the extension; those that never come stay so."""
    moved = Deadlines(10, 20, 0, 40, 5).later()

    assert Deadlines(15, 25, 0, 45, 0) == moved
    assert moved == moved.later()


@pytest.mark.parametrize(
    ("seller_failed", "market", "due"),
    [
        (True, 25_000, 110_000),  # bought in 10.00 dearer: 500.00, and 5 % of 12,000.00
        (True, 23_000, 60_000),  # bought in cheaper: the five percent stay
        (False, 23_000, 110_000),
        (False, 25_000, 60_000),
        (True, Fraction(49_999, 2), 109_975),
    ],
)
def test_a_failure_costs_the_difference_and_five_percent(seller_failed, market, due):
    """50 t at 240.00."""
    assert due == failure_minor(
        kg=50_000, price=24_000, market=market, price_kg=1_000, seller_failed=seller_failed
    )
