"""The journal in one SQLite file: WAL, synchronous FULL, one writer, fenced by an epoch.

The lock file beside it keeps a second start out; the epoch row, read in the transaction of every
append, keeps out whoever was taken over. Anything but a clean commit of one row is `Ambiguous`:
busy, full disk, I/O error. Reads go over a connection of their own and see committed rows only.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path
from threading import Lock

from steelyard.storage.bodies import COLUMNS, Bodies
from steelyard.storage.filelock import FileLock, network_disk
from steelyard.storage.journal import (
    BODY_BYTES_MAX,
    NO_HASH,
    Ambiguous,
    CorruptJournal,
    Fenced,
    Head,
    JournalIsHeld,
    JournalIsUnfit,
    Row,
    Snapshot,
    check_next,
    check_snapshot,
    head_after,
    verify_chain,
)
from steelyard.storage.snapshots import join_parts, parts_of, too_many

BUSY_SECONDS = 10.0
PAGE_BYTES = 8192
PARTS_AT_ONCE = 4
CHECKPOINT_PAGES = 4096  # 32 MB of log between checkpoints: one flush of the main file per ~30 full groups

SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (
  seq INTEGER PRIMARY KEY, prev_hash BLOB NOT NULL UNIQUE, hash BLOB NOT NULL, epoch INTEGER NOT NULL,
  time_first INTEGER NOT NULL, time_last INTEGER NOT NULL, count INTEGER NOT NULL, format INTEGER NOT NULL,
  packing INTEGER NOT NULL, body BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS journal_epoch (
  id INTEGER PRIMARY KEY CHECK (id = 1), epoch INTEGER NOT NULL, holder TEXT NOT NULL,
  taken_at INTEGER NOT NULL);
INSERT OR IGNORE INTO journal_epoch VALUES (1, 0, '', 0);
CREATE TABLE IF NOT EXISTS snapshot (
  seq INTEGER NOT NULL, place INTEGER NOT NULL, section TEXT NOT NULL, part INTEGER NOT NULL,
  bytes BLOB NOT NULL, PRIMARY KEY (seq, place, part));
CREATE TABLE IF NOT EXISTS snapshot_head (
  seq INTEGER PRIMARY KEY, state_hash BLOB NOT NULL, parts INTEGER NOT NULL);
"""
_APPEND = (
    f"INSERT INTO journal ({COLUMNS}) SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM journal_epoch"
    " WHERE id = 1 AND epoch = ?"
)
"""One statement is a transaction of its own, which takes the right to write before it reads. Each statement is one more
time that the thread which commits waits for the one which works."""


def connect(
    path: Path, *, synchronous: str = "FULL", page_bytes: int = PAGE_BYTES, busy_s: float = BUSY_SECONDS
) -> sqlite3.Connection:
    """Open a database file in WAL mode, settings read back; `JournalIsUnfit` where they do not hold."""
    kind = network_disk(path)
    if kind:
        raise JournalIsUnfit(f"{path} lies on a network file system ({kind}); use a local disk or PostgreSQL")
    connection = sqlite3.connect(path, timeout=busy_s, isolation_level=None, check_same_thread=False)
    try:
        connection.execute(f"PRAGMA page_size = {page_bytes}")
        mode = _to_wal(connection, busy_s)
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        level = connection.execute("PRAGMA synchronous").fetchone()[0]
        connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
    except sqlite3.Error as error:
        connection.close()
        raise JournalIsUnfit(f"{path} cannot be opened: {error}") from error
    if mode != "wal" or level != {"FULL": 2, "NORMAL": 1}[synchronous]:
        connection.close()
        raise JournalIsUnfit(f"{path}: journal_mode is {mode}, synchronous is {level}")
    return connection


def _to_wal(connection: sqlite3.Connection, busy_s: float) -> str:
    """Switch to the write-ahead log; SQLite does not wait by itself for others that do the same now."""
    until = time.monotonic() + busy_s
    while True:
        try:
            return str(connection.execute("PRAGMA journal_mode = WAL").fetchone()[0])
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.005)


