"""Calendar packs: one TOML of weekends, holidays and hours per currency, compiled to dated rows on reading.

Local time and its offsets are resolved here, at the edge; what enters the state machine is rows of UTC
instants. `seed_calendars.py` in tools made the first files; from then on they are facts with a source.
"""

import tomllib
from datetime import date, timedelta
from importlib.resources import files
from typing import Any

from steelyard.values.calendars import Calendar, CalendarRow
from steelyard.values.instants import DAY, MINUTE, Day, Instant

_EPOCH = date(1970, 1, 1)
_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class PackIsBroken(ValueError):
    """A pack does not hold what it says of itself; the message names the pack and the difference."""


def names() -> tuple[str, ...]:
    """Give the currencies that have a calendar pack, sorted."""
    found = (item.name for item in files(__package__).iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


def load(currency: str) -> Calendar:
    """Read and compile the calendar pack of a currency; raises PackIsBroken where `expect` does not hold."""
    text = files(__package__).joinpath(f"{currency}.toml").read_text("utf-8")
    return compile_pack(tomllib.loads(text))


def compile_pack(pack: dict[str, Any]) -> Calendar:
    """Turn local hours, weekends and holidays into one row of UTC instants per date.

    A date starts at local midnight. `sat2` is the second Saturday of a month.
    """
    first, last = pack["first_on"], pack["last_on"]
    closed = {item["on"] for item in pack["closed"]}
    offsets = [(item["from_on"], item["minutes"]) for item in pack["utc_offset"]]
    hours = _minutes(pack["open_local"]), _minutes(pack["close_local"])
    rows = []
    on = first
    while on <= last:
        business = on not in closed and not _is_weekend(on, pack["weekend"])
        rows.append(_row(on, _offset(on, offsets), hours, business=business))
        on += timedelta(days=1)
    _expect(pack, len(rows), len(closed))
    return Calendar(
        pack["currency"], tuple(rows), dict(sorted(pack["cutoff_minutes"].items())), revision=pack["revision"]
    )


def _row(on: date, offset: int, hours: tuple[int, int], *, business: bool) -> CalendarRow:
    day: Day = (on - _EPOCH).days
    starts: Instant = day * DAY - offset * MINUTE
    opening = ((starts + hours[0] * MINUTE, starts + hours[1] * MINUTE),) if business else ()
    return CalendarRow(day, starts, business, opening)


def _offset(on: date, offsets: list[tuple[date, int]]) -> int:
    return int(max(item for item in offsets if item[0] <= on)[1])


def _is_weekend(on: date, weekend: list[str]) -> bool:
    name = _WEEKDAYS[on.weekday()]
    return name in weekend or f"{name}{(on.day - 1) // 7 + 1}" in weekend


def _minutes(text: str) -> int:
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _expect(pack: dict[str, Any], days: int, closed: int) -> None:
    expect = pack["expect"]
    if days < expect["days_min"] or closed < expect["closed_min"]:
        raise PackIsBroken(f"calendar {pack['currency']}: {days} days, {closed} closed; expected {expect}")
