"""From a snapshot to a proposal: which algorithm, which of its answers, with which proof. Pure; no process here.

One currency: the flow plan, which splits what may be split; beside it the greedy set and the ordered set, and for
few payments the best whole set. The plan is taken unless another settles more of a higher class, or as much of
each class and more in all. A queue longer than a bundle is cut first, by class and order.
"""

from collections.abc import Mapping, Sequence
from importlib.metadata import version
from operator import attrgetter

import numpy as np
from msgspec import Raw

from steelyard.flows.batch_propose import LEGS_MAX, ProposeFields
from steelyard.flows.command import raw
from steelyard.flows.held_queues import RANK
from steelyard.liquidity.algorithms.flow import flow_bound
from steelyard.liquidity.algorithms.greedy import drop_and_add_back
from steelyard.liquidity.algorithms.multilateral import ordered_set
from steelyard.liquidity.algorithms.plan import plan_split
from steelyard.liquidity.algorithms.pool import plan_pool
from steelyard.liquidity.algorithms.subset import search_whole_set
from steelyard.liquidity.certificate import Certificate, to_msgpack
from steelyard.liquidity.claims import ClaimsSnapshot
from steelyard.liquidity.fx_snapshot import BatchSnapshot, FxSnapshot
from steelyard.liquidity.ordered import Ordered
from steelyard.liquidity.pvp_snapshot import PvpSnapshot
from steelyard.liquidity.queue import Queued, order
from steelyard.liquidity.snapshot import CycleSnapshot, PoolSnapshot, Snapshot
from steelyard.liquidity.solver import FlowSolver
from steelyard.solve.fx_propose import propose_fx
from steelyard.solve.propose_cycle import propose_cycle
from steelyard.solve.propose_set_off import propose_set_off
from steelyard.solve.pvp_propose import propose_pvp

SEARCHED_MOST = 1_000
"""Up to so many payments, none of which may be split, the best whole set is searched for."""
_PRIORITY, _ID = attrgetter("priority"), attrgetter("id")
_CHOSEN = attrgetter("seq"), attrgetter("amount_minor")
Parts = Mapping[str, int]
"""What settles of each payment, by id"""


def solver_version() -> str:
    """Name what has computed a proposal."""
    return f"or-tools {version('ortools')}"


def propose(batch_id: bytes, snapshot: BatchSnapshot, *, solver: FlowSolver) -> Raw:
    """Give the fields of the command that proposes what to settle of a snapshot."""
    if isinstance(snapshot, PvpSnapshot):
        return propose_pvp(batch_id, snapshot)
    if isinstance(snapshot, FxSnapshot):
        return propose_fx(batch_id, snapshot, solver=solver, version=solver_version())
    if isinstance(snapshot, ClaimsSnapshot):
        return raw(propose_set_off(batch_id, snapshot, solver=solver, solver_version=solver_version()[:35]))
    if isinstance(snapshot, CycleSnapshot):
        return raw(propose_cycle(batch_id, snapshot, solver=solver, solver_version=solver_version()[:35]))
    if isinstance(snapshot, PoolSnapshot):
        return raw(_propose_pool(batch_id, snapshot, solver))
    return raw(_propose_currency(batch_id, snapshot, solver))


def _propose_currency(batch_id: bytes, snapshot: Snapshot, solver: FlowSolver) -> ProposeFields:
    balances, limits, reserved = snapshot.balances, snapshot.limits, snapshot.reserved
    payments = Ordered.of(balances, _cut(snapshot.payments), limits, reserved)
    bound = flow_bound(balances, payments, solver=solver, limits=limits, snapshot_seq=snapshot.seq)
    free = flow_bound(balances, payments, solver=solver).value_minor if limits else bound.value_minor
    plan = plan_split(
        balances, payments, solver=solver, limits=limits, reserved=reserved, snapshot_seq=snapshot.seq
    )
    amounts = dict(zip(payments.fields.ids, payments.fields.amounts, strict=True))
    found: dict[str, Parts] = {"A4": plan.parts}
    found["A6"] = drop_and_add_back(balances, payments, None, limits=limits, reserved=reserved)
    ordered = ordered_set(balances, payments, limits=limits, reserved=reserved)
    found["A3"] = {one.id: one.amount_minor for one in ordered}
    if 0 < len(payments) <= SEARCHED_MOST and not any(one.may_split for one in payments):
        searched = search_whole_set(balances, payments, solver=solver, limits=limits, reserved=reserved)
        found.setdefault(searched.algorithm, {id: amounts[id] for id in searched.selection.settled})
    by_class = {name: _by_class(payments, parts) for name, parts in found.items()}
    best = max(found, key=lambda name: (by_class[name], name == "A4"))
    cost = _priority_cost(snapshot, payments, plan.value_minor, bound.value_minor, solver)
    certificates = [one for one in (bound.certificate, *plan.certificates) if one is not None]
    return _fields(
        batch_id, "currency", snapshot.seq, (snapshot.asset,), best, payments, found[best], certificates,
        bound_free=str(free), priority_cost=str(cost),
        runners_up=[(name, str(sum(by_class[name]))) for name in sorted(found) if name != best],
        ordered=best == "A3",
    )  # fmt: skip


