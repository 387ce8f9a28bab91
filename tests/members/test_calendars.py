"""Calendars in the state: what a payment is told, against the worked example and minute by minute."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from steelyard.members.calendars import CUSTOMER, REDEEM, Calendars, Verdict
from steelyard.values.calendars import Calendar, CalendarRow, intervals
from steelyard.values.instants import DAY, HOUR, MINUTE, day_of, weekday

MON = day_of(2031, 3, 3)
WED, THU, FRI = MON + 2, MON + 3, MON + 4
V = Verdict


def calendar(currency, opens, closes, closed, *, cutoffs=(("customer", 30),), days=40, revision=1, from_at=0):
    rows = tuple(
        CalendarRow(
            on, on * DAY, weekday(on) not in closed,
            () if weekday(on) in closed else ((on * DAY + opens, on * DAY + closes),),
        )
        for on in range(MON - 7, MON - 7 + days)
    )  # fmt: skip
    return Calendar(currency, rows, dict(cutoffs), revision=revision, in_force_from=from_at)


def two():
    """NOR open Mon-Fri 05:00-13:00, SUD Sun-Thu 03:30-11:30, customer cut-off 30 minutes."""
    calendars = Calendars()
    calendars.put(calendar("NOR", 5 * HOUR, 13 * HOUR, (5, 6)))
    calendars.put(calendar("SUD", 3 * HOUR + 30 * MINUTE, 11 * HOUR + 30 * MINUTE, (4, 5)))
    return calendars


def at(on, hours, minutes=0):
    return on * DAY + hours * HOUR + minutes * MINUTE


def test_thursday_10_59_settles():
    window = two().window("NOR", "SUD", CUSTOMER, at(THU, 10, 59))

    assert (V.GO, THU, 0, at(THU, 11)) == window


def test_thursday_11_05_goes_to_monday_5_00():
    window = two().window("NOR", "SUD", CUSTOMER, at(THU, 11, 5))

    assert (V.NEXT_DAY, MON + 7, at(MON + 7, 5), at(MON + 7, 11)) == window


def test_asked_for_friday_there_is_no_business_day():
    assert V.NO_BUSINESS_DAY is two().window("NOR", "SUD", CUSTOMER, at(THU, 8), requested_on=FRI).verdict


def test_wednesday_4_00_waits_for_5_00():
    assert (V.WAIT, WED, at(WED, 5), at(WED, 11)) == two().window("NOR", "SUD", CUSTOMER, at(WED, 4))


def test_a_requested_date_waits_for_its_opening():
    window = two().window("NOR", "SUD", CUSTOMER, at(MON, 8), requested_on=WED)

    assert (V.WAIT, WED, at(WED, 5), at(WED, 11)) == window


def test_a_requested_date_whose_cut_off_is_past_goes_to_the_next():
    window = two().window("NOR", "SUD", CUSTOMER, at(THU, 11, 5), requested_on=THU)

    assert (V.NEXT_DAY, MON + 7) == window[:2]


@pytest.mark.parametrize(
    ("requested_on", "verdict"),
    [(MON - 1, V.DATE_IS_PAST), (MON, V.GO), (MON + 10, V.WAIT), (MON + 11, V.BEYOND_HORIZON)],
)
def test_a_requested_date_lies_from_today_to_the_horizon(requested_on, verdict):
    assert verdict is two().window("NOR", "SUD", CUSTOMER, at(MON, 8), requested_on=requested_on).verdict


def test_the_past_comes_before_the_closed_day_and_the_closed_day_before_hours():
    calendars = two()

    assert (
        V.DATE_IS_PAST is calendars.window("NOR", "SUD", CUSTOMER, at(MON, 8), requested_on=MON - 2).verdict
    )
    assert (
        V.NO_BUSINESS_DAY is calendars.window("NOR", "SUD", CUSTOMER, at(THU, 23), requested_on=FRI).verdict
    )


def test_a_currency_without_a_calendar_is_never_open():
    assert V.BEYOND_HORIZON is two().window("NOR", "OST", CUSTOMER, at(MON, 8)).verdict


def test_no_common_window_in_the_horizon():
    """One open on weekdays, the other at weekends."""
    calendars = two()
    calendars.put(calendar("OST", 5 * HOUR, 9 * HOUR, (0, 1, 2, 3, 4)))

    assert V.BEYOND_HORIZON is calendars.window("NOR", "OST", CUSTOMER, at(MON, 8)).verdict


def test_a_third_currency_between_the_two_must_be_open_too():
    calendars = two()
    calendars.put(calendar("OST", 9 * HOUR, 10 * HOUR, (), cutoffs=()))
    window = calendars.window("NOR", "SUD", CUSTOMER, at(MON, 8), others=("OST",))

    assert (V.WAIT, MON, at(MON, 9), at(MON, 10)) == window


def test_what_was_answered_once_is_answered_anew_when_a_revision_comes():
    """The answer is remembered for the opening it holds in, not beyond a revision."""
    calendars = two()

    assert V.GO is calendars.window("NOR", "SUD", CUSTOMER, at(MON, 8)).verdict

    calendars.put(calendar("NOR", 9 * HOUR, 13 * HOUR, (5, 6), revision=2))

    assert V.WAIT is calendars.window("NOR", "SUD", CUSTOMER, at(MON, 8)).verdict


def test_a_revision_to_come_counts_from_its_instant_though_the_answer_was_remembered():
    calendars = two()
    calendars.put(calendar("NOR", 5 * HOUR, 9 * HOUR, (5, 6), revision=2, from_at=at(MON, 9)))

    assert V.GO is calendars.window("NOR", "SUD", CUSTOMER, at(MON, 8)).verdict
    assert V.NEXT_DAY is calendars.window("NOR", "SUD", CUSTOMER, at(MON, 9)).verdict


minutes = st.integers(0, 14 * 24 * 60 - 1)


@given(first=minutes, second=minutes, requested=st.one_of(st.none(), st.integers(0, 12)))
def test_remembering_changes_no_answer(first, second, requested):
    """Two questions to one object give what two fresh ones give."""
    one = two()
    for minute in (first, second, first):
        when = at(MON, 0, minute)
        on = 0 if requested is None else MON + requested

        assert two().window("NOR", "SUD", CUSTOMER, when, requested_on=on) == one.window(
            "NOR", "SUD", CUSTOMER, when, requested_on=on
        )


@given(minute=minutes)
def test_the_verdict_is_that_of_looking_minute_by_minute(minute):
    when = at(MON, 0, minute)

    def both_open(m):
        on, of_day = m // (24 * 60), m % (24 * 60)
        return weekday(MON + on) in (0, 1, 2, 3) and 5 * 60 <= of_day < 11 * 60

    found = next(m for m in range(minute, minute + 12 * 24 * 60) if both_open(m))
    window = two().window("NOR", "SUD", CUSTOMER, when)
    same_day = found // (24 * 60) == minute // (24 * 60)

    assert (V.GO if found == minute else V.WAIT if same_day else V.NEXT_DAY) is window.verdict
    assert (when if window.verdict is V.GO else window.not_before_at) == at(MON, 0, found)


@pytest.mark.parametrize(
    ("start", "length", "ends"),
    [
        (at(MON, 8), 30 * MINUTE, at(MON, 8, 30)),
        (at(MON, 12, 50), 30 * MINUTE, at(MON + 1, 5, 20)),
        (at(FRI, 12, 50), 30 * MINUTE, at(MON + 7, 5, 20)),
        (at(MON, 3), 30 * MINUTE, at(MON, 5, 30)),
        (at(MON, 8), 5 * HOUR, at(MON, 13)),
        (at(MON, 8), 5 * HOUR + 1, at(MON + 1, 5) + 1),
    ],
)
def test_time_inside_hours_stands_still_outside(start, length, ends):
    assert ends == two().open_time("NOR", REDEEM, start, length)


def test_business_days_after_today():
    assert [(MON + 7, at(MON + 7, 0)), (MON + 8, at(MON + 8, 0))] == list(
        two().next_days("NOR", at(FRI, 8), 2)
    )


def test_a_currency_open_always_has_dates_of_utc():
    calendars = Calendars()
    calendars.put(Calendar("NOR", (), always_open=True, revision=1))

    assert (V.GO, MON, 0, (MON + 1) * DAY) == calendars.window("NOR", "NOR", CUSTOMER, at(MON, 23, 59))
    assert [(MON + 1, at(MON + 1, 0))] == list(calendars.next_days("NOR", at(MON, 8), 1))


def test_every_revision_is_kept_and_read_again():
    calendars = two()
    calendars.put(calendar("NOR", 9 * HOUR, 13 * HOUR, (5, 6), revision=2))
    again = Calendars.decode(calendars.encode())

    assert [1, 2] == [one.revision for one in again.revisions("NOR")]
    assert calendars.encode() == again.encode()
    assert ["NOR", "SUD"] == again.assets()


HOURS = st.integers(0, 3 * 24 * 2).map(lambda half: half * HOUR // 2)


@st.composite
def odd_calendars(draw, currency, revision):
    """Draw any calendar: dates that begin at any hour, openings that reach into other dates, days off."""
    starts = draw(st.integers(-6, 6)) * HOUR
    rows = []
    for n in range(draw(st.integers(1, 5))):
        pairs = [
            (base + opens, base + opens + length)
            for opens, length in draw(st.lists(st.tuples(HOURS, HOURS), max_size=2))
            for base in [(MON + n) * DAY - DAY]
        ]
        rows.append(CalendarRow(MON + n, (MON + n) * DAY + starts, draw(st.booleans()), intervals(pairs)))
    cutoffs = {"customer": draw(st.sampled_from([0, 30, 90]))}
    from_at = draw(st.sampled_from([0, MON * DAY + 20 * HOUR, (MON + 2) * DAY]))
    if draw(st.integers(0, 4)) == 0:
        return Calendar(currency, (), cutoffs, True, revision=revision, in_force_from=from_at)
    return Calendar(currency, tuple(rows), cutoffs, draw(st.booleans()), revision, 0, from_at)


ASKED = st.tuples(
    st.sampled_from(["NOR", "SUD"]),
    st.sampled_from(["NOR", "SUD"]),
    st.sampled_from([CUSTOMER, REDEEM]),
    st.integers(-30, 130).map(lambda hour: MON * DAY + hour * HOUR)
    | st.integers(0, 5 * DAY // MINUTE).map(lambda minute: MON * DAY + minute * MINUTE),
    st.sampled_from([0, 0, MON, MON + 1, MON + 3, MON + 20]),
    st.sampled_from([(), (), ("OST",)]),
    st.sampled_from([DAY, 2 * DAY, 10 * DAY]),
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_what_is_kept_is_what_would_be_found_anew(data):
    """Whatever is asked in whatever order, between any revisions: as if nothing had been asked before."""
    kept = Calendars()
    for currency in ("NOR", "SUD", "OST"):
        kept.put(data.draw(odd_calendars(currency, 1)))
    for revision in (2, 3):
        for source, target, kind, now, on, others, horizon in data.draw(st.lists(ASKED, max_size=30)):
            more = {"requested_on": on, "others": others, "horizon": horizon}
            for when in (now, now + 1, now + HOUR, now):
                fresh = Calendars.decode(kept.encode())
                assert fresh.window(source, target, kind, when, **more) == kept.window(
                    source, target, kind, when, **more
                )
                opens_at = fresh.opens_at(source, kind, when)
                assert (opens_at == when) is kept.is_open(source, kind, when)
        kept.put(data.draw(odd_calendars(data.draw(st.sampled_from(["NOR", "SUD"])), revision)))
