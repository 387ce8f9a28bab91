"""The course of a live payment: every step that `payments/states.py` allows, with its facts, clocks and notices.

Nothing here decides whether a payment may go on; it only keeps the books of its life, in one place, so that
no flow forgets a timer, a queue entry, a reservation or a notice.
"""

from collections.abc import Sequence

from steelyard.flows import guard, parties
from steelyard.flows.booking import credited, firm, give_back, main_leg, outflow
from steelyard.flows.diary import CREDITOR, DEBTOR, Diary, Parts
from steelyard.flows.facts import PaymentMoved, PaymentWaits
from steelyard.flows.fields import PaymentKind
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.liquidity.limits import NORMAL
from steelyard.liquidity.queues import Waiting
from steelyard.members.participants import Settings
from steelyard.payments.clocks import Clocks
from steelyard.payments.payment import Payment, Wait
from steelyard.payments.refusals import PaymentRefusal
from steelyard.payments.states import Event, State, step
from steelyard.values.instants import MINUTE, Day, Instant
from steelyard.values.refusal import Refusal

LINES = (b"\0", b"\1")
"""Subjects of the timer that watches the line of settled payments, by service."""


def in_order(payment: Payment) -> bytes:
    """Give the subject of a payment's opening-hours timer: those due at one instant come by their `seq`."""
    return payment.seq.to_bytes(8, "big") + payment.uetr


def move(
    diary: Diary,
    payment: Payment,
    event: Event,
    *,
    refusal: int = 0,
    bundle_id: bytes = b"",
    detail: tuple[int | str, ...] = (),
) -> None:
    """Take one step of the table and write it down; a step that is not there is our own fault."""
    before = State(payment.state)
    after = step(before, event)
    if after is None:
        raise ValueError(f"{event} has no place in {before.name}")
    payment.state = after
    diary.fact(PaymentMoved(payment.uetr, before, event, after, refusal, bundle_id, detail))


def set_deadline(world: World, payment: Payment, at: Instant) -> None:
    """Let the present state of a payment end by itself at an instant."""
    payment.deadline_at = at
    world.timers.set(at, TimerKind.PAYMENT, payment.uetr)


def wait(
    world: World,
    payment: Payment,
    why: Wait,
    *,
    account_no: int = 0,
    at: Instant,
    not_before_at: Instant = 0,
    reason: int = 0,
) -> None:
    """Let a queued payment wait for its payer, a provider, opening hours or room on its payee's side."""
    payment.waits, payment.waits_on, payment.reason = why, account_no, reason
    if not payment.queued_at:
        payment.queued_at = at
        payment.round_no = world.batches.watch(payment.source).rounds
    if why == Wait.FUNDS:
        item = in_queue(world, payment)
        world.queues.put(item)
        world.batches.joined(payment.source, item.amount_minor, urgent=payment.priority == 0)
    elif why in (Wait.PROVIDER, Wait.CAP):
        world.queues.put_aside(
            Waiting(
                payment.uetr,
                payment.debtor_agent,
                account_no,
                payment.due_minor,
                payment.seq,
                payment.queued_at,
            )
        )
    elif why == Wait.WINDOW:
        payment.not_before_at = not_before_at
        world.timers.set(not_before_at, TimerKind.PAYMENT_WINDOW, in_order(payment))
    elif why == Wait.GATHERING:
        world.cycles.join(payment.source, payment.uetr)
    set_deadline(world, payment, own_deadline(payment, at))


def in_queue(world: World, payment: Payment) -> Waiting:
    """Give what stands in its payer's queue for a payment that has terms."""
    assert payment.terms is not None
    rest = payment.rest()
    payee_no, fees = main_leg(world, payment, rest)
    return Waiting(
        payment.uetr, payment.debtor_agent, payment.waits_on,
        payment.open_minor if payee_no else payment.due_minor, payment.seq,
        payment.queued_at, payment.priority, payment.rank, payee_no,
        outflow(world, payment, rest), payment.kind, payment.settlement_on, payment.due_at,
        payment.terms.target_minor if payment.kind == _CUSTOMER and not payment.parts else 0,
        payment.may_split, payment.floor_minor, payment.round_no, fees,
    )  # fmt: skip


