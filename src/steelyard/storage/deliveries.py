"""What is still to deliver, to whom and when next; and the endpoints that participants gave.

A delivery is an outbox item on one channel. Only open and parked ones are rows: what was acknowledged goes,
and whatever the cursor has passed without a row is done. Losing the table means sending again, never not
at all. Of one channel, recipient and subject only the oldest open item is due; a parked one lets the next
go, so one bad item never holds up more than itself.
"""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple

from steelyard.storage.database import Database

OPEN, PARKED = "open", "parked"

Id = tuple[int, int, int]
"""(seq, position, n) of an outbox item."""


class Delivery(Struct, frozen=True):
    """One item on one channel."""

    seq: int
    position: int
    n: int
    channel: str
    recipient: str
    subject: bytes
    kind: str
    state: str = OPEN
    attempts: int = 0
    made_at: int = 0
    next_at: int = 0
    body_hash: bytes = b""

    @property
    def id(self) -> Id:
        """The item's id."""
        return self.seq, self.position, self.n


class Attempt(Struct, frozen=True):
    """One try to deliver: the status that came back (0 for none), how long it took, the answer's start."""

    seq: int
    position: int
    n: int
    channel: str
    attempt: int
    at: int
    status: int
    took_ms: int
    answer: str


class Endpoint(Struct, frozen=True):
    """Where a participant wants its events. The secrets are as the caller encrypted them."""

    id: str
    owner: str
    url: str
    types: tuple[str, ...]
    label: str = ""
    state: str = "active"
    secret: bytes = b""
    secret_before: bytes = b""
    thin: bool = False
    created_at: int = 0
    changed_at: int = 0


_DELIVERY = (
    "seq, position, n, channel, recipient, subject, kind, state, attempts, made_at, next_at, body_hash"
)
_ATTEMPT = "seq, position, n, channel, attempt, at, status, took_ms, answer"
_ENDPOINT = "id, owner, url, types, label, state, secret, secret_before, thin, created_at, changed_at"
_THIS = "seq = ? AND position = ? AND n = ? AND channel = ?"
_DUE = f"""
SELECT {_DELIVERY} FROM delivery d WHERE state = 'open' AND next_at <= ? AND NOT EXISTS (
  SELECT 1 FROM delivery e WHERE e.channel = d.channel AND e.recipient = d.recipient AND e.subject = d.subject
  AND e.state = 'open' AND (e.seq, e.position, e.n) < (d.seq, d.position, d.n))
ORDER BY next_at, seq, position, n LIMIT ?
"""


