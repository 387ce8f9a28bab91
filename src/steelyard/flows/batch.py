"""Batches of queued payments: what brings one about, how long it waits for its proposal, how it is reported.

A batch is asked for by command, every quarter of an hour while its currency is open and something is queued, and
by what happens: queued value that doubled, an urgent payment that queues, money that comes in, a credit line that
opens. The snapshot for the solver is taken right after the command that asked, by whoever runs the machine; in a
replay nobody does. Where no proposal comes in time the machine settles what it can itself (A3).
"""

from hashlib import sha256

from msgspec import Struct

from steelyard.flows import batch_report, booking, gridlock, liquidity_rules, pool_units, settle
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Id16, Name
from steelyard.flows.liquidity_facts import BatchRequested
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.liquidity.batches import CURRENCY, POOL, Batch, Touched, Trigger
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.liquidity.rules import MS
from steelyard.liquidity.triggers import trigger
from steelyard.members.calendars import CUSTOMER, INSTITUTION, Verdict
from steelyard.members.members import Member
from steelyard.members.refusals import MemberRefusal
from steelyard.members.roles import OwnerKind
from steelyard.values.instants import Instant

MOST = gridlock.MOST
"""Most payments of one batch; a longer queue is cut by class and order, and the next batch follows at once."""
EVERY, WANTED = b"every ", b"wanted "
"""Begin of the subject of a batch's timer: by the calendar, or by what happened."""
rules = liquidity_rules.rules


class RequestFields(Struct, array_like=True, frozen=True, gc=False):
    """Whose queues a batch is asked for: those of one currency, or of the pool where it is empty."""

    asset: Name = ""


class AgainFields(Struct, array_like=True, frozen=True, gc=False):
    """A batch whose proposal was refused, or whose solver is known to be dead."""

    batch_id: Id16


# Commands


def request(world: World, command: Command, fields: RequestFields, at: Instant) -> Outcome:
    """Ask for a batch by hand: an operator for any currency and the pool, a settlement agent for its own."""
    member = world.members.assets.get(fields.asset)
    if fields.asset and member is None:
        return refused(MemberRefusal.CURRENCY_NOT_FOUND)
    if not _may_ask(world, command.sender, member):
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    assets = (fields.asset,) if fields.asset else pool_units.assets(world, at)
    if not assets:
        return refused(LiquidityRefusal.POOL_HAS_NO_CURRENCIES)
    if any(asset in world.batches.open for asset in assets):
        return refused(LiquidityRefusal.BATCH_IS_OPEN)
    if not all(is_open(world, asset, at) for asset in assets):
        return refused(LiquidityRefusal.TIME_WINDOW_CLOSED)
    diary = Diary()
    begin(world, diary, assets, CURRENCY if fields.asset else POOL, Trigger.COMMAND, at)
    return diary.done()


def again(world: World, command: Command, fields: AgainFields, at: Instant) -> Outcome:
    """Ask once more for a batch whose proposal was refused; after the last time the machine does what it can."""
    batch = world.batches.find(fields.batch_id)
    if batch is None:
        return refused(LiquidityRefusal.BATCH_NOT_REQUESTED)
    diary = Diary()
    if batch.tries >= rules(world, at).batch_tries:
        without_solver(world, diary, batch, at)
        settle.work(world, diary, at)
        return diary.done()
    batch.tries += 1
    _ask(world, diary, batch, at)
    world.batches.fresh.append(batch)
    return diary.done()


# What brings a batch about


def looked(world: World, outcome: Outcome, at: Instant) -> Outcome:
    """Give an outcome with what its command brings about: called once after every command that touched a queue."""
    batches = world.batches
    diary = Diary()
    touched = list(batches.touched.items())
    batches.touched.clear()
    for asset, what in touched:
        _look(world, diary, asset, what, at)
    if not diary.facts:
        return outcome
    return Outcome(
        outcome.code, outcome.refusal, outcome.leg, (*outcome.facts, *diary.facts),
        (*outcome.notices, *diary.notices),
    )  # fmt: skip


def _look(world: World, diary: Diary, asset: str, what: Touched, at: Instant) -> None:
    """Set the clock of a currency whose queue is not empty, and see whether what happened is a trigger."""
    watch = world.batches.watch(asset)
    if not watch.count or asset in world.batches.open:
        return
    every = EVERY + asset.encode()
    if world.timers.at(TimerKind.BATCH, every) is None:
        world.timers.set(next_turn(world, at), TimerKind.BATCH, every)
    if watch.wanted:
        return
    why = _trigger(world, asset, what, at)
    if why is None or not is_open(world, asset, at):
        return
    may_at = watch.asked_at + rules(world, at).batch_gap_ms * MS
    if not watch.asked_at or at >= may_at:
        begin(world, diary, (asset,), CURRENCY, why, at)
    else:
        watch.wanted = why
        world.timers.set(may_at, TimerKind.BATCH, WANTED + asset.encode())


def _trigger(world: World, asset: str, what: Touched, at: Instant) -> Trigger | None:
    watch = world.batches.watch(asset)
    return trigger(
        count=watch.count, queued_minor=watch.minor, base_minor=watch.base_minor,
        inflow_minor=issued(world, asset) - watch.issued_minor if what.inflow else 0,
        inflow_bp=rules(world, at).batch_inflow_bp, urgent=what.urgent, credit=what.credit,
    )  # fmt: skip


def credit_opened(world: World, asset: str) -> None:
    """Note that somebody may use more money of a currency than before."""
    world.batches.touch(asset).credit = True


