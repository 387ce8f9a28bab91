"""The main job over HTTP: pacs.008 bytes in, final settlement in two currencies, pacs.002 out, all durable.

A node with two gateway processes and its projector runs beside the load generator, all on this machine.
Quotes are asked for before; creditor agents have standing acceptance. The generator writes requests on raw
sockets that stay open, and reads no more of an answer than it must. A lane counts only if the journal holds
as many new payments as were sent.
"""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

from bench.figures import ROOT, Figure, main, percentile
from steelyard.api.auth import keys
from steelyard.flows.command import decode_outcome
from steelyard.flows.facts import QuoteGiven, decode_fact
from steelyard.flows.quote import AskFields
from steelyard.node.config import load_config
from steelyard.node.init import init
from steelyard.node.link import Submission
from steelyard.node.link_client import StreamLink
from steelyard.storage.access import open_access
from steelyard.values.instants import format_instant
from tests.api import messages, world

CONNECTIONS = 48
PAYMENTS, PACED, ALONE, FILE = 12_000, 10_000, 200, 10_000
RATE = 2_000
KEYS_PER_BANK = 8
CURRENCY = {"AE": "AED", "IN": "INR", "ZA": "ZAR"}
RATES = {("AED", "INR"): "22.5", ("INR", "ZAR"): "0.2127", ("ZAR", "AED"): "0.2088"}
SOURCE_MINOR = 100_00


class Connection(asyncio.Protocol):
    """One open connection: sends a request, tells when its answer is whole."""

    def __init__(self) -> None:
        self.answered: asyncio.Future[bytes] | None = None
        self.transport: asyncio.Transport | None = None
        self._buffer = bytearray()
        self._length = -1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport  # type: ignore[assignment]  # uvloop's is its own kind

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._length < 0:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._buffer[:end]).lower()
            at = head.index(b"content-length:") + 15
            length = int(head[at : (head + b"\r").index(b"\r", at)])
            self._length = end + 4 + length
        if len(self._buffer) >= self._length and self.answered is not None:
            answer, self._buffer, self._length = bytes(self._buffer), bytearray(), -1
            self.answered.set_result(answer)

    def connection_lost(self, error: Exception | None) -> None:
        if self.answered is not None and not self.answered.done():
            self.answered.set_exception(ConnectionError("the gateway closed the connection"))

    async def ask(self, request: bytes) -> bytes:
        self.answered = asyncio.get_running_loop().create_future()
        assert self.transport is not None
        self.transport.write(request)
        return await self.answered


