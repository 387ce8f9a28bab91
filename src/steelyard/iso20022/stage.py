"""Where a streamed file waits until its end is known: rows per transaction, handed in by whoever stores.

A streamed file is known valid only at its end. Until then its transactions lie here, under the file's
SHA-256, and nothing of it is a command. Rows are idempotent by file and ordinal, so that a file read again
after a crash leaves one copy.
"""

from collections.abc import Iterator, Sequence
from typing import Protocol

import msgspec
from msgspec import Struct

from steelyard.iso20022.canonical import CreditTransfer
from steelyard.iso20022.context import Finding


class Row(Struct, frozen=True, array_like=True):
    """One transaction: `payment` is its canonical form in msgpack, empty where it is faulty."""

    ordinal: int
    uetr: str
    end_to_end_id: str
    instruction_id: str
    transaction_id: str
    payment: bytes
    findings: tuple[Finding, ...] = ()


class Stage(Protocol):
    """Keeps the rows of files. `file` is the SHA-256 of the file's bytes."""

    def open(self, file: bytes) -> None:
        """Make room for a file; rows of an earlier try are dropped."""

    def add(self, file: bytes, rows: Sequence[Row]) -> None:
        """Keep rows, in rising order of ordinals."""

    def duplicates(self, file: bytes) -> list[tuple[str, int]]:
        """Give UETR and ordinal of every row whose UETR stands more than once, by ordinal."""

    def read(self, file: bytes, after: int = 0, *, limit: int = 1_000) -> list[Row]:
        """Give rows with ordinals beyond `after`, rising."""

    def fault(self, file: bytes, ordinal: int, finding: Finding) -> None:
        """Add a finding to a row; its payment does not go on."""

    def discard(self, file: bytes) -> None:
        """Drop all rows of a file."""


class MemoryStage:
    """A stage in memory, for tests, the simulator and files that fit."""

    def __init__(self) -> None:
        self._files: dict[bytes, list[Row]] = {}

    def open(self, file: bytes) -> None:
        """Start a file anew."""
        self._files[file] = []

    def add(self, file: bytes, rows: Sequence[Row]) -> None:
        """Keep rows."""
        self._files[file].extend(rows)

    def duplicates(self, file: bytes) -> list[tuple[str, int]]:
        """Give the rows that share a UETR."""
        seen: dict[str, int] = {}
        for row in self._files[file]:
            seen[row.uetr] = seen.get(row.uetr, 0) + 1
        return [(row.uetr, row.ordinal) for row in self._files[file] if row.uetr and seen[row.uetr] > 1]

    def read(self, file: bytes, after: int = 0, *, limit: int = 1_000) -> list[Row]:
        """Give the next rows; ordinals are places from 1."""
        return self._files.get(file, [])[after : after + limit]

    def fault(self, file: bytes, ordinal: int, finding: Finding) -> None:
        """Add a finding to a row."""
        row = self._files[file][ordinal - 1]
        changed = msgspec.structs.replace(row, payment=b"", findings=(*row.findings, finding))
        self._files[file][ordinal - 1] = changed

    def discard(self, file: bytes) -> None:
        """Drop a file."""
        self._files.pop(file, None)


_decode = msgspec.msgpack.Decoder(CreditTransfer).decode


def rows(stage: Stage, file: bytes, *, step: int = 1_000) -> Iterator[Row]:
    """Give every row of a file, by ordinal."""
    after = 0
    while found := stage.read(file, after, limit=step):
        yield from found
        after = found[-1].ordinal


def payments(stage: Stage, file: bytes) -> Iterator[CreditTransfer]:
    """Give the payments of a file that go on, by ordinal."""
    for row in rows(stage, file):
        if row.payment:
            yield _decode(row.payment)
