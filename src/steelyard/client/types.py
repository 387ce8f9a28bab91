"""The shapes that cross the wire as JSON, for the API and its client alike: one set, no copies.

What a caller sends refuses unknown fields; what the node answers may gain fields in later releases, so a
client passes over those it does not know. Money is `{"asset", "value"}` with `value` a decimal string, never
a JSON number; answers add `amount_minor`, also a string. Instants are RFC 3339 UTC text ending in Z and named
`..._at`, dates are YYYY-MM-DD and named `..._on`, rates are exact decimal strings. Ids that are 16 bytes
inside are UUID text here, digests are lower-case hex.
"""

from typing import Annotated, Any, Generic, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

AssetCode = Annotated[
    str, Meta(pattern=r"^[A-Z0-9.-]{1,32}$(?!\n)", description="Code of an asset, such as INR.")
]
BicText = Annotated[
    str, Meta(pattern=r"^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$(?!\n)", description="A bank's BIC.")
]
UuidText = Annotated[
    str,
    Meta(pattern=r"^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$(?!\n)", description="A UUID in lower case."),
]
UetrText = Annotated[
    str,
    Meta(
        pattern=r"^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$(?!\n)",
        description="A payment's UETR: a version 4 UUID in lower case.",
    ),
]
HexDigest = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)", description="A SHA-256 in lower-case hex.")]
DateText = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$(?!\n)", description="A date.")]
InstantText = Annotated[str, Meta(max_length=40, description="An instant, RFC 3339 with its offset.")]
Reference = Annotated[str, Meta(min_length=1, max_length=35)]
Name = Annotated[str, Meta(min_length=1, max_length=140)]
Code4 = Annotated[
    str, Meta(pattern=r"^[A-Z0-9]{1,4}$(?!\n)", description="A code of the ISO 20022 code sets.")
]

Item = TypeVar("Item")


