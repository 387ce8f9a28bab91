"""The snapshot for an open batch, as its solver gets it: taken of the state right after the command that asked.

A batch that was asked for again has had a proposal refused: from then on its snapshot holds only what no cap or
limit that a snapshot does not carry can forbid (`headroom.py`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from steelyard.flows import (
    cycle_plan,
    cycle_question,
    energy_question,
    explainable,
    fx_batch,
    gridlock,
    guard,
    headroom,
    parties,
    pvp_cover,
    pvp_queue,
    queue_view,
    set_off,
    tender_question,
)
from steelyard.flows.held_queues import RANK, HeldQueues
from steelyard.flows.world import World
from steelyard.liquidity.batches import CURRENCY, POOL, Batch
from steelyard.liquidity.claims import SET_OFF
from steelyard.liquidity.cycles import KIND
from steelyard.liquidity.fx_snapshot import BatchSnapshot
from steelyard.liquidity.order_book import FX_KINDS
from steelyard.liquidity.pvp_book import PVP
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.snapshot import Account, CycleSnapshot, PackedCycle, PoolSnapshot
from steelyard.market.energy.asks import KIND as MATCH
from steelyard.market.tenders import KIND as TENDER
from steelyard.values.instants import Instant

Sent = (
    BatchSnapshot
    | CycleSnapshot
    | PackedCycle
    | HeldQueues
    | tender_question.TenderSnapshot
    | energy_question.MatchSnapshot
)
"""What goes to a solver's process"""


def of(world: World, batch: Batch, at: Instant) -> BatchSnapshot | CycleSnapshot:
    """Give what a batch is to work on."""
    if batch.kind in FX_KINDS:
        return fx_batch.snapshot(world, batch, at)
    if batch.kind == PVP:
        return pvp_queue.snapshot(world, batch, at)
    if batch.kind == SET_OFF:
        return set_off.snapshot(world, batch)
    if batch.kind == KIND:
        return cycle_plan.snapshot(world, world.cycles.live[batch.batch_id], at)
    if batch.kind == POOL:
        return _pool(world, batch, at)
    asset = batch.assets[0]
    found = queue_view.hold(world, asset, at, most=gridlock.MOST, but=explainable.choosers(world)).snapshot()
    if not batch.tries:
        return found
    return replace(found, payments=headroom.certain(world, asset, found.payments, at))


def to_send(world: World, batch: Batch, at: Instant) -> Sent:
    """Give the same for one that goes to another process: a currency's long queue to be packed by another thread."""
    if batch.kind == CURRENCY and not batch.tries:
        but = explainable.choosers(world)
        return queue_view.hold(world, batch.assets[0], at, most=gridlock.MOST, but=but)
    if batch.kind == KIND:
        return cycle_question.packed(world, world.cycles.live[batch.batch_id], at)
    if batch.kind == TENDER:
        return tender_question.snapshot(world, batch.batch_id)
    if batch.kind == MATCH:
        return energy_question.snapshot(world, batch.batch_id)
    return of(world, batch, at)


def each_open(world: World) -> Iterator[Batch]:
    """Give every open batch once, of any kind."""
    yield from world.batches.each_open()
    if world.fx_orders.open is not None:
        yield world.fx_orders.open.batch
    if world.pvp.open is not None:
        yield world.pvp.open
    yield from (world.claims.open[asset] for asset in sorted(world.claims.open))
    yield from (cycle_plan.question(cycle) for cycle in world.cycles.live.values() if cycle.asking)
    yield from (tender_question.question(case) for case in world.tenders.asking())
    yield from (energy_question.question(asked) for asked in world.supplies.asked.values())


def find(world: World, batch_id: bytes) -> Batch | None:
    """Give an open batch of any kind by its id."""
    return next((batch for batch in each_open(world) if batch.batch_id == batch_id), None)


