"""When a payment may move: the calendars' verdict, and what service and sender make of it."""

from typing import NamedTuple

from steelyard.flows import parties
from steelyard.flows.fields import PayFields, Service
from steelyard.flows.world import World
from steelyard.members.calendars import CUSTOMER, INSTITUTION, Verdict
from steelyard.payments.clocks import queue_ends
from steelyard.payments.clocks import unposted_ends as ends_after
from steelyard.payments.payment import Payment
from steelyard.payments.refusals import PaymentRefusal
from steelyard.values.instants import DAY, Day, Instant

KINDS = (CUSTOMER, INSTITUTION, INSTITUTION)
"""Kind of transfer by kind of payment: CUSTOMER, INSTITUTION, COVER."""

REFUSE = "refuse"


class Place(NamedTuple):
    """A payment's place in time: its value date, from when it may move, and until when it may wait."""

    on: Day
    opens_at: Instant
    due_at: Instant
    moved: bool = False
    """Whether the cut-off was past and the next date was taken"""


def place(
    world: World, fields: PayFields, outside_hours: str, at: Instant, *, others: tuple[str, ...] = ()
) -> Place | PaymentRefusal:
    """Give a payment its place in time, or say which rule of the calendar it breaks."""
    if fields.not_after_at and fields.not_after_at <= at:
        return PaymentRefusal.NOT_AFTER_HAS_PASSED
    start = max(at, fields.not_before_at)
    rules = parties.rules(world, at)
    horizon = rules.rulebook.members.horizon_days * DAY
    if start > at + horizon:
        return PaymentRefusal.DATE_IS_TOO_FAR
    window = world.calendars.window(
        fields.source, fields.target, KINDS[fields.kind], start,
        requested_on=fields.settlement_on, others=others, horizon=horizon,
    )  # fmt: skip
    verdict = window.verdict
    if verdict is Verdict.GO:
        opens_at = start
    elif verdict is Verdict.WAIT or verdict is Verdict.NEXT_DAY:
        opens_at = window.not_before_at
    else:
        return _REFUSED[verdict]
    moved = verdict is Verdict.NEXT_DAY
    if opens_at > at and (fields.service == Service.INSTANT or (moved and outside_hours == REFUSE)):
        return PaymentRefusal.CUT_OFF_HAS_PASSED
    if fields.not_after_at and fields.not_after_at <= opens_at:
        return PaymentRefusal.NOT_AFTER_HAS_PASSED
    due = queue_ends(
        rules.clocks,
        fields.service,
        entered_at=at,
        cut_off_at=window.cut_off_at,
        not_after_at=fields.not_after_at,
    )
    return Place(window.on, opens_at, due, moved)


def opens_at(world: World, payment: Payment, at: Instant) -> Instant:
    """Give when a waiting payment may move: `at` itself, a later opening of its date, or when it is over."""
    kind = KINDS[payment.kind]
    others = tuple([hop.buy for hop in payment.terms.hops[:-1]]) if payment.terms is not None else ()
    calendars = world.calendars
    window = calendars.window(payment.source, payment.target, kind, at, others=others)
    if window.verdict is Verdict.GO and window.on == payment.settlement_on:
        return at
    window = calendars.window(
        payment.source, payment.target, kind, at, requested_on=payment.settlement_on, others=others
    )
    if window.on == payment.settlement_on:
        return at if window.verdict is Verdict.GO else window.not_before_at
    return payment.due_at


def unposted_ends(world: World, asset: str, at: Instant) -> Instant:
    """Give when a creditor agent must have credited what it keeps back."""
    clocks = parties.clocks(world, at)
    return ends_after(clocks, at=at, days=world.calendars.next_days(asset, at, clocks.unposted_days + 1))


_REFUSED = {
    Verdict.DATE_IS_PAST: PaymentRefusal.DATE_HAS_PASSED,
    Verdict.NO_BUSINESS_DAY: PaymentRefusal.DATE_IS_NO_BUSINESS_DAY,
    Verdict.BEYOND_HORIZON: PaymentRefusal.DATE_IS_TOO_FAR,
}


def next_day(world: World, asset: str, at: Instant) -> Instant:
    """Give when the next business day of a currency starts, or a day later where its calendar ends."""
    days = world.calendars.next_days(asset, at, 1)
    return days[0][1] if days else at + DAY