def on_timer_batch(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """Ask for the batch that is due, by the calendar or because what happened had to wait for its turn."""
    word, _, name = subject.partition(b" ")
    asset = name.decode()
    if subject == EVERY:
        _pool_is_due(world, diary, at)
        return
    watch = world.batches.watch(asset)
    why, watch.wanted = (Trigger(watch.wanted) if watch.wanted else Trigger.TIMER), ""
    if word + b" " == EVERY:
        why = Trigger.TIMER
        if watch.count:
            world.timers.set(next_turn(world, at), TimerKind.BATCH, subject)
    if watch.count and asset not in world.batches.open and is_open(world, asset, at):
        begin(world, diary, (asset,), CURRENCY, why, at)


def _pool_is_due(world: World, diary: Diary, at: Instant) -> None:
    """Ask for a pool batch between two turns of the currencies, of those that have no batch open."""
    arm_pool(world, at)
    assets = tuple(asset for asset in pool_units.assets(world, at) if asset not in world.batches.open)
    if len(assets) > 1 and any(world.batches.watch(asset).count for asset in assets):
        begin(world, diary, assets, POOL, Trigger.TIMER, at)


def arm_pool(world: World, at: Instant) -> None:
    """Set the clock of the pool half a turn away from the currencies', while anybody has chosen it."""
    if world.batches.choices:
        half = rules(world, at).batch_every_ms * MS // 2
        turn = next_turn(world, at)
        world.timers.set(turn - half if turn - half > at else turn + half, TimerKind.BATCH, EVERY)
    else:
        world.timers.cancel(TimerKind.BATCH, EVERY)


def next_turn(world: World, at: Instant) -> Instant:
    """Give when the next batch is due by the calendar: turns are the same for all currencies."""
    every = rules(world, at).batch_every_ms * MS
    return (at // every + 1) * every


def is_open(world: World, asset: str, at: Instant) -> bool:
    """Tell whether payments of any kind in a currency may move now."""
    return any(
        world.calendars.window(asset, asset, kind, at).verdict is Verdict.GO
        for kind in (CUSTOMER, INSTITUTION)
    )


def issued(world: World, asset: str) -> int:
    """Give how much money of a currency was ever issued."""
    account_no = world.members.issuer_account(asset)
    account = world.engine.accounts[account_no] if account_no else None
    return 0 if account is None else account.debits_settled


# The life of a batch


def begin(world: World, diary: Diary, assets: tuple[str, ...], kind: str, trigger: str, at: Instant) -> Batch:
    """Open a batch; its currencies have none."""
    batches = world.batches
    number = batches.next_number
    seed = sha256(b"batch %d %d" % (number, world.commands)).digest()
    batch_id = booking.bundle_id(seed, number, at).to_bytes(16, "big")
    units = pool_units.units(world, assets, at) if kind == POOL else ()
    batch = Batch(batch_id, number, kind, assets, trigger, at, at, 0, 0, (), units)
    _ask(world, diary, batch, at)
    batches.begin(batch)
    for asset in assets:
        watch = batches.watch(asset)
        watch.asked_at, watch.wanted, watch.issued_minor = at, "", issued(world, asset)
        world.timers.cancel(TimerKind.BATCH, WANTED + asset.encode())
    return batch


def _ask(world: World, diary: Diary, batch: Batch, at: Instant) -> None:
    """Let a proposal for the state after this command be asked for, until its time is over."""
    batch.requested_at, batch.snapshot_seq, batch.gone = at, world.commands + 1, {}
    watches = [(asset, world.batches.watch(asset)) for asset in batch.assets]
    batch.queued = tuple([(asset, watch.count, str(watch.minor)) for asset, watch in watches])
    world.timers.set(at + rules(world, at).batch_answer_ms * MS, TimerKind.BATCH_ANSWER, batch.batch_id)
    diary.fact(
        BatchRequested(
            batch.batch_id, batch.number, batch.kind, batch.assets, batch.trigger, batch.snapshot_seq,
            batch.tries, batch.units,
        )
    )  # fmt: skip


def close(world: World, batch: Batch, at: Instant) -> None:
    """Let a batch be over; what its queue holds is what the next one is measured by. Call it before booking."""
    world.batches.end(batch)
    world.timers.cancel(TimerKind.BATCH_ANSWER, batch.batch_id)


def settled_down(world: World, batch: Batch, at: Instant) -> None:
    """Note what a batch has left queued; call it when its payments are booked."""
    for asset in batch.assets:
        watch = world.batches.watch(asset)
        watch.base_minor = watch.minor
        watch.rounds += 1
        if watch.count:
            world.timers.set(next_turn(world, at), TimerKind.BATCH, EVERY + asset.encode())


def on_timer_answer(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """Do without the solver what can be done: no proposal has come in time."""
    batch = world.batches.find(subject)
    if batch is not None:
        without_solver(world, diary, batch, at)


def without_solver(world: World, diary: Diary, batch: Batch, at: Instant) -> None:
    """Settle the largest ordered set of each currency and close the batch; call `settle.work` after."""
    close(world, batch, at)
    report = batch_report.Report(world, batch, algorithm="A3", at=at)
    for asset in batch.assets:
        before = len(diary.facts)
        gridlock.resolve(world, diary, asset, at)
        report.count_moved(diary.facts[before:])
    settled_down(world, batch, at)
    report.publish(diary)


def _may_ask(world: World, sender: str, member: Member | None) -> bool:
    kind = world.members.owner_kind(sender)
    if kind is OwnerKind.OPERATOR:
        return True
    return kind is OwnerKind.SETTLEMENT_AGENT and member is not None and member.settlement_agent == sender
