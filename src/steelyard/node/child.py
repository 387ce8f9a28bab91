"""What runs in the processes beside the node's own: a gateway, the projector, or the solver.

Started by the node as `python -m steelyard.node.child KIND NUMBER ENTRY`, with the settings as one line of
JSON on standard input. The pipe stays open for as long as the node lives: its end ends the child, so that
no gateway outlives a node that was killed. A gateway's entry is named by text, since the node imports no face.
"""

import asyncio
import contextlib
import importlib
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import msgspec

from steelyard.node.config import Config
from steelyard.node.link import Link, LinkLost
from steelyard.node.link_client import StreamLink
from steelyard.node.logs import log, set_up_logs, where

Serve = Callable[[Config, Link, list[socket.socket], asyncio.Event], Awaitable[None]]
STOP_SECONDS = 2.0


def encode_config(config: Config) -> bytes:
    """Give settings as one line of JSON."""
    return msgspec.json.encode(config, enc_hook=str) + b"\n"


def decode_config(line: bytes) -> Config:
    """Read what `encode_config` wrote."""
    return msgspec.json.decode(line, type=Config, dec_hook=lambda kind, text: Path(text))


def entry_point(name: str) -> Any:
    """Give what "package.module:name" names."""
    module, _, attribute = name.partition(":")
    return getattr(importlib.import_module(module), attribute)


async def gateway(config: Config, number: int, entry: str, sockets: list[socket.socket]) -> None:
    """Serve as one gateway until told to stop or until the node has gone."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGTERM, stop.set)
    loop.add_signal_handler(signal.SIGINT, lambda: None)  # the node hears it too and tells us by SIGTERM
    await _lifeline(stop)
    serve: Serve = entry_point(entry)
    link = await _connect(config, number, stop)
    if link is None:
        return
    lost = asyncio.ensure_future(link.lost.wait())
    lost.add_done_callback(lambda _: stop.set())
    await serve(config, link, sockets, stop)
    lost.cancel()
    await link.close()


async def _connect(config: Config, number: int, stop: asyncio.Event) -> StreamLink | None:
    """Connect to the node, which may be replaying for long; None where it ends before it serves."""
    while not stop.is_set():
        with contextlib.suppress(OSError, LinkLost):
            return await StreamLink.connect(str(config.link_path), name=f"gateway-{number}")
        await asyncio.sleep(0.05)
    return None


async def _lifeline(stop: asyncio.Event) -> None:
    """Set `stop` when standard input ends: the node has gone."""

    class Line(asyncio.Protocol):
        def connection_lost(self, error: Exception | None) -> None:
            stop.set()

    await asyncio.get_running_loop().connect_read_pipe(Line, sys.stdin.buffer)


def main(arguments: list[str]) -> int:
    """Run the child that the arguments name."""
    kind, number, entry, *descriptors = arguments
    config = decode_config(_first_line())
    set_up_logs(config, process=f"{kind}-{number}" if kind == "gateway" else kind)
    try:
        if kind == "gateway":
            sockets = [socket.socket(fileno=int(descriptor)) for descriptor in descriptors]
            _run(gateway(config, int(number), entry, sockets))
        elif kind == "solver":
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # the node hears it too and closes our line
            with socket.socket(fileno=int(descriptors[0])) as line:
                entry_point(entry)(line)
        else:
            from steelyard.node.projector import run_process

            run_process(config)
    except Exception as error:
        log().error("child failed", kind=kind, why=where(error))
        return 1
    return 0


def _first_line() -> bytes:
    """Read the settings byte by byte, so that nothing after them is lost in a buffer."""
    line = bytearray()
    while not line.endswith(b"\n"):
        byte = os.read(sys.stdin.fileno(), 1)
        if not byte:
            raise EOFError("the node ended before it gave the settings")
        line += byte
    return bytes(line)


def _run(work: Any) -> None:
    """Run a coroutine on the fast loop where there is one."""
    try:
        import uvloop
    except ImportError:
        asyncio.run(work)
    else:
        uvloop.run(work)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
