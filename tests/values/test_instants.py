"""Instants and dates as whole numbers agree with the standard library where that reaches."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.values.instants import (
    DAY,
    civil,
    day_of,
    format_date,
    format_instant,
    parse_date,
    parse_instant,
    weekday,
)

EPOCH = date(1970, 1, 1)


@given(st.dates())
def test_dates_agree_with_the_standard_library(day):
    on = (day - EPOCH).days

    assert on == day_of(day.year, day.month, day.day) == parse_date(day.isoformat())
    assert (day.year, day.month, day.day) == civil(on)
    assert (day.weekday(), day.isoformat()) == (weekday(on), format_date(on))


@pytest.mark.parametrize(
    "text",
    [
        "2023-02-29",
        "1900-02-29",
        "2023-13-01",
        "2023-00-01",
        "2023-01-00",
        "2023-04-31",
        "23-01-01",
        "2023-1-1",
        "２023-01-01",
    ],
)
def test_what_is_no_date_is_none(text):
    assert parse_date(text) is None


@given(
    st.datetimes(datetime(1, 1, 3), datetime(9999, 12, 28)),
    st.integers(-23 * 60 - 59, 23 * 60 + 59),
)
def test_instants_agree_with_the_standard_library(moment, offset_minutes):
    zoned = moment.replace(tzinfo=timezone(timedelta(minutes=offset_minutes)))
    since = zoned - datetime(1970, 1, 1, tzinfo=UTC)
    expected = (since.days * 86_400 + since.seconds) * 10**9 + since.microseconds * 1000

    assert expected == parse_instant(zoned.isoformat())


@given(st.integers(day_of(0, 1, 1) * DAY, day_of(9999, 12, 31) * DAY + DAY - 1))
def test_an_instant_is_read_back_as_written(at):
    assert at == parse_instant(format_instant(at))


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-01T00:00:00",
        "2024-01-01T24:00:00Z",
        "2024-01-01T00:60:00Z",
        "2024-01-01T00:00:60Z",
        "2024-02-30T00:00:00Z",
        "2024-01-01T00:00:00.Z",
        "2024-01-01T00:00:00.1234567890Z",
        "2024-01-01T00:00:00+24:00",
        "2024-01-01T00:00:00+0100",
        "2024-01-01T00:00:00Z ",
    ],
)
def test_what_is_no_instant_is_none(text):
    assert parse_instant(text) is None
