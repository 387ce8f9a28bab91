"""What payments ask of the directory, the rulebook and the calendars, in one place.

Account numbers are 0 where an owner has no such account: the engine then says that it is not found.
"""

from typing import NamedTuple, Protocol

from steelyard.engine.accounts import CLOSED, CREDITS_BLOCKED, DEBITS_BLOCKED
from steelyard.flows.fields import PayFields, PaymentKind
from steelyard.flows.world import World
from steelyard.members.participants import Participant
from steelyard.members.rulebook import Rulebook
from steelyard.payments.clocks import Clocks
from steelyard.payments.fees import FeeRow
from steelyard.payments.payment import Payment
from steelyard.payments.refusals import PaymentRefusal
from steelyard.payments.rules import PaymentRules, read
from steelyard.values.instants import Instant

MS = 1_000_000


class Rules(NamedTuple):
    """What payments read of a rulebook, in their own units: nanoseconds, rows of fees."""

    rulebook: Rulebook
    book: PaymentRules
    clocks: Clocks
    fees: tuple[FeeRow, ...]


_last: list[Rules] = []
"""The rules made last: a memo of a pure function, no state. The rulebook is one object while it is in force."""


def rules(world: World, at: Instant) -> Rules:
    """Give the rules in force."""
    rulebook = world.packs.rulebook(at)
    if _last and _last[0].rulebook is rulebook:
        return _last[0]
    book = read(rulebook.payments)
    made = Rules(rulebook, book, book.clocks(), book.fee_rows())
    _last[:] = [made]
    return made


def clocks(world: World, at: Instant) -> Clocks:
    """Give the clocks in force."""
    return rules(world, at).clocks


def settlement_account(world: World, bic: str, asset: str) -> int:
    """Give the settlement account of a participant, or 0."""
    return world.members.accounts.settlement(bic, asset) or 0


def provider_account(world: World, bic: str, asset: str) -> int:
    """Give the account a provider deals from, or 0."""
    return world.members.accounts.fx(bic, asset) or 0


def fee_account(world: World, keeper: str, asset: str) -> int:
    """Give where an owner keeps its fees, or 0."""
    return world.members.fee_account(keeper, asset) or 0


def suspense_account(world: World, bic: str, asset: str) -> int:
    """Give the suspense account of a participant, or 0."""
    return world.members.suspense_account(bic, asset) or 0


def who(world: World, fields: PayFields) -> PaymentRefusal | tuple[Participant, Participant]:
    """Give debtor and creditor agent of a payment, or why one of them may not take part."""
    participants = world.members.participants
    debtor = participants.get(fields.debtor_agent)
    if debtor is None:
        return PaymentRefusal.DEBTOR_AGENT_UNKNOWN
    if not debtor.sends:
        return PaymentRefusal.DEBTOR_AGENT_IS_BARRED
    creditor = participants.get(fields.creditor_agent)
    if creditor is None:
        return PaymentRefusal.CREDITOR_AGENT_UNKNOWN
    if not creditor.receives:
        return PaymentRefusal.CREDITOR_AGENT_IS_SUSPENDED
    return (debtor, creditor) if debtor is not creditor else PaymentRefusal.AGENTS_MUST_DIFFER


def accounts(world: World, fields: PayFields) -> PaymentRefusal | None:
    """Say what is wrong with the accounts that a payment would move, or nothing."""
    assets = world.members.assets
    if fields.source not in assets or fields.target not in assets:
        return PaymentRefusal.CURRENCY_IS_NOT_SETTLED
    all_accounts = world.engine.accounts
    payer = all_accounts[settlement_account(world, fields.debtor_agent, fields.source)]
    if payer is None:
        return PaymentRefusal.DEBTOR_HAS_NO_ACCOUNT
    if payer.gate & (CLOSED | DEBITS_BLOCKED):
        closed = payer.gate & CLOSED
        return PaymentRefusal.DEBTOR_ACCOUNT_IS_CLOSED if closed else PaymentRefusal.DEBTOR_ACCOUNT_IS_BLOCKED
    payee = all_accounts[settlement_account(world, fields.creditor_agent, fields.target)]
    if payee is None:
        return PaymentRefusal.CREDITOR_HAS_NO_ACCOUNT
    if payee.gate & (CLOSED | CREDITS_BLOCKED):
        closed = payee.gate & CLOSED
        return (
            PaymentRefusal.CREDITOR_ACCOUNT_IS_CLOSED
            if closed
            else PaymentRefusal.CREDITOR_ACCOUNT_IS_BLOCKED
        )
    return None


def bar(world: World, payment: Payment) -> PaymentRefusal | None:
    """Say who of a waiting payment was suspended since it was accepted, or nothing."""
    participants = world.members.participants
    if not participants[payment.debtor_agent].sends:
        return PaymentRefusal.DEBTOR_AGENT_WAS_SUSPENDED
    if not participants[payment.creditor_agent].receives:
        return PaymentRefusal.CREDITOR_AGENT_WAS_SUSPENDED
    for bic in payment.providers:
        if not participants[bic].receives:
            return PaymentRefusal.PROVIDER_WAS_SUSPENDED
    return None


class Payee(Protocol):
    """What of a payment standing acceptance looks at."""

    @property
    def kind(self) -> int:
        """Whose money it is."""

    @property
    def target(self) -> str:
        """What arrives."""


def stands(creditor: Participant, payment: Payee, target_minor: int) -> bool:
    """Tell whether a creditor agent takes a payment without being asked. A bank's own money it always does."""
    return payment.kind != PaymentKind.CUSTOMER or creditor.accepts(payment.target, target_minor)


def tolerance_bp(world: World, bic: str) -> int | None:
    """Give by how much worse a new rate may be without asking the sender; None where it wants to be asked."""
    settings = world.members.participants[bic].settings
    return settings.requote_tolerance_bp if settings.best_quote or settings.requote_tolerance_bp else None
