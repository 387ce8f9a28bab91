"""A whole batch of the bulk lane at once: equal to `bulk.apply_sent` of every bundle, only faster.

Columns are checked as arrays first. A record takes the short way if it is a bundle of its own and nothing
about it needs a decision: a fresh id, plain accounts of the sender, bounds that hold. All else, every refusal
included, goes the plain way. So the short way needs no codes and no order of checks.
"""

from array import array
from hashlib import sha256
from heapq import heappush
from itertools import pairwise
from struct import Struct
from typing import TYPE_CHECKING, Any, cast

import numpy as np
import numpy.typing as npt

from steelyard.engine import bulk, runs
from steelyard.engine.accounts import LIMITED, Account
from steelyard.engine.draft import TAG_SHIFT
from steelyard.engine.ids import AHEAD_MS, BUCKET_MS, HORIZON_MS, IdWindow
from steelyard.engine.records import (
    FEW,
    LAST,
    LEG,
    LINKED,
    MOVE,
    OUTCOME,
    RESERVE,
    SETTLE,
    SIZE,
    batch_fault,
)
from steelyard.engine.reservations import NEEDS_NO_DEADLINE, Ending, Reservation
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from steelyard.engine.state import Engine

_MS = 1_000_000
_HALF = (1 << 64) - 1
_KINDS = np.array(sorted(bulk.BULK_KINDS))
_TIMELESS = np.array(sorted(NEEDS_NO_DEADLINE))
_OUTCOME = Struct("<HHI")
_FLAGS_END = 8  # the flags begin so many bytes before a record's end
_new = tuple.__new__


def apply_packed(
    engine: "Engine",
    batch: bytes,
    *,
    first_at: Instant,
    sender: int,
    bars: bulk.Bars = bulk.NO_BARS,
    checked: bool = False,
) -> tuple[bytes, bytes]:
    """Decide a batch; one with a fault of form is the door's to refuse and raises here, unless it was `checked`."""
    fault = None if checked else batch_fault(batch)
    if fault is not None:
        raise ValueError(fault)
    set_aside, engine.records = engine.records, []
    if len(batch) <= FEW * SIZE:
        answer = _few(engine, batch, first_at, sender, bars)
        engine.records = set_aside
        return answer
    lane = Lane(engine, batch, first_at, sender, bars)
    lane.run()
    engine.records = set_aside
    engine.sweep_deadlines()
    return lane.outcomes.tobytes(), lane.legs()


