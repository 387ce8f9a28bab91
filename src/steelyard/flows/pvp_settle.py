"""A run of the PvP queue: a proposal names trades, the machine repeats the tests and books them together, or none.

The three tests (`liquidity/algorithms/pvp.py`) are made of where every member touched would stand. Where no
proposal comes in time the machine scans the queue itself: it is a plain scan.
"""

from typing import Annotated

from msgspec import Meta, Struct

from steelyard.engine.bundles import Bundle, Kind, Leg, Policy
from steelyard.flows import booking, fx_trade, liquidity_rules, pvp_cover, pvp_queue, settle
from steelyard.flows.batch_report import members
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Id16, Number, Word
from steelyard.flows.liquidity_facts import BatchReported
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.fx.refusals import FxRefusal
from steelyard.fx.trades import Trade
from steelyard.liquidity.algorithms.pvp import run_pvp, stands
from steelyard.liquidity.batches import Batch, Trigger
from steelyard.liquidity.order_refusals import OrderRefusal as No
from steelyard.liquidity.pvp_snapshot import PvpSnapshot
from steelyard.liquidity.refusals import LiquidityRefusal
from steelyard.liquidity.rules import MS
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

ALGORITHM = "A11"


class RunFields(Struct, array_like=True, frozen=True, gc=False):
    """What a solver proposes for a run: the trades that settle, in the order of the scan."""

    batch_id: Id16
    snapshot_seq: Number
    solver_version: Word
    trades: Annotated[list[Id16], Meta(max_length=pvp_queue.MOST)]


class AgainFields(Struct, array_like=True, frozen=True, gc=False):
    """A run whose proposal was refused, or whose solver is known to be dead."""

    batch_id: Id16


def propose(world: World, command: Command, fields: RunFields, at: Instant) -> Outcome:
    """Book the trades that a solver names for the open run, all together, or refuse them and change nothing."""
    made = world.pvp.open
    if made is None or (fields.batch_id, fields.snapshot_seq) != (made.batch_id, made.snapshot_seq):
        return refused(LiquidityRefusal.BATCH_NOT_REQUESTED)
    if at - made.requested_at > liquidity_rules.rules(world, at).batch_age_ms * MS:
        return refused(LiquidityRefusal.SNAPSHOT_TOO_OLD)
    trades = _named(world, fields, made, at)
    if isinstance(trades, Refusal):
        return refused(trades)
    if not _all_stand(world, made, trades):
        return refused(No.PVP_TESTS_DO_NOT_HOLD)
    diary = Diary()
    refusal = _book(world, diary, made, trades, fields.solver_version, at)
    if refusal is not None:
        return refused(refusal)
    _work(world, diary, at)
    return diary.done()


def again(world: World, command: Command, fields: AgainFields, at: Instant) -> Outcome:
    """Ask once more; after the last time the machine scans the queue itself."""
    made = world.pvp.open
    if made is None or made.batch_id != fields.batch_id:
        return refused(LiquidityRefusal.BATCH_NOT_REQUESTED)
    diary = Diary()
    if made.tries >= liquidity_rules.rules(world, at).batch_tries:
        _by_itself(world, diary, made, at)
        _work(world, diary, at)
        return diary.done()
    made.tries += 1
    pvp_queue.ask(world, diary, made, at)
    return diary.done()


