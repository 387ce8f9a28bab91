"""The shapes of tenders: drafted, published, bid in under seal, opened, evaluated, awarded, signed.

Prices are decimal texts per tonne. Laycans and windows are dates, first and last day included; none means any day.
Bonds, budgets and costs are in the tender's own asset.
"""

from typing import Annotated, Literal

from msgspec import Meta

from steelyard.client.acts import Decimal, IncotermWord
from steelyard.client.types import (
    Amount,
    Asked,
    AssetCode,
    DateText,
    HexDigest,
    InstantText,
    Reference,
    Told,
    UuidText,
)

Cargoes = Annotated[int, Meta(ge=0, le=1_000, description="A number of cargoes.")]
Tonnes = Annotated[int, Meta(ge=0, le=1_000_000, description="Tonnes.")]
Seconds = Annotated[int, Meta(ge=0, le=34_560_000, description="Seconds, up to 400 days.")]
Bp = Annotated[int, Meta(ge=0, le=10_000, description="Hundredths of a per cent.")]
SaltHex = Annotated[
    str, Meta(pattern=r"^([0-9a-f]{2}){16,64}$(?!\n)", description="16 to 64 bytes in lower-case hex.")
]
TenderWord = Literal[
    "DRAFT", "PUBLISHED", "SEALED", "OPENED", "EVALUATED", "STANDSTILL", "AWARDED", "CONTRACTED", "CANCELLED"
]


class VesselAsked(Asked):
    """Freight from a port: so many vessels at a rate per tonne; without a currency in the tender's."""

    id: Reference
    port: Reference
    rate: Decimal
    count: Annotated[int, Meta(ge=1, le=1_000)]
    currency: AssetCode | None = None
    size_t: Tonnes = 0
    from_on: DateText | None = None
    to_on: DateText | None = None
    valid_until: InstantText | None = None


class CostRateAsked(Asked):
    """What a cost of the way is to the buyer where he bears it by an offer's delivery term: a tonne, in the asset."""

    cost: Literal["export_duty", "loading", "unloading", "duty"]
    rate: Decimal


class CapacityAsked(Asked):
    """What a port, or without one all ports, can load in a window of days."""

    cargoes_max: Cargoes
    port: Annotated[str, Meta(max_length=35)] = ""
    from_on: DateText | None = None
    to_on: DateText | None = None


class TenderAsked(Asked):
    """What is asked for and by which rules; a rule that is left out does not bind.

    Without `bond` or `forfeits` the network's rulebook says which.
    """

    asset: AssetCode
    cargoes: Annotated[int, Meta(ge=1, le=1_000)]
    cargo_t: Annotated[int, Meta(ge=1, le=1_000_000)]
    vessels: Annotated[list[VesselAsked], Meta(min_length=1, max_length=200)]
    close_at: InstantText
    open_at: InstantText
    decide_s: Seconds
    sign_s: Seconds
    standstill_s: Seconds = 0
    bond: Decimal | None = None
    forfeits: bool | None = None
    origin_max: Cargoes = 0
    capacities: Annotated[list[CapacityAsked], Meta(max_length=100)] = []
    budget: Decimal | None = None
    suppliers_max: Cargoes = 0
    insurance_bp: Bp = 0
    finance_bp: Bp = 0
    costs: Annotated[list[CostRateAsked], Meta(max_length=4)] = []


class TenderRates(Asked):
    """Firm quotes of the buyer, out of the tender's asset, at which foreign offers are counted."""

    quote_ids: Annotated[list[UuidText], Meta(max_length=16)]


class TenderCancel(Asked):
    """Why a tender ends."""

    reason: Reference


class BidAsked(Asked):
    """The hash by which a bidder binds itself; `steelyard.client.sealing.seal` makes it."""

    commitment: HexDigest


