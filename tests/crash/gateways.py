"""Gateways for tests of the supervisor: one that serves nothing but sends, and some that misbehave."""

import asyncio
from pathlib import Path


async def polite(config, link, sockets, stop):
    """Leave a note while serving, end when told to."""
    Path(config.folder, f"served-{len(sockets)}").write_text(str(link.context_version))
    await stop.wait()


async def stubborn(config, link, sockets, stop):
    """Never end."""
    Path(config.folder, "serving").touch()
    while True:
        await asyncio.sleep(60)


async def frail(config, link, sockets, stop):
    """End by itself at the first start, serve at the second."""
    first = Path(config.folder, "first")
    if not first.exists():
        first.touch()
        raise RuntimeError("a fault of the gateway")
    Path(config.folder, "second").touch()
    await stop.wait()