def on_timer_turn(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """Ask for the run that is due, while anything waits in the queue."""
    if world.pvp.open is None:
        pvp_queue.begin(world, diary, Trigger.TIMER, at)
    if pvp_cover.look_again(world) or any(
        pvp_queue.takes(world, trade) and trade.state == "WAITING" for trade in world.fx.trades.values()
    ):
        pvp_queue.arm(world, at)


def on_timer_answer(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """Scan the queue without a solver: no proposal has come in time."""
    made = world.pvp.open
    if made is not None and made.batch_id == subject:
        _by_itself(world, diary, made, at)


def scan(snapshot: PvpSnapshot) -> tuple[str, ...]:
    """Give the ids of the instructions that settle, in the order of the scan."""
    return run_pvp(
        snapshot.accounts,
        snapshot.instructions,
        values=snapshot.units,
        short_limits=snapshot.short_limits,
        aggregate_short_limits=snapshot.aggregates,
        haircut_bp=snapshot.haircut_bp,
        stopped=snapshot.stopped,
    ).settled


def _by_itself(world: World, diary: Diary, made: Batch, at: Instant) -> None:
    """Scan the queue as it is now and book what settles; where the engine says no, nothing does."""
    made.snapshot_seq = world.commands + 1
    pvp_queue.count(world, made, at)
    ids = scan(pvp_queue.snapshot(world, made, at))
    trades = [world.fx.trades[bytes.fromhex(name)] for name in ids]
    if _book(world, diary, made, trades, "", at) is not None:
        _book(world, diary, made, [], "", at)


def _named(world: World, fields: RunFields, made: Batch, at: Instant) -> list[Trade] | Refusal:
    """Give the trades of a proposal, or the first rule that one of them breaks."""
    if len(frozenset(fields.trades)) != len(fields.trades):
        return LiquidityRefusal.PROPOSAL_IS_MALFORMED
    found = []
    for trade_id in fields.trades:
        trade = world.fx.trades.get(trade_id)
        if trade is None or trade.seq >= made.snapshot_seq or not pvp_queue.may_settle(world, trade, at):
            return FxRefusal.TRADE_NOT_FOUND
        if any(pvp_queue.lacking(world, bic, at) for bic in (trade.first, trade.second)):
            return No.PVP_TESTS_DO_NOT_HOLD
        found.append(trade)
    return found


def _all_stand(world: World, made: Batch, trades: list[Trade]) -> bool:
    """Repeat the three tests on where every member touched would stand."""
    units = dict(made.units)
    assets = sorted(units)
    after: dict[str, dict[str, int]] = {}
    for trade in trades:
        if not {trade.first_pays, trade.second_pays} <= units.keys():
            return False
        for bic in (trade.first, trade.second):
            if bic not in after:
                after[bic] = pvp_queue.position(world, bic, assets)
        after[trade.first][trade.first_pays] -= trade.first_minor
        after[trade.second][trade.first_pays] += trade.first_minor
        after[trade.second][trade.second_pays] -= trade.second_minor
        after[trade.first][trade.second_pays] += trade.second_minor
    return all(
        pvp_queue.is_whole(world, bic, units)
        and stands(
            balances,
            values=units,
            short_limits=pvp_queue.limits(world, bic, assets),
            aggregate_short_limit=pvp_queue.aggregate(world, bic, units),
            haircut_bp=world.pvp.haircut(assets),
        )
        for bic, balances in after.items()
    )


def _book(
    world: World, diary: Diary, made: Batch, trades: list[Trade], version: str, at: Instant
) -> Refusal | None:
    """Move both legs of every trade as one bundle, and close the run; or give the engine's refusal."""
    number = booking.bundle_id(made.batch_id, world.commands, at)
    if trades:
        legs: list[Leg] = []
        references: list[int] = []
        owners: dict[int, None] = {}
        for trade in trades:
            for payer, leg in fx_trade.legs(world, trade):
                legs.append(leg)
                references.append(int.from_bytes(trade.trade, "big"))
                owners[world.engine.owner_nos[payer]] = None
        bundle = Bundle(number, Kind.FX, tuple(legs), policy=Policy.AT_END, references=tuple(references))
        act = world.engine.move(bundle, authority=owners, at=at)
        if act.refusal is not None:
            return act.refusal
    world.pvp.open = None
    world.timers.cancel(TimerKind.PVP_ANSWER, made.batch_id)
    for trade in trades:
        fx_trade.settled(world, diary, trade, number.to_bytes(16, "big"))
    _report(diary, made, trades, version, number if trades else 0, at)
    return None


def _work(world: World, diary: Diary, at: Instant) -> None:
    """Work off what the trades paid; the queue itself has been scanned to its end just now."""
    world.pvp.quiet = True
    settle.work(world, diary, at)
    world.pvp.quiet = False


def _report(
    diary: Diary,
    made: Batch,
    trades: list[Trade],
    version: str,
    number: int,
    at: Instant,
) -> None:
    """Write down the report of a run; values are what first parties pay, in its units."""
    units = dict(made.units)
    rows: dict[tuple[str, str], list[int]] = {}
    for trade in trades:
        for bic, asset, side, minor in (
            (trade.first, trade.first_pays, 0, trade.first_minor),
            (trade.second, trade.first_pays, 1, trade.first_minor),
            (trade.second, trade.second_pays, 0, trade.second_minor),
            (trade.first, trade.second_pays, 1, trade.second_minor),
        ):
            rows.setdefault((bic, asset), [0, 0])[side] += minor
    waiting, gross = made.queued_count, made.queued_value
    settled = sum(trade.first_minor * units[trade.first_pays] for trade in trades)
    diary.fact(
        BatchReported(
            made.batch_id, made.number, made.kind, made.assets, made.trigger, made.snapshot_seq, made.started_at,
            at, made.tries, ALGORITHM, version, waiting, str(gross), len(trades), str(settled), 0, "0",
            waiting - len(trades), str(gross - settled), (0, 0), "", "", 0, "0", b"", False, (), members(rows),
            (b"", 0, 0, ""), number.to_bytes(16, "big") if number else b"", made.units,
        )
    )  # fmt: skip