_CUSTOMER = int(PaymentKind.CUSTOMER)


def retimed(world: World, payment: Payment) -> None:
    """Let its payer's queue know a payment's new times; its place is the same."""
    if payment.waits == Wait.FUNDS:
        _queue_anew(world, payment)


def requeue(world: World, payment: Payment, *, priority: int, rank: int) -> None:
    """Give a queued payment another place among its payer's; what waits elsewhere has it when it comes."""
    payment.priority, payment.rank = priority, rank
    if payment.waits == Wait.FUNDS:
        _queue_anew(world, payment)
        if priority == 0:
            world.batches.touch(payment.source).urgent = True


def _queue_anew(world: World, payment: Payment) -> None:
    """Let what stands in its payer's queue say what is so now; with an account for its fee that may be another sum."""
    before, after = world.queues.item(payment.uetr), in_queue(world, payment)
    assert before is not None
    world.queues.remove(payment.waits_on, payment.uetr)
    world.queues.put(after)
    world.batches.watch(payment.source).minor += after.amount_minor - before.amount_minor


def own_deadline(payment: Payment, at: Instant) -> Instant:
    """Give when a queued payment's wait is over: when it must have settled, or when its rate is no longer good.

    A rate that the node took itself is looked at again once a minute at most, however short its sheet's lock:
    it is never booked after its lock, since every attempt asks.
    """
    terms = payment.terms
    if terms is None or not terms.lock_until:
        return payment.due_at
    return min(payment.due_at, terms.lock_until if terms.quote_id else max(terms.lock_until, at + MINUTE))


def told_to_wait(diary: Diary, payment: Payment) -> None:
    """Write down what a payment that stays queued waits for now."""
    diary.fact(
        PaymentWaits(
            payment.uetr, payment.waits, payment.not_before_at, payment.settlement_on, payment.reason
        )
    )


def stop_waiting(world: World, payment: Payment) -> None:
    """Take a payment out of whatever it waits in."""
    if payment.waits == Wait.FUNDS:
        item = world.queues.item(payment.uetr)
        assert item is not None
        world.batches.left(payment.source, item.amount_minor, item.seq, payment.state == State.SETTLED)
    if payment.waits_on:
        world.queues.remove(payment.waits_on, payment.uetr)
    elif payment.waits == Wait.WINDOW:
        world.timers.cancel(TimerKind.PAYMENT_WINDOW, in_order(payment))
    elif payment.waits in (Wait.CYCLE, Wait.GATHERING):
        world.cycles.left(payment.uetr)
    payment.waits, payment.waits_on, payment.reason = Wait.NOTHING, 0, 0


def leave_queue(world: World, payment: Payment) -> None:
    """Take a payment out of its queue; who stands behind it may be able to go now."""
    account_no, why = payment.waits_on, payment.waits
    stop_waiting(world, payment)
    if why == Wait.FUNDS:
        world.queues.push_work(account_no)


def let_go(world: World, payment: Payment, at: Instant) -> None:
    """Give back what is reserved for a payment: its own bundle, or what its quote holds."""
    if payment.bundle_id:
        guard.gave_back(world, payment)
        held = [int.from_bytes(payment.bundle_id, "big")]
        payment.bundle_id, payment.chain_deadline_at = b"", 0
    elif payment.terms is not None:
        held = firm(payment.terms)
    else:
        return
    for bundle_id in held:
        give_back(world, bundle_id, at=at)


