"""A batch as it is published, and the check of it: what anybody finds out from the file alone.

`steelyard-batch/1`: the report of a batch, its certificates, and where it is at hand the queue (or the pool, or the
orders) that they were computed from. Without that queue a certificate proves how much its own network could have
settled at most; with it, that the network is that of the queue.
"""

from fractions import Fraction
from hashlib import sha256

import msgspec
from msgspec import Struct

from steelyard.liquidity import file_claims, file_exchange, rebuilt_values
from steelyard.liquidity.certificate import Certificate, check, to_msgpack
from steelyard.liquidity.file_shapes import (
    File,
    Orders,
    Pool,
    Queue,
    Report,
    Snap,
    Trades,
    check_snap,
    orders_of,
)
from steelyard.liquidity.order_book import FX_KINDS
from steelyard.liquidity.pvp_book import PVP
from steelyard.liquidity.snapshot import PoolSnapshot, Snapshot

FORMAT = "steelyard-batch/1"
WHOLE_BP = 10_000
NONE = "none"
"""Stands as the algorithm of a batch that has settled nothing"""
_SNAPS: dict[str, type[Struct]] = {
    "currency": Queue, "pool": Pool, "fx_reference": Orders, "fx_auction": Orders, PVP: Trades,
}  # fmt: skip


class FileMalformed(ValueError):
    """What was read is no batch of this format; says where."""


class Verdict(Struct, frozen=True):
    """What a check found: how many certificates there are, whether the queue was at hand, and what is wrong.

    `is_worked_out` tells that the batch itself was worked out anew, so that no certificate is needed.
    """

    certificates: int
    has_queue: bool
    faults: tuple[str, ...]
    is_worked_out: bool = False

    @property
    def is_proved(self) -> bool:
        """Whether nothing is wrong, and something proves what the file says."""
        return not self.faults and bool(self.certificates or self.is_worked_out)


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
        check_snap(queue)
    except (ValueError, TypeError, ZeroDivisionError) as trouble:
        raise FileMalformed(f"the queue cannot be: {trouble}") from trouble


def verify(file: File, snapshot: Snap | None = None) -> Verdict:
    """Check a batch: each certificate, what the report says of them, and the queue where it is there.

    A queue given here counts before the one in the file.
    """
    queue, report = snapshot if snapshot is not None else file.snapshot, file.report
    faults = _report(file)
    if report.state != "applied":
        return Verdict(len(file.certificates), queue is not None, tuple(faults))
    faults += file_claims.sums(report) + file_claims.parts(report)
    if queue is not None and queue.seq != report.snapshot_seq:
        faults.append("the queue is of another place in time than the batch")
    if queue is not None and not isinstance(queue, _SNAPS.get(report.kind, Snap)):
        faults.append("the queue is not of the batch's kind")
        queue = None
    elif isinstance(queue, Queue | Pool):
        faults += file_claims.within_queue(report, queue)
    if report.kind in FX_KINDS and report.algorithm != NONE:
        faults += file_exchange.exchange(report, file.exchange, queue if isinstance(queue, Orders) else None)
    elif report.kind == PVP:
        faults += file_exchange.trades(report, file.trades, queue if isinstance(queue, Trades) else None)
    for place, certificate in enumerate(file.certificates):
        name = f"certificate {place} ({certificate.objective})"
        faults += [f"{name}: {fault}" for fault in _certificate(certificate, queue, file.report)]
    worked_out = isinstance(queue, Orders | Trades) and report.algorithm != NONE
    return Verdict(len(file.certificates), queue is not None, tuple(faults), worked_out)


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
    assert isinstance(queue, Orders), "a run of the PvP queue has no certificate"
    values = {name: Fraction(value) for name, value in queue.values.items()}
    caps = {(member, asset): minor for member, asset, minor in queue.caps}
    return rebuilt_values.check_match(certificate, orders_of(queue), values, caps=caps)
