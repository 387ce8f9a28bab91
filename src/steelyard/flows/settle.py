"""Settle what waits: attempts on queued payments, the work that an inflow makes, and waiting that ends.

Every account that received money is put on a work list; the list is worked off first in, first out: its
payer's queue from the head until one cannot go, then those that wait for this account as a provider's. Each
payment settled puts its payees' accounts on the list. One command settles at most `RUN_MAX`; what is left
goes on with the next tick.
"""

from typing import NamedTuple

from msgspec import Raw

from steelyard.flows import booking, course, dates, fx_trade, offer, parties, requote, withdrawals
from steelyard.flows.command import Notice
from steelyard.flows.diary import Diary
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.payments.payment import Payment, Wait
from steelyard.payments.refusals import PaymentRefusal
from steelyard.payments.states import Event, State
from steelyard.values.instants import Instant

RUN_MAX = 500
WORK = b"work"
"""Subject of the timer that goes on with the work list."""


class Ended(NamedTuple):
    """What ending a participant's waiting payments did, and how many are left for the next step."""

    facts: list[Raw]
    notices: list[Notice]
    left: int


def inflow(world: World, account_nos: list[int], at: Instant) -> tuple[list[Raw], list[Notice]]:
    """Work off what money on these accounts makes possible; call it after the money has moved."""
    diary = Diary()
    world.queues.push_all(account_nos)
    work(world, diary, at)
    return diary.facts, diary.notices


def work(world: World, diary: Diary, at: Instant, *, limit: int = RUN_MAX) -> int:
    """Work off the list of accounts with an inflow; give how many attempts were made."""
    queues, done = world.queues, 0
    while done < limit:
        account_no = queues.pop_work()
        if account_no is None:
            return done
        done += _run_queue(world, diary, account_no, at, limit - done)
        if done < limit:
            done += _run_aside(world, diary, account_no, at, limit - done)
        else:
            queues.push_work(account_no)
    if queues.has_work():
        world.timers.set(at, TimerKind.PAYMENT_WINDOW, WORK)
    return done


def _run_queue(world: World, diary: Diary, account_no: int, at: Instant, limit: int) -> int:
    """Try the payments of one payer in their order until one has to stay; give the number tried."""
    done = 0
    while done < limit:
        head = world.queues.head(account_no)
        if head is None:
            break
        payment = world.payments.live[head.uetr]
        done += 1
        attempt(world, diary, payment, at)
        if payment.waits == Wait.FUNDS and payment.state == State.QUEUED:
            break
    return done


def _run_aside(world: World, diary: Diary, account_no: int, at: Instant, limit: int) -> int:
    """Try what waits for this account's money without standing in a queue, each once."""
    done = 0
    for item in world.queues.take_aside(account_no):
        if done == limit:
            world.queues.cut_aside(account_no, item)
            return done
        done += 1
        payment = world.payments.live.get(item.uetr)
        if payment is None:
            fx_trade.attempt(world, diary, item.uetr, at)
        elif payment.waits_on == account_no and not _lacks(world, payment, account_no):
            attempt(world, diary, payment, at)
    world.queues.end_aside(account_no)
    return done


def _lacks(world: World, payment: Payment, account_no: int) -> bool:
    """Tell at a glance that a payment's provider has not enough yet on the account it waits for.

    Many may wait for one provider, and each of its inflows looks at them all.
    """
    terms = payment.terms
    if terms is None or not terms.hops or any(hop.firm for hop in terms.hops):
        return False
    last = len(terms.hops) - 1
    for index, hop in enumerate(terms.hops):
        if hop.provider == payment.debtor_agent:
            return False
        if parties.provider_account(world, hop.provider, hop.buy) == account_no:
            needs = terms.target_minor if index == last else hop.bought_minor
            return world.engine.balance(account_no).available < needs
    return False


def attempt(world: World, diary: Diary, payment: Payment, at: Instant) -> None:
    """Let a queued payment go on as far as it can: settle, be offered, wait for something else, or end.

    The caller has made sure that it is QUEUED. What is late stays for the tick that ends it.
    """
    if at >= payment.due_at:
        return
    bar = parties.bar(world, payment)
    if bar is not None:
        course.end(world, diary, payment, Event.REFUSED, bar, at=at)
        return
    opens_at = dates.opens_at(world, payment, at)
    if opens_at != at:
        _wait_for_window(world, diary, payment, opens_at, at)
        return
    terms = payment.terms
    if terms is None or (terms.lock_until and at >= terms.lock_until):
        if not requote.run_out(world, diary, payment, at):
            return
        terms = payment.terms
        assert terms is not None
    payer = parties.settlement_account(world, payment.debtor_agent, payment.source)
    head = world.queues.head(payer)
    if head is not None and head.seq < payment.seq:
        _stay(world, diary, payment, Wait.FUNDS, payer, at)
        return
    _book(world, diary, payment, at)


