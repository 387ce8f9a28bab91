"""Members: a country or union with one currency, the settlement agent of it, its packs and a calendar.

The life of a member is the table; flows feed it events and no other module decides what may follow what.
"""

from enum import StrEnum
from typing import Literal

from msgspec import Struct


class MemberState(StrEnum):
    """Where a member is."""

    PROPOSED = "PROPOSED"
    CONFIGURED = "CONFIGURED"
    ACTIVE = "ACTIVE"
    SUSPENDED = "SUSPENDED"
    LEAVING = "LEAVING"
    CLOSED = "CLOSED"


class MemberEvent(StrEnum):
    """What can happen to a member."""

    CONFIGURE = "CONFIGURE"
    ACTIVATE = "ACTIVATE"
    SUSPEND = "SUSPEND"
    LIFT = "LIFT"
    LEAVE = "LEAVE"
    CLOSE = "CLOSE"


S, E = MemberState, MemberEvent
MEMBER_STEPS: dict[MemberState, dict[MemberEvent, MemberState]] = {
    S.PROPOSED: {E.CONFIGURE: S.CONFIGURED, E.CLOSE: S.CLOSED},
    S.CONFIGURED: {E.ACTIVATE: S.ACTIVE, E.LEAVE: S.LEAVING},
    S.ACTIVE: {E.SUSPEND: S.SUSPENDED, E.LEAVE: S.LEAVING},
    S.SUSPENDED: {E.LIFT: S.ACTIVE, E.LEAVE: S.LEAVING},
    S.LEAVING: {E.CLOSE: S.CLOSED},
    S.CLOSED: {},
}


def step(state: MemberState, event: MemberEvent) -> MemberState | None:
    """Give the state that follows, or None where the event has no place there."""
    return MEMBER_STEPS[state].get(event)


class Member(Struct, array_like=True):
    """One member.

    `open_to_all` lets every participant of the network hold its currency; else `allowed` names who may.
    `fund_on_advice` issues when money is advised that nobody asked for; above `advice_line_minor` no
    advice is issued without two people (-1: no line). Up to `issue_line_minor` one person
    of the settlement agent issues and redeems by hand; above it two do. `stop_on_difference` stops issuing
    when the reserve does not reconcile. `queue_mode` says how payers' queues in its currency are tried.
    """

    code: str
    name: str
    asset: str
    scale: int
    settlement_agent: str
    packs: tuple[tuple[str, str], ...] = ()
    state: MemberState = MemberState.PROPOSED
    open_to_all: bool = False
    allowed: tuple[str, ...] = ()
    fund_on_advice: bool = False
    issue_line_minor: int = 0
    advice_line_minor: int = -1
    stop_on_difference: bool = True
    cap_minor: int = 0
    queue_mode: Literal["fifo", "bypass", "guarded"] = "guarded"

    def allows(self, bic: str, home: str) -> bool:
        """Tell whether a participant of member `home` may hold this currency."""
        return home == self.code or self.open_to_all or bic in self.allowed
