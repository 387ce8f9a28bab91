"""Settle what waits: attempts on queued payments, the work that an inflow makes, and waiting that ends.

Every account that received money is put on a work list; the list is worked off first in, first out: its
payer's queue in the order of the currency's mode (`liquidity/algorithms/entry.py`), then those that wait for this
account without standing in its queue. Each payment settled puts its payees' accounts on the list. One command
makes at most `RUN_MAX` attempts; what is left goes on with the next tick, from the place where it was cut.
"""

from typing import NamedTuple

from msgspec import Raw

from steelyard.flows import (
    booking,
    course,
    cycle_join,
    dates,
    fx_trade,
    gridlock,
    guard,
    offer,
    parties,
    requote,
    withdrawals,
)
from steelyard.flows.command import Notice
from steelyard.flows.diary import Diary
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.liquidity.algorithms.entry import Place, WorkList, blocked, scan
from steelyard.liquidity.limits import NORMAL
from steelyard.liquidity.line import Line
from steelyard.liquidity.queues import ASIDE, Waiting
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.payments.payment import Payment, Wait
from steelyard.payments.refusals import PaymentRefusal
from steelyard.payments.states import Event, State
from steelyard.values.instants import MINUTE, Instant
from steelyard.values.refusal import Refusal

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
    for account_no in account_nos:
        world.batches.touch(asset_of(world, account_no)).inflow = True
    work(world, diary, at)
    return diary.facts, diary.notices


def asset_of(world: World, account_no: int) -> str:
    """Give what an account holds."""
    account = world.engine.accounts[account_no]
    row = world.engine.assets[account.asset_no] if account is not None else None
    assert row is not None
    return row.asset.code


class _Desk:
    """Keeps the queues for the scan of `algorithms/entry.py`, and lets what it names have its attempt."""

    __slots__ = ("_at", "_diary", "_world", "todo")

    def __init__(self, world: World, diary: Diary, at: Instant) -> None:
        self._world, self._diary, self._at = world, diary, at
        self.todo: WorkList[int] = world.queues.todo

    def line(self, account: int, priority: int) -> Line[Waiting] | None:
        return self._world.queues.line(account, priority)

    def room(self, account: int, priority: int) -> int:
        return guard.usable(self._world, account, priority)

    def go(self, item: Waiting) -> tuple[int, ...] | None:
        """Try a payment; what it credits stands on the work list already."""
        world = self._world
        if _is_stopped(world, item):
            return None
        attempt(world, self._diary, world.payments.live[item.uetr], self._at)
        return () if world.queues.item(item.uetr) is None else None


def _is_stopped(world: World, item: Waiting) -> bool:
    """Tell at a glance that the own limit which let a payment wait lets it wait on.

    Many may wait for one limit, and each of their payer's inflows looks at them all.
    """
    if item.priority != NORMAL or not item.payee_no or not world.limits.has(item.account_no):
        return False
    payment = world.payments.live[item.uetr]
    if payment.reason not in _OWN_LIMITS or world.cycles.open:
        return False
    limit = world.limits.stops(
        payment.source, payment.settlement_on, item.account_no, item.payee_no, item.amount_minor
    )
    return limit is not None and limit.code == payment.reason


_OWN_LIMITS = (
    LiquidityRefusal.BILATERAL_LIMIT_WOULD_BE_EXCEEDED.code,
    LiquidityRefusal.MULTILATERAL_LIMIT_WOULD_BE_EXCEEDED.code,
)


def work(world: World, diary: Diary, at: Instant, *, limit: int = RUN_MAX) -> int:
    """Work off the list of accounts with an inflow; give how many attempts were made."""
    todo, done = world.queues.todo, 0
    if not todo:
        return 0
    desk = _Desk(world, diary, at)
    while done < limit and (taken := todo.pop()) is not None:
        account_no, place = taken
        cut = place
        if place is None or place.priority < ASIDE:
            tried, cut = scan(desk, account_no, guard.mode_of(world, account_no), place, limit - done)
            done += tried
            if cut is None:
                cut = Place(ASIDE, None)
        if cut is not None and cut.priority == ASIDE:
            tried, cut = _run_aside(world, diary, account_no, cut, at, limit - done)
            done += tried
        if cut is not None:
            todo.cut = account_no, cut
    if todo:
        world.timers.set(at, TimerKind.PAYMENT_WINDOW, WORK)
    return done


