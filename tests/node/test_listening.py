"""The sockets that gateways listen on: shared out among them, and never with another node."""

import selectors
import socket

import pytest

from steelyard.node.exits import Stop
from steelyard.node.process import bind_all


def test_connections_are_shared_out_among_the_sockets():
    """Each of two gateways gets some of sixty connections."""
    made = bind_all("127.0.0.1:0", 2)
    address, other = (one.getsockname() for one in made)
    calling = [socket.create_connection(address) for _ in range(60)]
    taken = [0, 0]
    with selectors.DefaultSelector() as waiting:
        for no, one in enumerate(made):
            waiting.register(one, selectors.EVENT_READ, no)
        while sum(taken) < 60:
            for key, _ in waiting.select(5):
                key.fileobj.accept()[0].close()
                taken[key.data] += 1
    for one in (*made, *calling):
        one.close()

    assert all(taken)
    assert address == other


def test_a_second_node_at_the_same_address_does_not_start():
    """Sharing is within one node."""
    made = bind_all("127.0.0.1:0", 2)
    host, port = made[0].getsockname()
    with pytest.raises(Stop, match="cannot listen"):
        bind_all(f"{host}:{port}", 2)
    for one in made:
        one.close()


def test_a_file_has_one_socket_for_all(tmp_path):
    """The kernel shares out no connections of a unix socket."""
    made = bind_all(f"unix:{tmp_path / 's'}", 2)

    assert 1 == len(made)
    made[0].close()
