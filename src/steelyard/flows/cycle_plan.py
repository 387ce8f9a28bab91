"""What a netting cycle settles: who is in it and may still move, the machine's own plan, and what a plan must keep.

Before the pay-ins money is no question: all is netted but what own limits and holding caps forbid. After them a plan
takes nobody more than it has paid in; it drops obligations, and asks nobody for more. Once a bundle was refused,
only what no cap or limit can forbid is left (`headroom.py`): whoever sets one holds up its own obligations alone.
"""

from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import numpy.typing as npt

from steelyard.flows import cycle_rows, gridlock, headroom, parties, queue_view
from steelyard.flows.fields import PaymentKind
from steelyard.flows.held_queues import BARRED
from steelyard.flows.pair_sums import Ints
from steelyard.flows.world import World
from steelyard.liquidity.algorithms.multilateral import ordered_set
from steelyard.liquidity.batches import Batch
from steelyard.liquidity.cycles import KIND, Cycle, CycleState
from steelyard.liquidity.limits import NORMAL
from steelyard.liquidity.queues import Waiting
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.liquidity.selection import in_order
from steelyard.liquidity.snapshot import CycleSnapshot, Snapshot
from steelyard.payments.payment import Payment
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

Parts = Mapping[bytes, int]
"""UETR -> what of the obligation settles"""
Flows = dict[str, dict[str, list[int]]]
"""Asset -> participant -> [out, in], minor units"""


def waiting(world: World, payment: Payment) -> Waiting:
    """Give an obligation as it would stand in its payer's queue."""
    return Waiting(
        payment.uetr, payment.debtor_agent,
        parties.settlement_account(world, payment.debtor_agent, payment.source), payment.due_minor,
        payment.seq, payment.queued_at, payment.priority, payment.rank,
        parties.settlement_account(world, payment.creditor_agent, payment.target),
    )  # fmt: skip


def able(world: World, cycle: Cycle, uetrs: Iterable[bytes], at: Instant) -> list[Payment]:
    """Give those obligations that may move now: nobody barred, nothing blocked, in time, open; certain once refused."""
    return able_of(world, cycle, cycle_rows.table(world, uetrs), at)


def able_of(world: World, cycle: Cycle, rows: cycle_rows.Table, at: Instant) -> list[Payment]:
    """Give the same of a table's."""
    may = going(world, cycle, rows, at)
    found = rows.payments if may.all() else [rows.payments[place] for place in np.flatnonzero(may).tolist()]
    return _certain(world, cycle, found, at) if cycle.refused else found


def going(world: World, cycle: Cycle, rows: cycle_rows.Table, at: Instant) -> npt.NDArray[np.bool_]:
    """Tell of each row whether it may move now. Accounts are asked once each: a plain leg has only two."""
    gates = {asset: queue_view.Gate(world, asset, at) for asset in cycle.assets}
    barred, kinds = frozenset(cycle.barred), [int(kind) for kind in PaymentKind]
    dates = np.full((len(rows.members), max(kinds) + 1), -1, np.int64)
    lines = np.full(len(rows.members), BARRED, np.int64)
    pays = np.zeros(len(rows.members), np.bool_)
    for place, ((bic, asset), number) in enumerate(zip(rows.members, rows.numbers, strict=True)):
        if number:
            pays[place] = (bic, asset, True) not in barred and queue_view.pays(world, number, bic)
            if (bic, asset, False) not in barred:
                line = queue_view.line(world, asset, number, bic)
                lines[place] = AMOUNT_END if line == -1 else line
            dates[place, kinds] = [gates[asset].date(kind) for kind in kinds]
    most = lines[rows.payee]
    asked = np.where(rows.kind == PaymentKind.CUSTOMER, rows.unasked, 0)
    may: npt.NDArray[np.bool_] = (
        (rows.due_at > at)
        & pays[rows.payer]
        & (most != BARRED)
        & (asked <= most)
        & (dates[rows.payer, rows.kind] == rows.on)
    )
    return may


def _certain(world: World, cycle: Cycle, payments: list[Payment], at: Instant) -> list[Payment]:
    """Give those that hold whatever else settles, with every pay-in back on its payer's account."""
    fitting: set[str] = set()
    for asset in cycle.assets:
        rows = [queue_view.queued(one, waiting(world, one), 0) for one in payments if one.source == asset]
        paid = cycle.paid.get(asset, {})
        fitting.update(one.id for one in headroom.certain(world, asset, rows, at, back=paid))
    return [one for one in payments if one.uetr.hex() in fitting]


def flows(world: World, cycle: Cycle) -> Flows:
    """Give what each participant pays and gets by the plan."""
    return {asset: {} for asset in cycle.assets} | cycle_rows.tally(world, cycle.items).flows


