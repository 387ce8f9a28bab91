"""Which journal or evidence store an address means.

`memory:` is a fresh journal in memory, `postgresql://...` a server, anything else the path of an
SQLite file or of the folder that holds its `journal.db`.
"""

from pathlib import Path
from typing import Literal

from steelyard.storage.evidence import Evidence, MemoryEvidence
from steelyard.storage.journal import Journal
from steelyard.storage.memory import MemoryJournal
from steelyard.storage.sqlite import SqliteJournal


def is_postgres(address: str | Path) -> bool:
    """Tell whether the address names a PostgreSQL server."""
    return str(address).startswith(("postgresql://", "postgres://"))


def open_journal(address: str | Path, *, profile: Literal["single", "quorum"] = "single") -> Journal:
    """Give the journal at the address, not yet opened: `open` takes its lock and epoch."""
    if str(address) == "memory:":
        return MemoryJournal()
    if is_postgres(address):
        from steelyard.storage.postgres import PostgresJournal  # psycopg is an extra

        return PostgresJournal(str(address), profile=profile)
    path = Path(address)
    return SqliteJournal(path / "journal.db" if path.is_dir() else path)


def open_evidence(address: str | Path, *, profile: Literal["single", "quorum"] = "single") -> Evidence:
    """Give the store at an address: `memory:`, a PostgreSQL server, a folder or an SQLite file."""
    if str(address) == "memory:":
        return MemoryEvidence()
    if is_postgres(address):
        from steelyard.storage.evidence_postgres import PostgresEvidence

        return PostgresEvidence(str(address), profile=profile)
    from steelyard.storage.evidence_sqlite import SqliteEvidence

    path = Path(address)
    return SqliteEvidence(path / "evidence.db" if path.is_dir() else path)
