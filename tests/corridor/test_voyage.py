"""Voyages: the order of steps, what may be waited for, who may ask when."""

import pytest

from steelyard.corridor.refusals import CorridorRefusal
from steelyard.corridor.voyage import (
    ENDS,
    NOTED,
    NOTICE_NS,
    ORDER,
    STEPS,
    VoyageEvent,
    VoyageState,
    has_come_to,
    imo_is_right,
    request_refusal,
    step,
)

S, E = VoyageState, VoyageEvent


def test_the_steps_come_in_their_order():
    """From registered to discharged, one after the other, none left out."""
    events = [E.REQUESTED, E.PASSED_IN, E.SLOTTED, E.LOADING, E.PASSED_OUT, E.CLEARED, E.DISCHARGED]
    state, seen = S.REGISTERED, [S.REGISTERED]
    for event in events:
        state = step(state, event)
        seen.append(state)

    assert list(ORDER) == seen


@pytest.mark.parametrize("state", list(S))
def test_no_step_is_left_out(state):
    """From each state only its own next step, a call-off, or the loss of a slot."""
    at = list(S).index(state)
    onward = {after for event, after in STEPS[state].items() if event not in (E.CANCELLED, E.SLOT_LOST)}

    assert onward == ({list(S)[at + 1]} if state not in ENDS else set())


def test_a_loaded_vessel_is_not_called_off():
    """Its cargo is on the way."""
    assert [S.REGISTERED, S.REQUESTED, S.INSPECTED_IN, S.SLOTTED] == [
        state for state in S if E.CANCELLED in STEPS[state]
    ]


@pytest.mark.parametrize("event", NOTED)
def test_what_is_noted_is_no_step(event):
    """It leaves a voyage where it is, and nothing is noted on one that is over."""
    for state in S:
        assert step(state, event) is (None if state in ENDS else state)


def test_what_was_passed_can_be_waited_for_and_what_was_called_off_cannot():
    """A later step includes the ones before."""
    assert has_come_to(S.CLEARED, S.LOADING)
    assert not has_come_to(S.LOADING, S.CLEARED)
    assert not has_come_to(S.CANCELLED, S.REGISTERED)


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("9074729", True),  # 9x7 + 0x6 + 7x5 + 4x4 + 7x3 + 2x2 = 139
        ("9074728", False),
        ("9704729", False),
        ("907472", False),
        ("90747290", False),
        ("907472X", False),
        ("٩٠٧٤٧٢٩", False),
        ("", False),
    ],
)
def test_a_vessel_is_named_by_a_number_that_checks_itself(number, right):
    """Seven digits; the last is that of a weighted sum."""
    assert right == imo_is_right(number)


def test_entry_is_asked_for_44_hours_ahead():
    """To the nanosecond."""
    assert request_refusal(NOTICE_NS + 5, at=5) is None
    assert CorridorRefusal.ARRIVAL_IS_TOO_NEAR is request_refusal(NOTICE_NS + 4, at=5)