def snapshot(world: World, cycle: Cycle, at: Instant) -> CycleSnapshot:
    """Give what a plan is made of: per currency the obligations, rooms, and what may be used.

    Before the pay-ins that is as much as everybody has to pay, so that no obligation is left out for want of money.
    """
    funded = cycle.state is CycleState.FUNDING
    by_asset: dict[str, list[Payment]] = {asset: [] for asset in cycle.assets}
    for payment in able(world, cycle, cycle.items, at):
        by_asset[payment.source].append(payment)
    made = []
    for asset, payments in by_asset.items():
        names = sorted({one.debtor_agent for one in payments} | {one.creditor_agent for one in payments})
        balances = dict.fromkeys(names, 0)
        if funded:
            balances.update({bic: cycle.paid.get(asset, {}).get(bic, 0) for bic in names})
        else:
            for payment in payments:
                balances[payment.debtor_agent] += payment.open_minor
        numbers = {bic: parties.settlement_account(world, bic, asset) for bic in names}
        rounds = world.batches.watch(asset).rounds
        rows = tuple(queue_view.queued(one, waiting(world, one), rounds) for one in payments)
        made.append(
            Snapshot(cycle.asked_seq, asset, balances, rows, queue_view.rooms(world, asset, numbers, at))
        )
    return CycleSnapshot(cycle.asked_seq, cycle.asks, tuple(made))


def question(cycle: Cycle) -> Batch:
    """Give a cycle that asks for a plan in the shape of a batch, as solvers are asked."""
    return Batch(
        cycle.cycle_id, cycle.number, KIND, cycle.assets, cycle.trigger, cycle.opened_at, cycle.cut_at,
        cycle.asked_seq, cycle.asks, (),
    )  # fmt: skip


def by_machine(world: World, cycle: Cycle, at: Instant) -> dict[bytes, int]:
    """Give the machine's own plan: of each currency the largest set that keeps every payer's order (A3)."""
    parts: dict[bytes, int] = {}
    for one in snapshot(world, cycle, at).parts:
        queued = in_order(one.payments)
        while queued:
            chosen = ordered_set(one.balances, queued, limits=one.limits)
            payments = [world.payments.live[queue_view.uetr_of(row.id)] for row in chosen]
            capped = gridlock.over_cap(world, one.asset, payments)
            if not capped:
                parts |= {payment.uetr: payment.open_minor for payment in payments}
                break
            queued = [row for row in queued if row.payee not in capped]
    return parts


def fault(world: World, cycle: Cycle, parts: Parts, at: Instant) -> Refusal | None:
    """Say what a plan breaks in the end: own limits, caps, money kept for classes; what was paid in; completeness."""
    return fault_of(world, cycle, cycle_rows.table(world, parts), cycle_rows.minors(parts.values()), at)


def fault_of(
    world: World, cycle: Cycle, rows: cycle_rows.Table, amounts: Ints, at: Instant
) -> Refusal | None:
    """Say the same of a table and what settles of each row."""
    funded, counted = cycle.state is not CycleState.CUT, cycle_rows.tally_of(rows, amounts)
    for asset in cycle.assets:
        lost = {bic: out - back for bic, (out, back) in counted.flows.get(asset, {}).items()}
        paid = (
            dict(cycle.paid.get(asset, {})) if funded else {bic: net for bic, net in lost.items() if net > 0}
        )
        own = gridlock.fault(world, asset, _moved(rows, amounts, asset), at, gains=paid)
        if own is not None:
            return own
        if any(net > paid.get(bic, 0) for bic, net in lost.items()):
            return No.PLAN_EXCEEDS_PAY_INS
    return None


def _moved(rows: cycle_rows.Table, amounts: Ints, asset: str) -> Iterator[gridlock.Moved]:
    """Give what moves of an asset, leg by leg, for whoever has a rule about it."""
    columns = (rows.payer, rows.payee, rows.priority, amounts)
    for payer, payee, priority, minor in zip(*(column.tolist() for column in columns), strict=True):
        if minor and rows.members[payer][1] == asset:
            yield rows.members[payer][0], rows.members[payee][0], priority, minor


def leaves_out(world: World, cycle: Cycle, parts: Parts, going: Iterable[Payment], at: Instant) -> bool:
    """Tell whether a plan settles less of a currency than the machine would: of high payments, then in all.

    `going` are the obligations that may move. Before the pay-ins, and where nobody has a rule of its own, that is all.
    """
    mine = {one.uetr: one.open_minor for one in going}
    if mine == parts:
        return False
    if cycle.state is not CycleState.CUT or world.limits.anything or world.holdings.anything:
        mine = by_machine(world, cycle, at)
    least, planned = _by_class(world, mine), _by_class(world, parts)
    return any(planned.get(asset, (0, 0)) < worth for asset, worth in least.items())


def _by_class(world: World, parts: Parts) -> dict[str, tuple[int, int]]:
    """Give what a plan settles of each asset: of high payments, and in all."""
    found: dict[str, tuple[int, int]] = {}
    for uetr, minor in parts.items():
        one = world.payments.live[uetr]
        high, value = found.get(one.source, (0, 0))
        found[one.source] = high + minor * (one.priority < NORMAL), value + minor
    return found


def values(world: World, parts: Parts) -> dict[str, tuple[int, int]]:
    """Give how many obligations of each asset a plan settles, parts included, and their sum."""
    return cycle_rows.tally(world, parts).values
