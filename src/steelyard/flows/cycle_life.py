"""The life of a netting cycle: every step of the table in `liquidity/cycles.py`, with its facts, clocks and notices.

Each step ends in a state that rests until the next command; what follows by itself has its clock. Whoever calls
lets `settle.work` run after, since obligations may have come back to their queues.
"""

from collections.abc import Collection
from hashlib import sha256

import numpy as np

from steelyard.engine.accounts import AccountKind
from steelyard.engine.legs import LEGS_MAX
from steelyard.flows import (
    booking,
    course,
    cycle_cut,
    cycle_fund,
    cycle_join,
    cycle_plan,
    cycle_rows,
    cycle_settle,
    cycle_tell,
    openings,
)
from steelyard.flows.cycle_steps import move
from steelyard.flows.diary import Diary
from steelyard.flows.liquidity_facts import CycleMoved
from steelyard.flows.liquidity_rules import rules
from steelyard.flows.pair_sums import Ints, totals
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.liquidity.cycles import PURPOSE, Cycle, CycleEvent, CycleState, Plan, Schedule
from steelyard.liquidity.rules import MS
from steelyard.members.calendars import CUSTOMER, INSTITUTION, Verdict
from steelyard.payments.payment import Payment, Wait
from steelyard.values.instants import Instant

MOST = 95_000
"""Most obligations of one cycle: the first by class and order; the rest opens the next one."""
PAID_MAX = 2**62
"""Most that one participant pays of a currency in one cycle."""
COMMAND, CALENDAR, REST = "command", "calendar", "rest"
NOTHING_LEFT = "NOTHING_TO_SETTLE"
REFUSED_TWICE = "REFUSED_TWICE"


def begin(
    world: World, diary: Diary, assets: tuple[str, ...], trigger: str, cut_at: Instant, at: Instant
) -> Cycle:
    """Open a cycle; none of its currencies has an open one."""
    cycles = world.cycles
    number = cycles.next_number
    seed = sha256(b"cycle %d %d" % (number, world.commands)).digest()
    cycle_id = booking.bundle_id(seed, number, at).to_bytes(16, "big")
    cycle = Cycle(cycle_id, number, assets, trigger, at, due_at=cut_at, cut_at=cut_at)
    cycles.begin(cycle)
    if cut_at:
        world.timers.set(cut_at, TimerKind.CYCLE, cycle_id)
    cycle_join.gather(world, diary, cycle, at)
    diary.fact(
        CycleMoved(
            cycle_id,
            number,
            assets,
            trigger,
            "",
            "OPENED",
            cycle.state,
            cut_at,
            cut_at,
            0,
            0,
            len(cycle.items),
        )
    )
    return cycle


def open_by_schedule(world: World, diary: Diary, schedule: Schedule, at: Instant) -> None:
    """Open the next cycle of a schedule, unless one of its currencies has an open one."""
    subject = schedule.assets[0].encode()
    if any(asset in world.cycles.open for asset in schedule.assets):
        world.timers.set(schedule.after(at), TimerKind.CYCLE_SCHEDULE, subject)
    else:
        world.timers.cancel(TimerKind.CYCLE_SCHEDULE, subject)
        begin(world, diary, schedule.assets, CALENDAR, schedule.after(at), at)


