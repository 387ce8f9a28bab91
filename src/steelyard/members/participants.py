"""Participants: banks under a member. Their life is the table; their own settings stand beside it.

`sends` and `receives` are what the states of participant and member together allow; the payment path asks
nothing else.
"""

from enum import StrEnum

from msgspec import Struct, field

from steelyard.values.instants import Instant


class ParticipantState(StrEnum):
    """Where a participant is."""

    APPLIED = "APPLIED"
    TESTING = "TESTING"
    ACTIVE = "ACTIVE"
    SENDING_BARRED = "SENDING_BARRED"
    SUSPENDED = "SUSPENDED"
    LEAVING = "LEAVING"
    CLOSED = "CLOSED"


class ParticipantEvent(StrEnum):
    """What can happen to a participant."""

    ADMITTED = "ADMITTED"
    REFUSED = "REFUSED"
    PASSED = "PASSED"
    WITHDRAWN = "WITHDRAWN"
    SUSPEND_OUT = "SUSPEND_OUT"
    SUSPEND_ALL = "SUSPEND_ALL"
    LIFT = "LIFT"
    LEAVE = "LEAVE"
    EMPTIED = "EMPTIED"


S, E = ParticipantState, ParticipantEvent
PARTICIPANT_STEPS: dict[ParticipantState, dict[ParticipantEvent, ParticipantState]] = {
    S.APPLIED: {E.ADMITTED: S.TESTING, E.REFUSED: S.CLOSED},
    S.TESTING: {E.PASSED: S.ACTIVE, E.WITHDRAWN: S.CLOSED},
    S.ACTIVE: {E.SUSPEND_OUT: S.SENDING_BARRED, E.SUSPEND_ALL: S.SUSPENDED, E.LEAVE: S.LEAVING},
    S.SENDING_BARRED: {E.LIFT: S.ACTIVE, E.SUSPEND_ALL: S.SUSPENDED, E.LEAVE: S.LEAVING},
    S.SUSPENDED: {E.LIFT: S.ACTIVE, E.LEAVE: S.LEAVING},
    S.LEAVING: {E.EMPTIED: S.CLOSED, E.SUSPEND_ALL: S.SUSPENDED},
    S.CLOSED: {},
}

SENDS = (S.ACTIVE,)
RECEIVES = (S.ACTIVE, S.SENDING_BARRED)
REDEEMS = (S.ACTIVE, S.LEAVING)
"""A participant that leaves takes its money out and does nothing else."""


def step(state: ParticipantState, event: ParticipantEvent) -> ParticipantState | None:
    """Give the state that follows, or None where the event has no place there."""
    return PARTICIPANT_STEPS[state].get(event)


class Settings(Struct, array_like=True, frozen=True):
    """What a participant has chosen for itself.

    `accepts_minor` is its standing acceptance: per asset, payments up to that amount are accepted without an
    offer; -1 means any amount, no entry none. `lines_minor`: above it, per asset, its own commands take two
    people; no entry, no line. `outside_hours` is next_day or refuse.
    `splits`: large payments it sends may settle in parts unless they say otherwise. `tells_parts`: as a creditor
    agent it is told part by part, else when a payment is complete. `by_cycle`: currencies in which its standard
    payments of the classes high and normal go into the open netting cycle. `pays_in`: what a cycle calls for is paid
    in from its account without an order of its own, lines that its settlement agent lets cycles draw on included.
    `explainable`: where it does not split, its payments are settled by no optimiser.
    """

    accepts_minor: dict[str, int] = field(default_factory=dict)
    lines_minor: dict[str, int] = field(default_factory=dict)
    best_quote: bool = False
    requote_tolerance_bp: int = 0
    outside_hours: str = "next_day"
    reports_credit: bool = False
    oversubscription_bp: int = 10_000
    fx_on_settlement: bool = False
    splits: bool = True
    tells_parts: bool = True
    by_cycle: tuple[str, ...] = ()
    pays_in: bool = False
    explainable: bool = False


class Participant(Struct, array_like=True):
    """One participant. `currencies` are those it asks to hold beside its home currency.

    `sends` and `receives` follow from its state and its member's.
    """

    bic: str
    member: str
    name: str
    lei: str = ""
    provider: bool = False
    currencies: tuple[str, ...] = ()
    state: ParticipantState = ParticipantState.APPLIED
    settings: Settings = field(default_factory=Settings)
    sends: bool = False
    receives: bool = False
    state_at: Instant = 0
    reason: str = ""

    def accepts(self, asset: str, amount_minor: int) -> bool:
        """Tell whether it accepts a payment of this amount without being asked."""
        line = self.settings.accepts_minor.get(asset)
        return line is not None and (line < 0 or amount_minor <= line)
