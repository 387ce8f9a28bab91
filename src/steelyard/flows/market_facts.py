"""Facts about books: what is listed, orders, trades, phases, auctions, firm quotes, what is committed to trade.

The list of all facts, and what a fact is, stand in `facts.py`.
"""

from steelyard.flows.fact import Fact


class InstrumentListed(Fact, frozen=True, tag="market.listed"):
    """An instrument is traded on these terms; `terms` is the packed `market.books.Listing`."""

    code: str
    contract: str
    way: str
    asset: str
    currency: str
    basket: str
    kg: int
    terms: bytes


class TradeMoneyMoved(Fact, frozen=True, tag="market.money"):
    """Money went into a trade account from its owner's settlement account, or back (below zero)."""

    owner: str
    asset: str
    minor: int
    bundle_id: bytes


class OrderEntered(Fact, frozen=True, tag="market.order"):
    """An order was accepted. A price or stop of 0: none. `stp` -1: as the instrument says."""

    order_id: bytes
    owner: str
    instrument: str
    currency: str
    side: int
    type: int
    tif: int
    quantity: int
    price: int
    stop: int
    peak: int
    post_only: bool
    aon: bool
    stp: int
    until_on: int
    session: str
    order_no: int


class OrderRefused(Fact, frozen=True, tag="market.order_refused"):
    """One of several orders or cancels of a command was refused; `place` counts from 0."""

    order_id: bytes
    owner: str
    place: int
    refusal: int


class OrderMoved(Fact, frozen=True, tag="market.order_moved"):
    """An order changed: `event` is traded, cancelled, replaced, decremented or released; what is left is open.

    One of which nothing is left is filled, unless `why` says what took it out: a resting order that met its own group.
    """

    order_id: bytes
    event: str
    left: int
    why: int = 0
    price: int = 0
    quantity: int = 0
    """New terms, where it was replaced"""


class MarketTraded(Fact, frozen=True, tag="market.trade"):
    """One fill. `taker` 0 buyer, 1 seller, 2 neither: an auction. `price` is the resting order's, an auction's own.

    An auction in many currencies has no price in any of them, but in the unit of the basket: then it is 0.
    """

    trade_id: bytes
    instrument: str
    buy: bytes
    sell: bytes
    buyer: str
    seller: str
    quantity: int
    price: int
    buyer_currency: str
    buyer_minor: int
    seller_currency: str
    seller_minor: int
    quote_no: int
    taker: int
    bundle_id: bytes
    settles_on: int = 0
    """The day on which money and title move, where that is not at once: its bundle comes then"""
    provider: str = ""
    """Whose firm quote joined the two currencies; empty within one"""
    basket_price: str = ""
    """In many currencies: the price in minor units of the basket, whole or "p/q"; empty where no quotes tell it"""


class TradeSettled(Fact, frozen=True, tag="market.trade_settled"):
    """A trade that was to settle on a later day has."""

    trade_id: bytes
    bundle_id: bytes


class TradeReversed(Fact, frozen=True, tag="market.trade_reversed"):
    """A trade was taken back by both its sides and two persons of the operator."""

    trade_id: bytes
    bundle_id: bytes
    reason: str


class PhaseMoved(Fact, frozen=True, tag="market.phase"):
    """An instrument is in another phase; `price` is what started a volatility call."""

    instrument: str
    phase: int
    why: int
    reason: str = ""
    price: int = 0


class AuctionDone(Fact, frozen=True, tag="market.auction"):
    """A call came to a price (whole or "p/q" text, minor units; empty: none), or goes on (`extended`).

    In many currencies it is in the unit of the basket; `rates` are what was frozen, by currency: basket minor units
    for one minor unit, as text.
    """

    instrument: str
    price: str
    volume: int
    surplus: int
    extended: bool = False
    rates: tuple[tuple[str, str], ...] = ()


class DepthMoved(Fact, frozen=True, tag="market.depth"):
    """What is shown at some prices of a book is now this: (currency, side, price, quantity); price 0: without one."""

    instrument: str
    levels: tuple[tuple[str, int, int, int], ...]


class Indicated(Fact, frozen=True, tag="market.indicated"):
    """What a call would come to if it ended now: its price as that of an auction, empty for none."""

    instrument: str
    price: str
    volume: int
    surplus: int


class BandsSet(Fact, frozen=True, tag="market.bands"):
    """Reference, daily limits and collar of an instrument; -1: none."""

    instrument: str
    reference: int
    limit_low: int
    limit_high: int
    dyn_low: int
    dyn_high: int


class FirmQuoteMoved(Fact, frozen=True, tag="market.quote"):
    """A firm quote stands, was used, or has ended; `event` is put, used, withdrawn, expired or failed."""

    quote_id: bytes
    quote_no: int
    event: str
    provider: str
    sell: str
    buy: str
    num: int
    den: int
    sell_left: int
    valid_until: int


class GroupSet(Fact, frozen=True, tag="market.group"):
    """An owner's orders count with a group; empty: alone."""

    owner: str
    group: str


class SeedCommitted(Fact, frozen=True, tag="market.seed"):
    """The digest of a seed was committed for an instrument's next random end; with `seed` it was revealed."""

    instrument: str
    digest: bytes
    seed: bytes


class SettlementPriced(Fact, frozen=True, tag="market.settlement"):
    """The settlement price of an instrument for a day, by which tier, from which inputs (SHA-256)."""

    instrument: str
    on: int
    price: int
    tier: str
    inputs: bytes
    reason: str = ""
