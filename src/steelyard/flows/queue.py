"""Let a sender order its own queue: another class, the front or the back of a class, other times.

What waits elsewhere (for its opening, for a provider) has its new place when it comes to the queue. A payment that
a cycle has cut is left alone until the cycle is over.
"""

from typing import Annotated

from msgspec import Meta, Struct

from steelyard.flows import course, parties, settle
from steelyard.flows.command import Command, Outcome
from steelyard.flows.dates import KINDS
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import At, Key
from steelyard.flows.liquidity_facts import QueueChanged
from steelyard.flows.world import World
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.members.calendars import Verdict, Window
from steelyard.payments.clocks import queue_ends
from steelyard.payments.payment import Payment, Wait
from steelyard.payments.states import State
from steelyard.values.instants import Instant

RANK_MAX = 1 << 20
"""How far a rank goes either way; a class moved about so often is in order anyhow."""


class PriorityFields(Struct, array_like=True, frozen=True, gc=False):
    """Which payment, and its new class: 0 urgent, 1 high, 2 normal."""

    uetr: Key
    priority: Annotated[int, Meta(ge=0, le=2)]


class NamedFields(Struct, array_like=True, frozen=True, gc=False):
    """Which payment."""

    uetr: Key


class TimesFields(Struct, array_like=True, frozen=True, gc=False):
    """Which payment, from when it may settle and until when; 0: no time of the sender's own."""

    uetr: Key
    not_before_at: At = 0
    not_after_at: At = 0


def reprioritise(world: World, command: Command, fields: PriorityFields, at: Instant) -> Outcome:
    """Put a payment into another class, where its `seq` puts it."""
    payment = _own(world, command.sender, fields.uetr, at)
    if not isinstance(payment, Payment):
        return refused(payment)
    if payment.priority == fields.priority:
        return _moved(world, payment, payment.rank, payment.priority, at)
    return _moved(world, payment, 0, fields.priority, at)


def to_front(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Put a payment before all others of its class."""
    payment = _own(world, command.sender, fields.uetr, at)
    if not isinstance(payment, Payment):
        return refused(payment)
    line = world.queues.line(_payer(world, payment), payment.priority)
    first = None if line is None else line.following()
    is_first = first is None or first[1].uetr == payment.uetr
    rank = payment.rank if first is None or is_first else max(-RANK_MAX, first[1].rank - 1)
    return _moved(world, payment, rank, payment.priority, at)


def to_back(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Put a payment behind all others of its class."""
    payment = _own(world, command.sender, fields.uetr, at)
    if not isinstance(payment, Payment):
        return refused(payment)
    line = world.queues.line(_payer(world, payment), payment.priority)
    last = None if line is None else line.last()
    is_last = last is None or last.uetr == payment.uetr
    rank = payment.rank if last is None or is_last else min(RANK_MAX, last.rank + 1)
    return _moved(world, payment, rank, payment.priority, at)


def set_times(world: World, command: Command, fields: TimesFields, at: Instant) -> Outcome:
    """Say from when a payment may settle, and until when, on its settlement date."""
    payment = _own(world, command.sender, fields.uetr, at)
    if not isinstance(payment, Payment):
        return refused(payment)
    start = max(at, fields.not_before_at)
    window = _window(world, payment, start)
    opens_at = start if window.verdict is Verdict.GO else window.not_before_at
    due = queue_ends(
        parties.clocks(world, at), payment.service, entered_at=payment.entered_at,
        cut_off_at=window.cut_off_at, not_after_at=fields.not_after_at,
    )  # fmt: skip
    is_open = window.verdict in (Verdict.GO, Verdict.WAIT) and window.on == payment.settlement_on
    if not is_open or due <= opens_at:
        return refused(LiquidityRefusal.TIME_WINDOW_CLOSED)
    diary = Diary()
    payment.not_after_at, payment.due_at = fields.not_after_at, due
    if opens_at > at:
        course.leave_queue(world, payment)
        course.wait(world, payment, Wait.WINDOW, at=at, not_before_at=opens_at)
        course.told_to_wait(diary, payment)
    else:
        payment.not_before_at = 0
        course.retimed(world, payment)
        course.set_deadline(world, payment, course.own_deadline(payment, at))
    diary.fact(_changed(payment))
    if opens_at == at and payment.waits == Wait.WINDOW:
        settle.attempt(world, diary, payment, at)
    settle.work(world, diary, at)
    return diary.done()


def _own(world: World, sender: str, uetr: bytes, at: Instant) -> Payment | LiquidityRefusal:
    """Give a waiting payment of the sender, or why its queue is not to be touched for it."""
    payment = world.payments.live.get(uetr)
    if payment is None or payment.debtor_agent != sender or payment.state != State.QUEUED:
        return LiquidityRefusal.PAYMENT_NOT_QUEUED
    if payment.waits == Wait.CYCLE:
        return LiquidityRefusal.PAYMENT_IN_CUT_CYCLE
    return payment if at < payment.due_at else LiquidityRefusal.PAYMENT_NOT_QUEUED


def _moved(world: World, payment: Payment, rank: int, priority: int, at: Instant) -> Outcome:
    """Give a payment its new place, and let go who may go now."""
    diary = Diary()
    course.requeue(world, payment, priority=priority, rank=rank)
    diary.fact(_changed(payment))
    world.queues.push_work(_payer(world, payment))
    settle.work(world, diary, at)
    return diary.done()


def _window(world: World, payment: Payment, start: Instant) -> Window:
    others = tuple([hop.buy for hop in payment.terms.hops[:-1]]) if payment.terms is not None else ()
    return world.calendars.window(
        payment.source, payment.target, KINDS[payment.kind], start,
        requested_on=payment.settlement_on, others=others,
    )  # fmt: skip


def _payer(world: World, payment: Payment) -> int:
    return parties.settlement_account(world, payment.debtor_agent, payment.source)


def _changed(payment: Payment) -> QueueChanged:
    return QueueChanged(
        payment.uetr, payment.priority, payment.rank, payment.not_before_at, payment.not_after_at
    )
