"""The id window: what was done under which id, for as long as a repeat must be known.

An id is 128 bits with 48 bits of millisecond time on top. Kept per id: 16 bytes of SHA-256 over its content
and a number of 64 bits, which says where its outcome stands. The window holds 4 hours or 2,000,000 ids,
whichever is less. Ids lie in buckets of one second of their own time and the oldest bucket goes first, so
the horizon never rises further than it must: below it everything is too old, and nothing is looked up.
"""

from enum import IntEnum
from heapq import heapify, heappop, heappush
from itertools import groupby
from struct import Struct

from steelyard.values.instants import HOUR, MINUTE, Instant

IDS_MAX = 2_000_000
HORIZON_MS = 4 * HOUR // 1_000_000
AHEAD_MS = 5 * MINUTE // 1_000_000
BUCKET_MS = 1_000

_HEAD = Struct("<qQQQ")
_ENTRY = Struct("16s24s")
_MS = 1_000_000


class IdAnswer(IntEnum):
    """What the window knows of an id; the order is that of the refusals."""

    NEW = 0
    KNOWN = 1
    ZERO = 10
    TOO_OLD = 11
    FROM_THE_FUTURE = 12
    OTHER_CONTENT = 13


class IdWindow:
    """Ids of the last hours with the digest of their content and the number of their outcome.

    >>> window, id = IdWindow(), (5_000 << 80 | 7).to_bytes(16, "big")
    >>> window.look(id, b"d" * 16, at=5_000_000_000).name
    'NEW'
    >>> window.put(id, b"d" * 16, 3)
    >>> window.look(id, b"d" * 16, at=5_000_000_001).name, window.number(id)
    ('KNOWN', 3)
    """

    __slots__ = ("buckets", "entries", "horizon_ms", "ids_max", "newest_ms", "seconds")

    def __init__(self, ids_max: int = IDS_MAX) -> None:
        self.ids_max = ids_max
        self.horizon_ms = -1  # ids of this time and before are too old
        self.newest_ms = 0
        self.entries: dict[int, bytes] = {}  # id -> digest (16), number (8, little-endian)
        self.buckets: dict[int, list[int]] = {}  # second of id time -> its ids in order of arrival
        self.seconds: list[int] = []  # heap of the keys of `buckets`

    def __len__(self) -> int:
        return len(self.entries)

    def look(self, id: bytes, digest: bytes, *, at: Instant) -> IdAnswer:
        """Say what is known of an id, changing nothing. `digest` is SHA-256 of its content; 16 bytes count."""
        return self.look_number(int.from_bytes(id, "big"), digest[:16], at=at)

    def look_number(self, key: int, digest: bytes, *, at: Instant) -> IdAnswer:
        """As `look`, for an id as a number and a digest of 16 bytes."""
        if key == 0:
            return IdAnswer.ZERO
        ms, now_ms = key >> 80, at // _MS
        if ms <= self.horizon_ms or ms < now_ms - HORIZON_MS:
            return IdAnswer.TOO_OLD
        if ms > now_ms + AHEAD_MS:
            return IdAnswer.FROM_THE_FUTURE
        entry = self.entries.get(key)
        if entry is None:
            return IdAnswer.NEW
        return IdAnswer.KNOWN if entry[:16] == digest else IdAnswer.OTHER_CONTENT

    def number(self, id: bytes) -> int:
        """Give the number kept with a known id."""
        return int.from_bytes(self.entries[int.from_bytes(id, "big")][16:], "little")

    def put(self, id: bytes, digest: bytes, number: int) -> None:
        """Keep an id that was new."""
        self.put_number(int.from_bytes(id, "big"), digest[:16] + number.to_bytes(8, "little"))

    def put_number(self, key: int, entry: bytes) -> None:
        """Keep an id as a number, with its 24 bytes, or change those; one below the horizon is not kept."""
        ms = key >> 80
        if ms <= self.horizon_ms:
            return
        if key not in self.entries:
            bucket = self.buckets.get(ms // BUCKET_MS)
            if bucket is None:
                bucket = self.buckets[ms // BUCKET_MS] = []
                heappush(self.seconds, ms // BUCKET_MS)
            bucket.append(key)
        self.entries[key] = entry
        if ms > self.newest_ms:
            self.newest_ms = ms
            self._drop_before((ms - HORIZON_MS - AHEAD_MS) // BUCKET_MS)
        while len(self.entries) > self.ids_max:
            self._drop_before(self.seconds[0] + 1)

    def has_room_for(self, keys: list[int], times: list[int]) -> bool:
        """Tell whether `put_new` may take these ids, with their times in ms, and leaves each of them in place."""
        entries = self.entries
        newest = max(self.newest_ms, max(times))
        return (
            len(entries) + len(keys) <= self.ids_max
            and min(times) > self.horizon_ms
            and min(times) // BUCKET_MS >= (newest - HORIZON_MS - AHEAD_MS) // BUCKET_MS
            and len(set(keys)) == len(keys)
            and entries.keys().isdisjoint(keys)
        )

    def put_new(self, keys: list[int], times: list[int], kept: list[bytes]) -> None:
        """Keep ids that `has_room_for` let in: as `put_number` of each in turn, only faster."""
        self.entries.update(zip(keys, kept, strict=True))
        first = 0
        for second, some in groupby(times, BUCKET_MS.__rfloordiv__):
            end = first + sum(1 for _ in some)
            bucket = self.buckets.get(second)
            if bucket is None:
                bucket = self.buckets[second] = []
                heappush(self.seconds, second)
            bucket.extend(keys[first:end])
            first = end
        newest = max(times)
        if newest > self.newest_ms:
            self.newest_ms = newest
            self._drop_before((newest - HORIZON_MS - AHEAD_MS) // BUCKET_MS)

    def _drop_before(self, end: int) -> None:
        """Drop the seconds before `end` and raise the horizon to the end of the last one dropped."""
        seconds = self.seconds
        while seconds and seconds[0] < end:
            second = heappop(seconds)
            for key in self.buckets.pop(second):
                del self.entries[key]
            self.horizon_ms = max(self.horizon_ms, (second + 1) * BUCKET_MS - 1)

    def encode(self) -> bytes:
        """Give canonical bytes: buckets by time, ids within in order of arrival, 40 bytes each."""
        entries = self.entries
        parts = [_HEAD.pack(self.horizon_ms, self.newest_ms, self.ids_max, len(entries))]
        for second in sorted(self.buckets):
            parts.extend(key.to_bytes(16, "big") + entries[key] for key in self.buckets[second])
        return b"".join(parts)

    @classmethod
    def decode(cls, encoded: bytes) -> "IdWindow":
        """Build the window that `encode` described."""
        horizon_ms, newest_ms, ids_max, count = _HEAD.unpack_from(encoded)
        if len(encoded) != _HEAD.size + count * _ENTRY.size:
            raise ValueError("the id window is cut short")
        window = cls(ids_max)
        window.horizon_ms, window.newest_ms = horizon_ms, newest_ms
        entries, buckets = window.entries, window.buckets
        for id, entry in _ENTRY.iter_unpack(memoryview(encoded)[_HEAD.size :]):
            key = int.from_bytes(id, "big")
            entries[key] = entry
            buckets.setdefault((key >> 80) // BUCKET_MS, []).append(key)
        window.seconds = list(buckets)
        heapify(window.seconds)
        return window
