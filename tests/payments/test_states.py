"""The table of states: total, and every path can end."""

import pytest

from steelyard.payments.states import PAYMENT_STEPS, TERMINAL, Event, State, step

# The specification's table, written out a second time, by P-number.
EXPECTED = {
    0: {"VALIDATED": 1, "REFUSED": 20},
    1: {"SCREEN": 2, "REQUOTE_REFUSED": 20, "EXPIRED": 20, "REFUSED": 20, "WITHDRAWN": 22},
    2: {"CLEAR": 4, "HIT": 3, "SCREEN_UNAVAILABLE": 3, "REFUSED": 20, "EXPIRED": 20, "WITHDRAWN": 22},
    3: {"CLEARED": 4, "CLEARED_QUOTE_DEAD": 1, "CLOSED_PARTLY": 9, "REFUSED": 20, "EXPIRED": 20,
        "FROZEN": 21, "WITHDRAWN": 22},
    4: {"RESERVED_SOME": 5, "RESERVED_ALL": 6, "SETTLED_NOW": 9, "PART_SETTLED": 4, "CLOSED_PARTLY": 9,
        "HIT": 3, "QUOTE_DIED": 1, "WITHDRAWN": 22, "EXPIRED": 20, "REFUSED": 20},
    5: {"RESERVED_ALL": 6, "FAILED": 20, "EXPIRED": 20, "REFUSED": 20, "WITHDRAWN": 22},
    6: {"OFFERED": 7, "ACCEPTED": 8, "EXPIRED": 20, "REFUSED": 20, "WITHDRAWN": 22},
    7: {"ACCEPTED": 8, "ACCEPTED_UNPOSTED": 8, "DECLINED": 20, "EXPIRED": 20, "REFUSED": 20,
        "CANCEL_AGREED": 22},
    8: {"LEGS_SETTLED": 9, "LEGS_SETTLED_UNPOSTED": 11},
    9: {"CREDITED": 10, "UNPOSTED": 11},
    10: {},
    11: {"CREDITED": 10, "FROZEN": 21},
    20: {},
    21: {"LIFTED_AFTER_SETTLEMENT": 11, "LIFTED_BEFORE_SETTLEMENT": 20, "CLOSED_PARTLY": 9},
    22: {},
}  # fmt: skip


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("event", Event)
def test_every_state_answers_every_event_as_the_table_says(state: State, event: Event) -> None:
    expected = EXPECTED[state].get(event.value)

    assert expected == step(state, event)


def test_every_state_has_its_row_and_every_event_its_place() -> None:
    placed = {event for row in PAYMENT_STEPS.values() for event in row}

    assert set(State) == set(PAYMENT_STEPS)
    assert set(Event) == placed


def test_every_state_is_reached_from_the_first() -> None:
    reached, todo = {State.RECEIVED}, [State.RECEIVED]
    while todo:
        for following in PAYMENT_STEPS[todo.pop()].values():
            if following not in reached:
                reached.add(following)
                todo.append(following)

    assert set(State) == reached


def test_from_every_state_an_end_can_be_reached() -> None:
    ends = {*TERMINAL, State.SETTLED}
    while True:
        more = {state for state, row in PAYMENT_STEPS.items() if set(row.values()) & ends} - ends
        if not more:
            break
        ends |= more

    assert set(State) == ends
    assert [state for state in TERMINAL if PAYMENT_STEPS[state]] == []
