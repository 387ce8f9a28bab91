"""What gateways ask the state about the PvP queue: where members stand, their limits, pay-ins, and what is free.

Each sees its own rows, a settlement agent those of its member's banks and those in its currency; the node anybody's.
Sums are decimal text.
"""

from collections.abc import Callable
from typing import Any

from steelyard.flows import fx_values, pvp_queue
from steelyard.flows.world import World
from steelyard.liquidity.algorithms.pvp import pay_out
from steelyard.liquidity.pvp_book import HAIRCUT_BP

Params = tuple[Any, ...]
Row = dict[str, Any]


def pvp(world: World, params: Params, viewer: str) -> list[Row]:
    """Give a row per enrolled member and currency that concern the viewer (`params`: owner; "": all)."""
    owner = viewer or str(params[0])
    assets = sorted(world.members.assets)
    values = fx_values.judged(world, assets, world.now)
    units = dict(fx_values.units(values))
    rows = []
    for bic in sorted(world.pvp.aggregates):
        free = _free(world, bic, units)
        overdue = pvp_queue.lacking(world, bic, world.now)
        for asset, minor in pvp_queue.position(world, bic, assets).items():
            if _concerns(world, bic, asset, owner):
                rows.append(_row(world, bic, asset, minor, free.get(asset, 0), overdue.get(asset, 0)))
    return rows


def _row(world: World, bic: str, asset: str, minor: int, free: int, overdue: int) -> Row:
    home, aggregate = world.pvp.aggregates[bic]
    due = world.pvp.schedules.get(bic)
    steps = due.steps if due is not None else ()
    return {
        "participant": bic, "asset": asset, "position": str(minor),
        "limit": str(world.pvp.short_limits.get((bic, asset), 0)),
        "usable": str(pvp_queue.limits(world, bic, [asset])[asset]),
        "haircut_bp": world.pvp.haircuts.get(asset, HAIRCUT_BP),
        "aggregate": str(aggregate) if asset == home else None, "free": str(free), "overdue": str(overdue),
        "steps": [(at, str(amount)) for currency, at, amount in steps if currency == asset],
    }  # fmt: skip


def _free(world: World, bic: str, units: dict[str, int]) -> dict[str, int]:
    """Give what a member may take out: what neither covers its shorts nor pays its waiting trades."""
    if not pvp_queue.is_whole(world, bic, units):
        return {}
    keep: dict[str, int] = {}
    for trade in pvp_queue.ready(world, world.now):
        for payer, asset, minor in (
            (trade.first, trade.first_pays, trade.first_minor),
            (trade.second, trade.second_pays, trade.second_minor),
        ):
            if payer == bic:
                keep[asset] = keep.get(asset, 0) + minor
    balances = pvp_queue.position(world, bic, sorted(units))
    return pay_out(balances, values=units, haircut_bp=world.pvp.haircut(sorted(units)), keep=keep)


def _concerns(world: World, bic: str, asset: str, owner: str) -> bool:
    if owner in ("", bic, world.members.assets[asset].settlement_agent):
        return True
    member = world.members.agents.get(owner)
    return member is not None and member.code == world.members.home(bic)


READS: tuple[tuple[str, Callable[[World, Params, str], Any]], ...] = (("pvp", pvp),)
