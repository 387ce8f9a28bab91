"""What a flow has done so far: facts in the order in which they happened, and who must be told.

A notice about a payment carries one row of data, the same for every kind, so that one renderer serves all:
`PAYMENT_DATA` names its places.
"""

from enum import IntEnum

from msgspec import Raw, Struct

from steelyard.flows.command import Code, Notice, Outcome, encode
from steelyard.payments.payment import Payment
from steelyard.values.refusal import Refusal

PAYMENT_DATA = (
    "role", "state", "refusal", "reason", "message_digest", "ordinal", "settlement_on",
    "source", "debit_minor", "target", "target_minor", "payee_minor",
)  # fmt: skip
"""Role is "debtor", "creditor" or "provider": in which part the recipient is told."""

PART_DATA = ("part_no", "settled_minor", "open_minor")
"""What follows in a notice about a payment that settles in parts. Its amounts are then those of the part told
of; a payment that was closed with a rest given up tells of what settled in all."""


class Parts(IntEnum):
    """What a notice tells of a payment that settles in parts."""

    NONE = 0
    """nothing: it is about the payment as a whole"""
    LAST = 1
    ALL = 2


DEBTOR, CREDITOR, PROVIDER = "debtor", "creditor", "provider"


class Diary:
    """Collects the facts and notices of one command.

    `looked_at` counts the waiting payments that long works, cut into steps, have looked at in this command:
    all of them together keep to one step.
    """

    __slots__ = ("facts", "looked_at", "notices")

    def __init__(self) -> None:
        self.facts: list[Raw] = []
        self.notices: list[Notice] = []
        self.looked_at = 0

    def fact(self, fact: Struct) -> None:
        """Write down a change of state."""
        self.facts.append(Raw(encode(fact)))

    def tell(self, recipient: str, kind: str, subject: bytes, *data: int | str | bytes) -> None:
        """Let a party be told."""
        self.notices.append(Notice(recipient, kind, subject, data))

    def tell_of(
        self,
        payment: Payment,
        role: str,
        kind: str,
        *,
        refusal: int = 0,
        reason: str = "",
        parts: int = Parts.NONE,
    ) -> None:
        """Let the debtor or creditor agent of a live payment be told how it stands."""
        terms = payment.terms
        target_minor = terms.target_minor if terms is not None else payment.target_minor
        debit_minor = payment.debit_minor
        payee_minor = terms.payee_minor if terms is not None else target_minor
        told: tuple[int, ...] = ()
        if parts:
            told = (payment.parts, payment.settled_minor, payment.open_minor)
            part = payment.last_minor if parts == Parts.LAST else payment.settled_minor
            if payment.open_minor:  # fees go with the last part
                debit_minor = target_minor = payee_minor = part
            else:
                debit_minor, payee_minor = (
                    debit_minor - target_minor + part,
                    payee_minor - target_minor + part,
                )
                target_minor = part
        self.notices.append(
            Notice(
                payment.debtor_agent if role == DEBTOR else payment.creditor_agent,
                kind,
                payment.uetr,
                (
                    role, payment.state, refusal, reason, payment.message_digest, payment.ordinal,
                    payment.settlement_on, payment.source, debit_minor, payment.target, target_minor,
                    payee_minor, *told,
                ),
            )
        )  # fmt: skip

    def tell_both(self, payment: Payment, kind: str, *, reason: str = "") -> None:
        """Let debtor and creditor agent of a live payment be told how it stands as a whole."""
        terms = payment.terms
        target_minor = terms.target_minor if terms is not None else payment.target_minor
        told = (
            payment.state, 0, reason, payment.message_digest, payment.ordinal, payment.settlement_on,
            payment.source, payment.debit_minor, payment.target, target_minor,
            terms.payee_minor if terms is not None else target_minor,
        )  # fmt: skip
        uetr = payment.uetr
        self.notices.append(Notice(payment.debtor_agent, kind, uetr, (DEBTOR, *told)))
        self.notices.append(Notice(payment.creditor_agent, kind, uetr, (CREDITOR, *told)))

    def done(self) -> Outcome:
        """Give the outcome of a command that was carried out."""
        return Outcome(Code.DONE, 0, -1, tuple(self.facts), tuple(self.notices))

    def repeated(self) -> Outcome:
        """Give the outcome of a command that asks for what was done before."""
        return Outcome(Code.REPEATED, 0, -1, tuple(self.facts), tuple(self.notices))

    def refused(self, refusal: Refusal, leg: int = -1) -> Outcome:
        """Give the outcome of a command that was refused, with what is to be remembered of it."""
        return Outcome(Code.REFUSED, refusal.code, leg, tuple(self.facts), tuple(self.notices))


def refused(refusal: Refusal, leg: int = -1) -> Outcome:
    """Give the outcome of a command that was refused and changed nothing."""
    return Outcome(Code.REFUSED, refusal.code, leg)