def end(
    world: World,
    diary: Diary,
    payment: Payment,
    event: Event,
    refusal: Refusal,
    *,
    at: Instant,
    reason: str = "",
) -> None:
    """End a payment without anything more moved: reservations gone, one reason, notices to whom it concerns.

    One of which parts have settled is closed with these: the rest is given up.
    """
    if payment.settled_minor:
        _close_partly(world, diary, payment, refusal, at=at, reason=reason)
        return
    offered = payment.state == State.OFFERED
    let_go(world, payment, at)
    leave_queue(world, payment)
    world.timers.cancel(TimerKind.PAYMENT, payment.uetr)
    payment.refusal = refusal.code
    move(diary, payment, event, refusal=refusal.code, detail=(reason,) if reason else ())
    kind = "payment.cancelled" if payment.state == State.CANCELLED else "payment.rejected"
    diary.tell_of(payment, DEBTOR, kind, refusal=refusal.code, reason=reason)
    if offered:
        diary.tell_of(payment, CREDITOR, kind, refusal=refusal.code, reason=reason)
    world.payments.finish(payment, at=at, reason=reason)


def _close_partly(
    world: World, diary: Diary, payment: Payment, refusal: Refusal, *, at: Instant, reason: str
) -> None:
    """Give up what is open of a payment whose parts are final, and tell both sides."""
    let_go(world, payment, at)
    leave_queue(world, payment)
    world.timers.cancel(TimerKind.PAYMENT, payment.uetr)
    payment.refusal = refusal.code
    detail = (payment.settled_minor, payment.open_minor, reason)
    move(diary, payment, Event.CLOSED_PARTLY, refusal=refusal.code, detail=detail)
    for role in (DEBTOR, CREDITOR):
        diary.tell_of(
            payment, role, "payment.closed_partly", refusal=refusal.code, reason=reason, parts=Parts.ALL
        )
    world.payments.finish(payment, at=at, reason=reason)
    _expect_report(world, payment, at=at, clocks=parties.clocks(world, at))


def settled_now(
    world: World, diary: Diary, payment: Payment, bundle_id: bytes, *, at: Instant, clocks: Clocks
) -> None:
    """Note that a queued payment has settled: whole, or the last part of it."""
    guard.took(world, payment, payment.rest(), payment.settlement_on)
    detail = _last_part(payment)
    move(diary, payment, Event.SETTLED_NOW, bundle_id=bundle_id, detail=detail)
    settled(world, diary, payment, at=at, clocks=clocks)


def settled_together(
    world: World, diary: Diary, payments: Sequence[Payment], bundle_id: bytes, *, at: Instant, clocks: Clocks
) -> None:
    """Note that many payments have settled in one bundle: all that was open of each.

    They wait for their payers' money and are one leg each, fees apart. It comes to the same as `settled_now` of each in
    turn; every queue is looked at once, and whoever got money is noted when all are out.
    """
    gone = world.queues.take_out([payment.uetr for payment in payments])
    payees: dict[int, None] = {}
    normal: dict[tuple[str, Day, int, int], int] = {}  # what each pair moved one way, which own limits count
    batches, timers, participants = world.batches, world.timers, world.members.participants
    for payment, item in zip(payments, gone, strict=True):
        batches.left(payment.source, item.amount_minor, item.seq, True)
        payees[item.payee_no] = None
        payment.waits, payment.waits_on, payment.reason = Wait.NOTHING, 0, 0
        if payment.priority == NORMAL and payment.source == payment.target:
            way = payment.source, payment.settlement_on, item.account_no, item.payee_no
            normal[way] = normal.get(way, 0) + payment.open_minor
        else:
            guard.took(world, payment, payment.rest(), payment.settlement_on)
        detail = _last_part(payment)
        move(diary, payment, Event.SETTLED_NOW, bundle_id=bundle_id, detail=detail)
        timers.cancel(TimerKind.PAYMENT, payment.uetr)
        creditor = participants[payment.creditor_agent].settings
        _tell_settled(diary, payment, creditor)
        guard.moved(world, diary, payment)
        if world.pace.anything:
            paced(world, payment, at)
        world.payments.finish(payment, at=at)
        if creditor.reports_credit:
            track(world, payment.uetr, payment.service, at=at, clocks=clocks)
    for (asset, on, payer_no, payee_no), minor in normal.items():
        world.limits.count(asset, on, payer_no, payee_no, minor)
    world.queues.push_all(payees)