def on_timer_schedule(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """Open a cycle by the calendar where the last one is gone."""
    schedule = world.cycles.schedules.get(subject.decode())
    if schedule is not None:
        open_by_schedule(world, diary, schedule, at)


def on_timer_gather(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """Go on gathering for a cycle that is open still."""
    cycle = world.cycles.live.get(subject)
    if cycle is not None and cycle.state is CycleState.OPEN:
        cycle_join.gather(world, diary, cycle, at)


def is_open(world: World, assets: tuple[str, ...], at: Instant) -> bool:
    """Tell whether payments of some kind may move now in each of these currencies."""
    return all(
        any(
            world.calendars.window(asset, asset, kind, at).verdict is Verdict.GO
            for kind in (CUSTOMER, INSTITUTION)
        )
        for asset in assets
    )


def on_timer_cycle(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """Let the present state of a cycle end by itself."""
    cycle = world.cycles.live.get(subject)
    if cycle is None:
        return
    match cycle.state:
        case CycleState.OPEN:
            _cut_by_calendar(world, diary, cycle, at)
        case CycleState.CUT:
            planned(world, diary, cycle, cycle_plan.by_machine(world, cycle, at), Plan("A3"), at)
        case CycleState.COMPUTED:
            _notify(world, diary, cycle, at)
        case CycleState.NOTIFIED:
            _start(world, diary, cycle, at)
        case CycleState.FUNDING if cycle.asking:
            planned(world, diary, cycle, cycle_plan.by_machine(world, cycle, at), Plan("A3"), at)
        case CycleState.FUNDING:
            _funding_step(world, diary, cycle, at)
        case CycleState.PVP_SETTLE:
            _apply(world, diary, cycle, at)
        case CycleState.CLOSED:
            cycle_tell.statements(world, diary, cycle)
            move(world, diary, cycle, CycleEvent.STATED)
            world.cycles.end(cycle)
        case _:
            raise AssertionError(f"a cycle in {cycle.state} has no clock")


# The cut


def _cut_by_calendar(world: World, diary: Diary, cycle: Cycle, at: Instant) -> None:
    """Cut a cycle whose time has come; one that holds nothing, or whose currencies are shut, waits for the next."""
    schedule = world.cycles.schedules.get(cycle.assets[0])
    if cycle.items and is_open(world, cycle.assets, at):
        cut(world, diary, cycle, at)
    elif schedule is not None and schedule.assets == cycle.assets:
        cycle.due_at = cycle.cut_at = schedule.after(at)
        world.timers.set(cycle.due_at, TimerKind.CYCLE, cycle.cycle_id)
    else:
        cancel(world, diary, cycle, NOTHING_LEFT, at)


def cut(world: World, diary: Diary, cycle: Cycle, at: Instant, *, reason: str = "") -> None:
    """Fix who is in a cycle: a function of the commands before this one, and of nothing else."""
    cycles, book = world.cycles, rules(world, at)
    cycles.shut(cycle)
    cycle.cut_at, cycle.cut_seq = at, world.commands
    settles_at = cycle_join.settles_at(world, cycle, at)
    rows = cycle_rows.table(world, _as_they_came(world, cycle.items))
    in_time = cycle_plan.going(world, cycle, rows, at) & (rows.due_at > settles_at)
    members, rest = _fitting(rows, cycle_cut.in_order(rows, np.flatnonzero(in_time)))
    schedule = cycles.schedules.get(cycle.assets[0])
    if schedule is not None and schedule.assets == cycle.assets:
        open_by_schedule(world, diary, schedule, at)
    elif rest:
        begin(world, diary, cycle.assets, REST, at + book.cycle_answer_ms * MS, at)
    for payment in [rows.payments[place] for place in rest]:
        course.stop_waiting(world, payment)
        course.wait(world, payment, Wait.GATHERING, at=at)
    for place in np.flatnonzero(~in_time).tolist():
        cycle_join.give_back(world, diary, rows.payments[place], at)
    cycle.items = dict.fromkeys([rows.uetrs[place] for place in members], 0)
    cycle.broken = False
    if members:
        for place in members:
            rows.payments[place].waits = Wait.CYCLE
        diary.fact(cycle_cut.pack(cycle, rows, members))
        move(world, diary, cycle, CycleEvent.CUT, due_at=at + book.cycle_answer_ms * MS, reason=reason)
        _ask(world, cycle)
        cycles.at_hand = cycle.cycle_id, cycle.asked_seq, cycle_rows.some(rows, members)
    else:
        cancel(world, diary, cycle, NOTHING_LEFT, at)


def _as_they_came(world: World, uetrs: Collection[bytes]) -> Collection[bytes]:
    """Give live obligations in the order in which they became live, where they are many of all.

    They were gathered account by account; as they came they lie in memory, and of so many no cache holds a part.
    """
    live = world.payments.live
    return [uetr for uetr in live if uetr in uetrs] if 4 * len(uetrs) > len(live) else uetrs


def _fitting(rows: cycle_rows.Table, order: Ints) -> tuple[list[int], list[int]]:
    """Give the places of the first that one cycle can hold, and of those that are left to the next one.

    Nobody pays more of a currency in one than a counter holds: so every call and every net does, whoever sends what.
    """
    payers, opens, places = rows.payer[order], rows.open[order], order.tolist()
    most = min(MOST, LEGS_MAX - len(np.unique(payers)))
    if max(totals(payers, opens, len(rows.members)), default=0) <= PAID_MAX:
        return places[:most], places[most:]
    paid: dict[int, int] = {}
    members: list[int] = []
    rest: list[int] = []
    for place, payer, minor in zip(places, payers.tolist(), opens.tolist(), strict=True):
        sum_minor = paid.get(payer, 0) + minor
        if len(members) < most and sum_minor <= PAID_MAX:
            paid[payer] = sum_minor
            members.append(place)
        else:
            rest.append(place)
    return members, rest


def _ask(world: World, cycle: Cycle) -> None:
    """Let a solver be asked for a plan, of the state after this command."""
    cycle.asks += 1
    cycle.asking, cycle.asked_seq = True, world.commands + 1
    world.cycles.fresh.append(cycle)


# The plan


def planned(
    world: World,
    diary: Diary,
    cycle: Cycle,
    parts: cycle_plan.Parts,
    plan: Plan,
    at: Instant,
    *,
    rows: cycle_rows.Table | None = None,
) -> None:
    """Take a plan, whose maker has made sure of what it must keep. `rows` are the cycle's, where they are at hand."""
    anew = cycle.state is CycleState.FUNDING
    rows = rows or cycle_rows.table(world, cycle.items)
    for uetr in cycle.items:
        cycle.items[uetr] = parts.get(uetr, 0)
    cycle.plan, cycle.asking, cycle.broken = plan, False, False
    world.cycles.at_hand = None
    if not parts:
        cancel(world, diary, cycle, NOTHING_LEFT, at)
        return
    if anew:
        diary.fact(cycle_tell.plan(cycle, rows, anew=True))
        move(world, diary, cycle, CycleEvent.FUNDED, due_at=at)
        return
    book = rules(world, at)
    cycle.deadline_at = at + (book.cycle_notice_ms + book.cycle_funding_ms) * MS
    flows = cycle_rows.tally_of(rows, cycle_rows.minors(cycle.items.values())).flows
    for asset in cycle.assets:
        cycle.calls[asset] = {
            bic: out - back for bic, (out, back) in flows.get(asset, {}).items() if out > back
        }
        for bic in list(cycle.calls[asset]):
            refusal = openings.open_account(world, diary, PURPOSE, bic, asset, kind=AccountKind.RESERVED)
            if (
                refusal is not None
            ):  # no room for accounts: it pays nothing in, and the plan is made anew without
                del cycle.calls[asset][bic]
                cycle.broken = True
    diary.fact(cycle_tell.plan(cycle, rows, anew=False))
    move(world, diary, cycle, CycleEvent.PLANNED, due_at=at)


def _notify(world: World, diary: Diary, cycle: Cycle, at: Instant) -> None:
    """Tell everybody in a cycle what it pays, gets and is called to pay in."""
    cycle_tell.notices(world, diary, cycle)
    due_at = max(at, cycle.deadline_at - rules(world, at).cycle_funding_ms * MS)
    move(world, diary, cycle, CycleEvent.TOLD, due_at=due_at)


# Pay-ins


def _start(world: World, diary: Diary, cycle: Cycle, at: Instant) -> None:
    """Let the pay-ins begin, and take those of whoever lets its own be taken."""
    book = rules(world, at)
    cycle.deadline_at = max(cycle.deadline_at, at + book.cycle_funding_ms * MS)
    cycle.steps_done = 0
    move(world, diary, cycle, CycleEvent.STARTED, due_at=_next_step(world, cycle, at))
    cycle_fund.collect(world, diary, cycle, at, draw=False)
    look(world, diary, cycle, at)


def _next_step(world: World, cycle: Cycle, at: Instant) -> Instant:
    """Give when the next step of the pay-in schedule is due; the last is the deadline."""
    book = rules(world, at)
    left = len(book.cycle_steps_bp) - cycle.steps_done
    if left <= 1:
        return cycle.deadline_at
    first = cycle.deadline_at - book.cycle_funding_ms * MS
    step = (cycle.deadline_at - first) // len(book.cycle_steps_bp)
    return max(at, min(cycle.deadline_at, first + step * (cycle.steps_done + 1)))


def _funding_step(world: World, diary: Diary, cycle: Cycle, at: Instant) -> None:
    """Remind who is behind the schedule; at its end take what may be taken and see what is there."""
    if at < cycle.deadline_at:
        shares = rules(world, at).cycle_steps_bp
        cycle_fund.remind(diary, cycle, shares[min(cycle.steps_done, len(shares) - 1)])
        cycle.steps_done += 1
        cycle.due_at = _next_step(world, cycle, at)
        world.timers.set(cycle.due_at, TimerKind.CYCLE, cycle.cycle_id)
        return
    cycle_fund.collect(world, diary, cycle, at, draw=True)
    look(world, diary, cycle, at, late=True)


def look(world: World, diary: Diary, cycle: Cycle, at: Instant, *, late: bool = False) -> None:
    """See whether a cycle is paid: then it settles, or is planned anew where something has gone from it."""
    missing = any(cycle.open_call(bic, asset) for bic, asset, _ in cycle.each_call())
    if missing and not late:
        return
    chosen = [uetr for uetr, minor in cycle.items.items() if minor]
    whole = not missing and not cycle.broken and len(cycle_plan.able(world, cycle, chosen, at)) == len(chosen)
    if whole:
        move(world, diary, cycle, CycleEvent.FUNDED, due_at=at)
    elif cycle.replanned:
        cancel(world, diary, cycle, REFUSED_TWICE, at)
    else:
        cycle.replanned = True
        _plan_anew(world, diary, cycle, CycleEvent.REPLANNED, "UNPAID" if missing else "BROKEN", at)


def _plan_anew(world: World, diary: Diary, cycle: Cycle, event: CycleEvent, reason: str, at: Instant) -> None:
    """Ask once more, now with what is paid in as all there is."""
    due_at = at + rules(world, at).cycle_replan_ms * MS
    move(world, diary, cycle, event, due_at=due_at, reason=reason)
    _ask(world, cycle)


# The end


def _apply(world: World, diary: Diary, cycle: Cycle, at: Instant) -> None:
    """Settle a cycle as one bundle; refused, it is planned anew once without what the refusal names."""
    what = cycle_settle.settling(world, cycle)
    found = cycle_settle.apply(world, cycle, what, at)
    if not isinstance(found, str):
        cycle.closed_at = at
        report = cycle_tell.over(world, cycle, what.rows)
        cycle_settle.book(world, diary, cycle, what, found, at)
        _hand_back(world, diary, cycle, at)
        diary.fact(report)
        move(world, diary, cycle, CycleEvent.APPLIED, due_at=at)
    elif cycle.refused:
        cancel(world, diary, cycle, found, at)
    else:
        cycle.refused = True
        _plan_anew(world, diary, cycle, CycleEvent.REFUSED, found, at)


def cancel(world: World, diary: Diary, cycle: Cycle, reason: str, at: Instant) -> None:
    """End a cycle that has not settled: every pay-in goes back whole, every obligation to its queue."""
    cycle.closed_at, cycle.reason = at, reason
    world.cycles.shut(cycle)
    for uetr in cycle.items:
        cycle.items[uetr] = 0
    report = cycle_tell.over(world, cycle)
    cycle_fund.return_all(world, diary, cycle, at)
    _hand_back(world, diary, cycle, at)
    diary.fact(report)
    move(world, diary, cycle, CycleEvent.CANCELLED, reason=reason)
    cycle_tell.cancelled(diary, cycle)
    world.cycles.end(cycle)
    schedule = world.cycles.schedules.get(cycle.assets[0])
    if schedule is not None and not any(asset in world.cycles.open for asset in schedule.assets):
        world.timers.set(schedule.after(at), TimerKind.CYCLE_SCHEDULE, schedule.assets[0].encode())


def extend(world: World, diary: Diary, cycle: Cycle, by: Instant, at: Instant) -> None:
    """Move the end of the pay-ins, and tell those who are called."""
    was_due_at = cycle.deadline_at
    cycle.deadline_at, cycle.extended = was_due_at + by, True
    if cycle.state is CycleState.FUNDING:
        cycle.due_at = _next_step(world, cycle, at)
        world.timers.set(cycle.due_at, TimerKind.CYCLE, cycle.cycle_id)
    diary.fact(
        CycleMoved(
            cycle.cycle_id, cycle.number, cycle.assets, cycle.trigger, cycle.state, "EXTENDED", cycle.state,
            cycle.due_at, cycle.cut_at, cycle.cut_seq, cycle.deadline_at, len(cycle.items),
        )
    )  # fmt: skip
    for bic, asset, _ in cycle.each_call():
        if cycle.open_call(bic, asset):
            left = cycle.open_call(bic, asset)
            diary.tell(bic, "cycle.pay_in_is_due", cycle.cycle_id, asset, left, cycle.deadline_at)


def exclude(world: World, diary: Diary, cycle: Cycle, bic: str, at: Instant) -> None:
    """Leave a participant out of a cycle: its obligations and those to it go back, and what it paid in."""
    cycle.excluded = (*cycle.excluded, bic)
    for payment in [world.payments.live[uetr] for uetr in cycle.items]:
        if bic in (payment.debtor_agent, payment.creditor_agent):
            cycle_join.give_back(world, diary, payment, at)
    cycle_fund.return_all(world, diary, cycle, at, only=bic)
    for rows in cycle.calls.values():
        rows.pop(bic, None)
    if not cycle.items and cycle.state is not CycleState.OPEN:
        cancel(world, diary, cycle, NOTHING_LEFT, at)
    elif cycle.state is CycleState.FUNDING and not cycle.asking:
        look(world, diary, cycle, at)


def _hand_back(world: World, diary: Diary, cycle: Cycle, at: Instant) -> None:
    """Put what a cycle has left unsettled back into the queues, each where its `seq` puts it."""
    left: list[Payment] = [world.payments.live[uetr] for uetr in cycle.items]
    for payment in left:
        cycle_join.give_back(world, diary, payment, at)
