"""The shapes of orders about the network itself: members, participants, people, accounts, money, calendars.

Each is the body of one route; what is refused, and who may order what, is the state's to say.
"""

from typing import Annotated, Literal

from msgspec import Meta, field

from steelyard.client.types import (
    Asked,
    AssetCode,
    BicText,
    DateText,
    HexDigest,
    InstantText,
    Money,
    Name,
    Reference,
    UuidText,
)

ActorId = Annotated[
    str, Meta(pattern=r"^[pk]-[A-Za-z0-9-]{1,40}$(?!\n)", description="A person or system key.")
]
MemberCode = Annotated[str, Meta(pattern=r"^[A-Z0-9]{2,8}$(?!\n)", description="A member's code.")]
Reason = Annotated[str, Meta(max_length=35)]
Decimal = Annotated[str, Meta(min_length=1, max_length=40, description="A decimal string.")]
IncotermWord = Literal["EXW", "FCA", "CPT", "FOB", "CFR", "CIF", "DAP"]
AccountName = Annotated[
    str, Meta(min_length=3, max_length=120, description="owner/ASSET or owner/ASSET/purpose")
]
RoleName = Literal[
    "operator", "settlement_agent", "maker", "checker", "compliance_officer", "fx_provider", "trader",
    "warehouse", "inspector", "carrier", "overseer", "auditor",
]  # fmt: skip


class Because(Asked):
    """An act that needs nothing but, if one likes, a short reason."""

    reason: Reason = ""


class MemberAsked(Asked):
    """A member to be: who it is, its currency, who issues that, and the packs it must have."""

    code: MemberCode
    name: Name
    asset: AssetCode
    scale: Annotated[int, Meta(ge=0, le=9)]
    settlement_agent: BicText
    packs: list[tuple[str, str]] = []
    open_to_all: bool = False


class CapAsked(Asked):
    """How much of its currency a settlement agent issues at most."""

    cap: Money


class CurrencyRules(Asked):
    """A settlement agent's rules about its currency, all of them anew. Lines are decimal texts of it.

    Up to `issue_line` one person issues and redeems by hand. `advice_line` is up to what amount advised money
    is issued by the standing rule; without one there is no bound.
    """

    open_to_all: bool
    allowed: list[BicText] = []
    fund_on_advice: bool = False
    issue_line: Decimal = "0"
    advice_line: Decimal | None = None
    stop_on_difference: bool = True
    queue_mode: Literal["fifo", "bypass", "guarded"] | None = None
    """How payers' queues are tried; without it, as before"""


class ParticipantAsked(Asked):
    """A bank or provider that wants to take part."""

    bic: BicText
    member: MemberCode
    name: Name
    lei: Annotated[str, Meta(pattern=r"^[A-Z0-9]{18}[0-9]{2}$(?!\n)")] | None = None
    provider: bool = False
    currencies: list[AssetCode] = []
    fx_on_settlement: bool = False


class SuspensionAsked(Asked):
    """A suspension; with `sending_only` the participant may still receive."""

    sending_only: bool = False
    reason: Reason = ""


class ClosingAsked(Asked):
    """The digest of the final statement that both sides signed."""

    statement: HexDigest


class CurrenciesAsked(Asked):
    """Further currencies that a participant asks to hold."""

    currencies: Annotated[list[AssetCode], Meta(min_length=1, max_length=100)]


