"""The shapes of netting cycles that cross the wire."""

from typing import Annotated, Any, Literal

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
    cut_seq: int | None
    """Commands recorded before its cut: whoever is in it has a lower `seq`"""
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


class CycleObligation(Told):
    """One obligation as the cut found it, and what of it settled."""

    uetr: str
    payer: str
    payee: str
    currency: str
    priority: int
    seq: int
    open_minor: int
    settled_minor: int


class CycleTold(Told):
    """The hash that a participant was told of its legs in one currency."""

    participant: str
    currency: str
    digest: str


class CycleFile(Told):
    """A cycle for those who check it: its report, who was in it in the order of the cut, hashes, certificates.

    Certificates have the form steelyard-certificate/1, one for each currency that had something to settle.
    """

    format: Literal["steelyard-cycle/1"]
    report: CycleReport
    obligations: list[CycleObligation]
    told: list[CycleTold]
    certificates: list[dict[str, Any]]


class CycleSchedule(Told):
    """When cycles of some currencies are cut."""

    currencies: list[str]
    cuts: list[str]
    next_at: str
