"""The life of one payment: every state, every event, every step between them.

All of it is in the table below; no other module decides what may follow what. The table knows nothing of
banks, messages or storage: flows feed it events. An event without a place gives None, and the flow answers
with the present state.

A return is not a state. Money that settled stays settled; it comes back as a new payment that names the
first one. The numbers are stable names in the API, in facts and in snapshots: never reused.
"""

from enum import IntEnum, StrEnum


class State(IntEnum):
    """Where a payment is. The number is the P-number of the documents."""

    RECEIVED = 0
    VALIDATED = 1
    SCREENING = 2
    HELD = 3
    QUEUED = 4
    RESERVED = 5
    PREPARED = 6
    OFFERED = 7
    DECIDED = 8
    SETTLED = 9
    CREDITED = 10
    UNPOSTED = 11
    REJECTED = 20
    FROZEN = 21
    CANCELLED = 22


class Event(StrEnum):
    """What can happen to a payment; the text stands in facts."""

    VALIDATED = "VALIDATED"
    REFUSED = "REFUSED"
    SCREEN = "SCREEN"
    REQUOTE_REFUSED = "REQUOTE_REFUSED"
    EXPIRED = "EXPIRED"
    WITHDRAWN = "WITHDRAWN"
    CLEAR = "CLEAR"
    HIT = "HIT"
    SCREEN_UNAVAILABLE = "SCREEN_UNAVAILABLE"
    CLEARED = "CLEARED"
    CLEARED_QUOTE_DEAD = "CLEARED_QUOTE_DEAD"
    CLOSED_PARTLY = "CLOSED_PARTLY"
    FROZEN = "FROZEN"
    RESERVED_SOME = "RESERVED_SOME"
    RESERVED_ALL = "RESERVED_ALL"
    SETTLED_NOW = "SETTLED_NOW"
    PART_SETTLED = "PART_SETTLED"
    QUOTE_DIED = "QUOTE_DIED"
    FAILED = "FAILED"
    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    ACCEPTED_UNPOSTED = "ACCEPTED_UNPOSTED"
    DECLINED = "DECLINED"
    CANCEL_AGREED = "CANCEL_AGREED"
    LEGS_SETTLED = "LEGS_SETTLED"
    LEGS_SETTLED_UNPOSTED = "LEGS_SETTLED_UNPOSTED"
    CREDITED = "CREDITED"
    UNPOSTED = "UNPOSTED"
    LIFTED_AFTER_SETTLEMENT = "LIFTED_AFTER_SETTLEMENT"
    LIFTED_BEFORE_SETTLEMENT = "LIFTED_BEFORE_SETTLEMENT"


S, E = State, Event
PAYMENT_STEPS: dict[State, dict[Event, State]] = {
    S.RECEIVED: {E.VALIDATED: S.VALIDATED, E.REFUSED: S.REJECTED},
    S.VALIDATED: {
        E.SCREEN: S.SCREENING,
        E.REQUOTE_REFUSED: S.REJECTED,
        E.EXPIRED: S.REJECTED,
        E.REFUSED: S.REJECTED,
        E.WITHDRAWN: S.CANCELLED,
    },
    S.SCREENING: {
        E.CLEAR: S.QUEUED,
        E.HIT: S.HELD,
        E.SCREEN_UNAVAILABLE: S.HELD,
        E.REFUSED: S.REJECTED,
        E.EXPIRED: S.REJECTED,
        E.WITHDRAWN: S.CANCELLED,
    },
    S.HELD: {
        E.CLEARED: S.QUEUED,
        E.CLEARED_QUOTE_DEAD: S.VALIDATED,
        E.CLOSED_PARTLY: S.SETTLED,
        E.REFUSED: S.REJECTED,
        E.EXPIRED: S.REJECTED,
        E.FROZEN: S.FROZEN,
        E.WITHDRAWN: S.CANCELLED,
    },
    S.QUEUED: {
        E.RESERVED_SOME: S.RESERVED,
        E.RESERVED_ALL: S.PREPARED,
        E.SETTLED_NOW: S.SETTLED,
        E.PART_SETTLED: S.QUEUED,
        E.CLOSED_PARTLY: S.SETTLED,
        E.HIT: S.HELD,
        E.QUOTE_DIED: S.VALIDATED,
        E.WITHDRAWN: S.CANCELLED,
        E.EXPIRED: S.REJECTED,
        E.REFUSED: S.REJECTED,
    },
    S.RESERVED: {
        E.RESERVED_ALL: S.PREPARED,
        E.FAILED: S.REJECTED,
        E.EXPIRED: S.REJECTED,
        E.REFUSED: S.REJECTED,
        E.WITHDRAWN: S.CANCELLED,
    },
    S.PREPARED: {
        E.OFFERED: S.OFFERED,
        E.ACCEPTED: S.DECIDED,
        E.EXPIRED: S.REJECTED,
        E.REFUSED: S.REJECTED,
        E.WITHDRAWN: S.CANCELLED,
    },
    S.OFFERED: {
        E.ACCEPTED: S.DECIDED,
        E.ACCEPTED_UNPOSTED: S.DECIDED,
        E.DECLINED: S.REJECTED,
        E.EXPIRED: S.REJECTED,
        E.REFUSED: S.REJECTED,
        E.CANCEL_AGREED: S.CANCELLED,
    },
    S.DECIDED: {E.LEGS_SETTLED: S.SETTLED, E.LEGS_SETTLED_UNPOSTED: S.UNPOSTED},
    S.SETTLED: {E.CREDITED: S.CREDITED, E.UNPOSTED: S.UNPOSTED},
    S.CREDITED: {},
    S.UNPOSTED: {E.CREDITED: S.CREDITED, E.FROZEN: S.FROZEN},
    S.REJECTED: {},
    S.FROZEN: {
        E.LIFTED_AFTER_SETTLEMENT: S.UNPOSTED,
        E.LIFTED_BEFORE_SETTLEMENT: S.REJECTED,
        E.CLOSED_PARTLY: S.SETTLED,
    },
    S.CANCELLED: {},
}

TERMINAL = (S.CREDITED, S.REJECTED, S.CANCELLED)
"""Nothing follows these. SETTLED rests too: its money is final, only reports can still come."""


def step(state: State, event: Event) -> State | None:
    """Give the state that follows, or None where the event has no place there.

    >>> step(State.QUEUED, Event.SETTLED_NOW).name, step(State.REJECTED, Event.ACCEPTED)
    ('SETTLED', None)
    """
    return PAYMENT_STEPS[state].get(event)
