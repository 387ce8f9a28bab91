"""The journal in memory keeps the contract."""

import pytest

from steelyard.storage.memory import MemoryJournal, Shelf
from tests.contracts.journal.suite import JournalContract


class TestMemoryJournal(JournalContract):
    @pytest.fixture
    def store(self):
        def fresh():
            shelf = Shelf()
            return lambda: MemoryJournal(shelf)

        return fresh
