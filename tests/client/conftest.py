"""Fixtures of the client's tests."""

from contextlib import ExitStack

import pytest

from tests.client.clients import Async, Sync
from tests.client.server import serving


@pytest.fixture(params=[Sync, Async], ids=["sync", "async"])
def face(request):
    """Give the class of one client, then the other."""
    return request.param


@pytest.fixture
def against(face):
    """Give a function that starts a server with a script and a client of it: `client, server = against(script)`."""
    with ExitStack() as stack:

        def begin(script, *, socket="", **given):
            server = stack.enter_context(serving(script, socket=socket))
            client = face(server.address, **given)
            stack.callback(client.close)
            return client, server

        yield begin
