"""Look at waiting payments again when a currency's calendar changes.

A payment whose date lost its hours is moved to the next common opening, with notice, or rejected where it may
not move; one whose hours changed gets its new cut-off. What is reserved and offered goes on: its clock is not
the calendar's.

They are looked at in the order in which they entered, in steps: the first with the revision, the next with the
ticks. Until its step comes a payment moves in no closed hour, since every attempt asks the calendars.
"""

from steelyard.flows import course, dates, parties, settle
from steelyard.flows.diary import DEBTOR, Diary
from steelyard.flows.fields import Service
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.payments.clocks import queue_ends
from steelyard.payments.payment import Payment, Wait
from steelyard.payments.refusals import PaymentRefusal
from steelyard.payments.states import Event, State
from steelyard.values.calendars import common_openings, common_window, first_at_or_after
from steelyard.values.instants import DAY, Day, Instant

SEQ_BYTES = 8


def calendar_changed(world: World, diary: Diary, asset: str, at: Instant) -> None:
    """Give the waiting payments in this currency their place in time anew; call it when a revision came."""
    _step(world, diary, asset, 0, at)


def on_timer_replan(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """Go on where the last step ended: the subject is the number of the payment after it, and the currency."""
    _step(world, diary, subject[SEQ_BYTES:].decode(), int.from_bytes(subject[:SEQ_BYTES], "big"), at)


def _step(world: World, diary: Diary, asset: str, first: int, at: Instant) -> None:
    """Look at payments from number `first` on, as many as one act may; what is left comes with the next tick."""
    limit = world.packs.rulebook(at).members.suspension_step - diary.looked_at
    waiting = [
        payment
        for payment in world.payments.live.values()
        if payment.state == State.QUEUED
        and asset in (payment.source, payment.target)
        and payment.seq >= first
    ]
    waiting.sort(key=lambda payment: (payment.seq, payment.uetr))
    for done, payment in enumerate(waiting):
        if done >= limit and (not done or payment.seq != waiting[done - 1].seq):
            subject = payment.seq.to_bytes(SEQ_BYTES, "big") + asset.encode()
            world.timers.set(at, TimerKind.REPLAN, subject)
            break
        diary.looked_at += 1
        if at < payment.due_at:
            _again(world, diary, payment, at)
    settle.work(world, diary, at)


def _again(world: World, diary: Diary, payment: Payment, at: Instant) -> None:
    calendars = [world.calendars.of(one, payment.due_at - 1) for one in (payment.source, payment.target)]
    kind, on = dates.KINDS[payment.kind], payment.settlement_on
    openings = common_openings(calendars, kind, on)
    left = first_at_or_after(openings, at)
    if left is not None:
        _place(world, diary, payment, on, left[0], openings[-1][1], at)
        return
    may_move = world.members.participants[payment.debtor_agent].settings.outside_hours != dates.REFUSE
    horizon = parties.rules(world, at).rulebook.members.horizon_days * DAY
    found = common_window(calendars, kind, at, horizon)
    if found is None or not may_move or payment.service == Service.INSTANT:
        refusal = PaymentRefusal.DATE_IS_NO_BUSINESS_DAY
        course.end(world, diary, payment, Event.REFUSED, refusal, at=at)
        return
    cut_off_at = common_openings(calendars, kind, found.on)[-1][1]
    _place(world, diary, payment, found.on, found.start, cut_off_at, at)
    diary.tell_of(payment, DEBTOR, "payment.queued", reason="ACWC")


def _place(
    world: World, diary: Diary, payment: Payment, on: Day, opens_at: Instant, cut_off_at: Instant, at: Instant
) -> None:
    """Put a payment where it belongs now; nothing is written down where nothing changes."""
    due_at = queue_ends(
        parties.clocks(world, at), payment.service, entered_at=payment.entered_at, cut_off_at=cut_off_at,
        not_after_at=payment.not_after_at,
    )  # fmt: skip
    waits_for_hours = payment.waits == Wait.WINDOW
    same_hours = opens_at == payment.not_before_at if waits_for_hours else opens_at <= at
    if (payment.settlement_on, payment.due_at) == (on, due_at) and same_hours:
        return
    payment.settlement_on, payment.due_at = on, due_at
    if not waits_for_hours and opens_at <= at:
        course.retimed(world, payment)
        course.set_deadline(world, payment, course.own_deadline(payment, at))
    else:
        course.leave_queue(world, payment)
        course.wait(world, payment, Wait.WINDOW, at=at, not_before_at=max(opens_at, at))
    course.told_to_wait(diary, payment)
