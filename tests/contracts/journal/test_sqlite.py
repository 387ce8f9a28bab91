"""The journal in SQLite keeps the contract, and its own: full disk, busy file, killed holder."""

import os
import signal
import sqlite3
import subprocess
import sys
import textwrap
import time
from itertools import count
from random import Random

import pytest

from steelyard.storage import sqlite
from steelyard.storage.journal import (
    Ambiguous,
    JournalIsHeld,
    JournalIsUnfit,
    verify_chain,
)
from steelyard.storage.sqlite import SqliteJournal
from tests.contracts.journal.suite import StoredJournalContract, append, row_after, snapshot_at


class TestSqliteJournal(StoredJournalContract):
    @pytest.fixture
    def paths(self, tmp_path):
        return (tmp_path / f"journal-{number}.db" for number in count())

    @pytest.fixture
    def store(self, paths):
        def fresh():
            self.path = next(paths)
            return lambda: SqliteJournal(self.path)

        return fresh

    @pytest.fixture
    def tamper(self):
        def run(statement):
            with sqlite3.connect(self.path) as connection:
                connection.execute(statement)
            connection.close()

        return run


def child(script: str, *arguments: object) -> subprocess.Popen[str]:
    """Start a Python process with the suite's helpers at hand."""
    head = "from steelyard.storage.sqlite import SqliteJournal\nfrom steelyard.storage.journal import *\n"
    head += "from tests.contracts.journal.suite import *\nimport sys, resource, signal\n"
    return subprocess.Popen(
        [sys.executable, "-c", head + textwrap.dedent(script), *map(str, arguments)],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
    )


def test_the_settings_hold(tmp_path):
    journal = SqliteJournal(tmp_path / "journal.db")
    journal.open("node-a")

    assert journal._writer.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    assert journal._writer.execute("PRAGMA synchronous").fetchone() == (2,)
    journal.close()
    assert (tmp_path / "journal.db").stat().st_size < 200_000


def test_a_full_disk_is_ambiguous_and_loses_nothing(tmp_path):
    """The child may write files of 300 kB at most, as if the disk ended there."""
    path = tmp_path / "journal.db"
    full = child(
        """
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        journal = SqliteJournal(sys.argv[1])
        head = journal.open("node-a")
        resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
        try:
            while True:
                head = append(journal, head, __import__("os").urandom(5000))
        except Ambiguous as error:
            print(head.seq, error)
        try:
            append(journal, head)
        except Ambiguous as error:
            print(error)
        """,
        path,
    )
    words = full.communicate(timeout=60)[0].splitlines()

    assert full.returncode == 0
    acknowledged = int(words[0].split()[0])
    assert acknowledged > 5
    assert "stopped before" in words[1]
    journal = SqliteJournal(path)
    head = journal.open("node-a")
    assert acknowledged <= head.seq <= acknowledged + 1
    append(journal, head)
    verify_chain(journal.read(0, limit=1000))
    journal.close()


def test_a_database_at_its_page_limit_is_ambiguous(tmp_path):
    journal = SqliteJournal(tmp_path / "journal.db")
    head = append(journal, journal.open("node-a"))
    journal._writer.execute("PRAGMA max_page_count = 30")

    with pytest.raises(Ambiguous, match="full"):
        append(journal, head, Random(1).randbytes(1_000_000))
    assert len(journal.read(0, limit=9)) == 1
    journal.close()


