"""Many payments that settled in one bundle, booked column by column; few are booked one after the other.

Either way it comes to the same, but of many one packed fact is written down instead of a fact and two notices of
each (`settled_rows.py`), and every index is gone through once.
"""

from collections.abc import Sequence
from itertools import chain, compress
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from steelyard.flows import course, guard, settled_rows
from steelyard.flows.cycle_rows import Table, between, ways
from steelyard.flows.diary import Diary
from steelyard.flows.pair_sums import numbers, pair_sums
from steelyard.flows.queue_table import Ways, ends
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.liquidity.cycles import Cycle
from steelyard.liquidity.limits import NORMAL
from steelyard.payments.clocks import Clocks
from steelyard.payments.columns import Columns, Ends, columns
from steelyard.payments.payment import Payment
from steelyard.payments.states import State
from steelyard.values.instants import Instant

_STATE, _UETR = attrgetter("state"), attrgetter("uetr")
MANY = 256
"""From so many on they are booked by columns. It is more than a payment that queues can set off with what waits the
other way (`gridlock.MOST_OF_PAIR`, both ways): so the answer to its payer is always among plain facts."""


def settled_together(
    world: World,
    diary: Diary,
    payments: Sequence[Payment],
    bundle_id: bytes,
    *,
    at: Instant,
    clocks: Clocks,
    ways: Ways | None = None,
) -> None:
    """Note that many payments have settled in one bundle: all that was open of each.

    They wait for their payers' money and are one plain leg each. Last parts of payments are booked one by one.
    `ways` may give what their queues keep of them, where the caller has that.
    """
    last = [one for one in payments if one.parts]
    if len(payments) - len(last) < MANY:
        course.settled_together(world, diary, payments, bundle_id, at=at, clocks=clocks)
        return
    if last:
        course.settled_together(world, diary, last, bundle_id, at=at, clocks=clocks)
        kept = [place for place, one in enumerate(payments) if not one.parts]
        payments = [payments[place] for place in kept]
        ways = None if ways is None else ways.take(numbers(kept))
    _at_once(world, diary, payments, ways, bundle_id, at=at, clocks=clocks)


def _at_once(
    world: World,
    diary: Diary,
    payments: Sequence[Payment],
    ways: Ways | None,
    bundle_id: bytes,
    *,
    at: Instant,
    clocks: Clocks,
) -> None:
    shed: list[object] = []
    uetrs = list(map(_UETR, payments))
    gone = world.queues.take_out(uetrs, ways.moves if ways is not None else None, shed=shed)
    ways = ways or Ways.of(gone)
    of = columns(payments, uetrs, ends(world, ways))
    world.let_go(chain(shed, gone))
    world.let_go(payments)
    for asset, mine in _by_asset(of.ends):
        world.batches.settled(asset, ways.amount_minor[mine].tolist(), ways.seq[mine].tolist())
    _count(world, of, ways)
    _booked(world, diary, payments, of, bundle_id, at=at, clocks=clocks)
    world.queues.push_all(dict.fromkeys(ways.payee_no.tolist()))


def settled_in_cycle(
    world: World,
    diary: Diary,
    cycle: Cycle,
    rows: Table,
    chosen: npt.NDArray[np.bool_],
    bundle_id: bytes,
    *,
    at: Instant,
    clocks: Clocks,
) -> None:
    """Note that the chosen obligations of a netting cycle have settled in its bundle: all that was open of each.

    They are one plain leg each, and none has settled in parts before.
    """
    payments = rows.payments
    everything = bool(chosen.all())
    if not everything:
        payments = [payments[place] for place in np.flatnonzero(chosen).tolist()]
    if len(payments) < MANY:
        for payment in payments:
            course.settled_now(world, diary, payment, bundle_id, at=at, clocks=clocks)
        return
    uetrs = rows.uetrs if everything else list(map(_UETR, payments))
    whose = Ends(rows.members, *(each[chosen] for each in (rows.payer, rows.payee, rows.kind, rows.on)))
    of = columns(payments, uetrs, whose)
    world.cycles.settled(cycle, of.uetr)
    amounts, is_normal = rows.open, rows.priority == NORMAL
    for asset, on, payer_no, payee_no, minor in between(rows, chosen & is_normal, amounts):
        world.limits.count(asset, on, payer_no, payee_no, minor)
    payer_nos, payee_nos = ways(rows)
    if world.reservations.anything:
        for place in np.flatnonzero(chosen & ~is_normal).tolist():
            terms = rows.payments[place].terms
            assert terms is not None
            world.reservations.take(payer_nos[place], int(rows.priority[place]), terms.debit_minor)
    _booked(world, diary, payments, of, bundle_id, at=at, clocks=clocks)
    world.queues.push_all(dict.fromkeys(compress(payee_nos, chosen.tolist())))


def _booked(
    world: World,
    diary: Diary,
    payments: Sequence[Payment],
    of: Columns,
    bundle_id: bytes,
    *,
    at: Instant,
    clocks: Clocks,
) -> None:
    for state in set(map(_STATE, payments)) - {int(State.QUEUED)}:
        raise ValueError(f"a payment in {State(state).name} cannot settle from its queue")
    diary.fact(settled_rows.pack(of, bundle_id))
    world.let_go(world.timers.cancel_all(TimerKind.PAYMENT, of.uetr))
    if world.holdings.anything:
        for bic, asset in of.payees:
            guard.heavier(world, diary, bic, asset)
        for bic, asset in of.payers:
            guard.lighter(world, bic, asset)
    if world.pace.anything:
        for payment in payments:
            course.paced(world, payment, at)
    world.payments.finish_all(of, state=State.SETTLED, at=at)
    _expect_reports(world, of, at=at, clocks=clocks)


def _by_asset(whose: Ends) -> list[tuple[str, npt.NDArray[np.bool_]]]:
    """Give each currency and which payments are of it."""
    names = sorted({asset for _, asset in whose.members})
    asset = np.array([names.index(asset) for _, asset in whose.members], np.int64)[whose.payer]
    return [(name, asset == place) for place, name in enumerate(names) if (asset == place).any()]


def _count(world: World, of: Columns, ways: Ways) -> None:
    """Count what moved in own limits, pair by pair, and in what is kept for the classes before the last."""
    payers, payees, minors = ways.account_no, ways.payee_no, of.target_minor
    normal, on_days = ways.priority == NORMAL, ways.settlement_on
    for asset, mine in _by_asset(of.ends):
        for on in np.unique(on_days[mine & normal]).tolist():
            some = mine & normal & (on_days == on)
            for payer_no, payee_no, minor in pair_sums(payers[some], payees[some], minors[some]):
                world.limits.count(asset, on, payer_no, payee_no, minor)
    if world.reservations.anything:
        for place in np.flatnonzero(~normal).tolist():
            number, priority = int(payers[place]), int(ways.priority[place])
            world.reservations.take(number, priority, int(of.debit_minor[place]))


def _expect_reports(world: World, of: Columns, *, at: Instant, clocks: Clocks) -> None:
    """Expect the report of every creditor agent that reports."""
    participants, whose = world.members.participants, of.ends
    reporting = np.array(
        [bic in participants and participants[bic].settings.reports_credit for bic, _ in whose.members]
    )
    if not reporting[whose.payee].any():
        return
    tracker = world.payments.tracker
    for service, line in enumerate(course.LINES):
        mine = reporting[whose.payee] & (of.service == service)
        if tracker.put_all(service, at + clocks.credited[service], list(compress(of.uetr, mine.tolist()))):
            due = tracker.next_due(service)
            assert due is not None
            world.timers.set(due, TimerKind.CREDITED, line)
