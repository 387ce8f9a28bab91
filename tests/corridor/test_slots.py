"""Slots: no berth twice, planned by noon, approved by four, all against a naive list."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.corridor.refusals import CorridorRefusal
from steelyard.corridor.slots import Slot, Slots, SlotState, plan_refusal
from steelyard.values.instants import DAY, HOUR

plans = st.tuples(st.sampled_from("AB"), st.integers(0, 30), st.integers(1, 8), st.booleans())


@given(st.lists(plans, max_size=30))
def test_a_berth_is_never_taken_twice(wanted):
    """Some are freed on the way; a list that is scanned whole says the same of each."""
    slots, naive = Slots(), []
    for number, (berth, start, length, gone) in enumerate(wanted):
        end = start + length
        taken = any(b == berth and start < until and begin < end for b, begin, until, _ in naive)

        assert taken == slots.is_taken("PORT", berth, start, end)
        if taken:
            continue
        slot = Slot(number.to_bytes(16, "big"), "PORT", berth, start, end, b"v")
        slots.put(slot)
        naive.append((berth, start, end, slot.slot_id))
        if gone:
            slots.put(Slot(slot.slot_id, "PORT", berth, start, end, b"v", SlotState.FREED))
            naive.pop()
    encoded = slots.encode()

    assert len(naive) == len(slots)
    assert encoded == Slots.decode(encoded).encode()


def test_one_slot_may_begin_where_another_ends_and_elsewhere_at_any_time():
    """Intervals are half open; other berths and other sites are other things."""
    slots = Slots()
    slots.put(Slot(b"s", "PORT", "A", 10, 20, b"v"))

    assert [True, False, False, False, False] == [
        slots.is_taken("PORT", "A", 19, 30),
        slots.is_taken("PORT", "A", 20, 30),
        slots.is_taken("PORT", "A", 5, 10),
        slots.is_taken("PORT", "B", 10, 20),
        slots.is_taken("OTHER", "A", 10, 20),
    ]


@pytest.mark.parametrize(
    ("at", "refusal"),
    [
        (4 * DAY + 12 * HOUR - 1, None),
        (4 * DAY + 12 * HOUR, CorridorRefusal.SLOT_PLAN_IS_CLOSED),
        (5 * DAY + 9 * HOUR, CorridorRefusal.SLOT_PLAN_IS_CLOSED),
    ],
)
def test_slots_of_a_day_are_planned_until_noon_of_the_day_before(at, refusal):
    """Noon itself is too late."""
    assert refusal is plan_refusal(5 * DAY + 8 * HOUR, 5 * DAY + 20 * HOUR, at=at)


@pytest.mark.parametrize(("start", "end"), [(8, 8), (9, 8), (20, 25)])
def test_a_slot_lies_within_a_day(start, end):
    """And begins before it ends."""
    assert CorridorRefusal.SLOT_OUT_OF_RANGE is plan_refusal(
        5 * DAY + start * HOUR, 5 * DAY + end * HOUR, at=0
    )


def test_a_slot_is_approved_until_four_of_the_day_before():
    """Midnight counts to the day it ends, so a slot up to midnight is one of that day."""
    assert 4 * DAY + 16 * HOUR == Slot(b"s", "PORT", "A", 5 * DAY + 1, 6 * DAY, b"v").approve_by
    assert plan_refusal(5 * DAY, 6 * DAY, at=0) is None