class Node:
    """A node in its own processes, and a link to it for what is not measured."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = 18_000 + os.getpid() % 2_000
        init(folder, network_id="bench", hub_bic=world.HUB, profile="test")
        code = (
            "import sys; from pathlib import Path; from steelyard.node.config import load_config;"
            "from steelyard.node.process import run_node;"
            "sys.exit(run_node(load_config(Path(sys.argv[1]), environment={}, flags={'gateways': 2,"
            " 'listen': sys.argv[2], 'logs_level': 'warning'})[0], 'steelyard.api.app:serve_gateway'))"
        )
        self.process = subprocess.Popen(
            [sys.executable, "-c", code, str(folder), f"127.0.0.1:{self.port}"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        )
        self.config = load_config(folder, environment={}, flags={})[0]
        self.tokens: dict[str, list[str]] = {}

    async def begin(self) -> None:
        """Connect, build the network, make keys."""
        path = str(self.config.link_path)
        for _ in range(200):
            if Path(path).exists():
                break
            await asyncio.sleep(0.05)
        self.link = await StreamLink.connect(path, name="bench")
        builder = world.Builder(self.link, time.time_ns)
        await builder.build()
        access = open_access(self.config.address("access"))
        for bic in world.BANKS:
            made = [
                keys.make(env="test", owner=bic, holder=f"k-{bic}", at=time.time_ns(), days=1)
                for _ in range(KEYS_PER_BANK)
            ]
            for one in made:
                access.add_key(one.key)
            self.tokens[bic] = [one.text.reveal() for one in made]
        access.close()

    async def quotes(self, count: int) -> list[tuple[str, str, QuoteGiven]]:
        """Ask for quotes, round robin over pairs of banks: (payer, payee, quote)."""
        payers = list(world.BANKS)
        asked = []
        for n in range(count):
            payer = payers[n % len(payers)]
            source = CURRENCY[world.BANKS[payer]]
            target = next(quote for (base, quote) in RATES if base == source)
            payee = [bic for bic, code in world.BANKS.items() if CURRENCY[code] == target][n % 2]
            asked.append((payer, payee, AskFields(source, target, True, SOURCE_MINOR, creditor_agent=payee)))
        given = []
        builder = world.Builder(self.link, time.time_ns)
        builder.number = secrets.randbits(40)
        for start in range(0, count, 1000):
            part = asked[start : start + 1000]
            futures = self.link.submit_many(
                [Submission(builder.command("quote.ask", f, payer, f"k-{payer}")) for payer, _, f in part]
            )
            for (payer, payee, _), answer in zip(part, await asyncio.gather(*futures), strict=True):
                facts = map(decode_fact, decode_outcome(answer.outcome).facts)
                quote = next(fact for fact in facts if isinstance(fact, QuoteGiven))
                given.append((payer, payee, quote))
        return given

    async def payments(self) -> int:
        """Give how many payments the journal holds, once the projection has all rows."""
        health = (await self.link.read("health")).decoded(dict)
        while health["applied_seq"] < health["watermark"]:
            await asyncio.sleep(0.05)
            health = (await self.link.read("health")).decoded(dict)
        text = (await self.link.read("metrics")).decoded(str)
        return int(
            float(next(x for x in text.splitlines() if x.startswith("steelyard_payments_total")).split()[1])
        )

    def seconds(self) -> dict[str, float]:
        """Give the processor time that each kind of process has taken so far."""
        found = {
            "node": _seconds(self.process.pid),
            "gateways": 0.0,
            "projector": 0.0,
            "generator": time.process_time(),
        }
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        for child in children:
            command = Path(f"/proc/{child}/cmdline").read_bytes()
            found["projector" if b"projector" in command else "gateways"] += _seconds(int(child))
        return found

    def end(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def _seconds(pid: int) -> float:
    """Give the processor time of a process: user and system."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def transfer(payer: str, payee: str, quote: QuoteGiven) -> str:
    """Give one payment by its quote."""
    number = secrets.token_hex(8)
    return messages.transfer(
        payer, payee, source=quote.source, sent=f"{quote.source_minor / 100:.2f}", target=quote.target,
        amount=f"{quote.target_minor / 100:.2f}",
        rate=f"{quote.target_minor / quote.source_minor:.9f}",
        quote=str(uuid.UUID(bytes=quote.quote_id)), number=number, on=time.strftime("%Y-%m-%d", time.gmtime()),
    )  # fmt: skip


