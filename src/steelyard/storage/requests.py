"""The gateways' common table of idempotency keys: which request came under which key, and its answer.

A key is claimed before its command is handed on, in one statement, so of two gateways that get the same
key at once one wins and the other learns what the first was given. The answer is added when there is one;
without it the request is still running, or its gateway fell: sending again under the claimed command id is
safe either way.
"""

from collections.abc import Sequence

from msgspec import Struct

from steelyard.storage.compression import compress, decompress
from steelyard.storage.database import Database

_COLUMNS = "command_id, request_digest, created_at, expires_at, status, content_type, codec, body"


class Asked(Struct, frozen=True):
    """What is known of a key. `status` is 0 while there is no answer."""

    command_id: bytes
    request_digest: bytes
    created_at: int
    expires_at: int
    status: int
    content_type: str
    body: bytes


class Answered(Struct, frozen=True):
    """An answer to remember for a key."""

    owner: str
    key_digest: bytes
    status: int
    content_type: str
    body: bytes


class Requests:
    """Keys by (owner, SHA-256 of the key)."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim(
        self,
        owner: str,
        key_digest: bytes,
        *,
        command_id: bytes,
        request_digest: bytes,
        at: int,
        expires_at: int,
    ) -> Asked | None:
        """Claim a key for a request: None when it is ours now (durable), else what was there before.

        A key past its time is free again.
        """
        with self._database.writing() as tables:
            tables.run(
                "DELETE FROM idempotency WHERE owner = ? AND key_digest = ? AND expires_at <= ?",
                (owner, key_digest, at),
            )
            claimed = tables.run(
                "INSERT INTO idempotency (owner, key_digest, command_id, request_digest, created_at, expires_at)"
                " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING RETURNING 1",
                (owner, key_digest, command_id, request_digest, at, expires_at),
            )
        return None if claimed else self.look(owner, key_digest)

    def look(self, owner: str, key_digest: bytes) -> Asked | None:
        """Give what is known of a key."""
        query = f"SELECT {_COLUMNS} FROM idempotency WHERE owner = ? AND key_digest = ?"
        found = self._database.one(query, (owner, key_digest))
        if found is None:
            return None
        command_id, request_digest, created_at, expires_at, status, content_type, codec, body = found
        answer = decompress(codec, body or b"")
        return Asked(command_id, request_digest, created_at, expires_at, status, content_type, answer)

    def answer(self, answers: Sequence[Answered]) -> None:
        """Remember answers, several in one transaction; the first answer to a key stays."""
        rows = []
        for each in answers:
            codec, body = compress("answer", each.body)
            rows.append((each.status, each.content_type, codec, body, each.owner, each.key_digest))
        with self._database.writing() as tables:
            tables.run_many(
                "UPDATE idempotency SET status = ?, content_type = ?, codec = ?, body = ?"
                " WHERE owner = ? AND key_digest = ? AND status = 0",
                rows,
            )

    def rest(self, owner: str, key_digest: bytes) -> None:
        """Note that nobody works on a request any more, though it has no answer: whoever asks goes on with it.

        The key stays claimed, and with it the command id.
        """
        with self._database.writing() as tables:
            tables.run(
                "UPDATE idempotency SET created_at = 0 WHERE owner = ? AND key_digest = ? AND status = 0",
                (owner, key_digest),
            )

    def release(self, owner: str, key_digest: bytes) -> None:
        """Give a key back whose request was never recorded (refused at the door, busy)."""
        with self._database.writing() as tables:
            tables.run(
                "DELETE FROM idempotency WHERE owner = ? AND key_digest = ? AND status = 0",
                (owner, key_digest),
            )

    def drop_expired(self, at: int, *, limit: int = 1000) -> int:
        """Delete up to `limit` keys past their time; gives how many."""
        old = "SELECT owner, key_digest FROM idempotency WHERE expires_at <= ? ORDER BY expires_at LIMIT ?"
        with self._database.writing() as tables:
            gone = tables.run(old, (at, limit))
            tables.run_many("DELETE FROM idempotency WHERE owner = ? AND key_digest = ?", gone)
        return len(gone)
