"""The calendars in force, by currency and revision, and the one question payments ask of them.

Revisions enter by command and stay: what was decided under an old one can be looked up. The answer to "may
this payment go on now" is kept until it could change, since it is asked for every payment: between two edges
of the calendars (a date's start, an opening's start or end, a revision's coming into force) it is one answer.
"""

from bisect import bisect_right
from collections.abc import Sequence
from enum import IntEnum
from typing import NamedTuple

import msgspec

from steelyard.values.calendars import (
    HORIZON,
    Calendar,
    common_openings,
    common_window,
    first_at_or_after,
    in_force,
    is_business,
    openings,
    today,
)
from steelyard.values.instants import DAY, Day, Instant

CUSTOMER, INSTITUTION, REDEEM = "customer", "institution", "redeem"
_encode = msgspec.msgpack.Encoder(order="deterministic").encode


class Verdict(IntEnum):
    """What the calendars say to a payment. GO: now. WAIT: later that day. NEXT_DAY: its cut-off is past."""

    GO = 0
    WAIT = 1
    NEXT_DAY = 2
    DATE_IS_PAST = 3
    NO_BUSINESS_DAY = 4
    BEYOND_HORIZON = 5


class Window(NamedTuple):
    """When a payment may move: the verdict, its value date, from when, and until when (cut-off, exclusive).

    Without a window (the last three verdicts) the numbers are 0.
    """

    verdict: Verdict
    on: Day = 0
    not_before_at: Instant = 0
    cut_off_at: Instant = 0


class _Known(NamedTuple):
    """An answer, for as long as nothing changes it."""

    start: Instant
    end: Instant
    window: Window


_Key = tuple[str, str, str, Day, tuple[str, ...], Instant]
_CLOSED = Calendar("", ())
_KEPT_MAX = 20_000
_NEVER = 1 << 62


