"""The demonstration's node as a process of its own: made, started, killed, stopped, reached.

The node and its gateway are children behind unix sockets in a temporary folder with a short path; no port is
opened. `Household` is also the operator's hand: founding commands and the clock go over the node's link, as a
gateway's do.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Iterator
from itertools import groupby, islice
from pathlib import Path
from types import TracebackType
from typing import Self

from steelyard.client.aio import AsyncSteelyard
from steelyard.client.core import Resend
from steelyard.flows.command import Code, Command, encode
from steelyard.flows.facts import AnyFact, decode_fact
from steelyard.node.config import FILE_NAME, Config
from steelyard.node.init import init
from steelyard.node.link import Answer, End, Submission
from steelyard.node.link_client import StreamLink
from steelyard.node.own import ADVANCE
from steelyard.packs.worlds import WorldPack
from steelyard.sim.demo.founding import OPERATOR
from steelyard.storage.access import ApiKey, open_access
from steelyard.values.instants import SECOND

MakeKey = Callable[[str, str], tuple[ApiKey, str]]
"""Gives a new API key for (owner, actor): the row to keep and the text to show."""

START_SECONDS = 90.0
ALREADY_RUNS = 73
ASK_AT_ONCE = 400


class NodeFailed(Exception):
    """The node did what it must not: refused its founding, did not start, or ended by itself."""


class Household:
    """One node in one folder. `in_step`: it waits for its solver, so that a day is the same at every run."""

    def __init__(self, folder: Path, *, gateways: int = 1, listen: str = "", in_step: bool = False) -> None:
        self.folder = folder
        self.gateways = gateways
        self.solver = "in_step" if in_step else "process"
        self._sockets = tempfile.TemporaryDirectory(prefix="steelyard-")
        self.listen = listen or f"unix:{self._sockets.name}/http.sock"
        self.link_path = Path(self._sockets.name) / "node.sock"
        self.process: subprocess.Popen[bytes] | None = None
        self.starts = 0
        self.start_seconds = 0.0
        self._link: StreamLink | None = None
        self._log = (folder.parent / "log.jsonl") if folder.name == "node" else folder / "log.jsonl"

    @property
    def config(self) -> Config:
        """The settings the node runs with."""
        return Config(folder=self.folder, profile="demo")

    @property
    def address(self) -> str:
        """Where a client reaches it."""
        return self.listen if self.listen.startswith("unix:") else f"http://{self.listen}"

    def make(self, world: WorldPack, *, begins_at: int | None = None) -> None:
        """Lay a new node's folder for a world: settings, key, genesis with a simulated clock.

        The clock begins at an instant (ns), without one when the world opens.
        """
        if begins_at is None:
            begins_at = int(world.network.opens_at.timestamp()) * SECOND
        network = world.network
        init(
            self.folder, network_id=network.network_id, hub_bic=network.hub_bic, profile="demo",
            begins_at=begins_at, node_prefix=network.node_prefix, log_id=network.network_id,
        )  # fmt: skip
        with (self.folder / FILE_NAME).open("a", encoding="utf-8") as file:
            file.write('logs_form = "json"\nprojector = "process"\n')
            file.write(f'solver = "{self.solver}"\n')

    def keys(self, actors: Iterable[tuple[str, str]], make_key: MakeKey) -> dict[str, str]:
        """Draw an API key for each (owner, actor) and keep it; gives the texts by actor."""
        access = open_access(self.config.address("access"))
        texts = {}
        try:
            for owner, actor in actors:
                row, texts[actor] = make_key(owner, actor)
                access.add_key(row)
        finally:
            access.close()
        return texts

    async def start(self) -> None:
        """Start the process and wait until it serves."""
        begun = time.perf_counter()
        command = [
            sys.executable,
            "-m",
            "steelyard.cli.__main__",
            "node",
            "run",
            "--config",
            str(self.folder),
        ]
        environment = os.environ | {
            "STEELYARD_LINK": str(self.link_path),
            "STEELYARD_LISTEN": self.listen,
            "STEELYARD_GATEWAYS": str(self.gateways),
        }
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=environment, stdout=log, stderr=log, start_new_session=True
            )
        self.starts += 1
        until = time.monotonic() + START_SECONDS
        async with self.client("") as probe:
            while True:
                if self.process.poll() is not None:
                    raise NodeFailed(self._why_it_ended(self.process.returncode))
                with contextlib.suppress(Exception):
                    await asyncio.wait_for(probe.health(), 2.0)
                    break
                if time.monotonic() > until:
                    raise NodeFailed("the node does not serve in time")
                await asyncio.sleep(0.02)
        self._link = await StreamLink.connect(str(self.link_path), name="operator")
        self.start_seconds = time.perf_counter() - begun

    def _why_it_ended(self, code: int) -> str:
        if code == ALREADY_RUNS and self.folder.joinpath("journal.db.lock").exists():
            return f"a node runs in {self.folder} already, or its start checks failed; see {self._log}"
        return f"the node ended with exit code {code}; see {self._log}"

    def client(self, key: str, *, connections: int = 8, patient: bool = False) -> AsyncSteelyard:
        """Give a client for one caller; it sends nothing again by itself unless it is
        `patient`, and then reads see what others have written too."""
        resend = Resend() if patient else Resend(deadline_s=0.0, reach_s=0.0)
        return AsyncSteelyard(
            self.address, key=key or None, connections=connections, resend=resend, fresh=patient
        )

    async def give(self, commands: Iterable[Command]) -> int:
        """Hand commands to the node in order; every one must be done. Gives their number."""
        return sum([len(batch) async for batch in self._taken(commands)])

    async def tell(self, commands: Iterable[Command]) -> list[AnyFact]:
        """Hand commands to the node in order; every one must be done. Gives the facts of all."""
        return [
            decode_fact(fact)
            async for batch in self._taken(commands)
            for answer in batch
            for fact in answer.decoded().facts
        ]

    async def _taken(self, commands: Iterable[Command]) -> AsyncGenerator[list[Answer]]:
        """Hand commands in, many at once, and give what the node answers.

        The operator's commands overtake others at the node, so the two kinds never wait there together.
        """
        assert self._link is not None
        for _, run in groupby(commands, key=lambda command: command.sender == OPERATOR):
            for batch in _batched(run):
                futures = self._link.submit_many([Submission(encode(command)) for command in batch])
                answers = await asyncio.gather(*futures)
                for command, answer in zip(batch, answers, strict=True):
                    _must_be_done(command, answer)
                yield answers

    async def attempt(self, command: Command) -> bool:
        """Hand a command to the node that may be refused; gives whether it was done."""
        answer = await self._submit(command)
        return answer.end == End.RECORDED and answer.decoded().code == Code.DONE

    async def _submit(self, command: Command) -> Answer:
        assert self._link is not None
        return await self._link.submit(Submission(encode(command)))

    async def advance(self, to: int) -> None:
        """Move the simulated clock to an instant (ns); deadlines on the way fall."""
        assert self._link is not None
        found = await self._link.read(ADVANCE, (to,))
        if found.refusal:
            raise NodeFailed(f"the clock may not move: refusal {found.refusal}")

    async def now(self) -> int:
        """Give the node's time (ns)."""
        assert self._link is not None
        return (await self._link.read("now")).at_ns

    def kill(self) -> None:
        """End the node by SIGKILL, as a power cut would; its children end with it."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    async def drop_link(self) -> None:
        """Forget the link to a node that is gone."""
        if self._link is not None:
            with contextlib.suppress(Exception):
                await self._link.close()
            self._link = None

    async def stop(self) -> int:
        """Ask the node to end in good order; gives its exit code."""
        await self.drop_link()
        assert self.process is not None
        self.process.terminate()
        while self.process.poll() is None:
            await asyncio.sleep(0.01)
        return self.process.returncode

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.drop_link()
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self._sockets.cleanup()


def _batched(run: Iterable[Command]) -> Iterator[list[Command]]:
    rest = iter(run)
    while batch := list(islice(rest, ASK_AT_ONCE)):
        yield batch


def _must_be_done(command: Command, answer: Answer) -> None:
    if answer.end != End.RECORDED:
        raise NodeFailed(f"{command.name} was not taken: {End(answer.end).name} {answer.refusal}")
    outcome = answer.decoded()
    if outcome.code != Code.DONE:
        raise NodeFailed(f"{command.name} of {command.actor} was refused: {outcome.refusal}")
