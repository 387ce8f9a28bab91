"""The journal: one ordered, hash-chained list of rows, and what every keeper of it promises.

A row is one commit group. Its hash covers its place, its times, the hash before it and the SHA-256
of its body, so an edited, missing, swapped or shortened row shows. `append` returns only when the
row is durable; whatever else may have happened is `Ambiguous`, and the process ends: replay decides.

Implementations: `memory.py`, `sqlite.py`, `postgres.py`; `opening.py` chooses by address.
"""

from collections.abc import Iterable
from hashlib import sha256
from struct import Struct as Packing
from typing import Protocol, runtime_checkable

import msgspec

HASH_PREFIX = b"steelyard.journal.1\0"
NO_HASH = bytes(32)
"""What row 1 names as the hash before it."""

BODY_BYTES_MAX = 64 * 1024 * 1024
FORMAT_FRAMES = 1

_HEADER = Packing(">QQqqIH")


class JournalError(Exception):
    """Base of what a journal may raise; `exit_code` is what the node ends with."""

    exit_code = 70


class Ambiguous(JournalError):
    """The row may or may not be durable: nobody may be answered, the process ends."""


class CorruptJournal(JournalError):
    """What is stored is not what was written; `seq` is the row (or snapshot) to look at."""

    exit_code = 71

    def __init__(self, seq: int, why: str) -> None:
        super().__init__(f"row {seq}: {why}")
        self.seq = seq
        self.why = why


class Fenced(JournalError):
    """A later epoch has been taken by another holder: this one may never write again."""

    exit_code = 72


class JournalIsHeld(JournalError):
    """Another process holds the journal; only a take-over goes past it."""

    exit_code = 73


class JournalIsUnfit(JournalError):
    """The database cannot keep the promise (settings, network disk, replica): no start."""

    exit_code = 73


class Row(msgspec.Struct, frozen=True, gc=False):
    """One commit group as stored. Times are the first and last command's, in ns; `count` its commands."""

    seq: int
    prev_hash: bytes
    hash: bytes
    epoch: int
    time_first: int
    time_last: int
    count: int
    format: int
    body: bytes


class Head(msgspec.Struct, frozen=True, gc=False):
    """The end of the chain: (0, zeros, epoch, 0) when empty. `epoch` is what the next row bears."""

    seq: int
    hash: bytes
    epoch: int
    time_last: int


class Snapshot(msgspec.Struct, frozen=True):
    """The state after row `seq`, as named canonical sections in their fixed order."""

    seq: int
    state_hash: bytes
    sections: tuple[tuple[str, bytes], ...]


