"""Slots at berths: a berth is given to one voyage at a time.

The slots of a day are planned until noon of the day before and approved until 16:00; a plan that is not approved by
then is gone. Intervals are half open: one slot may begin where another ends.
"""

from bisect import bisect_left
from collections.abc import Iterator
from enum import StrEnum

import msgspec
from msgspec import Struct

from steelyard.corridor.refusals import CorridorRefusal
from steelyard.values.instants import DAY, HOUR, Instant

PLAN_BY = 12 * HOUR
APPROVE_BY = 16 * HOUR
SLOTS_MAX = 100_000


class SlotState(StrEnum):
    """Where a slot is."""

    PLANNED = "PLANNED"
    APPROVED = "APPROVED"
    FREED = "FREED"


class Slot(Struct, array_like=True, frozen=True, gc=False):
    """A berth of a site from an instant until another, for a voyage."""

    slot_id: bytes
    site: str
    berth: str
    from_at: Instant
    until_at: Instant
    voyage_id: bytes
    state: SlotState = SlotState.PLANNED

    @property
    def approve_by(self) -> Instant:
        """Until when it can be approved, exclusive: 16:00 of the day before."""
        return self.from_at // DAY * DAY - DAY + APPROVE_BY


def plan_refusal(from_at: Instant, until_at: Instant, *, at: Instant) -> CorridorRefusal | None:
    """Say why a slot cannot be planned now, whoever wants it, or nothing.

    >>> plan_refusal(3 * DAY + 8 * HOUR, 3 * DAY + 20 * HOUR, at=2 * DAY + 12 * HOUR).name
    'SLOT_PLAN_IS_CLOSED'
    """
    midnight = from_at // DAY * DAY
    if not from_at < until_at <= midnight + DAY:
        return CorridorRefusal.SLOT_OUT_OF_RANGE
    return None if at < midnight - DAY + PLAN_BY else CorridorRefusal.SLOT_PLAN_IS_CLOSED


class Slots:
    """The slots that are planned or approved, by berth and time."""

    __slots__ = ("_all", "_berths")

    def __init__(self) -> None:
        self._all: dict[bytes, Slot] = {}
        self._berths: dict[tuple[str, str], list[tuple[Instant, Instant, bytes]]] = {}

    def __len__(self) -> int:
        return len(self._all)

    def get(self, slot_id: bytes) -> Slot | CorridorRefusal:
        """Give a slot."""
        return self._all.get(slot_id, CorridorRefusal.SLOT_NOT_FOUND)

    def is_taken(self, site: str, berth: str, from_at: Instant, until_at: Instant) -> bool:
        """Tell whether a berth is given to somebody for any part of a time."""
        taken = self._berths.get((site, berth), [])
        place = bisect_left(taken, (from_at, from_at, b""))
        before = place > 0 and taken[place - 1][1] > from_at
        return before or (place < len(taken) and taken[place][0] < until_at)

    def put(self, slot: Slot) -> None:
        """Keep a slot as it is now; one that is freed is let go. The caller has checked that it is free."""
        key, entry = (slot.site, slot.berth), (slot.from_at, slot.until_at, slot.slot_id)
        taken = self._berths.setdefault(key, [])
        if self._all.pop(slot.slot_id, None) is not None:
            taken.remove(entry)
        if slot.state is not SlotState.FREED:
            self._all[slot.slot_id] = slot
            taken.insert(bisect_left(taken, entry), entry)
        if not taken:
            del self._berths[key]

    def each(self) -> Iterator[Slot]:
        """Give every slot, by id."""
        for slot_id in sorted(self._all):
            yield self._all[slot_id]

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return msgspec.msgpack.encode(list(self.each()))

    @classmethod
    def decode(cls, data: bytes) -> "Slots":
        """Build what `encode` described."""
        slots = cls()
        for slot in msgspec.msgpack.decode(data, type=list[Slot]):
            slots.put(slot)
        return slots
