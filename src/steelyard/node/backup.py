"""`node backup` and `node restore`: a consistent copy of journal, evidence and access, without a stop.

The journal is copied first and evidence after it, so that every digest in the copied journal is in the
copied evidence. On SQLite each file is copied by the database's own backup; on PostgreSQL all tables in one
snapshot of the server. The projection is not copied: it is made anew. `manifest.json` names every file with
its SHA-256; a restore checks them, writes only into empty stores and verifies what it has written.
"""

import json
import os
import shutil
import sqlite3
import time
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from steelyard.node.config import Config
from steelyard.node.verify import Report, verify
from steelyard.storage.opening import is_postgres, open_evidence, open_journal

MANIFEST = "manifest.json"
FORMAT = 1
STORES = ("journal", "evidence", "access")
GENESIS = "genesis.toml"
_CHUNK = 1024 * 1024


class BackupFault(Exception):
    """The copy cannot be made or used; nothing that was there has been changed."""


def backup(config: Config, target: Path) -> dict[str, Any]:
    """Copy the stores of a node, running or not, into a new folder and give the manifest."""
    if target.exists() and any(target.iterdir()):
        raise BackupFault(f"{target} is not empty")
    target.mkdir(parents=True, exist_ok=True)
    kinds = {store: is_postgres(config.address(store)) for store in STORES}  # type: ignore[arg-type]
    for store in STORES:
        if not kinds[store]:
            _copy_sqlite(_file_of(config, store), target / f"{store}.db")
    if any(kinds.values()):
        _copy_postgres(config, [store for store in STORES if kinds[store]], target)
    genesis = config.path(config.genesis)
    if genesis.exists():
        shutil.copyfile(genesis, target / GENESIS)
    files = sorted(path for path in target.iterdir() if path.name != MANIFEST)
    manifest = {
        "format": FORMAT,
        "made_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "stores": {store: "postgresql" if kinds[store] else "sqlite" for store in STORES},
        "files": {path.name: {"bytes": path.stat().st_size, "sha256": _digest(path)} for path in files},
    }
    _write_durably(target / MANIFEST, json.dumps(manifest, indent=1) + "\n")
    return manifest


def restore(source: Path, config: Config, *, tell: Callable[[int], None] | None = None) -> Report:
    """Write a copy into the empty stores that the settings name, and verify it."""
    manifest = check_manifest(source)
    for store in STORES:
        kind = "postgresql" if is_postgres(config.address(store)) else "sqlite"  # type: ignore[arg-type]
        if manifest["stores"][store] != kind:
            raise BackupFault(f"the {store} in the copy is {manifest['stores'][store]}, here it is {kind}")
    for store in STORES:
        if manifest["stores"][store] == "sqlite":
            path = _file_of(config, store)
            if path.exists():
                raise BackupFault(f"{path} is there already: a restore writes into an empty place only")
    postgres = [store for store in STORES if manifest["stores"][store] == "postgresql"]
    if postgres:
        _restore_postgres(config, postgres, source)
    for store in STORES:
        if manifest["stores"][store] == "sqlite":
            path = _file_of(config, store)
            path.parent.mkdir(parents=True, exist_ok=True)
            _copy_durably(source / f"{store}.db", path)
    genesis = config.path(config.genesis)
    if (source / GENESIS).exists() and not genesis.exists():
        _copy_durably(source / GENESIS, genesis)
    journal = open_journal(config.address("journal"), profile=config.commit_profile)
    evidence = open_evidence(config.address("evidence"), profile=config.commit_profile)
    try:
        return verify(journal, evidence, contents=True, tell=tell)
    finally:
        evidence.close()
        journal.close()


def check_manifest(source: Path) -> dict[str, Any]:
    """Read the manifest of a copy and compare every file with it."""
    try:
        manifest: dict[str, Any] = json.loads((source / MANIFEST).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise BackupFault(f"{source / MANIFEST} cannot be read: {error}") from error
    if manifest.get("format") != FORMAT:
        raise BackupFault(f"{source} has format {manifest.get('format')}, this release reads {FORMAT}")
    for name, known in manifest["files"].items():
        path = source / name
        if not path.is_file() or path.stat().st_size != known["bytes"] or _digest(path) != known["sha256"]:
            raise BackupFault(f"{path} is not what the manifest says")
    return manifest


def _file_of(config: Config, store: str) -> Path:
    """Give the SQLite file of a store."""
    path = Path(config.address(store))  # type: ignore[arg-type]
    return path / f"{store}.db" if path.is_dir() or path == config.data_folder else path


def _copy_sqlite(source: Path, target: Path) -> None:
    """Copy a database as it is at one instant, beside whoever writes it."""
    if not source.exists():
        raise BackupFault(f"{source} is not there")
    reading = sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True, timeout=30)
    writing = sqlite3.connect(target)
    try:
        reading.backup(writing)
        writing.execute("PRAGMA journal_mode = DELETE")
    finally:
        writing.close()
        reading.close()
    _sync(target)


def _tables(stores: list[str]) -> list[str]:
    """Give the tables of the stores named, in the order in which they are copied."""
    from steelyard.storage.tables_access import ACCESS

    tables = {
        "journal": ["journal", "journal_epoch", "snapshot", "snapshot_head"],
        "evidence": ["evidence", "evidence_again", "evidence_forgotten"],
        "access": [*sorted(ACCESS.tables), "access_version"],
    }
    return [table for store in stores for table in tables[store]]


def _copy_postgres(config: Config, stores: list[str], target: Path) -> None:
    """Copy all tables of the server as they are in one snapshot."""
    import psycopg

    with psycopg.connect(config.address("journal"), autocommit=False) as line:
        line.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        line.read_only = True
        for table in _tables(stores):
            path = target / f"{table}.copy"
            with (
                path.open("xb") as file,
                line.cursor().copy(f"COPY {table} TO STDOUT (FORMAT binary)") as copy,
            ):
                for part in copy:
                    file.write(part)
            _sync(path)


def _restore_postgres(config: Config, stores: list[str], source: Path) -> None:
    """Fill the empty tables of a server in one transaction."""
    import psycopg

    from steelyard.storage.access import open_access

    journal = open_journal(config.address("journal"), profile=config.commit_profile)
    try:
        head = journal.open("restore")
        if head.seq:
            raise BackupFault("the journal at that server is not empty")
        open_evidence(config.address("evidence"), profile=config.commit_profile).close()
        open_access(config.address("access"), profile=config.commit_profile).close()
        with psycopg.connect(config.address("journal")) as line, line.transaction():
            for table in _tables(stores):
                line.execute(f"DELETE FROM {table}".encode())
                into = f"COPY {table} FROM STDIN (FORMAT binary)"
                with (source / f"{table}.copy").open("rb") as file, line.cursor().copy(into) as copy:
                    while part := file.read(_CHUNK):
                        copy.write(part)
            counted = "SELECT setval(pg_get_serial_sequence('evidence', 'number'), coalesce(max(number), 0) + 1, false)"
            line.execute(f"{counted} FROM evidence")
    finally:
        journal.close()


def _digest(path: Path) -> str:
    whole = sha256()
    with path.open("rb") as file:
        while part := file.read(_CHUNK):
            whole.update(part)
    return whole.hexdigest()


def _copy_durably(source: Path, target: Path) -> None:
    beside = target.with_name(f".{target.name}.new")
    shutil.copyfile(source, beside)
    _sync(beside)
    beside.replace(target)
    _sync(target.parent)


def _write_durably(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    _sync(path.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
