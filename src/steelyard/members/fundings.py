"""Money in: a participant locks money at the central bank outside and gets as much issued here.

What counts is the advice that the money is locked. An advice nobody asked for, or one whose issue was
refused, is listed with its reason: the money lies outside and not here, until two people of the settlement
agent issue it or pay it back.
"""

from enum import StrEnum

from msgspec import Struct

from steelyard.values.instants import Instant


class FundingState(StrEnum):
    """Where a funding is. LISTED: advised and not issued. PAID_BACK: given back outside."""

    ASKED = "ASKED"
    ISSUED = "ISSUED"
    LAPSED = "LAPSED"
    REFUSED = "REFUSED"
    LISTED = "LISTED"
    PAID_BACK = "PAID_BACK"


class FundingEvent(StrEnum):
    """What can happen to a funding. LIST: it was advised and may not be issued now."""

    LOCK_ADVISED = "LOCK_ADVISED"
    EXPIRED = "EXPIRED"
    REFUSED = "REFUSED"
    LIST = "LIST"
    ISSUE = "ISSUE"
    PAY_BACK = "PAY_BACK"


S, E = FundingState, FundingEvent
FUNDING_STEPS: dict[FundingState, dict[FundingEvent, FundingState]] = {
    S.ASKED: {E.LOCK_ADVISED: S.ISSUED, E.EXPIRED: S.LAPSED, E.REFUSED: S.REFUSED, E.LIST: S.LISTED},
    S.LISTED: {E.ISSUE: S.ISSUED, E.PAY_BACK: S.PAID_BACK},
    S.ISSUED: {},
    S.LAPSED: {},
    S.REFUSED: {},
    S.PAID_BACK: {},
}


def step(state: FundingState, event: FundingEvent) -> FundingState | None:
    """Give the state that follows, or None where the event has no place there."""
    return FUNDING_STEPS[state].get(event)


class Funding(Struct, array_like=True):
    """One funding. `id` is that of the command that asked for it or, unasked, that advised it.

    `asked_minor` is 0 where nobody asked. `advice` is the outside reference, empty until advised.
    """

    id: bytes
    participant: str
    asset: str
    asked_minor: int
    state: FundingState = FundingState.ASKED
    amount_minor: int = 0
    advice: str = ""
    reason: str = ""
    asked_at: Instant = 0
    bundle_id: bytes = b""
