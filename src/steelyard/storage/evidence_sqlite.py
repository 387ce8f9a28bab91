"""Evidence in one SQLite file of its own, beside the journal.

Digests are random, so an index over them in full would cost more than many an item: the index holds the
first 8 bytes as a number, and the row settles the rest. Forgotten bytes are overwritten, in the log too.
The first sender stands in the item's own row, so that bytes which come once, as nearly all do, cost one row.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any

from msgspec.structs import astuple

from steelyard.storage.evidence import Brought, EvidenceItem, Kept, repeats
from steelyard.storage.journal import Ambiguous
from steelyard.storage.sqlite import connect, immediate

PAGE_BYTES = 4096
ASKED_AT_ONCE = 500

SCHEMA = """
CREATE TABLE IF NOT EXISTS evidence (
  number INTEGER PRIMARY KEY, head INTEGER NOT NULL, digest BLOB NOT NULL, kind TEXT NOT NULL,
  codec INTEGER NOT NULL, data BLOB NOT NULL, at_ns INTEGER NOT NULL, command BLOB NOT NULL,
  sender TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS evidence_head ON evidence (head);
CREATE TABLE IF NOT EXISTS evidence_again (
  number INTEGER NOT NULL, sender TEXT NOT NULL, kind TEXT NOT NULL, at_ns INTEGER NOT NULL,
  command BLOB NOT NULL, PRIMARY KEY (number, sender)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS evidence_forgotten (number INTEGER PRIMARY KEY, reason TEXT NOT NULL);
"""
_PUT = """
INSERT INTO evidence (head, digest, kind, codec, data, at_ns, command, sender)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8
WHERE NOT EXISTS (SELECT 1 FROM evidence WHERE head = ?1 AND digest = ?2)
"""
_COMMAND = """
UPDATE evidence SET command = ?6 WHERE head = ?1 AND digest = ?2 AND sender = ?3 AND command = x''
"""
_AGAIN = """
INSERT INTO evidence_again (number, sender, kind, at_ns, command)
SELECT number, ?3, ?4, ?5, ?6 FROM evidence WHERE head = ?1 AND digest = ?2 AND sender <> ?3
ON CONFLICT DO UPDATE SET command = excluded.command WHERE command = x''
"""
_OTHERS = """
SELECT number, sender, kind, at_ns, command FROM evidence_again
WHERE number BETWEEN ? AND ? ORDER BY number, sender
"""
_WIPE = "UPDATE evidence SET data = x'', codec = 0 WHERE head = ? AND digest = ? RETURNING number"
_LOOK = """
SELECT e.number, coalesce(reason, ''), digest, kind, codec, data, at_ns, command, sender
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
        rows = [(head_of(item.digest), *astuple(item)) for item in items]
        if not rows:
            return
        with self._turn:
            try:
                with immediate(self._connection):
                    put = self._connection.executemany(_PUT, rows).rowcount
                    if put < len(rows):
                        self._add_senders(items)
            except sqlite3.Error as error:
                raise Ambiguous(f"{self.path}: {error}") from error

    def look(self, digest: bytes) -> Kept | None:
        """Give the item of a digest."""
        found = self._ask(f"{_LOOK} WHERE head = ? AND digest = ?", (head_of(digest), digest))
        return found[0] if found else None

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
        return self._ask(f"{_LOOK} WHERE e.number > ? ORDER BY e.number LIMIT ?", (after, limit))

    def close(self) -> None:
        """Close the file."""
        with self._turn:
            self._connection.close()

    def _add_senders(self, items: Sequence[EvidenceItem]) -> None:
        """Write down who sent bytes that were here already."""
        again = [
            (head_of(one.digest), one.digest, one.sender, one.kind, one.at_ns, one.command)
            for one in repeats(items)
        ]
        self._connection.executemany(_COMMAND, again)
        self._connection.executemany(_AGAIN, again)

    def _ask(self, query: str, values: tuple[Any, ...]) -> list[Kept]:
        """Give the items of a query in order of number, each with its other senders."""
        others: dict[int, list[Brought]] = {}
        with self._turn:
            found = self._connection.execute(query, values).fetchall()
            if found:
                for number, *row in self._connection.execute(_OTHERS, (found[0][0], found[-1][0])):
                    others.setdefault(number, []).append(Brought(*row))
        return [
            Kept(number, EvidenceItem(*columns), reason, tuple(others.get(number, ())))
            for number, reason, *columns in found
        ]
