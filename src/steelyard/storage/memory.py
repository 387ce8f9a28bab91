"""The journal in memory: for tests and the simulator. Durable as long as its shelf lives.

A `Shelf` is the disk, a `MemoryJournal` one process that uses it: two journals on one shelf fence each
other just as two nodes on one database do.
"""

from threading import Lock

from steelyard.storage.journal import (
    BODY_BYTES_MAX,
    NO_HASH,
    Fenced,
    Head,
    JournalIsHeld,
    Row,
    Snapshot,
    check_next,
    check_snapshot,
    head_after,
)
from steelyard.storage.snapshots import too_many


class Shelf:
    """What outlives a MemoryJournal: rows, snapshots, the epoch and who holds the lock."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.rows: list[Row] = []
        self.snapshots: dict[int, Snapshot] = {}
        self.epoch = 0
        self.holder: MemoryJournal | None = None


class MemoryJournal:
    """A journal on a shelf (its own where none is given)."""

    def __init__(self, shelf: Shelf | None = None) -> None:
        self.shelf = shelf or Shelf()
        self._head: Head | None = None

    def open(self, holder: str, *, take_over: bool = False) -> Head:
        """Take the shelf and the next epoch, give the head."""
        with self.shelf.lock:
            if self.shelf.holder is not None and not take_over:
                raise JournalIsHeld("another journal holds this shelf")
            self.shelf.holder = self
            self.shelf.epoch += 1
            last = self.shelf.rows[-1] if self.shelf.rows else None
            seq, sealed, time_last = (last.seq, last.hash, last.time_last) if last else (0, NO_HASH, 0)
            self._head = Head(seq, sealed, self.shelf.epoch, time_last)
            return self._head

    def append(self, row: Row) -> None:
        """Put the row on the shelf, or raise `Fenced`."""
        with self.shelf.lock:
            check_next(self._head, row)
            if self.shelf.epoch != row.epoch:
                raise Fenced(f"epoch {self.shelf.epoch} has been taken, this is {row.epoch}")
            self.shelf.rows.append(row)
            self._head = head_after(row)

    def read(self, after_seq: int, *, limit: int) -> list[Row]:
        """Give up to `limit` rows after `after_seq`."""
        with self.shelf.lock:
            found = self.shelf.rows[after_seq : after_seq + limit]
        weight = 0
        for count, row in enumerate(found, start=1):
            weight += len(row.body)
            if weight >= BODY_BYTES_MAX:
                return found[:count]
        return found

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot and let go those that are too many."""
        check_snapshot(snapshot)
        with self.shelf.lock:
            self.shelf.snapshots[snapshot.seq] = snapshot
            for seq in too_many(list(self.shelf.snapshots)):
                del self.shelf.snapshots[seq]

    def latest_snapshot(self, at_most_seq: int | None = None) -> Snapshot | None:
        """Give the newest snapshot not past `at_most_seq`."""
        with self.shelf.lock:
            fits = [seq for seq in self.shelf.snapshots if at_most_seq is None or seq <= at_most_seq]
            return check_snapshot(self.shelf.snapshots[max(fits)]) if fits else None

    def snapshot_seqs(self) -> list[int]:
        """List the seqs of the snapshots kept."""
        with self.shelf.lock:
            return sorted(self.shelf.snapshots)

    def close(self) -> None:
        """Leave the shelf to others."""
        with self.shelf.lock:
            self._head = None
            if self.shelf.holder is self:
                self.shelf.holder = None
