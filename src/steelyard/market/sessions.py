"""Sessions that lose their orders when they fall silent: who beats, and whose last beat is too old.

A session that asked for it is over when its last heartbeat is ten seconds old by the time of the sequencer; its
orders are then taken out by the same mass cancel that its owner could have sent. Time only goes forward, so sessions
lie in the order of their last beats and the oldest is always in front.
"""

from collections import OrderedDict
from typing import Self

import msgspec
from msgspec import Struct

from steelyard.values.instants import SECOND, Instant

SILENCE_MAX = 10 * SECOND
SESSIONS_MAX = 10_000
OWN_MAX = 32

Key = tuple[str, str]
"""Owner, name of the session"""


class Session(Struct, array_like=True, frozen=True, gc=False):
    """One session that is watched."""

    owner: str
    name: str
    beat_at: Instant

    @property
    def over_at(self) -> Instant:
        """Give when it is over if it does not beat again."""
        return self.beat_at + SILENCE_MAX


class Sessions:
    """All sessions that are watched, the longest silent first."""

    __slots__ = ("_by_key", "_of_owner")

    def __init__(self) -> None:
        self._by_key: OrderedDict[Key, Session] = OrderedDict()
        self._of_owner: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._by_key)

    def has_room(self, owner: str, name: str) -> bool:
        """Tell whether a session of an owner is watched, or may be."""
        if (owner, name) in self._by_key:
            return True
        return len(self._by_key) < SESSIONS_MAX and self._of_owner.get(owner, 0) < OWN_MAX

    def beat(self, owner: str, name: str, *, at: Instant) -> None:
        """Watch a session from now on, or note that it lives.

        >>> sessions = Sessions()
        >>> sessions.beat("bank", "one", at=0)
        >>> sessions.beat("bank", "two", at=5 * SECOND)
        >>> sessions.beat("bank", "one", at=6 * SECOND)
        >>> [one.name for one in sessions.lost(at=15 * SECOND)]
        ['two']
        """
        key = (owner, name)
        if key not in self._by_key:
            self._of_owner[owner] = self._of_owner.get(owner, 0) + 1
        self._by_key[key] = Session(owner, name, at)
        self._by_key.move_to_end(key)

    def leave(self, owner: str, name: str) -> bool:
        """Watch a session no longer, as it says good-bye; False if nobody did."""
        if self._by_key.pop((owner, name), None) is None:
            return False
        self._of_owner[owner] -= 1
        if not self._of_owner[owner]:
            del self._of_owner[owner]
        return True

    def next_at(self) -> Instant | None:
        """Give when the next session is over if none beats, or None."""
        first = next(iter(self._by_key.values()), None)
        return None if first is None else first.over_at

    def lost(self, *, at: Instant) -> list[Session]:
        """Take out the sessions whose last heartbeat is too old, the longest silent first."""
        found: list[Session] = []
        while (next_at := self.next_at()) is not None and next_at <= at:
            session = next(iter(self._by_key.values()))
            self.leave(session.owner, session.name)
            found.append(session)
        return found

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return msgspec.msgpack.encode(list(self._by_key.values()))

    @classmethod
    def decode(cls, content: bytes) -> Self:
        """Build the state that `content` describes: the inverse of encode."""
        made = cls()
        for session in msgspec.msgpack.decode(content, type=list[Session]):
            made.beat(session.owner, session.name, at=session.beat_at)
        return made
