"""Leg records on their way into tables: columns cut by numpy, counters summed, PostgreSQL's copy format.

`key` of a leg is `seq << 20 | its place in the row`: unique, rising, and a function of the journal alone.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from steelyard.engine.records import EXPIRE, LEG, MOVE, RELEASE, RESERVE, SETTLE

ROW_BITS = 20
"""A row of 64 MB holds fewer than 2^19 legs and as many commands."""

COLUMNS = (
    ("key", "bigint"),
    ("position", "integer"),
    ("leg_no", "integer"),
    ("bundle_id", "bytea"),
    ("source", "bigint"),
    ("target", "bigint"),
    ("amount_minor", "bigint"),
    ("at_ns", "bigint"),
    ("reference", "bytea"),
    ("asset_no", "bigint"),
    ("act", "smallint"),
    ("policy", "smallint"),
    ("kind", "integer"),
    ("original", "bytea"),
    ("released_minor", "bigint"),
    ("deadline_at", "bigint"),
    ("flags", "integer"),
)
"""Name and PostgreSQL type of each column; ids are 16 bytes, most significant first."""

Records = npt.NDArray[np.void]
_IDS = {"bundle_id": "id", "reference": "reference", "original": "original"}
_PLAIN = {"at_ns": "at"}
_WIDTH = {"bigint": 8, "integer": 4, "smallint": 2, "bytea": 16}
_INTEGER = {8: ">i8", 4: ">i4", 2: ">i2"}
_SAFE = 1 << 62
_ZERO = bytes(16)
COPY_HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
COPY_END = b"\xff\xff"
_COPY = np.dtype(
    [("fields", ">i2")]
    + [
        part
        for name, kind in COLUMNS
        for part in ((f"{name}_", ">i4"), (name, _INTEGER.get(_WIDTH[kind], "V16")))
    ]
)


def records_of(parts: list[memoryview]) -> Records:
    """Join LEGS payloads into one array."""
    joined: Records = np.frombuffer(b"".join(parts), LEG)
    return joined


def keys_of(records: Records) -> npt.NDArray[np.int64]:
    """Give each leg's key; records come whole rows at a time, in order."""
    seqs = records["seq"].astype(np.int64)
    places = np.arange(len(records)) - np.searchsorted(seqs, seqs)
    return (seqs << ROW_BITS) + places


def rows_of(records: Records, keys: npt.NDArray[np.int64]) -> Iterator[tuple[Any, ...]]:
    """Give the rows for SQLite, in the order of COLUMNS; an id of zero is NULL, as is a zero past it."""
    columns: list[list[Any]] = []
    for name, _ in COLUMNS:
        if name == "key":
            columns.append(keys.tolist())
        elif name in _IDS:
            columns.append(_ids(records, _IDS[name]))
        else:
            values: list[Any] = records[_PLAIN.get(name, name)].tolist()
            columns.append(values)
    return zip(*columns, strict=True)


def copy_of(records: Records, keys: npt.NDArray[np.int64]) -> bytes:
    """Give the rows in PostgreSQL's binary copy format, without header and end."""
    out: npt.NDArray[np.void] = np.zeros(len(records), _COPY)
    out["fields"] = len(COLUMNS)
    for name, kind in COLUMNS:
        out[f"{name}_"] = _WIDTH[kind]
        if name == "key":
            out[name] = keys
        elif name in _IDS:
            out[name] = _big_endian(records, _IDS[name]).view("V16").reshape(-1)
        else:
            out[name] = records[_PLAIN.get(name, name)]
    return out.tobytes()


def counters_of(records: Records) -> dict[int, list[int]]:
    """Sum what the acts add to each account: debits and credits settled, debits and credits reserved."""
    if not len(records):
        return {}
    act, amount, released = records["act"], records["amount_minor"], records["released_minor"]
    settled = np.where((act == MOVE) | (act == SETTLE), amount, 0)
    reserved = np.where(act == RESERVE, amount, 0)
    reserved = np.where(act == SETTLE, -(amount + released), reserved)
    reserved = np.where((act == RELEASE) | (act == EXPIRE), -released, reserved)
    if int(max(settled.max(), reserved.max(), -reserved.min())) * len(records) >= _SAFE:
        settled, reserved = settled.astype(object), reserved.astype(object)
    numbers, place = np.unique(np.concatenate((records["source"], records["target"])), return_inverse=True)
    sums = np.zeros((len(numbers), 4), settled.dtype)
    sources, targets = place[: len(records)], place[len(records) :]
    for column, (side, values) in enumerate(
        ((sources, settled), (targets, settled), (sources, reserved), (targets, reserved))
    ):
        np.add.at(sums[:, column], side, values)
    return dict(zip(numbers.tolist(), sums.tolist(), strict=True))


def _ids(records: Records, name: str) -> list[bytes | None]:
    """Give 16 bytes each, None for zero."""
    if not (records[f"{name}_high"] | records[f"{name}_low"]).any():
        return [None] * len(records)
    joined = _big_endian(records, name).tobytes()
    found = (joined[at : at + 16] for at in range(0, len(joined), 16))
    return [None if each == _ZERO else each for each in found]


def _big_endian(records: Records, name: str) -> npt.NDArray[np.uint64]:
    """Give an id's halves, most significant first."""
    halves = np.empty((len(records), 2), ">u8")
    halves[:, 0], halves[:, 1] = records[f"{name}_high"], records[f"{name}_low"]
    return halves