@contextmanager
def immediate(connection: sqlite3.Connection) -> Iterator[None]:
    """Run the block in one writing transaction; rolled back whole when it raises."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        with suppress(sqlite3.Error):
            connection.execute("ROLLBACK")
        raise


class SqliteJournal:
    """The journal in `path`. Appends come from one thread; reads and snapshots may come from others."""

    def __init__(self, path: Path | str, *, busy_s: float = BUSY_SECONDS) -> None:
        self.path = Path(path)
        self.busy_s = busy_s
        self._lock = FileLock(self.path.with_name(self.path.name + ".lock"))
        self._reading = Lock()
        self._reader: sqlite3.Connection | None = None
        self._writer: sqlite3.Connection | None = None
        self._head: Head | None = None
        self._stopped: Exception | None = None
        self._packing, self._unpacking = Bodies(), Bodies()

    def open(self, holder: str, *, take_over: bool = False) -> Head:
        """Take the lock file and the next epoch, then read the tail."""
        if not self.path.parent.is_dir():
            raise JournalIsUnfit(f"the folder of {self.path} does not exist")
        if not self._lock.take() and not take_over:
            raise JournalIsHeld(f"{self.path} is held by {self._lock.read().strip() or 'another process'}")
        try:
            self._writer = connect(self.path, busy_s=self.busy_s)
            self._writer.executescript(SCHEMA)
            with immediate(self._writer):
                raised = (
                    "UPDATE journal_epoch SET epoch = epoch + 1, holder = ?, taken_at = ? RETURNING epoch"
                )
                epoch = self._writer.execute(raised, (holder, time.time_ns())).fetchone()[0]
            self._lock.write(f"{holder} epoch {epoch}\n")
            self._head = self._read_head(epoch)
        except sqlite3.Error as error:
            self.close()
            raise JournalIsUnfit(f"{self.path} cannot be opened: {error}") from error
        except BaseException:
            self.close()
            raise
        return self._head

    def append(self, row: Row) -> None:
        """Commit the row together with a look at the epoch."""
        if self._stopped:
            raise Ambiguous(f"the journal stopped before: {self._stopped}")
        check_next(self._head, row)
        assert self._writer is not None
        if not self._lock.held:
            self._lock.take()  # after a take-over, as soon as the old holder has gone
        try:
            added = self._writer.execute(_APPEND, (*self._packing.stored(row), row.epoch)).rowcount
            if not added:
                epoch = self._writer.execute("SELECT epoch FROM journal_epoch WHERE id = 1").fetchone()[0]
                raise Fenced(f"epoch {epoch} has been taken, this is {row.epoch}")
        except Fenced as error:
            self._stopped = error
            raise
        except BaseException as error:
            self._stopped = Ambiguous(f"row {row.seq}: {error}")
            raise self._stopped from error
        self._head = head_after(row)

    def read(self, after_seq: int, *, limit: int) -> list[Row]:
        """Give committed rows after `after_seq`."""
        query = f"SELECT {COLUMNS} FROM journal WHERE seq > ? ORDER BY seq LIMIT ?"
        with self._reading:
            rows, weight = [], 0
            for found in self._read_connection().execute(query, (after_seq, limit)):
                rows.append(self._unpacking.row(found))
                weight += len(rows[-1].body)
                if weight >= BODY_BYTES_MAX:
                    break
            return rows

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot: part by part, closed by its head row; older ones than the newest two go."""
        check_snapshot(snapshot)
        connection = connect(self.path)
        try:
            self._drop_snapshot(connection, snapshot.seq)
            count, parts = 0, parts_of(snapshot)
            while some := [(snapshot.seq, *part) for part in islice(parts, PARTS_AT_ONCE)]:
                with immediate(connection):
                    connection.executemany("INSERT INTO snapshot VALUES (?, ?, ?, ?, ?)", some)
                count += len(some)
            head = (snapshot.seq, snapshot.state_hash, count)
            connection.execute("INSERT INTO snapshot_head VALUES (?, ?, ?)", head)
            for seq in too_many(self.snapshot_seqs()):
                self._drop_snapshot(connection, seq)
        finally:
            connection.close()

    def latest_snapshot(self, at_most_seq: int | None = None) -> Snapshot | None:
        """Give the newest whole snapshot, checked against its hash."""
        newest = "SELECT seq, state_hash, parts FROM snapshot_head WHERE seq <= ? ORDER BY seq DESC LIMIT 1"
        parts = "SELECT place, section, part, bytes FROM snapshot WHERE seq = ? ORDER BY place, part"
        with self._reading:
            connection = self._read_connection()
            bound = (1 << 63) - 1 if at_most_seq is None else at_most_seq
            head = connection.execute(newest, (bound,)).fetchone()
            if head is None:
                return None
            seq, state_hash, count = head
            return join_parts(seq, state_hash, count, connection.execute(parts, (seq,)))

    def snapshot_seqs(self) -> list[int]:
        """List the seqs of the whole snapshots."""
        with self._reading:
            found = self._read_connection().execute("SELECT seq FROM snapshot_head ORDER BY seq")
            return [seq for (seq,) in found]

    def close(self) -> None:
        """Close the connections and give up the lock."""
        with self._reading:
            for connection in (self._reader, self._writer):
                if connection is not None:
                    connection.close()
            self._reader = self._writer = self._head = None
        self._lock.release()

    def _read_connection(self) -> sqlite3.Connection:
        """Give the reading connection, made at first use; a file that is not there is not made."""
        if self._reader is None:
            address = f"{self.path.absolute().as_uri()}?mode=rw"
            try:
                self._reader = sqlite3.connect(
                    address, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
                )
                self._reader.execute("PRAGMA query_only = 1")
            except sqlite3.Error as error:
                raise JournalIsUnfit(f"{self.path} cannot be read: {error}") from error
        return self._reader

    def _read_head(self, epoch: int) -> Head:
        """Give the head in `epoch`; the last row must fit its own hash."""
        assert self._writer is not None
        found = self._writer.execute(f"SELECT {COLUMNS} FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
        if found is None:
            return Head(0, NO_HASH, epoch, 0)
        last = self._unpacking.row(found)
        if last.epoch >= epoch:
            raise CorruptJournal(last.seq, f"epoch {last.epoch} is not below {epoch}")
        verify_chain([last], after=Head(last.seq - 1, last.prev_hash, last.epoch, last.time_first - 1))
        return Head(last.seq, last.hash, epoch, last.time_last)

    def _drop_snapshot(self, connection: sqlite3.Connection, seq: int) -> None:
        """Delete one snapshot, its head first, its parts in small transactions."""
        connection.execute("DELETE FROM snapshot_head WHERE seq = ?", (seq,))
        parts = connection.execute("SELECT place, part FROM snapshot WHERE seq = ?", (seq,)).fetchall()
        for place, part in parts:
            connection.execute(
                "DELETE FROM snapshot WHERE seq = ? AND place = ? AND part = ?", (seq, place, part)
            )
