"""The projection in PostgreSQL keeps the contract."""

import pytest

from tests.contracts.projection.suite import ProjectionContract

pytestmark = pytest.mark.postgres


class TestPostgresProjection(ProjectionContract):
    @pytest.fixture
    def address(self, postgres_address):
        return postgres_address