def request(node: Node, payer: str, body: bytes, n: int) -> bytes:
    """Give a whole HTTP request."""
    token = node.tokens[payer][n % KEYS_PER_BANK]
    head = (
        f"POST /v1/messages HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/xml\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def requests(node: Node, count: int) -> list[bytes]:
    """Make messages ready to be sent."""
    made = []
    now = format_instant(time.time_ns() // 1_000_000 * 1_000_000)
    for n, (payer, payee, quote) in enumerate(await node.quotes(count)):
        body = messages.message(
            payer, transfer(payer, payee, quote), at=now, message_id=f"B{secrets.token_hex(12)}"
        )
        made.append(request(node, payer, body, n // 6))
    return made


async def connect(node: Node, count: int) -> list[Connection]:
    loop = asyncio.get_running_loop()
    made = [await loop.create_connection(Connection, "127.0.0.1", node.port) for _ in range(count)]
    return [protocol for _, protocol in made]


def check(answer: bytes) -> None:
    if b"<TxSts>ACSC</TxSts>" not in answer:
        raise SystemExit(f"not settled: {answer[:300]!r} ... {answer[-700:]!r}")


async def flat_out(node: Node) -> tuple[float, list[float], dict[str, float]]:
    """Send as fast as the answers come; gives payments a second, latencies, processor time per payment (us)."""
    ready = await requests(node, PAYMENTS)
    lines = await connect(node, CONNECTIONS)
    before, took = await node.payments(), []
    queue, used = iter(ready), node.seconds()

    async def worker(line: Connection) -> None:
        for item in queue:
            sent = time.perf_counter()
            check(await line.ask(item))
            took.append(time.perf_counter() - sent)

    begun = time.perf_counter()
    await asyncio.gather(*map(worker, lines))
    spent = time.perf_counter() - begun
    if await node.payments() - before != len(ready):
        raise SystemExit("the journal does not hold every payment that was sent")
    cost = {name: (after - used[name]) / len(ready) * 1e6 for name, after in node.seconds().items()}
    return len(ready) / spent, took, cost


async def paced(node: Node) -> list[float]:
    """Send at a steady rate whatever the answers do; a wait for a free line counts as latency."""
    ready = await requests(node, PACED)
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for line in await connect(node, 200):
        free.put_nowait(line)
    took: list[float] = []
    begun = time.perf_counter() + 0.1

    async def one(item: bytes, due: float) -> None:
        line = await free.get()
        check(await line.ask(item))
        took.append(time.perf_counter() - due)
        free.put_nowait(line)

    tasks = []
    for n, item in enumerate(ready):
        due = begun + n / RATE
        wait = due - time.perf_counter()
        if wait > 0.001:
            await asyncio.sleep(wait)
        tasks.append(asyncio.ensure_future(one(item, due)))
    await asyncio.gather(*tasks)
    return took


async def alone(node: Node) -> list[float]:
    """Send one payment at a time."""
    ready, took = await requests(node, ALONE), []
    (line,) = await connect(node, 1)
    for item in ready:
        sent = time.perf_counter()
        check(await line.ask(item))
        took.append(time.perf_counter() - sent)
        await asyncio.sleep(0.005)
    return took


async def file(node: Node) -> float:
    """Send one message of 10,000 payments; gives payments a second until its pacs.002 is here."""
    quotes = [one for one in await node.quotes(FILE * 6) if one[0] == world.GHAF]
    now = format_instant(time.time_ns() // 1_000_000 * 1_000_000)
    body = messages.message(world.GHAF, *(transfer(*one) for one in quotes), at=now)
    (line,) = await connect(node, 1)
    before, begun = await node.payments(), time.perf_counter()
    answer = await line.ask(request(node, world.GHAF, body, 0))
    spent = time.perf_counter() - begun
    if b"<GrpSts>ACSC</GrpSts>" not in answer or await node.payments() - before != len(quotes):
        raise SystemExit(f"the file was not settled: {answer[:1500]!r}")
    return len(quotes) / spent


async def measure() -> list[Figure]:
    folder = Path(tempfile.mkdtemp(prefix="steelyard-bench-"))
    node = Node(folder)
    try:
        await node.begin()
        await alone(node)
        single = await alone(node)
        rate, busy, cost = await flat_out(node)
        steady = await paced(node)
        bulk = await file(node)
    finally:
        node.end()
    lane = "pacs.008 over HTTP to settlement in two currencies"
    ms = 1000.0
    return [
        Figure(f"{lane}, {CONNECTIONS} connections", rate, "payments/s", 2000),
        Figure(f"{lane}, flat out, p50", percentile(busy, 0.5) * ms, "ms", at_most=True),
        Figure(f"{lane}, flat out, p99", percentile(busy, 0.99) * ms, "ms", at_most=True),
        Figure(f"{lane}, at {RATE}/s, p50", percentile(steady, 0.5) * ms, "ms", at_most=True),
        Figure(f"{lane}, at {RATE}/s, p99", percentile(steady, 0.99) * ms, "ms", 60, at_most=True),
        Figure("one payment alone, p50", percentile(single, 0.5) * ms, "ms", 5, at_most=True),
        Figure("one payment alone, p99", percentile(single, 0.99) * ms, "ms", at_most=True),
        *(
            Figure(f"processor time per payment, {name}", value, "us", at_most=True)
            for name, value in cost.items()
        ),
        Figure("one pacs.008 file of 10,000 payments", bulk, "payments/s", 4000),
    ]


def rows() -> Iterator[Figure]:
    """Run every lane over HTTP."""
    import uvloop

    yield from uvloop.run(measure())


if __name__ == "__main__":
    main(rows)
