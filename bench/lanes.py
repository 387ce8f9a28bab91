"""Durable lanes: legs through link, sequencer, journal and projection, on both databases.

The submitters run in the node's process, the projector in one of its own, a PostgreSQL server beside them:
all on the same cores. Every leg is new; a lane counts what the journal holds at its end. The projector keeps
up where what it lacks at the end is under two seconds of work. Payments go through the real flow, with 2 kB
of evidence each. STEELYARD_BENCH_SECONDS sets how long each lane runs (10).
"""

import asyncio
import contextlib
import itertools
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from bench import payments_machine
from bench.figures import Figure, main, percentile
from steelyard.engine.accounts import AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.records import LEG, MOVE
from steelyard.flows.command import NO_FIELDS, Command, encode, raw
from steelyard.flows.legs import LegsFields
from steelyard.flows.world import World
from steelyard.members.people import KEY, Actor
from steelyard.members.roles import Role
from steelyard.node.assembly import Node
from steelyard.node.child import encode_config
from steelyard.node.config import Config, load_config
from steelyard.node.genesis import begin
from steelyard.node.init import init
from steelyard.node.link import End, Lane, Submission
from steelyard.node.process import SWITCH_SECONDS
from steelyard.node.projector import Watch
from steelyard.node.replay import prove
from steelyard.node.snapshot import take
from steelyard.storage.evidence import evidence
from steelyard.storage.opening import open_journal
from steelyard.storage.queries import Reader
from steelyard.values.asset import AssetClass
from tests import postgres

SECONDS = float(os.environ.get("STEELYARD_BENCH_SECONDS", "10"))
WARM_SECONDS = 1.0
OWNERS, ACCOUNTS_EACH = 32, 312
AGENT, ASSET, MONEY = "STAGNOR0", "NOR", 10**14
LANES = ((32, 1, 10_000.0), (16, 100, 100_000.0), (4, 1_000, 100_000.0))


def owner(number: int) -> str:
    """Give a sender's name."""
    return f"BK{number:04}A0"


def fill(world: World) -> None:
    """Open 10,000 accounts with money, shared out among 32 senders."""
    engine = world.engine
    asset_no = engine.open_asset(ASSET, AssetClass.CURRENCY, scale=2, issuer=AGENT)
    assert isinstance(asset_no, int)
    issuer = engine.open_account(f"{AGENT}/{ASSET}/issuer", AGENT, asset_no, AccountKind.ISSUER)
    assert isinstance(issuer, int)
    for number in range(OWNERS):
        world.members.put_actor(Actor(f"k-{number}", owner(number), KEY, (Role.MAKER,)))
        for n in range(ACCOUNTS_EACH):
            name = f"{owner(number)}/{ASSET}/client/{n}"
            account = engine.open_account(name, owner(number), asset_no, AccountKind.CLIENT)
            assert isinstance(account, int), account
            bundle = Bundle(world.now // 10**6 << 80 | account, Kind.ISSUE, (Leg(issuer, account, MONEY),))
            act = engine.move(bundle, at=world.now, authority=(engine.owner_nos[AGENT],))
            assert act.refusal is None, act
    engine.take_records()


def prepare(folder: Path, *, journal: str = "", filled: Any = fill, **flags: Any) -> Config:
    """Make a node's folder whose journal holds row 1 and a snapshot of a world that is already filled."""
    init(folder, network_id="bench", hub_bic="STEEXX00", profile="test", journal=journal)
    config, _ = load_config(folder, environment={}, flags={"projector": "off", **flags})
    opened = open_journal(config.address("journal"))
    try:
        machine, head = begin(opened, opened.open("bench"), config.path(config.genesis))
        filled(machine.world)
        opened.save_snapshot(take(machine.world, head.seq))
    finally:
        opened.close()
    return config


class Batches:
    """Makes batches of new legs of one sender, uniform over the accounts."""

    def __init__(self, number: int, size: int) -> None:
        self.size = size
        self._sender, self._actor = owner(number), f"k-{number}"
        rng = np.random.default_rng(number)
        self._records = np.zeros(size, LEG)
        self._records["act"], self._records["kind"], self._records["asset_no"] = MOVE, Kind.PAYMENT, 1
        self._records["amount_minor"] = 7
        first = 2 + number * ACCOUNTS_EACH
        self._sources = rng.integers(first, first + ACCOUNTS_EACH, (64, size))
        self._targets = rng.integers(2, 2 + OWNERS * ACCOUNTS_EACH, (64, size))
        clash = self._sources == self._targets
        self._targets[clash] = 2 + (self._targets[clash] - 1) % (OWNERS * ACCOUNTS_EACH)
        self._serial = 0

    def next(self) -> Submission:
        """Give the next batch."""
        records, turn = self._records, self._serial % 64
        ms = time.time_ns() // 10**6
        low = np.arange(self._serial * self.size, (self._serial + 1) * self.size, dtype=np.uint64)
        records["id_low"], records["id_high"] = low, ms << 16 | int(self._actor[2:])
        records["source"], records["target"] = self._sources[turn], self._targets[turn]
        packed = records.tobytes()
        self._serial += 1
        fields = raw(LegsFields(self.size, sha256(packed).digest()))
        command_id = ms.to_bytes(6, "big") + os.urandom(10)
        command = Command(
            "legs", 1, command_id, self._sender, self._actor, 0, fields, NO_FIELDS, bytes(command_id)
        )
        lane = Lane.PAYMENTS if self.size == 1 else Lane.BULK
        return Submission(encode(command), packed=packed, lane=lane)


class Projecting:
    """A projector in a process of its own, and the node's look at how far it is."""

    def __init__(self, config: Config, node: Node) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "steelyard.node.child", "projector", "0", "-"], stdin=subprocess.PIPE
        )
        assert self._process.stdin is not None
        self._process.stdin.write(encode_config(config))
        self._process.stdin.flush()
        self._watch = Watch(config, node)

    def end(self) -> None:
        """End it."""
        self._watch.end()
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=30)