def must_wait(world: World, account_no: int, priority: int) -> bool:
    """Tell whether a payment that comes now has to wait because others of its payer do."""
    if not world.queues.queued(account_no):
        return False
    desk = _Desk(world, _NOBODY, 0)
    return blocked(desk, account_no, priority, guard.mode_of(world, account_no))


_NOBODY = Diary()


def _stands_behind(world: World, payment: Payment, account_no: int) -> bool:
    """Tell whether a payment that comes back to its payer's queue finds others before it."""
    mode = guard.mode(world, payment.source)
    if mode == "bypass" or (mode == "guarded" and payment.priority == NORMAL):
        return False
    queues, priority = world.queues, payment.priority
    if mode == "fifo" and any(queues.line(account_no, above) for above in range(priority)):
        return True
    line = queues.line(account_no, priority)
    head = None if line is None else line.following()
    return head is not None and head[0] < (payment.rank, payment.seq, payment.uetr)


def _run_aside(
    world: World, diary: Diary, account_no: int, place: Place, at: Instant, limit: int
) -> tuple[int, Place | None]:
    """Try what waits for this account without standing in a queue, each once; give the place if cut."""
    done, after = 0, place.after
    while (item := world.queues.aside_behind(account_no, after)) is not None:
        if done == limit:
            return done, Place(ASIDE, after)
        done += 1
        after = item.seq, item.uetr
        payment = world.payments.live.get(item.uetr)
        if payment is None:
            fx_trade.attempt(world, diary, item.uetr, at)
        elif payment.waits_on == account_no and not _lacks(world, payment, account_no):
            attempt(world, diary, payment, at)
    return done, None


def _lacks(world: World, payment: Payment, account_no: int) -> bool:
    """Tell at a glance that what a payment waits for on an account is not there yet: a provider's money, or room.

    Many may wait for one account, and each movement that may help looks at them all.
    """
    if payment.waits == Wait.CAP and not world.cycles.open:
        return guard.is_full(world, payment, payment.rest())
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
    if world.cycles.open and cycle_join.takes(world, payment, payment.rest(), payment.due_at, at):
        _stay(world, diary, payment, cycle_join.GATHERED, at)
        return
    payer = parties.settlement_account(world, payment.debtor_agent, payment.source)
    if _stands_behind(world, payment, payer):
        _stay(world, diary, payment, booking.Tried(wait=Wait.FUNDS, account_no=payer, reason=guard.SHORT), at)
        return
    _book(world, diary, payment, at)


def _book(world: World, diary: Diary, payment: Payment, at: Instant) -> None:
    """Settle or reserve a payment that is free to go."""
    terms = payment.terms
    assert terms is not None
    stopped = guard.stop(world, payment, payment.rest(), payment.settlement_on)
    if stopped is not None:
        lacking(world, diary, payment, stopped, at)
        return
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
        _stay(world, diary, payment, tried, at)


def _stay(world: World, diary: Diary, payment: Payment, tried: booking.Tried, at: Instant) -> None:
    """Let a payment wait where it waits already, or write down that it waits for something else now."""
    if payment.waits == tried.wait and payment.waits_on == tried.account_no:
        if payment.reason != tried.reason:
            payment.reason = tried.reason
            course.told_to_wait(diary, payment)
        return
    course.stop_waiting(world, payment)
    joins(world, diary, payment, tried, at)
    course.told_to_wait(diary, payment)
    gridlock.offset(world, diary, payment, at)


def joins(world: World, diary: Diary, payment: Payment, tried: booking.Tried, at: Instant) -> None:
    """Let a payment wait for what it lacks, and tell the holders whose caps are in its way."""
    course.wait(world, payment, tried.wait, account_no=tried.account_no, at=at, reason=tried.reason)
    if tried.wait == Wait.CAP:
        guard.tell_full(world, diary, payment, payment.rest())


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
        if payment.waits == Wait.CYCLE:  # the cycle says what becomes of it
            course.set_deadline(world, payment, at + MINUTE)
        elif at >= payment.due_at:
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


def _why_late(payment: Payment, at: Instant) -> Refusal:
    """Name what an expired payment waited for in vain."""
    if payment.not_after_at and at >= payment.not_after_at:
        if payment.waits == Wait.WINDOW:
            return PaymentRefusal.NOT_AFTER_HAS_PASSED
        return LiquidityRefusal.NOT_AFTER_PASSED
    if payment.waits == Wait.PROVIDER:
        return PaymentRefusal.PROVIDER_IS_SHORT
    if payment.waits == Wait.WINDOW:
        return PaymentRefusal.CUT_OFF_HAS_PASSED
    return PaymentRefusal.FUNDS_DID_NOT_COME
