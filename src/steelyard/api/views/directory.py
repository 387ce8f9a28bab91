"""The directory as it crosses the wire: members, participants, people, currencies, calendars."""

from typing import Any

from steelyard.api import wire
from steelyard.api.call import Call
from steelyard.api.directory import AssetRow, Directory
from steelyard.api.problems import ProblemError
from steelyard.client import types
from steelyard.members.calendars import CUSTOMER
from steelyard.members.members import Member
from steelyard.members.participants import Participant
from steelyard.members.people import Actor
from steelyard.members.rights import may
from steelyard.members.roles import Role
from steelyard.values.amount import format_minor
from steelyard.values.calendars import Calendar, CalendarRow
from steelyard.values.instants import DAY, format_date

ANY = "any"


def member(one: Member) -> types.Member:
    """Give a member."""
    return types.Member(
        code=one.code, name=one.name, asset=one.asset, scale=one.scale, settlement_agent=one.settlement_agent,
        state=one.state.value,
    )  # fmt: skip


def participant(one: Participant) -> types.Participant:
    """Give a participant."""
    return types.Participant(
        bic=one.bic, name=one.name, lei=one.lei, member=one.member, state=one.state.value, provider=one.provider,
        sends=one.sends, receives=one.receives, currencies=list(one.currencies),
    )  # fmt: skip


def settings(one: Participant, directory: Directory) -> types.ParticipantSettings:
    """Give what a participant has set for itself."""
    held = one.settings
    return types.ParticipantSettings(
        bic=one.bic,
        accepts={
            asset: _bound(minor, asset, directory) for asset, minor in sorted(held.accepts_minor.items())
        },
        lines={asset: _bound(minor, asset, directory) for asset, minor in sorted(held.lines_minor.items())},
        best_quote=held.best_quote,
        requote_tolerance_bp=held.requote_tolerance_bp,
        outside_hours=held.outside_hours,
        reports_credit=held.reports_credit,
        oversubscription_bp=held.oversubscription_bp,
        splits=held.splits,
        tells_parts=held.tells_parts,
        by_cycle=list(held.by_cycle),
        pays_in=held.pays_in,
        explainable=held.explainable,
    )


def _bound(minor: int, asset: str, directory: Directory) -> str:
    return ANY if minor < 0 else format_minor(minor, directory.scale(asset))


def currency(one: Member, directory: Directory) -> types.Currency:
    """Give a currency's rules."""

    def amount(minor: int) -> types.Amount:
        return wire.amount(minor, one.asset, directory)

    return types.Currency(
        asset=one.asset,
        member=one.code,
        cap=amount(one.cap_minor),
        open_to_all=one.open_to_all,
        allowed=list(one.allowed),
        fund_on_advice=one.fund_on_advice,
        issue_line=amount(one.issue_line_minor),
        advice_line=amount(one.advice_line_minor) if one.advice_line_minor >= 0 else None,
        stop_on_difference=one.stop_on_difference,
        queue_mode=one.queue_mode,
    )


def currency_now(call: Call) -> types.Currency:
    """Give the rules of the currency in the address."""
    found = call.directory.members.assets.get(call.path_params["asset"])
    if found is None:
        raise ProblemError("not-found")
    return currency(found, call.directory)


def person(one: Actor) -> types.Person:
    """Give a person or system key."""
    return types.Person(
        actor=one.id, owner=one.owner, kind=one.kind, roles=[role.value for role in one.roles], state=one.state,
        holder=one.holder,
    )  # fmt: skip


def asset(row: AssetRow) -> types.Asset:
    """Give an asset."""
    return types.Asset(
        asset=row.code,
        asset_class=row.asset_class.lower(),
        scale=row.scale,
        issuer=row.issuer,
        state=row.state,
        asset_no=row.asset_no,
    )


def calendar_shown(code: str, directory: Directory, at: int) -> types.CalendarShown:
    """Give a currency's calendar as it stands now."""
    held = directory.calendars.of(code, at)
    opens = directory.calendars.opens_at(code, CUSTOMER, at)
    closes = directory.calendars.closes_at(code, CUSTOMER, at)
    return types.CalendarShown(
        asset=code,
        revision=held.revision,
        in_force_from=wire.at_text(held.in_force_from),
        always_open=held.always_open,
        cutoffs=dict(held.cutoffs),
        today_on=wire.on_or_none(directory.calendars.today(code, at)),
        opens_at=wire.at_or_none(opens),
        closes_at=wire.at_or_none(closes),
    )


def calendar_days(code: str, held: Calendar, first: int, last: int) -> types.Calendar:
    """Give a calendar's days from one date to another."""
    if held.rows:
        rows = [row for row in held.rows if first <= row.on <= last]
    else:
        rows = [
            CalendarRow(on, on * DAY, True, ((on * DAY, (on + 1) * DAY),)) for on in range(first, last + 1)
        ]
    return types.Calendar(
        asset=code,
        revision=held.revision,
        always_open=held.always_open,
        days=[calendar_day(row) for row in rows],
    )


def calendar_day(row: CalendarRow) -> types.CalendarDay:
    """Give one date."""
    return types.CalendarDay(
        on=format_date(row.on),
        business=row.business,
        open=[[wire.at_text(start), wire.at_text(end)] for start, end in row.open],
    )


def rights(call: Call) -> dict[str, Any]:
    """Give what the caller may do: each action with how far it reaches."""
    return {
        action: right.scope.value
        for action, right in sorted(may(call.who.roles).items())
        if call.who.right(action) is not None
    }


def role(word: str) -> Role:
    """Give a role by its word."""
    return Role(word)


def person_added(told: types.Done, code: str | None, expires_at: str | None) -> types.PersonAdded:
    """Give what became of a person that was added, with the code to enrol with."""
    return types.PersonAdded(
        outcome=told.outcome, seq=told.seq, state=told.state, refusal=told.refusal, iso=told.iso, at=told.at,
        subject=told.subject, details=told.details, code=code, code_expires_at=expires_at,
    )  # fmt: skip


def starts_at(held: Calendar, on: int) -> int:
    """Give when a date begins in a calendar; midnight UTC where it has no row of it."""
    return next((row.starts_at for row in held.rows if row.on == on), on * DAY)