async def lane(config: Config, submitters: int, size: int) -> dict[str, float]:
    """Run one lane and give its figures."""
    node = await Node.open(config, on_stop=lambda stop: print(stop.why, file=sys.stderr))
    projecting = Projecting(config, node)
    reader = Reader(config.address("projection"))
    link = node.link()
    latencies: list[float] = []
    counting, over = False, False
    counted = 0

    async def submit(number: int) -> None:
        nonlocal counted
        batches = Batches(number, size)
        while not over:
            begun = time.perf_counter()
            answer = await link.submit(batches.next())
            if answer.end == End.TURNED_AWAY:
                await asyncio.sleep(answer.retry_after_ms / 1000)
                continue
            assert answer.end == End.RECORDED, answer
            assert not answer.replayed
            assert answer.packed[:2] == b"\0\0", answer
            if counting:
                latencies.append((time.perf_counter() - begun) * 1000)
                counted += size

    tasks = [asyncio.ensure_future(submit(number)) for number in range(submitters)]
    await asyncio.sleep(WARM_SECONDS)
    while not _applied(reader):
        await asyncio.sleep(0.05)
    counting, begun, cpu = True, time.perf_counter(), time.process_time()
    legs_before = _applied(reader)
    await asyncio.sleep(SECONDS)
    counting, spent, cpu = False, time.perf_counter() - begun, time.process_time() - cpu
    projected, lag = _applied(reader) - legs_before, node.sequencer.pace.legs
    over = True
    await asyncio.gather(*tasks)
    seq = node.sequencer.watermark
    caught_up = time.perf_counter()
    while node.sequencer.pace.applied_seq < seq and time.perf_counter() - caught_up < 60:
        await asyncio.sleep(0.02)
    lag_seconds = time.perf_counter() - caught_up
    total = _applied(reader)
    projecting.end()
    reader.close()
    await node.close()
    return {
        "per_second": counted / spent, "p50": percentile(latencies, 0.5), "p99": percentile(latencies, 0.99),
        "projected": projected / spent, "lag": float(lag), "lag_s": lag_seconds, "total": float(total),
        "cpu_us": cpu / max(counted, 1) * 1e6,
    }  # fmt: skip


def _applied(reader: Reader) -> int:
    """Give how many legs the projection holds."""
    with contextlib.suppress(Exception):
        found = reader._tables.one("SELECT legs FROM cursor WHERE id = 1") if reader.applied_seq() else None
        return int(found[0]) if found else 0
    return 0


