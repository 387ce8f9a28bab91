"""The life of a complaint about a published price: every state, every event, every step between them.

Its words lie outside the state; here is their hash, who wrote them and when. Whoever is answered may appeal once.

Source: IOSCO, "Principles for Oil Price Reporting Agencies" (2012), complaints.
"""

from enum import StrEnum

from msgspec import Struct

from steelyard.values.instants import Day, Instant


class ComplaintState(StrEnum):
    """Where a complaint is."""

    OPEN = "OPEN"
    ANSWERED = "ANSWERED"
    APPEALED = "APPEALED"
    CLOSED = "CLOSED"


class ComplaintEvent(StrEnum):
    """What can happen to a complaint."""

    ANSWERED = "ANSWERED"
    APPEALED = "APPEALED"
    WITHDRAWN = "WITHDRAWN"
    DECIDED = "DECIDED"


S, E = ComplaintState, ComplaintEvent
STEPS: dict[ComplaintState, dict[ComplaintEvent, ComplaintState]] = {
    S.OPEN: {E.ANSWERED: S.ANSWERED, E.WITHDRAWN: S.CLOSED},
    S.ANSWERED: {E.APPEALED: S.APPEALED, E.DECIDED: S.CLOSED, E.WITHDRAWN: S.CLOSED},
    S.APPEALED: {E.DECIDED: S.CLOSED, E.WITHDRAWN: S.CLOSED},
    S.CLOSED: {},
}


class Complaint(Struct, array_like=True, gc=False):
    """A complaint about a version of a day. `log` is (event, actor, SHA-256 of the text, instant), first to last."""

    number: int
    series: str
    on: Day
    version: int
    by: str
    state: ComplaintState
    log: list[tuple[str, str, bytes, Instant]]