class Asked(Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Base of what callers send."""


class Told(Struct, kw_only=True):
    """Base of what the node answers."""


class Money(Struct, forbid_unknown_fields=True):
    """An amount as callers write it."""

    asset: AssetCode
    value: Annotated[str, Meta(min_length=1, max_length=40, description="A decimal string.")]


class Amount(Struct):
    """An amount as the node answers it: the decimal text has exactly the asset's decimals."""

    asset: str
    value: str
    amount_minor: str

    @property
    def minor(self) -> int:
        """The amount in minor units."""
        return int(self.amount_minor)


class Fault(Struct, omit_defaults=True):
    """One thing that is wrong with a request. `pointer` is a JSON pointer, or the path in an XML message."""

    pointer: str
    code: str
    message: str
    given: str = ""


class Problem(Struct, omit_defaults=True):
    """RFC 9457 problem. `code` is stable; `type` is an address on the node that explains it."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    instance: str = ""
    iso_code: str = ""
    retryable: bool = False
    errors: list[Fault] = []


class Page(Told, Generic[Item]):
    """Some of a list. `next` and `prev` are cursors for `after` and `before`, null at an end."""

    items: list[Item]
    next: str | None
    prev: str | None
    applied_seq: int


class Done(Told):
    """The answer to a command: what became of it, once its row is durable.

    `outcome` is done, refused (by a rule; then `refusal` says which) or unknown. `seq` is the row of the
    journal, null where nothing was recorded. `state` is the state of what the command is about. `iso` is
    the ISO 20022 code of a refusal.
    """

    outcome: Literal["done", "refused", "unknown"]
    seq: int | None = None
    state: str | None = None
    refusal: Problem | None = None
    iso: str | None = None
    at: str | None = None
    subject: str | None = None
    """Id of what the command made or changed"""
    details: dict[str, Any] = {}


# parties and accounts


class Address(Asked):
    """Where a party is."""

    street: str | None = None
    building: str | None = None
    floor: str | None = None
    room: str | None = None
    post_box: str | None = None
    post_code: str | None = None
    town: str | None = None
    district: str | None = None
    subdivision: str | None = None
    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}$(?!\n)")] | None = None
    lines: list[Annotated[str, Meta(min_length=1, max_length=70)]] = []


class OtherId(Asked):
    """An identification by a scheme: a code of ISO 20022, or a private word."""

    id: Reference
    scheme: str | None = None
    issuer: Reference | None = None


class Birth(Asked):
    """When and where a person was born."""

    born_on: DateText
    town: Reference
    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}$(?!\n)")]
    province: Reference | None = None


class Party(Asked):
    """A customer, payer or payee."""

    name: Name | None = None
    address: Address | None = None
    bic: BicText | None = None
    lei: Annotated[str, Meta(pattern=r"^[A-Z0-9]{18}[0-9]{2}$(?!\n)")] | None = None
    other_ids: list[OtherId] = []
    person_ids: list[OtherId] = []
    birth: Birth | None = None
    residence: Annotated[str, Meta(pattern=r"^[A-Z]{2}$(?!\n)")] | None = None


class Account(Asked):
    """A customer's account: an IBAN, or a number of a national scheme."""

    iban: Annotated[str, Meta(pattern=r"^[A-Z]{2}[0-9]{2}[A-Za-z0-9]{1,30}$(?!\n)")] | None = None
    id: Annotated[str, Meta(min_length=1, max_length=34)] | None = None
    scheme: Reference | None = None
    issuer: Reference | None = None
    currency: AssetCode | None = None
    name: Annotated[str, Meta(min_length=1, max_length=70)] | None = None


# payments


class ChargeAsked(Asked):
    """A charge that an agent took."""

    amount: Money
    agent: BicText


class PaymentAsked(Asked):
    """One payment. Names and rules are those of a pacs.008 (`kind` customer) or pacs.009 (bank).

    `instructed` is what leaves the payer's side, `settlement` what reaches the creditor agent; in one currency
    `settlement` alone will do. With a `quote_id` whatever of the two is left out is the quote's.
    """

    creditor_agent: BicText
    settlement: Money | None = None
    instructed: Money | None = None
    rate: Annotated[str, Meta(pattern=r"^[0-9]{1,18}(\.[0-9]{1,17})?$(?!\n)")] | None = None
    quote_id: UuidText | None = None
    kind: Literal["customer", "bank"] = "customer"
    uetr: UetrText | None = None
    message_id: Reference | None = None
    instruction_id: Reference | None = None
    end_to_end_id: Reference | None = None
    debtor_agent: BicText | None = None
    debtor: Party | None = None
    debtor_account: Account | None = None
    creditor: Party | None = None
    creditor_account: Account | None = None
    ultimate_debtor: Party | None = None
    ultimate_creditor: Party | None = None
    priority: Literal["HIGH", "NORM"] = "NORM"
    """HIGH: settles within seconds or not at all"""
    settlement_priority: Literal["URGT", "HIGH", "NORM"] | None = None
    """The class in which it queues where money is short; NORM where nothing is said"""
    may_split: bool | None = None
    """Whether parts may settle before the rest; without it the participant's own setting counts"""
    purpose: Code4 | None = None
    category_purpose: Code4 | None = None
    charge_bearer: Literal["SHAR", "DEBT", "CRED"] = "SHAR"
    settlement_on: DateText | None = None
    not_before_at: InstantText | None = None
    not_after_at: InstantText | None = None
    disclosure: HexDigest | None = None
    remittance: list[Annotated[str, Meta(min_length=1, max_length=140)]] = []
    creditor_reference: Reference | None = None
    charges: list[ChargeAsked] = []


Payments = Annotated[list[PaymentAsked], Meta(min_length=1, max_length=1_000)]


class PaymentAnswer(Told):
    """What became of a payment that was sent."""

    outcome: Literal["done", "refused", "unknown"]
    uetr: str
    seq: int | None = None
    state: str | None = None
    waits: str | None = None
    refusal: Problem | None = None
    iso: str | None = None
    status: str | None = None
    """The ISO 20022 status of `state`, such as ACSC"""
    at: str | None = None
    debit: Amount | None = None
    credit: Amount | None = None
    quote_id: str | None = None
    replayed: bool = False
    balances: list["Balance"] = []


class Balance(Told):
    """What an account holds after the command, the caller's own accounts alone."""

    account_no: int
    asset: str
    balance: Amount
    available: Amount


class FeeLine(Told):
    """One fee: what for, who keeps it, how much."""

    what: str
    keeper: str
    amount: Amount


class Payment(Told):
    """One payment as a party of it sees it. `role` is the caller's: debtor, creditor, provider or reader."""

    uetr: str
    kind: str
    service: str
    role: str
    state: str
    status: str | None
    waits: str | None
    settlement_priority: str
    """URGT, HIGH or NORM: its class in its payer's queue"""
    reason: str | None
    """Name of the rule that keeps it in its queue"""
    debtor_agent: str
    creditor_agent: str
    providers: list[str]
    debit: Amount
    instructed: Amount
    settlement: Amount
    credit: Amount
    rate: str | None
    quote_id: str | None
    fees: list[FeeLine]
    settlement_on: str | None
    not_before_at: str | None
    refusal: Problem | None
    iso: str | None
    entered_at: str
    ended_at: str | None
    seq: int
    bundle_id: str | None
    screening: str
    message: str | None
    """Address of the message it came in"""
    split: str
    """Whether parts of it may settle: no, yes, or why not: not_large, not_lawful"""
    settled: Amount
    """What of the settlement amount is final"""
    open: Amount
    """What of it can still settle"""
    abandoned: Amount
    """What of it was given up after parts had settled"""


class PaymentStep(Told):
    """One step of a payment's life."""

    seq: int
    position: int
    at: str
    event: str
    before: str | None
    after: str
    refusal: str | None = None
    detail: list[str] = []


class LegRow(Told):
    """One leg as it was booked or reserved. Balances are those of the caller's own accounts."""

    seq: int
    position: int
    leg_no: int
    at: str
    act: str
    bundle_id: str
    kind: str
    source: str
    target: str
    amount: Amount
    reference: str | None
    balance_after: Amount | None = None


class Cancelled(Asked):
    """Why a payment is to be taken back."""

    reason: Code4 | None = None


class Consent(Asked):
    """What becomes of a payment whose quote died: this quote, or none, and then it ends."""

    quote_id: UuidText | None = None


class Credited(Asked):
    """A creditor agent's report: the payee is credited, or not yet and why."""

    credited: bool = True
    reason: Code4 | None = None


class Offer(Told):
    """A prepared payment that waits for the creditor agent's yes."""

    uetr: str
    debtor_agent: str
    settlement: Amount
    credit: Amount
    service: str
    purpose: str | None
    settlement_on: str | None
    answer_by_at: str
    cancel_asked: bool


class OfferAnswer(Asked):
    """The creditor agent's answer. `code` is the ISO reason of a decline, or of keeping the credit back."""

    answer: Literal["accept", "accept_unposted", "decline"]
    code: Code4 | None = None


# quotes, sheets, trades


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


# money in and out, accounts


class FundAsked(Asked):
    """Money that the participant locks at the settlement agent and wants issued here."""

    amount: Money


class RedeemAsked(Asked):
    """Money to be given back to the outside."""

    amount: Money


class Funding(Told):
    """Money brought in."""

    funding: str
    participant: str
    amount: Amount
    state: str
    reason: str
    bundle_id: str | None
    entered_at: str
    changed_at: str


class Redemption(Told):
    """Money taken out."""

    redemption: str
    participant: str
    amount: Amount
    state: str
    reason: str
    bundle_id: str | None
    entered_at: str
    changed_at: str


class AccountState(Told):
    """One account of the caller."""

    account_no: int
    name: str
    owner: str
    asset: str
    kind: str
    state: str
    balance: Amount
    available: Amount
    reserved_in: Amount
    reserved_out: Amount
    floor: Amount | None = None
    ceiling: Amount | None = None


class Reservation(Told):
    """Money set aside on an account."""

    bundle_id: str
    kind: str
    amount: Amount
    direction: str
    reference: str | None
    deadline_at: str | None


class StatementEntry(Told):
    """One movement of an account."""

    number: int
    at: str
    amount: Amount
    is_credit: bool
    balance: Amount
    counterparty: str
    kind: str
    reference: str | None
    bundle_id: str
    leg_no: int


class Statement(Told):
    """What moved on an account on a business day: opening + entries = closing."""

    account: str
    owner: str
    asset: str
    on: str
    number: int
    opening: Amount
    closing: Amount
    entries: list[StatementEntry]
    closed_at: str
    final: bool


# directory


class Asset(Told):
    """Something that can be booked. `asset_no` is its number in records of legs."""

    asset: str
    asset_class: str
    scale: int
    issuer: str
    state: str
    asset_no: int = 0


class Member(Told):
    """A country or union with one currency."""

    code: str
    name: str
    asset: str
    scale: int
    settlement_agent: str
    state: str


class Currency(Told):
    """A currency's rules, as its settlement agent set them; its ETag goes into If-Match of a change."""

    asset: str
    member: str
    cap: Amount
    open_to_all: bool
    allowed: list[str]
    fund_on_advice: bool
    issue_line: Amount
    advice_line: Amount | None
    stop_on_difference: bool
    queue_mode: str


class Participant(Told):
    """A bank or provider under one member."""

    bic: str
    name: str
    lei: str
    member: str
    state: str
    provider: bool
    sends: bool
    receives: bool
    currencies: list[str]


class ParticipantSettings(Told):
    """What a participant has set for itself; its ETag goes into If-Match of a change."""

    bic: str
    accepts: dict[str, str]
    lines: dict[str, str]
    best_quote: bool
    requote_tolerance_bp: int
    outside_hours: str
    reports_credit: bool
    oversubscription_bp: int
    splits: bool
    tells_parts: bool
    by_cycle: list[str]
    pays_in: bool


class Person(Told):
    """A person or system key that may act for an owner."""

    actor: str
    owner: str
    kind: str
    roles: list[str]
    state: str
    holder: str = ""


class PersonAdded(Told):
    """What became of a person that was added; `code` enrols, once, within 24 hours, when the person may act."""

    outcome: Literal["done", "refused", "unknown"]
    seq: int | None = None
    state: str | None = None
    refusal: Problem | None = None
    iso: str | None = None
    at: str | None = None
    subject: str | None = None
    details: dict[str, Any] = {}
    code: str | None = None
    code_expires_at: str | None = None


class Me(Told):
    """Who the caller is to the node, and what it may do."""

    actor: str
    owner: str
    kind: str
    roles: list[str]
    way: str
    scopes: list[str]
    rights: dict[str, str]


class CalendarShown(Told):
    """A currency's calendar in force, without its days."""

    asset: str
    revision: int
    in_force_from: str
    always_open: bool
    cutoffs: dict[str, int]
    today_on: str | None
    opens_at: str | None
    closes_at: str | None


class CalendarDay(Told):
    """One date of a currency."""

    on: str
    business: bool
    open: list[list[str]]


class Calendar(Told):
    """When money of a currency moves, day by day."""

    asset: str
    revision: int
    always_open: bool
    days: list[CalendarDay]


class Window(Told):
    """The first time at which all of some currencies are open together."""

    currencies: list[str]
    on: str | None
    opens_at: str | None
    closes_at: str | None


class Approval(Told):
    """Something that waits for a second person. `shown` is the digest of exactly what is approved."""

    proposal: str
    state: str
    command: str
    owner: str
    maker: str
    shown: str
    expires_at: str
    fields: dict[str, Any] = {}
    decided_by: str = ""
    outcome: str = ""


class Decision(Asked):
    """A second person's yes or no to what was shown."""

    shown: HexDigest


# events, messages, service


class Event(Told):
    """Something that happened and concerns the caller. `id` sorts in the order of the journal."""

    id: str
    type: str
    at: str
    seq: int
    subject: str
    data: dict[str, Any]


class MessageOut(Told):
    """A message for the caller, in or out."""

    id: str
    message: str
    at: str
    subject: str
    event: str
    raw: str
    """Address of its bytes"""


class Finding(Told):
    """One broken rule of a message."""

    rule: str
    code: str
    path: str
    text: str
    scope: str
    ordinal: int | None = None


class MessageChecked(Told):
    """What the check of a message found; nothing was booked."""

    outcome: str
    message: str | None
    profile: str
    codes: list[str]
    findings: list[Finding]
    findings_beyond: int
    raw_sha256: str
    transactions: dict[str, int] | None = None


class MessageAnswer(Told):
    """What became of an ISO 20022 message, in JSON: the same as the XML answer says."""

    outcome: str
    message: str | None
    codes: list[str]
    findings: list[Finding]
    raw_sha256: str
    payments: list[PaymentAnswer] = []
    transactions: dict[str, int] | None = None


class MemberStatus(Told):
    """Whether a member's currency is open now, and until when."""

    code: str
    asset: str
    state: str
    open: bool
    closes_at: str | None
    opens_at: str | None


class Status(Told):
    """How the node and its members are; needs no log-in."""

    network_id: str
    hub_bic: str
    profile: str
    at: str
    seq: int
    applied_seq: int
    clock: str
    members: list[MemberStatus]
    median_latency_ms: float | None = None


# keys and sessions


class ApiKeyAsked(Asked):
    """A key to make. Without scopes it may do all that its holder may."""

    holder: Annotated[str, Meta(pattern=r"^[pk]-[A-Za-z0-9-]{1,40}$(?!\n)")] | None = None
    label: Annotated[str, Meta(max_length=70)] = ""
    scopes: list[Annotated[str, Meta(pattern=r"^[a-z_.*]{1,40}$(?!\n)")]] = []
    addresses: list[Annotated[str, Meta(max_length=50)]] = []
    days: Annotated[int, Meta(ge=1, le=400)] = 90


class ApiKeyShown(Told):
    """A key without its secret; `key` is there once, in the answer that made it."""

    id: str
    owner: str
    holder: str
    label: str
    scopes: list[str]
    addresses: list[str]
    created_at: str
    expires_at: str
    state: str
    key: str | None = None


class LogInAsked(Asked):
    """What a person of the staff logs in with."""

    person: Annotated[str, Meta(min_length=1, max_length=64)]
    password: Annotated[str, Meta(min_length=1, max_length=256)]
    code: Annotated[str, Meta(max_length=32)] = ""
    """The six digits of the authenticator, or a recovery code"""


class StepUpAsked(Asked):
    """What a person logs in with once more."""

    password: Annotated[str, Meta(min_length=1, max_length=256)]
    code: Annotated[str, Meta(max_length=32)] = ""


class EnrolAsked(Asked):
    """The first coming in of a person: a one-time code, and the password from now on."""

    code: Annotated[str, Meta(min_length=8, max_length=64)]
    password: Annotated[str, Meta(min_length=12, max_length=256)]


class Enrolled(Told):
    """What an enrolment gives, shown once: the secret for the authenticator and recovery codes."""

    person: str
    owner: str
    totp_secret: str
    totp_address: str
    recovery_codes: list[str]


class SessionShown(Told):
    """A running session. `csrf` goes into the header `Steelyard-Csrf` of every change."""

    person: str
    owner: str
    roles: list[str]
    csrf: str
    expires_at: str
    idle_until: str


class AdvanceAsked(Asked):
    """Where to move a simulated clock: `cut_off`, `next_business_day`, an instant, or a span such as PT15M.

    `next_business_day` is the first time at which the currencies of all active members are open together, on a
    later business day of each.
    """

    to: Annotated[str, Meta(min_length=1, max_length=40)]


class Advanced(Told):
    """Where the simulated clock stands now."""

    at: str
    seq: int


def to_json(item: Any) -> bytes:
    """Give an item's JSON."""
    return msgspec.json.encode(item)
