"""The PvP queue as it crosses the wire: terms and pay-ins of its members, and where they stand."""

from typing import Annotated

from msgspec import Meta

from steelyard.client.acts import Decimal
from steelyard.client.types import Amount, Asked, AssetCode, BicText, InstantText, Told


class PvpTermsAsked(Asked):
    """How far a participant may be short of one's own currency, and that currency's haircut.

    `aggregate` enrols a bank of one's own member: the most it may be short in all; without it, it is not enrolled.
    """

    participant: BicText
    currency: AssetCode
    short: Decimal
    haircut_bp: Annotated[int, Meta(ge=0, lt=10_000)]
    aggregate: Decimal | None = None


class PayInStep(Asked):
    """By when how much of the whole is paid in, summed up, in basis points."""

    due_at: InstantText
    share_bp: Annotated[int, Meta(ge=0, le=10_000)]


class PayInsAsked(Asked):
    """By when a bank of one's own member pays in what it is short now; the last step is the whole."""

    participant: BicText
    currency: AssetCode
    """One's own, in which it is enrolled"""
    steps: Annotated[list[PayInStep], Meta(min_length=1, max_length=5)]


class PayInDue(Told):
    """What is to be paid in by when."""

    due_at: str
    amount: Amount


class PvpPosition(Told):
    """Where a member of the PvP queue stands in a currency."""

    participant: str
    currency: str
    position: Amount
    """Balance less what is reserved; below zero: short"""
    limit: Amount
    usable: Amount
    """How far it may be short: its limit, no further than the floor of its account"""
    haircut_bp: int
    aggregate: Amount | None
    """The most it may be short in all, where this is its own currency"""
    free: Amount
    """What it may take out: neither covers what it is short of nor pays what waits"""
    overdue: Amount
    """Pay-ins that have not come; with any of it all of its trades wait"""
    pay_ins: list[PayInDue]
