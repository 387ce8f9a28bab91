"""The order book: messages a second, packed and one by one, and what resting orders take of memory.

The flow is the file of 199,336 messages of the development data where that is at hand, else one like it that is
drawn here: most orders are cancelled, few trade. All types of orders are compiled in; a lane mixes them.
"""

import gc
import gzip
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from bench.figures import Figure, main
from steelyard.cli.market.flow import packs, read, reports
from steelyard.market.book import Book
from steelyard.market.book_image import decode, encode
from steelyard.market.instruments import Instrument
from steelyard.market.orders import Cancel, NewOrder, Replace, Side, Tif, Type
from steelyard.market.packed import NOTHING_MORE, RECORD, pack, unpack
from tests.shared import SHARED

ROUNDS = 9
RESTING = 1_000_000
DEEP = 100_000
FLOW = None if SHARED is None else SHARED / "market" / "order_flow_synthetic_s7.csv.gz"


def rows() -> Iterator[Figure]:
    """Give the figures."""
    flow = flow_of_file(FLOW) if FLOW is not None and FLOW.is_file() else drawn_flow(100_000)
    where = "" if FLOW is not None and FLOW.is_file() else "drawn here, not of the file"
    yield Figure(
        "market order flow, packed",
        round(best(lambda: packed(flow))),
        "messages/s",
        floor=500_000,
        note=where,
    )
    yield Figure("market order flow, deep book", round(best(lambda: packed(flow, deep=DEEP))), "messages/s")
    conditions = mixed(flow)
    yield Figure(
        "market order flow, one in ten with conditions",
        round(best(lambda: packed(conditions))),
        "messages/s",
    )
    yield Figure("market order flow, one by one", round(best(lambda: alone(flow), rounds=3)), "messages/s")
    if FLOW is not None and FLOW.is_file():
        yield Figure(
            "market reference stream, file to reports",
            round(best(lambda: replayed(FLOW), rounds=3)),
            "messages/s",
        )
    yield from resting()


def best(work: Callable[[], float], *, rounds: int = ROUNDS) -> float:
    """Give the best of some runs: other work on the machine only ever takes away."""
    return max(work() for _ in range(rounds))


def flow_of_file(path: Path) -> bytes:
    """Read a file of messages as packed ones."""
    with gzip.open(path, "rt") as lines:
        return b"".join(record for _, record in read(lines, to_back=False))


def drawn_flow(orders: int, *, seed: int = 7) -> bytes:
    """Draw a flow: prices about a walking middle, nineteen orders of twenty cancelled."""
    random, middle, live, out = Random(seed), 33_500, [], []
    for order_id in range(orders):
        middle += random.randint(-2, 2)
        side = Side(random.randrange(2))
        away = int(random.expovariate(1 / 120)) - 8
        price = max(1, middle - away if side is Side.BUY else middle + away)
        tif = Tif.IOC if random.random() < 0.15 else Tif.GTC
        out.append(pack(NewOrder(order_id, side, random.randint(1, 100), price, tif=tif)))
        live.append((order_id, price))
        while live and random.random() < 0.5:
            gone, price = live.pop(random.randrange(len(live)))
            if random.random() < 0.15:
                out.append(pack(Replace(gone, random.randint(1, 100), price + random.randint(-5, 5))))
            else:
                out.append(pack(Cancel(gone)))
    return b"".join(out)


def mixed(flow: bytes) -> bytes:
    """Give every tenth new order a condition: iceberg, stop, all or none, post-only, fill or kill, market."""
    out, kinds = [], (
        lambda new: {"peak": -(-new.quantity // 4)}, lambda new: {"stop": new.price}, lambda new: {"aon": True},
        lambda new: {"post_only": True}, lambda new: {"tif": Tif.FOK}, lambda new: {"type": Type.MARKET, "price": None},
    )  # fmt: skip
    number = 0
    for fields in RECORD.iter_unpack(flow):
        event = unpack(fields, NOTHING_MORE)
        if isinstance(event, NewOrder) and event.tif is Tif.GTC:
            number += 1
            if number % 10 == 0:
                given = {name: getattr(event, name) for name in event.__struct_fields__}
                event = NewOrder(**given | kinds[number // 10 % len(kinds)](event))
        out.append(pack(event))
    return b"".join(out)


def packed(flow: bytes, *, deep: int = 0) -> float:
    """Work a flow off at once; give messages a second of the processor's time."""
    book = Book(Instrument(code="FLOW"))
    book.apply_many(_away_from_the_best(deep))
    gc.collect()
    start = time.process_time()
    facts = book.apply_many(flow)
    taken = time.process_time() - start
    assert facts
    return len(flow) // RECORD.size / taken


def alone(flow: bytes) -> float:
    """Work a flow off message by message, with an object for every message and every fact."""
    events = [unpack(fields, NOTHING_MORE) for fields in RECORD.iter_unpack(flow)]
    book = Book(Instrument(code="FLOW"))
    start = time.process_time()
    for event in events:
        book.apply(event)
    return len(events) / (time.process_time() - start)


def replayed(path: Path) -> float:
    """Go from the file to the reports, as `steelyard market replay` does."""
    book, count = Book(Instrument(code="FLOW")), 0
    start = time.process_time()
    with gzip.open(path, "rt") as lines:
        for seqs, records in packs(read(lines, to_back=True), of=10_000):
            "".join(reports(seqs, book.apply_many(records)))
            count += len(seqs)
    return count / (time.process_time() - start)


def resting() -> Iterator[Figure]:
    """Rest a million orders on 2,000 prices."""
    gc.collect()
    before = _resident_mb()
    book = Book(Instrument(code="FLOW"))
    for first in range(0, RESTING, DEEP):
        book.apply_many(_away_from_the_best(DEEP, first=first))
    gc.collect()
    yield Figure(
        "market memory of 1,000,000 resting orders",
        round(_resident_mb() - before),
        "MB",
        floor=700,
        at_most=True,
    )
    start = time.process_time()
    image = encode(book)
    yield Figure(
        "market book of 1,000,000 orders: encode", round((time.process_time() - start) * 1_000), "ms"
    )
    yield Figure("market book of 1,000,000 orders: image", round(len(image) / 2**20), "MB")
    start = time.process_time()
    decode(image)
    yield Figure(
        "market book of 1,000,000 orders: decode", round((time.process_time() - start) * 1_000), "ms"
    )


def _away_from_the_best(orders: int, *, first: int = 0) -> bytes:
    """Give orders that meet nobody, and whose ids no flow uses."""
    random = Random(first)
    return b"".join(
        pack(
            NewOrder(
                10**9 + first + number,
                Side.SELL,
                10,
                60_000 + random.randrange(1_000),
                member=1 + number % 50,
            )
            if number % 2
            else NewOrder(10**9 + first + number, Side.BUY, 10, 10_000 + random.randrange(1_000))
        )
        for number in range(orders)
    )


def _resident_mb() -> float:
    with open("/proc/self/statm") as statm:  # noqa: PTH123 - not a file of ours
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 2**20


if __name__ == "__main__":
    main(rows)
