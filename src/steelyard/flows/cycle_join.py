"""What goes into an open netting cycle instead of its payer's queue, and how it comes back.

Only what a cycle can settle: one plain leg that its payee takes unasked, of a payer that settles this currency by
cycle, neither urgent nor INSTANT, and with time enough. While a cycle is open an obligation is its sender's to
cancel and change; once it is cut it is left alone until the cycle is over.
"""

from collections.abc import Iterator
from operator import attrgetter
from typing import Protocol

from steelyard.flows import booking, course, guard, parties, queue_view
from steelyard.flows.diary import Diary
from steelyard.flows.fields import Service
from steelyard.flows.liquidity_rules import rules
from steelyard.flows.pricing import Settled
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.liquidity.cycles import Cycle
from steelyard.liquidity.queues import Waiting
from steelyard.liquidity.rules import MS
from steelyard.payments.payment import Payment, Wait
from steelyard.payments.refusals import PaymentRefusal
from steelyard.payments.states import Event
from steelyard.values.instants import Instant

URGENT = 0
_SEQ = attrgetter("seq")
GATHER_STEP = 30_000
"""From so many obligations on, gathering what waits when a cycle opens goes on with the next tick."""
GATHERED = booking.Tried(wait=Wait.GATHERING)


class Obligation(Protocol):
    """What of a payment a cycle looks at: the sender's fields and a live payment both have it."""

    @property
    def uetr(self) -> bytes:
        """Its UETR."""

    @property
    def kind(self) -> int:
        """Whose money it is."""

    @property
    def service(self) -> int:
        """STANDARD or INSTANT."""

    @property
    def debtor_agent(self) -> str:
        """Who pays."""

    @property
    def creditor_agent(self) -> str:
        """Who is paid."""

    @property
    def source(self) -> str:
        """What leaves."""

    @property
    def target(self) -> str:
        """What arrives."""

    @property
    def priority(self) -> int:
        """Its class."""


def settles_at(world: World, cycle: Cycle, at: Instant) -> Instant:
    """Give when a cycle settles at the latest, by what is known now."""
    if cycle.deadline_at:
        return cycle.deadline_at
    book = rules(world, at)
    cut_at = max(cycle.cut_at, at)
    return cut_at + (book.cycle_answer_ms + book.cycle_notice_ms + book.cycle_funding_ms) * MS


def takes(world: World, who: Obligation, deal: Settled, due_at: Instant, at: Instant) -> bool:
    """Tell whether an obligation that may move now belongs into the open cycle of its currency."""
    cycle = world.cycles.open.get(who.source)
    if cycle is None or who.priority == URGENT or who.service == Service.INSTANT:
        return False
    payer = world.members.participants[who.debtor_agent]
    if who.source not in payer.settings.by_cycle:
        return False
    if who.debtor_agent in cycle.excluded or who.creditor_agent in cycle.excluded:
        return False
    if due_at <= settles_at(world, cycle, at) or not booking.plain_payee(world, who, deal):
        return False
    return parties.stands(world.members.participants[who.creditor_agent], who, deal.target_minor)


def gather(world: World, diary: Diary, cycle: Cycle, at: Instant) -> None:
    """Take into a cycle that has just opened what waits in the queues of those who settle by cycle.

    It is what `takes` says of each, asked of the queues as a whole. Of long ones a step takes some accounts' first,
    and a tick that falls due at once goes on.
    """
    taken = 0
    for asset in cycle.assets:
        for waiting in _waiting(world, asset, settles_at(world, cycle, at)):
            if taken >= GATHER_STEP:
                world.timers.set(at, TimerKind.CYCLE_GATHER, cycle.cycle_id)
                return
            taken += _take(world, diary, cycle, asset, waiting, at)


def _waiting(world: World, asset: str, latest: Instant) -> Iterator[list[Waiting]]:
    """Give what waits for those who settle a currency by cycle, some accounts at a time."""
    participants = world.members.participants
    found: list[Waiting] = []
    for account_no in queue_view.accounts(world, asset):
        head = world.queues.head(account_no)
        if head is not None and asset in participants[head.payer].settings.by_cycle:
            queue = world.queues.of(account_no)
            found += [item for item in queue if item.priority != URGENT and item.due_at > latest]
            if len(found) >= GATHER_STEP:
                yield found
                found = []
    if found:
        yield found


def _take(world: World, diary: Diary, cycle: Cycle, asset: str, waiting: list[Waiting], at: Instant) -> int:
    """Take those that may go into a cycle; give how many they are.

    In the order in which they came, in which they lie in memory: of so many no cache holds a part.
    """
    live, out = world.payments.live, cycle.excluded
    waiting.sort(key=_SEQ)
    chosen = [
        payment
        for item in queue_view.Gate(world, asset, at).through(waiting)
        if (payment := live[item.uetr]).service != Service.INSTANT
        and not item.fees
        and not (out and (payment.debtor_agent in out or payment.creditor_agent in out))
        and (not payment.parts or takes(world, payment, payment.rest(), payment.due_at, at))
    ]
    _join(world, diary, asset, chosen, at)
    return len(chosen)


def _join(world: World, diary: Diary, asset: str, payments: list[Payment], at: Instant) -> None:
    """Let payments leave their queues for the open cycle of their currency, each queue looked at once."""
    gone = world.queues.take_out([payment.uetr for payment in payments])
    for payment, item in zip(payments, gone, strict=True):
        world.batches.left(asset, item.amount_minor, item.seq, False)
        payment.waits, payment.waits_on, payment.reason = Wait.GATHERING, 0, 0
        world.cycles.join(asset, payment.uetr)
        due_at = course.own_deadline(payment, at)
        if world.timers.at(TimerKind.PAYMENT, payment.uetr) != due_at:
            course.set_deadline(world, payment, due_at)
        course.told_to_wait(diary, payment)


def give_back(world: World, diary: Diary, payment: Payment, at: Instant) -> None:
    """Put an obligation that a cycle has not settled back into its payer's queue, where its `seq` puts it.

    One that its sender wanted back in the meantime ends.
    """
    if payment.cancel_asked:
        payment.cancel_asked = False
        course.end(world, diary, payment, Event.WITHDRAWN, PaymentRefusal.SENDER_WITHDREW, at=at)
        return
    course.stop_waiting(world, payment)
    payer = parties.settlement_account(world, payment.debtor_agent, payment.source)
    course.wait(world, payment, Wait.FUNDS, account_no=payer, at=at, reason=guard.SHORT)
    course.told_to_wait(diary, payment)
    world.queues.push_work(payer)


def came_too_late(diary: Diary, payment: Payment) -> None:
    """Tell a sender that what it wanted back has settled with its cycle."""
    if payment.cancel_asked:
        diary.tell_of(payment, "debtor", "payment.cancel_refused")
