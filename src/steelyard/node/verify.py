"""`node verify`: is the journal what was written, and is the evidence it names still there?

Nothing is executed: the chain is walked row by row, every frame must be whole and canonical, every snapshot
must fit its hash, and every digest that a command names must be in the evidence store, or forgotten there
with a reason. A digest is any string of 32 bytes among what a gateway added to a command.
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from steelyard.flows.command import decode_command, decode_outcome, encode
from steelyard.node.replay import rows_after
from steelyard.storage.evidence import DIGEST_BYTES, CorruptEvidence, Evidence, walk
from steelyard.storage.frames import CorruptRow, iter_acts
from steelyard.storage.journal import NO_HASH, CorruptJournal, Head, Journal, Row, verify_chain

MISSING_SHOWN = 20
ASK_AT_ONCE = 5_000


class Report(msgspec.Struct, kw_only=True):
    """What was found. `faults` is empty where all is well."""

    rows: int = 0
    commands: int = 0
    legs: int = 0
    bytes: int = 0
    head_seq: int = 0
    head_hash: str = ""
    snapshots: int = 0
    digests_named: int = 0
    digests_missing: int = 0
    evidence_items: int = 0
    not_submitted: int = 0
    """Messages kept whose command is not in the journal: refused at the edge, or the node was killed between."""
    faults: list[str] = msgspec.field(default_factory=list)


def verify(
    journal: Journal,
    evidence: Evidence | None,
    *,
    contents: bool = False,
    tell: Callable[[int], None] | None = None,
) -> Report:
    """Verify everything; `contents` also reads every piece of evidence against its digest.

    Then it tells as well how many items there are, and how many whose command never came.
    """
    report, head, asked = Report(), Head(0, NO_HASH, 0, 0), dict[bytes, int]()
    named: set[bytes] = set()
    ids: set[bytes] | None = set() if contents else None
    try:
        for row in rows_after(journal, 0):
            head = verify_chain([row], after=head)
            for digest in _take_row(report, row, ids):
                if digest not in named:
                    named.add(digest)
                    asked[digest] = row.seq
            if len(asked) >= ASK_AT_ONCE:
                _ask(report, evidence, asked)
            if tell is not None:
                tell(row.seq)
    except CorruptJournal as error:
        report.faults.append(str(error))
    _ask(report, evidence, asked)
    report.digests_named = len(named)
    report.head_seq, report.head_hash = head.seq, head.hash.hex()
    _verify_snapshots(report, journal)
    if evidence is not None and ids is not None:
        _read_evidence(report, evidence, ids)
    return report


def digests_in(added: bytes) -> Iterator[bytes]:
    """Give the digests of evidence that the gateway's part of a command names."""
    yield from _digests(msgspec.msgpack.decode(added))


def _digests(value: Any) -> Iterator[bytes]:
    if isinstance(value, bytes) and len(value) == DIGEST_BYTES:
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _digests(item)


def _read_evidence(report: Report, evidence: Evidence, ids: set[bytes]) -> None:
    """Read every item against its digest, and count those whose command never came."""
    for kept in walk(evidence):
        report.evidence_items += 1
        report.not_submitted += sum(one.command not in ids for one in kept.brought() if one.command)
        if not kept.forgotten:
            try:
                kept.raw()
            except CorruptEvidence as fault:
                report.faults.append(str(fault))


def _take_row(report: Report, row: Row, ids: set[bytes] | None) -> Iterator[bytes]:
    """Count a row whose chain holds and give the digests it names; a frame that does not hold is a fault."""
    report.rows += 1
    report.bytes += len(row.body)
    count = 0
    try:
        for act in iter_acts(row.body):
            command = decode_command(act.command)
            if encode(command) != act.command or encode(decode_outcome(act.outcome)) != act.outcome:
                report.faults.append(f"row {row.seq}, command {act.position}: not in canonical form")
            report.legs += len(act.legs) // 128
            count += 1
            if ids is not None:
                ids.add(command.id)
            if len(bytes(command.added)) > 1:
                yield from digests_in(bytes(command.added))
    except (CorruptRow, msgspec.MsgspecError) as error:
        report.faults.append(f"row {row.seq}, command {count}: {error}")
    if count != row.count:
        report.faults.append(f"row {row.seq}: holds {count} commands, its header says {row.count}")
    report.commands += count


def _ask(report: Report, evidence: Evidence | None, asked: dict[bytes, int]) -> None:
    """Look a batch of digests up and forget the batch."""
    if evidence is not None:
        for digest in evidence.missing(list(asked)):
            report.digests_missing += 1
            if report.digests_missing <= MISSING_SHOWN:
                report.faults.append(f"row {asked[digest]}: evidence {digest.hex()} is missing")
    asked.clear()


def _verify_snapshots(report: Report, journal: Journal) -> None:
    for seq in journal.snapshot_seqs():
        try:
            journal.latest_snapshot(seq)
            report.snapshots += 1
        except CorruptJournal as error:
            report.faults.append(f"snapshot {seq}: {error.why}")
        if seq > report.head_seq:
            report.faults.append(f"snapshot {seq} is past the last row {report.head_seq}")
