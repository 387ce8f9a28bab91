"""A voyage: its steps as a table, in the order in which a vessel goes through them.

Vessel, crew and cargo are registered; entry is requested in good time; an inspection lets the vessel in; a slot at a
berth is approved; it loads; an inspection lets it out; it is cleared and, at the end, discharged. Deviations, stops
and transfers from ship to ship are noted without being a step. Payments may wait for a step.
"""

from enum import StrEnum

from msgspec import Struct

from steelyard.corridor.refusals import CorridorRefusal
from steelyard.values.instants import HOUR, Instant

NOTICE_NS = 44 * HOUR
"""So long before its arrival a vessel asks for entry, at least."""


class VoyageState(StrEnum):
    """Where a voyage is. Each but the last two is a step that can be waited for."""

    REGISTERED = "REGISTERED"
    REQUESTED = "REQUESTED"
    INSPECTED_IN = "INSPECTED_IN"
    SLOTTED = "SLOTTED"
    LOADING = "LOADING"
    INSPECTED_OUT = "INSPECTED_OUT"
    CLEARED = "CLEARED"
    DISCHARGED = "DISCHARGED"
    CANCELLED = "CANCELLED"


class VoyageEvent(StrEnum):
    """What can happen on a voyage."""

    REQUESTED = "REQUESTED"
    PASSED_IN = "PASSED_IN"
    SLOTTED = "SLOTTED"
    SLOT_LOST = "SLOT_LOST"
    LOADING = "LOADING"
    PASSED_OUT = "PASSED_OUT"
    CLEARED = "CLEARED"
    DISCHARGED = "DISCHARGED"
    CANCELLED = "CANCELLED"
    DEVIATED = "DEVIATED"
    STOPPED = "STOPPED"
    SHIP_TO_SHIP = "SHIP_TO_SHIP"


S, E = VoyageState, VoyageEvent
STEPS: dict[VoyageState, dict[VoyageEvent, VoyageState]] = {
    S.REGISTERED: {E.REQUESTED: S.REQUESTED, E.CANCELLED: S.CANCELLED},
    S.REQUESTED: {E.PASSED_IN: S.INSPECTED_IN, E.CANCELLED: S.CANCELLED},
    S.INSPECTED_IN: {E.SLOTTED: S.SLOTTED, E.CANCELLED: S.CANCELLED},
    S.SLOTTED: {E.LOADING: S.LOADING, E.SLOT_LOST: S.INSPECTED_IN, E.CANCELLED: S.CANCELLED},
    S.LOADING: {E.PASSED_OUT: S.INSPECTED_OUT},
    S.INSPECTED_OUT: {E.CLEARED: S.CLEARED},
    S.CLEARED: {E.DISCHARGED: S.DISCHARGED},
    S.DISCHARGED: {},
    S.CANCELLED: {},
}
NOTED = (E.DEVIATED, E.STOPPED, E.SHIP_TO_SHIP)
"""What is written down without being a step; only while the voyage is under way."""
ORDER = tuple(S)[:-1]
ENDS = (S.DISCHARGED, S.CANCELLED)


class Voyage(Struct, array_like=True, frozen=True, gc=False):
    """One voyage, from a registered site to another. `vessel` is an IMO number; `papers` are SHA-256."""

    voyage_id: bytes
    carrier: str
    vessel: str
    origin: str
    target: str
    cargo: str
    kg: int
    crew: int
    arrives_at: Instant
    state: VoyageState = S.REGISTERED
    slot_id: bytes = b""


def step(state: VoyageState, event: VoyageEvent) -> VoyageState | None:
    """Give the state that follows, or None where the event has no place there. What is noted leaves it as it is.

    >>> step(VoyageState.SLOTTED, VoyageEvent.LOADING), step(VoyageState.REGISTERED, VoyageEvent.CLEARED)
    (<VoyageState.LOADING: 'LOADING'>, None)
    """
    if event in NOTED:
        return None if state in ENDS else state
    return STEPS[state].get(event)


def has_come_to(state: VoyageState, wanted: VoyageState) -> bool:
    """Tell whether a voyage has taken a step, or one after it; a cancelled voyage has taken none.

    >>> has_come_to(VoyageState.CLEARED, VoyageState.LOADING), has_come_to(VoyageState.LOADING, VoyageState.CLEARED)
    (True, False)
    """
    if S.CANCELLED in (state, wanted):
        return False
    return ORDER.index(state) >= ORDER.index(wanted)


def imo_is_right(text: str) -> bool:
    """Tell whether a text is an IMO number: seven digits, the last of which checks the others.

    >>> imo_is_right("9074729"), imo_is_right("9074728"), imo_is_right("IMO9074729")
    (True, False, False)
    """
    if len(text) != 7 or not (text.isascii() and text.isdigit()):
        return False
    return sum(int(digit) * (7 - place) for place, digit in enumerate(text[:6])) % 10 == int(text[6])


def request_refusal(arrives_at: Instant, *, at: Instant) -> CorridorRefusal | None:
    """Say that a request comes too late before arrival, or nothing; 44 hours to the nanosecond are in time."""
    return None if arrives_at - at >= NOTICE_NS else CorridorRefusal.ARRIVAL_IS_TOO_NEAR
