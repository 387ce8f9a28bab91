"""The 128-byte leg record: what the engine tells the world, and what the bulk lane sends in.

Little-endian, reserved bytes zero. A record leaves the engine with row and position zero; whoever builds the
journal row stamps them. As bulk input it also leaves the time zero and carries flag 1 where the next record
belongs to the same bundle.
"""

from collections.abc import Iterator, Sequence
from struct import Struct
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

SIZE = 128
MOVE, RESERVE, SETTLE, RELEASE, EXPIRE, PIN = 1, 2, 3, 4, 5, 6
ACTS = ("move", "reserve", "settle", "release", "expire", "pin")
LINKED, LAST = 1, 2

LAYOUT = Struct("<16sQIIQQqq16sIBBH16sqqH6x")
_STAMP = Struct("<QI")

LEG = np.dtype(
    [
        ("id_low", "<u8"),
        ("id_high", "<u8"),
        ("seq", "<u8"),
        ("position", "<u4"),
        ("leg_no", "<u4"),
        ("source", "<u8"),
        ("target", "<u8"),
        ("amount_minor", "<i8"),
        ("at", "<i8"),
        ("reference_low", "<u8"),
        ("reference_high", "<u8"),
        ("asset_no", "<u4"),
        ("act", "u1"),
        ("policy", "u1"),
        ("kind", "<u2"),
        ("original_low", "<u8"),
        ("original_high", "<u8"),
        ("released_minor", "<i8"),
        ("deadline_at", "<i8"),
        ("flags", "<u2"),
        ("reserved", "u1", (6,)),
    ]
)
"""The record as a numpy row; 128-bit ids are two halves."""

OUTCOME = np.dtype([("refusal", "<u2"), ("leg", "<u2"), ("position", "<u4")])
"""One packed outcome: refusal 0 for done, leg 65,535 where no leg is to blame, position in the batch."""

NO_LEG = 0xFFFF


class LegRecord(NamedTuple):
    """One leg as it was booked. `released_minor` is what this act gave back of a reservation."""

    bundle_id: int
    seq: int
    position: int
    leg_no: int
    source: int
    target: int
    amount_minor: int
    at: int
    reference: int
    asset_no: int
    act: int
    policy: int
    kind: int
    original: int
    released_minor: int
    deadline_at: int
    flags: int


def pack(leg: LegRecord) -> bytes:
    """Give the 128 bytes of a leg record.

    >>> len(pack(LegRecord(1, 0, 0, 0, 1, 2, 50, 9, 0, 1, MOVE, 0, 1, 0, 0, 0, LAST)))
    128
    """
    return LAYOUT.pack(
        leg.bundle_id.to_bytes(16, "little"),
        *leg[1:8],
        leg.reference.to_bytes(16, "little"),
        *leg[9:13],
        leg.original.to_bytes(16, "little"),
        *leg[14:],
    )


def unpack_all(records: bytes | bytearray | memoryview) -> Iterator[LegRecord]:
    """Give every record in turn; a length that is no multiple of 128 or a reserved byte set is a ValueError."""
    if len(records) % SIZE:
        raise ValueError("leg records are 128 bytes each")
    rows = np.frombuffer(records, LEG)
    if rows["reserved"].any():
        raise ValueError("reserved bytes of a leg record are zero")
    for row in LAYOUT.iter_unpack(records):
        yield LegRecord._make(
            (
                int.from_bytes(row[0], "little"),
                *row[1:8],
                int.from_bytes(row[8], "little"),
                *row[9:13],
                int.from_bytes(row[13], "little"),
                *row[14:],
            )
        )


def stamp(records: bytearray, seq: int, position: int) -> None:
    """Write row and position of the command into every record, in place."""
    size = len(records)
    if size <= 64 * SIZE:
        for offset in range(16, size, SIZE):
            _STAMP.pack_into(records, offset, seq, position)
    else:
        rows: npt.NDArray[np.void] = np.frombuffer(records, LEG)
        rows["seq"] = seq
        rows["position"] = position


def unstamped(records: bytes) -> bytes:
    """Give the records as they left the engine: row and position zero."""
    out = bytearray(records)
    stamp(out, 0, 0)
    return bytes(out)


def with_references(records: bytes, references: Sequence[int] | bytes) -> bytes:
    """Give the records with a reference each, in their order."""
    out = bytearray(records)
    rows: npt.NDArray[np.void] = np.frombuffer(out, LEG)
    rows["reference_low"], rows["reference_high"] = reference_halves(references)
    return bytes(out)


