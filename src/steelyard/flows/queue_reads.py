"""What gateways ask the state about an owner's money in one currency: what may be used, kept, lost and held.

Reads have the shape of `node/reads.py`, as those of `flows/reads.py`; each shows the viewer its own, and the node
itself anybody's. Sums are decimal text, since they know no bound.
"""

from collections.abc import Callable
from typing import Any

from steelyard.flows import guard, parties, queue_view
from steelyard.flows.world import World
from steelyard.liquidity.limits import OTHERS
from steelyard.liquidity.queue import ALL
from steelyard.liquidity.reservations import CLASSES as KEPT

Params = tuple[Any, ...]
Row = dict[str, Any]
CLASSES = ("urgent", "high", "normal")


def liquidity(world: World, params: Params, viewer: str) -> Row | None:
    """Give all about the viewer's settlement account in one asset (`params`: asset, owner), or None without one."""
    asset, owner = str(params[0]), viewer or str(params[1])
    account_no = parties.settlement_account(world, owner, asset)
    account = world.engine.account(account_no)
    if account is None:
        return None
    balance = world.engine.balance(account_no)
    asked = world.reservations.asked(account_no)
    held = world.reservations.held(account_no, balance.available)
    return {
        "owner": owner, "asset": asset, "mode": guard.mode(world, asset), "balance": str(balance.balance),
        "available": str(balance.available), "floor_minor": account.floor,
        "reserved_in": str(balance.reserved_in), "reserved_out": str(balance.reserved_out),
        "usable": {
            name: str(max(0, guard.usable(world, account_no, priority)))
            for priority, name in enumerate(CLASSES)
        },
        "kept": {name: (asked[each], held[each]) for each, name in enumerate(KEPT)},
        "limits": _limits(world, owner, asset, account_no),
        "queued": {name: _depth(world, account_no, priority) for priority, name in enumerate(CLASSES)},
        "incoming": _sum(world.queues.incoming(account_no)),
    }  # fmt: skip


def holdings(world: World, params: Params, viewer: str) -> list[Row]:
    """Give the caps of the viewer, and as settlement agent those of its member (`params`: owner)."""
    owner = viewer or str(params[0])
    member = world.members.agents.get(owner)
    rows = []
    for holder in (owner,) if member is None else (owner, member.code):
        for asset, cap_minor in world.holdings.of(holder):
            held = str(guard.held(world, holder, asset))
            rows.append({"holder": holder, "asset": asset, "cap_minor": cap_minor, "held": held})
    return rows


def _limits(world: World, owner: str, asset: str, account_no: int) -> list[Row]:
    """Give the own limits of an account: what each allows, what is used of it today, what room is left."""
    on = queue_view.today(world, asset, world.now)
    rows = []
    for other_no, own in world.limits.of(account_no):
        other = world.engine.account(other_no)
        rows.append(
            {
                "other": ALL if other_no == OTHERS or other is None else world.engine.owners[other.owner_no],
                "limit_minor": own.limit_minor, "from_at": own.from_at,
                "net": str(world.limits.net(asset, on, account_no, other_no)),
                "room_minor": world.limits.room(asset, on, account_no, other_no),
            }
        )  # fmt: skip
    return rows


def _depth(world: World, account_no: int, priority: int) -> tuple[int, str]:
    line = world.queues.line(account_no, priority)
    return (0, "0") if line is None else (len(line), str(line.total_minor))


def _sum(amounts: list[int]) -> tuple[int, str]:
    return len(amounts), str(sum(amounts))


READS: tuple[tuple[str, Callable[[World, Params, str], Any]], ...] = (
    ("liquidity", liquidity),
    ("holdings", holdings),
)
