"""A line to the primary that notices when a commit is less than it says.

A standby that was not waited for answers success with a warning, so any notice of class 01 during
COMMIT is `Ambiguous`. No time limit of the server is left on, since a cancelled wait is just that
warning. A pooler between would mix sessions: the backend must be the one we were given, from start to
end. What the server cannot promise is refused at start.
"""

from typing import Any, Literal

import psycopg
from psycopg import Connection
from psycopg.errors import Diagnostic

from steelyard.storage.journal import Ambiguous, JournalIsUnfit

Profile = Literal["single", "quorum"]
"""`quorum` demands a synchronous standby by name; `single` trusts the primary's disk alone."""

VERSION_MIN = 150000

SESSION = {
    "synchronous_commit": "on",
    "statement_timeout": "0",
    "lock_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "client_min_messages": "notice",
    "default_transaction_isolation": "read committed",
}
"""Set on the journal's connection and read back; `client_min_messages` must let the warning through."""

REQUIRED = {"fsync": "on", "full_page_writes": "on", "default_transaction_read_only": "off"}


def connect(address: str, **options: Any) -> Connection[tuple[Any, ...]]:
    """Connect to the primary (a list of hosts is gone through until one takes writes)."""
    try:
        options.setdefault("target_session_attrs", "read-write")
        return psycopg.connect(address, autocommit=True, application_name="steelyard", **options)
    except psycopg.Error as error:
        raise JournalIsUnfit(f"the database cannot be reached: {error}") from error


def check_server(connection: Connection[tuple[Any, ...]], profile: Profile) -> None:
    """Raise `JournalIsUnfit`, naming every reason, where the server cannot keep what we promise."""
    ask = {name: connection.execute(f"SHOW {name}").fetchone() for name in (*REQUIRED, *SESSION)}
    shown = {name: found[0] for name, found in ask.items() if found}
    faults = [
        f"{name} is {shown.get(name)}, not {wanted}"
        for name, wanted in (REQUIRED | SESSION).items()
        if shown.get(name) != wanted
    ]
    if connection.info.server_version < VERSION_MIN:
        faults.append(f"server version {connection.info.server_version} is below {VERSION_MIN}")
    recovery, pid = connection.execute("SELECT pg_is_in_recovery(), pg_backend_pid()").fetchone() or (True, 0)
    if recovery:
        faults.append("the server is in recovery: a standby, not the primary")
    if pid != connection.info.backend_pid:
        faults.append("the backend is not the one we were given: a pooler stands in between")
    if profile == "quorum":
        names = connection.execute("SHOW synchronous_standby_names").fetchone()
        if not names or not names[0].strip():
            faults.append("synchronous_standby_names is empty, profile quorum needs a standby")
    if faults:
        raise JournalIsUnfit("; ".join(faults))


class Primary:
    """One checked connection for writing. Its commits are clean or `Ambiguous`."""

    def __init__(self, address: str, profile: Profile) -> None:
        self.connection = connect(address)
        self._warnings: list[str] = []
        self.connection.add_notice_handler(self._on_notice)
        try:
            for name, value in SESSION.items():
                self.connection.execute("SELECT set_config(%s, %s, false)", (name, value))
            check_server(self.connection, profile)
        except BaseException:
            self.connection.close()
            raise

    def begin(self) -> None:
        """Begin a transaction; warnings of earlier ones do not count."""
        self.connection.execute("BEGIN")

    def commit(self) -> None:
        """Commit; anything but a plain COMMIT without a warning is `Ambiguous`."""
        self._warnings.clear()
        tag = self.connection.execute("COMMIT").statusmessage
        if tag != "COMMIT":
            raise Ambiguous(f"COMMIT ended as {tag}")
        if self._warnings:
            raise Ambiguous(f"COMMIT came with a warning: {'; '.join(self._warnings)}")

    def close(self) -> None:
        """Close the line; what was begun is rolled back by the server."""
        self.connection.close()

    def _on_notice(self, diagnostic: Diagnostic) -> None:
        """Remember warnings: class 01 is 'successful, but'."""
        if (diagnostic.sqlstate or "").startswith("01"):
            self._warnings.append(f"{diagnostic.sqlstate} {diagnostic.message_primary}")