class Settings(Asked):
    """What a participant sets for itself; what is left out stays.

    `accepts` are standing acceptances: an asset and up to what amount payments in it are taken without an
    offer, "any" for all, null to take it away. `lines` are amounts above which its own orders take two people.
    """

    accepts: dict[AssetCode, Decimal | None] | None = None
    lines: dict[AssetCode, Decimal | None] | None = None
    best_quote: bool | None = None
    requote_tolerance_bp: Annotated[int, Meta(ge=0, le=10_000)] | None = None
    outside_hours: Literal["next_day", "refuse"] | None = None
    reports_credit: bool | None = None
    oversubscription_bp: Annotated[int, Meta(ge=5_000, le=20_000)] | None = None
    splits: bool | None = None
    """whether large payments may settle in parts unless they say otherwise"""
    tells_parts: bool | None = None
    """whether the creditor agent is told part by part, or only when a payment is complete"""
    by_cycle: Annotated[list[AssetCode], Meta(max_length=64)] | None = None
    """currencies whose payments, high and normal, go into the open netting cycle"""
    pays_in: bool | None = None
    """whether what a cycle calls for is paid in without an order"""
    explainable: bool | None = None
    """whether, where nothing is split, payments are settled in each payer's order, by no optimiser"""


class PersonAsked(Asked):
    """A person who shall act for an owner. The answer brings a one-time code to enrol with, shown once."""

    actor: ActorId
    owner: str
    roles: Annotated[list[RoleName], Meta(min_length=1, max_length=12)]
    human: Annotated[str, Meta(max_length=200)] = ""
    """What tells this human from others, such as a staff number: kept as a keyed digest alone"""
    public_key: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")] | None = None


class SystemKeyAsked(Asked):
    """A system key that shall act for an owner, held by one of its persons."""

    actor: ActorId
    owner: str
    roles: Annotated[list[RoleName], Meta(min_length=1, max_length=12)]
    holder: ActorId
    public_key: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)")] | None = None
    valid_from: InstantText | None = None
    valid_to: InstantText | None = None


class RolesAsked(Asked):
    """An actor's roles from now on."""

    roles: Annotated[list[RoleName], Meta(min_length=1, max_length=12)]


class AdviceAsked(Asked):
    """What the RTGS advises: so much is locked for a participant. `funding` names the request, if one was."""

    participant: BicText
    amount: Money
    advice: Reference
    funding: UuidText | None = None


class IssueAsked(Asked):
    """An issue by hand: to whom, how much, and the outside reference of the money locked."""

    participant: BicText
    amount: Money
    reference: Reference


class FundingRuling(Asked):
    """What becomes of a listed funding: issued now, or paid back."""

    issue: bool


class PayoutAsked(Asked):
    """What the RTGS did with a pay-out order."""

    paid: bool
    amount: Money
    payout: Annotated[str, Meta(max_length=35)] = ""
    reason: Reason = ""


class RedemptionRuling(Asked):
    """What two people found in the RTGS's statement about an overdue order."""

    paid: bool
    statement: Reference


class ReserveItem(Asked):
    """One movement of the reserve account: in positive, out with a minus."""

    reference: Annotated[str, Meta(min_length=1, max_length=70)]
    value: Annotated[str, Meta(min_length=1, max_length=41)]


class ReserveStatement(Asked):
    """A statement of the reserve account: its items since the one before, and its closing balance."""

    asset: AssetCode
    statement: Reference
    until_at: InstantText
    closing: Decimal
    items: list[ReserveItem] = []


class Clearing(Asked):
    """Which currency's differences two people have looked into."""

    reason: Annotated[str, Meta(min_length=1, max_length=35)]


class AccountAsked(Asked):
    """A further account: `reserved` for a purpose, or `client` with its ceiling."""

    asset: AssetCode
    kind: Literal["reserved", "client"]
    purpose: Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{1,35}$(?!\n)")]
    ceiling: Decimal | None = None


class BoundsAsked(Asked):
    """An account's bounds anew: a floor below zero is a line, written with a minus; no ceiling, no bound."""

    floor: Annotated[str, Meta(min_length=1, max_length=41)] = "0"
    ceiling: Decimal | None = None


class BlockAsked(Asked):
    """Which way an account is blocked; a freeze stops what is reserved too."""

    debits: bool = True
    credits: bool = True
    freeze: bool = False


class LimitAsked(Asked):
    """A limit on what leaves one's own accounts in a currency; `other` is the counterparty of a pair."""

    kind: Literal["net_debit", "pair", "flow"]
    cap: Money
    other: str = ""
    reset: bool = False


