"""Durable orders: through link, sequencer, flow, journal and projection, on both databases.

Six traders in one book of one currency. Of ten messages five enter an order that rests, one enters an order that
trades (title and money move in one bundle), four cancel the sender's oldest order; in batches a hundred of them are
one command (`order.many`). Submitters run in the node's process, the projector in one of its own, a PostgreSQL server
beside them.
STEELYARD_BENCH_SECONDS sets how long each lane runs (10).
"""

import asyncio
import contextlib
import itertools
import os
import random
import shutil
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench.figures import Figure, main, percentile
from bench.lanes import SECONDS, WARM_SECONDS, Projecting, prepare
from steelyard.flows.command import NO_FIELDS, Command, Outcome, decode_command, encode, raw
from steelyard.flows.facts import decode_fact
from steelyard.flows.machine import Machine
from steelyard.flows.market_facts import OrderRefused
from steelyard.flows.order import CancelFields, OrderFields
from steelyard.flows.order_many import CancelMessage, MessagesFields, NewMessage
from steelyard.flows.warehouse import SiteFields, StockFields
from steelyard.flows.world import World
from steelyard.market.orders import Side, Tif
from steelyard.node.assembly import Node
from steelyard.node.config import Config
from steelyard.node.link import End, Submission
from steelyard.node.process import SWITCH_SECONDS
from tests import postgres
from tests.flows import payworld
from tests.flows.goods import GRADE, HOUSE, JUDGE, PAPER, SITE, done
from tests.flows.markets import SPOT, TRADERS, Market

MIDDLE, MANY = 10_000, 100
MONEY, GOODS_KG = 10**16, 10**13
LANES = ((32, 1, 10_000.0), (8, MANY, 20_000.0))


