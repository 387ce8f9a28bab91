"""Debian's chromium, driven over its own pipe: no driver, no download, nothing listens anywhere.

The DevTools protocol is JSON texts with a zero byte after each, on file descriptors 3 (in) and 4 (out).
"""

import asyncio
import contextlib
import itertools
import json
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

PROGRAM = shutil.which("chromium")
FLAGS = (
    "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--no-first-run", "--disable-gpu",
    "--disable-dev-shm-usage", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-default-browser-check", "--proxy-server=direct://", "about:blank",
)  # fmt: skip
SECONDS = 60


class Page:
    """One page. `said` collects what its console said, and what it was kept from doing."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._ids = itertools.count(1)
        self._answers: dict[int, asyncio.Future[Any]] = {}
        self._session = ""
        self._loaded = asyncio.Event()
        self.said: list[str] = []
        self.asked: list[str] = []
        self.task = asyncio.ensure_future(self._listen())

    async def begin(self) -> None:
        """Attach to the first page."""
        found = await self.do("Target.getTargets")
        target = next(one for one in found["targetInfos"] if one["type"] == "page")["targetId"]
        attached = await self.do("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            await self.do(f"{domain}.enable")

    async def do(self, method: str, **params: Any) -> Any:
        """Give one order and its result."""
        number = next(self._ids)
        future = self._answers[number] = asyncio.get_running_loop().create_future()
        message: dict[str, Any] = {"id": number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        self._writer.write(json.dumps(message).encode() + b"\0")
        return await asyncio.wait_for(future, SECONDS)

    async def open(self, address: str) -> None:
        """Open an address and wait until it has loaded."""
        self._loaded.clear()
        await self.do("Page.navigate", url=address)
        await asyncio.wait_for(self._loaded.wait(), SECONDS)

    async def run(self, script: str) -> Any:
        """Give the value of an expression in the page; a promise is waited for."""
        made = await self.do("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in made, made
        return made["result"].get("value")

    async def until(self, script: str) -> None:
        """Wait until an expression is true."""
        async with asyncio.timeout(SECONDS):
            while not await self.run(script):
                await asyncio.sleep(0.02)

    async def _listen(self) -> None:
        while True:
            message = json.loads((await self._reader.readuntil(b"\0"))[:-1])
            method, params = message.get("method"), message.get("params", {})
            if "id" in message:
                future = self._answers.pop(message["id"])
                if not future.done():
                    if "error" in message:
                        future.set_exception(AssertionError(str(message["error"])))
                    else:
                        future.set_result(message["result"])
            elif method == "Page.loadEventFired":
                self._loaded.set()
            elif method == "Log.entryAdded":
                self.said.append(params["entry"]["text"])
            elif method == "Runtime.consoleAPICalled":
                self.said.append(str([one.get("value") for one in params["args"]]))
            elif method == "Runtime.exceptionThrown":
                self.said.append(params["exceptionDetails"]["text"])
            elif method == "Network.requestWillBeSent":
                self.asked.append(params["request"]["url"])


@contextlib.asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Page]:
    """Start a browser with a profile in `folder` and give its first page; it ends with the block."""
    assert PROGRAM is not None
    (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
    shell = f'exec "$0" "$@" 3<&{theirs_in} 4>&{theirs_out}'
    process = await asyncio.create_subprocess_exec(
        "/bin/bash", "-c", shell, PROGRAM, f"--user-data-dir={folder}", *FLAGS, pass_fds=(theirs_in, theirs_out),
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    os.close(theirs_in)
    os.close(theirs_out)
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=64 << 20)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(ours_in, "rb"))
    transport, protocol = await loop.connect_write_pipe(
        asyncio.streams.FlowControlMixin, os.fdopen(ours_out, "wb")
    )
    page = Page(reader, asyncio.StreamWriter(transport, protocol, None, loop))
    try:
        await page.begin()
        yield page
    finally:
        page.task.cancel()
        if process.returncode is None:
            process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 10)
        except TimeoutError:
            process.kill()
            await process.wait()
        transport.close()
