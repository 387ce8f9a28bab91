"""The node as processes: how soon it serves, how much memory it takes, idle and after many payments.

STEELYARD_BENCH_PAYMENTS sets how many finished payments the loaded node holds (100,000); the figures that
speak of a million are those of that many, named in the row.
"""

import asyncio
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from bench import payments_machine
from bench.figures import Figure, main
from bench.lanes import prepare
from steelyard.flows.command import encode
from steelyard.flows.world import World
from steelyard.node.config import Config
from steelyard.node.link import Submission
from steelyard.node.link_client import StreamLink

PAYMENTS = int(os.environ.get("STEELYARD_BENCH_PAYMENTS", "100000"))
AT_ONCE = 2_000
MB = 1024.0


class Running:
    """A node started by the real command line."""

    def __init__(self, config: Config, *arguments: str, gateways: int = 0) -> None:
        command = [sys.executable, "-m", "steelyard.cli", "node", "run", "--config", str(config.folder)]
        environment = {**os.environ, "STEELYARD_LISTEN": f"unix:{config.folder}/http",
                       "STEELYARD_PROJECTOR": "process", "STEELYARD_GATEWAYS": str(gateways)}  # fmt: skip
        self.config = config
        self.begun = time.perf_counter()
        self._words = config.folder / "words.txt"
        with self._words.open("a") as words:
            self.process = subprocess.Popen([*command, *arguments], env=environment, stderr=words)

    async def link(self) -> StreamLink:
        """Connect as soon as it serves."""
        while True:
            try:
                return await StreamLink.connect(str(self.config.link_path), name="bench")
            except OSError:
                assert self.process.poll() is None, self._words.read_text("utf-8")
                await asyncio.sleep(0.005)

    def seconds_to_serve(self) -> float:
        """Give the time from the start of the process to its WELCOME."""

        async def wait() -> float:
            link = await self.link()
            served = time.perf_counter() - self.begun
            await link.close()
            return served

        return asyncio.run(wait())

    def memory_mb(self, *, children: bool) -> float:
        """Give resident memory, shared pages counted by their share."""
        pids = [self.process.pid]
        if children:
            listed = subprocess.run(
                ["ps", "-o", "pid=", "--ppid", str(self.process.pid)],
                capture_output=True,
                text=True,
                check=False,
            )
            pids += [int(pid) for pid in listed.stdout.split()]
        return sum(_proportional_kb(pid) for pid in pids) / MB

    def stop(self) -> float:
        """End it in good order; gives how long that took."""
        begun = time.perf_counter()
        self.process.terminate()
        self.process.wait(timeout=60)
        return time.perf_counter() - begun


def _proportional_kb(pid: int) -> int:
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text("ascii").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1])
    return 0


def _empty(world: World) -> None:
    """Leave the world as row 1 made it."""


def _bank(world: World) -> None:
    built = payments_machine.network().world
    for name in world.SECTIONS[1:]:
        setattr(world, name, getattr(built, name))


def idle() -> Iterator[Figure]:
    """Start and memory of an empty node, alone and with two gateways."""
    folder = Path(tempfile.mkdtemp(prefix="syb"))
    try:
        config = prepare(folder, filled=_empty)
        starts = []
        for _ in range(3):
            node = Running(config, "--no-gateway")
            starts.append(node.seconds_to_serve())
            alone = node.memory_mb(children=False)
            node.stop()
        yield Figure("start of an empty node to its first WELCOME", min(starts), "s", 2.0, at_most=True)
        yield Figure("idle: node process", alone, "MB", 150.0, at_most=True)
        node = Running(config, gateways=2)
        node.seconds_to_serve()
        time.sleep(4)
        yield Figure(
            "idle: node, two gateways, projector", node.memory_mb(children=True), "MB", 350.0, at_most=True
        )
        yield Figure("orderly stop of all of it", node.stop(), "s", 3.0, at_most=True)
        disk = sum(path.stat().st_size for path in folder.glob("*.db*")) / MB / MB
        yield Figure("empty data", disk, "MB", 1.0, at_most=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


async def _send(node: Running, count: int) -> None:
    """Send payments of one currency over the stream, and let the node write a snapshot."""
    link, rng = await node.link(), random.Random(4)
    for start in range(0, count, AT_ONCE):
        items = []
        for _ in range(min(AT_ONCE, count - start)):
            payments_machine.Clock.now = time.time_ns()
            items.append(
                Submission(encode(payments_machine.payment(rng, exchange=False)), deadline_ms=60_000)
            )
        for answer in await asyncio.gather(*link.submit_many(items)):
            assert answer.decoded().code == 0, answer
    await link.read("snapshot")
    await link.close()


def loaded() -> Iterator[Figure]:
    """Memory and start of a node that holds many finished payments."""
    folder = Path(tempfile.mkdtemp(prefix="syb"))
    payments_machine.AT = payments_machine.Clock.now = time.time_ns() - 10**9
    name = f"{PAYMENTS:,} payments"
    try:
        config = prepare(folder, filled=_bank)
        node = Running(config, "--no-gateway")
        before = node.seconds_to_serve()
        empty_mb = node.memory_mb(children=False)
        asyncio.run(_send(node, PAYMENTS))
        held = node.memory_mb(children=False)
        share = (held - empty_mb) * 1_000_000 / PAYMENTS
        yield Figure(
            f"node after {name}", held, "MB", 1_200.0, at_most=True, note=f"{share:,.0f} MB more per million"
        )
        node.stop()
        again = Running(config, "--no-gateway")
        seconds = again.seconds_to_serve()
        note = f"empty {before:.2f} s"
        yield Figure(f"start on {name} with snapshot", seconds, "s", 10.0, at_most=True, note=note)
        again.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def rows() -> Iterator[Figure]:
    """Give all figures."""
    yield from idle()
    yield from loaded()


if __name__ == "__main__":
    main(rows)
