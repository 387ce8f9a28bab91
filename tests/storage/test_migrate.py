"""Migrations: the steps end where the tables say, can be gone back, and a second run does nothing."""

import os
import subprocess
import sys

import pytest
import sqlalchemy
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from steelyard.storage import migrate as migrating
from steelyard.storage.database import SqliteDatabase
from steelyard.storage.migrate import NEWEST, migrate, version
from steelyard.storage.tables import PROJECTION
from steelyard.storage.tables_access import ACCESS

SETS = {"access": ACCESS, "projection": PROJECTION}


@pytest.mark.parametrize("tables", sorted(SETS))
def test_the_steps_end_where_the_tables_say(tmp_path, tables):
    database = SqliteDatabase(tmp_path / "some.db")
    migrate(database, tables)
    engine = sqlalchemy.create_engine(f"sqlite:///{tmp_path}/some.db")

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": f"{tables}_version"})
        assert compare_metadata(context, SETS[tables]) == []
    database.close()


@pytest.mark.parametrize("tables", sorted(SETS))
def test_the_newest_step_is_the_one_named(tables):
    script = ScriptDirectory(str(migrating._FOLDER / tables))

    assert script.get_heads() == [NEWEST[tables]]


def names(path):
    engine = sqlalchemy.create_engine(f"sqlite:///{path}")
    return set(sqlalchemy.inspect(engine).get_table_names())


@pytest.mark.parametrize("tables", sorted(SETS))
def test_steps_can_be_gone_back_and_forth(tmp_path, tables):
    database = SqliteDatabase(tmp_path / "some.db")
    assert version(database, tables) == ""
    for _ in range(2):
        migrate(database, tables)
        assert version(database, tables) == NEWEST[tables]
        assert set(SETS[tables].tables) < names(tmp_path / "some.db")
        migrate(database, tables, to="base")
        assert names(tmp_path / "some.db") == {f"{tables}_version"}
    database.close()


def test_a_step_that_fails_leaves_nothing(tmp_path):
    database = SqliteDatabase(tmp_path / "some.db")
    with database.writing() as made:
        made.run("CREATE TABLE session (in_the_way int)")
    with pytest.raises(sqlalchemy.exc.OperationalError, match="already exists"):
        migrate(database, "access")

    assert names(tmp_path / "some.db") == {"session"}
    database.close()


def test_processes_that_start_at_once_get_along(tmp_path):
    script = "import sys; from steelyard.storage.access import open_access; open_access(sys.argv[1]).close()"
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    started = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], env=environment) for _ in range(4)
    ]

    assert [process.wait(timeout=60) for process in started] == [0, 0, 0, 0]
