"""What became of a payment, one class for each end and each way of waiting, to be told apart by `match`.

They are made from the API's answer, which each of them carries whole. `Refused` is an answer like the others;
a client made with `raise_refused=True` raises it instead of giving it back.
"""

from typing import Any

from msgspec import Struct

from steelyard.client.errors import reason, told
from steelyard.client.types import Amount, PaymentAnswer, Problem


class Result(Struct, frozen=True):
    """Base of what became of a payment. `answer` is the API's own, for all that is not named here."""

    uetr: str
    answer: PaymentAnswer

    @property
    def seq(self) -> int | None:
        """Row of the journal that holds it."""
        return self.answer.seq

    @property
    def state(self) -> str | None:
        """State of the payment."""
        return self.answer.state

    @property
    def debit(self) -> Amount | None:
        """What leaves the debtor agent."""
        return self.answer.debit

    @property
    def credit(self) -> Amount | None:
        """What is left for the payee."""
        return self.answer.credit


class Settled(Result, frozen=True):
    """The money has moved, for good."""


class Queued(Result, frozen=True):
    """It waits; `reason` says for what: funds, provider, window or consent."""

    reason: str = ""


class Held(Result, frozen=True):
    """It waits for a decision of compliance; `reason` says what holds it."""

    reason: str = ""


class Offered(Result, frozen=True):
    """All its money is set aside, and the creditor agent is asked for its yes."""


class Proposed(Result, frozen=True):
    """A second person must approve it before anything happens."""


class Cancelled(Result, frozen=True):
    """It was taken back before it settled."""


class Unknown(Result, frozen=True):
    """Nobody knows yet what became of it. Sending it again under `key`, or asking by UETR, is always safe."""

    reason: str = ""
    key: str = ""


class Refused(Exception):
    """A rule refused it: nothing moved. `problem` names the rule, `iso` is its ISO 20022 code.

    `answer` is what the API said, of a payment or of any other command.
    """

    def __init__(self, answer: Any) -> None:
        problem: Problem = answer.refusal
        super().__init__(told(problem))
        self.answer = answer
        self.problem = problem
        self.iso: str | None = answer.iso
        self.uetr: str = getattr(answer, "uetr", "") or ""
        self.seq: int | None = answer.seq
        self.state: str | None = answer.state

    @property
    def code(self) -> str:
        """Name of the refusal."""
        return self.problem.code

    @property
    def reason(self) -> str:
        """What does not hold, in words."""
        return reason(self.problem)


PaymentResult = Settled | Queued | Held | Offered | Proposed | Cancelled | Unknown | Refused

SETTLED_STATES = ("SETTLED", "CREDITED", "UNPOSTED")
_QUEUED_STATES = ("RECEIVED", "VALIDATED", "QUEUED", "RESERVED", "PREPARED")
_HELD_STATES = ("SCREENING", "HELD", "FROZEN")


def result_of(answer: PaymentAnswer) -> PaymentResult:
    """Give the result that an answer means."""
    uetr, state = answer.uetr, answer.state or ""
    if state == "CANCELLED":
        return Cancelled(uetr, answer)
    if answer.refusal is not None and (answer.outcome == "refused" or state == "REJECTED"):
        return Refused(answer)
    if state in SETTLED_STATES:
        return Settled(uetr, answer)
    if state in _QUEUED_STATES:
        return Queued(uetr, answer, answer.waits or state.lower())
    if state in _HELD_STATES:
        return Held(uetr, answer, answer.waits or state.lower())
    if state in ("OFFERED", "DECIDED"):
        return Offered(uetr, answer)
    if state == "PROPOSED":
        return Proposed(uetr, answer)
    return Unknown(uetr, answer, f"the node answered {answer.outcome} in state {state or 'none'}")


def unknown_payment(uetr: str, why: str, key: str) -> Unknown:
    """Give the result of a payment whose answer never came."""
    return Unknown(uetr, PaymentAnswer(outcome="unknown", uetr=uetr), why, key)
