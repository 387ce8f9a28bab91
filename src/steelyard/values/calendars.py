"""When money can move: half-open interval sets, and the opening times of a currency by date.

A calendar is compiled data: one row per date, with starts and openings as UTC instants, so that nothing here
knows a time zone or a holiday. An instant belongs to the date whose row starts last at or before it.

A value date is one date for every currency of a payment. So the common window is built date by date: the
openings of that date, less the cut-off tail, met over all currencies. Where dates of two currencies do not
begin at the same instant, an opening for Monday never meets one for Tuesday.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from operator import attrgetter

import msgspec

from steelyard.values.instants import DAY, MINUTE, Day, Instant

Intervals = tuple[tuple[Instant, Instant], ...]  # sorted, half-open, none empty, none touching another

HORIZON = 10 * DAY
_starts_at = attrgetter("starts_at")


def intervals(pairs: Sequence[tuple[Instant, Instant]]) -> Intervals:
    """Make an interval set of any pairs: sorted, empties dropped, overlapping and touching ones joined.

    >>> intervals([(5, 7), (1, 3), (3, 4), (9, 9)])
    ((1, 4), (5, 7))
    """
    joined: list[tuple[Instant, Instant]] = []
    for start, end in sorted(pairs):
        if start >= end:
            continue
        if joined and start <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end))
        else:
            joined.append((start, end))
    return tuple(joined)


def union(one: Intervals, other: Intervals) -> Intervals:
    """Give the instants in either set."""
    return intervals([*one, *other])


def intersect(one: Intervals, other: Intervals) -> Intervals:
    """Give the instants in both sets.

    >>> intersect(((1, 5), (7, 9)), ((3, 8),))
    ((3, 5), (7, 8))
    """
    out: list[tuple[Instant, Instant]] = []
    i = j = 0
    while i < len(one) and j < len(other):
        start, end = max(one[i][0], other[j][0]), min(one[i][1], other[j][1])
        if start < end:
            out.append((start, end))
        if one[i][1] <= other[j][1]:
            i += 1
        else:
            j += 1
    return tuple(out)


def minus(one: Intervals, other: Intervals) -> Intervals:
    """Give the instants of the first set that are not in the second.

    >>> minus(((1, 9),), ((3, 4), (8, 12)))
    ((1, 3), (4, 8))
    """
    out: list[tuple[Instant, Instant]] = []
    for start, end in one:
        for cut_start, cut_end in other:
            if cut_end <= start or cut_start >= end:
                continue
            if cut_start > start:
                out.append((start, cut_start))
            start = max(start, cut_end)
        if start < end:
            out.append((start, end))
    return tuple(out)


def first_at_or_after(of: Intervals, at: Instant) -> tuple[Instant, Instant] | None:
    """Give what is left of the first interval that ends after `at`, from `at` on.

    >>> first_at_or_after(((1, 3), (5, 8)), 3), first_at_or_after(((5, 8),), 6)
    ((5, 8), (6, 8))
    """
    for start, end in of:
        if end > at:
            return max(start, at), end
    return None


class CalendarRow(msgspec.Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """One date of a currency: when it starts, whether it is a business day, when transfers are open."""

    on: Day
    starts_at: Instant
    business: bool
    open: Intervals


class Calendar(msgspec.Struct, frozen=True):
    """The dates of one currency, a row each without a gap; its cut-offs by kind, in minutes before close.

    With `always_open` every date is a business day, open from its start to the next one's, without cut-off;
    without rows its dates are then those of UTC.
    """

    currency: str
    rows: tuple[CalendarRow, ...]
    cutoffs: Mapping[str, int] = {}
    always_open: bool = False
    revision: int = 0
    issued_at: Instant = 0
    in_force_from: Instant = 0

    def __post_init__(self) -> None:
        for row, following in zip(self.rows, self.rows[1:], strict=False):
            if following.on != row.on + 1 or following.starts_at <= row.starts_at:
                raise ValueError("calendar rows follow one another by date, without a gap")
        for row in self.rows:
            if row.open != intervals(row.open):
                raise ValueError("openings are sorted, not empty and do not touch")


class Window(msgspec.Struct, frozen=True):
    """A time in which all legs of a payment can move, and the value date it belongs to."""

    on: Day
    start: Instant
    end: Instant


def today(calendar: Calendar, at: Instant) -> Day | None:
    """Give the date that `at` belongs to, closed dates too; None outside the rows.

    The last row lasts 24 hours.
    """
    rows = calendar.rows
    if not rows:
        return at // DAY if calendar.always_open else None
    index = bisect_right(rows, at, key=_starts_at) - 1
    if index < 0 or (index == len(rows) - 1 and at >= rows[-1].starts_at + DAY):
        return None
    return rows[index].on


def _row(calendar: Calendar, on: Day) -> CalendarRow | None:
    """Give the row of a date."""
    rows = calendar.rows
    if not rows:
        return None
    index = on - rows[0].on
    return rows[index] if 0 <= index < len(rows) else None


def is_business(calendar: Calendar, on: Day) -> bool:
    """Say whether the date is a business day of the currency; a date without a row is none."""
    if calendar.always_open and not calendar.rows:
        return True
    row = _row(calendar, on)
    return row is not None and (row.business or calendar.always_open)


def openings(calendar: Calendar, kind: str, on: Day) -> Intervals:
    """Give when transfers of a kind may enter on a date: its openings less the cut-off tail before the close.

    The close is the end of the last opening of the date. A business day may have no opening; a date that is
    no business day has none, whatever its row says.
    """
    row = _row(calendar, on)
    if calendar.always_open:
        if row is None:
            return () if calendar.rows else ((on * DAY, (on + 1) * DAY),)
        following = _row(calendar, on + 1)
        return ((row.starts_at, following.starts_at if following else row.starts_at + DAY),)
    if row is None or not row.business or not row.open:
        return ()
    tail = calendar.cutoffs.get(kind, 0) * MINUTE
    close = row.open[-1][1]
    return minus(row.open, ((close - tail, close),)) if tail else row.open


def common_openings(calendars: Sequence[Calendar], kind: str, on: Day) -> Intervals:
    """Give when all of the currencies are open on one value date; at least one calendar."""
    common = openings(calendars[0], kind, on)
    for calendar in calendars[1:]:
        if not common:
            return ()
        common = intersect(common, openings(calendar, kind, on))
    return common


def common_window(
    calendars: Sequence[Calendar], kind: str, at: Instant, horizon: Instant = HORIZON
) -> Window | None:
    """Give the first common opening at or after `at` that starts within the horizon.

    `start` is `at` itself where a window is open now, so `window.start == at` means: go on.
    """
    dates = [today(calendar, at) for calendar in calendars]
    known = [on for on in dates if on is not None]
    if len(known) < len(dates):
        return None
    for on in range(min(known), max(known) + horizon // DAY + 2):
        found = first_at_or_after(common_openings(calendars, kind, on), at)
        if found is not None:
            return Window(on, *found) if found[0] <= at + horizon else None
    return None


def in_force(revisions: Sequence[Calendar], at: Instant) -> Calendar | None:
    """Give the revision that counts at an instant: of those in force, the one with the highest number."""
    best: Calendar | None = None
    for calendar in revisions:
        if calendar.in_force_from <= at and (best is None or calendar.revision > best.revision):
            best = calendar
    return best
