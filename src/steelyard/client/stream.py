"""The async way to a node: asyncio for the bytes, httptools for HTTP/1.1, a pool of connections.

httpcore's async pool costs 0.4 to 1 ms of processor time for each request, more than the node spends on the
payment in it; this one costs less than a tenth. No other file imports httptools.
"""

import asyncio
import ssl
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from httptools import HttpParserError, HttpResponseParser

from steelyard.client.address import Address
from steelyard.client.ask import SILENCE_SECONDS, Failure, Lost, Reply, Request

ANSWER_MAX = 256 << 20
AHEAD_MAX = 256 << 10
"""Bytes of a stream that may wait to be read before the connection is paused."""


class Connection(asyncio.Protocol):
    """One connection; it carries one request at a time."""

    def __init__(self) -> None:
        self.is_open = False
        self._loop = asyncio.get_running_loop()
        self._transport: asyncio.Transport
        self._parser: Any = None
        self._answer: asyncio.Future[Reply] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._headers: dict[bytes, bytes] = {}
        self._pieces: list[bytes] = []
        self._size = 0
        self._stays = True
        self._stream: Stream | None = None

    # what asyncio calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._parser = HttpResponseParser(self)
        self.is_open = True

    def data_received(self, data: bytes) -> None:
        """Read what came."""
        try:
            self._parser.feed_data(data)
        except (HttpParserError, Lost) as error:
            self._fail(f"no HTTP: {error}")

    def connection_lost(self, error: Exception | None) -> None:
        """End."""
        self.is_open = False
        self._fail(str(error) if error else "the connection was closed")

    # what httptools calls

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header."""
        self._headers[name.lower()] = value

    def on_headers_complete(self) -> None:
        """Hand the head of a stream over."""
        stream, status = self._stream, self._parser.get_status_code()
        if stream is not None and status == 200:
            stream.head(Reply(status, self._headers, b""))

    def on_body(self, piece: bytes) -> None:
        """Keep a piece of the body, or hand it over."""
        if self._stream is not None and self._stream.is_flowing:
            self._stream.feed(piece)
            return
        self._size += len(piece)
        if self._size > ANSWER_MAX:
            raise Lost("the answer is too large")
        self._pieces.append(piece)

    def on_message_complete(self) -> None:
        """Give the answer."""
        status = self._parser.get_status_code()
        pieces, headers = self._pieces, self._headers
        self._pieces, self._headers, self._size = [], {}, 0
        if status < 200:  # a word on the way, not the answer
            return
        self._stays = self._parser.should_keep_alive()
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        if self._stream is not None:
            self._stream.end(Reply(status, headers, body))
        elif self._answer is not None and not self._answer.done():
            self._answer.set_result(Reply(status, headers, body))
        else:  # an answer to nothing: what comes next on this connection could be taken for another's
            self.abort()

    # what the pool calls

    async def exchange(self, data: bytes, timeout_s: float) -> Reply | Failure:
        """Send a request and give its answer."""
        answer: asyncio.Future[Reply] = self._loop.create_future()
        self._answer = answer
        self._timer = self._loop.call_later(timeout_s, self._late)
        self._transport.write(data)
        try:
            return await answer
        except Lost as error:
            return Failure(str(error), was_sent=True)
        except BaseException:
            self.abort()
            raise
        finally:
            self._timer.cancel()
            self._answer = None

    def flow(self, data: bytes, stream: "Stream") -> None:
        """Send a request whose answer is a stream."""
        self._stream = stream
        self._transport.write(data)

    @property
    def is_free(self) -> bool:
        """Whether another request may go over it."""
        return self.is_open and self._stays and not self._transport.is_closing()

    def hold_back(self, *, held: bool) -> None:
        """Stop reading, or go on."""
        if self.is_open:
            (self._transport.pause_reading if held else self._transport.resume_reading)()

    def abort(self) -> None:
        """Cut the connection."""
        self.is_open = False
        self._transport.abort()

    def _late(self) -> None:
        self._fail("no answer in time")

    def _fail(self, why: str) -> None:
        if self.is_open:
            self.abort()
        if self._stream is not None:
            self._stream.fail(why)
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(Lost(why))


class Stream:
    """The answer of an open connection, piece by piece."""

    def __init__(self, connection: Connection) -> None:
        self.is_flowing = False
        self._connection = connection
        self._head: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._pieces: deque[bytes] = deque()
        self._waiting = 0
        self._woken = asyncio.Event()
        self._why: str | None = None

    def head(self, reply: Reply) -> None:
        """Begin to flow."""
        self.is_flowing = True
        if not self._head.done():
            self._head.set_result(reply)

    def feed(self, piece: bytes) -> None:
        """Take a piece in."""
        self._pieces.append(piece)
        self._waiting += len(piece)
        if self._waiting > AHEAD_MAX:
            self._connection.hold_back(held=True)
        self._woken.set()

    def end(self, reply: Reply) -> None:
        """Note the end: of the stream, or of an answer that is none."""
        if not self._head.done():
            self._head.set_result(reply)
        self._why = ""
        self._woken.set()

    def fail(self, why: str) -> None:
        """Note that the connection broke."""
        if not self._head.done():
            self._head.set_exception(Lost(why))
        if self._why is None:
            self._why = why
        self._woken.set()

    async def opened(self, timeout_s: float) -> Reply | Failure:
        """Wait for the head."""
        try:
            async with asyncio.timeout(timeout_s):
                return await self._head
        except Lost as error:
            return Failure(str(error), was_sent=True)
        except TimeoutError:
            return Failure("no answer in time", was_sent=True)

    async def pieces(self, timeout_s: float) -> AsyncIterator[bytes]:
        """Give piece after piece; Lost where the connection breaks or is silent for too long."""
        while True:
            while self._pieces:
                piece = self._pieces.popleft()
                self._waiting -= len(piece)
                if self._waiting <= AHEAD_MAX < self._waiting + len(piece):
                    self._connection.hold_back(held=False)
                yield piece
            if self._why is not None:
                if self._why:
                    raise Lost(self._why)
                return
            self._woken.clear()
            try:
                async with asyncio.timeout(timeout_s):
                    await self._woken.wait()
            except TimeoutError:
                raise Lost("the stream is silent") from None


class AsyncTransport:
    """Sends requests of one async client, all on one event loop."""

    def __init__(
        self, address: Address, *, connections: int, timeout_s: float, tls: ssl.SSLContext | None
    ) -> None:
        self._address = address
        self._timeout_s = timeout_s
        self._tls = (tls or ssl.create_default_context()) if address.secure else None
        self._free: deque[Connection] = deque()
        self._open: set[Connection] = set()
        self._room = connections
        self._waiters: deque[asyncio.Future[None]] = deque()

    async def close(self) -> None:
        """Cut every connection."""
        for connection in list(self._open):
            connection.abort()
        self._open.clear()
        self._free.clear()
        await asyncio.sleep(0)

    async def send(self, request: Request) -> Reply | Failure:
        """Send a request and read its whole answer."""
        connection = await self._take()
        if isinstance(connection, Failure):
            return connection
        try:
            return await connection.exchange(_bytes(request), self._timeout_s)
        finally:
            self._give_back(connection)

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[tuple[Reply, AsyncIterator[bytes]] | Failure]:
        """Send a request and read its answer piece by piece; a reply that is no success comes whole."""
        connection = await self._connect()
        if isinstance(connection, Failure):
            yield connection
            return
        stream = Stream(connection)
        try:
            connection.flow(_bytes(request), stream)
            head = await stream.opened(self._timeout_s)
            yield head if isinstance(head, Failure) else (head, stream.pieces(SILENCE_SECONDS))
        finally:
            connection.abort()
            self._open.discard(connection)

    async def _take(self) -> Connection | Failure:
        """Give a connection that is free, or a new one; wait where there are enough."""
        while True:
            while self._free:
                connection = self._free.pop()
                if connection.is_free:
                    return connection
                self._drop(connection)
            if self._room > 0:
                break
            waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if waiter.done() and not waiter.cancelled():
                    self._wake()
                raise
        self._room -= 1
        made: Connection | Failure | None = None
        try:
            made = await self._connect()
            return made
        finally:
            if not isinstance(made, Connection):
                self._room += 1
                self._wake()

    async def _connect(self) -> Connection | Failure:
        loop, where = asyncio.get_running_loop(), self._address
        try:
            async with asyncio.timeout(self._timeout_s):
                if where.socket:
                    _, connection = await loop.create_unix_connection(Connection, where.socket)
                else:
                    _, connection = await loop.create_connection(
                        Connection, where.host, where.port, ssl=self._tls
                    )
        except (OSError, ssl.SSLError) as error:  # TimeoutError is an OSError
            return Failure(str(error) or "no connection in time", was_sent=False)
        self._open.add(connection)
        return connection

    def _give_back(self, connection: Connection) -> None:
        if connection.is_free:
            self._free.append(connection)
        else:
            self._drop(connection)
        self._wake()

    def _drop(self, connection: Connection) -> None:
        connection.abort()
        self._open.discard(connection)
        self._room += 1

    def _wake(self) -> None:
        """Let the next who waits look for a connection."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return


def _bytes(request: Request) -> bytes:
    """Write a request's bytes. No value that goes in here comes from outside unescaped."""
    head = [b"%b %b HTTP/1.1" % (request.method.encode(), request.target)]
    head += [b"%b: %b" % header for header in request.headers]
    return b"\r\n".join(head) + b"\r\n\r\n" + request.body
