"""Body format 1: a row's body as frames, `u32 length | u8 type | u8 version | u16 flags | payload`.

Little-endian; `length` counts the payload alone. Nothing is skipped: an unknown type, version or
flag, a frame cut short or one out of its order is `CorruptRow`, since a reader that guesses would
give another state than the one that wrote.

Order: COMMAND, then what belongs to it (PACKED_COMMANDS, LEGS, PACKED_OUTCOMES, each at most once,
in this order), then its OUTCOME. What is inside a payload is the concern of who wrote it.
"""

from collections.abc import Iterator
from struct import Struct as Packing

import msgspec

COMMAND, OUTCOME, LEGS, PACKED_COMMANDS, PACKED_OUTCOMES = 1, 2, 3, 4, 5
VERSION = 1
LEG_BYTES = 128
PACKED_OUTCOME_BYTES = 8

HEADER = Packing("<IBBH")
_UNIT = {LEGS: LEG_BYTES, PACKED_COMMANDS: LEG_BYTES, PACKED_OUTCOMES: PACKED_OUTCOME_BYTES}
_RANK = {PACKED_COMMANDS: 0, LEGS: 1, PACKED_OUTCOMES: 2}
_ACT_ORDER = (LEGS, PACKED_COMMANDS, PACKED_OUTCOMES)
_NOTHING = memoryview(b"")


class CorruptRow(Exception):
    """A body that no writer of ours makes; `at` is the byte offset of the frame."""

    def __init__(self, at: int, why: str) -> None:
        super().__init__(f"frame at byte {at}: {why}")
        self.at = at
        self.why = why


class Act(msgspec.Struct, frozen=True, gc=False):
    """One command of a row with all that belongs to it; absent parts are empty."""

    position: int
    command: memoryview
    outcome: memoryview
    legs: memoryview = _NOTHING
    packed_commands: memoryview = _NOTHING
    packed_outcomes: memoryview = _NOTHING


class FrameWriter:
    """Collects frames of one row; `size` is what `body()` will weigh."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self.size = 0

    def add(self, kind: int, payload: bytes) -> None:
        """Append one frame of any type."""
        self._parts.append(HEADER.pack(len(payload), kind, VERSION, 0))
        self._parts.append(payload)
        self.size += HEADER.size + len(payload)

    def plain(self, command: bytes, outcome: bytes) -> None:
        """Append a COMMAND that has nothing but its OUTCOME."""
        pack = HEADER.pack
        self._parts += (
            pack(len(command), COMMAND, VERSION, 0), command, pack(len(outcome), OUTCOME, VERSION, 0), outcome,
        )  # fmt: skip
        self.size += 2 * HEADER.size + len(command) + len(outcome)

    def command(self, payload: bytes) -> None:
        """Append a COMMAND."""
        self.add(COMMAND, payload)

    def legs(self, records: bytes) -> None:
        """Append LEGS, n x 128 bytes; nothing for n = 0."""
        if records:
            self.add(LEGS, records)

    def outcome(self, payload: bytes) -> None:
        """Append the OUTCOME that ends a command."""
        self.add(OUTCOME, payload)

    def packed_commands(self, records: bytes) -> None:
        """Append PACKED_COMMANDS, n x 128 bytes."""
        self.add(PACKED_COMMANDS, records)

    def packed_outcomes(self, records: bytes) -> None:
        """Append PACKED_OUTCOMES, n x 8 bytes."""
        self.add(PACKED_OUTCOMES, records)

    def body(self) -> bytes:
        """Give the bytes of the row so far."""
        return b"".join(self._parts)


def iter_frames(body: bytes) -> Iterator[tuple[int, int, int, memoryview]]:
    """Give (type, version, flags, payload) of each frame, without copying.

    >>> writer = FrameWriter(); writer.command(b"abc")
    >>> [(kind, bytes(payload)) for kind, _, _, payload in iter_frames(writer.body())]
    [(1, b'abc')]
    """
    view, at, end = memoryview(body), 0, len(body)
    while at < end:
        if at + HEADER.size > end:
            raise CorruptRow(at, "header is cut short")
        length, kind, version, flags = HEADER.unpack_from(view, at)
        start = at + HEADER.size
        if not COMMAND <= kind <= PACKED_OUTCOMES:
            raise CorruptRow(at, f"type {kind} is unknown")
        if version != VERSION or flags:
            raise CorruptRow(at, f"version {version} with flags {flags} is unknown")
        if start + length > end:
            raise CorruptRow(at, "payload is cut short")
        unit = _UNIT.get(kind)
        if unit and (length % unit or not length):
            raise CorruptRow(at, f"{length} bytes are not whole records of {unit}")
        yield kind, version, flags, view[start : start + length]
        at = start + length


def iter_acts(body: bytes) -> Iterator[Act]:
    """Give each command of a body with its legs and outcome, positions from 0, order checked."""
    position, at, command = 0, 0, _NOTHING
    parts: dict[int, memoryview] = {}
    inside = False
    for kind, _, _, payload in iter_frames(body):
        if kind == COMMAND:
            if inside:
                raise CorruptRow(at, "a command before the outcome of the last")
            command, parts, inside = payload, {}, True
        elif not inside:
            raise CorruptRow(at, "stands outside a command")
        elif kind == OUTCOME:
            yield Act(position, command, payload, *(parts.get(part, _NOTHING) for part in _ACT_ORDER))
            position, inside = position + 1, False
        else:
            if any(_RANK[kind] <= _RANK[part] for part in parts):
                raise CorruptRow(at, "is out of order")
            parts[kind] = payload
        at += HEADER.size + len(payload)
    if inside:
        raise CorruptRow(len(body), "the last command has no outcome")
