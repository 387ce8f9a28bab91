"""Interval sets against brute force; common windows by the worked example of two invented currencies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.values.calendars import (
    Calendar,
    CalendarRow,
    Window,
    common_openings,
    common_window,
    first_at_or_after,
    in_force,
    intersect,
    intervals,
    is_business,
    minus,
    openings,
    today,
    union,
)
from steelyard.values.instants import DAY, HOUR, MINUTE, day_of, parse_instant, weekday

SETS = st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30)), max_size=6).map(intervals)
MONDAY = day_of(2031, 3, 3)


def points(of):
    return {t for start, end in of for t in range(start, end)}


@given(SETS, SETS)
def test_interval_sets_behave_as_sets_of_instants(one, other):
    assert points(one) | points(other) == points(union(one, other))
    assert points(one) & points(other) == points(intersect(one, other))
    assert points(one) - points(other) == points(minus(one, other))
    for made in (union(one, other), intersect(one, other), minus(one, other)):
        assert made == intervals(made)


@given(SETS, st.integers(-1, 31))
def test_the_first_at_or_after_is_the_least_point(one, at):
    found = first_at_or_after(one, at)
    later = [t for t in points(one) if t >= at]

    assert (min(later) if later else None) == (found[0] if found else None)


def week(currency, days, open_at, close_at, *, cutoffs):
    """Build four weeks of dates from a Monday, open on some weekdays between two times of day."""
    rows = []
    for on in range(MONDAY, MONDAY + 28):
        business = weekday(on) in days
        times = ((on * DAY + open_at, on * DAY + close_at),) if business else ()
        rows.append(CalendarRow(on, on * DAY, business, times))
    return Calendar(currency, tuple(rows), cutoffs)


NOR = week("NOR", {0, 1, 2, 3, 4}, 5 * HOUR, 13 * HOUR, cutoffs={"customer": 30})
SUD = week("SUD", {6, 0, 1, 2, 3}, 3 * HOUR + 30 * MINUTE, 11 * HOUR + 30 * MINUTE, cutoffs={"customer": 30})


def at(days, hours, minutes=0):
    return (MONDAY + days) * DAY + hours * HOUR + minutes * MINUTE


@pytest.mark.parametrize(
    ("when", "on", "start", "end"),
    [
        (at(3, 10, 59), 3, at(3, 10, 59), at(3, 11)),  # Thursday, settles
        (at(3, 11), 7, at(7, 5), at(7, 11)),  # the cut-off is exclusive
        (at(3, 11, 5), 7, at(7, 5), at(7, 11)),  # Thursday after the cut-off waits for Monday 05:00
        (at(2, 4), 2, at(2, 5), at(2, 11)),  # Wednesday before opening
        (at(5, 12), 7, at(7, 5), at(7, 11)),
    ],
)
def test_two_weeks_meet_on_monday_to_thursday(when, on, start, end):
    assert Window(MONDAY + on, start, end) == common_window([NOR, SUD], "customer", when)


def test_friday_is_no_business_day_of_both():
    assert [is_business(c, MONDAY + 4) for c in (NOR, SUD)] == [True, False]
    assert common_openings([NOR, SUD], "customer", MONDAY + 4) == ()


def test_a_kind_without_cut_off_runs_to_the_close():
    assert ((at(0, 5), at(0, 11, 30)),) == common_openings([NOR, SUD], "institution", MONDAY)


def test_no_window_within_the_horizon_is_none():
    assert common_window([NOR, SUD], "customer", at(3, 12), horizon=2 * DAY) is None


def test_outside_the_rows_there_is_no_today_and_no_window():
    assert today(NOR, at(0, 0) - 1) is None
    assert today(NOR, at(28, 0)) is None
    assert common_window([NOR, SUD], "customer", at(28, 0)) is None
    assert not is_business(NOR, MONDAY - 1)


def test_a_closed_date_is_today_too():
    assert today(NOR, at(5, 12)) == MONDAY + 5


def test_an_always_open_currency_opens_when_the_other_does():
    always = Calendar("OST", (), always_open=True)

    assert today(always, at(0, 12)) == MONDAY
    assert is_business(always, MONDAY + 5)
    assert openings(NOR, "customer", MONDAY) == common_openings([always, NOR], "customer", MONDAY)
    assert Window(MONDAY, at(0, 23), at(1, 0)) == common_window([always], "customer", at(0, 23))


def test_dates_that_begin_the_evening_before_keep_one_value_date():
    """An opening that already belongs to Tuesday does not meet one that still belongs to Monday."""
    early = Calendar(
        "EVE",
        tuple(
            CalendarRow(on, on * DAY - 4 * HOUR, True, ((on * DAY - 4 * HOUR, on * DAY + 12 * HOUR),))
            for on in range(MONDAY, MONDAY + 28)
        ),
    )
    late = week("LAT", {0, 1, 2, 3, 4}, 10 * HOUR, 22 * HOUR, cutoffs={})

    assert today(early, at(0, 21)) == MONDAY + 1
    assert ((at(0, 10), at(0, 12)),) == common_openings([early, late], "customer", MONDAY)
    assert Window(MONDAY + 1, at(1, 10), at(1, 12)) == common_window([early, late], "customer", at(0, 21))


def test_a_lunch_break_stays_closed_and_the_cut_off_is_before_the_close():
    row = CalendarRow(MONDAY, MONDAY * DAY, True, ((at(0, 5), at(0, 8)), (at(0, 9), at(0, 11))))
    noon = Calendar("LUN", (row,), {"customer": 150})

    assert ((at(0, 5), at(0, 8)), (at(0, 9), at(0, 11))) == openings(noon, "redeem", MONDAY)
    assert ((at(0, 5), at(0, 8)),) == openings(noon, "customer", MONDAY)


def test_rows_with_a_gap_are_refused():
    with pytest.raises(ValueError, match="gap"):
        Calendar("NOR", (NOR.rows[0], NOR.rows[2]))


def test_openings_that_touch_are_refused():
    with pytest.raises(ValueError, match="touch"):
        Calendar("NOR", (CalendarRow(0, 0, True, ((0, 5), (5, 9))),))


def test_the_highest_revision_in_force_counts():
    first = Calendar("NOR", NOR.rows, revision=1, in_force_from=0)
    second = Calendar("NOR", NOR.rows, revision=2, in_force_from=100)

    assert [first, first, second] == [in_force([first, second], t) for t in (0, 99, 100)]
    assert in_force([second], 5) is None


def test_instants_of_the_example_are_utc():
    assert at(3, 10, 59) == parse_instant("2031-03-06T10:59:00Z")
