"""Bring the tables of a database to this release: Alembic, run from here, never by hand.

Two sets of tables, each with its own steps under `migrations/` and its own version table, so that in
PostgreSQL both may lie in one database. Where the version is the newest already, Alembic is not loaded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from steelyard.storage.database import Database, DatabaseFault, PostgresDatabase, SqliteDatabase
from steelyard.storage.filelock import FileLock

if TYPE_CHECKING:
    from sqlalchemy import Engine

Tables = Literal["access", "projection"]

NEWEST: dict[Tables, str] = {"access": "0001", "projection": "0004"}
"""The last step of each set; a test compares with the files."""

LOCK_KEY = 0x5374656C79617264
"""Of the advisory lock that one process holds while it runs steps."""

_FOLDER = Path(__file__).parent / "migrations"


def version(database: Database, tables: Tables) -> str:
    """Give the step the database is at, empty for none."""
    try:
        found = database.one(f"SELECT version_num FROM {tables}_version")
    except DatabaseFault:
        return ""
    return str(found[0]) if found else ""


def migrate(database: SqliteDatabase | PostgresDatabase, tables: Tables, *, to: str = "head") -> None:
    """Run the steps that the database lacks, all or none; of processes that start at once one does it."""
    if to == "head" and version(database, tables) == NEWEST[tables]:
        return
    with _alone(database):
        if to == "head" and version(database, tables) == NEWEST[tables]:
            return
        import sqlalchemy
        from alembic import command
        from alembic.config import Config

        engine = _engine(database)
        if database.kind == "sqlite":  # its driver would commit before each CREATE
            sqlalchemy.event.listen(engine, "begin", lambda line: line.exec_driver_sql("BEGIN IMMEDIATE"))
        config = Config()
        config.set_main_option("script_location", str(_FOLDER / tables))
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            config.attributes["tables"] = tables
            (command.upgrade if to == "head" else command.downgrade)(config, to)
        engine.dispose()


def _engine(database: SqliteDatabase | PostgresDatabase) -> "Engine":
    """Give a SQLAlchemy engine on the same tables."""
    import sqlalchemy

    if isinstance(database, PostgresDatabase):
        address = "postgresql+psycopg://" + database.address.partition("://")[2]
        options: dict[str, object] = {"options": f"-csearch_path={database.schema}"}
    else:
        address, options = f"sqlite:///{database.path}", {"isolation_level": None}
    return sqlalchemy.create_engine(address, connect_args=options, poolclass=sqlalchemy.pool.NullPool)


@contextmanager
def _alone(database: SqliteDatabase | PostgresDatabase) -> Iterator[None]:
    """Keep other processes out of the steps meanwhile."""
    if isinstance(database, PostgresDatabase):
        database.one("SELECT pg_advisory_lock(?)", (LOCK_KEY,))
        try:
            yield
        finally:
            database.one("SELECT pg_advisory_unlock(?)", (LOCK_KEY,))
        return
    lock = FileLock(database.path.with_name(database.path.name + ".lock"))
    lock.wait()
    try:
        yield
    finally:
        lock.release()
