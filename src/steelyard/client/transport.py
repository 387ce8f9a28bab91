"""The sync way to a node: httpcore's pool of connections, over TCP, TLS or a unix socket.

No other file imports httpcore. What goes wrong on the way comes back as a value that says whether the node
can have got the request. The async way is `stream.py`.
"""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager

import httpcore

from steelyard.client.address import Address
from steelyard.client.ask import SILENCE_SECONDS, Failure, Lost, Reply, Request
from steelyard.client.errors import AnswerIsStrange

ANSWER_MAX = 256 << 20
_BROKEN = (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError)
_NEVER_SENT = (httpcore.ConnectError, httpcore.ConnectTimeout, httpcore.PoolTimeout)


class Transport:
    """Sends requests of one client. It may be used from several threads at once."""

    def __init__(
        self, address: Address, *, connections: int, timeout_s: float, tls: ssl.SSLContext | None
    ) -> None:
        self._url = (b"https" if address.secure else b"http", address.host.encode(), address.port)
        self._timeouts = {"connect": timeout_s, "read": timeout_s, "write": timeout_s, "pool": timeout_s}
        self._pool = httpcore.ConnectionPool(
            ssl_context=(tls or ssl.create_default_context()) if address.secure else None,
            max_connections=connections,
            max_keepalive_connections=connections,
            keepalive_expiry=60.0,
            uds=address.socket or None,
        )

    def close(self) -> None:
        """Close every connection."""
        self._pool.close()

    def send(self, request: Request) -> Reply | Failure:
        """Send a request and read its whole answer."""
        try:
            found = self._pool.request(
                request.method,
                self._address_of(request),
                headers=request.headers,
                content=request.body or None,
                extensions={"timeout": self._timeouts},
            )
        except _NEVER_SENT as error:
            return Failure(_why(error), was_sent=False)
        except _BROKEN as error:
            return Failure(_why(error), was_sent=True)
        return Reply(found.status, _headers(found), found.content)

    @contextmanager
    def open(self, request: Request) -> Iterator[tuple[Reply, Iterator[bytes]] | Failure]:
        """Send a request and read its answer piece by piece; a reply that is no success comes whole."""
        stream = self._pool.stream(
            request.method,
            self._address_of(request),
            headers=request.headers,
            extensions={"timeout": {**self._timeouts, "read": SILENCE_SECONDS}},
        )
        try:
            found = stream.__enter__()
        except _BROKEN as error:
            yield Failure(_why(error), was_sent=not isinstance(error, _NEVER_SENT))
            return
        try:
            if found.status == 200:
                yield Reply(found.status, _headers(found), b""), _pieces(found)
            else:
                yield self._refused(found), iter(())
        finally:
            stream.__exit__(None, None, None)

    def _refused(self, found: httpcore.Response) -> Reply:
        try:
            return Reply(found.status, _headers(found), found.read())
        except _BROKEN:
            return Reply(found.status, _headers(found), b"")

    def _address_of(self, request: Request) -> httpcore.URL:
        scheme, host, port = self._url
        return httpcore.URL(scheme=scheme, host=host, port=port, target=request.target)


def _pieces(found: httpcore.Response) -> Iterator[bytes]:
    try:
        yield from found.iter_stream()
    except _BROKEN as error:
        raise Lost(_why(error)) from None


def _headers(found: httpcore.Response) -> dict[bytes, bytes]:
    headers = {name.lower(): value for name, value in found.headers}
    size = headers.get(b"content-length", b"0")
    if size.isdigit() and int(size) > ANSWER_MAX:
        raise AnswerIsStrange(f"an answer of {size.decode()} bytes")
    return headers


def _why(error: Exception) -> str:
    """Say what failed in few words."""
    return str(error) or type(error).__name__
