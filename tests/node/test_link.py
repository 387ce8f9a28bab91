"""Frames of the link, and what a gateway's end does when the node is silent or gone."""

import asyncio
import os
import stat

import pytest

from steelyard.node.link import FRAME_BYTES_MAX, HEADER, End, LinkLost, Submission, frame, take_frames
from steelyard.node.link_client import StreamLink


def test_frames_are_cut_wherever_the_stream_is_cut():
    """Any cutting of the bytes gives the same frames."""
    whole = frame(1, b"abc") + frame(2, b"") + frame(3, b"x" * 300)
    for step in (1, 2, 7, len(whole)):
        buffer, found = bytearray(), []
        for at in range(0, len(whole), step):
            buffer += whole[at : at + step]
            found += take_frames(buffer)

        assert [(1, b"abc"), (2, b""), (3, b"x" * 300)] == found
        assert not buffer


def test_a_frame_over_the_bound_is_a_fault():
    """Nobody makes the other end keep gigabytes."""
    with pytest.raises(ValueError, match="is over"):
        take_frames(bytearray(HEADER.pack(FRAME_BYTES_MAX + 1, 1)))


class Silent(asyncio.Protocol):
    """A node that welcomes and then says nothing."""

    streams: list

    def connection_made(self, transport):
        self.transport = transport
        self.streams.append(self)
        transport.write(frame(6, bytes.fromhex("930105c2")))


@pytest.fixture
def silent_node(tmp_path):
    """Give (path, open streams) of a node that never answers, inside a running loop."""

    async def listen():
        streams = []
        kind = type("Here", (Silent,), {"streams": streams})
        server = await asyncio.get_running_loop().create_unix_server(kind, str(tmp_path / "s"))
        return server, streams

    return tmp_path / "s", listen


def test_a_lost_stream_ends_what_is_open_as_unknown(silent_node):
    """Submissions end UNKNOWN, reads raise, and so does whatever comes after."""
    path, listen = silent_node

    async def run():
        server, streams = await listen()
        link = await StreamLink.connect(str(path), name="g")
        assert 5 == link.context_version
        one = link.submit(Submission(b"x"))
        read = asyncio.ensure_future(link.read("now"))
        await asyncio.sleep(0.01)
        streams[0].transport.close()
        answer = await asyncio.wait_for(one, 5)
        with pytest.raises(LinkLost):
            await read
        with pytest.raises(LinkLost):
            await link.read("now")
        after = await link.submit(Submission(b"x"))
        server.close()
        return answer.end, after.end, link.stopping

    assert (End.UNKNOWN, End.UNKNOWN, True) == asyncio.run(run())


def test_a_deadline_that_passes_ends_as_unknown(silent_node):
    """Never as refused."""
    path, listen = silent_node

    async def run():
        server, _ = await listen()
        link = await StreamLink.connect(str(path), name="g")
        answer = await asyncio.wait_for(link.submit(Submission(b"x", deadline_ms=1)), 5)
        await link.close()
        server.close()
        return answer.end

    assert End.UNKNOWN == asyncio.run(run())


def test_one_turn_is_one_frame(silent_node):
    """Everything that one turn of the loop produced leaves together."""
    path, listen = silent_node
    received = bytearray()

    async def run():
        server, streams = await listen()
        link = await StreamLink.connect(str(path), name="g")
        streams[0].data_received = received.extend
        link.submit_many([Submission(b"c%d" % number) for number in range(100)])
        await asyncio.sleep(0.05)
        await link.close()
        server.close()

    asyncio.run(run())

    assert [2] == [kind for kind, _ in take_frames(received) if kind != 1]


def test_the_protocol_of_another_release_is_refused(tmp_path):
    """A gateway that cannot talk to the node does not begin."""

    class Other(asyncio.Protocol):
        def connection_made(self, transport):
            transport.write(frame(6, bytes.fromhex("936300c2")))

    async def run():
        server = await asyncio.get_running_loop().create_unix_server(Other, str(tmp_path / "o"))
        with pytest.raises(LinkLost):
            await StreamLink.connect(str(tmp_path / "o"), name="g")
        server.close()

    asyncio.run(run())


def test_only_this_user_may_connect(tmp_path):
    """The stream's file has no rights for others, whatever the umask."""
    from steelyard.node.link_server import LinkServer

    async def run():
        server = LinkServer(None)
        before = os.umask(0)
        try:
            await server.listen(tmp_path / "n")
        finally:
            os.umask(before)
        mode = stat.S_IMODE((tmp_path / "n").stat().st_mode)
        await server.close()
        return mode

    assert 0o600 == asyncio.run(run())
