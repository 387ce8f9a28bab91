"""A batch as it is published, and the check of it: what anybody finds out from the file alone.

`steelyard-batch/1`: the report of a batch, its certificates, and where it is at hand the queue (or the pool, or the
orders) that they were computed from. Without that queue a certificate proves how much its own network could have
settled at most; with it, that the network is that of the queue.
"""

from fractions import Fraction
from hashlib import sha256
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from steelyard.liquidity import rebuilt_values
from steelyard.liquidity.certificate import Certificate, check, to_msgpack
from steelyard.liquidity.fx_snapshot import FxSnapshot
from steelyard.liquidity.orders import Order, check_orders
from steelyard.liquidity.queue import Queued, Room, check_inputs
from steelyard.liquidity.snapshot import PoolSnapshot, Snapshot

FORMAT = "steelyard-batch/1"
WHOLE_BP = 10_000
Sum = Annotated[str, Meta(pattern=r"^[0-9]{1,60}$(?!\n)")]


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
    """Orders and the rates that they were matched at; `caps` are (member, currency, minor units)."""

    seq: int
    orders: tuple[OrderGiven, ...]
    values: dict[str, str]
    caps: tuple[tuple[str, str, int], ...] = ()


Snap = Queue | Pool | Orders


class File(Struct, frozen=True):
    """A published batch."""

    format: str
    report: Report
    certificates: tuple[Certificate, ...]
    snapshot: Snap | None = None


class FileMalformed(ValueError):
    """What was read is no batch of this format; says where."""


class Verdict(Struct, frozen=True):
    """What a check found: how many certificates there are, whether the queue was at hand, and what is wrong."""

    certificates: int
    has_queue: bool
    faults: tuple[str, ...]


def read(data: bytes) -> File:
    """Read a batch file; raises FileMalformed."""
    try:
        found = msgspec.json.decode(data, type=File)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as trouble:
        raise FileMalformed(str(trouble)) from trouble
    if found.format != FORMAT:
        raise FileMalformed(f"the format is not {FORMAT}")
    if found.snapshot is not None:
        _check_queue(found.snapshot)
    return found


def read_snapshot(data: bytes) -> Snap:
    """Read a queue that stands in a file of its own; raises FileMalformed."""
    try:
        found: Snap = msgspec.json.decode(data, type=Snap)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as trouble:
        raise FileMalformed(str(trouble)) from trouble
    _check_queue(found)
    return found


def _check_queue(queue: Snap) -> None:
    """Raise FileMalformed where the things of a queue do not go together."""
    try:
        if isinstance(queue, Queue):
            check_inputs(queue.balances, queue.payments)
        elif isinstance(queue, Pool):
            for asset, payments in queue.payments.items():
                balances = {bic: minor for bic, its, minor in queue.accounts if its == asset}
                check_inputs(balances, payments)
            if set(queue.payments) - set(queue.units) or any(unit <= 0 for unit in queue.units.values()):
                raise ValueError("every currency of a pool has a value above nothing")
        else:
            _orders(queue)
            if any(Fraction(value) <= 0 for value in queue.values.values()):
                raise ValueError("every currency has a value above nothing")
    except (ValueError, TypeError, ZeroDivisionError) as trouble:
        raise FileMalformed(f"the queue cannot be: {trouble}") from trouble


def snap_of(snapshot: Snapshot | PoolSnapshot | FxSnapshot) -> Snap:
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
        return Orders(
            snapshot.seq, orders, values, tuple((*who, minor) for who, minor in snapshot.caps.items())
        )
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


def verify(file: File, snapshot: Snap | None = None) -> Verdict:
    """Check a batch: each certificate, what the report says of them, and the queue where it is there.

    A queue given here counts before the one in the file.
    """
    queue = snapshot if snapshot is not None else file.snapshot
    faults = _report(file)
    for place, certificate in enumerate(file.certificates):
        name = f"certificate {place} ({certificate.objective})"
        faults += [f"{name}: {fault}" for fault in _certificate(certificate, queue, file.report)]
    return Verdict(len(file.certificates), queue is not None, tuple(faults))


def _report(file: File) -> list[str]:
    """Give where the report is not what the certificates and its own figures say."""
    report, faults = file.report, []
    if report.state != "applied":
        return ["the batch has not been applied"]
    digest = sha256(b"".join(map(to_msgpack, file.certificates))).hexdigest() if file.certificates else None
    if report.certificate != digest:
        faults.append("the report names other certificates by their digest")
    faults += _bound(file)
    if any(one.snapshot_seq != report.snapshot_seq for one in file.certificates):
        faults.append("a certificate is of another place in time than the batch")
    return faults


def _bound(file: File) -> list[str]:
    """Give what is wrong with the bound, and with what is measured by it."""
    report = file.report
    claims = [one.value for one in file.certificates if one.objective in ("value", "matched_value")]
    settled = int(report.settled or 0) + int(report.parts or 0)
    if report.bound is None:
        return ["a certificate names a bound, and the report none"] if claims else []
    bound, faults = int(report.bound), []
    if report.kind == "pool":
        borne = bool(claims) and claims[0] <= bound * rebuilt_values.SETTLED
    else:
        borne = bool(claims) and claims[0] == bound
    if report.proved and not borne:
        faults.append(f"no certificate bears the bound of {bound}")
    if report.proved and settled > bound:
        faults.append(f"{settled} settled, more than the bound of {bound}")
    if report.distance_bp != _distance(bound, settled):
        faults.append(f"the distance is {_distance(bound, settled)} basis points, not {report.distance_bp}")
    return faults


def _distance(bound: int, settled: int) -> int:
    return max(0, bound - settled) * WHOLE_BP // bound if bound else 0


def _certificate(certificate: Certificate, queue: Snap | None, report: Report) -> list[str]:
    """Give what is wrong with one certificate, made anew from its queue where that is there."""
    if queue is None:
        return check(certificate)
    if isinstance(queue, Queue):
        if queue.asset not in report.currencies:
            return [f"the queue is of {queue.asset}, another currency than the batch's"]
        snapshot = Snapshot(
            queue.seq, queue.asset, queue.balances, queue.payments, queue.limits, queue.reserved
        )
        return check(certificate, snapshot)
    if isinstance(queue, Pool):
        pool = PoolSnapshot(
            queue.seq, queue.units, {(bic, asset): minor for bic, asset, minor in queue.accounts}, queue.payments,
            queue.home, queue.batch_caps, {(bic, asset): minor for bic, asset, minor in queue.holding_caps},
        )  # fmt: skip
        return rebuilt_values.check_pool(certificate, pool)
    values = {name: Fraction(value) for name, value in queue.values.items()}
    caps = {(member, asset): minor for member, asset, minor in queue.caps}
    return rebuilt_values.check_match(certificate, _orders(queue), values, caps=caps)


def _orders(queue: Orders) -> list[Order]:
    orders = [
        Order(
            one.id, one.sell, one.buy, one.amount_minor, None if one.limit is None else Fraction(one.limit),
            one.member, one.seq,
        )
        for one in queue.orders
    ]  # fmt: skip
    check_orders(orders)
    return orders
