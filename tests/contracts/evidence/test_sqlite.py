"""Evidence in SQLite keeps the contract; what is forgotten is in no byte of its files."""

from random import Random

import pytest

from steelyard.storage.evidence import evidence
from steelyard.storage.evidence_sqlite import SqliteEvidence
from steelyard.storage.journal import Ambiguous
from steelyard.storage.opening import open_evidence
from tests.contracts.evidence.suite import EvidenceContract


class TestSqliteEvidence(EvidenceContract):
    @pytest.fixture
    def store(self, tmp_path):
        opened = []

        def another():
            opened.append(open_evidence(tmp_path))
            return opened[-1]

        yield another
        for each in opened:
            each.close()


def test_forgotten_bytes_are_in_no_file(tmp_path):
    store = SqliteEvidence(tmp_path / "evidence.db")
    name = b"a planted name that must go"
    store.put([evidence("party", name, at_ns=1), evidence("party", b"stays " * 700, at_ns=1)])
    found = [path.name for path in tmp_path.iterdir() if name in path.read_bytes()]
    store.forget(evidence("party", name, at_ns=1).digest, "retention")

    assert found
    assert not [path.name for path in tmp_path.iterdir() if name in path.read_bytes()]
    store.close()


def test_a_full_disk_is_ambiguous_and_keeps_nothing_by_half(tmp_path):
    store = SqliteEvidence(tmp_path / "evidence.db")
    store.put([evidence("verdict", b"first", at_ns=1)])
    store._connection.execute("PRAGMA max_page_count = 20")
    noise = Random(1)
    items = [evidence("pack", noise.randbytes(9000), at_ns=1) for _ in range(60)]

    with pytest.raises(Ambiguous, match="full"):
        store.put(items)
    assert [item.digest for item in items] == store.missing(item.digest for item in items)
    assert 1 == len(store.items())
    store.close()