class Deliveries:
    """The state of every delivery that is not done."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def cursor(self, channel: str) -> Id:
        """Give the last item that the channel has taken over; (0, 0, 0) for none."""
        found = self._database.one("SELECT seq, position, n FROM outbox_cursor WHERE channel = ?", (channel,))
        return (found[0], found[1], found[2]) if found else (0, 0, 0)

    def take(self, channel: str, items: Sequence[Delivery], cursor: Id) -> None:
        """Take over items up to `cursor`, both in one transaction; those known already stay as they are."""
        marks = ", ".join("?" * 12)
        with self._database.writing() as tables:
            tables.run_many(
                f"INSERT INTO delivery ({_DELIVERY}) VALUES ({marks}) ON CONFLICT DO NOTHING",
                map(astuple, items),
            )
            tables.run(
                "INSERT INTO outbox_cursor (channel, seq, position, n) VALUES (?, ?, ?, ?) ON CONFLICT (channel)"
                " DO UPDATE SET seq = excluded.seq, position = excluded.position, n = excluded.n",
                (channel, *cursor),
            )

    def due(self, at: int, *, limit: int = 100) -> list[Delivery]:
        """Give what may be sent now: the oldest open item of each channel, recipient and subject."""
        return [Delivery(*row) for row in self._database.all(_DUE, (at, limit))]

    def next_due(self) -> int | None:
        """Give the instant of the next try, or None where nothing is open."""
        found = self._database.one("SELECT min(next_at) FROM delivery WHERE state = 'open'")
        return found[0] if found else None

    def done(self, delivered: Sequence[Delivery]) -> None:
        """Say that items were acknowledged."""
        with self._database.writing() as tables:
            tables.run_many(
                f"DELETE FROM delivery WHERE {_THIS}", [(*each.id, each.channel) for each in delivered]
            )

    def again(self, delivery: Delivery, *, next_at: int, body_hash: bytes = b"") -> None:
        """Count a failed try and say when the next is; the hash of the first rendering is kept."""
        self._set(delivery, OPEN, next_at, body_hash)

    def park(self, delivery: Delivery) -> None:
        """Give up trying by ourselves; it waits for a hand."""
        self._set(delivery, PARKED, 0, b"")

    def resume(self, delivery: Delivery, *, next_at: int) -> None:
        """Open a parked item again."""
        with self._database.writing() as tables:
            tables.run(
                f"UPDATE delivery SET state = 'open', next_at = ? WHERE {_THIS}",
                (next_at, *delivery.id, delivery.channel),
            )

    def open_items(self, *, state: str = OPEN, limit: int = 1000) -> list[Delivery]:
        """List open or parked items, oldest first."""
        query = f"SELECT {_DELIVERY} FROM delivery WHERE state = ? ORDER BY seq, position, n LIMIT ?"
        return [Delivery(*row) for row in self._database.all(query, (state, limit))]

    def note(self, attempt: Attempt) -> None:
        """Keep a record of a try."""
        with self._database.writing() as tables:
            marks = ", ".join("?" * 9)
            tables.run(
                f"INSERT INTO delivery_attempt ({_ATTEMPT}) VALUES ({marks}) ON CONFLICT DO NOTHING",
                astuple(attempt),
            )

    def attempts(self, channel: str, *, limit: int = 100) -> list[Attempt]:
        """Give the newest tries of a channel."""
        query = f"SELECT {_ATTEMPT} FROM delivery_attempt WHERE channel = ? ORDER BY at DESC LIMIT ?"
        return [Attempt(*row) for row in self._database.all(query, (channel, limit))]

    def drop_attempts(self, before: int) -> None:
        """Delete records of tries before an instant."""
        with self._database.writing() as tables:
            tables.run("DELETE FROM delivery_attempt WHERE at < ?", (before,))

    def _set(self, delivery: Delivery, state: str, next_at: int, body_hash: bytes) -> None:
        with self._database.writing() as tables:
            tables.run(
                "UPDATE delivery SET state = ?, attempts = attempts + 1, next_at = ?,"
                f" body_hash = CASE WHEN length(body_hash) = 0 THEN ? ELSE body_hash END WHERE {_THIS}",
                (state, next_at, body_hash, *delivery.id, delivery.channel),
            )


class Webhooks:
    """The endpoints of participants."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, endpoint: Endpoint) -> None:
        """Keep an endpoint, in place of one with its id."""
        row: list[Any] = list(astuple(endpoint))
        row[3], row[8] = " ".join(endpoint.types), int(endpoint.thin)
        with self._database.writing() as tables:
            tables.run("DELETE FROM webhook_endpoint WHERE id = ?", (endpoint.id,))
            marks = ", ".join("?" * 11)
            tables.run(f"INSERT INTO webhook_endpoint ({_ENDPOINT}) VALUES ({marks})", row)

    def get(self, id: str) -> Endpoint | None:
        """Give an endpoint."""
        found = self._database.one(f"SELECT {_ENDPOINT} FROM webhook_endpoint WHERE id = ?", (id,))
        return _endpoint(found) if found else None

    def of(self, owner: str) -> list[Endpoint]:
        """Give an owner's endpoints, oldest first."""
        query = f"SELECT {_ENDPOINT} FROM webhook_endpoint WHERE owner = ? ORDER BY created_at, id"
        return [_endpoint(row) for row in self._database.all(query, (owner,))]

    def remove(self, id: str) -> bool:
        """Delete an endpoint; False where it is unknown."""
        with self._database.writing() as tables:
            return bool(tables.run("DELETE FROM webhook_endpoint WHERE id = ? RETURNING 1", (id,)))


def _endpoint(row: tuple[Any, ...]) -> Endpoint:
    fields = (*row[:3], tuple(row[3].split()), *row[4:8], bool(row[8]), *row[9:])
    return Endpoint(*fields)
