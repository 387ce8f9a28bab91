"""What the client itself costs: importing it, and sending one message, against a server that answers at once."""

import asyncio
import multiprocessing
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator

import msgspec

from bench.figures import Figure, main
from steelyard.client.aio import AsyncSteelyard
from steelyard.client.steelyard import Steelyard
from steelyard.client.types import MessageAnswer, PaymentAnswer

MESSAGE = b"<Envelope>" + b"x" * 2_300 + b"</Envelope>"
ROUNDS, EACH = 5, 2_000


def _answer() -> bytes:
    """Write an answer of the size that a settled payment gets."""
    amount = {"asset": "INR", "value": "7350.00", "amount_minor": "735000"}
    payment = msgspec.convert(
        {
            "outcome": "done", "uetr": "7a2c0f5e-9d1b-4c33-8a44-2f6d1b0c9e77", "seq": 41, "state": "SETTLED",
            "status": "ACSC", "at": "2026-11-23T08:00:00.25Z", "debit": amount, "credit": amount,
            "balances": [{"account_no": n, "asset": "INR", "balance": amount, "available": amount} for n in (1, 2)],
        },
        PaymentAnswer,
    )  # fmt: skip
    body = msgspec.json.encode(
        MessageAnswer(
            outcome="accepted", message="pacs.008.001.08", codes=[], findings=[], raw_sha256="0" * 64,
            payments=[payment], transactions={"accepted": 1, "rejected": 0},
        )
    )  # fmt: skip
    head = (
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nsteelyard-request-id: 0a1b2c3d4e5f-1f\r\n"
        "steelyard-time: 2026-11-23T08:00:00.25Z\r\nx-content-type-options: nosniff\r\ncache-control: no-store\r\n"
        f"content-length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class _Server(asyncio.Protocol):
    """Answers every request alike."""

    answer = _answer()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport
        self.rest = b""

    def data_received(self, data: bytes) -> None:
        self.rest += data
        while (end := self.rest.find(b"\r\n\r\n")) >= 0:
            at = self.rest.find(b"content-length: ", 0, end)
            size = int(self.rest[at + 16 : self.rest.index(b"\r", at)]) if at >= 0 else 0
            if len(self.rest) < end + 4 + size:
                return
            self.rest = self.rest[end + 4 + size :]
            self.transport.write(self.answer)  # type: ignore[attr-defined]


def _serve(port: "multiprocessing.Queue[int]") -> None:
    async def run() -> None:
        server = await asyncio.get_running_loop().create_server(_Server, "127.0.0.1", 0)
        port.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


async def _async(address: str, at_once: int) -> float:
    """Give the processor seconds of one request."""

    async def send(count: int) -> None:
        for _ in range(count):
            await client.messages.send(MESSAGE)

    spent = []
    async with AsyncSteelyard(address, key="sk_demo_" + "0" * 16 + "_" + "a" * 64) as client:
        await send(200)
        for _ in range(ROUNDS):
            begun = time.process_time()
            await asyncio.gather(*(send(EACH // at_once) for _ in range(at_once)))
            spent.append((time.process_time() - begun) / EACH)
    return statistics.median(spent)


def _sync(address: str) -> float:
    spent = []
    with Steelyard(address, key="sk_demo_" + "0" * 16 + "_" + "a" * 64) as client:
        for _ in range(ROUNDS + 1):
            begun = time.process_time()
            for _ in range(EACH // 2):
                client.messages.send(MESSAGE)
            spent.append((time.process_time() - begun) / (EACH // 2))
    return statistics.median(spent[1:])


def _started(*command: str) -> float:
    """Give the seconds that a command takes, the median of seven."""
    spent = []
    for _ in range(7):
        begun = time.perf_counter()
        subprocess.run([sys.executable, *command], check=True, capture_output=True)
        spent.append(time.perf_counter() - begun)
    return statistics.median(spent)


def rows() -> Iterator[Figure]:
    """Measure."""
    queue: multiprocessing.Queue[int] = multiprocessing.Queue()
    server = multiprocessing.Process(target=_serve, args=(queue,), daemon=True)
    server.start()
    try:
        address = f"http://127.0.0.1:{queue.get(timeout=10)}"
        for at_once in (1, 16):
            spent = asyncio.run(_async(address, at_once)) * 1e6
            yield Figure(
                f"client async, a message, {at_once} at once, processor", spent, "us", 120, at_most=True
            )
        yield Figure("client sync, a message, processor", _sync(address) * 1e6, "us")
    finally:
        server.terminate()
        server.join()
    both = "from steelyard.client import AsyncSteelyard, Steelyard"
    bare = _started("-c", "pass")
    yield Figure("client import, both halves", (_started("-c", both) - bare) * 1e3, "ms", 250, at_most=True)
    yield Figure("steelyard --help", _started("-m", "steelyard.cli", "--help") * 1e3, "ms", 300, at_most=True)


if __name__ == "__main__":
    main(rows)