def _few(
    engine: "Engine", batch: bytes, first_at: Instant, sender: int, bars: bulk.Bars
) -> tuple[bytes, bytes]:
    """Decide a small batch the plain way throughout: arrays would cost more than they save."""
    outcomes, start = [], 0
    for end in range(SIZE, len(batch) + 1, SIZE):
        if batch[end - _FLAGS_END] != LINKED:
            sent = bulk.Sent(batch[start:end], sender, start // SIZE, bars)
            outcome, _ = bulk.decide(engine, sent, first_at + start // SIZE)
            packed = _OUTCOME.pack(outcome >> 48, outcome >> 32 & 0xFFFF, outcome & 0xFFFFFFFF)
            outcomes.append(packed * ((end - start) // SIZE))
            start = end
    legs = engine.take_records()
    engine.sweep_deadlines()
    return b"".join(outcomes), legs


class Lane:
    """One batch on its way: columns in, outcomes and leg records out."""

    def __init__(
        self, engine: "Engine", batch: bytes, first_at: Instant, sender: int, bars: bulk.Bars
    ) -> None:
        self.engine, self.batch, self.first_at, self.sender = engine, batch, first_at, sender
        self.bars = bars
        self.accounts = cast(
            "list[Account]", engine.accounts
        )  # number 0, which is none, is asked for nowhere
        self.hash = sha256(sender.to_bytes(4, "little"))
        rows: npt.NDArray[np.void] = np.frombuffer(batch, LEG)
        self.rows, self.count = rows, len(rows)
        self.keys = runs.wide(rows, "id")
        self.times: list[int] = (rows["id_high"] >> np.uint64(16)).tolist()  # milliseconds
        self.sent: list[bytes] = np.frombuffer(batch, f"V{SIZE}").tolist()
        self.outcomes = np.zeros(self.count, OUTCOME)
        self.outcomes["position"] = np.arange(self.count)
        self.short: list[bool] = [False] * self.count  # took the short way and is done
        self.plain: dict[int, bytes] = {}  # leg records of those that took the plain way
        self.ended = array("q")  # index and the fields of runs.ENDED, of each reservation that ended
        self.references: list[tuple[int, int]] = []

    def run(self) -> None:
        """Decide every record in turn."""
        for way, first, end in _runs(self._ways()):
            if way and end - first >= runs.MANY and runs.done(self, way, first, end):
                continue
            if way == MOVE:
                self._moves(first, end)
            elif way == RESERVE:
                self._reserves(first, end)
            elif way:
                self._ends(way, first, end)
            else:
                self._plain_run(first, end)

    def _ways(self) -> npt.NDArray[np.uint8]:
        """Give the act of each record that may take the short way, 0 for the rest."""
        rows, flags, act = self.rows, self.rows["flags"], self.rows["act"]
        if not bulk.is_owner(self.engine, self.sender):
            return np.zeros(self.count, np.uint8)
        ms = rows["id_high"] >> np.uint64(16)
        alone = flags == 0
        alone[1:] &= flags[:-1] != LINKED
        alone &= (rows["id_low"] | rows["id_high"]) != 0
        alone &= ms <= self.first_at // _MS + AHEAD_MS
        alone &= ms >= max(0, (self.first_at + self.count) // _MS - HORIZON_MS)
        known = len(self.engine.accounts)
        source, target, amount = rows["source"], rows["target"], rows["amount_minor"]
        fine = (amount > 0) & (amount < AMOUNT_END) & (source != target) & (rows["asset_no"] != 0)
        fine &= (source > 0) & (source < known) & (target > 0) & (target < known)
        fine &= np.isin(rows["kind"], _KINDS)
        deadline, at = rows["deadline_at"], self.first_at + np.arange(self.count)
        timeless = (deadline == 0) & np.isin(rows["kind"], _TIMELESS)
        fine &= (act == MOVE) | (deadline > at) | timeless
        for asset_no, line in self.bars.lines.items():
            fine &= (rows["asset_no"] != asset_no) | (amount <= line)
        fine = np.where(act <= RESERVE, fine, (amount >= 0) & ((act == SETTLE) | (amount == 0)))
        return np.where(alone & fine, act, 0).astype(np.uint8)

    def _moves(self, first: int, end: int) -> None:
        """Move a run of single legs."""
        sender, window, accounts, short = self.sender, self.engine.window, self.accounts, self.short
        entries, digest, put = window.entries, self.hash.copy, _putter(window, end - first)
        closed = self.bars.closed
        for i, key, ms, sent, number, source_no, target_no, amount, asset_no in self._columns(
            first, end, Ending.MOVED, "source", "target", "amount_minor", "asset_no"
        ):
            s, t = accounts[source_no], accounts[target_no]
            out, into = s.debits_settled + amount, t.credits_settled + amount
            if (
                s.credits_settled - out - s.debits_reserved < s.low
                or into - t.debits_settled + t.credits_reserved > t.high
                or s.gate & runs.OUT_STOPS
                or t.gate & runs.IN_STOPS
                or s.owner_no != sender
                or s.asset_no != asset_no
                or t.asset_no != asset_no
                or out > runs.FAR
                or into > runs.FAR
                or key in entries
                or ms <= window.horizon_ms
                or (closed and t.owner_no in closed)
            ):
                self._plain(i, i + 1)
                continue
            s.debits_settled, t.credits_settled = out, into
            hashed = digest()
            hashed.update(sent)
            put(key, ms, hashed.digest()[:16] + number)
            short[i] = True

    def _reserves(self, first: int, end: int) -> None:
        """Reserve a run of single legs."""
        engine, sender, accounts, short = self.engine, self.sender, self.accounts, self.short
        window, held, deadlines, made = engine.window, engine.reservations, engine.deadlines, engine.made
        most, mine_max = engine.reservations_max, self.bars.reservations_max
        mine, closed = made.get(sender, 0), self.bars.closed
        entries, digest, put = window.entries, self.hash.copy, _putter(window, end - first)
        references = runs.wide(self.rows[first:end], "reference")
        for i, key, ms, sent, number, source_no, target_no, amount, asset_no, kind, policy, deadline in (
            self._columns(
                first, end, Ending.RESERVED, "source", "target", "amount_minor", "asset_no", "kind", "policy",
                "deadline_at",
            )
        ):  # fmt: skip
            s, t = accounts[source_no], accounts[target_no]
            out, into = s.debits_reserved + amount, t.credits_reserved + amount
            if (
                s.credits_settled - s.debits_settled - out < s.low
                or t.credits_settled - t.debits_settled + into > t.high
                or s.gate & runs.OUT_STOPS
                or t.gate & runs.IN_STOPS
                or s.owner_no != sender
                or s.asset_no != asset_no
                or t.asset_no != asset_no
                or s.debits_settled > runs.FAR
                or t.credits_settled > runs.FAR
                or key in entries
                or ms <= window.horizon_ms
                or len(held) >= most
                or mine >= mine_max
                or (closed and t.owner_no in closed)
            ):
                self._plain(i, i + 1)
                mine = made.get(sender, 0)
                continue
            s.debits_reserved, t.credits_reserved = out, into
            mine = made[sender] = mine + 1
            legs = ((s.account_no, t.account_no, amount, ()),)
            held[key] = _new(Reservation, (key, kind, policy, references[i - first], deadline, sender, legs))
            if deadline:
                heappush(deadlines, (deadline, key))
            hashed = digest()
            hashed.update(sent)
            put(key, ms, hashed.digest()[:16] + number)
            short[i] = True

    def _ends(self, act: int, first: int, end: int) -> None:
        """Settle or release a run of reservations of one leg each."""
        engine, sender, accounts, short = self.engine, self.sender, self.accounts, self.short
        window, reservations, first_at, made = (
            engine.window,
            engine.reservations,
            self.first_at,
            engine.made,
        )
        entries, digest, put = window.entries, self.hash.copy, _putter(window, end - first)
        tagged, keep, settling = runs.TAGGED[act], self.ended.extend, act == SETTLE
        originals, closed = runs.wide(self.rows[first:end], "original"), self.bars.closed
        for i, key, ms, sent, number, amount in self._columns(first, end, Ending.NOTHING, "amount_minor"):
            original = originals[i - first]
            held = reservations.get(original)
            if held is None or len(held[6]) > 1:
                self._plain(i, i + 1)
                continue
            _, kind, policy, reference, deadline, maker, ((source_no, target_no, reserved, windows),) = held
            s, t = accounts[source_no], accounts[target_no]
            if settling and not amount:
                amount = reserved
            if (
                maker != sender
                or amount > reserved
                or (deadline and first_at + i >= deadline)
                or windows
                or (s.gate | t.gate) & LIMITED
                or (settling and (s.freeze or t.freeze or (closed and t.owner_no in closed)))
                or key in entries
                or ms <= window.horizon_ms
            ):
                self._plain(i, i + 1)
                continue
            s.debits_reserved -= reserved
            t.credits_reserved -= reserved
            if amount:
                s.debits_settled += amount
                t.credits_settled += amount
            del reservations[original]
            made[sender] -= 1
            known = entries.get(original)
            if known is not None:
                entries[original] = known[:23] + tagged[known[23]]
            hashed = digest()
            hashed.update(sent)
            put(key, ms, hashed.digest()[:16] + number)
            keep((i, source_no, target_no, amount, reserved - amount, s.asset_no, policy, kind, deadline))
            if reference:
                self.references.append((i, reference))
            short[i] = True
        if not made.get(sender, 1):
            del made[sender]

    def _columns(self, first: int, end: int, tag: int, *names: str) -> "Iterator[Any]":
        """Give a run's rows: index, id, its time, bytes sent, number to keep if done, then named fields."""
        part = self.rows[first:end]
        index = np.arange(first, end, dtype="<u8")
        return zip(
            range(first, end),
            self.keys[first:end],
            self.times[first:end],
            self.sent[first:end],
            (index | np.uint64(tag << TAG_SHIFT)).view("V8").tolist(),
            *(part[name].tolist() for name in names),
            strict=True,
        )

    def _plain_run(self, first: int, end: int) -> None:
        """Take bundles, linked or not, the plain way."""
        linked = (self.rows["flags"][first:end] == LINKED).tolist()
        start = first
        for index in range(first, end):
            if not linked[index - first]:
                self._plain(start, index + 1)
                start = index + 1

    def _plain(self, first: int, end: int) -> None:
        """Take one bundle the plain way."""
        sent = bulk.Sent(self.batch[first * SIZE : end * SIZE], self.sender, first, self.bars)
        outcome, _ = bulk.decide(self.engine, sent, self.first_at + first)
        self.outcomes[first:end] = (outcome >> 48, outcome >> 32 & 0xFFFF, outcome & 0xFFFFFFFF)
        self.plain[first] = self.engine.take_records()

    def legs(self) -> bytes:
        """Give the leg records of all that was done, in order."""
        packed = bytearray(self.batch)
        out: npt.NDArray[np.void] = np.frombuffer(packed, LEG)
        out["at"] = self.first_at + np.arange(self.count)
        out["flags"] = LAST
        if self.ended:
            self._fill_ended(out)
        if not any(self.plain.values()):
            if all(self.short):
                return bytes(packed)
            some: bytes = np.frombuffer(packed, f"V{SIZE}")[np.array(self.short, dtype=bool)].tobytes()
            return some
        return b"".join(
            packed[i * SIZE : i * SIZE + SIZE] if done else self.plain.get(i, b"")
            for i, done in enumerate(self.short)
        )

    def _fill_ended(self, out: npt.NDArray[np.void]) -> None:
        """Write into the records of settles and releases what their reservations were."""
        table = np.frombuffer(self.ended, dtype=np.int64).reshape(-1, 1 + len(runs.ENDED))
        index = table[:, 0]
        for column, name in enumerate(runs.ENDED, 1):
            out[name][index] = table[:, column]
        for i, reference in self.references:
            out["reference_low"][i], out["reference_high"][i] = reference & _HALF, reference >> 64


def _runs(ways: npt.NDArray[np.uint8]) -> "Iterator[tuple[int, int, int]]":
    """Give way, first and end of every longest run of one way.

    >>> list(_runs(np.array([1, 1, 0, 2], dtype=np.uint8)))
    [(1, 0, 2), (0, 2, 3), (2, 3, 4)]
    """
    cuts = [0, *(np.flatnonzero(np.diff(ways)) + 1).tolist(), len(ways)]
    for first, end in pairwise(cuts):
        yield int(ways[first]), first, end


def _putter(window: IdWindow, coming: int) -> "Callable[[int, int, bytes], None]":
    """Give a quicker `put_number`, told the id's time, for `coming` new ids if the window has room for them."""
    entries, buckets = window.entries, window.buckets
    roomy = len(entries) + coming <= window.ids_max
    from_ms, to_ms, append = 0, -1, window.seconds.append  # the times for which `append` is the bucket's

    def put(key: int, ms: int, kept: bytes) -> None:
        nonlocal from_ms, to_ms, append
        if from_ms <= ms <= to_ms:
            entries[key] = kept
            append(key)
            return
        window.put_number(key, kept)
        if roomy:
            from_ms = ms - ms % BUCKET_MS
            to_ms = min(from_ms + BUCKET_MS - 1, window.newest_ms)
            append = buckets[ms // BUCKET_MS].append

    return put
