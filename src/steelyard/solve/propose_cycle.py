"""From the obligations of a netting cycle to a plan: per currency the better of flow plan and ordered set.

Before the pay-ins everybody may use what it has to pay, so that own limits alone leave anything out; after them what
it has paid in. The bound of each currency is proved.
"""

from collections.abc import Mapping

from steelyard.flows.cycle_propose import ProposeFields
from steelyard.flows.held_queues import RANK
from steelyard.liquidity.algorithms.flow import flow_bound
from steelyard.liquidity.algorithms.multilateral import largest_ordered_set
from steelyard.liquidity.algorithms.plan import plan_split
from steelyard.liquidity.certificate import to_msgpack
from steelyard.liquidity.queue import Queued
from steelyard.liquidity.snapshot import CycleSnapshot, Snapshot
from steelyard.liquidity.solver import FlowSolver


def propose_cycle(
    cycle_id: bytes, snapshot: CycleSnapshot, *, solver: FlowSolver, solver_version: str
) -> ProposeFields:
    """Give the fields of the command that proposes a cycle's plan."""
    chosen: list[tuple[int, int, int]] = []
    bounds: list[tuple[str, str]] = []
    certificates: list[bytes] = []
    algorithms: dict[str, None] = {}
    for part in snapshot.parts:
        if not part.payments:
            continue
        bound = flow_bound(
            part.balances, part.payments, solver=solver, limits=part.limits, snapshot_seq=snapshot.seq
        )
        algorithm, parts = _best(part, solver)
        algorithms[algorithm] = None
        chosen += [
            (one.seq % RANK, parts[one.id], one.amount_minor) for one in part.payments if parts.get(one.id)
        ]
        if bound.certificate is not None:
            bounds.append((part.asset, str(bound.value_minor)))
            certificates.append(to_msgpack(bound.certificate))
    chosen.sort()
    seqs = [seq for seq, _, _ in chosen]
    return ProposeFields(
        cycle_id, snapshot.ask, " ".join(algorithms) or "A4", solver_version,
        [now - before for now, before in zip(seqs, [0, *seqs], strict=False)],
        [(place, part) for place, (_, part, whole) in enumerate(chosen) if part < whole],
        bounds, certificates,
    )  # fmt: skip


def _best(part: Snapshot, solver: FlowSolver) -> tuple[str, Mapping[str, int]]:
    """Give what settles most of one currency: all of it where nothing is in the way, else the better of two plans."""
    amounts = {one.id: one.amount_minor for one in part.payments}
    ordered = largest_ordered_set(part.balances, part.payments, limits=part.limits)
    if len(ordered.settled) == len(amounts):
        return "A3", amounts
    plan = plan_split(part.balances, part.payments, solver=solver, limits=part.limits)
    found: dict[str, Mapping[str, int]] = {
        "A4": plan.parts,
        "A3": {id: amounts[id] for id in ordered.settled},
    }
    best = max(found, key=lambda name: (_by_class(part.payments, found[name]), name == "A4"))
    return best, found[best]


def _by_class(payments: tuple[Queued, ...], parts: Mapping[str, int]) -> tuple[int, int]:
    """Give what settles of high payments, then in all."""
    total = sum(parts.values())
    return sum(parts.get(one.id, 0) for one in payments if one.priority < 2), total
