"""One small way to ask and write SQL tables, over SQLite and PostgreSQL alike.

Statements are written once, with `?` for values and in the words both know. Reads see what is committed;
a write is one transaction, durable when the block ends. Not for the journal, whose promises are its own.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any, Literal, Protocol

from steelyard.storage.sqlite import connect as connect_sqlite

if TYPE_CHECKING:
    from psycopg import Connection

Rows = list[tuple[Any, ...]]
Values = Sequence[Any]
Profile = Literal["single", "quorum"]


class DatabaseFault(Exception):
    """The database could not do it: busy beyond patience, full, gone. Nothing is known to be written."""


class Writing(Protocol):
    """A transaction that is open."""

    def run(self, statement: str, values: Values = ()) -> Rows:
        """Run one statement and give its rows (of a RETURNING), if any."""

    def run_many(self, statement: str, rows: Iterable[Values]) -> None:
        """Run one statement for each of the rows."""

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Values]) -> None:
        """Insert rows as fast as the database can."""


class Database(Protocol):
    """A set of tables behind an address. Threads take turns."""

    kind: Literal["sqlite", "postgres"]

    def all(self, statement: str, values: Values = ()) -> Rows:
        """Give every row of a question."""

    def one(self, statement: str, values: Values = ()) -> tuple[Any, ...] | None:
        """Give the first row, or None."""

    def named(self, statement: str, values: Values = ()) -> list[dict[str, Any]]:
        """Give every row as a dict by column name."""

    def reading(self) -> Any:
        """Hold one state of the tables over several questions: `with database.reading(): ...`."""

    def writing(self) -> Any:
        """Open a transaction: `with database.writing() as tables: tables.run(...)`."""

    def close(self) -> None:
        """Close the line or the file."""


class SqliteDatabase:
    """Tables in one file that several processes may write by turns."""

    kind: Literal["sqlite", "postgres"] = "sqlite"

    def __init__(self, path: Path | str, *, synchronous: str = "FULL", read_only: bool = False) -> None:
        self.path = Path(path)
        self._turn = RLock()
        if read_only and not self.path.exists():
            raise DatabaseFault(f"{self.path} does not exist")
        self._line = connect_sqlite(self.path, synchronous=synchronous, page_bytes=4096)
        if read_only:
            self._line.execute("PRAGMA query_only = 1")

    def all(self, statement: str, values: Values = ()) -> Rows:
        """Give every row."""
        with self._turn, _as_fault(sqlite3.Error):
            return self._line.execute(statement, values).fetchall()

    def one(self, statement: str, values: Values = ()) -> tuple[Any, ...] | None:
        """Give the first row."""
        with self._turn, _as_fault(sqlite3.Error):
            found: tuple[Any, ...] | None = self._line.execute(statement, values).fetchone()
            return found

    def named(self, statement: str, values: Values = ()) -> list[dict[str, Any]]:
        """Give every row as a dict."""
        with self._turn, _as_fault(sqlite3.Error):
            cursor = self._line.execute(statement, values)
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold one state of the tables."""
        with self._turn, _as_fault(sqlite3.Error):
            self._line.execute("BEGIN")
            try:
                yield
            finally:
                self._line.execute("COMMIT")

    @contextmanager
    def writing(self) -> Iterator["SqliteDatabase"]:
        """Open a transaction that takes the file's write lock at once."""
        with self._turn, _as_fault(sqlite3.Error):
            self._line.execute("BEGIN IMMEDIATE")
            try:
                yield self
                self._line.execute("COMMIT")
            except BaseException:
                if self._line.in_transaction:
                    self._line.execute("ROLLBACK")
                raise

    def run(self, statement: str, values: Values = ()) -> Rows:
        """Run one statement inside `writing`."""
        return self._line.execute(statement, values).fetchall()

    def run_many(self, statement: str, rows: Iterable[Values]) -> None:
        """Run one statement for each row inside `writing`."""
        self._line.executemany(statement, rows)

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Values]) -> None:
        """Insert rows inside `writing`."""
        self._line.executemany(_insert(table, tuple(columns)), rows)

    def close(self) -> None:
        """Close the file."""
        with self._turn:
            self._line.close()


