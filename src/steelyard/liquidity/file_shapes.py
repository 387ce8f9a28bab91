"""The shapes of a batch as it is published: its report, what it exchanged or settled, and what it was computed from."""

from fractions import Fraction
from typing import Annotated

from msgspec import Meta, Struct

from steelyard.liquidity.algorithms.pvp import Instruction, PvpRun, run_pvp
from steelyard.liquidity.certificate import Certificate
from steelyard.liquidity.fx_snapshot import FxSnapshot
from steelyard.liquidity.orders import Order, check_orders
from steelyard.liquidity.pvp_snapshot import PvpSnapshot
from steelyard.liquidity.queue import Queued, Room, check_inputs
from steelyard.liquidity.snapshot import PoolSnapshot, Snapshot

Sum = Annotated[str, Meta(pattern=r"^[0-9]{1,60}$(?!\n)")]
Signed = Annotated[str, Meta(pattern=r"^-?[0-9]{1,60}$(?!\n)")]
Price = Annotated[str, Meta(pattern=r"^[1-9][0-9]{0,119}$(?!\n)")]
Pair = tuple[str, str]


class Money(Struct, frozen=True):
    """An amount; a file may say it in decimals too."""

    asset: str
    amount_minor: Sum


class Part(Struct, frozen=True):
    """What a batch did for one participant in one currency."""

    participant: str
    paid: Money
    received: Money
    left: Money


class Report(Struct, frozen=True):
    """What of the published report is checked; a file may say more."""

    kind: str
    currencies: tuple[str, ...]
    snapshot_seq: int
    state: str
    settled: Sum | None = None
    parts: Sum | None = None
    bound: Sum | None = None
    distance_bp: int | None = None
    certificate: str | None = None
    proved: bool = False
    units: dict[str, Sum] = {}
    algorithm: str | None = None
    queued_count: int | None = None
    queued: Sum | None = None
    settled_count: int | None = None
    parts_count: int | None = None
    left_count: int | None = None
    left: Sum | None = None
    bound_free: Sum | None = None
    bundle_id: str | None = None
    participants: tuple[Part, ...] | None = None


class Fill(Struct, frozen=True):
    """What an order gave and got, minor units."""

    order: str
    participant: str
    sell: str
    buy: str
    sold_minor: int
    bought_minor: int


class Exchange(Struct, frozen=True):
    """What a batch of FX orders filled, oldest order first, and what it says beside its report.

    `prices` are those of an auction that has found some; without them the report's own units count. Residuals and
    excess are by currency; what residual accounts gave is below 0.
    """

    fills: tuple[Fill, ...]
    prices: dict[str, Price] = {}
    residual: dict[str, int] = {}
    excess: dict[str, Signed] = {}


class Traded(Struct, frozen=True):
    """A trade that a run of the PvP queue settled."""

    trade: str
    first: str
    second: str
    first_pays: str
    first_minor: int
    second_pays: str
    second_minor: int


class Queue(Struct, frozen=True, tag="queue", tag_field="kind", forbid_unknown_fields=True):
    """The queue of one currency."""

    seq: int
    asset: str
    balances: dict[str, int]
    payments: tuple[Queued, ...]
    limits: tuple[Room, ...] = ()
    reserved: dict[str, tuple[int, int]] = {}


class Pool(Struct, frozen=True, tag="pool", tag_field="kind", forbid_unknown_fields=True):
    """The queues of several currencies; `accounts` and `holding_caps` are (participant, currency, minor units)."""

    seq: int
    units: dict[str, int]
    accounts: tuple[tuple[str, str, int], ...]
    payments: dict[str, tuple[Queued, ...]]
    home: dict[str, str]
    batch_caps: dict[str, int] = {}
    holding_caps: tuple[tuple[str, str, int], ...] = ()


class OrderGiven(Struct, frozen=True, forbid_unknown_fields=True):
    """An order; `limit` is a ratio of minor units such as 3/2."""

    id: str
    sell: str
    buy: str
    amount_minor: int
    limit: str | None = None
    member: str = ""
    seq: int = 0


class Orders(Struct, frozen=True, tag="orders", tag_field="kind", forbid_unknown_fields=True):
    """Orders and the rates that they were matched at; `caps` are (member, currency, minor units).

    `band_bp` is how far prices of an auction may lie from the rates.
    """

    seq: int
    orders: tuple[OrderGiven, ...]
    values: dict[str, str]
    caps: tuple[tuple[str, str, int], ...] = ()
    band_bp: int = 0


