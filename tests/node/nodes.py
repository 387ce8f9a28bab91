"""Nodes for tests: a folder made by `init`, and a node that runs on the test's own loop."""

import asyncio
from contextlib import asynccontextmanager

from steelyard.node.assembly import Node
from steelyard.node.config import load_config
from steelyard.node.init import init
from steelyard.node.link import Submission
from tests.node import toy


def folder(path, *, simulated_at=0, journal="", **flags):
    """Make a node's folder and give its settings: projector off unless asked for."""
    init(
        path,
        network_id="nor-sud",
        hub_bic="STEEXX00",
        profile="test",
        begins_at=simulated_at,
        journal=journal,
    )
    return settings(path, **flags)


def settings(path, **flags):
    """Give the settings of a node's folder."""
    return load_config(path, environment={}, flags={"projector": "off", **flags})[0]


class Running:
    """A node that runs, a link to it, and the reasons for which it stopped by itself."""

    def __init__(self):
        self.stops = []
        self.node = self.link = None

    async def do(self, command, *evidence, **more):
        """Submit a command and give its answer."""
        return await self.link.submit(Submission(command, evidence, **more))

    async def begin(self, banks=4, **given):
        """Begin the toy world."""
        answer = await self.do(toy.beginning(banks, **given))
        assert answer.decoded().code == 0, answer
        return answer

    async def ask(self, name, *params, viewer=""):
        """Read, and give the value."""
        found = await self.link.read(name, params, viewer=viewer)
        assert not found.refusal, (name, found.refusal)
        return found.decoded()

    async def balance(self, number):
        """Give what a bank holds, in minor units."""
        return int((await self.ask("balance", f"{toy.bank(number)}/{toy.ASSET}"))[1])


@asynccontextmanager
async def running(config, **given):
    """Open a node, give it with a link, and close it in good order unless it has stopped."""
    here = Running()
    here.node = await Node.open(config, on_stop=here.stops.append, **given)
    here.link = here.node.link()
    try:
        yield here
    finally:
        if here.stops:
            await abandon(here.node)
        else:
            await here.node.close()


async def abandon(node):
    """Let go of a node as a killed process would: nothing is finished, files are closed."""
    sequencer = node.sequencer
    sequencer.stopped = sequencer.stopped or object()
    sequencer._looker.cancel()
    for beat in node._beats:
        beat.cancel()
    for link in node.links:
        link.lose()
    await node.server.close()
    sequencer._committer.end()
    sequencer.intake.end()
    node.recall.end()
    node.evidence.close()
    node.journal.close()


def run(story):
    """Run a coroutine to its end, at most a minute."""
    return asyncio.run(asyncio.wait_for(story, 60))
