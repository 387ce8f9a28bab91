"""Shared by all contract suites: one PostgreSQL server a session, one database a test."""

from itertools import count

import pytest

from tests.postgres import Server, available

_numbers = count(1)


@pytest.fixture(scope="session")
def postgres_server():
    """A running server; tests that need it are skipped where the wheel is missing."""
    if not available():
        pytest.skip("the wheel with the PostgreSQL server is not installed")
    server = Server()
    yield server
    server.destroy()


@pytest.fixture
def postgres_address(postgres_server):
    """The address of an empty database that lives as long as the test."""
    name = f"contract_{next(_numbers)}"
    yield postgres_server.new_database(name)
    postgres_server.drop_database(name)
