"""How a snapshot lies in a table: parts of 1 MB, each deflated by itself, and one closing row.

The parts go in small transactions, so that a snapshot never keeps the journal's writer waiting; the
closing row goes last and alone says that the snapshot is whole. Hashes are over undeflated bytes.
"""

import zlib
from collections.abc import Iterable, Iterator

from steelyard.storage.journal import CorruptJournal, Snapshot, check_snapshot

PART_BYTES = 1024 * 1024
KEPT = 2
"""How many snapshots always stay."""


def parts_of(snapshot: Snapshot) -> Iterator[tuple[int, str, int, bytes]]:
    """Give (place of section, its name, part, deflated bytes); an empty section still has one part."""
    for place, (name, content) in enumerate(snapshot.sections):
        view = memoryview(content)
        for part, start in enumerate(range(0, max(len(view), 1), PART_BYTES)):
            yield place, name, part, zlib.compress(view[start : start + PART_BYTES], level=1)


def join_parts(
    seq: int, state_hash: bytes, count: int, parts: Iterable[tuple[int, str, int, bytes]]
) -> Snapshot:
    """Rebuild a snapshot of `count` parts, ordered by place and part; any fault is `CorruptJournal`."""
    sections: list[tuple[str, list[bytes]]] = []
    seen = 0
    try:
        for place, name, part, packed in parts:
            if place == len(sections):
                sections.append((name, []))
            if place != len(sections) - 1 or part != len(sections[place][1]):
                raise CorruptJournal(seq, f"snapshot lacks a part before {name} {part}")
            sections[place][1].append(zlib.decompress(packed))
            seen += 1
    except zlib.error as error:
        raise CorruptJournal(seq, f"snapshot part cannot be inflated: {error}") from error
    if seen != count:
        raise CorruptJournal(seq, f"snapshot has {seen} of {count} parts")
    joined = tuple((name, b"".join(chunks)) for name, chunks in sections)
    return check_snapshot(Snapshot(seq, state_hash, joined))


def too_many(seqs: list[int], kept: int = KEPT) -> list[int]:
    """Give the snapshots that may go: all but the newest `kept`.

    >>> too_many([3, 9, 12, 20])
    [3, 9]
    """
    return sorted(seqs)[:-kept]
