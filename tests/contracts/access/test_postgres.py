"""The access store in PostgreSQL keeps the contract."""

import psycopg
import pytest

from steelyard.storage.access import open_access
from steelyard.storage.database import DatabaseFault
from tests.contracts.access.suite import KEY, AccessContract

pytestmark = pytest.mark.postgres


class TestPostgresAccess(AccessContract):
    @pytest.fixture
    def store(self, postgres_address):
        opened = []

        def another():
            opened.append(open_access(postgres_address))
            return opened[-1]

        yield another
        for each in opened:
            each.close()


def test_a_lost_line_is_a_fault_once_and_then_made_anew(postgres_address):
    access = open_access(postgres_address)
    access.add_key(KEY)
    with psycopg.connect(postgres_address, autocommit=True) as other:
        other.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )

    with pytest.raises(DatabaseFault):
        access.revoke_key("k1", 5)
    assert access.key("k1") == KEY
    assert access.revoke_key("k1", 6)
    access.close()
