"""A payment whose quote died before it could settle: take another within its sender's tolerance, or ask.

The rate stays good until `lock_until` and no longer. Then the payment goes back to VALIDATED. Where the
sender's `requote_tolerance_bp` covers the best quote of now, the node takes it and goes on at once; else the
payment waits for the sender's word up to the rulebook's `requote_ms`.
"""

from steelyard.flows import booking, course, parties, pricing, quoting
from steelyard.flows.diary import DEBTOR, Diary
from steelyard.flows.facts import PaymentPriced
from steelyard.flows.world import World
from steelyard.payments.payment import Payment, Wait
from steelyard.payments.states import Event
from steelyard.values.instants import Instant


def run_out(world: World, diary: Diary, payment: Payment, at: Instant) -> bool:
    """Give a queued payment without a living quote new terms; False where it must wait for its sender."""
    course.leave_queue(world, payment)
    course.let_go(world, payment, at)
    course.move(diary, payment, Event.QUOTE_DIED)
    world.payments.unprice(payment)
    deal = _within_tolerance(world, payment, at)
    if deal is None:
        payment.waits = Wait.CONSENT
        clocks = parties.clocks(world, at)
        course.set_deadline(world, payment, min(at + clocks.requote, payment.due_at))
        diary.tell_of(payment, DEBTOR, "payment.requote")
        return False
    reprice(world, diary, payment, deal, at)
    go_on(diary, payment)
    return True


def reprice(world: World, diary: Diary, payment: Payment, deal: pricing.Settled, at: Instant) -> None:
    """Give a payment new amounts and write them down."""
    terms = payment.terms = booking.hold(world, pricing.terms(deal), at=at)
    world.payments.price(payment)
    diary.fact(
        PaymentPriced(
            payment.uetr, terms.source_minor, terms.target_minor, terms.debit_minor, terms.payee_minor,
            terms.num, terms.den, payment.providers,
            tuple([(fee.what, fee.keeper, fee.asset, fee.amount_minor) for fee in terms.fees]), terms.quote_id,
        )
    )  # fmt: skip


def go_on(diary: Diary, payment: Payment) -> None:
    """Take a payment that has terms again from VALIDATED through screening back to QUEUED."""
    course.move(diary, payment, Event.SCREEN)
    course.move(diary, payment, Event.CLEAR)


def _within_tolerance(world: World, payment: Payment, at: Instant) -> pricing.Deal | None:
    """Give the best deal of now if the sender's tolerance covers its rate against the payment's own."""
    tolerance = parties.tolerance_bp(world, payment.debtor_agent)
    if tolerance is None or not payment.rate_num:
        return None
    minor = payment.source_minor if payment.fixed_send else payment.target_minor
    deal = quoting.best_deal(world, payment, fixed_send=payment.fixed_send, amount_minor=minor, at=at)
    if isinstance(deal, pricing.Deal) and quoting.covers(
        deal, num=payment.rate_num, den=payment.rate_den, tolerance_bp=tolerance
    ):
        return deal
    return None
