"""The projection in SQLite keeps the contract, and survives being killed anywhere."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest

from steelyard.storage.database import SqliteDatabase
from steelyard.storage.generations import Generations
from steelyard.storage.projection import Projection, Projector
from steelyard.storage.sqlite import SqliteJournal
from tests.contracts.projection.suite import (  # noqa: F401
    ProjectionContract,
    dump,
    journal_of,
    test_every_fact_has_its_table_or_a_reason,
    test_segments_keep_within_what_a_view_can_join,
)


class TestSqliteProjection(ProjectionContract):
    @pytest.fixture
    def address(self, tmp_path):
        return tmp_path

    def test_questions_by_date_go_by_the_index_of_dates(self, told):
        """Each is asked as the reader asks it; none reads the table of payments through."""
        _, reader, _ = told
        asked = []
        plain = SqliteDatabase.named

        def spy(database, statement, values=()):
            asked.append(database.all(f"EXPLAIN QUERY PLAN {statement}", values))
            return plain(database, statement, values)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(SqliteDatabase, "named", spy)
            reader.paid_by_day(20_000)
            reader.sent_by_day("NOR", 19_990, 20_000)
            reader.sent_on("NOR", 20_000)

        assert [True] * 3 == [any("USING INDEX payment_on" in row[-1] for row in plan) for plan in asked]


CHILD = """
import sys
from steelyard.storage.projection import Projector
from steelyard.storage.sqlite import SqliteJournal
projector, journal = Projector(sys.argv[1], segment_legs=30), SqliteJournal(sys.argv[1] + "/journal.db")
print("begins", flush=True)
while projector.projection.take(journal, legs_max=4):
    pass
print("ends", projector.applied_seq, flush=True)
"""


def test_killed_anywhere_it_goes_on_without_gap_or_double(tmp_path):
    """Some kills fall into reading, some into writing, sealing or indexing; the end is the same."""
    rows = journal_of(7, 150)
    journal = SqliteJournal(tmp_path / "journal.db")
    head = journal.open("node-a")
    for row in rows:
        assert head.epoch == row.epoch
        journal.append(row)
    journal.close()
    draw, kills, ended = random.Random(5), 0, ""
    while not ended.startswith("ends"):
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=environment
        )
        assert child.stdout.readline() == "begins\n"
        time.sleep(draw.uniform(0.001, 0.12) if kills < 6 else 60 if kills > 20 else draw.uniform(0.05, 0.4))
        child.send_signal(signal.SIGKILL)
        ended = child.communicate(timeout=60)[0]
        kills += 1
    killed = Projector(tmp_path)
    whole = Projection(Generations(tmp_path / "whole.db").open(1), segment_legs=30)
    whole.apply(rows)

    assert kills > 1
    assert dump(killed.projection.database) == dump(whole.database)
    killed.close()
    whole.close()
