"""Let the sender say what becomes of a payment whose quote died: another quote, or none."""

from msgspec import Struct

from steelyard.flows import course, quoting, requote, settle
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import QuoteEnded
from steelyard.flows.fields import Key
from steelyard.flows.world import World
from steelyard.fx.quotes import Ending, Quote
from steelyard.payments.payment import Wait
from steelyard.payments.refusals import PaymentRefusal
from steelyard.payments.states import Event, State
from steelyard.values.instants import Instant


class ConsentFields(Struct, array_like=True, frozen=True, gc=False):
    """The sender's word on a payment whose quote died: go on with this quote, or (empty) give it up."""

    uetr: Key
    quote_id: Key = b""


def run(world: World, command: Command, fields: ConsentFields, at: Instant) -> Outcome:
    """Let an unpriced payment go on with a quote that its sender agrees to, or end."""
    payment = world.payments.live.get(fields.uetr)
    if payment is None or payment.debtor_agent != command.sender:
        return refused(PaymentRefusal.UNKNOWN_UETR)
    if payment.state != State.VALIDATED or payment.waits != Wait.CONSENT or at >= payment.deadline_at:
        return refused(PaymentRefusal.PAYMENT_IS_NOT_UNPRICED)
    diary = Diary()
    if not fields.quote_id:
        course.end(world, diary, payment, Event.REQUOTE_REFUSED, PaymentRefusal.REQUOTE_WAS_REFUSED, at=at)
        return diary.done()
    found = quoting.find(world, fields.quote_id, owner=command.sender, at=at)
    if not isinstance(found, Quote):
        return refused(found)
    fault = quoting.fits(
        found,
        source=payment.source,
        target=payment.target,
        source_minor=payment.source_minor if payment.fixed_send else 0,
        target_minor=0 if payment.fixed_send else payment.target_minor,
        creditor_agent=payment.creditor_agent,
        provider="",
        use=(payment.service, payment.bearer, payment.kind),
    )
    if fault is not None:
        return refused(fault)
    quoting.end(world, found, Ending.USED)
    diary.fact(QuoteEnded(found.quote_id, Ending.USED))
    course.stop_waiting(world, payment)
    requote.reprice(world, diary, payment, found, at)
    requote.go_on(diary, payment)
    settle.attempt(world, diary, payment, at)
    settle.work(world, diary, at)
    return diary.done()
