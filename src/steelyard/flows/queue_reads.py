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
from steelyard.payments.payment import Payment
from steelyard.payments.states import State
from steelyard.values.instants import Instant
from steelyard.values.wide import wide

Params = tuple[Any, ...]
Row = dict[str, Any]
CLASSES = ("urgent", "high", "normal")
ROWS_MAX = 1_000
"""Payments of one queue that a read gives at most"""


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
        "incoming": _sum(world.queues.incoming(account_no, _payers(world, asset))),
    }  # fmt: skip


def accounts(world: World, params: Params, viewer: str) -> list[Row]:
    """Give what `liquidity` gives, in every currency in which the viewer has an account (`params`: owner)."""
    owner = viewer or str(params[0])
    rows = [liquidity(world, (asset, owner), viewer) for asset in sorted(world.members.assets)]
    return [row for row in rows if row is not None]


def queued(world: World, params: Params, viewer: str) -> Row | None:
    """Give one payment that waits, with its place in its queue (`params`: UETR), or None where none waits."""
    payment = world.payments.live.get(bytes(params[0]))
    if payment is None or payment.state != State.QUEUED or viewer not in ("", payment.debtor_agent):
        return None
    item = world.queues.item(payment.uetr)
    place = 0 if item is None else world.queues.place(item)
    return waiting(payment, place, payment.entered_at if item is None else item.queued_at)


def queue(world: World, params: Params, viewer: str) -> list[Row]:
    """Give what waits for the viewer's money in every currency, or one, first to go first (`params`: owner, asset)."""
    owner, only = viewer or str(params[0]), str(params[1]) if len(params) > 1 else ""
    rows = []
    for asset in [only] if only else sorted(world.members.assets):
        account_no = parties.settlement_account(world, owner, asset)
        for place, item in enumerate(world.queues.of(account_no, most=ROWS_MAX) if account_no else (), 1):
            rows.append(waiting(world.payments.live[item.uetr], place, item.queued_at))
    return rows


def waiting(payment: Payment, place: int, queued_at: Instant) -> Row:
    """Give a payment of a queue as its sender orders it; place 0: it waits for something else than money."""
    return {
        "uetr": payment.uetr, "debtor_agent": payment.debtor_agent, "creditor_agent": payment.creditor_agent,
        "source": payment.source, "target": payment.target, "open_minor": payment.open_minor,
        "settled_minor": payment.settled_minor, "priority": payment.priority, "rank": payment.rank,
        "place": place, "reason": payment.reason, "waits": int(payment.waits), "queued_at": queued_at,
        "not_before_at": payment.not_before_at, "not_after_at": payment.not_after_at, "due_at": payment.due_at,
        "may_split": payment.may_split, "settlement_on": payment.settlement_on,
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
        other, room = world.engine.account(other_no), world.limits.room(asset, on, account_no, other_no)
        rows.append(
            {
                "other": ALL if other_no == OTHERS or other is None else world.engine.owners[other.owner_no],
                "limit_minor": own.limit_minor, "from_at": own.from_at,
                "net": str(world.limits.net(asset, on, account_no, other_no)),
                "room_minor": None if room is None else wide(room),
            }
        )  # fmt: skip
    return rows


def _payers(world: World, asset: str) -> list[int]:
    """Give the accounts of all participants in a currency: far fewer than the pairs that wait."""
    settlement = world.members.accounts.settlement
    return [number for bic in world.members.participants if (number := settlement(bic, asset))]


def _depth(world: World, account_no: int, priority: int) -> tuple[int, str]:
    line = world.queues.line(account_no, priority)
    return (0, "0") if line is None else (len(line), str(line.total_minor))


def _sum(amounts: list[int]) -> tuple[int, str]:
    return len(amounts), str(sum(amounts))


READS: tuple[tuple[str, Callable[[World, Params, str], Any]], ...] = (
    ("liquidity", liquidity),
    ("liquidity_accounts", accounts),
    ("queued", queued),
    ("queues", queue),
    ("holdings", holdings),
)
