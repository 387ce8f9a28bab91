"""The access store: keys, log-ins, sessions, enrolments. Hashes only; whoever reads the file gets in nowhere.

Several gateway processes use it at once, so whatever may happen only once (a code, a TOTP step) is decided
by one statement in the database. Beside it, in the same tables: `requests` (idempotency keys of senders),
`webhooks` and `deliveries`.
"""

from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.structs import astuple

from steelyard.storage.database import Database, PostgresDatabase, Profile, SqliteDatabase
from steelyard.storage.deliveries import Deliveries, Webhooks
from steelyard.storage.migrate import migrate
from steelyard.storage.opening import is_postgres
from steelyard.storage.requests import Requests


class ApiKey(Struct, frozen=True):
    """A key of a script or a participant's system: `secret_hash` is SHA-256 of its secret.

    `scopes` and `addresses` (allowed networks, empty for any) are words; `revoked_at` is 0 while it holds.
    """

    id: str
    secret_hash: bytes
    owner: str
    holder: str
    scopes: tuple[str, ...]
    addresses: tuple[str, ...] = ()
    label: str = ""
    created_at: int = 0
    expires_at: int = 0
    revoked_at: int = 0

    def holds(self, at: int) -> bool:
        """Tell whether it may be used at an instant."""
        return not self.revoked_at and at < self.expires_at


class Login(Struct, frozen=True):
    """How a person of the staff logs in. `totp_secret` is as the caller encrypted it."""

    person: str
    owner: str
    password_hash: str
    totp_secret: bytes = b""
    totp_step: int = 0
    failures: int = 0
    paused_until: int = 0
    changed_at: int = 0


class Session(Struct, frozen=True):
    """A person's session; `id_hash` is SHA-256 of what the cookie holds."""

    id_hash: bytes
    person: str
    owner: str
    csrf: str
    address: str
    created_at: int
    seen_at: int
    stepped_up_at: int
    expires_at: int


class Enrolment(Struct, frozen=True):
    """A one-time code by which a person comes in first; `code_hash` is SHA-256 of it."""

    code_hash: bytes
    person: str
    owner: str
    created_at: int
    expires_at: int
    used_at: int = 0


_KEY = "id, secret_hash, owner, holder, scopes, addresses, label, created_at, expires_at, revoked_at"
_LOGIN = "person, owner, password_hash, totp_secret, totp_step, failures, paused_until, changed_at"
_SESSION = "id_hash, person, owner, csrf, address, created_at, seen_at, stepped_up_at, expires_at"
_ENROLMENT = "code_hash, person, owner, created_at, expires_at, used_at"