def _pool(world: World, batch: Batch, at: Instant) -> PoolSnapshot:
    """Give the queues of a pool's currencies, of those alone where both sides have chosen them."""
    choices = {
        bic: choice
        for bic, choice in sorted(world.batches.choices.items())
        if choice.home in batch.assets and world.members.participants[bic].sends
    }
    accounts: dict[Account, int] = {}
    caps: dict[Account, int] = {}
    queues, aside = _pool_queues(world, batch, at)
    for bic, choice in choices.items():
        for asset in choice.currencies:
            if asset in batch.assets and _moves(world, bic, asset, certain=bool(batch.tries)):
                account_no = parties.settlement_account(world, bic, asset)
                available = pvp_cover.usable(world, bic, account_no) - aside[asset].get(bic, 0)
                room = _room(world, bic, asset)
                if batch.tries:  # what is kept for a class, or fills a cap of several, is let be
                    available -= sum(world.reservations.held(account_no, available))
                    room = None if room is None else 0
                accounts[bic, asset] = available
                if room is not None:
                    caps[bic, asset] = max(0, available) + room
    payments: dict[str, tuple[Queued, ...]] = {}
    for asset, rows in queues.items():
        both = [row for row in rows if (row.payer, asset) in accounts and (row.payee, asset) in accounts]
        both = _ranked(both, world.pace.ranks.get(asset, {}))
        payments[asset] = tuple(headroom.certain(world, asset, both, at, own=True) if batch.tries else both)
    return PoolSnapshot(
        world.commands, dict(batch.units), accounts, payments,
        {bic: choice.home for bic, choice in choices.items()},
        {bic: choice.cap_minor for bic, choice in choices.items()}, caps,
    )  # fmt: skip


def _pool_queues(
    world: World, batch: Batch, at: Instant
) -> tuple[dict[str, tuple[Queued, ...]], dict[str, Mapping[str, int]]]:
    """Give the queues of a pool's currencies, and what is set aside in each for fees.

    Where all do not fit into one bundle, those that have fees of their own are left to their currencies' batches.
    """
    but = explainable.choosers(world)
    held = {asset: queue_view.hold(world, asset, at, but=but).snapshot_beside() for asset in batch.assets}
    queues = {asset: found.payments for asset, (found, _) in held.items()}
    aside = {asset: minor for asset, (_, minor) in held.items()}
    charged = world.queues.charged
    if charged and _legs(world, queues) > gridlock.MOST:
        queues = {asset: _plain(world, rows) for asset, rows in queues.items()}
        aside = {asset: {} for asset in queues}
    return queues, aside


def _legs(world: World, queues: Mapping[str, tuple[Queued, ...]]) -> int:
    """Count the legs that queues would take, and those of exchanges for everybody in them."""
    fees = sum(len(one.fees) for one in world.queues.charged.values())
    names = {(bic, asset) for asset, rows in queues.items() for row in rows for bic in (row.payer, row.payee)}
    return sum(map(len, queues.values())) + len(names) + fees


def _plain(world: World, rows: tuple[Queued, ...]) -> tuple[Queued, ...]:
    """Give the payments that have no fees of their own."""
    charged = world.queues.charged
    return tuple([row for row in rows if queue_view.uetr_of(row.id) not in charged]) if charged else rows


def _ranked(rows: list[Queued], lost: Mapping[str, int]) -> list[Queued]:
    """Let payments of payers that have lost ranks in pools stand behind others of their class."""
    if not lost:
        return rows
    return [_behind(row, lost[row.payer]) if row.payer in lost else row for row in rows]


def _behind(row: Queued, ranks: int) -> Queued:
    return Queued(
        row.id, row.payer, row.payee, row.amount_minor, row.priority, row.seq + ranks * RANK,
        row.age_cycles, row.may_split, row.floor_minor,
    )  # fmt: skip


def _moves(world: World, bic: str, asset: str, *, certain: bool) -> bool:
    """Tell whether an account may give and take, and where it must be certain, has no limits of the engine."""
    account = world.engine.accounts[parties.settlement_account(world, bic, asset)]
    return account is not None and not account.gate and not (certain and account.limits)


def _room(world: World, bic: str, asset: str) -> int | None:
    """Give how much more of a currency a participant, or its member, wants to hold; None for any amount."""
    rooms = [
        max(0, cap - guard.held(world, holder, asset))
        for holder in (bic, world.members.home(bic))
        if (cap := world.holdings.cap(holder, asset)) is not None
    ]
    return min(rooms) if rooms else None