def fill(world: World) -> None:
    """Lay a market into a world: every trader has more money and goods than the lanes move."""
    payworld.START = time.time_ns() - 60 * 10**9
    net = Market()
    site = SiteFields(SITE, HOUSE, JUDGE, 10**15, 10**15, "OST", 3)
    done(net.two("site.put", site, "operator"))
    done(net.one("stock.certify", StockFields(SITE, GRADE, 10**15, PAPER), JUDGE))
    for owner in TRADERS:
        net.fund(owner, "OST", 2 * MONEY)
        net.ready(owner, "OST", MONEY)
        net.stocked(GOODS_KG // 1_000, owner)
    for name in world.SECTIONS[1:]:
        setattr(world, name, getattr(net.world, name))


class Trader:
    """Makes one sender's messages."""

    def __init__(self, number: int) -> None:
        self._owner = TRADERS[number % len(TRADERS)]
        self._random, self._turn, self._number = random.Random(number), number, number
        self._open: deque[bytes] = deque()

    def next(self) -> Submission:
        """Give the next message of the mix as a command of its own."""
        made = self._message()
        if isinstance(made, NewMessage):
            return self._command("order.enter", made.order, made.order_id)
        return self._command("order.cancel", CancelFields((made.order_id,)), fresh())

    def batch(self) -> Submission:
        """Give the next messages of the mix in one command."""
        fields = MessagesFields(tuple([self._message() for _ in range(MANY)]))
        return self._command("order.many", fields, fresh())

    def _message(self) -> NewMessage | CancelMessage:
        self._turn += 1
        if self._turn % 10 in (2, 4, 6, 8) and self._open:
            return CancelMessage(self._open.popleft())
        made = NewMessage(fresh(), self._order(trades=self._turn % 10 == 9))
        if made.order.tif is Tif.GTC:
            self._open.append(made.order_id)
        return made

    def _order(self, *, trades: bool) -> OrderFields:
        side = self._random.choice((Side.BUY, Side.SELL))
        away = self._random.randrange(1, 60)
        if trades:
            return OrderFields(
                SPOT, side, 1, MIDDLE + 60 if side is Side.BUY else MIDDLE - 60, tif=Tif.IOC, stp=0
            )
        return OrderFields(
            SPOT, side, self._random.randrange(1, 9), MIDDLE - away if side is Side.BUY else MIDDLE + away
        )

    def _command(self, name: str, fields: Any, key: bytes) -> Submission:
        made = Command(name, 1, key, self._owner, f"t-{self._owner}", 0, raw(fields), NO_FIELDS, key)
        return Submission(encode(made))


def fresh() -> bytes:
    """Give an id of now."""
    return (time.time_ns() // 10**6).to_bytes(6, "big") + os.urandom(10)


def refusals(outcome: Outcome) -> int:
    """Count the messages of a command that were refused."""
    return outcome.code or sum(isinstance(decode_fact(fact), OrderRefused) for fact in outcome.facts)


async def lane(config: Config, submitters: int, size: int) -> dict[str, float]:
    """Run one lane and give its figures."""
    node = await Node.open(config, on_stop=lambda stop: print(stop.why, file=sys.stderr))
    projecting = Projecting(config, node)
    link = node.link()
    latencies: list[float] = []
    counting, over, counted, refused = False, False, 0, 0

    async def submit(number: int) -> None:
        nonlocal counted, refused
        trader = Trader(number)
        while not over:
            made = trader.next() if size == 1 else trader.batch()
            begun = time.perf_counter()
            answer = await link.submit(made)
            while answer.end == End.TURNED_AWAY:
                await asyncio.sleep(answer.retry_after_ms / 1000)
                answer = await link.submit(made)
            assert answer.end == End.RECORDED, answer
            if counting:
                latencies.append((time.perf_counter() - begun) * 1000)
                counted += size
                refused += refusals(answer.decoded()) if len(latencies) % 16 == 0 else 0

    tasks = [asyncio.ensure_future(submit(number)) for number in range(submitters)]
    await asyncio.sleep(WARM_SECONDS)
    counting, begun, cpu = True, time.perf_counter(), time.process_time()
    await asyncio.sleep(SECONDS)
    counting, spent, cpu = False, time.perf_counter() - begun, time.process_time() - cpu
    over = True
    await asyncio.gather(*tasks)
    seq, caught_up = node.sequencer.watermark, time.perf_counter()
    while node.sequencer.pace.applied_seq < seq and time.perf_counter() - caught_up < 120:
        await asyncio.sleep(0.02)
    lag = time.perf_counter() - caught_up
    trades = node.sequencer.machine.world.books.last_trade
    projecting.end()
    await node.close()
    return {
        "per_second": counted / spent, "sustained": counted / (spent + max(0.0, lag - 2)), "lag_s": lag,
        "p50": percentile(latencies, 0.5), "p99": percentile(latencies, 0.99), "trades": float(trades),
        "cpu_us": cpu / max(counted, 1) * 1e6, "refused": 16 * refused / max(1, counted),
    }  # fmt: skip


def durable(kind: str, address: Callable[[], str]) -> Iterator[Figure]:
    """Run the lanes on one database."""
    share = 1.0 if kind == "SQLite" else 0.5
    for submitters, size, floor in LANES:
        folder = Path(tempfile.mkdtemp(prefix="sym"))
        try:
            config = prepare(folder, journal=address(), filled=fill)
            found = asyncio.run(lane(config, submitters, size))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
        name = f"{kind}, durable orders, {submitters} x {size}, projector on"
        note = (
            f"p50 {found['p50']:.1f} p99 {found['p99']:.1f} ms, {found['trades']:,.0f} trades,"
            f" {100 * found['refused']:.0f} % refused, projection {found['lag_s']:.2f} s behind at the end,"
            f" node and callers {found['cpu_us']:.0f} us CPU/order"
        )
        yield Figure(name, found["per_second"], "orders/s", floor * share, note=note)
        if size == 1:
            yield Figure(f"{name}: p99", found["p99"], "ms", 15.0 / share, at_most=True)


def machine_us(size: int = 1, messages: int = 10_000, rounds: int = 4) -> float:
    """Give the processor time that the state machine alone takes for a message of the mix, the best round."""
    world = World()
    fill(world)
    machine, at = Machine(world), time.time_ns()
    make, traders = Trader.next if size == 1 else Trader.batch, [Trader(n) for n in range(LANES[0][0])]
    best = float("inf")
    for _ in range(rounds):
        made = [
            decode_command(make(traders[place % len(traders)]).command) for place in range(messages // size)
        ]
        begun = time.process_time()
        for command in made:
            at += 1_000
            machine.apply(command, at=at)
        best = min(best, (time.process_time() - begun) / messages * 1e6)
    return best


def rows() -> Iterator[Figure]:
    """Give the figures of all lanes."""
    yield Figure("durable orders: the state machine's part of one", machine_us(), "us")
    yield Figure(f"durable orders: the state machine's part of one of {MANY}", machine_us(MANY), "us")
    sys.setswitchinterval(SWITCH_SECONDS)
    with contextlib.suppress(ImportError):
        import uvloop

        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    yield from durable("SQLite", lambda: "")
    if not postgres.available():
        return
    server, numbers = postgres.Server(), itertools.count(1)
    try:
        yield from durable("PostgreSQL", lambda: server.new_database(f"market_{next(numbers)}"))
    finally:
        server.destroy()


if __name__ == "__main__":
    main(rows)
