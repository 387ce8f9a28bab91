"""The shapes of deliveries: their terms, what is named, certified, paid and decided, and how they stand."""

from typing import Annotated, Literal

from msgspec import Meta

from steelyard.client.acts import Decimal, IncotermWord
from steelyard.client.titles import Kg, SiteName, Word
from steelyard.client.types import Amount, Asked, BicText, HexDigest, InstantText, Money, Told, UuidText

Lots = Annotated[int, Meta(ge=1, le=10**9)]
Figure = Annotated[
    str,
    Meta(
        pattern=r"^-?[0-9]{1,9}(\.[0-9]{1,6})?$(?!\n)",
        description="A figure of a certificate, at most six decimals.",
    ),
]
Instrument = Annotated[str, Meta(min_length=1, max_length=32)]
Signed = Annotated[
    str,
    Meta(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,6})?$(?!\n)", description="A decimal that may be below zero."),
]
CostWord = Literal["export_duty", "loading", "freight", "insurance", "unloading", "duty"]
FinalWord = Literal["loading", "discharge"]
RuleWord = Literal["limit", "shrink", "step", "point"]
DeliveryState = Literal[
    "INTENDED", "MATCHED", "NOTIFIED", "CERTIFIED", "INVOICED", "FUNDED", "SETTLED", "LOADING", "LOADED", "CLOSED",
    "DISPUTED", "ALTERNATIVE", "SELLER_FAILED", "BUYER_FAILED", "BUY_IN", "SELL_OUT", "FORCE_MAJEURE",
    "CANCELLED",
]  # fmt: skip


class FactorAsked(Asked):
    """A line of a schedule of quality.

    `limit` only accepts or not; `shrink` takes weight above the basis, `step` adds money of the price for each full
    step above it and takes it for each started step below, `point` takes a share for each point above.
    """

    name: Annotated[str, Meta(min_length=1, max_length=32)]
    rule: RuleWord = "limit"
    basis: Figure = "0"
    step: Figure = "0.1"
    step_value: Decimal = "0"
    steps_max: Annotated[int, Meta(ge=0, le=10_000)] = 10
    point_bp: Annotated[int, Meta(ge=0, le=10_000)] = 0
    least: Figure | None = None
    most: Figure | None = None


class DeliveryAsked(Asked):
    """The terms of a delivery. `price` is for `price_kg` kg; each deadline is later than the one before.

    The buyer is left out where the goods go to the longs of a cleared contract. With a voyage and a step nothing is
    paid before the voyage has come to it. Of an instrument that is listed by a contract, what is left out (unit,
    factors, tolerances, delivery term, differential, where it is final) is the contract's; what is not must be equal.
    """

    instrument: Instrument
    site: SiteName
    grade: Word
    lots: Lots
    price: Money
    seller: BicText
    assign_by: InstantText
    certify_by: InstantText
    object_by: InstantText
    fund_by: InstantText
    unit_kg: Kg | None = None
    buyer: BicText | None = None
    price_kg: Annotated[int, Meta(ge=1, le=10**9)] | None = None
    """1,000 where neither this nor a contract says so"""
    tolerance_bp: Annotated[int, Meta(ge=0, lt=10_000)] | None = None
    factors: Annotated[list[FactorAsked], Meta(max_length=32)] | None = None
    extension_hours: Annotated[int, Meta(ge=0, le=8_784)] = 0
    voyage: UuidText | None = None
    after_step: Word | None = None
    benchmark: Instrument | None = None
    incoterm: IncotermWord | None = None
    place: Word | None = None
    differential: Signed | None = None
    """What goods at the place are worth more, or less, for what the price is for"""
    full_cargo: bool = False
    full_cargo_bp: Annotated[int, Meta(ge=0, lt=10_000)] | None = None
    final_at: FinalWord | None = None


class GoodsAsked(Asked):
    """What is delivered: receipts, or goods afloat under a bill of lading."""

    receipts: Annotated[list[UuidText], Meta(max_length=100)] = []
    bill: UuidText | None = None


class LongAsked(Asked):
    """Somebody to whom goods are owed, since which day, how many lots."""

    participant: BicText
    since_on: Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$(?!\n)")]
    lots: Lots


class NoticeAsked(Asked):
    """An instrument whose goods are dealt out. The longs of a cleared contract are its own; others are named."""

    instrument: Instrument
    longs: Annotated[list[LongAsked], Meta(max_length=1_000)] = []


