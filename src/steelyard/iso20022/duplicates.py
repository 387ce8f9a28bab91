"""Rules 11 and 12 across messages that are checked together, without a node: same message, same payment.

A node judges these against its state; here the memory is one call of the command line.
"""

from msgspec import structs

from steelyard.iso20022.context import GROUP, TRANSACTION, Context, Finding, Outcome, Verdict
from steelyard.iso20022.rules.view import PAYMENTS
from steelyard.iso20022.tables import path_of


class Memory:
    """What was seen: verdicts by sender and message id, UETRs, instruction ids of a sender and a day."""

    def __init__(self) -> None:
        self._messages: dict[tuple[str, str], Verdict] = {}
        self._uetrs: set[str] = set()
        self._instructions: set[tuple[str, int, str]] = set()

    def judge(self, verdict: Verdict, context: Context) -> Verdict:
        """Give the verdict with what the memory adds, and remember it.

        The same Document again has the stored answer again; other content under its id is DU01.
        """
        if verdict.outcome is Outcome.REFUSED or verdict.body is None or verdict.message is None:
            return verdict
        sender = verdict.sender or ""
        message_id = verdict.body.get("group", {}).get("message_id", "")
        known = self._messages.get((sender, message_id))
        if known is not None:
            if known.body_sha256 == verdict.body_sha256:
                return known
            path = path_of(verdict.message, ("group", "message_id"))
            said = Finding("message_unique", "DU01", path, "the id of another message of this sender", GROUP)
            return _with(verdict, [*verdict.findings, said])
        if verdict.message[:8] in PAYMENTS:
            verdict = self._payments(verdict, sender, context.business_on)
        self._messages[sender, message_id] = verdict
        return verdict

    def _payments(self, verdict: Verdict, sender: str, day: int) -> Verdict:
        going_on = {tx.ordinal for tx in verdict.envelope.payments} if verdict.envelope is not None else set()
        added = []
        rows = verdict.body["transactions"] if verdict.body is not None else []
        for ordinal, values in enumerate(rows, 1):
            if ordinal not in going_on:
                continue
            uetr, instruction = values.get("uetr", ""), values.get("instruction_id", "")
            if uetr in self._uetrs:
                added.append(_again(verdict, ordinal, "uetr", "DU03", "a payment with this UETR is known"))
            elif instruction and (sender, day, instruction) in self._instructions:
                text = "this instruction id was used today"
                added.append(_again(verdict, ordinal, "instruction_id", "DU05", text))
            else:
                self._uetrs.add(uetr)
                if instruction:
                    self._instructions.add((sender, day, instruction))
        return _with(verdict, [*verdict.findings, *added]) if added else verdict


def _again(verdict: Verdict, ordinal: int, name: str, code: str, text: str) -> Finding:
    path = path_of(verdict.message or "", ("transactions", ordinal - 1, name))
    return Finding("transaction_unique", code, path, text, TRANSACTION, ordinal)


def _with(verdict: Verdict, findings: list[Finding]) -> Verdict:
    """Give a verdict with more findings: rejected, and what is faulty no longer goes on."""
    count = len(verdict.body.get("transactions", ())) if verdict.body is not None else 0
    faulty = {finding.ordinal for finding in findings if finding.ordinal is not None}
    if any(finding.scope == GROUP for finding in findings):
        faulty = set(range(1, count + 1))
    envelope = verdict.envelope
    if envelope is not None:
        body = tuple(tx for tx in envelope.payments if tx.ordinal not in faulty)
        envelope = structs.replace(envelope, body=body) if body else None
    counted = (count - len(faulty), len(faulty)) if verdict.transactions is not None else None
    return structs.replace(
        verdict, outcome=Outcome.REJECTED, findings=tuple(findings), envelope=envelope, transactions=counted
    )
