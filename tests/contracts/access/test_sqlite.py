"""The access store in SQLite keeps the contract."""

import pytest

from steelyard.storage.access import open_access
from tests.contracts.access.suite import AccessContract


class TestSqliteAccess(AccessContract):
    @pytest.fixture
    def store(self, tmp_path):
        opened = []

        def another():
            opened.append(open_access(tmp_path))
            return opened[-1]

        yield another
        for each in opened:
            each.close()
