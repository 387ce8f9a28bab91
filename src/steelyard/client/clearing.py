"""The shapes of clearing: how a member stands, contracts, runs, claims, fund, defaults; what is ordered there."""

from typing import Annotated, Literal

from msgspec import Meta

from steelyard.client.acts import Decimal
from steelyard.client.types import (
    Amount,
    Asked,
    AssetCode,
    BicText,
    DateText,
    HexDigest,
    Money,
    Told,
    UuidText,
)

Contract = Annotated[str, Meta(min_length=1, max_length=64, description="Code of a cleared contract.")]
Bp = Annotated[int, Meta(ge=0, le=10_000)]
Seconds = Annotated[int, Meta(ge=1, le=30 * 86_400)]
StepSeconds = Annotated[int, Meta(ge=60, le=30 * 86_400)]
Lots = Annotated[int, Meta(ge=0, lt=10**9)]
SignedLots = Annotated[int, Meta(gt=-(10**9), lt=10**9, description="Below zero: sold.")]
SignedDecimal = Annotated[
    str,
    Meta(
        pattern=r"^-?[0-9]{1,16}(\.[0-9]{1,9})?$(?!\n)",
        description="A decimal string; below zero with a minus.",
    ),
]


class JoinAsked(Asked):
    """Become a member of the house in a currency."""

    currency: AssetCode


class ClearingMoney(Asked):
    """So much money."""

    amount: Money


class ContributionAsked(Asked):
    """So much into one's share of the default fund; a sponsor's into the house's liquidity or capital."""

    amount: Money
    purpose: Literal["default-fund", "clearing-liquidity", "clearing-capital"] = "default-fund"


class ClaimPayment(Asked):
    """In which currency one pays what one owes out of runs, and how much of it; all where nothing is said."""

    currency: AssetCode
    value: Decimal | None = None


class BidAsked(Asked):
    """A bid for lots of a portfolio (below zero: the bidder sells), at the worst price it takes, a tonne."""

    contract: Contract
    lots: SignedLots
    price: SignedDecimal


class GoodsBidAsked(Asked):
    """A bid for a receipt of a defaulter, whole, at a price a tonne in the currency in which the house counts it."""

    receipt_id: UuidText
    price: Money


class DeskAsked(Asked):
    """How a currency is cleared: who provides the house's money, the times of a run, the rules of the fund."""

    currency: AssetCode
    sponsor: BicText
    collect_seconds: Seconds = 7_200
    grace_seconds: Seconds = 3_600
    assessments_bp: Bp = 10_000
    least_share: Decimal = "0"
    non_bidders_first: bool = False


class ContractAsked(Asked):
    """Terms of a cleared contract, all anew. Prices are decimals a tonne; limits are lots of one group, 0 for none."""

    contract: Contract
    commodity: Annotated[str, Meta(min_length=1, max_length=64)]
    currency: AssetCode
    unit_kg: Annotated[int, Meta(ge=1, lt=10**12)]
    tick: Decimal
    scan_range: Decimal
    spread: Decimal = "0"
    limit_lots: Lots = 0
    delivery_limit_lots: Lots = 0
    delivery_from_on: DateText | None = None
    delivery_bp: Bp = 0
    median_lots: Lots = 0


class AcceptedAsked(Asked):
    """What counts as collateral, and for how much: cash of a currency, or receipts of a class at a price a kilogram."""

    asset: Annotated[str, Meta(min_length=1, max_length=64)]
    kind: Literal["cash", "receipt"]
    currency: AssetCode
    haircut_bp: Bp = 0
    mismatch_bp: Bp = 0
    price: Decimal | None = None
    cap_bp: Bp = 10_000


class RunAsked(Asked):
    """Mark the contracts of a currency to their published settlement prices of the day.

    `prices`, a tonne, are for contracts that have none published or are to be marked to another: by two people, who
    say why in `reason`.
    """

    currency: AssetCode
    prices: Annotated[dict[Contract, SignedDecimal], Meta(max_length=5_000)] = {}
    reason: Annotated[str, Meta(max_length=400)] = ""


class ModelAsked(Asked):
    """What a model found for each holder of lots in a currency; `inputs` is the SHA-256 of what it took."""

    currency: AssetCode
    version: Annotated[str, Meta(min_length=1, max_length=64)]
    inputs: HexDigest
    margins: Annotated[dict[BicText, Decimal], Meta(max_length=2_000)]


class SeizeAsked(Asked):
    """The currency whose sponsor takes a receipt of a member in default."""

    currency: AssetCode


class StressesAsked(Asked):
    """Stresses of a currency: in each, by how much the prices of contracts move, a tonne."""

    currency: AssetCode
    stresses: Annotated[list[dict[Contract, SignedDecimal]], Meta(max_length=200)]


class CaseAsked(Asked):
    """Whose default, the SHA-256 of the report on why, and how long each step may take."""

    participant: BicText
    report: HexDigest
    step_seconds: StepSeconds = 3_600


class StepAsked(Asked):
    """Which step of a default, its report, and for a hedge the numbers of the bids that it takes.

    The last step, `report`, says how the member stands from then on.
    """

    step: Literal["cure", "hedge", "auction", "tear_up", "cover", "report"]
    report: HexDigest
    bids: Annotated[list[Annotated[int, Meta(ge=1, lt=2**62)]], Meta(max_length=1_000)] = []
    ends: Literal["expelled", "readmitted"] | None = None


