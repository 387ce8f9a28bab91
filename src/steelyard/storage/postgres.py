"""The journal in PostgreSQL 15 or newer: one raw connection, checked at start, fenced by an epoch.

The session's advisory lock keeps a second start out; the epoch row, locked FOR SHARE in the transaction
of every append, keeps out whoever was taken over. What a clean commit is, `primary.py` decides.
"""

import time
from contextlib import suppress
from hashlib import sha256
from threading import RLock
from typing import Any

import psycopg
from psycopg import Connection

from steelyard.storage.bodies import COLUMNS, Bodies
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
from steelyard.storage.primary import Primary, Profile, connect
from steelyard.storage.snapshots import join_parts, parts_of, too_many

LOCK_KEY = int.from_bytes(sha256(b"steelyard.journal").digest()[:8], "big", signed=True)

SCHEMA = """
CREATE TABLE IF NOT EXISTS journal (
  seq bigint PRIMARY KEY, prev_hash bytea NOT NULL UNIQUE, hash bytea NOT NULL, epoch bigint NOT NULL,
  time_first bigint NOT NULL, time_last bigint NOT NULL, count bigint NOT NULL, format integer NOT NULL,
  packing smallint NOT NULL, body bytea NOT NULL);
ALTER TABLE journal ALTER COLUMN body SET STORAGE EXTERNAL;
CREATE TABLE IF NOT EXISTS journal_epoch (
  id integer PRIMARY KEY CHECK (id = 1), epoch bigint NOT NULL, holder text NOT NULL,
  taken_at bigint NOT NULL);
INSERT INTO journal_epoch VALUES (1, 0, '', 0) ON CONFLICT DO NOTHING;
CREATE TABLE IF NOT EXISTS snapshot (
  seq bigint NOT NULL, place integer NOT NULL, section text NOT NULL, part integer NOT NULL,
  bytes bytea NOT NULL, PRIMARY KEY (seq, place, part));
ALTER TABLE snapshot ALTER COLUMN bytes SET STORAGE EXTERNAL;
CREATE TABLE IF NOT EXISTS snapshot_head (
  seq bigint PRIMARY KEY, state_hash bytea NOT NULL, parts integer NOT NULL);
"""
_INSERT = f"INSERT INTO journal ({COLUMNS}) VALUES (%s, %b, %b, %s, %s, %s, %s, %s, %s, %b)"
_EPOCH = "SELECT epoch, pg_backend_pid() FROM journal_epoch WHERE id = 1 FOR SHARE"


