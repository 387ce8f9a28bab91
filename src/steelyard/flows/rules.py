"""Which rules of the release are in force, and since when.

A release that changes behaviour keeps the old branch and asks `world.active("rule", at)`. A rule comes into
force by a recorded `activate` of two operators; a new journal has all rules of its release from row 1, so an
old journal replays to its old outcomes and a new one starts with the best behaviour known.
"""

import msgspec

RULES: tuple[str, ...] = ()
"""Names that `activate` may name in this release. A node stops at start on a journal that names another."""


class Rules:
    """The instant from which each activated rule is in force."""

    __slots__ = ("_from_at",)

    def __init__(self) -> None:
        self._from_at: dict[str, int] = {}

    def activate(self, rule: str, from_at: int) -> None:
        """Put a rule in force from an instant; the first activation counts."""
        self._from_at.setdefault(rule, from_at)

    def active(self, rule: str, at: int) -> bool:
        """Tell whether a rule is in force at `at`."""
        return self._from_at.get(rule, at + 1) <= at

    def names(self) -> tuple[str, ...]:
        """Give the names of all rules ever activated here, sorted."""
        return tuple(sorted(self._from_at))

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return msgspec.msgpack.encode(sorted(self._from_at.items()))

    @classmethod
    def decode(cls, data: bytes) -> "Rules":
        """Build what `encode` described."""
        rules = cls()
        rules._from_at = dict(msgspec.msgpack.decode(data, type=list[tuple[str, int]]))
        return rules
