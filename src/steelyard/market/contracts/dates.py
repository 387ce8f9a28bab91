"""Dates of a contract month, by rules that are data.

A rule starts at an anchor in the month (or some months before or after it), rolls to a business day, and goes some
business days on or back. What a business day is, calendars say: a date counts where it is one in each of them.
"""

from collections.abc import Callable
from enum import StrEnum

from msgspec import Struct

from steelyard.values.instants import Day, day_of

ROLL_MAX = 40
"""No calendar closes for so many days; beyond its last row every date is closed."""
Business = Callable[[Day], bool]


class Anchor(StrEnum):
    """Where a rule starts."""

    DAY = "day"
    MONTH_START = "month_start"
    MONTH_END = "month_end"


class Roll(StrEnum):
    """To which side a date rolls that is no business day."""

    FOLLOWING = "following"
    PRECEDING = "preceding"


class DateRule(Struct, array_like=True, frozen=True, gc=False):
    """A rule for one date. `day` counts for the anchor "day", and is the last of the month where it has fewer."""

    anchor: Anchor
    day: int = 1
    months: int = 0
    business_days: int = 0
    roll: Roll = Roll.FOLLOWING

    def __post_init__(self) -> None:
        if not 1 <= self.day <= 31 or not -24 <= self.months <= 24 or abs(self.business_days) > ROLL_MAX:
            raise ValueError("a day is 1 to 31, up to 24 months and 40 business days away")

    def on(self, year: int, month: int, is_business: Business) -> Day | None:
        """Give the date for a contract month, or None where the calendar does not reach.

        >>> def weekdays(on): return on % 7 not in (2, 3)  # 1970-01-01 was a Thursday
        >>> notice = DateRule(Anchor.MONTH_START, business_days=-2)
        >>> from steelyard.values.instants import format_date
        >>> format_date(notice.on(2027, 3, weekdays)), format_date(notice.on(2027, 8, weekdays))
        ('2027-02-25', '2027-07-29')
        """
        year, zero_based = divmod(year * 12 + month - 1 + self.months, 12)
        first, last = day_of(year, zero_based + 1, 1), _days(year, zero_based + 1)
        day = {Anchor.MONTH_START: 1, Anchor.MONTH_END: last}.get(self.anchor, min(self.day, last))
        way = 1 if self.roll is Roll.FOLLOWING else -1
        found = _roll(first + day - 1, way, is_business)
        step = 1 if self.business_days > 0 else -1
        for _ in range(abs(self.business_days)):
            if found is None:
                return None
            found = _roll(found + step, step, is_business)
        return found


def _roll(on: Day, way: int, is_business: Business) -> Day | None:
    for away in range(ROLL_MAX):
        if is_business(on + way * away):
            return on + way * away
    return None


def later(on: Day, days: int, is_business: Business) -> Day:
    """Give the date some business days on. Where none comes within reach of the calendar, every date counts.

    >>> later(0, 2, lambda on: on % 7 not in (2, 3)), later(0, 2, lambda on: False)  # a Thursday
    (4, 2)
    """
    for _ in range(days):
        found = _roll(on + 1, 1, is_business)
        on = on + 1 if found is None else found
    return on


def _days(year: int, month: int) -> int:
    """Count the days of a month."""
    return day_of(year + month // 12, month % 12 + 1, 1) - day_of(year, month, 1)


def month_of(text: str) -> tuple[int, int]:
    """Read "YYYY-MM"; ValueError where it is no month.

    >>> month_of("2027-03")
    (2027, 3)
    """
    year, dash, month = text.partition("-")
    is_written = len(year) == 4 and len(month) == 2 and (year + month).isascii() and (year + month).isdigit()
    if not dash or not is_written or not 1 <= int(month) <= 12 or int(year) < 1:
        raise ValueError(f"{text!r} is no month")
    return int(year), int(month)
