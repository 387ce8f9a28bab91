"""The file route: a file of payments is judged as a tree where it is small, else as a stream.

Nothing is booked from here. What goes on lies in the envelope (tree) or in the stage (stream); commands are
given only after the verdict, so a broken tag at the end of a file books nothing.
"""

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import BinaryIO, Final

import msgspec

from steelyard.iso20022.bulk import stream
from steelyard.iso20022.check import check
from steelyard.iso20022.context import FILE_STREAM, FILE_TREE, GROUP, Context, Finding, Outcome, Verdict
from steelyard.iso20022.desk import Desk
from steelyard.iso20022.reports import (
    Original,
    OriginalTx,
    Status,
    group_report,
    narrative_of,
    original_of,
)
from steelyard.iso20022.stage import Row, Stage, rows

_HEAD: Final = 256 << 10
_COUNT: Final = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?NbOfTxs>\s*(\d{1,15})\s*<")
_REPORT_MAX: Final = 10_000


def check_file(source: BinaryIO, context: Context, stage: Stage) -> Verdict:
    """Judge a file from a source that can be read twice; its limits are those of files, no others.

    A streamed file's payments lie in the stage under `verdict.raw_sha256`, and `verdict.envelope` is None.
    """
    size, head, file = _measured(source)
    found = _COUNT.search(head)
    announced = int(found[1]) if found is not None else 0
    if size <= FILE_TREE.bytes_max and announced <= FILE_TREE.transactions_max:
        return check(source.read(), msgspec.structs.replace(context, limits=FILE_TREE))
    return stream(source, msgspec.structs.replace(context, limits=FILE_STREAM), stage, file)


def file_reports(verdict: Verdict, stage: Stage, desk: Desk, *, at: int, item: bytes) -> Iterator[bytes]:
    """Write the answer to a streamed file: group status, counts, and the rejected transactions.

    10,000 transactions stand in one message; further ones follow in further messages, each with its own id.
    """
    if verdict.outcome is Outcome.REFUSED or verdict.message is None or verdict.body is None:
        raise ValueError("a refused file is answered by admi.002")
    reason = next((finding for finding in verdict.findings if finding.scope == GROUP), None)
    accepted, rejected = verdict.transactions or (0, 0)
    status = "ACTC" if not rejected else "RJCT" if not accepted else "PART"
    counts = (("ACTC", accepted), ("RJCT", rejected)) if status == "PART" else ()
    head = original_of(verdict.message, verdict.header_id or "head.001.001.02", verdict.header, verdict.body)
    waiting: list[Row] = []
    part = 0
    for row in _rejected(stage, verdict.raw_sha256, all_of_them=not accepted):
        waiting.append(row)
        if len(waiting) == _REPORT_MAX:
            yield _report(head, waiting, desk, status, reason, counts, at=at, item=_item(item, part))
            waiting, part = [], part + 1
    if waiting or part == 0:
        yield _report(head, waiting, desk, status, reason, counts, at=at, item=_item(item, part))


def _measured(source: BinaryIO) -> tuple[int, bytes, bytes]:
    """Give size, first bytes and SHA-256 of a file, and go back to its start."""
    digest, size, head = sha256(), 0, b""
    while chunk := source.read(1 << 20):
        head = head or chunk[:_HEAD]
        size += len(chunk)
        digest.update(chunk)
        if size > FILE_STREAM.bytes_max:
            break
    source.seek(0)
    return size, head, digest.digest()


def _item(item: bytes, part: int) -> bytes:
    return item if part == 0 else item + part.to_bytes(4)


def _rejected(stage: Stage, file: bytes, *, all_of_them: bool) -> Iterator[Row]:
    return (row for row in rows(stage, file) if all_of_them or row.findings)


def _report(
    head: Original,
    waiting: list[Row],
    desk: Desk,
    status: str,
    reason: Finding | None,
    counts: tuple[tuple[str, int], ...],
    *,
    at: int,
    item: bytes,
) -> bytes:
    transactions = tuple(
        OriginalTx(row.end_to_end_id, row.instruction_id, row.transaction_id, row.uetr) for row in waiting
    )
    original = msgspec.structs.replace(head, transactions=transactions)
    code = reason.code if reason is not None else None
    statuses = []
    for place, row in enumerate(waiting, 1):
        if row.findings:
            lines = narrative_of(row.findings, desk.profile)
            statuses.append(Status(place, "RJCT", row.findings[0].code, lines))
        else:
            statuses.append(Status(place, "RJCT", code or "NARR"))
    return group_report(original, desk, status, statuses, at=at, item=item, code=code, counts=counts)