def packed_references(ids: Sequence[bytes]) -> bytes:
    """Give big-endian 16-byte ids as a bundle's packed references.

    >>> packed_references([bytes(15) + b"a"])[0:1]
    b'a'
    """
    return np.frombuffer(b"".join(ids), "u1").reshape(-1, 16)[:, ::-1].tobytes()


def reference_halves(references: Sequence[int] | bytes) -> tuple[npt.NDArray[np.uint64], ...]:
    """Give the low and the high halves of references as columns."""
    if not isinstance(references, bytes):
        references = b"".join([each.to_bytes(16, "little") for each in references])
    halves: npt.NDArray[np.uint64] = np.frombuffer(references, "<u8")
    return halves[0::2], halves[1::2]


def as_sent(records: bytes) -> bytes:
    """Give the records of one bundle as its sender sent them on the bulk lane: unstamped, without time."""
    rows: npt.NDArray[np.void] = np.frombuffer(bytearray(records), LEG)
    rows["seq"] = 0
    rows["position"] = 0
    rows["at"] = 0
    rows["flags"] = LINKED
    rows["flags"][-1:] = 0
    return rows.tobytes()


FEW = 16
"""Up to so many records arrays cost more than they save."""
_NO_ID = bytes(16)
_SAME_IN_A_BUNDLE = ("id_low", "id_high", "act", "policy", "kind", "reference_low", "reference_high",
                     "original_low", "original_high", "deadline_at")  # fmt: skip


def batch_fault(batch: bytes) -> str | None:
    """Say why bytes are no bulk batch, or None where they are one. The gateway refuses such a batch whole."""
    if not batch or len(batch) % SIZE:
        return "a batch is one or more records of 128 bytes"
    if len(batch) <= FEW * SIZE and _few_are_fine(batch):
        return None
    rows: npt.NDArray[np.void] = np.frombuffer(batch, LEG)
    for name in ("reserved", "seq", "position", "at", "released_minor"):
        if rows[name].any():
            return f"the sender leaves {name} zero"
    acts, flags = rows["act"], rows["flags"]
    if (acts < MOVE).any() or (acts > RELEASE).any():
        return "the acts of a batch are move, reserve, settle and release"
    if (rows["policy"] > 1).any() or (flags > LINKED).any():
        return "policy and flags are 0 or 1"
    if flags[-1]:
        return "the last record is linked to nothing"
    if (rows["deadline_at"] < 0).any():
        return "a deadline is no negative instant"
    return _bundle_fault(rows)


def _few_are_fine(batch: bytes) -> bool:
    """Tell whether a few records are single legs without fault; False decides nothing.

    A small batch costs a tenth of what the columns cost, which are made for thousands.
    """
    for offset in range(0, len(batch), SIZE):
        (_, seq, position, leg_no, source, target, _, at, reference, asset_no, act, policy, kind, original,
         released, deadline_at, flags) = LAYOUT.unpack_from(batch, offset)  # fmt: skip
        if (
            seq
            or position
            or leg_no
            or at
            or released
            or flags
            or batch[offset + SIZE - 6 : offset + SIZE].strip(b"\0")
        ):
            return False
        if policy > 1 or deadline_at < 0:
            return False
        ends, named = act in (SETTLE, RELEASE), original != _NO_ID
        if ends != named or not (ends or act in (MOVE, RESERVE)):
            return False
        if (ends or act == MOVE) and deadline_at:
            return False
        if ends and (source or target or asset_no or kind or policy or reference != _NO_ID):
            return False
    return True


def _bundle_fault(rows: npt.NDArray[np.void]) -> str | None:
    """Say what is wrong with the way records are linked into bundles."""
    linked = rows["flags"][:-1] == LINKED
    for name in _SAME_IN_A_BUNDLE:
        if (linked & (rows[name][1:] != rows[name][:-1])).any():
            return f"the records of a bundle share {name}"
    index = np.arange(len(rows))
    starts = np.concatenate(([True], ~linked))
    first = np.maximum.accumulate(np.where(starts, index, 0))
    if (rows["leg_no"] != index - first).any():
        return "legs are numbered from 0 in their bundle"
    named = (rows["original_low"] | rows["original_high"]) != 0
    ends = rows["act"] >= SETTLE
    if (named != ends).any():
        return "settle and release name a reservation, move and reserve do not"
    bare = (rows["source"] | rows["target"] | rows["asset_no"] | rows["kind"] | rows["policy"]) == 0
    bare &= (rows["reference_low"] | rows["reference_high"]) == 0
    if (ends & ~(bare & (rows["deadline_at"] == 0))).any() or (ends[:-1] & linked).any():
        return "settle and release are one record each, with nothing but id, original and amount"
    if ((rows["act"] == MOVE) & (rows["deadline_at"] != 0)).any():
        return "a move has no deadline"
    return None