class Calendars:
    """All revisions of all calendars."""

    __slots__ = ("_edges", "_known", "_revisions")

    def __init__(self) -> None:
        self._revisions: dict[str, tuple[Calendar, ...]] = {}
        self._known: dict[_Key, _Known] = {}  # a memo, no state; so are the edges
        self._edges: dict[tuple[str, int, str], tuple[Instant, ...]] = {}

    def put(self, calendar: Calendar) -> None:
        """Keep a revision; its number is higher than that of every one before."""
        held = self._revisions.get(calendar.currency, ())
        self._revisions[calendar.currency] = (*held, calendar)
        self._known.clear()
        self._edges.clear()

    def latest(self, asset: str) -> Calendar | None:
        """Give the newest revision of a currency, in force or not, or None."""
        held = self._revisions.get(asset)
        return held[-1] if held else None

    def revisions(self, asset: str) -> tuple[Calendar, ...]:
        """Give all revisions of a currency, oldest first."""
        return self._revisions.get(asset, ())

    def of(self, asset: str, at: Instant) -> Calendar:
        """Give the revision in force; a currency without one is always closed."""
        return in_force(self._revisions.get(asset, ()), at) or _CLOSED

    def assets(self) -> list[str]:
        """Give the currencies that have a calendar, sorted."""
        return sorted(self._revisions)

    def today(self, asset: str, at: Instant) -> Day | None:
        """Give the date of a currency at an instant, closed dates too; None outside its rows."""
        return today(self.of(asset, at), at)

    def is_open(self, asset: str, kind: str, at: Instant) -> bool:
        """Tell whether transfers of a kind may enter now."""
        return self.window(asset, asset, kind, at).verdict is Verdict.GO

    def opens_at(self, asset: str, kind: str, at: Instant) -> Instant | None:
        """Give when transfers of a kind may enter next, `at` itself where that is now; None in the horizon."""
        found = common_window((self.of(asset, at),), kind, at)
        return None if found is None else found.start

    def closes_at(self, asset: str, kind: str, at: Instant) -> Instant | None:
        """Give when the opening that holds `at`, or the next one, ends; None in the horizon."""
        found = common_window((self.of(asset, at),), kind, at)
        return None if found is None else found.end

    def open_time(self, asset: str, kind: str, start: Instant, length: Instant) -> Instant:
        """Give when `length` of open time has passed since `start`: outside hours the clock stands still.

        Where the calendar ends before, it ends there too.
        """
        calendar, left, at = self.of(asset, start), length, start
        while True:
            found = common_window((calendar,), kind, at)
            if found is None:
                return at + left
            if found.end - found.start >= left:
                return found.start + left
            left -= found.end - found.start
            at = found.end

    def next_days(self, asset: str, at: Instant, count: int) -> tuple[tuple[Day, Instant], ...]:
        """Give the next business days after today as (date, start), at most `count`."""
        calendar = self.of(asset, at)
        on = today(calendar, at)
        if on is None:
            return ()
        if not calendar.rows:
            return tuple((on + i, (on + i) * DAY) for i in range(1, count + 1))
        first = calendar.rows[0].on
        after = (row for row in calendar.rows[on - first + 1 :] if is_business(calendar, row.on))
        return tuple((row.on, row.starts_at) for row, _ in zip(after, range(count), strict=False))

    # What payments ask

    def window(
        self,
        source: str,
        target: str,
        kind: str,
        at: Instant,
        *,
        requested_on: Day = 0,
        others: Sequence[str] = (),
        horizon: Instant = HORIZON,
    ) -> Window:
        """Say when a payment between two currencies (and `others` between them) may move.

        The order of the rule: a requested date before today or closed in any of them, or too far; now inside
        the common opening of the date; later that day; the cut-off is past, so the next common opening;
        none in the horizon. What an instant payment or a sender makes of WAIT and NEXT_DAY is theirs.
        """
        key = (source, target, kind, requested_on, tuple(others), horizon)
        known = self._known.get(key)
        if known is not None and known.start <= at < known.end:
            return known.window
        calendars = [self.of(asset, at) for asset in dict.fromkeys((source, target, *others))]
        window = self._look(calendars, kind, at, requested_on, horizon)
        far = window.verdict is Verdict.BEYOND_HORIZON or (
            requested_on and window.on not in (0, requested_on)
        )
        if not far:  # else it may be the horizon that decided, which moves with the instant
            if len(self._known) >= _KEPT_MAX:
                self._known.clear()
            self._known[key] = _Known(at, self._changes_at(calendars, kind, at), window)
        return window

    def _look(
        self, calendars: Sequence[Calendar], kind: str, at: Instant, requested_on: Day, horizon: Instant
    ) -> Window:
        dates = [today(calendar, at) for calendar in calendars]
        known = [on for on in dates if on is not None]
        if len(known) < len(dates):
            return Window(Verdict.BEYOND_HORIZON)
        if requested_on:
            refused = _date_refused(calendars, known, requested_on, at, horizon)
            if refused is not None:
                return Window(refused)
            found = first_at_or_after(common_openings(calendars, kind, requested_on), at)
            if found is not None and found[0] <= at + horizon:
                return self._seen(calendars, kind, requested_on, found, at)
        first = common_window(calendars, kind, at, horizon)
        if first is None:
            return Window(Verdict.BEYOND_HORIZON)
        seen = self._seen(calendars, kind, first.on, (first.start, first.end), at)
        if seen.verdict is Verdict.GO or first.on <= max(known):
            return seen
        return seen._replace(verdict=Verdict.NEXT_DAY)

    def _seen(
        self,
        calendars: Sequence[Calendar],
        kind: str,
        on: Day,
        found: tuple[Instant, Instant],
        at: Instant,
    ) -> Window:
        last = common_openings(calendars, kind, on)[-1][1]
        start, verdict = found[0], Verdict.GO if found[0] <= at else Verdict.WAIT
        return Window(verdict, on, 0 if verdict is Verdict.GO else start, last)

    def _changes_at(self, calendars: Sequence[Calendar], kind: str, at: Instant) -> Instant:
        """Give the first edge after `at` of any of these, or when another revision of one comes into force."""
        first = _NEVER
        for calendar in calendars:
            for revision in self._revisions.get(calendar.currency, ()):
                if revision.in_force_from > at:
                    first = min(first, revision.in_force_from)
            if not calendar.rows:
                first = min(first, (at // DAY + 1) * DAY)
                continue
            key = (calendar.currency, calendar.revision, kind)
            edges = self._edges.get(key)
            if edges is None:
                edges = self._edges[key] = _edges(calendar, kind)
            index = bisect_right(edges, at)
            if index < len(edges):
                first = min(first, edges[index])
        return first

    # Bytes

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return _encode([(asset, self._revisions[asset]) for asset in sorted(self._revisions)])

    @classmethod
    def decode(cls, data: bytes) -> "Calendars":
        """Build what `encode` described."""
        calendars = cls()
        calendars._revisions = dict(msgspec.msgpack.decode(data, type=list[tuple[str, tuple[Calendar, ...]]]))
        return calendars


def _edges(calendar: Calendar, kind: str) -> tuple[Instant, ...]:
    """Give every instant at which a calendar's answer for a kind may change: dates and openings, sorted."""
    edges = {row.starts_at for row in calendar.rows} | {calendar.rows[-1].starts_at + DAY}
    for row in calendar.rows:
        for opening in openings(calendar, kind, row.on):
            edges.update(opening)
    return tuple(sorted(edges))


def _date_refused(
    calendars: Sequence[Calendar], today_on: Sequence[Day], on: Day, at: Instant, horizon: Instant
) -> Verdict | None:
    if on < max(today_on):
        return Verdict.DATE_IS_PAST
    if on > min(today_on) + horizon // DAY:
        return Verdict.BEYOND_HORIZON
    if not all(is_business(calendar, on) for calendar in calendars):
        return Verdict.NO_BUSINESS_DAY
    return None


__all__ = ["CUSTOMER", "INSTITUTION", "REDEEM", "Calendars", "Verdict", "Window", "openings"]
