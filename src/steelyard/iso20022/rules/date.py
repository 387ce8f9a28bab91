"""Rules 33 and 34: when it settles, when it was made. The clock and the calendars come in the context."""

from steelyard.iso20022.context import Context, Finding, quoted
from steelyard.iso20022.lexical import date, stamp
from steelyard.iso20022.rules.view import Message, Tx
from steelyard.values.instants import DAY, SECOND, format_date


def settlement_date(message: Message, context: Context) -> list[Finding]:
    """Not past, not beyond the horizon, and an open day of both currencies; the first that fails counts."""
    found: list[Finding] = []
    for tx in message.transactions:
        text = tx.either("settlement_on")
        if text is not None:
            fault = _settlement_fault(tx, text, context)
            if fault is not None:
                found.append(tx.finding("settlement_date", fault[0], tx.place_of("settlement_on"), fault[1]))
    return found


def _settlement_fault(tx: Tx, text: str, context: Context) -> tuple[str, str] | None:
    on, today, horizon = date(text), context.business_on, context.profile.horizon_days
    if on is None:
        return "CH16", f"{quoted(text)} cannot be read as a date"
    if on < today:
        return "DT01", f"{format_date(on)} is before the business date {format_date(today)}"
    if on > today + horizon:
        return "DT04", f"{format_date(on)} is more than {horizon} days ahead"
    first = tx.settlement[1]
    second = tx.instructed[1] if tx.instructed is not None else first
    closed = [] if context.days_of(first).is_open(on) else [quoted(first)]
    if second != first and not context.days_of(second).is_open(on):
        closed.append(quoted(second))
    return ("DT03", f"{format_date(on)} is no open day of {', '.join(closed)}") if closed else None


def creation_time(message: Message, context: Context) -> list[Finding]:
    """Creation times of header and group have an offset and lie near the clock."""
    found: list[Finding] = []
    said = message.header.get("created_at") if message.header is not None else None
    fault = _fault(said, context)
    if fault is not None:
        found.append(message.header_finding("creation_time", "DT02", ("created_at",), fault))
    in_group = message.group.get("created_at")
    if in_group != said:
        fault = _fault(in_group, context)
    if fault is not None and in_group is not None:
        found.append(message.finding("creation_time", "DT02", ("group", "created_at"), fault))
    return found


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