def durable(kind: str, address: Any) -> Iterator[Figure]:
    """Run the three lanes on one database."""
    half = 1.0 if kind == "SQLite" else 0.5
    for submitters, size, floor in LANES:
        folder = Path(tempfile.mkdtemp(prefix="syb"))
        try:
            config = prepare(folder, journal=address())
            found = asyncio.run(lane(config, submitters, size))
            name = f"{kind}, {submitters} x {size}, durable, projector on"
            keeps = found["lag_s"] < 2
            note = (
                f"p50 {found['p50']:.1f} p99 {found['p99']:.1f} ms, projected {found['projected']:,.0f}/s,"
                f" behind {found['lag']:,.0f} legs = {found['lag_s']:.2f} s at the end,"
                f" node {found['cpu_us']:.1f} us CPU/leg"
            )
            yield Figure(
                name, found["per_second"] if keeps else found["projected"], "legs/s", floor * half, note=note
            )
            if size == 1 and kind == "SQLite":
                yield Figure(f"{name}: p99", found["p99"], "ms", 15.0, at_most=True)
            if kind == "SQLite":
                disk = sum(path.stat().st_size for path in folder.glob("*.db*"))
                yield Figure(f"{name}: disk", disk / found["total"], "bytes/leg", 450.0, at_most=True)
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def paid(kind: str, address: Any) -> Iterator[Figure]:
    """Run payments of one currency, each with 700 bytes of packed evidence in two items."""
    folder = Path(tempfile.mkdtemp(prefix="syb"))
    payments_machine.AT = payments_machine.Clock.now = time.time_ns() - 10**9
    try:
        config = prepare(folder, journal=address(), filled=_bank)
        found = asyncio.run(_pay(config, 40_000, 64))
        name = f"{kind}, payments in process with evidence, 64 callers"
        note = f"p50 {found['p50']:.1f} ms, {found['cpu_us']:.0f} us CPU of node and callers each"
        yield Figure(
            name, found["per_second"], "payments/s", 5_000.0 if kind == "SQLite" else 2_500.0, note=note
        )
        yield Figure(f"{name}: p99", found["p99"], "ms", 50.0, at_most=True)
        if kind == "SQLite":
            disk = sum(path.stat().st_size for path in folder.glob("*.db*"))
            yield Figure(
                f"{name}: disk, projection too", disk / found["count"], "bytes", 3_000.0, at_most=True
            )
            journal = open_journal(config.address("journal"))
            proof = prove(journal)
            journal.close()
            yield Figure(
                "replay with drift check, payments", proof.commands / proof.seconds, "payments/s", 20_000.0
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _bank(world: World) -> None:
    """Lay the network of the payments benchmark into a world."""
    built = payments_machine.network().world
    for name in world.SECTIONS[1:]:
        setattr(world, name, getattr(built, name))


async def _pay(config: Config, count: int, callers: int) -> dict[str, float]:
    """Send payments and give the lane's figures; every one must settle."""
    node = await Node.open(config, on_stop=lambda stop: print(stop.why, file=sys.stderr))
    projecting = Projecting(config, node)
    link, rng, latencies = node.link(), random.Random(3), list[float]()
    items = []
    for number in range(count):
        payments_machine.Clock.now = time.time_ns()
        order = payments_machine.payment(rng, exchange=False)
        body = rng.randbytes(520) + number.to_bytes(8, "big")
        kept = (evidence("verdict", body[:400] + body[-8:], at_ns=1, command=order.id),
                evidence("party", body[400:], at_ns=1))  # fmt: skip
        items.append(Submission(encode(order), kept))
    waiting = iter(items)

    async def caller() -> None:
        for item in waiting:
            begun = time.perf_counter()
            answer = await link.submit(item)
            latencies.append((time.perf_counter() - begun) * 1000)
            assert answer.end == End.RECORDED, answer
            assert answer.decoded().code == 0, answer.decoded()

    begun, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(caller() for _ in range(callers)))
    spent, cpu = time.perf_counter() - begun, time.process_time() - cpu
    until = time.perf_counter() + 60
    while node.sequencer.pace.applied_seq < node.sequencer.watermark and time.perf_counter() < until:
        await asyncio.sleep(0.05)
    projecting.end()
    await node.close()
    return {
        "per_second": count / spent, "p50": percentile(latencies, 0.5), "p99": percentile(latencies, 0.99),
        "cpu_us": cpu / count * 1e6, "count": float(count),
    }  # fmt: skip


def _replayed_legs() -> Iterator[Figure]:
    """Replay a journal of full batches."""
    folder = Path(tempfile.mkdtemp(prefix="syb"))
    try:
        config = prepare(folder)

        async def send() -> None:
            node = await Node.open(config, on_stop=lambda stop: print(stop.why, file=sys.stderr))
            link, senders = node.link(), [Batches(number, 1_000) for number in range(4)]
            for _ in range(75):
                await asyncio.gather(*link.submit_many([sender.next() for sender in senders]))
            await node.close()

        asyncio.run(send())
        journal = open_journal(config.address("journal"))
        proof = prove(journal)
        journal.close()
        yield Figure("replay with drift check, packed legs", proof.legs / proof.seconds, "legs/s", 300_000.0)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def rows() -> Iterator[Figure]:
    """Give the figures of all durable lanes."""
    sys.setswitchinterval(SWITCH_SECONDS)
    with contextlib.suppress(ImportError):
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    yield from durable("SQLite", lambda: "")
    yield from paid("SQLite", lambda: "")
    yield from _replayed_legs()
    if not postgres.available():
        return
    server, numbers = postgres.Server(), itertools.count(1)
    try:
        yield from durable("PostgreSQL", lambda: server.new_database(f"lane_{next(numbers)}"))
        yield from paid("PostgreSQL", lambda: server.new_database(f"lane_{next(numbers)}"))
    finally:
        server.destroy()


if __name__ == "__main__":
    main(rows)
