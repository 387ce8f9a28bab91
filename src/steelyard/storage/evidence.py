"""The evidence store: what people sent us and what we saw in it, kept by the SHA-256 of its bytes.

Raw messages, party blocks, verdicts, screening records and packs lie here and nowhere else: the journal
holds their digests alone, so that retention can forget an item without breaking a hash. `put` is durable
on return; the command that names an item is handed on only then. So a crash in between leaves evidence
whose command never came (shown as not submitted), never a command without evidence.

Bytes are kept once, whoever sends them; who sent them is kept per sender. So a bank that sends another's
bytes first, or after, neither takes them from the other nor learns that the other sent them.

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
    the item that caused it; empty on others, and where the edge refused. `sender` is the owner who sent the
    bytes, on what came in whole; empty on what the edge made of them.
    """

    digest: bytes
    kind: str
    codec: int
    data: bytes
    at_ns: int
    command: bytes = b""
    sender: str = ""


class Brought(msgspec.Struct, array_like=True, frozen=True, gc=False):
    """One sender's bringing of some bytes: as what, when first, and the first command made of them, if any."""

    sender: str
    kind: str
    at_ns: int
    command: bytes


class Kept(msgspec.Struct, frozen=True, gc=False):
    """An item as stored. `number` rises in the order of storing; `forgotten` is the reason, if it was.

    `item` is as it came first; `others` are those who sent the same bytes later, by name.
    """

    number: int
    item: EvidenceItem
    forgotten: str = ""
    others: tuple[Brought, ...] = ()

    def brought(self) -> tuple[Brought, ...]:
        """Give one row per sender, the first sender's first."""
        item = self.item
        return Brought(item.sender, item.kind, item.at_ns, item.command), *self.others

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
        """Make all durable in one group, or raise `Ambiguous`.

        Of a digest already there, only a sender new to it is added, and its command where it had none.
        """

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
    kind: str, raw: bytes, *, at_ns: int, command: bytes = b"", digest: bytes | None = None, sender: str = ""
) -> EvidenceItem:
    """Make an item of raw bytes: digested (unless the digest is at hand) and compressed.

    >>> evidence("verdict", b"{}", at_ns=5).data
    b'{}'
    """
    codec, data = compress(kind, raw)
    return EvidenceItem(digest or sha256(raw).digest(), kind, codec, data, at_ns, command, sender)


def repeats(items: Iterable[EvidenceItem]) -> list[EvidenceItem]:
    """Give those that name a sender, one per digest and sender: the first that has a command, else the first."""
    found: dict[tuple[bytes, str], EvidenceItem] = {}
    for item in items:
        key = item.digest, item.sender
        if item.sender and (key not in found or (item.command and not found[key].command)):
            found[key] = item
    return list(found.values())


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
        if any(one.command and not is_known(one.command) for one in kept.brought()):
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
            place = self._places.get(item.digest)
            if place is None:
                self._places[item.digest] = len(self._kept)
                self._kept.append(Kept(len(self._kept) + 1, item))
            elif item.sender:
                self._kept[place] = _brought_again(self._kept[place], item)

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
        emptied = msgspec.structs.replace(old.item, codec=0, data=b"")
        self._kept[place] = msgspec.structs.replace(old, item=emptied, forgotten=reason)
        return True

    def missing(self, digests: Iterable[bytes]) -> list[bytes]:
        """Give the digests that are not here."""
        return [digest for digest in digests if digest not in self._places]

    def items(self, after: int = 0, *, limit: int = 1000) -> list[Kept]:
        """Give items in order."""
        return self._kept[after : after + limit]

    def close(self) -> None:
        """Do nothing: what is in memory goes with it."""


def _brought_again(kept: Kept, item: EvidenceItem) -> Kept:
    """Give what is kept with one more bringing of the same bytes in it."""
    if item.sender == kept.item.sender:
        if kept.item.command:
            return kept
        return msgspec.structs.replace(kept, item=msgspec.structs.replace(kept.item, command=item.command))
    rows = {one.sender: one for one in kept.others}
    known = rows.get(item.sender)
    if known is None:
        rows[item.sender] = Brought(item.sender, item.kind, item.at_ns, item.command)
    elif not known.command:
        rows[item.sender] = msgspec.structs.replace(known, command=item.command)
    return msgspec.structs.replace(kept, others=tuple(rows[name] for name in sorted(rows)))
