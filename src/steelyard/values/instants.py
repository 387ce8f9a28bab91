"""Instants and dates as whole numbers: nanoseconds and days since 1970-01-01, UTC.

RFC 3339 text is read and written here without a time-zone database: the offset in the text is arithmetic.
The calendar is the proleptic Gregorian one, years 0000 to 9999. A 60th second has no instant of its own
and is refused.

Source: RFC 3339 section 5.6; the civil conversions count days in 400-year eras that start on 1 March.
"""

import re

Instant = int  # nanoseconds since 1970-01-01T00:00:00Z
Day = int  # days since 1970-01-01

MILLISECOND = 1_000_000
SECOND = 1_000_000_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR

_MONTH_DAYS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_STAMP = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?"
    r"(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))"
)


def day_of(year: int, month: int, day: int) -> Day:
    """Count the days from 1970-01-01 to a date of the calendar; the date must exist.

    >>> day_of(1970, 1, 1), day_of(2000, 3, 1)
    (0, 11017)
    """
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468


def civil(on: Day) -> tuple[int, int, int]:
    """Give year, month and day of a day number: the inverse of `day_of`."""
    era, of_era = divmod(on + 719_468, 146_097)
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    return year + era * 400 + (month <= 2), month, day


def weekday(on: Day) -> int:
    """Give the day of the week, Monday 0 to Sunday 6.

    >>> weekday(0)
    3
    """
    return (on + 3) % 7


def parse_date(text: str) -> Day | None:
    """Read YYYY-MM-DD, or give None where it is no date.

    >>> parse_date("2024-02-29"), parse_date("2023-02-29")
    (19782, None)
    """
    found = _DATE.fullmatch(text)
    if found is None:
        return None
    year, month, day = int(found[1]), int(found[2]), int(found[3])
    if not 1 <= month <= 12 or day < 1:
        return None
    leap = month == 2 and year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return day_of(year, month, day) if day <= _MONTH_DAYS[month - 1] + leap else None


def format_date(on: Day) -> str:
    """Write a day number as YYYY-MM-DD."""
    year, month, day = civil(on)
    return f"{year:04d}-{month:02d}-{day:02d}"


def parse_instant(text: str) -> Instant | None:
    """Read RFC 3339 text with its offset, or give None where it is none.

    >>> parse_instant("1970-01-01T04:00:00.5+04:00")
    500000000
    >>> parse_instant("1970-01-01 00:00:00Z") is None
    True
    """
    found = _STAMP.fullmatch(text)
    if found is None:
        return None
    on = parse_date(found[1])
    hour, minute, second = int(found[2]), int(found[3]), int(found[4])
    if on is None or hour > 23 or minute > 59 or second > 59:
        return None
    at = on * DAY + hour * HOUR + minute * MINUTE + second * SECOND + int((found[5] or "").ljust(9, "0"))
    if found[6] is None:
        return at
    off_hour, off_minute = int(found[7]), int(found[8])
    if off_hour > 23 or off_minute > 59:
        return None
    offset = off_hour * HOUR + off_minute * MINUTE
    return at - offset if found[6] == "+" else at + offset


def format_instant(at: Instant) -> str:
    """Write an instant in UTC, with as many fraction digits as it needs.

    >>> format_instant(1_500_000_000), format_instant(-1)
    ('1970-01-01T00:00:01.5Z', '1969-12-31T23:59:59.999999999Z')
    """
    on, rest = divmod(at, DAY)
    seconds, nanos = divmod(rest, SECOND)
    fraction = f".{nanos:09d}".rstrip("0") if nanos else ""
    return f"{format_date(on)}T{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}{fraction}Z"
