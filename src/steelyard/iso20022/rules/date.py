"""Rules 33 and 34: when it settles, when it was made. The clock and the calendars come in the context."""

from collections.abc import Iterable

from steelyard.iso20022.context import Context, Finding, quoted
from steelyard.iso20022.lexical import date, stamp
from steelyard.iso20022.rules.view import Message
from steelyard.values.instants import DAY, SECOND, format_date


def settlement_date(message: Message, context: Context) -> Iterable[Finding]:
    """Not past, not beyond the horizon, and an open day of both currencies; the first that fails counts."""
    today, horizon = context.business_on, context.profile.horizon_days
    for tx in message.transactions:
        text = tx.either("settlement_on")
        if text is None:
            continue
        on, place = date(text), tx.place_of("settlement_on")
        if on is None:
            yield tx.finding("settlement_date", "CH16", place, f"{quoted(text)} cannot be read as a date")
        elif on < today:
            said = f"{format_date(on)} is before the business date {format_date(today)}"
            yield tx.finding("settlement_date", "DT01", place, said)
        elif on > today + horizon:
            said = f"{format_date(on)} is more than {horizon} days ahead"
            yield tx.finding("settlement_date", "DT04", place, said)
        else:
            instructed = tx.instructed
            currencies = [tx.settlement.currency, instructed.currency if instructed else ""]
            closed = [c for c in dict.fromkeys(currencies) if c and not context.days_of(c).is_open(on)]
            if closed:
                said = f"{format_date(on)} is no open day of {', '.join(quoted(c) for c in closed)}"
                yield tx.finding("settlement_date", "DT03", place, said)


def creation_time(message: Message, context: Context) -> Iterable[Finding]:
    """Creation times of header and group have an offset and lie near the clock."""
    said = message.header.get("created_at") if message.header is not None else None
    fault = _fault(said, context)
    if fault is not None:
        yield message.header_finding("creation_time", "DT02", ("created_at",), fault)
    in_group = message.group.get("created_at")
    if in_group != said:
        fault = _fault(in_group, context)
    if fault is not None and in_group is not None:
        yield message.finding("creation_time", "DT02", ("group", "created_at"), fault)


def _fault(text: str | None, context: Context) -> str | None:
    if text is None:
        return None
    read = stamp(text)
    profile = context.profile
    if read is None:
        return f"{quoted(text)} cannot be read as an instant"
    if not read.has_offset:
        return f"{quoted(text)} has no offset"
    if read.at > context.now_at + profile.creation_skew_s * SECOND:
        return f"{quoted(text)} is ahead of the clock"
    if read.at < context.now_at - profile.creation_stale_days * DAY:
        return f"{quoted(text)} is more than {profile.creation_stale_days} days old"
    return None
