"""The packs in force: rulebook, rule packs and what else comes as data, by kind, id and version.

The content is kept under its digest, so that a decision can name what it used. Each version is in force from
an instant until the next one of the same kind and id.
"""

from hashlib import sha256

import msgspec
from msgspec import Struct

from steelyard.members import rulebook
from steelyard.members.rulebook import Rulebook
from steelyard.values.instants import Instant

KINDS = ("rulebook", "codes", "jurisdiction", "list", "reference", "product")
"""What a pack can be about; only the rulebook's content is read here, others by those whom they concern."""

NETWORK_KINDS = ("rulebook", "codes", "reference", "product")
_FOR_EVER = 1 << 62


class Pack(Struct, array_like=True, frozen=True):
    """One version of a pack."""

    kind: str
    id: str
    version: str
    digest: bytes
    content: bytes
    in_force_from: Instant
    owner: str = ""


def digest_of(content: bytes) -> bytes:
    """Give the name of a content: its SHA-256."""
    return sha256(content).digest()


class Packs:
    """Every version of every pack."""

    __slots__ = ("_from", "_held", "_now", "_until")

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], tuple[Pack, ...]] = {}
        self._forget()

    def put(self, pack: Pack) -> None:
        """Keep a version; of two that come into force at one instant the later put counts."""
        key = (pack.kind, pack.id)
        held = (*self._held.get(key, ()), pack)
        self._held[key] = tuple(sorted(held, key=_in_force_from))
        self._forget()

    def get(self, kind: str, id: str, at: Instant) -> Pack | None:
        """Give the version in force, or None."""
        found = None
        for pack in self._held.get((kind, id), ()):
            if pack.in_force_from > at:
                break
            found = pack
        return found

    def versions(self, kind: str, id: str) -> tuple[Pack, ...]:
        """Give all versions of a pack, in the order in which they come into force."""
        return self._held.get((kind, id), ())

    def names(self) -> list[tuple[str, str]]:
        """Give every pack there is as (kind, id), sorted."""
        return sorted(self._held)

    def rulebook(self, at: Instant) -> Rulebook:
        """Give the figures in force. The same object as long as they are the same."""
        if not self._from <= at < self._until:
            self._read(at)
        return self._now

    def _read(self, at: Instant) -> None:
        pack = self.get(rulebook.KIND, rulebook.KIND, at)
        later = [one.in_force_from for one in self.versions(rulebook.KIND, rulebook.KIND)]
        self._until = min((start for start in later if start > at), default=_FOR_EVER)
        self._from = pack.in_force_from if pack is not None else 0
        self._now = rulebook.read(pack.content) if pack is not None else rulebook.DEFAULT

    def _forget(self) -> None:
        self._from, self._until, self._now = 1, 0, rulebook.DEFAULT

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return msgspec.msgpack.encode([self._held[key] for key in sorted(self._held)])

    @classmethod
    def decode(cls, data: bytes) -> "Packs":
        """Build what `encode` described."""
        packs = cls()
        for held in msgspec.msgpack.decode(data, type=list[tuple[Pack, ...]]):
            packs._held[(held[0].kind, held[0].id)] = held
        return packs


def _in_force_from(pack: Pack) -> Instant:
    return pack.in_force_from
