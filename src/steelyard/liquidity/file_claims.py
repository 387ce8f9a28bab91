"""What the figures of a batch's report say of one another: sums, counts, and what each participant paid and got.

Each function gives what is wrong, a sentence each. A figure that a file does not give is not compared.
"""

from collections.abc import Iterable, Mapping

from steelyard.liquidity.file_shapes import Pair, Pool, Queue, Report

CLAIMED = frozenset({"currency", "pool", "fx_reference", "fx_auction", "pvp"})
"""Kinds of batches whose participants' rows are sums of what the batch settled"""


def sums(report: Report) -> list[str]:
    """Hold a report's figures to one another."""
    faults = []
    settled, parts = int(report.settled or 0), int(report.parts or 0)
    for name, count, value in (
        ("settled", report.settled_count, settled),
        ("settled in parts", report.parts_count, parts),
        ("left", report.left_count, int(report.left or 0)),
    ):
        if count is not None and bool(count) != bool(value):
            faults.append(f"{count} {name} cannot be worth {value}")
    if report.bundle_id is not None and not settled + parts:
        faults.append("there is a bundle, and nothing settled")
    if report.kind.startswith(("fx_", "pvp")) and None not in (report.queued, report.left):
        if int(report.queued or 0) != settled + parts + int(report.left or 0):
            faults.append("what was queued is not what settled and what is left")
        if (report.queued_count or 0) != (report.settled_count or 0) + (report.left_count or 0):
            faults.append("the count of what was queued is not that of what settled and of what is left")
    if (
        report.bound is not None
        and report.bound_free is not None
        and int(report.bound_free) < int(report.bound)
    ):
        faults.append("the bound without limits is below that with them")
    return faults


def parts(report: Report) -> list[str]:
    """Hold participants' rows to the sums of the report; rows a file leaves out are not there to be held."""
    if report.participants is None or report.kind not in CLAIMED:
        return []
    keys = [(one.participant, one.paid.asset) for one in report.participants]
    faults = ["a participant's row stands twice"] if len(frozenset(keys)) < len(keys) else []
    for one in report.participants:
        if not one.paid.asset == one.received.asset == one.left.asset:
            faults.append(f"the row of {one.participant} is in several currencies")
    if report.kind in ("currency", "pool"):
        paid = sum(int(one.paid.amount_minor) * _unit(report, one.paid.asset) for one in report.participants)
        got = sum(
            int(one.received.amount_minor) * _unit(report, one.received.asset) for one in report.participants
        )
        settled = int(report.settled or 0) + int(report.parts or 0)
        if not paid == got == settled:
            faults.append(f"participants paid {paid} and received {got}, and {settled} settled")
        left = sum(int(one.left.amount_minor) * _unit(report, one.left.asset) for one in report.participants)
        if report.left is not None and left != int(report.left):
            faults.append(f"participants have {left} left, and the report says {report.left}")
    return faults


def moved(report: Report, paid: Mapping[Pair, int], received: Mapping[Pair, int]) -> list[str]:
    """Hold participants' rows to what each paid and received as worked out anew."""
    if report.participants is None:
        return []
    told = {(one.participant, one.paid.asset): one for one in report.participants}
    faults = []
    for key in sorted({*told, *paid, *received}):
        one = told.get(key)
        says = (0, 0) if one is None else (int(one.paid.amount_minor), int(one.received.amount_minor))
        if says != (paid.get(key, 0), received.get(key, 0)):
            faults.append(
                f"{key[0]} paid {paid.get(key, 0)} and got {received.get(key, 0)} {key[1]}, not {says}"
            )
    return faults


def left(report: Report, still: Mapping[Pair, int]) -> list[str]:
    """Hold what participants' rows say is left to what is as worked out anew."""
    return [
        f"{one.participant} has {still.get((one.participant, one.left.asset), 0)} {one.left.asset} left,"
        f" not {one.left.amount_minor}"
        for one in report.participants or ()
        if int(one.left.amount_minor) != still.get((one.participant, one.left.asset), 0)
    ]


def figure(name: str, says: str | int | None, worked: int) -> Iterable[str]:
    """Give a sentence where a figure is not what it comes to."""
    if says is not None and int(says) != worked:
        yield f"{name} comes to {worked}, not {says}"


def within_queue(report: Report, queue: Queue | Pool) -> list[str]:
    """Hold what settled to what was queued: in all, and for each that paid or was paid.

    What settled in the meantime is not in the report, and what queued since is no part of the batch.
    """
    payments = {queue.asset: queue.payments} if isinstance(queue, Queue) else queue.payments
    faults, most_out, most_in, worth, count = [], dict[Pair, int](), dict[Pair, int](), 0, 0
    for asset, rows in payments.items():
        for row in rows:
            most_out[row.payer, asset] = most_out.get((row.payer, asset), 0) + row.amount_minor
            most_in[row.payee, asset] = most_in.get((row.payee, asset), 0) + row.amount_minor
            worth += row.amount_minor * _unit(report, asset)
            count += 1
    settled = int(report.settled or 0) + int(report.parts or 0)
    if settled > worth:
        faults.append(f"{settled} settled, and {worth} was queued")
    if report.queued is not None and int(report.queued) < worth:
        faults.append(f"the queue is worth {worth}, more than the {report.queued} of the report")
    if (report.settled_count or 0) + (report.parts_count or 0) > count:
        faults.append(f"more settled than the {count} payments of the queue")
    if report.queued_count is not None and report.queued_count < count:
        faults.append(f"the queue holds {count} payments, more than the {report.queued_count} of the report")
    for one in report.participants or ():
        key = one.participant, one.paid.asset
        if int(one.paid.amount_minor) > most_out.get(key, 0):
            faults.append(f"{key[0]} paid more {key[1]} than it had queued")
        if int(one.received.amount_minor) > most_in.get(key, 0):
            faults.append(f"{key[0]} received more {key[1]} than was queued for it")
    if isinstance(queue, Pool) and any(_unit(report, name) != unit for name, unit in queue.units.items()):
        faults.append("the queue is valued at other units than the report's")
    return faults


def _unit(report: Report, asset: str) -> int:
    return int(report.units.get(asset, 1))
