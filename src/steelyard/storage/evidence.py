"""The evidence store: what people sent us and what we saw in it, kept by the SHA-256 of its bytes.

Raw messages, party blocks, verdicts, screening records and packs lie here and nowhere else: the journal
holds their digests alone, so that retention can forget an item without breaking a hash. `put` is durable
on return; the command that names an item is handed on only then. So a crash in between leaves evidence
whose command never came (shown as not submitted), never a command without evidence.

Implementations: `MemoryEvidence` here, `evidence_sqlite.py`, `evidence_postgres.py`.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from typing import Protocol, runtime_checkable

import msgspec

from steelyard.storage.compression import compress, decompress

DIGEST_BYTES = 32


class EvidenceItem(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One thing to keep. `digest` is SHA-256 of the bytes before compression.

    `kind` says what it is ("pacs.008", "payment", "party", "verdict", "screening", "pack"), `codec` how
    `data` is packed, `at_ns` when it came in. `command` is the id of the command that was made of it, on
    the item that caused it; empty on others, and where the edge refused.
    """

    digest: bytes
    kind: str
    codec: int
    data: bytes
    at_ns: int
    command: bytes = b""


class Kept(msgspec.Struct, frozen=True, gc=False):
    """An item as stored. `number` rises in the order of storing; `forgotten` is the reason, if it was."""

    number: int
    item: EvidenceItem
    forgotten: str = ""

    def raw(self) -> bytes:
        """Give the bytes as they came in; `CorruptEvidence` where they are not what the digest says."""
        try:
            raw = decompress(self.item.codec, self.item.data)
        except ValueError as error:
            raise CorruptEvidence(self, str(error)) from error
        if sha256(raw).digest() != self.item.digest:
            raise CorruptEvidence(self, "does not fit its digest")
        return raw


class CorruptEvidence(Exception):
    """An item that is not what was stored."""

    def __init__(self, kept: Kept, why: str) -> None:
        super().__init__(f"evidence {kept.number} ({kept.item.digest.hex()}): {why}")
        self.number = kept.number
        self.digest = kept.item.digest


@runtime_checkable
class Evidence(Protocol):
    """Keeps items by digest. One process puts; any may read."""

    def put(self, items: Sequence[EvidenceItem]) -> None:
        """Make all durable in one group, or raise `Ambiguous`; digests already there are passed over."""

    def look(self, digest: bytes) -> Kept | None:
        """Give the item as stored, or None where it never was."""

    def forget(self, digest: bytes, reason: str) -> bool:
        """Delete the bytes for good and keep the reason; False where the item never was."""

    def missing(self, digests: Iterable[bytes]) -> list[bytes]:
        """Give those that are neither kept nor forgotten, in the order given."""

    def items(self, after: int = 0, *, limit: int = 1000) -> list[Kept]:
        """Give items by number after `after`, ascending."""

    def close(self) -> None:
        """Close the store."""


def evidence(
    kind: str, raw: bytes, *, at_ns: int, command: bytes = b"", digest: bytes | None = None
) -> EvidenceItem:
    """Make an item of raw bytes: digested (unless the digest is at hand) and compressed.

    >>> evidence("verdict", b"{}", at_ns=5).data
    b'{}'
    """
    codec, data = compress(kind, raw)
    return EvidenceItem(digest or sha256(raw).digest(), kind, codec, data, at_ns, command)


def get(store: Evidence, digest: bytes) -> bytes | None:
    """Give the bytes of a digest, checked; None where they were never kept or are forgotten."""
    kept = store.look(digest)
    return None if kept is None or kept.forgotten else kept.raw()


def walk(store: Evidence, after: int = 0, *, step: int = 1000) -> Iterator[Kept]:
    """Give every item in order of number."""
    while found := store.items(after, limit=step):
        yield from found
        after = found[-1].number


def not_submitted(store: Evidence, is_known: Callable[[bytes], bool], after: int = 0) -> Iterator[Kept]:
    """Give the items whose command nobody has seen: a crash fell between evidence and journal.

    `is_known` says whether a command's id is in the journal (`Reader.command_place`, once the projection is
    past the item's time). Their senders had no answer and may send again; nothing was booked.
    """
    for kept in walk(store, after):
        if kept.item.command and not is_known(kept.item.command):
            yield kept


def faults(store: Evidence) -> Iterator[CorruptEvidence]:
    """Read everything and give what does not fit its digest."""
    for kept in walk(store):
        if not kept.forgotten:
            try:
                kept.raw()
            except CorruptEvidence as fault:
                yield fault


class MemoryEvidence:
    """Evidence in memory, for tests and the simulator."""

    def __init__(self) -> None:
        self._kept: list[Kept] = []
        self._places: dict[bytes, int] = {}

    def put(self, items: Sequence[EvidenceItem]) -> None:
        """Keep the items."""
        for item in items:
            if item.digest not in self._places:
                self._places[item.digest] = len(self._kept)
                self._kept.append(Kept(len(self._kept) + 1, item))

    def look(self, digest: bytes) -> Kept | None:
        """Give the item of a digest."""
        place = self._places.get(digest)
        return None if place is None else self._kept[place]

    def forget(self, digest: bytes, reason: str) -> bool:
        """Delete the bytes of an item."""
        place = self._places.get(digest)
        if place is None:
            return False
        old = self._kept[place]
        if old.forgotten:
            return True
        self._kept[place] = Kept(old.number, msgspec.structs.replace(old.item, codec=0, data=b""), reason)
        return True

    def missing(self, digests: Iterable[bytes]) -> list[bytes]:
        """Give the digests that are not here."""
        return [digest for digest in digests if digest not in self._places]

    def items(self, after: int = 0, *, limit: int = 1000) -> list[Kept]:
        """Give items in order."""
        return self._kept[after : after + limit]

    def close(self) -> None:
        """Do nothing: what is in memory goes with it."""