def _propose_pool(batch_id: bytes, snapshot: PoolSnapshot, solver: FlowSolver) -> ProposeFields:
    every = _cut([row for rows in snapshot.payments.values() for row in rows], len(snapshot.accounts))
    names = {row.id for row in every}
    payments = {asset: [row for row in rows if row.id in names] for asset, rows in snapshot.payments.items()}
    plan = plan_pool(
        snapshot.accounts, payments, snapshot.units, home=snapshot.home, holding_caps=snapshot.holding_caps,
        floors={account: min(0, minor) for account, minor in snapshot.accounts.items()},
        batch_caps=snapshot.batch_caps, solver=solver, snapshot_seq=snapshot.seq,
    )  # fmt: skip
    fx = [(bic, asset, minor) for (bic, asset), minor in sorted(plan.fx.items())]
    return _fields(
        batch_id, "pool", snapshot.seq, tuple(snapshot.units), "A12" if plan.pooled else "A12 apart", every,
        plan.parts, [plan.certificate], bound_free=str(plan.bound_value), fx=fx, coarse_bits=plan.coarse_bits,
    )  # fmt: skip


def _fields(
    batch_id: bytes,
    kind: str,
    seq: int,
    assets: tuple[str, ...],
    algorithm: str,
    payments: Sequence[Queued],
    parts: Parts,
    certificates: Sequence[Certificate],
    *,
    bound_free: str = "",
    priority_cost: str = "",
    runners_up: Sequence[tuple[str, str]] = (),
    fx: Sequence[tuple[str, str, int]] = (),
    coarse_bits: int = 0,
    ordered: bool = False,
) -> ProposeFields:
    """Write a choice down: ascending by the payments' own `seq`, in differences."""
    part = np.array([parts.get(id, 0) for id in map(_ID, payments)], np.int64)
    places = np.flatnonzero(part)
    seqs, wholes = (np.fromiter(map(get, payments), np.int64, len(payments))[places] for get in _CHOSEN)
    by_seq = np.argsort(seqs % RANK, kind="stable")
    settles, wholes = part[places][by_seq], wholes[by_seq]
    short = np.flatnonzero(settles < wholes)
    return ProposeFields(
        batch_id, kind, seq, assets, algorithm, solver_version()[:35],
        np.diff((seqs % RANK)[by_seq], prepend=0).tolist(),
        list(zip(short.tolist(), settles[short].tolist(), strict=True)), list(fx),
        ordered, [to_msgpack(one) for one in certificates], bound_free, priority_cost, list(runners_up),
        coarse_bits,
    )  # fmt: skip


def _cut(payments: Sequence[Queued], others: int = 0) -> Sequence[Queued]:
    """Give as many payments as a bundle holds, first by class and order."""
    most = LEGS_MAX - others
    return payments if len(payments) <= most else sorted(payments, key=order)[:most]


def _by_class(payments: Sequence[Queued], parts: Parts) -> tuple[int, int, int]:
    if len(set(map(_PRIORITY, payments))) == 1:
        total = sum(parts.values())
        first = payments[0].priority
        return (total if first == 0 else 0, total if first == 1 else 0, total if first == 2 else 0)
    totals = [0, 0, 0]
    for one in payments:
        totals[one.priority] += parts.get(one.id, 0)
    return totals[0], totals[1], totals[2]


def _priority_cost(
    snapshot: Snapshot, payments: Sequence[Queued], value: int, most: int, solver: FlowSolver
) -> int:
    """Give how much more the plan would settle if all payments were of one class, limits let be; at most the bound."""
    if value >= most or len({one.priority for one in payments}) < 2:
        return 0
    level = [
        Queued(
            one.id, one.payer, one.payee, one.amount_minor, 0, one.seq, one.age_cycles, one.may_split,
            one.floor_minor,
        )
        for one in payments
    ]  # fmt: skip
    freely = plan_split(snapshot.balances, level, solver=solver).value_minor
    return max(0, min(freely, most) - value)
