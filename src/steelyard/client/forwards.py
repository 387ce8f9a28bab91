"""The shapes of forwards: what two parties agree on, how it stands, and every step."""

from typing import Annotated, Literal

from msgspec import Meta

from steelyard.client.titles import SiteName, Word
from steelyard.client.types import (
    Amount,
    Asked,
    BicText,
    DateText,
    HexDigest,
    InstantText,
    Money,
    Told,
    UuidText,
)

ForwardState = Literal[
    "OFFERED", "AGREED", "HINDERED", "SELLER_FAILED", "BUYER_FAILED", "APPROPRIATED", "OFFSET", "CLOSED", "CANCELLED",
]  # fmt: skip
Hours = Annotated[int, Meta(ge=1, le=9_600)]


class ForwardAsked(Asked):
    """A forward under a contract that has a pack, whose figures are in the currency of the price.

    `side` is the sender's own; the goods are shipped from `from_on` to `to_on`, both included. Differences are settled
    by the published prices of `benchmark`. The hours are those of the delivery, each from the step before it.
    """

    contract: Annotated[str, Meta(min_length=1, max_length=32)]
    side: Literal["buy", "sell"]
    other: BicText
    lots: Annotated[int, Meta(ge=1, le=10**9)]
    price: Money
    site: SiteName
    from_on: DateText
    to_on: DateText
    benchmark: Annotated[str, Meta(min_length=1, max_length=32)]
    accept_by: InstantText
    place: Word | None = None
    """The first of the contract's, where it is left out"""
    full_cargo: bool = False
    certify_hours: Hours = 240
    object_hours: Hours = 24
    fund_hours: Hours = 24


class CargoAsked(Asked):
    """The cargo that a seller names: a bill of lading, or receipts of goods in store; for all lots, or some."""

    receipts: Annotated[list[UuidText], Meta(max_length=100)] = []
    bill: UuidText | None = None
    lots: Annotated[int, Meta(ge=1, le=10**9)] | None = None


class HindranceAsked(Asked):
    """What stands between a forward and its shipment, with the SHA-256 of the paper that says so."""

    what: Literal["prohibition", "force_majeure"]
    document: HexDigest


class MarketAsked(Asked):
    """What the market was worth on the day of a failure, in the unit of the price."""

    market: Money
    document: HexDigest


class ForwardMove(Told):
    """One step of a forward. `moved` is the money that it moved; of a circle, what the lots offset were worth."""

    event: str
    state: ForwardState
    lots: int
    offset_lots: int
    moved: Amount | None
    owed: Amount | None
    bundle_id: str | None
    document: str | None
    at: str


class ForwardShown(Told):
    """A forward as it stands; `lots` are those that no circle has offset and no cargo is for.

    `price` is without the differential.
    """

    forward_id: str
    contract: str
    commodity: str
    grade: str
    site: str
    place: str
    incoterm: str
    seller: str
    buyer: str
    offered_by: str
    state: ForwardState
    event: str
    lots: int
    unit_kg: int
    price: Amount
    price_kg: int
    differential: str
    from_on: str
    to_on: str
    """With what a hindrance has put it off by"""
    benchmark: str
    arbitration_seat: str | None
    due_at: str | None
    """Before this instant the next step is taken, or the state ends by itself"""
    next_step: str | None
    next_by: str | None
    owed: Amount | None
    owed_by: str | None
    delivery_id: str | None
    changed_at: str


class ForwardWhole(ForwardShown):
    """A forward with every step, oldest first."""

    moves: list[ForwardMove]
