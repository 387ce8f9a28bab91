"""End a currency's day: a statement number and a closing balance for every account of it.

The day ends where the calendar's next date starts. Closed dates end without statements, so numbers follow
one another by business day, without a gap. What may not stay overnight has ended at its own cut-off before.
"""

from steelyard.engine.accounts import CLOSED
from steelyard.flows import credit, pace, parties, set_off
from steelyard.flows.diary import Diary
from steelyard.flows.facts import DayEnded
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.values.calendars import Calendar, is_business
from steelyard.values.instants import DAY, Day, Instant
from steelyard.values.wide import Wide, wide


def schedule(world: World, asset: str, at: Instant) -> None:
    """Set the clock for the end of the present date of a currency; call it when a calendar comes or changes."""
    ends_at = _ends_at(world.calendars.of(asset, at), world.calendars.today(asset, at))
    if ends_at is None:
        world.timers.cancel(TimerKind.DAY_END, asset.encode())
    else:
        world.timers.set(ends_at, TimerKind.DAY_END, asset.encode())


def on_timer_day_end(world: World, diary: Diary, subject: bytes, due_at: Instant, at: Instant) -> None:
    """Close the date of a currency that ended at `due_at`, and set the clock for the next."""
    asset = subject.decode()
    calendar = world.calendars.of(asset, due_at - 1)
    on = world.calendars.today(asset, due_at - 1)
    if on is not None and is_business(calendar, on) and world.payments.closed_on.get(asset, -1) < on:
        close(world, diary, asset, on, at)
    if on is not None:
        credit.at_close(world, diary, asset, on, at)
        set_off.at_day_end(world, diary, asset, at)
    schedule(world, asset, due_at)


def close(world: World, diary: Diary, asset: str, on: Day, at: Instant) -> None:
    """Number the statements of a date and write down all closing balances."""
    payments, engine = world.payments, world.engine
    asset_no = engine.asset_nos[asset]
    numbers: list[tuple[int, int, Wide]] = []
    for account in engine.accounts:
        if account is None or account.asset_no != asset_no or account.gate & CLOSED:
            continue
        number = payments.statements.get(account.account_no, 0) + 1
        payments.statements[account.account_no] = number
        numbers.append((account.account_no, number, wide(engine.balance(account.account_no).balance)))
    payments.closed_on[asset] = on
    world.tranches.end_day(asset)
    pace.at_close(world, diary, asset, on, at)
    payments.memory.count_max = parties.rules(world, at).book.memory_payments
    payments.memory.forget(at=at)
    diary.fact(DayEnded(asset, on, at, tuple(numbers)))
    diary.tell("operator", "day.ended", asset.encode(), on)


def _ends_at(calendar: Calendar, on: Day | None) -> Instant | None:
    """Give when a date ends: at the start of the next row, a day after the start of the last one."""
    if on is None:
        return None
    if not calendar.rows:
        return (on + 1) * DAY
    index = on - calendar.rows[0].on
    if index + 1 < len(calendar.rows):
        return calendar.rows[index + 1].starts_at
    return calendar.rows[index].starts_at + DAY
