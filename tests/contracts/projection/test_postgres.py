"""The projection in PostgreSQL keeps the contract, also where the end of a transaction was not heard."""

from urllib.parse import urlsplit

import pytest

from steelyard.storage.database import DatabaseFault
from steelyard.storage.generations import Generations
from steelyard.storage.memory import MemoryJournal
from steelyard.storage.projection import Projection
from tests.contracts.journal.proxy import Proxy
from tests.contracts.projection.suite import ProjectionContract, dump, journal_of

pytestmark = pytest.mark.postgres


class TestPostgresProjection(ProjectionContract):
    @pytest.fixture
    def address(self, postgres_address):
        return postgres_address

    @pytest.fixture(params=[2])
    def told(self, request, address):
        """One journal is enough here: what differs is the database."""
        yield from self.tell(address, request.param)


@pytest.mark.parametrize("cut", ["before", "after"])
def test_a_line_lost_around_the_commit_leaves_no_gap_and_no_double(postgres_server, postgres_address, cut):
    rows = journal_of(5, 30)
    journal = MemoryJournal()
    journal.shelf.rows += rows
    proxy = Proxy(postgres_server.folder)
    name = urlsplit(postgres_address).path[1:]
    address = f"postgresql://postgres@/{name}?host={proxy.folder}"
    projection = Projection(Generations(address).open(1), segment_legs=20)
    faults = 0
    while projection.applied_seq < 30:
        proxy.cut = cut if faults < 9 and projection.applied_seq % 2 else ""
        try:
            projection.take(journal, legs_max=3)
        except DatabaseFault:
            faults += 1
            proxy.cut = ""
    whole = Projection(Generations(postgres_address).open(2), segment_legs=20)
    whole.apply(rows)

    assert faults > 3
    assert dump(whole.database) == dump(projection.database)
    projection.close()
    whole.close()
    proxy.close()