def _last_part(payment: Payment) -> tuple[int | str, ...]:
    """Count the last part of a payment that settles in parts, and give what its step tells of it."""
    if not payment.parts:
        return ()
    minor = payment.open_minor
    payment.parts += 1
    payment.settled_minor += minor
    payment.last_minor = minor
    return payment.parts, minor, payment.settled_minor, 0


def _tell_settled(diary: Diary, payment: Payment, creditor: Settings, *, reason: str = "") -> None:
    """Let both sides be told, the creditor agent of the last part alone if it was told of those before."""
    if not payment.parts:
        diary.tell_both(payment, "payment.settled", reason=reason)
        return
    diary.tell_of(payment, DEBTOR, "payment.settled", reason=reason, parts=Parts.LAST)
    parts = Parts.LAST if creditor.tells_parts else Parts.NONE
    diary.tell_of(payment, CREDITOR, "payment.settled", reason=reason, parts=parts)


def part_settled(
    world: World, diary: Diary, payment: Payment, minor: int, bundle_id: bytes, *, at: Instant
) -> None:
    """Note that a part of a queued payment has settled, less than what is open of it; the rest waits on."""
    why, account_no, reason = Wait(payment.waits), payment.waits_on, payment.reason
    if account_no:
        stop_waiting(world, payment)
    guard.took_part(world, payment, minor)
    payment.parts += 1
    payment.settled_minor += minor
    payment.last_minor = minor
    detail = (payment.parts, minor, payment.settled_minor, payment.open_minor)
    move(diary, payment, Event.PART_SETTLED, bundle_id=bundle_id, detail=detail)
    if account_no:
        wait(world, payment, why, account_no=account_no, at=at, reason=reason)
    guard.moved(world, diary, payment)
    diary.tell_of(payment, DEBTOR, "payment.part_settled", parts=Parts.LAST)
    if world.members.participants[payment.creditor_agent].settings.tells_parts:
        diary.tell_of(payment, CREDITOR, "payment.part_settled", parts=Parts.LAST)
    world.queues.push_work(parties.settlement_account(world, payment.creditor_agent, payment.target))


def withdrawn(world: World, diary: Diary, payment: Payment, *, at: Instant) -> None:
    """End an offered payment that its sender wanted back and its creditor agent did not take."""
    end(world, diary, payment, Event.CANCEL_AGREED, PaymentRefusal.SENDER_WITHDREW, at=at)


def settled(
    world: World, diary: Diary, payment: Payment, *, at: Instant, clocks: Clocks, reason: str = ""
) -> None:
    """Note that all legs of a live payment have settled: it is SETTLED or UNPOSTED and leaves the live ones."""
    stop_waiting(world, payment)
    world.timers.cancel(TimerKind.PAYMENT, payment.uetr)
    _tell_settled(diary, payment, world.members.participants[payment.creditor_agent].settings, reason=reason)
    terms = payment.terms
    assert terms is not None
    world.queues.push_all(credited(world, payment, terms))
    guard.moved(world, diary, payment)
    if world.pace.anything:
        paced(world, payment, at)
    world.payments.finish(payment, at=at, reason=reason)
    _expect_report(world, payment, at=at, clocks=clocks)


def paced(world: World, payment: Payment, at: Instant) -> None:
    """Count a payment that has settled in its payer's day, with how long that took."""
    minor = payment.terms.source_minor if payment.terms is not None else payment.source_minor
    waited = at - payment.entered_at
    world.pace.settled(payment.source, payment.debtor_agent, payment.settlement_on, minor, waited)


def _expect_report(world: World, payment: Payment, *, at: Instant, clocks: Clocks) -> None:
    reports = world.members.participants[payment.creditor_agent].settings.reports_credit
    if reports and payment.state == State.SETTLED:
        track(world, payment.uetr, payment.service, at=at, clocks=clocks)


def track(world: World, uetr: bytes, service: int, *, at: Instant, clocks: Clocks) -> None:
    """Expect the creditor agent's report on a payment that settled now."""
    tracker = world.payments.tracker
    if tracker.put(service, at + clocks.credited[service], uetr):
        due = tracker.next_due(service)
        assert due is not None
        world.timers.set(due, TimerKind.CREDITED, LINES[service])