class Trades(Struct, frozen=True, tag="trades", tag_field="kind", forbid_unknown_fields=True):
    """The PvP queue in its order, where members stood, and their terms; `aggregates` are in value units."""

    seq: int
    units: dict[str, int]
    accounts: dict[str, dict[str, int]]
    instructions: tuple[Instruction, ...]
    short_limits: dict[str, dict[str, int]]
    aggregates: dict[str, Sum]
    haircut_bp: int
    stopped: tuple[str, ...] = ()


Snap = Queue | Pool | Orders | Trades


class File(Struct, frozen=True):
    """A published batch."""

    format: str
    report: Report
    certificates: tuple[Certificate, ...]
    snapshot: Snap | None = None
    exchange: Exchange | None = None
    trades: tuple[Traded, ...] | None = None


def check_snap(snap: Snap) -> None:
    """Raise TypeError, ValueError or ZeroDivisionError where the things of a queue do not go together."""
    if isinstance(snap, Queue):
        check_inputs(snap.balances, snap.payments)
    elif isinstance(snap, Pool):
        for asset, payments in snap.payments.items():
            balances = {bic: minor for bic, its, minor in snap.accounts if its == asset}
            check_inputs(balances, payments)
        if set(snap.payments) - set(snap.units) or any(unit <= 0 for unit in snap.units.values()):
            raise ValueError("every currency of a pool has a value above nothing")
    elif isinstance(snap, Orders):
        orders = orders_of(snap)
        if any(Fraction(value) <= 0 for value in snap.values.values()):
            raise ValueError("every currency has a value above nothing")
        if not {name for one in orders for name in (one.sell, one.buy)} <= snap.values.keys():
            raise ValueError("an order is in a currency that has no value")
        if not 0 <= snap.band_bp < 10_000:
            raise ValueError("a band is from 0 to below 10,000 basis points")
    else:
        scan_of(snap)


def snap_of(snapshot: Snapshot | PoolSnapshot | FxSnapshot | PvpSnapshot) -> Snap:
    """Give what a batch was computed from as it stands in a file."""
    if isinstance(snapshot, FxSnapshot):
        orders = tuple(
            OrderGiven(
                one.id, one.sell, one.buy, one.amount_minor, None if one.limit is None else str(one.limit),
                one.member, one.seq,
            )
            for one in snapshot.orders
        )  # fmt: skip
        values = {name: str(unit) for name, unit in snapshot.units.items()}
        caps = tuple((*who, minor) for who, minor in snapshot.caps.items())
        return Orders(snapshot.seq, orders, values, caps, snapshot.band_bp)
    if isinstance(snapshot, PvpSnapshot):
        return Trades(
            snapshot.seq, snapshot.units, snapshot.accounts, tuple(snapshot.instructions), snapshot.short_limits,
            {bic: str(value) for bic, value in snapshot.aggregates.items()}, snapshot.haircut_bp,
            tuple(snapshot.stopped),
        )  # fmt: skip
    if isinstance(snapshot, PoolSnapshot):
        return Pool(
            snapshot.seq, dict(snapshot.units), tuple((*who, minor) for who, minor in snapshot.accounts.items()),
            dict(snapshot.payments), dict(snapshot.home), dict(snapshot.batch_caps),
            tuple((*who, minor) for who, minor in snapshot.holding_caps.items()),
        )  # fmt: skip
    return Queue(
        snapshot.seq, snapshot.asset, dict(snapshot.balances), snapshot.payments, tuple(snapshot.limits),
        dict(snapshot.reserved),
    )  # fmt: skip


def scan_of(snap: Trades) -> PvpRun:
    """Scan a PvP queue; raises TypeError or ValueError on what no run takes."""
    return run_pvp(
        snap.accounts,
        snap.instructions,
        values=snap.units,
        short_limits=snap.short_limits,
        aggregate_short_limits={bic: int(value) for bic, value in snap.aggregates.items()},
        haircut_bp=snap.haircut_bp,
        stopped=snap.stopped,
    )


def orders_of(snap: Orders) -> list[Order]:
    """Give the orders of a snapshot; raises TypeError or ValueError on what no batch takes."""
    orders = [
        Order(
            one.id, one.sell, one.buy, one.amount_minor, None if one.limit is None else Fraction(one.limit),
            one.member, one.seq,
        )
        for one in snap.orders
    ]  # fmt: skip
    check_orders(orders)
    return orders
