"""The application on a real server: sockets, keep-alive, slow and large bodies, readers who go, stopping."""

import asyncio
import contextlib
import json
import socket

import pytest

from steelyard.api import app, door
from tests.api.messages import message, transfer
from tests.api.world import GHAF, SIDR, run, running


class Server:
    """A gateway of a world on sockets of its own."""

    def __init__(self, world, folder):
        self.world = world
        self.path = str(folder / "s")
        self.stop = asyncio.Event()
        unix = socket.socket(socket.AF_UNIX)
        unix.bind(self.path)
        tcp = socket.socket()
        tcp.bind(("127.0.0.1", 0))
        self.port = tcp.getsockname()[1]
        for one in (unix, tcp):
            one.listen(64)
            one.setblocking(False)
        node = world.node
        self.task = asyncio.ensure_future(app.serve_gateway(node.config, node.link(), [unix, tcp], self.stop))

    async def connect(self, *, tcp=False):
        if tcp:
            return await asyncio.open_connection("127.0.0.1", self.port)
        return await asyncio.open_unix_connection(self.path)

    def head(self, method, path, *lines, key=GHAF, length=0):
        fields = [f"{method} {path} HTTP/1.1", "Host: node", f"Content-Length: {length}", *lines]
        if key:
            fields.append(f"Authorization: Bearer {self.world.keys[key]}")
        return "\r\n".join([*fields, "", ""]).encode()

    async def ask(self, stream, method, path, *lines, body=b"", **how):
        """Send one request on a connection and read its answer: (status, headers, body)."""
        reader, writer = stream
        writer.write(self.head(method, path, *lines, length=len(body), **how) + body)
        return await answer(reader)


