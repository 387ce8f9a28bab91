"""Take a creditor agent's answer to an offer: accept, accept and keep the money back, or decline.

The first answer counts and a repeat of it gets the state it made. A deadline is exclusive and judged by
sequencer time, swept or not: an answer at it or later is late, and the creditor agent must not credit.
"""

from msgspec import Struct

from steelyard.flows import booking, course, parties, settle, status
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import DEBTOR, Diary, refused
from steelyard.flows.fields import Key, Word
from steelyard.flows.offer import keep_back
from steelyard.flows.world import World
from steelyard.payments.checks import is_code
from steelyard.payments.payment import Payment
from steelyard.payments.refusals import PaymentRefusal
from steelyard.payments.states import Event, State
from steelyard.values.instants import Instant

ACCEPT, ACCEPT_UNPOSTED, DECLINE = "accept", "accept_unposted", "decline"
ERRED = "AB09"
"""A creditor agent that declines with this code says that it cannot, not that it will not."""


class AnswerFields(Struct, array_like=True, frozen=True, gc=False):
    """A creditor agent's answer to an offer; `reason` is a code of four characters, or empty."""

    uetr: Key
    answer: Word
    reason: Word = ""


def over_line(world: World, command: Command, fields: AnswerFields) -> bool:
    """Say whether taking a payment is above its creditor agent's own line, so that two people must do it."""
    payment, agent = world.payments.live.get(fields.uetr), world.members.participants.get(command.sender)
    if payment is None or agent is None or fields.answer == DECLINE:
        return False
    line = agent.settings.lines_minor.get(payment.target)
    terms = payment.terms
    return line is not None and (payment.target_minor if terms is None else terms.target_minor) > line


def run(world: World, command: Command, fields: AnswerFields, at: Instant) -> Outcome:
    """Take the creditor agent's answer to an open offer; a repeat of it gets the state it made."""
    if fields.answer not in (ACCEPT, ACCEPT_UNPOSTED, DECLINE):
        return refused(PaymentRefusal.ANSWER_IS_UNKNOWN)
    if not is_code(fields.reason):
        return refused(PaymentRefusal.REASON_IS_MALFORMED)
    payment = world.payments.live.get(fields.uetr)
    if payment is None or payment.creditor_agent != command.sender or payment.state != State.OFFERED:
        return _not_open(world, command.sender, fields)
    if at >= payment.deadline_at:
        return refused(PaymentRefusal.OFFER_IS_OVER)
    bar = parties.bar(world, payment)
    diary = Diary()
    if bar is not None:
        course.end(world, diary, payment, Event.REFUSED, bar, at=at)
        settle.work(world, diary, at)
        return diary.refused(bar)
    if fields.answer == DECLINE or (fields.answer == ACCEPT_UNPOSTED and payment.service):
        reason = fields.reason if fields.answer == DECLINE else ERRED
        _decline(world, diary, payment, reason, at)
    elif fields.answer == ACCEPT_UNPOSTED:
        _accept_unposted(world, diary, payment, fields.reason, at)
    else:
        _accept(world, diary, payment, at)
    settle.work(world, diary, at)
    return diary.done()


def _accept(world: World, diary: Diary, payment: Payment, at: Instant) -> None:
    """Decide and settle in one command: all legs lie in this node."""
    act = world.engine.settle(int.from_bytes(payment.bundle_id, "big"), at=at)
    if act.refusal is not None:  # a freeze covers an account of it: it ends as if nobody could take it
        course.end(world, diary, payment, Event.REFUSED, act.refusal, at=at)
        return
    course.move(diary, payment, Event.ACCEPTED, bundle_id=payment.bundle_id)
    course.move(diary, payment, Event.LEGS_SETTLED, bundle_id=payment.bundle_id)
    _tell_that_cancel_came_too_late(diary, payment)
    course.settled(world, diary, payment, at=at, clocks=parties.clocks(world, at))


def _accept_unposted(world: World, diary: Diary, payment: Payment, reason: str, at: Instant) -> None:
    """Settle, and keep the amount back on the creditor agent's suspense account in the same bundle."""
    terms = payment.terms
    assert terms is not None
    tried = booking.settle(
        world, payment, terms, at=at, releasing=[int.from_bytes(payment.bundle_id, "big")], suspended=True
    )
    if not tried.bundle_id:
        _decline(world, diary, payment, ERRED, at)
        return
    settled_as = tried.bundle_id.to_bytes(16, "big")
    course.move(
        diary, payment, Event.ACCEPTED_UNPOSTED, bundle_id=settled_as, detail=(reason,) if reason else ()
    )
    course.move(diary, payment, Event.LEGS_SETTLED_UNPOSTED, bundle_id=settled_as)
    _tell_that_cancel_came_too_late(diary, payment)
    keep_back(world, payment.uetr, payment.creditor_agent, payment.target, terms.target_minor, reason, at)
    course.settled(world, diary, payment, at=at, clocks=parties.clocks(world, at), reason=reason)


def _decline(world: World, diary: Diary, payment: Payment, reason: str, at: Instant) -> None:
    if payment.cancel_asked:
        course.withdrawn(world, diary, payment, at=at)
        return
    erred = reason == ERRED
    refusal = PaymentRefusal.CREDITOR_AGENT_ERRED if erred else PaymentRefusal.CREDITOR_AGENT_DECLINED
    course.end(world, diary, payment, Event.DECLINED, refusal, at=at, reason=reason)


def _tell_that_cancel_came_too_late(diary: Diary, payment: Payment) -> None:
    if payment.cancel_asked:
        diary.tell_of(payment, DEBTOR, "payment.cancel_refused")


def _not_open(world: World, sender: str, fields: AnswerFields) -> Outcome:
    """Answer about an offer that is not open: a repeat gets what its first made, all else that it is over."""
    record = world.payments.record(fields.uetr)
    if record is None or world.payments.name(record.creditor_agent) != sender:
        live = world.payments.live.get(fields.uetr)
        known = live is not None and live.creditor_agent == sender
        return refused(PaymentRefusal.OFFER_IS_OVER if known else PaymentRefusal.UNKNOWN_UETR)
    if fields.answer in _ANSWERED.get(record.state, ()):
        if record.state == State.REJECTED and record.refusal not in _DECLINED:
            return refused(PaymentRefusal.OFFER_IS_OVER)
        diary = Diary()
        diary.fact(status.of_record(fields.uetr, record))
        return diary.repeated()
    taken = record.state in (State.SETTLED, State.CREDITED, State.UNPOSTED) or record.refusal in _DECLINED
    return refused(PaymentRefusal.OFFER_WAS_ANSWERED if taken else PaymentRefusal.OFFER_IS_OVER)


_ANSWERED: dict[int, tuple[str, ...]] = {
    State.SETTLED: (ACCEPT,),
    State.CREDITED: (ACCEPT, ACCEPT_UNPOSTED),
    State.UNPOSTED: (ACCEPT_UNPOSTED,),
    State.REJECTED: (DECLINE,),
}
_DECLINED = (PaymentRefusal.CREDITOR_AGENT_DECLINED.code, PaymentRefusal.CREDITOR_AGENT_ERRED.code)
