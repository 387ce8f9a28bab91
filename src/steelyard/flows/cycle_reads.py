"""What gateways ask the state about netting cycles: those under way and the last that are over, and their calendar.

Reads have the shape of `node/reads.py`. States, times, totals and bounds are public to all participants; what one
pays, gets and is called to pay in is its own, and the operator's. Sums are decimal text.
"""

from collections.abc import Callable, Iterator
from typing import Any

from steelyard.flows import cycle_plan
from steelyard.flows.world import World
from steelyard.liquidity.cycles import Cycle, CycleState
from steelyard.members.roles import OwnerKind

Params = tuple[Any, ...]
Row = dict[str, Any]


def cycles(world: World, params: Params, viewer: str) -> list[Row]:
    """Give the cycles that are over, oldest first, then those under way."""
    return [_head(world, one) for one in _every(world)]


def cycle(world: World, params: Params, viewer: str) -> Row | None:
    """Give one cycle with its figures by currency and the viewer's own rows (`params`: its id), or None."""
    cycle_id = bytes(params[0])
    found = next((one for one in _every(world) if one.cycle_id == cycle_id), None)
    if found is None:
        return None
    whole = viewer == "" or world.members.owner_kind(viewer) is OwnerKind.OPERATOR
    rows = [
        {
            "participant": bic, "asset": asset, "out": str(out), "in": str(back), "net": str(back - out),
            "called_minor": found.calls.get(asset, {}).get(bic, 0),
            "paid_minor": found.paid.get(asset, {}).get(bic, 0), "open_minor": found.open_call(bic, asset),
        }
        for asset, mine in cycle_plan.flows(world, found).items()
        for bic, (out, back) in mine.items()
        if whole or bic == viewer
    ]  # fmt: skip
    own = [
        payment.uetr for uetr in found.items if (payment := world.payments.live[uetr]).debtor_agent == viewer
    ]
    return {**_head(world, found), "by_asset": _assets(world, found), "participants": rows, "own": own}


def schedules(world: World, params: Params, viewer: str) -> list[Row]:
    """Give when cycles are cut, by the first of their currencies."""
    return [
        {"assets": list(one.assets), "cuts": list(one.cuts), "next_at": one.after(world.now)}
        for asset, one in sorted(world.cycles.schedules.items())
        if one.assets[0] == asset
    ]


def _every(world: World) -> Iterator[Cycle]:
    yield from world.cycles.over
    yield from world.cycles.live.values()


def _head(world: World, one: Cycle) -> Row:
    settles = one.state not in (CycleState.OPEN, CycleState.CUT)
    return {
        "cycle_id": one.cycle_id, "number": one.number, "assets": list(one.assets), "trigger": one.trigger,
        "state": str(one.state), "opened_at": one.opened_at, "cut_at": one.cut_at, "cut_seq": one.cut_seq,
        "due_at": one.due_at, "deadline_at": one.deadline_at, "extended": one.extended,
        "replanned": one.replanned or one.refused, "closed_at": one.closed_at, "reason": one.reason,
        "obligations": len(one.items), "algorithm": one.plan.algorithm if settles else "",
        "solver": one.plan.solver_version, "certificate": one.plan.certificate, "proved": one.plan.proved,
        "bundle_id": one.bundle_id,
    }  # fmt: skip


def _assets(world: World, one: Cycle) -> list[Row]:
    every = {uetr: world.payments.live[uetr].open_minor for uetr in one.items}
    gathered, chosen = cycle_plan.values(world, every), cycle_plan.values(world, one.items)
    rows = []
    for asset in one.assets:
        (count, value), (planned_count, planned) = gathered.get(asset, (0, 0)), chosen.get(asset, (0, 0))
        rows.append(
            {
                "asset": asset, "count": count, "value": str(value), "planned_count": planned_count,
                "planned": str(planned), "bound": one.plan.bounds.get(asset, ""),
                "called": str(sum(one.calls.get(asset, {}).values())),
                "paid": str(sum(one.paid.get(asset, {}).values())),
            }
        )  # fmt: skip
    return rows


READS: tuple[tuple[str, Callable[[World, Params, str], Any]], ...] = (
    ("cycles", cycles),
    ("cycle", cycle),
    ("cycle_schedules", schedules),
)
