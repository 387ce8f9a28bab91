"""The shapes of currency exchange: quotes, sheets of rates, trades, orders for a batch."""

from typing import Annotated, Literal

from msgspec import Meta

from steelyard.client.types.base import (
    Amount,
    Asked,
    AssetCode,
    BicText,
    DateText,
    InstantText,
    Money,
    Problem,
    Told,
    UuidText,
)
from steelyard.client.types.payments import FeeLine


class QuoteAsked(Asked):
    """A question for firm quotes: exactly one of `send` and `receive` has the amount."""

    sell: AssetCode
    buy: AssetCode
    send: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    receive: Annotated[str, Meta(min_length=1, max_length=40)] | None = None
    creditor_agent: BicText | None = None
    priority: Literal["HIGH", "NORM"] = "NORM"
    charge_bearer: Literal["SHAR", "DEBT", "CRED"] = "SHAR"
    kind: Literal["customer", "bank"] = "customer"
    debtor_agent: BicText | None = None


class Hop(Told):
    """One exchange of a quote."""

    provider: str
    sold: Amount
    bought: Amount
    rate: str


class ReferenceRate(Told):
    """A rate for comparison, with where it is from."""

    rate: str
    source: str
    at: str


class Quote(Told):
    """A firm quote with all that must be disclosed before consent.

    `debit` leaves the debtor agent in all, `credit` is left for the payee; `instructed` and `settlement` are
    the two amounts a payment's message names. `disclosure` is the digest to consent to.
    """

    quote_id: str
    rank: int
    providers: list[str]
    debit: Amount
    instructed: Amount
    settlement: Amount
    credit: Amount
    rate: str
    effective_rate: str
    hops: list[Hop]
    fees: list[FeeLine]
    reference: ReferenceRate | None
    margin_bp: int | None
    issued_at: str
    expires_at: str
    lock_until: str
    earliest_at: str | None
    latest_at: str | None
    pvp: str
    disclosure: str
    state: str = "open"
    hint: str | None = None


class QuotesAnswer(Told):
    """Quotes, best first; an empty list comes with the reason."""

    outcome: Literal["done", "refused", "unknown"]
    seq: int | None = None
    quotes: list[Quote] = []
    refusal: Problem | None = None
    iso: str | None = None
    state: str | None = None


class Tier(Asked):
    """A rate, as units of `buy` per unit of `sell`, from an amount of `sell` on."""

    from_value: Annotated[str, Meta(min_length=1, max_length=40)]
    rate: Annotated[str, Meta(pattern=r"^[0-9]{1,18}(\.[0-9]{1,17})?$(?!\n)")]


class SheetAsked(Asked):
    """A standing offer for one pair, until further notice."""

    sell: AssetCode
    buy: AssetCode
    tiers: Annotated[list[Tier], Meta(min_length=1, max_length=32)]
    min: Annotated[str, Meta(min_length=1, max_length=40)]
    max: Annotated[str, Meta(min_length=1, max_length=40)]
    valid_until: InstantText
    valid_from: InstantText | None = None
    ttl_ms: Annotated[int, Meta(ge=1000, le=86_400_000)] = 600_000
    lock_ms: Annotated[int, Meta(ge=1000, le=172_800_000)] = 900_000
    rounding: Literal["HALF_EVEN", "DOWN", "UP"] = "HALF_EVEN"
    services: tuple[Literal["STANDARD", "INSTANT"], ...] = ("STANDARD", "INSTANT")
    kinds: tuple[Literal["customer", "bank", "cover"], ...] = ("customer", "bank", "cover")
    firm_reserved: bool = False


class Sheet(Told):
    """A provider's standing offer as it stands."""

    provider: str
    sell: str
    buy: str
    tiers: list[Tier]
    min: Amount
    max: Amount
    valid_from: str
    valid_until: str
    ttl_ms: int
    lock_ms: int
    rounding: str
    services: list[str]
    kinds: list[str]
    firm_reserved: bool
    version: int


class TradeAsked(Asked):
    """One side of a foreign exchange trade between two participants."""

    counterparty: BicText
    pays: Money
    gets: Money
    value_on: DateText
    reference: UuidText | None = None
    """What both sides agreed to name it, if anything"""


class Trade(Told):
    """A foreign exchange trade."""

    trade_id: str
    first: str
    second: str
    first_pays: Amount
    second_pays: Amount
    value_on: str
    state: str
    entered_at: str


class FxOrderAsked(Asked):
    """An order to exchange currencies; `limit` is the least one takes, units bought per unit sold."""

    sell: Money
    buy: AssetCode
    good_until: InstantText
    limit: Annotated[str, Meta(min_length=1, max_length=40)] | None = None


class FxOrder(Told):
    """An order to exchange currencies as it stands."""

    order_id: str
    participant: str
    sell: Amount
    open: Amount
    bought: Amount
    limit: str | None
    good_until: str
    state: str
    leaving: bool
    """It is withdrawn, and ends when its batch is over"""
    refusal: Problem | None
    entered_at: str
    changed_at: str


class FxCapAsked(Asked):
    """The most one sells of a currency in one batch; without a `cap` there is none."""

    cap: Annotated[str, Meta(min_length=1, max_length=40)] | None = None


class FxBatchAsked(Asked):
    """Which batch of FX orders is asked for: at reference rates, or an auction of floating currencies."""

    kind: Literal["fx_reference", "fx_auction"] = "fx_reference"


class RateShown(Told):
    """A reference rate: units of `quote` per unit of `base`."""

    base: str
    quote: str
    rate: str
    kind: str
    source: str
    at: str
    received_at: str
    confirmed_at: str | None
    marks: list[str]
    """Of STALE, DUAL, JUMP, SINGLE_SOURCE those that it carries now"""
    simulation: bool