class ReadmitAsked(Asked):
    """Which member that was expelled is let back, and the SHA-256 of the report on why."""

    participant: BicText
    report: HexDigest


class ReductionAsked(Asked):
    """Whose lots of which contract are above their limit, and the report on why they are reduced."""

    participant: BicText
    contract: Contract
    report: HexDigest
    step_seconds: StepSeconds = 3_600


class ReportAsked(Asked):
    """The SHA-256 of the report on an auction."""

    report: HexDigest


class PositionHeld(Told):
    """Lots of a contract (below zero: sold), its last settlement price, and what the lots have gained against it."""

    contract: str
    currency: str
    lots: int
    settlement_price: str | None
    gain: Amount | None
    """of trades since the contract was last marked; null before its first settlement price"""


class MarginOfCurrency(Told):
    """What one's positions in a currency need, of what parts, what covers it, and what is short."""

    currency: str
    required: Amount
    base: Amount
    delivery: Amount
    concentration: Amount
    modelled: bool
    """Whether the base is a model's figure; else it is the scan's"""
    cash: Amount
    covered: Amount
    short: Amount


class FundShare(Told):
    """A share of the default fund: what is asked for, and what is paid in."""

    participant: str
    required: Amount
    paid: Amount


class MarginDue(Told):
    """What is still to be paid in an open run, and until when."""

    run_id: str
    amount: Amount
    deadline_at: str


class ClaimPart(Told):
    """What is owed out of a run."""

    run_id: str
    amount: Amount
    on: str | None


class MarginStanding(Told):
    """How a member stands in clearing; who is none has no `joined_on`.

    `owes` and `waits_for` are claims out of runs that are over.
    """

    participant: str
    group: str
    joined_on: str | None
    suspended: bool
    expelled: bool
    positions: list[PositionHeld]
    margins: list[MarginOfCurrency]
    cash: list[Amount]
    fund: list[FundShare]
    due: list[MarginDue]
    owes: list[ClaimPart]
    waits_for: list[ClaimPart]


class ContractTerms(Told):
    """A contract that is cleared, its last settlement price and how many lots are open."""

    contract: str
    commodity: str
    currency: str
    unit_kg: int
    tick: str
    scan_range: str
    spread: str
    limit_lots: int
    delivery_limit_lots: int
    delivery_from_on: str | None
    delivery_bp: int
    median_lots: int
    settlement_price: str | None
    open_lots: int


class AcceptedTerms(Told):
    """What counts as collateral. `price` is of a kilogram, exact; null for cash."""

    asset: str
    kind: str
    currency: str
    haircut_bp: int
    mismatch_bp: int
    price: str | None
    cap_bp: int


class Part(Told):
    """A member's part in a run, a claim or a loss."""

    participant: str
    amount: Amount


class Run(Told):
    """A run of variation margin. A member sees its own part of `due`, `collected` and `gain`."""

    run_id: str
    number: int
    currency: str
    on: str | None
    state: Literal["CALLED", "PAID"]
    called_at: str
    deadline_at: str
    total: Amount
    prices: dict[str, str]
    sources: dict[str, str]
    """where each price is from: how a published one was made, `stands` (the last one), or `by_hand`"""
    reason: str | None
    """why prices were given by hand"""
    due: list[Part]
    collected: list[Part]
    gain: list[Part]


class ClearingClaim(Told):
    """A claim out of a run: what the house advanced for a member, and what gainers wait for."""

    run_id: str
    participant: str
    on: str | None
    amount: Amount
    advanced: Amount
    unpaid: list[Part]


class CaseStep(Told):
    """A step that was done, and the SHA-256 of its report."""

    event: str
    at: str
    report: str


class CaseBid(Told):
    """A bid for lots of a portfolio."""

    number: int
    participant: str
    contract: str
    lots: int
    price: str


class CaseGoods(Told):
    """A receipt that a defaulter has lodged, and the least that is bid for it, a tonne: its count as collateral."""

    receipt_id: str
    code: str
    kg: int
    least: Amount


class CaseGoodsBid(Told):
    """A bid for a receipt of a defaulter, a tonne."""

    number: int
    participant: str
    receipt_id: str
    price: Amount


class CaseLoss(Told):
    """What each layer of the waterfall has paid in a currency."""

    currency: str
    loss: Amount
    margin: Amount
    own_fund: Amount
    capital: Amount
    survivors: list[Part]
    assessments: list[Part]
    gains: list[Part]
    uncovered: Amount


class CaseConversion(Told):
    """Cash of the defaulter that a provider took for the currency of a loss, at its firm quote; the provider's own."""

    paid: Amount
    got: Amount
    provider: str


class Case(Told):
    """A member's default, or the reduction of its lots of one contract to their limit."""

    case_id: str
    number: int
    participant: str
    contract: str | None
    state: Literal["SUSPENDED", "HEDGED", "UNSOLD", "SOLD", "COVERED", "REDUCING", "CLOSED"]
    opened_at: str
    due_at: str
    portfolio: dict[str, int]
    steps: list[CaseStep]
    bids: list[CaseBid]
    goods: list[CaseGoods]
    """While bids are taken: receipts that are sold as far as the losses need it"""
    goods_bids: list[CaseGoodsBid]
    losses: list[CaseLoss]
    conversions: list[CaseConversion]


class Fund(Told):
    """The default fund of a currency, and what the house has there of its own. A member sees its own share."""

    currency: str
    sponsor: str
    size: Amount
    liquidity: Amount
    capital: Amount
    shares: list[FundShare]
