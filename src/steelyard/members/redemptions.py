"""Money out: reserved here, paid out by the RTGS outside, settled when it says so. Silence releases nothing.

The outcome that brings a redemption to INSTRUCTED is the order itself: the pay-out is one of its notices, so
no withdrawal can cross an order that is under way.
"""

from enum import StrEnum

from msgspec import Struct

from steelyard.values.instants import Instant


class RedemptionState(StrEnum):
    """Where a redemption is."""

    ASKED = "ASKED"
    RESERVED = "RESERVED"
    INSTRUCTED = "INSTRUCTED"
    OVERDUE = "OVERDUE"
    SETTLED = "SETTLED"
    RELEASED = "RELEASED"
    REFUSED = "REFUSED"


class RedemptionEvent(StrEnum):
    """What can happen to a redemption. QUERIED: it is overdue and the RTGS was asked once more."""

    CHECKED = "CHECKED"
    REFUSED = "REFUSED"
    INSTRUCT = "INSTRUCT"
    WITHDRAWN = "WITHDRAWN"
    PAID = "PAID"
    REFUSED_BY_RTGS = "REFUSED_BY_RTGS"
    OVERDUE = "OVERDUE"
    QUERIED = "QUERIED"
    RULED_PAID = "RULED_PAID"
    RULED_UNPAID = "RULED_UNPAID"


S, E = RedemptionState, RedemptionEvent
REDEMPTION_STEPS: dict[RedemptionState, dict[RedemptionEvent, RedemptionState]] = {
    S.ASKED: {E.CHECKED: S.RESERVED, E.REFUSED: S.REFUSED},
    S.RESERVED: {E.INSTRUCT: S.INSTRUCTED, E.WITHDRAWN: S.RELEASED},
    S.INSTRUCTED: {E.PAID: S.SETTLED, E.REFUSED_BY_RTGS: S.RELEASED, E.OVERDUE: S.OVERDUE},
    S.OVERDUE: {
        E.PAID: S.SETTLED,
        E.REFUSED_BY_RTGS: S.RELEASED,
        E.QUERIED: S.OVERDUE,
        E.RULED_PAID: S.SETTLED,
        E.RULED_UNPAID: S.RELEASED,
    },
    S.SETTLED: {},
    S.RELEASED: {},
    S.REFUSED: {},
}

WITH_RTGS = (S.INSTRUCTED, S.OVERDUE)
FINAL = (S.SETTLED, S.RELEASED, S.REFUSED)


def step(state: RedemptionState, event: RedemptionEvent) -> RedemptionState | None:
    """Give the state that follows, or None where the event has no place there."""
    return REDEMPTION_STEPS[state].get(event)


class Redemption(Struct, array_like=True):
    """One redemption. `id` is that of the command that asked for it, `bundle_id` its reservation.

    `payout` is the RTGS's own reference once it reported. `due_at` is when it is overdue, or asked again.
    """

    id: bytes
    participant: str
    asset: str
    amount_minor: int
    state: RedemptionState = RedemptionState.ASKED
    bundle_id: bytes = b""
    payout: str = ""
    reason: str = ""
    asked_at: Instant = 0
    instructed_at: Instant = 0
    due_at: Instant = 0
    queries: int = 0
