"""The offer to the creditor agent: every leg reserved, then one question.

There is no "more time": an open offer ties up other parties' money.
"""

from steelyard.flows import booking, course, dates, guard
from steelyard.flows.diary import CREDITOR, DEBTOR, Diary
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.payments.clocks import Clocks, chain_ends, offer_ends
from steelyard.payments.payment import Payment
from steelyard.payments.state import Unposted
from steelyard.payments.states import Event
from steelyard.values.instants import Instant


def make(world: World, diary: Diary, payment: Payment, *, at: Instant, clocks: Clocks) -> booking.Tried:
    """Reserve all legs of a queued payment and offer it to its creditor agent, or say what it lacks."""
    terms = payment.terms
    assert terms is not None
    chain = chain_ends(clocks, payment.service, at=at, lock_until=terms.lock_until)
    if payment.not_after_at:
        chain = min(chain, payment.not_after_at)
    tried = booking.reserve(world, payment, terms, at=at, deadline_at=chain)
    if not tried.bundle_id:
        return tried
    course.stop_waiting(world, payment)
    payment.kept_minor = guard.took(world, payment, terms, payment.settlement_on)
    payment.bundle_id, payment.chain_deadline_at = tried.bundle_id.to_bytes(16, "big"), chain
    course.move(diary, payment, Event.RESERVED_ALL, bundle_id=payment.bundle_id)
    course.move(diary, payment, Event.OFFERED)
    deadline = offer_ends(clocks, payment.service, at=at, chain_deadline_at=chain)
    course.set_deadline(world, payment, deadline)
    diary.tell_of(payment, DEBTOR, "payment.accepted")
    diary.tell_of(payment, CREDITOR, "payment.offered")
    return tried


def keep_back(
    world: World, uetr: bytes, creditor_agent: str, asset: str, amount_minor: int, reason: str, at: Instant
) -> None:
    """Note that a settled amount lies on suspense, and start its clock."""
    due = dates.unposted_ends(world, asset, at)
    world.payments.unposted[uetr] = Unposted(uetr, creditor_agent, asset, amount_minor, due, reason)
    world.timers.set(due, TimerKind.CREDITED, uetr)
