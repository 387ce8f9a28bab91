"""The shapes of claims that are set off without money."""

from typing import Annotated, Literal

from msgspec import Meta

from steelyard.client.types import Amount, Asked, AssetCode, BicText, DateText, Money, Told

HashText = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$(?!\n)", description="SHA-256, as 64 hex digits.")]
ClaimState = Literal["filed", "confirmed", "part_set_off", "set_off", "withdrawn"]


class ClaimAsked(Asked):
    """What one owes another: one of them is the sender. The hash is that of the invoice behind it."""

    debtor: BicText
    creditor: BicText
    amount: Money
    due_on: DateText
    document_hash: HashText


class SetOffAsked(Asked):
    """The currency whose claims are to be set off."""

    currency: AssetCode


class SetOffRuleAsked(Asked):
    """Whether the law of one's member lets claims of its banks be set off."""

    allowed: bool


class ClaimPart(Told):
    """What of a claim was set off in a batch, and what was left."""

    batch_id: str
    amount: Amount
    left: Amount
    bundle_id: str
    at: str


class Claim(Told):
    """A claim as it stands. `parts` are told of one claim, not in lists."""

    claim_id: str
    debtor: str
    creditor: str
    amount: Amount
    open: Amount
    due_on: str | None
    document_hash: str
    debtor_confirmed: bool
    creditor_confirmed: bool
    filed_by: str
    state: ClaimState
    filed_at: str
    changed_at: str
    parts: list[ClaimPart] | None = None
