"""Evidence in PostgreSQL keeps the contract and the journal's rule of what durable means."""

from itertools import count

import psycopg
import pytest

from steelyard.storage.evidence import evidence
from steelyard.storage.evidence_postgres import PostgresEvidence
from steelyard.storage.journal import Ambiguous, JournalIsUnfit
from steelyard.storage.opening import open_evidence
from tests.contracts.evidence.suite import EvidenceContract

pytestmark = pytest.mark.postgres
_numbers = count(1)


class TestPostgresEvidence(EvidenceContract):
    @pytest.fixture
    def store(self, postgres_address):
        opened = []

        def another():
            opened.append(open_evidence(postgres_address))
            return opened[-1]

        yield another
        for each in opened:
            each.close()


def test_a_lost_line_is_ambiguous(postgres_address):
    store = PostgresEvidence(postgres_address)
    with psycopg.connect(postgres_address, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    with pytest.raises(Ambiguous):
        store.put([evidence("verdict", b"x", at_ns=1)])
    store.close()


def test_quorum_is_asked_of_evidence_too(postgres_address):
    with pytest.raises(JournalIsUnfit, match="synchronous_standby_names"):
        PostgresEvidence(postgres_address, profile="quorum")
