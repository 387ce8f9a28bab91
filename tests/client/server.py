"""A small HTTP server on a thread: what it answers is a script of the test, what it was asked is kept.

It writes bytes as they cross the wire, so that a test can also break off, say nothing or talk nonsense.
"""

import asyncio
import json
import ssl
import threading
from collections.abc import Callable
from contextlib import contextmanager
from typing import Any, NamedTuple

NODE_TIME = "2026-11-23T08:00:00.25Z"
STATUS = {
    "network_id": "small", "hub_bic": "STYDZAJ0", "profile": "test", "at": "2026-11-23T08:00:00Z", "seq": 7,
    "applied_seq": 7, "clock": "simulated", "members": [],
}  # fmt: skip


class Asked(NamedTuple):
    """A request as it came."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int


class Break:
    """Close the connection instead of answering; `after` bytes go out before."""

    def __init__(self, after: bytes = b"") -> None:
        self.after = after


class Silence:
    """Never answer."""


Said = bytes | Break | Silence
Script = Callable[[Asked], Said]


def says(
    body: Any, status: int = 200, *, media: str = "application/json", time: str = NODE_TIME, **headers: str
) -> bytes:
    """Write an answer as a node gives it."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [
        f"HTTP/1.1 {status} Whatever", f"content-type: {media}", f"content-length: {len(data)}",
        "steelyard-request-id: ab-1", f"steelyard-time: {time}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def problem(code: str, status: int, **more: Any) -> bytes:
    """Write a problem as a node gives it; `retry_after` goes into its header."""
    headers = {"retry_after": more.pop("retry_after")} if "retry_after" in more else {}
    body = {"type": f"/problems/{code}", "title": code, "status": status, "code": code, **more}
    return says(body, status, media="application/problem+json", **headers)


def in_turn(*said: Said) -> Script:
    """Answer one thing after the other, the last one for ever."""
    left = list(said)

    def script(asked: Asked) -> Said:
        if asked.target == "/health/live":
            return says({"live": True})
        return left.pop(0) if len(left) > 1 else left[0]

    return script


class Server:
    """One server. `asked` has every request but those for the node's time."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.all: list[Asked] = []
        self.connections = 0
        self.address = ""

    @property
    def asked(self) -> list[Asked]:
        """Every request but those for the node's time."""
        return [one for one in self.all if one.target != "/health/live"]

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.connections += 1
        number = self.connections
        try:
            while True:
                asked = await self._read(reader, number)
                self.all.append(asked)
                said = self.script(asked)
                if isinstance(said, Silence):
                    await reader.read()
                    return
                writer.write(said.after if isinstance(said, Break) else said)
                await writer.drain()
                if isinstance(said, Break):
                    return
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            return
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader, number: int) -> Asked:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        method, target, _ = head[0].split(" ")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        return Asked(method, target, headers, body, number)


@contextmanager
def serving(script: Script, *, socket: str = "", tls: ssl.SSLContext | None = None):
    """Run a server on a thread of its own, on a free port or a unix socket."""
    server, loop, ready = Server(script), asyncio.new_event_loop(), threading.Event()

    async def run() -> None:
        if socket:
            listening = await asyncio.start_unix_server(server.talk, socket)
            server.address = f"unix:{socket}"
        else:
            listening = await asyncio.start_server(server.talk, "127.0.0.1", 0, ssl=tls)
            server.address = f"http{'s' if tls else ''}://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
        ready.set()

    def work() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(run())
        loop.run_forever()
        tasks = asyncio.all_tasks(loop)
        for task in tasks:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        loop.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert ready.wait(5)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
