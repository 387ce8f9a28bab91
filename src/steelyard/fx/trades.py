"""Foreign exchange trades between two participants: entered by both, matched, settled as one PvP bundle.

All economic fields must be equal, with no tolerance. Swaps are two trades.
"""

from enum import StrEnum
from hashlib import sha256

import msgspec
from msgspec import Struct

from steelyard.values.instants import Day, Instant


class TradeState(StrEnum):
    """Where a trade is; the text stands in facts."""

    ENTERED = "ENTERED"
    MATCHED = "MATCHED"
    WAITING = "WAITING"
    SETTLED = "SETTLED"
    UNMATCHED = "UNMATCHED"
    CANCELLED = "CANCELLED"
    FAILED = "FAILED"


class TradeEvent(StrEnum):
    """What can happen to a trade."""

    MATCHED = "MATCHED"
    AGREED = "AGREED"
    SETTLED_NOW = "SETTLED_NOW"
    CUT_OFF = "CUT_OFF"
    CLOSE = "CLOSE"
    WITHDRAWN = "WITHDRAWN"
    BOTH_WITHDRAWN = "BOTH_WITHDRAWN"


S, E = TradeState, TradeEvent
TRADE_STEPS: dict[TradeState, dict[TradeEvent, TradeState]] = {
    S.ENTERED: {E.MATCHED: S.MATCHED, E.CUT_OFF: S.UNMATCHED, E.WITHDRAWN: S.CANCELLED},
    S.MATCHED: {E.AGREED: S.WAITING},
    S.WAITING: {E.SETTLED_NOW: S.SETTLED, E.CLOSE: S.FAILED, E.BOTH_WITHDRAWN: S.CANCELLED},
    S.SETTLED: {},
    S.UNMATCHED: {},
    S.CANCELLED: {},
    S.FAILED: {},
}


def step(state: TradeState, event: TradeEvent) -> TradeState | None:
    """Give the state that follows, or None where the event has no place there.

    >>> step(TradeState.WAITING, TradeEvent.CLOSE).name
    'FAILED'
    """
    return TRADE_STEPS[state].get(event)


class Trade(Struct, array_like=True, frozen=True, gc=False):
    """One trade. `first` pays `first_minor` of `first_pays` to `second`, which pays the other amount back.

    `first` is who comes first by name, so that both sides enter the same. `entered_by` entered it;
    `withdrawn_by` wants out. `reference` is 16 bytes both sides agreed on, or empty.
    """

    trade: bytes
    first: str
    second: str
    first_pays: str
    first_minor: int
    second_pays: str
    second_minor: int
    value_on: Day
    reference: bytes
    entered_by: str
    entered_at: Instant
    state: str
    seq: int = 0
    other: bytes = b""
    """Id under which the other side entered it"""
    close_at: Instant = 0
    withdrawn_by: str = ""

    @property
    def key(self) -> bytes:
        """What both sides must agree on, as 16 bytes."""
        return sha256(
            msgspec.msgpack.encode(
                (
                    self.first, self.second, self.first_pays, self.first_minor, self.second_pays,
                    self.second_minor, self.value_on, self.reference,
                )
            )
        ).digest()[:16]  # fmt: skip
