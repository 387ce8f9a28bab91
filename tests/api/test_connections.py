"""The bounds of connections, on a real server: who only connects, drips or floods takes nothing from who asks."""

import asyncio
import contextlib
import resource
from functools import partial

import pytest
import uvicorn

from steelyard.api import connections, exchange
from steelyard.api.connections import AHEAD_MAX, HEAD_BYTES_MAX, Lobby, Server, room

ASK = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class App:
    """Answers with `size` bytes once let go, and notes the headers of each request."""

    def __init__(self, size=2):
        self.go = asyncio.Event()
        self.go.set()
        self.size = size
        self.seen = []

    async def __call__(self, scope, receive, send):
        self.seen.append(scope["headers"])
        await self.go.wait()
        body = b"x" * self.size
        length = [(b"content-length", str(len(body)).encode())]
        if not exchange.send_whole(scope, 200, length, body):
            await send({"type": "http.response.start", "status": 200, "headers": length})
            await send({"type": "http.response.body", "body": body})


@contextlib.asynccontextmanager
async def serving(app, most=100):
    lobby = Lobby(most)
    config = uvicorn.Config(
        app, loop="none", http=partial(exchange.Protocol, lobby=lobby), ws="none", lifespan="off",
        log_config=None, server_header=False, date_header=False, port=0, timeout_graceful_shutdown=1,
    )  # fmt: skip
    server = Server(config, lobby)
    task = asyncio.ensure_future(server.serve())
    while not server.started:
        await asyncio.sleep(0.005)
    server.port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        app.go.set()
        server.should_exit = True
        await task


async def connect(server):
    return await asyncio.open_connection("127.0.0.1", server.port)


async def settled(condition):
    """Wait until something is so."""
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.01)


async def asked(stream):
    """Ask once and give the first line of the answer, empty where there is none."""
    reader, writer = stream
    with contextlib.suppress(ConnectionError):
        writer.write(ASK)
        line = await asyncio.wait_for(reader.readline(), 5)
        if line.startswith(b"HTTP/1.1 200"):
            await reader.readuntil(b"xx")
        return line
    return b""


def ended(stream):
    """Give what comes until the end of a connection."""

    async def read():
        try:
            return await asyncio.wait_for(stream[0].read(), 5)
        except ConnectionError:
            return b"cut"

    return read()