class Access:
    """Who may come in. `requests`, `webhooks` and `deliveries` share its tables."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.requests = Requests(database)
        self.webhooks = Webhooks(database)
        self.deliveries = Deliveries(database)

    def close(self) -> None:
        """Close the store."""
        self.database.close()

    def add_key(self, key: ApiKey) -> None:
        """Keep a new key; one of the same id is a fault."""
        row = (*astuple(key)[:4], " ".join(key.scopes), " ".join(key.addresses), *astuple(key)[6:])
        self._write(f"INSERT INTO api_key ({_KEY}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", row)

    def key(self, id: str) -> ApiKey | None:
        """Give a key by the id in its text, revoked or not."""
        found = self.database.one(f"SELECT {_KEY} FROM api_key WHERE id = ?", (id,))
        return _key(found) if found else None

    def keys(self, owner: str) -> list[ApiKey]:
        """Give an owner's keys, oldest first."""
        found = self.database.all(
            f"SELECT {_KEY} FROM api_key WHERE owner = ? ORDER BY created_at, id", (owner,)
        )
        return [_key(row) for row in found]

    def revoke_key(self, id: str, at: int) -> bool:
        """Revoke a key for good; False where it is unknown or revoked already."""
        return bool(
            self._write(
                "UPDATE api_key SET revoked_at = ? WHERE id = ? AND revoked_at = 0 RETURNING id", (at, id)
            )
        )

    def put_login(self, login: Login) -> None:
        """Keep a person's log-in, in place of one that was."""
        with self.database.writing() as tables:
            tables.run("DELETE FROM login WHERE person = ?", (login.person,))
            tables.run(f"INSERT INTO login ({_LOGIN}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)", astuple(login))

    def login(self, person: str) -> Login | None:
        """Give a person's log-in."""
        found = self.database.one(f"SELECT {_LOGIN} FROM login WHERE person = ?", (person,))
        return Login(*found) if found else None

    def note_failure(self, person: str, *, pause_after: int, pause_until: int) -> int:
        """Count a failed log-in and pause the person at every `pause_after`th; gives the count."""
        counted = self._write(
            "UPDATE login SET failures = failures + 1,"
            " paused_until = CASE WHEN (failures + 1) % ? = 0 THEN ? ELSE paused_until END"
            " WHERE person = ? RETURNING failures",
            (pause_after, pause_until, person),
        )
        return int(counted[0][0]) if counted else 0

    def note_success(self, person: str) -> None:
        """Forget the failures of a person who came in."""
        self._write("UPDATE login SET failures = 0, paused_until = 0 WHERE person = ?", (person,))

    def use_totp_step(self, person: str, step: int) -> bool:
        """Use up a TOTP step; False where it, or a later one, was used before."""
        used = "UPDATE login SET totp_step = ? WHERE person = ? AND totp_step < ? RETURNING person"
        return bool(self._write(used, (step, person, step)))

    def put_recovery_codes(self, person: str, hashes: list[bytes]) -> None:
        """Keep the hashes of a person's recovery codes, in place of all before."""
        with self.database.writing() as tables:
            tables.run("DELETE FROM recovery_code WHERE person = ?", (person,))
            rows = [(person, code, 0) for code in hashes]
            tables.run_many("INSERT INTO recovery_code (person, code_hash, used_at) VALUES (?, ?, ?)", rows)

    def use_recovery_code(self, person: str, code_hash: bytes, at: int) -> bool:
        """Use up a recovery code; False where it is unknown or used."""
        used = "UPDATE recovery_code SET used_at = ? WHERE person = ? AND code_hash = ? AND used_at = 0 RETURNING 1"
        return bool(self._write(used, (at, person, code_hash)))

    def start_session(self, session: Session, *, instead_of: bytes = b"") -> None:
        """Keep a new session; `instead_of` is the hash of the one it replaces (log-in, step-up)."""
        with self.database.writing() as tables:
            tables.run("DELETE FROM session WHERE id_hash = ?", (instead_of,))
            tables.run(
                f"INSERT INTO session ({_SESSION}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", astuple(session)
            )

    def session(self, id_hash: bytes, *, at: int, idle_ns: int) -> Session | None:
        """Give a session that is neither over nor idle for `idle_ns`."""
        query = f"SELECT {_SESSION} FROM session WHERE id_hash = ? AND expires_at > ? AND seen_at > ?"
        found = self.database.one(query, (id_hash, at, at - idle_ns))
        return Session(*found) if found else None

    def touch_session(self, id_hash: bytes, at: int) -> None:
        """Say that a session was used; callers do so once a minute at most."""
        self._write("UPDATE session SET seen_at = ? WHERE id_hash = ? AND seen_at < ?", (at, id_hash, at))

    def end_session(self, id_hash: bytes) -> None:
        """End one session."""
        self._write("DELETE FROM session WHERE id_hash = ?", (id_hash,))

    def end_sessions(self, person: str) -> int:
        """End all sessions of a person; gives how many."""
        return len(self._write("DELETE FROM session WHERE person = ? RETURNING 1", (person,)))

    def add_enrolment(self, enrolment: Enrolment) -> None:
        """Keep a code's hash."""
        row = astuple(enrolment)
        self._write(f"INSERT INTO enrolment ({_ENROLMENT}) VALUES (?, ?, ?, ?, ?, ?)", row)

    def enrolment(self, code_hash: bytes, *, at: int) -> Enrolment | None:
        """Give the enrolment of a code that could still be used."""
        query = f"SELECT {_ENROLMENT} FROM enrolment WHERE code_hash = ? AND used_at = 0 AND expires_at > ?"
        found = self.database.one(query, (code_hash, at))
        return Enrolment(*found) if found else None

    def use_enrolment(self, code_hash: bytes, *, at: int) -> Enrolment | None:
        """Use up a code and give whose it was; None where it is unknown, used or over."""
        used = (
            "UPDATE enrolment SET used_at = ? WHERE code_hash = ? AND used_at = 0 AND expires_at > ?"
            f" RETURNING {_ENROLMENT}"
        )
        found = self._write(used, (at, code_hash, at))
        return Enrolment(*found[0]) if found else None

    def drop_expired(self, at: int) -> int:
        """Delete sessions and enrolments that are over; gives how many."""
        with self.database.writing() as tables:
            gone = tables.run("DELETE FROM session WHERE expires_at <= ? RETURNING 1", (at,))
            gone += tables.run("DELETE FROM enrolment WHERE expires_at <= ? RETURNING 1", (at,))
        return len(gone)

    def _write(self, statement: str, values: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        with self.database.writing() as tables:
            found: list[tuple[Any, ...]] = tables.run(statement, values)
        return found


def _key(row: tuple[Any, ...]) -> ApiKey:
    fields = (*row[:4], tuple(row[4].split()), tuple(row[5].split()), *row[6:])
    return ApiKey(*fields)


def open_access(address: str | Path, *, profile: Profile = "single") -> Access:
    """Open the store at an address (a server, a folder, or an SQLite file), its tables brought up to date."""
    database: SqliteDatabase | PostgresDatabase
    if is_postgres(address):
        database = PostgresDatabase(str(address), profile=profile)
    else:
        path = Path(address)
        database = SqliteDatabase(path / "access.db" if path.is_dir() else path)
    migrate(database, "access")
    return Access(database)
