"""Evidence in memory keeps the contract."""

import pytest

from steelyard.storage.evidence import MemoryEvidence
from tests.contracts.evidence.suite import EvidenceContract


class TestMemoryEvidence(EvidenceContract):
    @pytest.fixture
    def store(self):
        kept = MemoryEvidence()
        return lambda: kept