def _book(world: World, diary: Diary, payment: Payment, at: Instant) -> None:
    """Settle or reserve a payment that is free to go."""
    terms = payment.terms
    assert terms is not None
    clocks = parties.clocks(world, at)
    creditor = world.members.participants[payment.creditor_agent]
    if payment.parts or parties.stands(creditor, payment, terms.target_minor):
        tried = booking.settle(world, payment, payment.rest(), at=at)
        if tried.bundle_id:
            bundle_id = tried.bundle_id.to_bytes(16, "big")
            course.settled_now(world, diary, payment, bundle_id, at=at, clocks=clocks)
            return
    else:
        tried = offer.make(world, diary, payment, at=at, clocks=clocks)
        if tried.bundle_id:
            return
    lacking(world, diary, payment, tried, at)


def lacking(world: World, diary: Diary, payment: Payment, tried: booking.Tried, at: Instant) -> None:
    """Let a queued payment wait for what it lacks, or end it where nothing would help."""
    if tried.refusal is not None:
        course.end(world, diary, payment, Event.REFUSED, tried.refusal, at=at)
    elif tried.wait == Wait.PROVIDER and payment.service:
        course.end(world, diary, payment, Event.REFUSED, PaymentRefusal.PROVIDER_IS_SHORT, at=at)
    else:
        _stay(world, diary, payment, tried.wait, tried.account_no, at)


def _stay(world: World, diary: Diary, payment: Payment, why: Wait, account_no: int, at: Instant) -> None:
    """Let a payment wait where it waits already, or write down that it waits for something else now."""
    if payment.waits == why and payment.waits_on == account_no:
        return
    course.stop_waiting(world, payment)
    course.wait(world, payment, why, account_no=account_no, at=at)
    course.told_to_wait(diary, payment)


def _wait_for_window(world: World, diary: Diary, payment: Payment, opens_at: Instant, at: Instant) -> None:
    if payment.waits == Wait.WINDOW and payment.not_before_at == opens_at:
        return
    course.stop_waiting(world, payment)
    course.wait(world, payment, Wait.WINDOW, at=at, not_before_at=opens_at)
    course.told_to_wait(diary, payment)


def on_timer_payment(world: World, diary: Diary, uetr: bytes, at: Instant) -> None:
    """End what a payment's clock ends: its wait, its quote's lock, its offer."""
    payment = world.payments.live.get(uetr)
    if payment is None:
        return
    if payment.state == State.QUEUED:
        if at >= payment.due_at:
            course.end(world, diary, payment, Event.EXPIRED, _why_late(payment, at), at=at)
        elif requote.run_out(world, diary, payment, at):
            attempt(world, diary, payment, at)
    elif payment.state == State.VALIDATED:
        course.end(world, diary, payment, Event.EXPIRED, PaymentRefusal.REQUOTE_TIMED_OUT, at=at)
    elif payment.state == State.OFFERED and payment.cancel_asked:
        course.withdrawn(world, diary, payment, at=at)
    elif payment.state == State.OFFERED:
        chain = payment.deadline_at == payment.chain_deadline_at
        refusal = PaymentRefusal.CHAIN_TIMED_OUT if chain else PaymentRefusal.OFFER_TIMED_OUT
        course.end(world, diary, payment, Event.EXPIRED, refusal, at=at)


def on_timer_window(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """Let a payment try when its currencies open; or go on with the work list."""
    if subject == WORK:
        return
    payment = world.payments.live.get(subject[8:])
    if payment is not None and payment.state == State.QUEUED and payment.waits == Wait.WINDOW:
        attempt(world, diary, payment, at)


def end_waiting_of(world: World, bic: str, at: Instant, limit: int) -> Ended:
    """End waiting and offered payments of a suspended participant, at most `limit` of them.

    Call it again while `left` is not 0; until its step comes a payment can neither settle nor be accepted,
    since every attempt looks at its parties. One that is barred from sending loses only what it sends. Its
    open quotes as a provider end with the first step.
    """
    diary = Diary()
    found = world.members.participants[bic]
    if not found.sends:
        withdrawals.end_quotes(world, diary, bic, at)
    ending = [payment for payment in world.payments.of(bic) if parties.bar(world, payment) is not None]
    for payment in ending[:limit]:
        refusal = parties.bar(world, payment)
        assert refusal is not None
        course.end(world, diary, payment, Event.REFUSED, refusal, at=at)
    work(world, diary, at, limit=limit)
    return Ended(diary.facts, diary.notices, max(0, len(ending) - limit))


def _why_late(payment: Payment, at: Instant) -> PaymentRefusal:
    """Name what an expired payment waited for in vain."""
    if payment.not_after_at and at >= payment.not_after_at:
        return PaymentRefusal.NOT_AFTER_HAS_PASSED
    if payment.waits == Wait.PROVIDER:
        return PaymentRefusal.PROVIDER_IS_SHORT
    if payment.waits == Wait.WINDOW:
        return PaymentRefusal.CUT_OFF_HAS_PASSED
    return PaymentRefusal.FUNDS_DID_NOT_COME
