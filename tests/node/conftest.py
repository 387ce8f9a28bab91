"""The toy language is in the registry for every test of the node, and gone after it."""

import pytest

from steelyard.flows import registry
from tests.node import toy


@pytest.fixture(autouse=True)
def toy_language():
    """Install the toy commands for one test."""
    before = dict(registry.BY_NAME)
    toy.install()
    yield
    registry.BY_NAME.clear()
    registry.BY_NAME.update(before)