@pytest.mark.parametrize(
    ("begin", "drip"),
    [(b"", b""), (b"\r\n", b"\r\n"), (b"GET /", b"a"), (b"GET / HTTP/1.1\r\nX: ", b"a")],
    ids=["nothing", "empty lines", "address", "header"],
)
def test_a_head_that_does_not_come_ends_its_connection(begin, drip, monkeypatch):
    """However its bytes trickle in, and on a connection that has asked before as on a new one."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.3)

    async def story(asks_first):
        async with serving(App()) as server:
            stream = await connect(server)
            if asks_first:
                assert b"200" in await asked(stream)
            stream[1].write(begin)
            reading = asyncio.ensure_future(ended(stream))
            while not reading.done():
                stream[1].write(drip)
                await asyncio.sleep(0.05)
            assert await reading in (b"", b"cut")

    asyncio.run(story(False))
    if begin:  # without a byte the longer time between two requests holds
        asyncio.run(story(True))


def test_a_head_of_any_size_is_not_held():
    """Neither as one line that never ends nor as many lines."""

    async def story(piece):
        async with serving(App()) as server:
            stream = await connect(server)
            stream[1].write(b"GET / HTTP/1.1\r\n" + piece * (2 * HEAD_BYTES_MAX // len(piece)))
            assert (await ended(stream)).startswith(b"HTTP/1.1 431 ")

    for piece in (b"x" * 1000, b"x-a: bbbbbbbbbb\r\n"):
        asyncio.run(story(piece))


def test_lines_after_a_body_are_none_of_the_headers_and_have_a_bound():
    async def story():
        app = App()
        async with serving(app) as server:
            head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
            stream = await connect(server)
            stream[1].write(head + b"X-Forwarded-For: 1.2.3.4\r\n\r\n")
            assert b"200" in await stream[0].readline()
            assert [b"host", b"transfer-encoding"] == [name for name, _ in app.seen[0]]
            app.go.clear()
            other = await connect(server)
            other[1].write(head + b"x: ")
            await settled(lambda: len(app.seen) == 2)
            other[1].write(b"y" * 2 * HEAD_BYTES_MAX)
            assert b"" == await ended(other)  # nothing that could pass for the answer

    asyncio.run(story())


def test_many_small_pieces_of_a_body_are_no_flood():
    """A body in pieces of one byte costs five times its length in between and is within bounds all the same."""

    async def story():
        app = App()
        async with serving(app) as server:
            stream = await connect(server)
            stream[1].write(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n")
            stream[1].write(b"1\r\na\r\n" * 20_000 + b"0\r\n\r\n")
            assert b"200" in await stream[0].readline()

    asyncio.run(story())


def test_requests_ahead_of_their_answers_have_a_bound():
    async def story():
        app = App()
        async with serving(app) as server:
            app.go.clear()
            stream = await connect(server)
            stream[1].write(ASK * (AHEAD_MAX + 1))
            await settled(lambda: app.seen)
            app.go.set()
            answers = await asyncio.wait_for(stream[0].readexactly((AHEAD_MAX + 1) * 40), 5)
            assert AHEAD_MAX + 1 == answers.count(b"HTTP/1.1 200 OK")
            app.go.clear()
            other = await connect(server)
            other[1].write(ASK * (AHEAD_MAX + 3))
            assert b"" == await ended(other)

    asyncio.run(story())


def test_what_is_no_request_behind_one_under_way_does_not_answer_it():
    """A 400 at its place would tell the sender of a payment that nothing was done."""

    async def story():
        app = App()
        async with serving(app) as server:
            app.go.clear()
            stream = await connect(server)
            stream[1].write(ASK)
            await settled(lambda: app.seen)
            stream[1].write(b"\x00\x01\r\n\r\n")
            assert b"" == await ended(stream)

    asyncio.run(story())


def test_who_asks_is_served_however_many_only_connect():
    """Past the bound the longest waiting goes, then the longest idle, and never one whose request is under way."""

    async def story():
        app = App()
        async with serving(app, most=3) as server:
            silent = [await connect(server) for _ in range(3)]
            await settled(lambda: len(server.lobby.waiting) == 3)
            first = await connect(server)
            assert b"200" in await asked(first)
            assert b"cut" == await ended(silent[0]) or silent[0][0].at_eof()
            others = [await connect(server) for _ in range(2)]
            for stream in others:
                assert b"200" in await asked(stream)
            assert not first[0].at_eof()
            late = await connect(server)  # all are idle: the first has been longest
            assert b"200" in await asked(late)
            await settled(first[0].at_eof)
            app.go.clear()
            for _, writer in (*others, late):
                writer.write(ASK)
            await settled(lambda: len(app.seen) == 7)
            turned_away = await ended(await connect(server))
            assert turned_away.startswith(b"HTTP/1.1 503 ")
            app.go.set()
            for reader, _ in (*others, late):
                assert b"200" in await asyncio.wait_for(reader.readline(), 5)

    asyncio.run(story())


def test_an_answer_of_which_nothing_is_read_is_not_kept(monkeypatch):
    monkeypatch.setattr(connections, "STALL_SECONDS", 0.3)

    async def story(closing):
        app = App(size=30_000_000)
        async with serving(app) as server:
            reader, writer = await connect(server)
            reader._transport.pause_reading()
            writer.write(ASK.replace(b"Host", b"Connection: close\r\nHost") if closing else ASK)
            await settled(lambda: app.seen)
            await settled(lambda: not server.server_state.connections)
            return len(app.seen), len(server.server_state.connections)

    assert (1, 0) == asyncio.run(story(False))
    assert (1, 0) == asyncio.run(story(True))


def test_no_more_connections_are_held_than_files_may_be_open():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        assert 10 == room(10)
        hard = min(before[1], 2_000) if before[1] != resource.RLIM_INFINITY else 2_000
        resource.setrlimit(resource.RLIMIT_NOFILE, (400, before[1]))
        assert 300 == room(300)
        assert resource.getrlimit(resource.RLIMIT_NOFILE)[0] >= min(428, hard)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
