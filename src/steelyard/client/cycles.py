"""The shapes of netting cycles that cross the wire."""

from typing import Annotated, Any

from msgspec import Meta

from steelyard.client.acts import Reason
from steelyard.client.types import Amount, Asked, AssetCode, BicText, InstantText, Money, Told

Currencies = Annotated[list[AssetCode], Meta(min_length=1, max_length=64)]
ClockText = Annotated[
    str, Meta(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$(?!\n)", description="A time of day in UTC, HH:MM.")
]


class CycleAsked(Asked):
    """A cycle that opens now over some currencies; without `cut_at` it is cut when somebody cuts it."""

    currencies: Currencies
    cut_at: InstantText | None = None


class CycleScheduleAsked(Asked):
    """When cycles of some currencies are cut together, every day; at no time: no longer."""

    currencies: Currencies
    cuts: Annotated[list[ClockText], Meta(max_length=288)] = []


class CycleBecause(Asked):
    """Why, in a word."""

    reason: Reason = ""


class CycleExtended(Asked):
    """By how much the end of the pay-ins is moved."""

    by_ms: Annotated[int, Meta(ge=1, le=86_400_000)]


class CycleExcluded(Asked):
    """Who is left out."""

    participant: BicText


class PayInAsked(Asked):
    """What is paid in: an amount, or all that is left of the call in a currency."""

    currency: AssetCode
    amount: Money | None = None


class CycleCurrency(Told):
    """What a cycle is about in one currency: obligations gathered, and what of them settles or has settled."""

    currency: str
    gathered_count: int
    gathered: Amount
    settles_count: int
    settles: Amount
    bound: Amount | None
    distance_bp: int | None


class CycleRow(Told):
    """One participant's part of a cycle in one currency; `called` is what it is to pay in."""

    participant: str
    out: Amount
    back: Amount
    net: Amount
    called: Amount
    paid_in: Amount


class Cycle(Told):
    """A netting cycle as everybody may know it."""

    cycle_id: str
    number: int
    currencies: list[str]
    trigger: str
    state: str
    opened_at: str
    cut_at: str | None
    due_at: str | None
    """When its present state ends by itself"""
    deadline_at: str | None
    """Until when pay-ins are taken"""
    closed_at: str | None
    reason: str | None
    algorithm: str | None
    proved: bool


class CycleReport(Told):
    """A cycle with its figures; `participants` are the caller's own rows."""

    cycle: Cycle
    by_currency: list[CycleCurrency]
    participants: list[CycleRow]
    certificate: str | None
    """SHA-256 over the certificates in their order"""
    bundle_id: str | None


class CycleProof(Told):
    """What proves a cycle's bounds: certificates in the form steelyard-certificate/1, by currency."""

    cycle_id: str
    certificate: str | None
    certificates: list[dict[str, Any]]


class CycleSchedule(Told):
    """When cycles of some currencies are cut."""

    currencies: list[str]
    cuts: list[str]
    next_at: str
