"""How many callers may be connected at once, and how long each may keep us waiting.

The server underneath waits for ever for the end of a request's head, holds a head of any size, and lets a
caller who never reads keep his answer here. So a handful of idle callers could hold every socket, without
asking anything. Here each connection has bounds, and past the number of connections the ones that have kept
us waiting longest make room: who asks at once is served however many others only connect.

| what | bound | past it |
|---|---|---|
| a request's head: time | `HEAD_SECONDS` | closed |
| a head, or what stands between the pieces of a body: bytes | `HEAD_BYTES_MAX` | 431, closed |
| requests sent ahead of their answers | `AHEAD_MAX` | closed |
| an answer of which nothing is read | `STALL_SECONDS` | cut off |
| connections of one gateway | setting `connections_max` | the longest idle is cut off; none idle: 503, closed |

A body that comes too slowly is the door's to refuse, since only a caller who may send one gets that far.
"""

import contextlib
import resource
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from steelyard.node.logs import log

HEAD_SECONDS = 10.0
HEAD_BYTES_MAX = 32 * 1024
AHEAD_MAX = 64
STALL_SECONDS = 60.0
DESCRIPTORS_KEPT = 128
"""File descriptors that are left for databases, streams and the like."""
SWEEP_TICKS = 10


class Lobby:
    """The connections of one server that have no request under way, longest waiting first.

    `waiting` are those whose next head has begun or whose first has not come, with when that was; `idle` are
    those between two requests. `most` is how many connections there may be in all.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.waiting: dict[Any, float] = {}
        self.idle: dict[Any, None] = {}
        self.turned_away = 0

    def make_room(self) -> bool:
        """Cut off the connection that has kept us waiting longest; False where all have requests under way."""
        oldest = next(iter(self.waiting), None) or next(iter(self.idle), None)
        if oldest is None:
            self.turned_away += 1
            return False
        self.leave(oldest)
        oldest.transport.abort()
        return True

    def leave(self, connection: Any) -> None:
        """Forget a connection."""
        self.waiting.pop(connection, None)
        self.idle.pop(connection, None)

    def sweep(self, now: float) -> None:
        """Close the connections whose head is late."""
        while (oldest := next(iter(self.waiting), None)) is not None:
            if now - self.waiting[oldest] < HEAD_SECONDS:
                break
            self.leave(oldest)
            oldest.transport.close()


class Bounded(HttpToolsProtocol):
    """The server's protocol within the bounds of a lobby."""

    lobby: Lobby

    def __init__(self, *args: Any, lobby: Lobby, **more: Any) -> None:
        super().__init__(*args, **more)
        self.lobby = lobby
        self.stalled_at = 0.0
        self._between = 0
        """Bytes that came since the last whole head or piece of a body."""

    def connection_made(self, transport: Any) -> None:
        """Take a connection in where there is room or some can be made."""
        full = len(self.connections) >= self.lobby.most and not self.lobby.make_room()
        super().connection_made(transport)
        if full:
            self._end_with(503)
        else:
            self.lobby.waiting[self] = self.loop.time()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget the connection, and what it asked ahead."""
        self.lobby.leave(self)
        self.pipeline.clear()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Read on; what is neither a head nor a body within its bound ends the connection."""
        self.lobby.idle.pop(self, None)
        self._between += len(data)
        super().data_received(data)
        if self._between > HEAD_BYTES_MAX and not self.transport.is_closing():
            self._end_with(431)
        if self.cycle is None or self.cycle.response_complete:  # nothing under way: the next head is awaited
            self.lobby.waiting.setdefault(self, self.loop.time())

    def on_headers_complete(self) -> None:
        """Take a request; header lines that come after its body, as trailers, are none of its headers."""
        self._between = 0
        if len(self.pipeline) >= AHEAD_MAX:
            raise ValueError("too many requests ahead of their answers")
        self.lobby.waiting.pop(self, None)
        super().on_headers_complete()
        self.headers = _DROPPED

    def on_body(self, body: bytes) -> None:
        """Take a piece of a body."""
        self._between = 0
        super().on_body(body)

    def on_response_complete(self) -> None:
        """Note that nothing is under way, where so it is."""
        super().on_response_complete()
        if self.timeout_keep_alive_task is not None:
            self.lobby.idle[self] = None

    def pause_writing(self) -> None:
        """Note since when the caller does not read."""
        self.stalled_at = self.loop.time()
        super().pause_writing()

    def resume_writing(self) -> None:
        """Note that the caller reads again."""
        self.stalled_at = 0.0
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Answer what is no request and close; where an earlier one is under way, no answer may pass for its."""
        self._end_with(400)

    def cut_off_if_stalled(self, now: float) -> None:
        """Cut off a caller who reads nothing of what is ready for him, or whose closing does not end."""
        if self.stalled_at == 0.0:
            if self.transport.is_closing():
                self.stalled_at = now
        elif now - self.stalled_at >= STALL_SECONDS:
            self.transport.abort()

    def _end_with(self, status: int) -> None:
        if not self.transport.is_closing():
            if self.cycle is None or self.cycle.response_complete:
                self.transport.write(STATUS_LINE[status] + b"content-length: 0\r\nconnection: close\r\n\r\n")
            self.transport.close()


class _Dropped(list[tuple[bytes, bytes]]):
    """A list that stays empty."""

    def append(self, line: tuple[bytes, bytes]) -> None:
        """Keep nothing."""


_DROPPED = _Dropped()


class Server(uvicorn.Server):
    """uvicorn within our bounds, and without its signal handlers: the process that started us has its own."""

    def __init__(self, config: uvicorn.Config, lobby: Lobby) -> None:
        super().__init__(config)
        self.lobby = lobby
        self._told = 0

    def capture_signals(self) -> Any:
        """Leave signals alone."""
        return contextlib.nullcontext()

    async def on_tick(self, counter: int) -> bool:
        """Look after the connections, ten times a second."""
        connections: Any = self.server_state.connections
        if connections:
            now = next(iter(connections)).loop.time()
            self.lobby.sweep(now)
            if counter % SWEEP_TICKS == 0:
                for connection in list(connections):
                    connection.cut_off_if_stalled(now)
        if counter % (SWEEP_TICKS * 10) == 0 and self.lobby.turned_away != self._told:
            log().warning("connections turned away", count=self.lobby.turned_away - self._told)
            self._told = self.lobby.turned_away
        return await super().on_tick(counter)


def room(most: int) -> int:
    """Give how many connections this process may hold, at most `most`, after raising its limit of open files."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most + DESCRIPTORS_KEPT
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
        soft = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
        return max(min(most, soft - DESCRIPTORS_KEPT), 1)
    return most
