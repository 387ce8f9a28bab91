"""The memory of payments: every UETR, message id and instruction id that must not come again.

It is kept in segments of at most `SEGMENT_MAX` entries, oldest first; a whole segment is forgotten at once,
when it is older than four weeks or when more payments are remembered than the bound; only those that somebody
still has to act on (`kept`) go on with the next segment. Within a segment,
dictionaries keep the order in which things came, so equal histories give equal bytes.

A segment's size is a little under what a dictionary of 2^19 slots holds, so that it is nearly full when
sealed: about 330 bytes a payment, keys and records together.
"""

from collections.abc import Iterable, Sequence

import msgspec
from msgspec import Struct

from steelyard.values.instants import DAY, Instant

SEGMENT_MAX = 300_000
KEY_BYTES = 15
COUNT_MAX = 2_000_000
AGE_MAX = 28 * DAY
"""Twenty business days are four weeks."""


class Segment:
    """Payments that ended, and message ids that came, within one stretch of time."""

    __slots__ = ("messages", "newest_at", "records")

    def __init__(self) -> None:
        self.records: dict[bytes, bytes] = {}
        self.messages: dict[bytes, bytes] = {}
        self.newest_at: Instant = 0


class Memory:
    """What ended, by UETR; which message ids came, and with which payment first; instruction ids of today."""

    __slots__ = (
        "_instructions", "_instructions_on", "_numbers", "_segments", "age_max", "count_max", "kept",
        "names", "segment_max",
    )  # fmt: skip

    def __init__(self, *, segment_max: int = SEGMENT_MAX, count_max: int = COUNT_MAX) -> None:
        self.segment_max = segment_max
        self.count_max = count_max
        self.age_max = AGE_MAX
        self.kept: Iterable[bytes] = ()
        self._segments: list[Segment] = [Segment()]
        self._instructions: set[bytes] = set()
        self._instructions_on: int = 0
        self.names: list[str] = [""]
        self._numbers: dict[str, int] = {"": 0}

    def __len__(self) -> int:
        return sum(len(segment.records) for segment in self._segments)

    def number(self, name: str) -> int:
        """Give the number under which an owner or asset is remembered, a new one where it is new."""
        known = self._numbers.get(name)
        if known is None:
            known = self._numbers[name] = len(self.names)
            self.names.append(name)
        return known

    def knows(self, name: str) -> bool:
        """Tell whether an owner or asset has a number already."""
        return name in self._numbers

    def get(self, uetr: bytes) -> bytes | None:
        """Give what is remembered of a payment, or None."""
        for segment in reversed(self._segments):
            record = segment.records.get(uetr)
            if record is not None:
                return record
        return None

    def put(self, uetr: bytes, record: bytes, *, at: Instant) -> None:
        """Remember a payment that is over or has settled."""
        segment = self._segments[-1]
        if len(segment.records) >= self.segment_max or len(segment.messages) >= self.segment_max:
            segment = Segment()
            self._segments.append(segment)
            self.forget(at=at)
        segment.records[uetr] = record
        segment.newest_at = at

    def put_all(self, uetrs: Sequence[bytes], records: Sequence[bytes], *, at: Instant) -> None:
        """Remember many payments: it comes to the same as `put` of each in turn."""
        done = 0
        while done < len(uetrs):
            self.put(uetrs[done], records[done], at=at)
            held = self._segments[-1].records
            end = done + 1 + max(0, self.segment_max - len(held))
            if len(self._segments[-1].messages) >= self.segment_max:
                end = done + 1
            held.update(zip(uetrs[done + 1 : end], records[done + 1 : end], strict=True))
            done = end

    def replace(self, uetr: bytes, record: bytes) -> None:
        """Change what is remembered of a payment, in its place."""
        for segment in reversed(self._segments):
            if uetr in segment.records:
                segment.records[uetr] = record
                return
        raise KeyError(uetr)

    def message(self, sender: int, key: bytes) -> bytes | None:
        """Give the UETR that first came with a message id of a sender, or None."""
        short = _short(sender, key)
        for segment in reversed(self._segments):
            uetr = segment.messages.get(short)
            if uetr is not None:
                return uetr
        return None

    def put_message(self, sender: int, key: bytes, uetr: bytes) -> None:
        """Remember that a message id came; the first payment that brought it counts."""
        self._segments[-1].messages.setdefault(_short(sender, key), uetr)

    def instruction(self, sender: int, key: bytes, *, at: Instant) -> bool:
        """Tell whether an instruction id of a sender came today (UTC)."""
        return self._instructions_on == at // DAY and _short(sender, key) in self._instructions

    def put_instruction(self, sender: int, key: bytes, *, at: Instant) -> None:
        """Remember that an instruction id came today; those of days before are forgotten."""
        on = at // DAY
        if on != self._instructions_on:
            self._instructions_on = on
            self._instructions = set()
        self._instructions.add(_short(sender, key))

    def forget(self, *, at: Instant) -> int:
        """Drop segments that are too old or too many, all but what is kept; give how many were forgotten."""
        dropped, total = 0, len(self)
        while len(self._segments) > 1:
            oldest = self._segments[0]
            if oldest.newest_at >= at - self.age_max and total - dropped <= self.count_max:
                break
            stay = [uetr for uetr in self.kept if uetr in oldest.records]
            for uetr in stay:
                self._segments[1].records[uetr] = oldest.records[uetr]
            dropped += len(oldest.records) - len(stay)
            del self._segments[0]
        return dropped

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        saved = _Saved(
            self.names,
            [_SavedSegment(one.newest_at, one.records, one.messages) for one in self._segments],
            self._instructions_on,
            sorted(self._instructions),
            self.count_max,
        )
        return msgspec.msgpack.encode(saved)

    def load(self, data: bytes) -> None:
        """Replace everything by what `encode` described."""
        saved = msgspec.msgpack.decode(data, type=_Saved)
        self.names = saved.names
        self._numbers = {name: number for number, name in enumerate(saved.names)}
        self._segments = []
        for one in saved.segments:
            segment = Segment()
            segment.newest_at, segment.records, segment.messages = one.newest_at, one.records, one.messages
            self._segments.append(segment)
        self._share_keys()
        self._instructions_on, self._instructions = saved.instructions_on, set(saved.instructions)
        self.count_max = saved.count_max

    def _share_keys(self) -> None:
        """Let message entries hold the very objects that are keys of the records: half the memory."""
        for segment in self._segments:
            same = {uetr: uetr for uetr in segment.records}
            for key, uetr in segment.messages.items():
                segment.messages[key] = same.get(uetr, uetr)


def _short(sender: int, key: bytes) -> bytes:
    """Give 15 bytes for a key of a sender: 3 of its number, 12 of the key."""
    return sender.to_bytes(3, "big") + key[: KEY_BYTES - 3]


class _SavedSegment(Struct, array_like=True, frozen=True, gc=False):
    newest_at: Instant
    records: dict[bytes, bytes]
    messages: dict[bytes, bytes]


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    names: list[str]
    segments: list[_SavedSegment]
    instructions_on: int
    instructions: list[bytes]
    count_max: int