def test_a_busy_file_is_ambiguous(tmp_path):
    journal = SqliteJournal(tmp_path / "journal.db", busy_s=0.05)
    head = journal.open("node-a")
    other = sqlite3.connect(tmp_path / "journal.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(Ambiguous, match="locked"):
        append(journal, head)
    other.close()
    journal.close()


def test_a_database_that_disappears_is_ambiguous_or_kept(tmp_path):
    """The table goes from under the journal: the append fails, it does not pretend."""
    journal = SqliteJournal(tmp_path / "journal.db")
    head = journal.open("node-a")
    with sqlite3.connect(tmp_path / "journal.db") as other:
        other.execute("DROP TABLE journal")
    other.close()

    with pytest.raises(Ambiguous):
        append(journal, head)
    journal.close()


def test_the_lock_dies_with_its_holder(tmp_path):
    path = tmp_path / "journal.db"
    holder = child(
        """
        journal = SqliteJournal(sys.argv[1])
        append(journal, journal.open("node-a"))
        print("held", flush=True)
        signal.pause()
        """,
        path,
    )
    assert holder.stdout.readline().strip() == "held"
    journal = SqliteJournal(path)
    with pytest.raises(JournalIsHeld, match="node-a"):
        journal.open("node-b")
    holder.send_signal(signal.SIGKILL)
    holder.communicate(timeout=30)

    assert journal.open("node-b").seq == 1
    journal.close()


def test_a_forked_child_does_not_keep_the_lock(tmp_path):
    holder = child(
        """
        import os
        journal = SqliteJournal(sys.argv[1])
        journal.open("node-a")
        if os.fork() == 0:
            signal.alarm(60)
            print(os.getpid(), flush=True)
            signal.pause()
        os._exit(0)
        """,
        tmp_path / "journal.db",
    )
    forked = int(holder.stdout.readline())
    holder.wait(timeout=30)
    journal = SqliteJournal(tmp_path / "journal.db")

    assert journal.open("node-b").seq == 0
    journal.close()
    os.kill(forked, signal.SIGKILL)
    holder.stdout.close()


def test_a_snapshot_is_written_while_rows_are_appended(tmp_path):
    """The follower writes parts from its own process; the node's appends go on between them."""
    path = tmp_path / "journal.db"
    journal = SqliteJournal(path, busy_s=5)
    head = journal.open("node-a")
    follower = child(
        """
        noise = __import__("random").Random(1).randbytes(9 * 1024 * 1024)
        print("begins", flush=True)
        SqliteJournal(sys.argv[1]).save_snapshot(snapshot_at(1, engine=noise))
        print("ends", flush=True)
        """,
        path,
    )
    assert follower.stdout.readline().strip() == "begins"
    while follower.poll() is None:
        head = append(journal, head)
        time.sleep(
            0.002
        )  # SQLite's waiting is not fair: who appends without a pause can shut others out for seconds
    follower.communicate()

    assert follower.returncode == 0
    assert journal.snapshot_seqs() == [1]
    assert len(journal.latest_snapshot().sections[0][1]) == 9 * 1024 * 1024
    verify_chain(journal.read(0, limit=1_000_000))
    journal.close()


def test_a_network_disk_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(sqlite, "network_disk", lambda path: "nfs4")

    with pytest.raises(JournalIsUnfit, match="network file system"):
        SqliteJournal(tmp_path / "journal.db").open("node-a")


@pytest.mark.parametrize(
    "content", [b"this is no database, not by far" * 40, b"SQLite format 3\0" + bytes(5000)]
)
def test_a_file_that_is_no_database_is_refused(tmp_path, content):
    path = tmp_path / "journal.db"
    path.write_bytes(content)

    with pytest.raises(JournalIsUnfit):
        SqliteJournal(path).open("node-a")
    assert content == path.read_bytes()


def test_reading_does_not_make_a_file(tmp_path):
    with pytest.raises(JournalIsUnfit):
        SqliteJournal(tmp_path / "absent.db").read(0, limit=1)

    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing_is_refused(tmp_path):
    with pytest.raises(JournalIsUnfit, match="folder"):
        SqliteJournal(tmp_path / "absent" / "journal.db").open("node-a")


def test_a_failed_row_leaves_no_trace(tmp_path):
    """The insert went through, the commit did not: nobody ever sees the row."""
    journal = SqliteJournal(tmp_path / "journal.db")
    head = append(journal, journal.open("node-a"))
    journal.save_snapshot(snapshot_at(1, engine=b"e"))
    journal._writer.execute(
        "CREATE TEMP TRIGGER refuse AFTER INSERT ON journal BEGIN SELECT RAISE(ABORT, 'no'); END"
    )

    with pytest.raises(Ambiguous):
        journal.append(row_after(head))
    assert [row.seq for row in journal.read(0, limit=9)] == [1]
    journal.close()
