"""The shapes of money that comes in and goes out, of accounts and their statements."""

from steelyard.client.types.base import Amount, Asked, Money, Told


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
    """Money set aside on an account; with a voyage it is settled once that has come to `after_step`."""

    bundle_id: str
    kind: str
    amount: Amount
    direction: str
    reference: str | None
    deadline_at: str | None
    voyage: str | None = None
    after_step: str | None = None


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
