"""Evidence in one SQLite file of its own, beside the journal.

Digests are random, so an index over them in full would cost more than many an item: the index holds the
first 8 bytes as a number, and the row settles the rest. Forgotten bytes are overwritten, in the log too.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock

from steelyard.storage.evidence import EvidenceItem, Kept
from steelyard.storage.journal import Ambiguous
from steelyard.storage.sqlite import connect, immediate

PAGE_BYTES = 4096
ASKED_AT_ONCE = 500

SCHEMA = """
CREATE TABLE IF NOT EXISTS evidence (
  number INTEGER PRIMARY KEY, head INTEGER NOT NULL, digest BLOB NOT NULL, kind TEXT NOT NULL,
  codec INTEGER NOT NULL, data BLOB NOT NULL, at_ns INTEGER NOT NULL, command BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS evidence_head ON evidence (head);
CREATE TABLE IF NOT EXISTS evidence_forgotten (number INTEGER PRIMARY KEY, reason TEXT NOT NULL);
"""
_PUT = """
INSERT INTO evidence (head, digest, kind, codec, data, at_ns, command)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE NOT EXISTS (SELECT 1 FROM evidence WHERE head = ?1 AND digest = ?2)
"""
_WIPE = "UPDATE evidence SET data = x'', codec = 0 WHERE head = ? AND digest = ? RETURNING number"
_LOOK = """
SELECT e.number, digest, kind, codec, data, at_ns, command, coalesce(reason, '')
FROM evidence e LEFT JOIN evidence_forgotten f ON f.number = e.number
"""


def head_of(digest: bytes) -> int:
    """Give the first 8 bytes of a digest as SQLite's signed number."""
    return int.from_bytes(digest[:8], "big", signed=True)


class SqliteEvidence:
    """The store in `path`. Only one process may put; threads take turns."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        self._turn = Lock()
        self._connection = connect(self.path, page_bytes=PAGE_BYTES)
        self._connection.executescript(SCHEMA)
        self._connection.execute("PRAGMA secure_delete = ON")

    def put(self, items: Sequence[EvidenceItem]) -> None:
        """Commit all items in one transaction."""
        rows = [(head_of(i.digest), i.digest, i.kind, i.codec, i.data, i.at_ns, i.command) for i in items]
        if not rows:
            return
        with self._turn:
            try:
                with immediate(self._connection):
                    self._connection.executemany(_PUT, rows)
            except sqlite3.Error as error:
                raise Ambiguous(f"{self.path}: {error}") from error

    def look(self, digest: bytes) -> Kept | None:
        """Give the item of a digest."""
        query = f"{_LOOK} WHERE head = ? AND digest = ?"
        with self._turn:
            found = self._connection.execute(query, (head_of(digest), digest)).fetchone()
        return _kept(found) if found else None

    def forget(self, digest: bytes, reason: str) -> bool:
        """Overwrite the bytes of an item and write the reason down."""
        with self._turn:
            with immediate(self._connection):
                found = self._connection.execute(_WIPE, (head_of(digest), digest)).fetchone()
                if found:
                    why = "INSERT OR IGNORE INTO evidence_forgotten VALUES (?, ?)"
                    self._connection.execute(why, (found[0], reason))
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return found is not None

    def missing(self, digests: Iterable[bytes]) -> list[bytes]:
        """Give the digests that are not here."""
        asked = list(digests)
        absent: list[bytes] = []
        for start in range(0, len(asked), ASKED_AT_ONCE):
            some = asked[start : start + ASKED_AT_ONCE]
            marks = ",".join("?" * len(some))
            query = f"SELECT digest FROM evidence WHERE head IN ({marks})"
            with self._turn:
                here = {row[0] for row in self._connection.execute(query, [head_of(each) for each in some])}
            absent += [digest for digest in some if digest not in here]
        return absent

    def items(self, after: int = 0, *, limit: int = 1000) -> list[Kept]:
        """Give items in order."""
        query = f"{_LOOK} WHERE e.number > ? ORDER BY e.number LIMIT ?"
        with self._turn:
            return [_kept(found) for found in self._connection.execute(query, (after, limit))]

    def close(self) -> None:
        """Close the file."""
        with self._turn:
            self._connection.close()


def _kept(found: tuple[int, bytes, str, int, bytes, int, bytes, str]) -> Kept:
    number, digest, kind, codec, data, at_ns, command, reason = found
    return Kept(number, EvidenceItem(digest, kind, codec, data, at_ns, command), reason)
