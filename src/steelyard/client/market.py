"""The shapes of the market: instruments, orders, trades, firm quotes, the public stream.

A price is a decimal text in the order's currency for one unit of the instrument; a quantity is a whole number of its
units. What is public never says whose it is.
"""

from typing import Annotated, Any, Literal

from msgspec import Meta

from steelyard.client.acts import Decimal, Reason
from steelyard.client.types import (
    Amount,
    Asked,
    AssetCode,
    BicText,
    DateText,
    HexDigest,
    InstantText,
    Money,
    Problem,
    Told,
    UuidText,
)

InstrumentCode = Annotated[
    str, Meta(pattern=r"^[A-Z0-9][A-Z0-9._-]{0,63}$(?!\n)", description="Code of an instrument.")
]
Quantity = Annotated[int, Meta(ge=1, lt=10**18, description="Whole units of the instrument.")]
SideWord = Literal["buy", "sell"]
TypeWord = Literal["limit", "market", "mtl"]
TifWord = Literal["gtc", "day", "gtd", "ioc", "fok", "gfa"]
StpWord = Literal["none", "cancel_taker", "cancel_maker", "cancel_both", "decrement"]
PhaseWord = Literal[
    "closed", "pre_open", "opening_call", "closing_call", "volatility_call", "continuous", "post_close", "halt",
    "delivery_month",
]  # fmt: skip
SessionName = Annotated[str, Meta(min_length=1, max_length=32)]


class OrderAsked(Asked):
    """An order. Without a currency it is in its instrument's; without `stp` its instrument says what is done."""

    instrument: InstrumentCode
    side: SideWord
    quantity: Quantity
    price: Decimal | None = None
    type: TypeWord = "limit"
    tif: TifWord = "gtc"
    currency: AssetCode | None = None
    stop: Decimal | None = None
    peak: Quantity | None = None
    post_only: bool = False
    aon: bool = False
    stp: StpWord | None = None
    until_on: DateText | None = None
    session: SessionName | None = None


class OrderIds(Asked):
    """Which orders."""

    order_ids: Annotated[list[UuidText], Meta(min_length=1, max_length=1_000)]


class OrderChange(Asked):
    """New terms of an order: its total, its limit, or both."""

    quantity: Quantity | None = None
    price: Decimal | None = None


class OrdersOf(Asked):
    """Which of one's open orders; nothing given: all."""

    instrument: InstrumentCode | None = None
    side: SideWord | None = None
    session: SessionName | None = None


class OrderAnswer(Told):
    """What became of one order at once. `refusal` names the rule that it broke."""

    order_id: str
    state: Literal["open", "filled", "cancelled", "refused"]
    open: int
    refusal: str | None = None
    traded: int = 0
    """How many units traded at once"""
    cancelled: int = 0
    """How many units were taken out"""
    quantity: int | None = None
    """Its total, where it was entered or changed"""
    price: str | None = None
    """Its limit, where it was entered or changed and has one"""
    currency: str | None = None


class OrdersAnswer(Told):
    """What became of orders, in the order in which they were given. `refusal` says why a single one was refused."""

    outcome: Literal["done", "refused", "unknown"]
    orders: list[OrderAnswer] = []
    seq: int | None = None
    at: str | None = None
    refusal: Problem | None = None
    details: dict[str, Any] = {}


class OrderShown(Told):
    """An order as it stands."""

    order_id: str
    owner: str
    instrument: str
    side: SideWord
    type: TypeWord
    tif: TifWord
    currency: str
    quantity: int
    open: int
    price: str | None
    stop: str | None
    peak: int | None
    post_only: bool
    aon: bool
    until_on: str | None
    session: str
    state: Literal["open", "filled", "cancelled"]
    why: str
    entered_at: str
    changed_at: str


class TradeShown(Told):
    """One's trade: the other side is not named. A provider's (`exchange`) is of no order, at its quote's rate."""

    trade_id: str
    instrument: str
    side: Literal["buy", "sell", "exchange"]
    order_id: str | None
    quantity: int
    price: str | None
    """None of an auction in several currencies: what each side paid and got stands, and the price in the basket"""
    price_currency: str | None
    basket_price: str | None
    """In several currencies: the price in minor units of the basket, whole or p/q; None where no quotes told it"""
    pays: Amount | None
    gets: Amount | None
    bundle_id: str | None
    settles_on: str | None
    """The day on which money and title move, where that is not at once; `bundle_id` comes with it"""
    reversed: bool
    at: str


