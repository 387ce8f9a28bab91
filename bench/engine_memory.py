"""The engine alone, in memory, on one core: the bulk lane by 8,000 records a call, bundles of a flow, state.

Accounts are drawn uniformly and by a Zipf law (0.99) over 10,000 settlement accounts of one owner. Memory is
what `tracemalloc` counts. The collector is set as the node sets it. `python -m bench.engine_memory` prints
the rows, `--json` gives them as JSON.
"""

import gc
import random
import sys
import time
import tracemalloc
from collections.abc import Iterator
from itertools import pairwise
from statistics import median

import numpy as np

from bench.figures import Figure, main
from steelyard.engine.accounts import AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.ids import IdWindow
from steelyard.engine.records import LEG, MOVE, RESERVE, SETTLE, stamp
from steelyard.engine.state import Engine
from steelyard.values.asset import AssetClass

AT = 1_900_000_000_000_000_000
BATCH, ACCOUNTS, ROUNDS = 8_000, 10_000, 12
FIRST = 2  # number of the first settlement account


def world(accounts: int = ACCOUNTS, *, funded: int = 10**15) -> tuple[Engine, int]:
    """Give an engine with settlement accounts of one owner, and that owner's number."""
    engine = Engine()
    nor = engine.open_asset("NOR", AssetClass.CURRENCY, scale=2, issuer="STAG")
    assert isinstance(nor, int)
    issuer = engine.open_account("STAG/NOR/issue", "STAG", nor, AccountKind.ISSUER)
    assert issuer == 1
    for count in range(accounts):
        engine.open_account(f"bank/NOR/c{count}", "bank", nor, AccountKind.SETTLEMENT)
    if funded:
        for start in range(0, accounts, 1000):
            legs = tuple(Leg(1, FIRST + no, funded) for no in range(start, min(start + 1000, accounts)))
            bundle = Bundle(AT // 1_000_000 << 80 | 1 << 62 | start, Kind.ISSUE, legs)
            assert engine.move(bundle, at=AT, authority=(1,)).refusal is None
    engine.take_records()
    sender = engine.owner_no("bank")
    assert sender is not None
    return engine, sender


def batch(rng: np.random.Generator, act: int, at: int, serial: int, *, skew: bool) -> "np.ndarray":
    """Give one batch of records with fresh ids at an instant."""
    rows = np.zeros(BATCH, LEG)
    rows["id_high"] = (at // 1_000_000) << 16
    rows["id_low"] = np.arange(BATCH) + serial * BATCH + 1
    if skew:
        weights = 1 / np.arange(1, ACCOUNTS + 1) ** 0.99
        source = rng.choice(ACCOUNTS, BATCH, p=weights / weights.sum())
    else:
        source = rng.integers(ACCOUNTS, size=BATCH)
    rows["source"] = FIRST + source
    rows["target"] = FIRST + (source + rng.integers(1, ACCOUNTS, size=BATCH)) % ACCOUNTS
    rows["amount_minor"] = rng.integers(1, 10_000, size=BATCH)
    rows["asset_no"], rows["act"], rows["kind"] = 1, act, Kind.PAYMENT
    if act == RESERVE:
        rows["deadline_at"] = at + 60_000_000_000
    return rows


def packed_lane(*, skew: bool) -> float:
    """Give single legs a second through `apply_packed`."""
    engine, sender = world()
    rng = np.random.default_rng(1)
    rates = []
    for serial in range(ROUNDS):
        at = AT + serial * 30_000_000
        sent = batch(rng, MOVE, at, serial, skew=skew).tobytes()
        start = time.perf_counter()
        outcomes, legs = engine.apply_packed(sent, first_at=at, sender=sender)
        rates.append(BATCH / (time.perf_counter() - start))
        assert len(legs) == len(sent)
        assert len(outcomes) == BATCH * 8
    return median(rates[2:])


def reserve_and_settle() -> float:
    """Give acts a second through `apply_packed`, half of them reserving and half settling."""
    engine, sender = world()
    rng = np.random.default_rng(1)
    rates = []
    for serial in range(ROUNDS):
        at = AT + serial * 60_000_000
        held = batch(rng, RESERVE, at, serial, skew=False)
        ends = np.zeros(BATCH, LEG)
        ends["id_high"], ends["id_low"] = held["id_high"], held["id_low"] + (1 << 40)
        ends["original_high"], ends["original_low"], ends["act"] = held["id_high"], held["id_low"], SETTLE
        start = time.perf_counter()
        _, legs = engine.apply_packed(held.tobytes(), first_at=at, sender=sender)
        _, more = engine.apply_packed(ends.tobytes(), first_at=at + BATCH, sender=sender)
        rates.append(2 * BATCH / (time.perf_counter() - start))
        assert len(legs) == len(more) == BATCH * 128
    return median(rates[2:])


def flow_bundle(legs: int) -> float:
    """Give microseconds for one bundle made by a flow: move, records taken and stamped."""
    engine, sender = world()
    rng = random.Random(1)
    made = []
    for serial in range(1, 20_001):
        picks = [FIRST + rng.randrange(ACCOUNTS) for _ in range(legs + 1)]
        pairs = pairwise(picks)
        parts = tuple(Leg(a, b if a != b else a % ACCOUNTS + FIRST, 5) for a, b in pairs)
        made.append(Bundle(AT // 1_000_000 << 80 | 1 << 60 | serial, Kind.PAYMENT, parts))
    start = time.perf_counter()
    for bundle in made:
        act = engine.move(bundle, at=AT, authority=(sender,))
        assert act.refusal is None
        records = bytearray(engine.take_records())
        stamp(records, 7, 3)
    return (time.perf_counter() - start) / len(made) * 1e6


def big_bundle() -> float:
    """Give seconds for one bundle of 100,000 legs."""
    engine, sender = world()
    legs = tuple(Leg(FIRST + i % ACCOUNTS, FIRST + (i * 7 + 1) % ACCOUNTS, 5) for i in range(110_000))
    legs = tuple(leg for leg in legs if leg[0] != leg[1])[:100_000]
    bundle = Bundle(AT // 1_000_000 << 80 | 1 << 60, Kind.PAYMENT, legs, policy=1)
    start = time.perf_counter()
    assert engine.move(bundle, at=AT, authority=(sender,)).refusal is None
    engine.take_records()
    return time.perf_counter() - start


def bytes_each() -> Iterator[tuple[str, float, float]]:
    """Give what an account, an open reservation and an id take, with their bounds."""
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    engine, sender = world(50_000)
    held = tracemalloc.get_traced_memory()[0] - before
    yield "memory: account, with name and four counters", held / 50_000, 600
    kept = len(engine.window)
    before = tracemalloc.get_traced_memory()[0]
    for serial in range(1, 50_001):
        source = FIRST + serial % 49_999
        bundle = Bundle(
            AT // 1_000_000 << 80 | 1 << 61 | serial,
            Kind.PAYMENT,
            (Leg(source, source + 1, 10_000 + serial),),
            reference=serial << 64,
            deadline_at=AT + 10**9 + serial,
        )
        assert engine.reserve(bundle, at=AT, authority=(sender,)).refusal is None
        engine.records.clear()
    held = tracemalloc.get_traced_memory()[0] - before
    assert len(engine.window) - kept == 50_000
    yield "memory: open reservation, its id and deadline", held / 50_000, 700
    del engine
    count = 2_000_000 // (10 if "--json" not in sys.argv else 1)
    before = tracemalloc.get_traced_memory()[0]
    window = IdWindow()
    for serial in range(1, count + 1):
        window.put(
            ((AT // 1_000_000 + serial // 10) << 80 | serial << 40).to_bytes(16, "big"),
            serial.to_bytes(16, "little"),
            serial,
        )
    yield "memory: id in the window", (tracemalloc.get_traced_memory()[0] - before) / len(window), 200
    tracemalloc.stop()
    start = time.perf_counter()
    window.encode()
    yield f"snapshot: seconds to encode {len(window):,} ids", time.perf_counter() - start, 6


def encode_seconds() -> float:
    """Give seconds to encode and hash 100,000 accounts."""
    engine, _ = world(100_000)
    start = time.perf_counter()
    engine.state_hash()
    return time.perf_counter() - start


def rows() -> Iterator[Figure]:
    """Measure, row by row."""
    gc.set_threshold(50_000, 20, 100)
    yield Figure("bulk lane, single legs, uniform", packed_lane(skew=False), "legs/s", 400_000)
    yield Figure("bulk lane, single legs, zipf 0.99", packed_lane(skew=True), "legs/s", 400_000)
    yield Figure("bulk lane, reserve + settle", reserve_and_settle(), "acts/s", 300_000)
    for legs in (1, 2, 4):
        yield Figure(f"a flow's bundle of {legs}, records stamped", flow_bundle(legs), "us", 15, at_most=True)
    yield Figure("one bundle of 100,000 legs, at end", big_bundle(), "s", 0.5, at_most=True)
    for lane, value, most in bytes_each():
        yield Figure(lane, value, "s" if "seconds" in lane else "B", most, at_most=True)
    yield Figure("snapshot: 100,000 accounts encoded and hashed", encode_seconds(), "s", 2, at_most=True)


if __name__ == "__main__":
    main(rows)
