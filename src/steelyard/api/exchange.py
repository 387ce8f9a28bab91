"""One request and its reply as the server holds them, for the door: whole bodies and whole replies.

Over ASGI a body of one piece costs a timer and a message, and a reply two messages and a look at every header.
Nearly every request here has a body that came with its head and a reply that is at hand, so the door asks
here first and goes on over ASGI where the answer is no: a body still on its way, a caller who reads slowly, a
reply in pieces, or an application without this server under it.
"""

from collections.abc import Sequence
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE

from steelyard.api.connections import Bounded

KEY: Final = "steelyard.exchange"
_WITHOUT_BODY: Final = frozenset({204, 304})


class Protocol(Bounded):
    """The server's protocol; the scope of each request leads to its exchange."""

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        cycle.scope[KEY] = cycle
        super()._start_asgi_task(cycle, app)


def whole_body(scope: Any) -> bytes | None:
    """Give the body of a request if all of it is here and nobody has taken of it."""
    cycle = scope.get(KEY)
    if cycle is None or cycle.more_body or cycle.disconnected or cycle.response_complete:
        return None
    cycle.waiting_for_100_continue = False
    cycle.flow.resume_reading()
    cycle.message_event.clear()
    body, cycle.body = bytes(cycle.body), bytearray()
    return body


def make_last(scope: Any) -> None:
    """Let the reply to a request be the last of its connection."""
    cycle = scope.get(KEY)
    if cycle is not None:
        cycle.keep_alive = False


def send_whole(scope: Any, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> bool:
    """Write a reply in one piece, or say that it must go over ASGI; `headers` hold its content-length."""
    cycle = scope.get(KEY)
    if cycle is None or status in _WITHOUT_BODY or scope["method"] == "HEAD":
        return False
    if cycle.response_started or cycle.disconnected or cycle.flow.write_paused:
        return False
    lines = [b"%b: %b\r\n" % line for line in (*cycle.default_headers, *headers)]
    head = b"".join(lines)
    if head.count(b"\n") != len(lines) or head.count(b"\r") != len(lines):
        return False  # a line break in a header: over ASGI the server refuses it
    closing = b"\r\n" if cycle.keep_alive else b"connection: close\r\n\r\n"
    cycle.response_started = cycle.response_complete = True
    cycle.waiting_for_100_continue = False
    cycle.transport.write(b"".join((STATUS_LINE[status], head, closing, body)))
    cycle.message_event.set()
    if not cycle.keep_alive:
        cycle.transport.close()
    cycle.on_response()
    return True
