"""Facts about clearing: desks, terms, members, cleared trades, margin runs, claims, the fund and defaults.

The list of all facts, and what a fact is, stand in `facts.py`.
"""

from steelyard.flows.fact import Fact

Amounts = tuple[tuple[str, int], ...]
"""Names with minor units, by name"""


class ClearingSet(Fact, frozen=True, tag="clearing.set"):
    """A desk, a contract's terms or the terms of collateral are now these; `values` are in the order of the struct."""

    what: str
    name: str
    values: tuple[str | int | bool, ...]


class ClearingJoined(Fact, frozen=True, tag="clearing.joined"):
    """A participant is a member of the house in a currency, counted with a group."""

    bic: str
    asset: str
    group: str


class TradeCleared(Fact, frozen=True, tag="clearing.trade"):
    """A trade became two positions against the counterparty."""

    trade_id: bytes
    contract: str
    buyer: str
    seller: str
    lots: int
    price: int


class CollateralMoved(Fact, frozen=True, tag="clearing.collateral"):
    """Money went into an account for clearing (`purpose`), or out of it (below zero)."""

    bic: str
    purpose: str
    asset: str
    minor: int
    bundle_id: bytes


class MarginModelled(Fact, frozen=True, tag="clearing.model"):
    """A model's margins count for the positions as they stand. `inputs` is the SHA-256 of what they follow from."""

    asset: str
    version: str
    inputs: bytes
    margins: Amounts


class MarginCalled(Fact, frozen=True, tag="clearing.called"):
    """Contracts were marked to their settlement prices; payers owe until the deadline."""

    run_id: bytes
    number: int
    asset: str
    on: int
    deadline_at: int
    prices: Amounts
    due: Amounts
    gain: Amounts
    sources: tuple[tuple[str, str], ...]
    """(contract, where its price is from), by contract"""
    reason: str
    """Why prices were given by hand; empty where all are published"""


class MarginCollected(Fact, frozen=True, tag="clearing.collected"):
    """A payer paid what it owes in a run."""

    run_id: bytes
    bic: str
    asset: str
    minor: int
    bundle_id: bytes


class MarginPaid(Fact, frozen=True, tag="clearing.paid"):
    """A run is over: what gainers got, what was taken from margins, advanced, or left for later."""

    run_id: bytes
    asset: str
    on: int
    bundle_id: bytes
    paid: Amounts
    from_margin: Amounts
    advanced: Amounts
    unpaid: Amounts


class ClaimPaid(Fact, frozen=True, tag="clearing.claim"):
    """A payer paid on a claim out of a run; `left_minor` is still open."""

    run_id: bytes
    bic: str
    asset: str
    minor: int
    left_minor: int
    bundle_id: bytes


class FundSized(Fact, frozen=True, tag="clearing.fund"):
    """The default fund of a currency is to be so large, and these are its shares."""

    asset: str
    size: int
    shares: Amounts


class CaseMoved(Fact, frozen=True, tag="clearing.case"):
    """A step of a member's default. `report` is the SHA-256 of the report on it."""

    case_id: bytes
    number: int
    member: str
    event: str
    after: str
    due_at: int
    report: bytes
    sales: tuple[tuple[str, str, int, int], ...] = ()
    """(contract, member, lots, price): what others took over"""


class MemberJudged(Fact, frozen=True, tag="clearing.member"):
    """How a member stands from here on: "suspended", "expelled" or "active". `report` is the SHA-256 of the paper."""

    bic: str
    state: str
    case_id: bytes
    report: bytes


class CashConverted(Fact, frozen=True, tag="clearing.converted"):
    """A provider took a defaulter's cash for another currency at its firm quote, towards his loss there."""

    case_id: bytes
    member: str
    source: str
    paid_minor: int
    asset: str
    got_minor: int
    provider: str
    quote_id: bytes
    bundle_id: bytes


class BidPut(Fact, frozen=True, tag="clearing.bid"):
    """A member bid for lots of a defaulter's portfolio."""

    case_id: bytes
    number: int
    member: str
    contract: str
    lots: int
    price: int


class GoodsBidPut(Fact, frozen=True, tag="clearing.goods_bid"):
    """A member bid for a receipt of a defaulter, at a price a tonne."""

    case_id: bytes
    number: int
    member: str
    receipt_id: bytes
    code: str
    asset: str
    price: int


class GoodsSold(Fact, frozen=True, tag="clearing.goods_sold"):
    """A receipt of a defaulter was sold in its auction; what it brought is on its margin account."""

    case_id: bytes
    receipt_id: bytes
    code: str
    kg: int
    member: str
    price: int
    asset: str
    minor: int
    bundle_id: bytes


class LossBorne(Fact, frozen=True, tag="clearing.loss"):
    """What the layers of the waterfall paid for a default in one currency. Sums are decimal text."""

    case_id: bytes
    asset: str
    loss: str
    margin: int
    own_fund: int
    capital: int
    survivors: Amounts
    assessments: Amounts
    gains: Amounts
    uncovered: str
