"""Which set of projection tables serves: they can be made anew beside the old ones and swapped at once.

In SQLite a generation is a file (`projection.db`, then `projection-2.db` and so on) and `projection.db.current`
names the one that serves; in PostgreSQL it is a schema and a row of `projection_current`. No file of that
name, no row: the first generation.
"""

import math
import os
import time
from pathlib import Path

from steelyard.storage.database import PostgresDatabase, SqliteDatabase
from steelyard.storage.opening import is_postgres

SCHEMA = "projection"
_POINTER = (
    "CREATE TABLE IF NOT EXISTS projection_current (id integer PRIMARY KEY, generation integer NOT NULL)"
)


class Generations:
    """The generations at an address: an SQLite file's path, its folder, or a server."""

    def __init__(self, address: str | Path) -> None:
        self.postgres = is_postgres(address)
        self.address = str(address)
        path = Path(address)
        self._path = path / "projection.db" if not self.postgres and path.is_dir() else path
        self._pointer = self._path.with_name(self._path.name + ".current")
        self._line: PostgresDatabase | None = None
        self._known, self._asked_at = 0, -math.inf

    def current(self, *, age_s: float = 0.0) -> int:
        """Give the number of the generation that serves; of a server, or that served up to `age_s` ago."""
        if not self.postgres or time.monotonic() - self._asked_at > age_s:
            self._known, self._asked_at = self._ask(), time.monotonic()
        return self._known

    def open(self, generation: int, *, read_only: bool = False) -> SqliteDatabase | PostgresDatabase:
        """Open the tables of a generation; missing ones are begun empty."""
        if not self.postgres:
            path = self.path(generation)
            return SqliteDatabase(path, synchronous="NORMAL", read_only=read_only)
        schema = SCHEMA if generation == 1 else f"{SCHEMA}_{generation}"
        database = PostgresDatabase(self.address, schema=schema)
        if not read_only:
            with database.writing() as tables:
                tables.run(f"CREATE SCHEMA IF NOT EXISTS {schema}")
        return database

    def serve(self, generation: int) -> None:
        """Let a generation serve from now on, whole or not at all."""
        if not self.postgres:
            written = self._pointer.with_name(self._pointer.name + ".new")
            with written.open("w") as file:
                file.write(str(generation))
                file.flush()
                os.fsync(file.fileno())
            written.rename(self._pointer)
            return
        with self._server().writing() as tables:
            tables.run(_POINTER)
            tables.run(
                "INSERT INTO projection_current VALUES (1, ?)"
                " ON CONFLICT (id) DO UPDATE SET generation = excluded.generation",
                (generation,),
            )

    def drop(self, generation: int) -> None:
        """Remove a generation that does not serve. Whoever still reads its file reads on."""
        if generation == self.current():
            raise ValueError(f"generation {generation} serves")
        if not self.postgres:
            for end in ("", "-wal", "-shm", ".lock"):
                path = self.path(generation)
                path.with_name(path.name + end).unlink(missing_ok=True)
            return
        schema = SCHEMA if generation == 1 else f"{SCHEMA}_{generation}"
        with self._server().writing() as tables:
            tables.run(f"DROP SCHEMA IF EXISTS {schema} CASCADE")

    def path(self, generation: int) -> Path:
        """Give the file of a generation."""
        if generation == 1:
            return self._path
        return self._path.with_name(f"{self._path.stem}-{generation}{self._path.suffix}")

    def close(self) -> None:
        """Close the line to the server, if there is one."""
        if self._line is not None:
            self._line.close()
            self._line = None

    def _ask(self) -> int:
        if not self.postgres:
            try:
                return int(self._pointer.read_text())
            except FileNotFoundError:
                return 1
        server = self._server()
        if server.one("SELECT to_regclass('projection_current')") == (None,):
            return 1
        found = server.one("SELECT generation FROM projection_current WHERE id = 1")
        return int(found[0]) if found else 1

    def _server(self) -> PostgresDatabase:
        if self._line is None:
            self._line = PostgresDatabase(self.address)
        return self._line
