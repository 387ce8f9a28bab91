"""What keeping costs: journal, evidence, key table and projection, on SQLite and on PostgreSQL.

Rows are made beforehand, in the form in which a node writes them: groups of 100 payments of 3 legs with
their quote used and two notices, and batches of 4,000 packed legs. Disk is what the files hold after a
checkpoint. `python -m bench.storage` prints the rows, `--json` gives them as JSON.
"""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from statistics import median
from typing import Any

from tools import train_dictionaries

from bench.figures import Figure, main, percentile
from steelyard.storage.access import open_access
from steelyard.storage.compression import compress
from steelyard.storage.database import PostgresDatabase, SqliteDatabase
from steelyard.storage.evidence import Evidence, evidence
from steelyard.storage.generations import Generations
from steelyard.storage.journal import Journal, Row, head_after, next_row
from steelyard.storage.opening import open_evidence, open_journal
from steelyard.storage.projection import Projection
from steelyard.storage.queries import Reader
from steelyard.storage.requests import Answered
from tests.postgres import Server, available
from tests.storage.making import Maker

PAYMENTS, GROUP = 20_000, 100
LEGS, BATCH, ACCOUNTS = 1_200_000, 4_000, 10_000
SEGMENT = 400_000


def made() -> tuple[list[Row], list[Row]]:
    """Give rows of payments and rows of packed legs."""
    paying, packing = Maker(1), Maker(2)
    payments = [paying.accounts(40)]
    payments += [paying.row([paying.payment(40) for _ in range(GROUP)]) for _ in range(PAYMENTS // GROUP)]
    return payments, [packing.bulk(BATCH, ACCOUNTS) for _ in range(LEGS // BATCH)]


def size_of(folder: Path) -> int:
    """Give the bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.iterdir())


def checkpoint(path: Path) -> None:
    """Bring the log of an SQLite file into it."""
    database = SqliteDatabase(path)
    database.one("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def append_all(journal: Journal, rows: list[Row]) -> tuple[float, float, list[float]]:
    """Append rows to a fresh journal; gives seconds, CPU seconds and the time of each append in ms."""
    head, times = journal.open("bench"), []
    chained = []
    for row in rows:
        chained.append(
            next_row(head, time_first=row.time_first, time_last=row.time_last, count=row.count, body=row.body)
        )
        head = head_after(chained[-1])
    begin, cpu = time.perf_counter(), time.thread_time()
    for row in chained:
        start = time.perf_counter()
        journal.append(row)
        times.append((time.perf_counter() - start) * 1000)
    spent = time.perf_counter() - begin, time.thread_time() - cpu
    journal.close()
    return *spent, times


def journal_rows(name: str, address: Any, rows: list[Row], count: int, unit: str) -> Iterator[Figure]:
    """Measure durable appends."""
    seconds, cpu, times = append_all(open_journal(address), rows)
    note = f"p50 {median(times):.2f} ms, p99 {percentile(times, 0.99):.2f} ms, {cpu / count * 1e6:.2g} us CPU each"
    yield Figure(
        f"{name} journal, durable, {unit} in groups of {count // len(rows)}",
        count / seconds,
        f"{unit}/s",
        note=note,
    )


def evidence_rows(name: str, store: Evidence) -> Iterator[Figure]:
    """Measure the flush of messages and party blocks in groups."""
    raws = train_dictionaries.samples("pacs.008", 400, seed=5)
    parties = train_dictionaries.samples("party", 400, seed=5)
    group, groups = 40, 300
    spent = 0.0
    for number in range(groups):
        items = []
        for place in range(number * group, (number + 1) * group):
            raw = raws[place % 400].replace(b"STLY", b"%08d" % place, 1)
            items.append(evidence("pacs.008", raw, at_ns=place, command=place.to_bytes(16, "big")))
            items.append(evidence("party", parties[place % 400] + b"%d" % place, at_ns=place))
        start = time.perf_counter()
        store.put(items)
        spent += time.perf_counter() - start
    store.close()
    yield Figure(
        f"{name} evidence, durable, message and parties, groups of {group}",
        group * groups / spent,
        "payments/s",
    )


def compression_rows() -> Iterator[Figure]:
    """Measure how small messages get."""
    raws = train_dictionaries.samples("pacs.008", 1000, seed=99)
    start = time.perf_counter()
    packed = [compress("pacs.008", raw) for raw in raws]
    spent = time.perf_counter() - start
    mean = sum(map(len, raws)) / len(raws)
    note = f"of {mean:,.0f} bytes, in {spent / len(raws) * 1e6:.2g} us"
    yield Figure(
        "a pacs.008 in evidence", sum(len(data) for _, data in packed) / len(raws), "bytes", 500, True, note
    )


def project(projection: Projection, rows: list[Row], step: int) -> tuple[float, float]:
    """Project all rows; gives seconds and CPU seconds."""
    begin, cpu = time.perf_counter(), time.process_time()
    for at in range(0, len(rows), step):
        projection._tend()
        projection.apply(rows[at : at + step])
    while any(not segment.indexed for segment in projection._segments[:-1]):
        projection._tend()
    return time.perf_counter() - begin, time.process_time() - cpu


def projection_rows(
    name: str,
    open_: Callable[[], SqliteDatabase | PostgresDatabase],
    rows: list[Row],
    count: int,
    unit: str,
    floor: float,
) -> Iterator[Figure]:
    """Measure the projection, indexes of sealed segments included."""
    projection = Projection(open_(), segment_legs=SEGMENT)
    seconds, cpu = project(projection, rows, 3 if unit == "payments" else 12)
    projection.close()
    yield Figure(
        f"{name} projection, {unit}",
        count / seconds,
        f"{unit}/s",
        floor,
        note=f"{cpu / count * 1e6:.3g} us CPU each",
    )


def question_rows(folder: Path) -> Iterator[Figure]:
    """Measure a page of 50 legs of an account, over sealed segments and the hot one."""
    reader, times = Reader(folder), []
    for account in range(1, 400):
        start = time.perf_counter()
        assert reader.account_legs(account * 7 % ACCOUNTS + 1, limit=50)
        times.append((time.perf_counter() - start) * 1000)
    reader.close()
    yield Figure(
        "newest 50 legs of an account among 1,200,000",
        median(times),
        "ms",
        note=f"p99 {percentile(times, 0.99):.3g} ms",
    )


def request_rows(folder: Path) -> Iterator[Figure]:
    """Measure claiming idempotency keys durably, answers remembered 50 at a time."""
    access = open_access(folder)
    start, count, answers = time.perf_counter(), 2_000, []
    for number in range(count):
        digest = sha256(b"%d" % number).digest()
        access.requests.claim(
            "bank", digest, command_id=digest[:16], request_digest=digest, at=1, expires_at=9
        )
        answers.append(Answered("bank", digest, 200, "application/json", b'{"outcome":"done"}'))
        if len(answers) == 50:
            access.requests.answer(answers)
            answers.clear()
    spent = time.perf_counter() - start
    start = time.perf_counter()
    for number in range(count):
        access.requests.look("bank", sha256(b"%d" % number).digest())
    looked = (time.perf_counter() - start) / count * 1e6
    access.close()
    yield Figure(
        "idempotency keys claimed and answered", count / spent, "keys/s", note=f"a look {looked:.3g} us"
    )


@contextmanager
def folder() -> Iterator[Path]:
    """Give a folder that goes afterwards."""
    made_ = Path(tempfile.mkdtemp(prefix="steelyard-bench"))
    yield made_
    shutil.rmtree(made_)


def sqlite_rows(payments: list[Row], packed: list[Row]) -> Iterator[Figure]:
    """Measure everything on SQLite, disk included."""
    disk = {}
    for unit, rows, count, floor in (
        ("payments", payments, PAYMENTS, 10_000.0),
        ("legs", packed, LEGS, 100_000.0),
    ):
        with folder() as where:
            yield from journal_rows("SQLite", where / "journal.db", rows, count, unit)
            checkpoint(where / "journal.db")
            disk[unit, "journal"] = size_of(where) / count
        with folder() as where:
            yield from projection_rows(
                "SQLite", lambda at=where: Generations(at).open(1), rows, count, unit, floor
            )
            checkpoint(where / "projection.db")
            disk[unit, "projection"] = size_of(where) / count
            if unit == "legs":
                yield from question_rows(where)
    with folder() as where:
        yield from evidence_rows("SQLite", open_evidence(where))
        checkpoint(where / "evidence.db")
        disk["payments", "evidence"] = size_of(where) / 12_000
    with folder() as where:
        yield from request_rows(where)
    for unit, floor in (("payments", 3000.0), ("legs", 450.0)):
        parts = {part: value for (kind, part), value in disk.items() if kind == unit}
        note = ", ".join(f"{part} {value:,.0f}" for part, value in parts.items())
        yield Figure(f"disk a {unit[:-1]}", sum(parts.values()), "bytes", floor, True, note)


def postgres_rows(payments: list[Row], packed: list[Row]) -> Iterator[Figure]:
    """Measure the same on a PostgreSQL server of our own."""
    server = Server()
    try:
        for unit, rows, count, floor in (
            ("payments", payments, PAYMENTS, 5_000.0),
            ("legs", packed, LEGS, 50_000.0),
        ):
            address = server.new_database(unit)
            yield from journal_rows("PostgreSQL", address, rows, count, unit)
            yield from projection_rows(
                "PostgreSQL", lambda at=address: Generations(at).open(1), rows, count, unit, floor
            )
        yield from evidence_rows("PostgreSQL", open_evidence(server.new_database("evidence")))
    finally:
        server.destroy()


def rows() -> Iterator[Figure]:
    """Give every figure of keeping."""
    payments, packed = made()
    yield from compression_rows()
    yield from sqlite_rows(payments, packed)
    if available():
        yield from postgres_rows(payments, packed)


if __name__ == "__main__":
    main(rows)
