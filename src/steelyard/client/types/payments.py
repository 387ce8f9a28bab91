"""The shapes of payments: what a payer asks, and what the node tells of them."""

from typing import Annotated, Literal

from msgspec import Meta

from steelyard.client.types.base import (
    Amount,
    Asked,
    BicText,
    Code4,
    DateText,
    HexDigest,
    InstantText,
    Money,
    Problem,
    Reference,
    Told,
    UetrText,
    UuidText,
)
from steelyard.client.types.parties import Account, Party


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