class InstrumentShown(Told):
    """An instrument, its phase and its bands. Bands are in its currency, or in the unit of its basket."""

    code: str
    contract: str
    way: Literal["spot", "cleared"]
    asset: str
    currency: str | None
    basket: str | None
    unit_kg: int
    tick: str
    lot: int
    phase: PhaseWord
    reference: str | None
    limit_low: str | None
    limit_high: str | None
    settlement: str | None
    collar_low: str | None = None
    collar_high: str | None = None
    basket_holds: dict[str, str] = {}


class LimitShown(Told):
    """Between which prices orders in a currency may enter now: from the lowest to the highest on the tick; null: any.

    `unit` is what one unit of the basket is worth in it, minor units as "p/q" text, at the firm quotes of now; null in
    a book of one currency. An order's own moment decides, since quotes move.
    """

    currency: str
    unit: str | None
    limit_low: str | None
    limit_high: str | None


class LevelShown(Told):
    """How much is shown at a price. A price of null: orders without one."""

    currency: str
    price: str | None
    price_minor: str | None
    quantity: int


class BookShown(Told):
    """A book as the public sees it, at number `seq` of its stream."""

    instrument: str
    seq: int
    phase: PhaseWord
    bids: list[LevelShown]
    asks: list[LevelShown]


class FeedItem(Told):
    """An item of an instrument's public stream. Numbers rise by one; a gap means: ask from the last one on."""

    instrument: str
    seq: int
    kind: str
    at: str
    data: dict[str, Any]


class FirmQuoteAsked(Asked):
    """The provider sells `size` and takes `rate` of `buy` for one of it, until an instant."""

    size: Money
    buy: AssetCode
    rate: Decimal
    valid_until: InstantText
    in_auctions: bool = False
    replaces: UuidText | None = None


class FirmQuoteShown(Told):
    """A firm quote as it stands."""

    quote_id: str
    provider: str
    left: Amount
    buy: str
    rate: str
    state: str
    valid_until: str
    entered_at: str


class TradeMoneyAsked(Asked):
    """So much onto a trade account, or back."""

    amount: Money


class SessionAsked(Asked):
    """A phase that begins at a time of day (UTC, HH:MM or HH:MM:SS); `random`: up to 30 s later."""

    at: Annotated[str, Meta(pattern=r"^[0-2][0-9]:[0-5][0-9](:[0-5][0-9])?$(?!\n)")]
    phase: PhaseWord
    random: bool = False


class InstrumentAsked(Asked):
    """An instrument to be listed. Prices are decimal texts of its currency, or of the basket's unit (2 decimals)."""

    code: InstrumentCode
    contract: Annotated[str, Meta(min_length=1, max_length=64)]
    way: Literal["spot", "cleared"]
    asset: Annotated[str, Meta(min_length=1, max_length=64)]
    unit_kg: Annotated[int, Meta(ge=1, lt=10**12)]
    tick: Decimal
    lot: Quantity = 1
    currency: AssetCode | None = None
    basket: str | None = None
    reference: Decimal | None = None
    stp: StpWord = "cancel_taker"
    limit_bp: Annotated[int, Meta(ge=1, lt=10_000)] = 700
    limit_step: Decimal | None = None
    collar_bp: Annotated[int, Meta(ge=1, lt=10_000)] | None = None
    rest_market: bool = False
    pressure_cap_pct: str | None = None
    post_close: bool = False
    call_seconds: Annotated[int, Meta(ge=1, le=3_600)] = 120
    calendars: list[AssetCode] = []
    sessions: Annotated[list[SessionAsked], Meta(max_length=24)] = []
    limit_units: Annotated[int, Meta(ge=0, lt=10**18)] = 0
    basket_holds: Annotated[
        dict[AssetCode, Decimal],
        Meta(max_length=20, description="What one unit of the basket holds, by currency."),
    ] = {}


class PhaseAsked(Asked):
    """Which phase, and why."""

    phase: PhaseWord
    reason: Annotated[Reason, Meta(min_length=1)]


class BandsAsked(Asked):
    """A new reference price, from which the daily limits and the collar follow."""

    reference: Decimal
    widened: bool = False


class SeedDigest(Asked):
    """The SHA-256 of the seed from which the next random end follows."""

    digest: HexDigest


class SeedRevealed(Asked):
    """The seed itself, in hex."""

    seed: Annotated[str, Meta(pattern=r"^([0-9a-f]{2}){16,32}$(?!\n)")]


class ReversalAsked(Asked):
    """Why a trade is taken back."""

    reason: Annotated[str, Meta(min_length=1, max_length=140)]


class GroupAsked(Asked):
    """The group with which a participant's orders count: another participant; null: alone."""

    group: BicText | None = None
