"""Evidence in PostgreSQL, under the journal's own rule: durable where the standby is, or `Ambiguous`."""

from collections.abc import Iterable, Sequence
from threading import Lock
from typing import Any

import psycopg
from msgspec.structs import astuple

from steelyard.storage.evidence import Brought, EvidenceItem, Kept, repeats
from steelyard.storage.journal import Ambiguous, JournalIsUnfit
from steelyard.storage.primary import Primary, Profile

SCHEMA = """
CREATE TABLE IF NOT EXISTS evidence (
  number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, digest bytea NOT NULL UNIQUE, kind text NOT NULL,
  codec smallint NOT NULL, data bytea NOT NULL, at_ns bigint NOT NULL, command bytea NOT NULL,
  sender text NOT NULL);
CREATE TABLE IF NOT EXISTS evidence_again (
  number bigint NOT NULL, sender text NOT NULL, kind text NOT NULL, at_ns bigint NOT NULL,
  command bytea NOT NULL, PRIMARY KEY (number, sender));
ALTER TABLE evidence ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE TABLE IF NOT EXISTS evidence_forgotten (number bigint PRIMARY KEY, reason text NOT NULL);
"""
_PUT = """
INSERT INTO evidence (digest, kind, codec, data, at_ns, command, sender)
SELECT * FROM unnest(
  %b::bytea[], %s::text[], %s::smallint[], %b::bytea[], %s::bigint[], %b::bytea[], %s::text[])
ON CONFLICT (digest) DO NOTHING
"""
_REPEATS = "unnest(%b::bytea[], %s::text[], %s::text[], %s::bigint[], %b::bytea[])"
_COMMAND = f"""
UPDATE evidence e SET command = r.command FROM {_REPEATS} r (digest, sender, kind, at_ns, command)
WHERE e.digest = r.digest AND e.sender = r.sender AND e.command = ''::bytea
"""
_AGAIN = f"""
INSERT INTO evidence_again AS a (number, sender, kind, at_ns, command)
SELECT number, r.sender, r.kind, r.at_ns, r.command
FROM evidence e JOIN {_REPEATS} r (digest, sender, kind, at_ns, command) USING (digest)
WHERE e.sender <> r.sender
ON CONFLICT (number, sender) DO UPDATE SET command = excluded.command WHERE a.command = ''::bytea
"""
_OTHERS = """
SELECT number, sender, kind, at_ns, command FROM evidence_again
WHERE number BETWEEN %s AND %s ORDER BY number, sender COLLATE "C"
"""
_LOOK = """
SELECT e.number, coalesce(reason, ''), digest, kind, codec, data, at_ns, command, sender
FROM evidence e LEFT JOIN evidence_forgotten f ON f.number = e.number
"""


class PostgresEvidence:
    """The store at an address. Threads take turns on one connection."""

    def __init__(self, address: str, *, profile: Profile = "single") -> None:
        self._turn = Lock()
        try:
            self._primary = Primary(address, profile)
            line = self._primary.connection
            if line.execute("SELECT to_regclass('evidence_again')").fetchone() == (None,):
                line.execute(SCHEMA)
        except psycopg.Error as error:
            raise JournalIsUnfit(f"the evidence cannot be opened: {error}") from error

    def put(self, items: Sequence[EvidenceItem]) -> None:
        """Commit all items in one transaction."""
        if not items:
            return
        columns = [list(column) for column in zip(*map(astuple, items), strict=True)]
        with self._turn:
            try:
                self._primary.begin()
                put = self._primary.connection.execute(_PUT, columns).rowcount
                if put < len(items):
                    self._add_senders(items)
                self._primary.commit()
            except (psycopg.Error, Ambiguous) as error:
                self._primary.close()
                raise Ambiguous(f"evidence: {error}") from error

    def look(self, digest: bytes) -> Kept | None:
        """Give the item of a digest."""
        found = self._ask(f"{_LOOK} WHERE digest = %b", (digest,))
        return found[0] if found else None

    def forget(self, digest: bytes, reason: str) -> bool:
        """Delete the bytes of an item and keep the reason; the server's vacuum frees the space."""
        with self._turn:
            line = self._primary.connection
            self._primary.begin()
            wiped = "UPDATE evidence SET data = ''::bytea, codec = 0 WHERE digest = %b RETURNING number"
            found = line.execute(wiped, (digest,)).fetchone()
            if found:
                why = "INSERT INTO evidence_forgotten VALUES (%s, %s) ON CONFLICT DO NOTHING"
                line.execute(why, (found[0], reason))
            self._primary.commit()
            return found is not None

    def missing(self, digests: Iterable[bytes]) -> list[bytes]:
        """Give the digests that are not here."""
        asked = list(digests)
        absent: list[bytes] = []
        for start in range(0, len(asked), 10_000):
            some = asked[start : start + 10_000]
            query = "SELECT digest FROM evidence WHERE digest = ANY(%b::bytea[])"
            with self._turn:
                cursor = self._primary.connection.cursor(binary=True)
                here = {row[0] for row in cursor.execute(query, (some,)).fetchall()}
            absent += [digest for digest in some if digest not in here]
        return absent

    def items(self, after: int = 0, *, limit: int = 1000) -> list[Kept]:
        """Give items in order."""
        return self._ask(f"{_LOOK} WHERE e.number > %s ORDER BY e.number LIMIT %s", (after, limit))

    def close(self) -> None:
        """Close the line."""
        with self._turn:
            self._primary.close()

    def _add_senders(self, items: Sequence[EvidenceItem]) -> None:
        """Write down who sent bytes that were here already."""
        rows = [(one.digest, one.sender, one.kind, one.at_ns, one.command) for one in repeats(items)]
        if rows:
            columns = [list(column) for column in zip(*rows, strict=True)]
            self._primary.connection.execute(_COMMAND, columns)
            self._primary.connection.execute(_AGAIN, columns)

    def _ask(self, query: str, values: tuple[Any, ...]) -> list[Kept]:
        """Give the items of a query in order of number, each with its other senders."""
        others: dict[int, list[Brought]] = {}
        with self._turn:
            cursor = self._primary.connection.cursor(binary=True)
            found = cursor.execute(query, values).fetchall()
            if found:
                for number, *row in cursor.execute(_OTHERS, (found[0][0], found[-1][0])).fetchall():
                    others.setdefault(number, []).append(Brought(*row))
        return [
            Kept(number, EvidenceItem(*columns), reason, tuple(others.get(number, ())))
            for number, reason, *columns in found
        ]
