"""Let a sender take its payment back before it is decided.

Until it is offered, at once. While it is offered the wish goes to the creditor agent: a decline or silence
then cancels, an acceptance that comes first in the journal settles. While a cycle has cut it the wish waits for
the end of the cycle. After that it is final and comes back, if
at all, as a payment of its own. A wish at or after the clock that ends the payment is late, swept or not: it
gets the answer, and the payment the end, that it would have a moment later.
"""

from msgspec import Struct

from steelyard.flows import course, settle, status
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import CREDITOR, Diary, refused
from steelyard.flows.facts import CancelAsked
from steelyard.flows.fields import Key, Word
from steelyard.flows.world import World
from steelyard.payments.checks import is_code
from steelyard.payments.payment import Payment, Wait
from steelyard.payments.refusals import PaymentRefusal
from steelyard.payments.states import Event, State
from steelyard.values.instants import Instant


class CancelFields(Struct, array_like=True, frozen=True, gc=False):
    """A sender's wish to take a payment back; `reason` is a code of four characters, or empty."""

    uetr: Key
    reason: Word = ""


def run(world: World, command: Command, fields: CancelFields, at: Instant) -> Outcome:
    """Cancel a payment, ask its creditor agent, or say that it is final."""
    if not is_code(fields.reason):
        return refused(PaymentRefusal.REASON_IS_MALFORMED)
    payments = world.payments
    diary = Diary()
    payment = payments.live.get(fields.uetr)
    if payment is None or payment.debtor_agent != command.sender:
        record = payments.record(fields.uetr)
        if record is None or payments.name(record.debtor_agent) != command.sender:
            return refused(PaymentRefusal.UNKNOWN_UETR)
        diary.fact(status.of_record(fields.uetr, record))
        return (
            diary.repeated()
            if record.state == State.CANCELLED
            else diary.refused(PaymentRefusal.PAYMENT_IS_FINAL)
        )
    waits_for_others = payment.state == State.OFFERED or payment.waits == Wait.CYCLE
    if waits_for_others and payment.cancel_asked:
        diary.fact(status.of_live(payment))
        return diary.repeated()
    if payment.waits != Wait.CYCLE and _is_over(payment, at):
        diary.fact(status.of_live(payment))
        return diary.refused(PaymentRefusal.PAYMENT_IS_FINAL)
    if not waits_for_others:
        course.end(
            world,
            diary,
            payment,
            Event.WITHDRAWN,
            PaymentRefusal.SENDER_WITHDREW,
            at=at,
            reason=fields.reason,
        )
        settle.work(world, diary, at)
        return diary.done()
    payment.cancel_asked = True
    diary.fact(CancelAsked(payment.uetr, fields.reason))
    if payment.state == State.OFFERED:
        diary.tell_of(payment, CREDITOR, "payment.cancel_asked", reason=fields.reason)
    return diary.done()


def _is_over(payment: Payment, at: Instant) -> bool:
    """Tell whether the clock has passed that ends a payment; a quote's lock ends no queued one."""
    ends_at = payment.due_at if payment.state == State.QUEUED else payment.deadline_at
    return 0 < ends_at <= at
