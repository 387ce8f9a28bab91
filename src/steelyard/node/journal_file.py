"""Journal rows in a file, for auditors: `journal export` writes it, whoever has it can check the chain.

First a line that names the format, then each row as `u32 length | msgpack array`, little-endian, in the
order and with the fields of `storage.journal.Row`.
"""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from struct import Struct as Packing

import msgspec

from steelyard.storage.journal import CorruptJournal, Row

MAGIC = b"steelyard journal export 1\n"
_LENGTH = Packing("<I")


class _Flat(msgspec.Struct, array_like=True, frozen=True):
    seq: int
    prev_hash: bytes
    hash: bytes
    epoch: int
    time_first: int
    time_last: int
    count: int
    format: int
    body: bytes


_decode = msgspec.msgpack.Decoder(_Flat).decode


def write_rows(path: Path, rows: Iterable[Row]) -> int:
    """Write rows to a new file, durable on return; gives how many."""
    count = 0
    with path.open("xb") as file:
        file.write(MAGIC)
        for row in rows:
            packed = msgspec.msgpack.encode(msgspec.structs.astuple(row))
            file.write(_LENGTH.pack(len(packed)) + packed)
            count += 1
        file.flush()
        os.fsync(file.fileno())
    return count


def read_rows(path: Path) -> Iterator[Row]:
    """Read the rows of a file; `CorruptJournal` names the row where it breaks off or is no row."""
    seq = 0
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise CorruptJournal(0, f"{path} is no journal export")
        while head := file.read(_LENGTH.size):
            length = _LENGTH.unpack(head)[0] if len(head) == _LENGTH.size else -1
            packed = file.read(max(length, 0))
            if len(packed) != length:
                raise CorruptJournal(seq + 1, "the file breaks off")
            try:
                row = Row(*msgspec.structs.astuple(_decode(packed)))
            except msgspec.MsgspecError as error:
                raise CorruptJournal(seq + 1, f"is no row: {error}") from error
            seq = row.seq
            yield row