async def answer(reader):
    """Read one answer of known length."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
    body = await reader.readexactly(int(headers.get("content-length", 0)))
    return int(head[0].split()[1]), headers, body


@contextlib.asynccontextmanager
async def serving(tmp_path):
    async with running(tmp_path / "world") as world:
        server = Server(world, tmp_path)
        with contextlib.suppress(ConnectionError):
            await until_up(server)
        try:
            yield server
        finally:
            server.stop.set()
            await asyncio.wait_for(server.task, 10)


async def until_up(server):
    """Wait for the first answer."""
    while not server.task.done():
        stream = await server.connect()
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await server.ask(stream, "GET", "/health/live", key=None)
            return
        stream[1].close()
        await asyncio.sleep(0.01)
    await server.task


def test_one_gateway_answers_on_all_its_sockets_and_keeps_connections(tmp_path):
    async def story():
        async with serving(tmp_path) as server:
            for tcp in (False, True):
                stream = await server.connect(tcp=tcp)
                for _ in range(3):
                    raw = message(GHAF, transfer(GHAF, SIDR, target="AED", amount="1.00"))
                    status, headers, body = await server.ask(
                        stream, "POST", "/v1/messages", "Content-Type: application/xml", body=raw
                    )
                    assert (200, "application/xml") == (status, headers["content-type"])
                    assert b"<TxSts>ACSC</TxSts>" in body
                status, _, body = await server.ask(stream, "GET", "/v1/me")
                assert (200, GHAF) == (status, json.loads(body)["owner"])
                status, headers, _ = await server.ask(stream, "GET", "/health/ready", key=None)
                assert 200 == status
                assert not {"server", "date"} & set(headers)

    run(story())


def test_many_requests_in_one_packet_are_answered_in_order(tmp_path):
    async def story():
        async with serving(tmp_path) as server:
            reader, writer = await server.connect()
            paths = ["/v1/me", "/v1/payments", "/nowhere", "/v1/accounts/GHAFAEA0%2FAED", "/v1/status"]
            writer.write(b"".join(server.head("GET", path) for path in paths))
            statuses = [(await answer(reader))[0] for _ in paths]
            assert [200, 200, 404, 200, 200] == statuses

    run(story())


def test_a_body_that_comes_too_slowly_ends(tmp_path, monkeypatch):
    monkeypatch.setattr(door, "BODY_SECONDS", 0.2)

    async def story():
        async with serving(tmp_path) as server:
            reader, writer = await server.connect()
            lines = ("Content-Type: application/json", "Idempotency-Key: slow")
            writer.write(server.head("POST", "/v1/payments", *lines, length=100) + b"{")
            status, _, body = await answer(reader)
            assert (408, "request-too-slow") == (status, json.loads(body)["code"])
            assert b"" == await asyncio.wait_for(reader.read(), 5)  # and the connection with it

    run(story())


def test_a_body_of_fifty_mebibytes_is_refused_before_it_is_read(tmp_path):
    async def story():
        async with serving(tmp_path) as server:
            reader, writer = await server.connect(tcp=True)
            head = server.head("POST", "/v1/messages", "Content-Type: application/xml", length=50 << 20)
            writer.write(head)
            status, _, body = await answer(reader)
            assert (413, "body-too-large") == (status, json.loads(body)["code"])
            writer.close()
            status, _, _ = await server.ask(await server.connect(), "GET", "/v1/me")
            assert 200 == status

    run(story())


def test_a_body_without_a_length_is_counted_as_it_comes(tmp_path):
    async def story():
        async with serving(tmp_path) as server:
            reader, writer = await server.connect()
            head = server.head("POST", "/v1/payments", "Content-Type: application/json", "Idempotency-Key: k",
                               "Transfer-Encoding: chunked").replace(b"Content-Length: 0\r\n", b"")  # fmt: skip
            writer.write(head)
            piece = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
            with contextlib.suppress(ConnectionError):
                for _ in range(80):
                    writer.write(piece)
                    await writer.drain()
            status, _, body = await answer(reader)
            assert (413, "body-too-large") == (status, json.loads(body)["code"])

    run(story())


def test_headers_have_a_bound(tmp_path):
    async def story():
        async with serving(tmp_path) as server:
            status, _, body = await server.ask(
                await server.connect(), "GET", "/v1/me", "X-A: " + "a" * 20_000
            )
            assert (431, "headers-too-large") == (status, json.loads(body)["code"])

    run(story())


@pytest.mark.parametrize(
    "raw", [b"\x00\x01\x02\r\n\r\n", b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n" + b"\x16\x03\x01" * 50]
)
def test_what_is_no_request_ends_its_connection_alone(tmp_path, raw):
    async def story():
        async with serving(tmp_path) as server:
            reader, writer = await server.connect(tcp=True)
            writer.write(raw)
            assert b"500" not in await asyncio.wait_for(reader.read(), 5)
            writer.close()
            assert 200 == (await server.ask(await server.connect(), "GET", "/v1/me"))[0]

    run(story())


async def begin_stream(server, key=GHAF):
    """Open a stream and read up to its first line."""
    reader, writer = await server.connect()
    writer.write(server.head("GET", "/v1/events", "Accept: text/event-stream", key=key))
    await reader.readuntil(b"steelyard events\n\n")
    return reader, writer


def test_a_reader_who_closes_the_connection_frees_its_place(tmp_path):
    async def story():
        async with serving(tmp_path) as server:
            for _ in range(25):  # ten at a time is the bound
                _, writer = await begin_stream(server)
                writer.close()
                await writer.wait_closed()
                await asyncio.sleep(0.02)
            held = [await begin_stream(server) for _ in range(8)]
            for _, writer in held:
                writer.close()
            return len(held)

    assert 8 == run(story())


def test_stopping_says_bye_to_streams_and_ends_idle_connections(tmp_path):
    async def story():
        async with serving(tmp_path) as server:
            reader, _writer = await begin_stream(server)
            stream = idle, _ = await server.connect()
            await server.ask(stream, "GET", "/v1/me")
            server.stop.set()
            assert b"event: bye" in await asyncio.wait_for(reader.read(), 10)
            assert b"" == await asyncio.wait_for(idle.read(), 10)
            await asyncio.wait_for(asyncio.shield(server.task), 10)

    run(story())


def test_a_request_under_way_is_answered_before_the_end(tmp_path):
    async def story():
        async with serving(tmp_path) as server:
            reader, writer = await server.connect()
            raw = message(GHAF, *(transfer(GHAF, SIDR, target="AED", amount="1.00") for _ in range(50)))
            lines = ("Content-Type: application/xml",)
            writer.write(server.head("POST", "/v1/messages", *lines, length=len(raw)) + raw)
            await asyncio.sleep(0.005)
            server.stop.set()
            status, _, body = await asyncio.wait_for(answer(reader), 10)
            assert 200 == status
            assert b"<GrpSts>ACSC</GrpSts>" in body

    run(story())
