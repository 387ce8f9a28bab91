"""The journal in PostgreSQL keeps the contract, and handles every known trap of its commit."""

import threading
from itertools import count
from random import Random
from urllib.parse import urlsplit

import psycopg
import pytest

from steelyard.storage.journal import Ambiguous, JournalIsHeld, JournalIsUnfit, verify_chain
from steelyard.storage.postgres import PostgresJournal
from tests.contracts.journal.proxy import Proxy
from tests.contracts.journal.suite import StoredJournalContract, append
from tests.postgres import Server

pytestmark = pytest.mark.postgres
_numbers = count(1)


class TestPostgresJournal(StoredJournalContract):
    @pytest.fixture
    def store(self, postgres_server):
        made = []

        def fresh():
            name = f"journal_{next(_numbers)}"
            made.append(name)
            self.address = postgres_server.new_database(name)
            return lambda address=self.address: PostgresJournal(address)

        yield fresh
        for name in made:
            postgres_server.drop_database(name)

    @pytest.fixture
    def tamper(self):
        def run(statement):
            with psycopg.connect(self.address, autocommit=True) as connection:
                connection.execute(statement)

        return run


@pytest.fixture
def proxy(postgres_server):
    made = Proxy(postgres_server.folder)
    yield made
    made.close()


def sql(address, statement):
    with psycopg.connect(address, autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def database_of(address):
    return urlsplit(address).path[1:]


def commit_is_waiting(server):
    found = server.execute("SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
    return found[0][0] if found else None


@pytest.fixture
def absent_standby(postgres_server):
    """The server waits for a standby that never comes, until the test ends."""

    def begin():
        postgres_server.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
        postgres_server.execute("SELECT pg_reload_conf()")
        while postgres_server.execute("SHOW synchronous_standby_names") != [("nobody",)]:
            pass

    yield begin
    postgres_server.execute("ALTER SYSTEM RESET synchronous_standby_names")
    postgres_server.execute("SELECT pg_reload_conf()")


@pytest.mark.parametrize("quiet", [False, True])
def test_a_cancelled_wait_for_the_standby_is_ambiguous(
    postgres_server, postgres_address, absent_standby, quiet
):
    """The server says COMMIT with warning 01000; also where the database was told to keep warnings back."""
    journal = PostgresJournal(postgres_address)
    if quiet:
        name = database_of(postgres_address)
        postgres_server.execute(f"ALTER DATABASE {name} SET client_min_messages = error")
    head = append(journal, journal.open("node-a"))
    absent_standby()
    errors = []

    def commit():
        try:
            append(journal, head)
        except Ambiguous as error:
            errors.append(error)

    thread = threading.Thread(target=commit)
    thread.start()
    while not (pid := commit_is_waiting(postgres_server)):
        assert thread.is_alive()
    postgres_server.execute(f"SELECT pg_cancel_backend({pid})")
    thread.join(timeout=30)

    assert "01000" in str(errors[0])
    assert Ambiguous.exit_code == 70
    with pytest.raises(Ambiguous, match="stopped before"):
        append(journal, head)
    journal.close()


def test_a_server_that_ends_during_the_wait_is_ambiguous(postgres_server, postgres_address, absent_standby):
    journal = PostgresJournal(postgres_address)
    head = append(journal, journal.open("node-a"))
    absent_standby()
    errors = []

    def commit():
        try:
            append(journal, head)
        except Ambiguous as error:
            errors.append(error)

    thread = threading.Thread(target=commit)
    thread.start()
    while not (pid := commit_is_waiting(postgres_server)):
        assert thread.is_alive()
    postgres_server.execute(f"SELECT pg_terminate_backend({pid})")
    thread.join(timeout=30)

    assert len(errors) == 1
    journal.close()


@pytest.mark.parametrize(("cut", "stored"), [("before", 1), ("after", 2)])
def test_a_line_lost_around_the_commit_is_ambiguous(postgres_address, proxy, cut, stored):
    """Only the tail, read anew, tells which of the two it was."""
    name = database_of(postgres_address)
    journal = PostgresJournal(f"postgresql://postgres@/{name}?host={proxy.folder}")
    head = append(journal, journal.open("node-a"))
    proxy.cut = cut
    with pytest.raises(Ambiguous):
        append(journal, head)
    journal.close()
    after = PostgresJournal(postgres_address)

    head = after.open("node-a", take_over=True)
    assert stored == head.seq
    append(after, head)
    verify_chain(after.read(0, limit=9))
    after.close()


def test_a_line_lost_between_appends_is_ambiguous(postgres_address):
    journal = PostgresJournal(postgres_address)
    head = append(journal, journal.open("node-a"))
    sql(
        postgres_address,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )

    with pytest.raises(Ambiguous):
        append(journal, head)
    journal.close()
    after = PostgresJournal(postgres_address)
    assert after.open("node-a").seq == 1
    after.close()


def test_time_limits_of_the_database_do_not_reach_the_commit(
    postgres_server, postgres_address, absent_standby
):
    """A statement_timeout set for the database would cancel the wait and make it look committed."""
    name = database_of(postgres_address)
    for limit in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"):
        postgres_server.execute(f"ALTER DATABASE {name} SET {limit} = 50")
    journal = PostgresJournal(postgres_address)
    head = journal.open("node-a")

    shown = [
        journal._primary.connection.execute(f"SHOW {limit}").fetchone()
        for limit in ("statement_timeout", "lock_timeout")
    ]
    assert shown == [("0",), ("0",)]
    append(journal, head)
    journal.close()


def test_a_body_is_stored_uncompressed_outside_the_row(postgres_address):
    journal = PostgresJournal(postgres_address)
    noise = Random(1).randbytes(100_000)
    append(journal, journal.open("node-a"), noise)
    journal.close()

    storage = "SELECT attstorage FROM pg_attribute WHERE attrelid = 'journal'::regclass AND attname = 'body'"
    assert sql(postgres_address, storage) == [("e",)]
    assert sql(postgres_address, "SELECT pg_column_size(body) FROM journal") == [(100_000,)]


@pytest.mark.parametrize(
    ("setting", "word"), [("fsync = off", "fsync"), ("full_page_writes = off", "full_page_writes")]
)
def test_a_server_that_may_lose_commits_is_refused(postgres_server, postgres_address, setting, word):
    name, value = setting.split(" = ")
    postgres_server.execute(f"ALTER SYSTEM SET {name} = {value}")
    postgres_server.execute("SELECT pg_reload_conf()")
    try:
        while postgres_server.execute(f"SHOW {name}") != [(value,)]:
            pass
        with pytest.raises(JournalIsUnfit, match=word):
            PostgresJournal(postgres_address).open("node-a")
        assert JournalIsUnfit.exit_code == 73
    finally:
        postgres_server.execute(f"ALTER SYSTEM RESET {name}")
        postgres_server.execute("SELECT pg_reload_conf()")
        while postgres_server.execute(f"SHOW {name}") == [(value,)]:
            pass


def test_a_database_that_only_reads_is_refused(postgres_server, postgres_address):
    name = database_of(postgres_address)
    postgres_server.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")

    with pytest.raises(JournalIsUnfit):
        PostgresJournal(postgres_address).open("node-a")


def test_a_server_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(JournalIsUnfit, match="reached"):
        PostgresJournal(f"postgresql://postgres@/x?host={tmp_path}").open("node-a")


def test_quorum_needs_a_standby_by_name(postgres_address):
    with pytest.raises(JournalIsUnfit, match="synchronous_standby_names"):
        PostgresJournal(postgres_address, profile="quorum").open("node-a")


def test_the_session_lock_falls_with_its_session(postgres_address):
    first, second = PostgresJournal(postgres_address), PostgresJournal(postgres_address)
    first.open("node-a")
    with pytest.raises(JournalIsHeld, match="node-a"):
        second.open("node-b")
    first._primary.close()  # the process is gone, the server notices
    while True:
        try:
            head = second.open("node-b")
            break
        except JournalIsHeld:
            continue

    assert head.epoch == 2
    first.close()
    second.close()


def test_a_failover_to_the_standby_loses_nothing_acknowledged():
    """Primary killed as by a power cut, standby promoted; one address names both, the new one answers."""
    primary = Server()
    standby = Server(clone_of=primary)
    try:
        primary.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{standby.folder.name}'")
        primary.execute("SELECT pg_reload_conf()")
        address = f"postgresql://postgres@/postgres?host={primary.folder},{standby.folder}"
        while primary.execute("SELECT sync_state FROM pg_stat_replication") != [("sync",)]:
            pass
        journal = PostgresJournal(address, profile="quorum")
        head = journal.open("node-a")
        for _ in range(20):
            head = append(journal, head)
        with pytest.raises(JournalIsUnfit):
            PostgresJournal(standby.address()).open("node-b")
        primary.stop("immediate")
        with pytest.raises(Ambiguous):
            append(journal, head)
        journal.close()
        standby.promote()

        after = PostgresJournal(address)
        found = after.open("node-b")
        assert (found.seq, found.hash, found.epoch) == (head.seq, head.hash, 2)
        append(after, found)
        verify_chain(after.read(0, limit=100))
        after.close()
    finally:
        standby.destroy()
        primary.destroy()
