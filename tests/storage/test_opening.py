"""The address alone says which journal it is."""

from steelyard.storage.memory import MemoryJournal
from steelyard.storage.opening import open_journal
from steelyard.storage.postgres import PostgresJournal
from steelyard.storage.sqlite import SqliteJournal


def test_an_address_chooses_its_journal(tmp_path):
    assert isinstance(open_journal("memory:"), MemoryJournal)
    quorum = open_journal("postgresql://u@/d", profile="quorum")
    assert isinstance(quorum, PostgresJournal)
    assert quorum.profile == "quorum"
    for path in (tmp_path, tmp_path / "journal.db", str(tmp_path)):
        found = open_journal(path)
        assert isinstance(found, SqliteJournal)
        assert found.path == tmp_path / "journal.db"
