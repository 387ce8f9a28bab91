"""The small network of tests/api/world.py behind a real HTTP server, on a thread: for clients and commands."""

import asyncio
import contextlib
import socket
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import uvicorn

from tests.api import world as small


class Live:
    """A running world: its address, its keys, and a way to do things on its own loop."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder = folder
        self.address = address
        self.world: Any = None
        self.loop = asyncio.new_event_loop()

    @property
    def keys(self) -> dict[str, str]:
        """The API keys of all owners."""
        return self.world.keys

    def do(self, story: Any) -> Any:
        """Run a coroutine on the node's loop."""
        return asyncio.run_coroutine_threadsafe(story, self.loop).result(30)


class _Server(uvicorn.Server):
    def capture_signals(self) -> Any:
        return contextlib.nullcontext()


@contextmanager
def live(folder: Path, *, place: Path):
    """Run the world in a folder; its socket lies at a place whose path is short."""
    path = place / "api.sock"
    here, ready, ending = Live(folder, f"unix:{path}"), threading.Event(), asyncio.Event()
    faults: list[BaseException] = []

    async def run() -> None:
        async with small.running(folder) as here.world:
            listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            listening.bind(str(path))
            server = _Server(
                uvicorn.Config(here.world.app, http="httptools", ws="none", lifespan="off", log_config=None,
                               access_log=False, log_level="error",
                               timeout_graceful_shutdown=1)
            )  # fmt: skip
            listening.listen()
            serving = asyncio.ensure_future(server.serve([listening]))
            ready.set()
            await ending.wait()
            here.world.app.gateway.stopping.set()
            server.should_exit = True
            await serving

    def work() -> None:
        try:
            here.loop.run_until_complete(run())
        except BaseException as fault:
            faults.append(fault)
            ready.set()
        finally:
            here.loop.close()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert ready.wait(60)
    try:
        if not faults:
            yield here
    finally:
        if not faults:
            here.loop.call_soon_threadsafe(ending.set)
        thread.join(30)
    if faults:
        raise faults[0]
