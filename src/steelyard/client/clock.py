"""The node's time as a client knows it, and idempotency keys that carry it.

A key is a UUIDv7 whose time must not be ahead of the node's, or the node has to write the key down first.
So keys take the time that the node's last answer showed, never more; a clock that only moves on command, or
a client with a wrong clock, makes no difference.
"""

import time
from collections.abc import Callable
from os import urandom

from steelyard.values.instants import MILLISECOND, parse_instant

HEARD_SECONDS = 60.0
"""An older answer is too old to take the time from: the node is asked anew."""

Chance = Callable[[int], bytes]


class NodeClock:
    """What the node's clock showed last."""

    __slots__ = ("_chance", "_heard", "_monotonic")

    def __init__(self, *, chance: Chance = urandom, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._chance = chance
        self._monotonic = monotonic
        self._heard: tuple[str, float] | None = None

    def hear(self, stamp: str) -> None:
        """Note the time that an answer showed."""
        self._heard = (stamp, self._monotonic())

    @property
    def is_stale(self) -> bool:
        """Whether the node should be asked for its time before a key is made."""
        heard = self._heard
        return heard is None or self._monotonic() - heard[1] > HEARD_SECONDS

    def now(self) -> int:
        """Give the node's time (ns): never ahead of it, behind it by the age of the last answer."""
        heard = self._heard
        at = parse_instant(heard[0]) if heard is not None else None
        return time.time_ns() if at is None else at

    def key(self) -> str:
        """Draw an Idempotency-Key: a UUIDv7 of the node's time."""
        return uuid7(self.now() // MILLISECOND, self._chance(10))

    def uetr(self) -> str:
        """Draw a UETR: a UUIDv4."""
        return uuid4(self._chance(16))


def uuid7(at_ms: int, chance: bytes) -> str:
    """Give UUIDv7 text of a time and 10 random bytes.

    >>> uuid7(1, bytes(10))
    '00000000-0001-7000-8000-000000000000'
    """
    word = bytearray(at_ms.to_bytes(6, "big") + chance)
    word[6] = word[6] & 0x0F | 0x70
    word[8] = word[8] & 0x3F | 0x80
    return _text(word.hex())


def uuid4(chance: bytes) -> str:
    """Give UUIDv4 text of 16 random bytes.

    >>> uuid4(bytes(16))
    '00000000-0000-4000-8000-000000000000'
    """
    word = bytearray(chance)
    word[6] = word[6] & 0x0F | 0x40
    word[8] = word[8] & 0x3F | 0x80
    return _text(word.hex())


def _text(digits: str) -> str:
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