@runtime_checkable
class Journal(Protocol):
    """Keeps rows and snapshots. One thread at a time calls; `read` works before `open` too."""

    def open(self, holder: str, *, take_over: bool = False) -> Head:
        """Take lock and epoch, then give the head. `JournalIsHeld` if held, unless `take_over`."""

    def append(self, row: Row) -> None:
        """Make the row durable, or raise `Ambiguous` or `Fenced`. Never called again after a raise."""

    def read(self, after_seq: int, *, limit: int) -> list[Row]:
        """Give up to `limit` durable rows after `after_seq`, ascending; stops early past 64 MB of bodies."""

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep it whole or not at all; older ones may go, at least two stay."""

    def latest_snapshot(self, at_most_seq: int | None = None) -> Snapshot | None:
        """Give the newest whole snapshot not past `at_most_seq`; a wrong hash is `CorruptJournal`."""

    def snapshot_seqs(self) -> list[int]:
        """List the seqs of all kept snapshots, ascending."""

    def close(self) -> None:
        """Give up the lock. A second call does nothing."""


def row_hash(
    *,
    seq: int,
    epoch: int,
    time_first: int,
    time_last: int,
    count: int,
    format: int,
    prev_hash: bytes,
    body: bytes,
) -> bytes:
    """Give the SHA-256 that seals a row: its header big-endian, the hash before, the hash of its body.

    >>> row_hash(seq=1, epoch=1, time_first=5, time_last=5, count=1, format=1,
    ...          prev_hash=NO_HASH, body=b"").hex()[:16]
    'e5e45ece1619da7b'
    """
    header = _HEADER.pack(seq, epoch, time_first, time_last, count, format)
    return sha256(HASH_PREFIX + header + prev_hash + sha256(body).digest()).digest()


def next_row(
    head: Head, *, time_first: int, time_last: int, count: int, body: bytes, format: int = FORMAT_FRAMES
) -> Row:
    """Build the row that follows `head` in its epoch, hash included."""
    seq, prev_hash, epoch = head.seq + 1, head.hash, head.epoch
    sealed = row_hash(
        seq=seq,
        epoch=epoch,
        time_first=time_first,
        time_last=time_last,
        count=count,
        format=format,
        prev_hash=prev_hash,
        body=body,
    )
    return Row(seq, prev_hash, sealed, epoch, time_first, time_last, count, format, body)


def head_after(row: Row) -> Head:
    """Give the head once `row` is the last row."""
    return Head(row.seq, row.hash, row.epoch, row.time_last)


def check_next(head: Head | None, row: Row) -> None:
    """Raise ValueError where `row` cannot follow `head`: a bug, found before anything is written."""
    if head is None:
        raise ValueError("the journal is not open")
    follows = row.seq == head.seq + 1 and row.prev_hash == head.hash and row.epoch == head.epoch
    if not follows or row.time_first <= head.time_last or row.time_last < row.time_first:
        raise ValueError(f"row {row.seq} does not follow row {head.seq} of epoch {head.epoch}")
    if len(row.body) > BODY_BYTES_MAX:
        raise ValueError(f"row {row.seq}: body of {len(row.body)} bytes is over {BODY_BYTES_MAX}")


def verify_chain(rows: Iterable[Row], *, after: Head | None = None) -> Head:
    """Walk rows in order from `after` (default: the empty journal) and give the head they end at.

    Raises `CorruptJournal` at the first row that is missing, out of place, edited or cut short, whose
    epoch falls or whose time does not strictly rise.
    """
    head = after or Head(0, NO_HASH, 0, 0)
    for row in rows:
        fault = _fault(head, row)
        if fault:
            raise CorruptJournal(row.seq if row.seq == head.seq + 1 else head.seq + 1, fault)
        head = head_after(row)
    return head


def _fault(head: Head, row: Row) -> str | None:
    """Say what is wrong with `row` right after `head`, or None."""
    if row.seq != head.seq + 1:
        return f"found row {row.seq} in its place"
    if row.prev_hash != head.hash:
        return "does not name the hash of the row before it"
    if row.epoch < head.epoch:
        return f"epoch {row.epoch} is lower than {head.epoch} before it"
    if row.time_last < row.time_first or row.time_first <= head.time_last:
        return "time does not rise"
    sealed = row_hash(
        seq=row.seq,
        epoch=row.epoch,
        time_first=row.time_first,
        time_last=row.time_last,
        count=row.count,
        format=row.format,
        prev_hash=row.prev_hash,
        body=row.body,
    )
    return None if sealed == row.hash else "content does not fit its hash"


def sections_hash(sections: Iterable[tuple[str, bytes]]) -> bytes:
    """Give the state hash: SHA-256 over `name | 0 | SHA-256(section)` of each, as `World.state_hash` does.

    >>> sections_hash([]) == sha256(b"").digest()
    True
    """
    whole = sha256()
    for name, content in sections:
        whole.update(name.encode() + b"\0" + sha256(content).digest())
    return whole.digest()


def check_snapshot(snapshot: Snapshot) -> Snapshot:
    """Give the snapshot back if its sections fit its state hash, else raise `CorruptJournal`."""
    if sections_hash(snapshot.sections) != snapshot.state_hash:
        raise CorruptJournal(snapshot.seq, "snapshot does not fit its hash")
    return snapshot
