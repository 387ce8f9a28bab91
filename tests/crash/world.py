"""A node's folder whose journal begins with banks and FX providers that can pay each other, in ten currencies.

The world is built in memory and laid down as a snapshot after row 1, so that a real node process, started by
the real command line, takes real payments at once.
"""

import os
import random
import signal
import subprocess
import sys
import time

import msgspec

from bench import payments_machine
from steelyard.flows.command import encode, raw
from steelyard.flows.fields import PayAdded
from steelyard.node.config import Config, load_config
from steelyard.node.genesis import begin
from steelyard.node.init import init
from steelyard.node.link import Submission
from steelyard.node.link_client import StreamLink
from steelyard.node.snapshot import take
from steelyard.storage.evidence import evidence
from steelyard.storage.journal import Snapshot
from steelyard.storage.opening import open_journal

START_SECONDS = 60
BEGUN = "begun.snapshot"


def plain():
    """Give a World in which everybody has more money than is sent."""
    return payments_machine.network(accepts=True, best_quote=True).world


def prepare(folder, *, journal="", build=plain, **flags) -> Config:
    """Make the folder; gives its settings. `build` gives the World that is laid down."""
    payments_machine.AT = payments_machine.Clock.now = time.time_ns() - 10**9
    init(folder, network_id="crash", hub_bic="STEEXX00", profile="test", journal=journal)
    with (folder / "steelyard.toml").open("a") as file:
        file.writelines(f"{name} = {value}\n" for name, value in ({"projector": '"thread"'} | flags).items())
    config, _ = load_config(folder, environment={})
    opened = open_journal(config.address("journal"))
    try:
        machine, head = begin(opened, opened.open("prepare"), config.path(config.genesis))
        built = build()
        for name in built.SECTIONS[1:]:
            setattr(machine.world, name, getattr(built, name))
        begun = take(machine.world, head.seq)
        opened.save_snapshot(begun)
        (folder / BEGUN).write_bytes(msgspec.msgpack.encode(begun))
    finally:
        opened.close()
    return config


def journal_of(config):
    """Give the journal to be read, with what was laid down at its beginning: a node keeps its last snapshots alone."""
    journal = open_journal(config.address("journal"))
    begun = msgspec.msgpack.decode((config.folder / BEGUN).read_bytes(), type=Snapshot)
    kept = journal.latest_snapshot
    journal.latest_snapshot = lambda at_most=None: kept(at_most) or begun
    return journal


class NodeProcess:
    """A node in a process of its own."""

    def __init__(self, config, *arguments, environment=None):
        self.config = config
        command = [sys.executable, "-m", "steelyard.cli", "node", "run", "--config", str(config.folder)]
        self.process = subprocess.Popen(
            [*command, "--no-gateway", *arguments],
            stderr=subprocess.PIPE, text=True, env={**os.environ, **(environment or {})},
        )  # fmt: skip

    async def link(self):
        """Connect to it once it serves."""
        import asyncio

        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            try:
                return await StreamLink.connect(str(self.config.link_path), name="test")
            except OSError:
                assert self.process.poll() is None, self.words()
                await asyncio.sleep(0.02)
        raise AssertionError("the node does not answer")

    def kill(self):
        """End it as a power cut would."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(timeout=30)
        self.process.stderr.close()

    def stop(self, seconds=30):
        """End it in good order; gives the exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=seconds)
        self.process.stderr.close()
        return code

    def ended(self, seconds=30):
        """Wait until it ends by itself; gives the exit code and what it said."""
        words = self.process.communicate(timeout=seconds)[1]
        return self.process.returncode, words

    def words(self):
        """Give what it wrote on standard error, once it has ended."""
        return self.process.stderr.read()


def payments(rng, count):
    """Make payments with their evidence, six of ten in two currencies."""
    made = []
    for number in range(count):
        made.append(payment(rng, exchange=number % 10 < 6))
    return made


def payment(rng, *, exchange=False, pair=None):
    """Make one payment with its evidence, between two banks drawn or named: its id and what is sent."""
    payments_machine.Clock.now = time.time_ns()
    order = payments_machine.payment(rng, exchange=exchange, pair=pair)
    message = evidence("verdict", rng.randbytes(400), at_ns=1, command=order.id)
    party = evidence("party", rng.randbytes(100), at_ns=1)
    added = PayAdded(message.digest, party.digest, "NO", "SE", 1023)
    order = msgspec.structs.replace(order, added=raw(added))
    return order.id, Submission(encode(order), (message, party))


def seeded(name):
    """Give a random generator; its seed is printed, so that a failing run can be repeated."""
    seed = int(os.environ.get("STEELYARD_CRASH_SEED", random.SystemRandom().randrange(10**9)))
    print(f"{name}: STEELYARD_CRASH_SEED={seed}")
    return random.Random(seed)