class CertificateAsked(Asked):
    """What an inspector has found: net weight, each factor, and the SHA-256 of the certificate."""

    weight_kg: Kg
    factors: Annotated[dict[str, Figure], Meta(max_length=32)]
    document: HexDigest


class CostAsked(Asked):
    """A cost that one has paid and the other side bears, with the SHA-256 of the paper that proves it."""

    cost: CostWord
    amount: Money
    document: HexDigest


class DeliveryFund(Asked):
    """The firm quote by which a delivery is paid, where the buyer pays in another currency."""

    quote_id: UuidText | None = None


class RulingAsked(Asked):
    """How a delivery goes on or ends.

    `market` is what the goods would have come to when bought in or sold out, in the unit of the price: needed, with a
    `reason`, where a side has failed and an auction has found nobody. A new certificate may come where it goes on, and
    `without` are costs that the invoice leaves out.
    """

    ruling: Literal["certified", "closed", "cancelled"]
    document: HexDigest
    market: Money | None = None
    weight_kg: Kg | None = None
    factors: Annotated[dict[str, Figure], Meta(max_length=32)] = {}
    without: Annotated[list[CostWord], Meta(max_length=6)] = []
    reason: Annotated[str, Meta(max_length=400)] = ""


class CoverAsked(Asked):
    """The auction of a delivery in which a side has failed: until when, and the worst price that counts."""

    closes_at: InstantText
    limit: Money
    document: HexDigest


class CoverBack(Asked):
    """Up to which price a buyer, or down to which a seller, trades on after the other side has failed."""

    price: Money


class CoverBid(Asked):
    """So many lots at the worst price one takes; in a buy-in with the receipts of just these lots."""

    lots: Lots
    price: Money
    receipts: Annotated[list[UuidText], Meta(max_length=100)] = []


class CoverOffer(Told):
    """An offer in the auction of a failed delivery."""

    number: int
    bidder: str
    lots: int
    price: Amount


class DeliveryAuction(Told):
    """A buy-in or sell-out of a failed delivery that takes offers. Prices are for `price_kg` kg; offers are one's own.

    `whole` goods are bought all or not at all; `backed` is the price that the side that has not failed trades on.
    """

    delivery_id: str
    way: Literal["buy_in", "sell_out"]
    instrument: str
    site: str
    grade: str
    lots: int
    unit_kg: int
    whole: bool
    price_kg: int
    agreed: Amount
    limit: Amount
    closes_at: str
    backed: Amount | None
    offers: list[CoverOffer]


class CostShown(Told):
    """A cost that one side has paid and the other bears: as it was paid, and as it counts on the invoice."""

    cost: CostWord
    paid_by: Literal["seller", "buyer"]
    paid: Amount
    amount: Amount
    document: str


class DeliveryMove(Told):
    """One step of a delivery."""

    event: str
    state: DeliveryState
    amount: Amount | None
    bundle_id: str | None
    document: str | None
    bidder: str | None
    """Who has won lots in the auction of a failed delivery"""
    lots: int | None
    price: Amount | None
    """At which; of a step `BY_HAND`, the one that two people gave"""
    reason: str | None
    """Why it was given by hand"""
    at: str


class DeliveryShown(Told):
    """A delivery as it stands: what is next, who does it and by when, and what is owed by whom."""

    delivery_id: str
    instrument: str
    site: str
    grade: str
    lots: int
    kg: int
    seller: str
    buyer: str
    price: Amount
    price_kg: int
    state: DeliveryState
    event: str
    accepted: bool
    next_step: str | None
    next_by: str | None
    """Who takes it"""
    due_at: str | None
    """Before this instant, or it ends the state by itself"""
    incoterm: str | None
    place: str | None
    differential: str
    full_cargo_bp: int
    final_at: str
    costs: list[CostShown]
    net_kg: int
    goods: Amount | None
    """What the certificate makes the goods"""
    amount: Amount | None
    """Goods and costs together, or what was taken from the margin of a side that failed"""
    owed: Amount | None
    owed_by: str | None
    refusal: str | None
    changed_at: str


class DeliveryWhole(DeliveryShown):
    """A delivery with its goods, certificate, deadlines and every step, oldest first."""

    receipts: list[str]
    bill: str | None
    voyage: str | None
    after_step: str | None
    weight_kg: int
    factors: dict[str, str]
    agreed_by: str | None
    assign_by: str
    certify_by: str
    object_by: str
    fund_by: str
    moves: list[DeliveryMove]