class MoveAsked(Asked):
    """An amount from one own account to another, by their names."""

    source: AccountName
    target: AccountName
    amount: Money


class SweepAsked(Asked):
    """Whose residual accounts are emptied; without currencies all that hold or lack anything."""

    currencies: Annotated[list[AssetCode], Meta(max_length=1_000)] = []


class ReserveAsked(Asked):
    """An amount set aside from an own account for another account until a deadline.

    With a voyage and a step of it, such as LOADING, it is not settled before the voyage has come to that.
    """

    source: AccountName
    target: AccountName
    amount: Money
    deadline_at: InstantText
    voyage: UuidText | None = None
    after_step: Annotated[str, Meta(min_length=1, max_length=35)] | None = None


class ReleaseAsked(Asked):
    """Which part of a reservation is settled; without an amount, all of it."""

    amount: Money | None = None


class CalendarRowAsked(Asked):
    """One date of a currency: when it starts, whether it is a business day, when transfers are open."""

    on: DateText
    starts_at: InstantText
    business: bool
    open: list[tuple[InstantText, InstantText]] = []


class CalendarAsked(Asked):
    """A revision of a currency's calendar, whole. Cut-offs are minutes before close, by kind."""

    revision: Annotated[int, Meta(ge=1)]
    rows: list[CalendarRowAsked] = []
    cutoffs: dict[Literal["customer", "institution", "redeem"], Annotated[int, Meta(ge=0, le=1440)]] = {}
    always_open: bool = False
    issued_at: InstantText | None = None
    in_force_from: InstantText | None = None


class PackAsked(Asked):
    """A version of a pack, whole: the content as text, and its SHA-256."""

    kind: Annotated[str, Meta(min_length=1, max_length=35)]
    id: Annotated[str, Meta(min_length=1, max_length=35)]
    version: Annotated[str, Meta(min_length=1, max_length=35)]
    content: str
    digest: HexDigest
    in_force_from: InstantText | None = None


class ActivationAsked(Asked):
    """A rule of the release that comes into force."""

    rule: Annotated[str, Meta(min_length=1, max_length=70)]
    from_at: InstantText


RateKind = Literal["official", "interbank", "market", "cross"]


class RateAsked(Asked):
    """A reference rate: units of `quote` per unit of `base`."""

    base: AssetCode
    quote: AssetCode
    rate: Annotated[str, Meta(pattern=r"^[0-9]{1,18}(\.[0-9]{1,17})?$(?!\n)")]
    simulation: bool = False


class RatesAsked(Asked):
    """Reference rates of one source, time and kind: an authority's, banks', a market's, or computed from others."""

    source: Annotated[str, Meta(min_length=1, max_length=70)]
    at: InstantText
    rates: Annotated[list[RateAsked], Meta(min_length=1, max_length=1_000)]
    kind: RateKind = "market"


class RateConfirmed(Asked):
    """A rate that is stale or has jumped and is right all the same, named by its pair, kind and time."""

    base: AssetCode
    quote: AssetCode
    kind: RateKind
    at: InstantText


class RateChoice(Asked):
    """The kind of rate that applies to one use."""

    flow: Literal["quote", "fx_batch", "pool", "credit"]
    kind: RateKind


class RateRulesAsked(Asked):
    """A currency's rules about its rates, all of them anew."""

    stale_after_ms: Annotated[int, Meta(ge=1, le=5_184_000_000)] = 93_600_000
    dual_bp: Annotated[int, Meta(ge=1, le=1_000_000)] = 500
    jump_bp: Annotated[int, Meta(ge=1, le=1_000_000)] = 300
    kinds: Annotated[list[RateKind], Meta(min_length=1, max_length=4)] = field(
        default_factory=lambda: ["official", "interbank", "market", "cross"]
    )
    choices: Annotated[list[RateChoice], Meta(max_length=4)] = field(default_factory=list)