class OfferAsked(Asked):
    """Goods at a port: from `cargoes_min` to `cargoes_max`, or none; without a currency in the tender's.

    The price holds what the seller bears by the delivery term. Where that is the freight he ships himself, and the
    port is the one at which he loads.
    """

    id: Reference
    origin: Reference
    port: Reference
    price: Decimal
    cargoes_max: Annotated[int, Meta(ge=1, le=1_000)]
    cargoes_min: Annotated[int, Meta(ge=1, le=1_000)] = 1
    currency: AssetCode | None = None
    from_on: DateText | None = None
    to_on: DateText | None = None
    valid_until: InstantText | None = None
    pay_days: Annotated[int, Meta(ge=0, le=365)] = 0
    incoterm: IncotermWord = "FOB"


class RevealAsked(Asked):
    """The offers that were committed to, exactly so, and the salt."""

    offers: Annotated[list[OfferAsked], Meta(min_length=1, max_length=8)]
    salt: SaltHex


class TenderShown(Told):
    """A tender in a list."""

    tender_id: str
    buyer: str
    asset: str
    cargoes: int
    cargo_t: int
    bond: Amount
    state: TenderWord
    due_at: str | None
    reason: str
    entered_at: str
    changed_at: str


class VesselShown(Told):
    """A vessel as the terms have it."""

    id: str
    port: str
    rate: str
    count: int
    currency: str
    size_t: int
    from_on: str | None
    to_on: str | None
    valid_until: str | None


class CapacityShown(Told):
    """A bound on what is loaded."""

    port: str
    cargoes_max: int
    from_on: str | None
    to_on: str | None


class RateOfTender(Told):
    """What one minor unit of a currency costs in the tender's minor units: an exact ratio, until an instant."""

    currency: str
    num: str
    den: str
    valid_until: str


class CostRateShown(Told):
    """What the buyer reckons a cost to come to, a tonne."""

    cost: str
    rate: str


class OfferOpened(Told):
    """An offer, opened. `id` begins with its bidder."""

    id: str
    origin: str
    port: str
    price: str
    currency: str
    cargoes_min: int
    cargoes_max: int
    from_on: str | None
    to_on: str | None
    valid_until: str | None
    pay_days: int
    incoterm: str


class BidShown(Told):
    """A bid: before the opening one's own commitment alone, from then on every bidder's with its offers."""

    bidder: str
    commitment: str
    bid_at: str
    salt: str | None
    bond_held: bool
    signed: bool
    out: bool
    offers: list[OfferOpened]


class AwardLine(Told):
    """So many cargoes of an offer on a vessel; no vessel: its seller ships himself."""

    offer: str
    vessel: str
    cargoes: int


class OfferRejected(Told):
    """An offer of which nothing is taken: why, and the highest price per tonne at which it would have entered."""

    offer: str
    why: str
    entry_price: str | None
    entry_is_known: bool


class AwardShown(Told):
    """What an evaluation found; `digest` is the SHA-256 of all that it depends on.

    Where it found no award, `nothing` says so in words and there is no cost; `conflict` names the rules in the way.
    """

    digest: str
    cargoes: list[AwardLine]
    nothing: str | None
    cost: Amount | None
    bound: Amount | None
    gap: Amount | None
    proved: bool
    second_best: Amount | None
    """Least cost of another award; null where there is none, or `second_is_known` is false"""
    second_is_known: bool
    rejected: list[OfferRejected]
    conflict: list[str]


class TenderWhole(Told):
    """A tender with its terms, and what of bids and award may be seen. Times of terms are in seconds."""

    tender_id: str
    buyer: str
    state: TenderWord
    due_at: str | None
    reason: str
    asset: str
    cargoes: int
    cargo_t: int
    close_at: str
    open_at: str
    standstill_s: int
    decide_s: int
    sign_s: int
    bond: Amount
    forfeits: bool
    origin_max: int
    budget: Amount | None
    suppliers_max: int
    insurance_bp: int
    finance_bp: int
    costs: list[CostRateShown]
    vessels: list[VesselShown]
    capacities: list[CapacityShown]
    rates: list[RateOfTender]
    bids: list[BidShown]
    award: AwardShown | None
    stands_until: str | None
    happened: str
    """Where it is, in words, and why"""
    next_step: str | None
    next_by: str | None
    """Who may do it: buyer, bidders, winners, node"""