class PostgresDatabase:
    """Tables at a server, in one schema of it. A lost line is made anew at the next use."""

    kind: Literal["sqlite", "postgres"] = "postgres"

    def __init__(self, address: str, *, profile: Profile = "single", schema: str = "public") -> None:
        from steelyard.storage.primary import Primary

        self.address, self.profile, self.schema = address, profile, schema
        self._turn = RLock()
        self._make = Primary
        self._primary = self._open()

    def all(self, statement: str, values: Values = ()) -> Rows:
        """Give every row."""
        with self._turn, self._faults() as line:
            return line.execute(_marked(statement), values).fetchall()

    def one(self, statement: str, values: Values = ()) -> tuple[Any, ...] | None:
        """Give the first row."""
        with self._turn, self._faults() as line:
            return line.execute(_marked(statement), values).fetchone()

    def named(self, statement: str, values: Values = ()) -> list[dict[str, Any]]:
        """Give every row as a dict."""
        with self._turn, self._faults() as line:
            cursor = line.execute(_marked(statement), values)
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    @contextmanager
    def reading(self) -> Iterator[None]:
        """Hold one state of the tables."""
        with self._turn, self._faults() as line:
            line.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            try:
                yield
            finally:
                if not line.closed:
                    line.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator["PostgresDatabase"]:
        """Open a transaction; its commit is clean or a fault."""
        with self._turn, self._faults() as line:
            self._primary.begin()
            try:
                yield self
                self._primary.commit()
            except BaseException:
                if not line.closed:
                    line.execute("ROLLBACK")
                raise

    def run(self, statement: str, values: Values = ()) -> Rows:
        """Run one statement inside `writing`."""
        cursor = self._primary.connection.execute(_marked(statement), values)
        return cursor.fetchall() if cursor.description else []

    def run_many(self, statement: str, rows: Iterable[Values]) -> None:
        """Run one statement for each row inside `writing`."""
        self._primary.connection.cursor().executemany(_marked(statement), rows)

    def fill(self, table: str, columns: Sequence[str], rows: Iterable[Values]) -> None:
        """Copy rows in inside `writing`."""
        with self._primary.connection.cursor().copy(
            f"COPY {table} ({', '.join(columns)}) FROM STDIN"
        ) as copy:
            for row in rows:
                copy.write_row(row)

    def copy(self, table: str, columns: Sequence[str], binary: bytes) -> None:
        """Copy rows in, packed in the server's binary format, inside `writing`."""
        statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT binary)"
        with self._primary.connection.cursor().copy(statement) as copy:
            copy.write(binary)

    def close(self) -> None:
        """Close the line."""
        with self._turn:
            self._primary.close()

    def _open(self) -> Any:
        primary = self._make(self.address, self.profile)
        primary.connection.execute("SELECT set_config('search_path', %s, false)", (self.schema,))
        return primary

    @contextmanager
    def _faults(self) -> Iterator["Connection[tuple[Any, ...]]"]:
        import psycopg

        from steelyard.storage.journal import JournalError

        with _as_fault((psycopg.Error, JournalError)):
            if self._primary.connection.closed:
                self._primary = self._open()
            yield self._primary.connection


@contextmanager
def _as_fault(kinds: type[Exception] | tuple[type[Exception], ...]) -> Iterator[None]:
    try:
        yield
    except kinds as error:
        raise DatabaseFault(str(error)) from error


@lru_cache(maxsize=1024)
def _marked(statement: str) -> str:
    """Write values the way psycopg does."""
    return statement.replace("%", "%%").replace("?", "%s")


@lru_cache(maxsize=256)
def _insert(table: str, columns: tuple[str, ...]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
