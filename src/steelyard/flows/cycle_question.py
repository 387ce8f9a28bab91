"""What a solver is sent of a netting cycle: its obligations packed column by column, an object for none of them.

It is what `cycle_plan.snapshot` gives, byte for byte once both are packed; but the sequencer stands still for it.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any

import numpy as np

from steelyard.flows import cycle_plan, cycle_rows, queue_view
from steelyard.flows.held_queues import RANK
from steelyard.flows.pair_sums import Ints, totals
from steelyard.flows.world import World
from steelyard.liquidity.cycles import Cycle, CycleState
from steelyard.liquidity.rules import WHOLE_BP
from steelyard.liquidity.snapshot import CycleSnapshot, PackedCycle, PackedSnapshot, pack_records
from steelyard.payments.payment import Payment, Split
from steelyard.values.instants import Instant

_FIELDS: Callable[[Payment], tuple[Any, ...]] = attrgetter(
    "rank", "round_no", "split", "target_minor", "part_floor_bp"
)


def packed(world: World, cycle: Cycle, at: Instant) -> CycleSnapshot | PackedCycle:
    """Give what a plan is made of; once a bundle was refused, which is rare, as objects."""
    if cycle.refused or not cycle.items:
        return cycle_plan.snapshot(world, cycle, at)
    rows = _at_hand(world, cycle) or cycle_rows.table(world, cycle.items)
    may = cycle_plan.going(world, cycle, rows, at)
    assets = np.array([cycle.assets.index(asset) for _, asset in rows.members], np.int64)[rows.payer]
    fields = [np.array(column, np.int64) for column in zip(*map(_FIELDS, rows.payments), strict=True)]
    parts = [
        _part(world, cycle, rows, np.flatnonzero(may & (assets == place)), asset, fields, at)
        for place, asset in enumerate(cycle.assets)
    ]
    return PackedCycle(cycle.asked_seq, cycle.asks, tuple(parts))


def _at_hand(world: World, cycle: Cycle) -> cycle_rows.Table | None:
    """Give the table that the cut has just made, where no command has come between."""
    kept, world.cycles.at_hand = world.cycles.at_hand, None
    if kept is None or kept[:2] != (cycle.cycle_id, cycle.asked_seq) or world.commands > cycle.asked_seq:
        return None
    rows: cycle_rows.Table = kept[2]
    return rows if len(rows.uetrs) == len(cycle.items) else None


def _part(
    world: World,
    cycle: Cycle,
    rows: cycle_rows.Table,
    chosen: Ints,
    asset: str,
    fields: list[Ints],
    at: Instant,
) -> PackedSnapshot:
    """Give one currency's obligations, rooms, and what may be used."""
    rank, round_no, split, target, share = (column[chosen] for column in fields)
    payer, payee, amount = rows.payer[chosen], rows.payee[chosen], rows.open[chosen]
    there = np.unique(np.concatenate((payer, payee))).tolist()
    names = [rows.members[member][0] for member in there]
    place = np.zeros(len(rows.members), np.int64)
    place[there] = np.arange(len(there))
    if cycle.state is CycleState.FUNDING:
        paid = cycle.paid.get(asset, {})
        balances = {bic: paid.get(bic, 0) for bic in names}
    else:
        balances = dict(zip(names, totals(place[payer], amount, len(there)), strict=True))
    wholes, rests = np.divmod(target, WHOLE_BP)  # an amount times a share would not fit
    records = pack_records(
        b"".join([rows.uetrs[row] for row in chosen.tolist()]),
        seq=rows.seq[chosen] + RANK * rank,
        amount_minor=amount,
        floor_minor=np.maximum(1, wholes * share + rests * share // WHOLE_BP),
        payer=place[payer],
        payee=place[payee],
        age_cycles=world.batches.watch(asset).rounds - round_no,
        priority=rows.priority[chosen],
        may_split=split == Split.MAY,
    )
    numbers = {bic: rows.numbers[member] for bic, member in zip(names, there, strict=True)}
    return PackedSnapshot(
        cycle.asked_seq, asset, balances, records, queue_view.rooms(world, asset, numbers, at)
    )