class PostgresJournal:
    """The journal at a PostgreSQL address. Appends come from one thread; reads use their own connection."""

    def __init__(self, address: str, *, profile: Profile = "single") -> None:
        self.address = address
        self.profile = profile
        self._reading = RLock()
        self._reader: Connection[tuple[Any, ...]] | None = None
        self._primary: Primary | None = None
        self._locked = False
        self._head: Head | None = None
        self._stopped: Exception | None = None
        self._packing, self._unpacking = Bodies(), Bodies()

    def open(self, holder: str, *, take_over: bool = False) -> Head:
        """Check the server, take the advisory lock and the next epoch, then read the tail."""
        try:
            self._primary = Primary(self.address, self.profile)
            line = self._primary.connection
            self._locked = _try_lock(line)
            if not self._locked and not take_over:
                raise JournalIsHeld(f"another session holds the journal (last opened by {_holder(line)})")
            _create(line)
            raised = "UPDATE journal_epoch SET epoch = epoch + 1, holder = %s, taken_at = %s RETURNING epoch"
            self._primary.begin()
            epoch = line.execute(raised, (holder, time.time_ns())).fetchone()
            self._primary.commit()
            self._head = self._read_head(line, epoch[0] if epoch else 0)
        except psycopg.Error as error:
            self.close()
            raise JournalIsUnfit(f"the journal cannot be opened: {error}") from error
        except BaseException:
            self.close()
            raise
        return self._head

    def append(self, row: Row) -> None:
        """Commit the row in one transaction with the epoch locked FOR SHARE."""
        if self._stopped:
            raise Ambiguous(f"the journal stopped before: {self._stopped}")
        check_next(self._head, row)
        assert self._primary is not None
        try:
            self._commit(self._primary, row)
        except Fenced as error:
            self._stopped = error
            with suppress(psycopg.Error):
                self._primary.connection.execute("ROLLBACK")
            raise
        except BaseException as error:
            self._stopped = Ambiguous(f"row {row.seq}: {error}")
            with suppress(psycopg.Error):
                self._primary.close()
            raise self._stopped from error
        self._head = head_after(row)

    def read(self, after_seq: int, *, limit: int) -> list[Row]:
        """Give committed rows after `after_seq`, from the primary."""
        query = f"SELECT {COLUMNS} FROM journal WHERE seq > %s ORDER BY seq LIMIT %s"
        with self._reading:
            rows: list[Row] = []
            weight, step = (
                0,
                1,
            )  # bodies are weighed as we go: the client would fetch all of one query at once
            while len(rows) < limit and weight < BODY_BYTES_MAX:
                cursor = self._read_connection().cursor(binary=True)
                want = min(step, limit - len(rows))
                found = cursor.execute(query, (after_seq, want)).fetchall()
                more = [self._unpacking.row(each) for each in found]
                rows += more
                if len(found) < want:
                    break
                after_seq = rows[-1].seq
                weight += sum(len(row.body) for row in more)
                mean = max(weight // len(rows), 1)
                step = max(1, min(1000, (BODY_BYTES_MAX - weight) // (4 * mean)))
            return rows

    def save_snapshot(self, snapshot: Snapshot) -> None:
        """Keep a snapshot in one transaction of its own connection; old ones go, the newest two stay."""
        check_snapshot(snapshot)
        with connect(self.address) as connection:
            connection.execute("SET synchronous_commit = on")
            with connection.transaction(), connection.cursor() as cursor:
                for table in ("snapshot", "snapshot_head"):
                    cursor.execute(f"DELETE FROM {table} WHERE seq = %s", (snapshot.seq,))
                count = 0
                for place, name, part, packed in parts_of(snapshot):
                    row = (snapshot.seq, place, name, part, packed)
                    cursor.execute("INSERT INTO snapshot VALUES (%s, %s, %s, %s, %b)", row)
                    count += 1
                head = (snapshot.seq, snapshot.state_hash, count)
                cursor.execute("INSERT INTO snapshot_head VALUES (%s, %b, %s)", head)
                old = too_many([seq for (seq,) in cursor.execute("SELECT seq FROM snapshot_head").fetchall()])
                for table in ("snapshot", "snapshot_head"):
                    cursor.execute(f"DELETE FROM {table} WHERE seq = ANY(%s)", (old,))

    def latest_snapshot(self, at_most_seq: int | None = None) -> Snapshot | None:
        """Give the newest whole snapshot, checked against its hash."""
        newest = "SELECT seq, state_hash, parts FROM snapshot_head WHERE seq <= %s ORDER BY seq DESC LIMIT 1"
        parts = "SELECT place, section, part, bytes FROM snapshot WHERE seq = %s ORDER BY place, part"
        with self._reading:
            bound = (1 << 63) - 1 if at_most_seq is None else at_most_seq
            cursor = self._read_connection().cursor(binary=True)
            head = cursor.execute(newest, (bound,)).fetchone()
            if head is None:
                return None
            seq, state_hash, count = head
            return join_parts(seq, state_hash, count, iter(cursor.execute(parts, (seq,)).fetchall()))

    def snapshot_seqs(self) -> list[int]:
        """List the seqs of the whole snapshots."""
        with self._reading:
            found = self._read_connection().execute("SELECT seq FROM snapshot_head ORDER BY seq").fetchall()
            return [seq for (seq,) in found]

    def close(self) -> None:
        """Give the advisory lock back, so that nobody waits for the server to notice, and close the connections."""
        with self._reading:
            if self._locked and self._primary is not None:
                with suppress(psycopg.Error):
                    _unlock(self._primary.connection)
            for connection in (self._reader, self._primary):
                if connection is not None:
                    connection.close()
            self._reader = self._primary = self._head = None
            self._locked = False

    def _commit(self, primary: Primary, row: Row) -> None:
        """Do the transaction of one append; anything unclean raises."""
        line = primary.connection
        if not self._locked:
            self._locked = _try_lock(line)  # after a take-over, once the old session has ended
        primary.begin()
        found = line.execute(_EPOCH).fetchone()
        if found is None or found[1] != line.info.backend_pid:
            raise Ambiguous("the backend changed under the session")
        if found[0] != row.epoch:
            raise Fenced(f"epoch {found[0]} has been taken, this is {row.epoch}")
        if line.execute(_INSERT, self._packing.stored(row)).rowcount != 1:
            raise Ambiguous("not exactly one row was written")
        primary.commit()

    def _read_connection(self) -> Connection[tuple[Any, ...]]:
        """Give the reading connection, made at first use and again when it was lost."""
        if self._reader is None or self._reader.closed:
            self._reader = connect(self.address)
        return self._reader

    def _read_head(self, line: Connection[tuple[Any, ...]], epoch: int) -> Head:
        """Give the head in `epoch`; the last row must fit its own hash."""
        query = f"SELECT {COLUMNS} FROM journal ORDER BY seq DESC LIMIT 1"
        found = line.cursor(binary=True).execute(query).fetchone()
        if found is None:
            return Head(0, NO_HASH, epoch, 0)
        last = self._unpacking.row(found)
        if last.epoch >= epoch:
            raise CorruptJournal(last.seq, f"epoch {last.epoch} is not below {epoch}")
        verify_chain([last], after=Head(last.seq - 1, last.prev_hash, last.epoch, last.time_first - 1))
        return Head(last.seq, last.hash, epoch, last.time_last)


def _unlock(line: Connection[tuple[Any, ...]]) -> None:
    """Give the session's advisory lock back."""
    line.execute("SELECT pg_advisory_unlock(%s)", (LOCK_KEY,))


def _try_lock(line: Connection[tuple[Any, ...]]) -> bool:
    """Try to take the session's advisory lock."""
    found = line.execute("SELECT pg_try_advisory_lock(%s)", (LOCK_KEY,)).fetchone()
    return bool(found and found[0])


def _holder(line: Connection[tuple[Any, ...]]) -> str:
    """Give the name the last epoch was taken under, for the message."""
    with suppress(psycopg.Error):
        found = line.execute("SELECT holder FROM journal_epoch").fetchone()
        return str(found[0]) if found else "nobody"
    return "nobody"


def _create(line: Connection[tuple[Any, ...]]) -> None:
    """Make the tables where they are missing; an existing journal is not touched."""
    found = line.execute("SELECT to_regclass('journal'), to_regclass('snapshot_head')").fetchone()
    if found is None or None in found:
        line.execute(SCHEMA)
