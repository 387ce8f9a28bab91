"""A currency's calendar gets a new revision, signed off by its settlement agent.

One that comes into force soon takes two people. Rows are compiled outside: instants of UTC, no zone, no rule.
"""

from msgspec import Struct

from steelyard.flows import day_end, redeeming, replan
from steelyard.flows.command import Command, Outcome
from steelyard.flows.currency import own_currency
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import CalendarAmended
from steelyard.flows.fields import Name
from steelyard.flows.member import calendar_reaches
from steelyard.flows.world import World
from steelyard.members.calendars import CUSTOMER, INSTITUTION, REDEEM
from steelyard.members.refusals import PackRefusal
from steelyard.values.calendars import Calendar, CalendarRow
from steelyard.values.instants import DAY
from steelyard.values.refusal import Refusal

KINDS = (CUSTOMER, INSTITUTION, REDEEM)
CUT_OFF_MAX = 24 * 60


class CalendarFields(Struct, array_like=True, frozen=True):
    """A revision whole: every date a row, cut-offs in minutes before close by kind.

    `in_force_from` 0 means at once. Without rows the currency is `always_open`, on dates of UTC.
    """

    asset: Name
    revision: int
    issued_at: int
    in_force_from: int
    rows: tuple[CalendarRow, ...]
    cutoffs: tuple[tuple[str, int], ...] = ()
    always_open: bool = False


def run(world: World, command: Command, fields: CalendarFields, at: int) -> Outcome:
    """Keep the revision and let everything that waits for hours look at it."""
    member = own_currency(world, command, "calendar", fields.asset)
    if isinstance(member, Refusal):
        return refused(member)
    made = _made(fields, at)
    latest = world.calendars.latest(fields.asset)
    if made is None:
        return refused(PackRefusal.CALENDAR_IS_MALFORMED)
    if latest is not None and made.revision <= latest.revision:
        return refused(PackRefusal.CALENDAR_REVISION_MUST_RISE)
    if made.in_force_from < at:
        return refused(PackRefusal.CALENDAR_REWRITES_THE_PAST)
    reach = made.in_force_from + world.packs.rulebook(at).members.calendar_days_min * DAY
    if not calendar_reaches(made, reach) or (made.rows and made.rows[0].starts_at > made.in_force_from):
        return refused(PackRefusal.CALENDAR_IS_TOO_SHORT)
    world.calendars.put(made)
    world.touch_context()
    diary = Diary()
    diary.fact(CalendarAmended(made.currency, made.revision, made.in_force_from))
    if world.engine.asset_no(made.currency) is not None:
        day_end.schedule(world, made.currency, at)
    redeeming.look_again(world, made.currency, at)
    replan.calendar_changed(world, diary, made.currency, at)
    for bic in sorted(world.members.participants):
        if world.members.settlement_account(bic, made.currency) is not None:
            diary.tell(bic, "calendar.amended", made.currency.encode(), made.revision, made.in_force_from)
    return diary.done()


def comes_soon(world: World, command: Command, fields: CalendarFields) -> bool:
    """Tell whether a revision comes into force so soon that it takes two people."""
    days = world.packs.rulebook(world.now).members.calendar_two_people_days
    return fields.in_force_from < world.now + days * DAY


def _made(fields: CalendarFields, at: int) -> Calendar | None:
    """Make the calendar, or None where its rows or cut-offs cannot be."""
    cutoffs = dict(fields.cutoffs)
    sound = all(kind in KINDS and 0 <= minutes < CUT_OFF_MAX for kind, minutes in fields.cutoffs)
    if not sound or len(cutoffs) != len(fields.cutoffs) or not (fields.rows or fields.always_open):
        return None
    try:
        return Calendar(
            fields.asset, fields.rows, dict(sorted(cutoffs.items())), fields.always_open, fields.revision,
            fields.issued_at, fields.in_force_from or at,
        )  # fmt: skip
    except ValueError:
        return None
