"""One small network in a real node for all tests of the API, on a loop of its own thread."""

import asyncio
import threading

import pytest

from tests.api import world


class Live:
    """A world that tests ask in plain calls, one after another or many at once."""

    def __init__(self, loop, inner):
        self.loop = loop
        self.world = inner

    def run(self, story):
        """Run a coroutine on the world's loop."""
        return asyncio.run_coroutine_threadsafe(asyncio.wait_for(story, 60), self.loop).result()

    def ask(self, method, path, **how):
        """Send one request."""
        return self.run(self.world.ask(method, path, **how))

    def get(self, path, **how):
        """Read; what was written before is waited for."""
        self.project()
        return self.ask("GET", path, **how)

    def post(self, path, body=None, **how):
        """Order."""
        return self.ask("POST", path, body=body, **how)

    def all(self, asks):
        """Send many requests at once: (method, path, how)."""

        async def story():
            return await asyncio.gather(*(self.world.ask(method, path, **how) for method, path, how in asks))

        return self.run(story())

    def project(self):
        """Let the projection hold everything that is durable."""
        self.run(self.world.project())

    def send(self, raw, *, key=world.GHAF, accept=""):
        """Send a message through the XML door."""
        headers = {"content-type": "application/xml"} | ({"accept": accept} if accept else {})
        return self.ask("POST", "/v1/messages", raw=raw, key=key, headers=headers)

    def balance(self, owner, asset):
        """Give what an owner's settlement account holds, in minor units, from the state itself."""
        found = self.run(self.world.builder.link.read("balance", (f"{owner}/{asset}",)))
        return int(found.decoded()[1])

    @property
    def keys(self):
        return self.world.keys


def begin(folder, **how):
    """Start a world in a thread; gives it and what ends it."""
    loop = asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()
    held = {}

    async def live():
        try:
            async with world.running(folder, **how) as inner:
                held["live"] = Live(loop, inner)
                ready.set()
                await stop.wait()
        except BaseException as error:
            held["error"] = error
            ready.set()
            raise

    thread = threading.Thread(target=lambda: loop.run_until_complete(live()), daemon=True)
    thread.start()
    ready.wait(60)
    if "error" in held:
        raise held["error"]

    def end():
        loop.call_soon_threadsafe(stop.set)
        thread.join(20)
        loop.close()

    return held["live"], end


@pytest.fixture(scope="session")
def live(tmp_path_factory):
    """The shared network. Tests add to it and never rely on it being empty."""
    made, end = begin(tmp_path_factory.mktemp("world"))
    yield made
    end()


@pytest.fixture
def own(tmp_path):
    """A network of the test's own."""
    made, end = begin(tmp_path / "world")
    yield made
    end()
