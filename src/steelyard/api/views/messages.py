"""Messages as JSON: what a check found, and what became of the payments in one."""

from collections.abc import Sequence

from steelyard.api import intake
from steelyard.api.call import Call, Reply
from steelyard.api.intake import Taken
from steelyard.api.problems import MEDIA_TYPE, encode, problem
from steelyard.api.route import JSON, XML
from steelyard.api.views.payments import payment_answer
from steelyard.client.types import Fault, Finding, MessageAnswer, MessageChecked
from steelyard.iso20022.context import Context, Verdict
from steelyard.iso20022.context import Finding as Found

_KINDS = {
    "XML01": "malformed-body", "XML02": "malformed-body", "XML03": "malformed-body", "XML04": "body-too-large",
    "SIG03": "signer-does-not-own-account",
}  # fmt: skip
"""What a refused message is as a problem; the rest has the wrong shape."""


def refused_problem(call: Call, verdict: Verdict, context: Context) -> Reply:
    """Answer a message of which nothing is known to the books: admi.002, or a problem for JSON."""
    finding = verdict.findings[0]
    said = problem(
        _KINDS.get(finding.code, "schema-violation"), finding.text, code=finding.code,
        errors=[Fault(finding.path, finding.code, finding.text)],
    )  # fmt: skip
    if call.accepts(JSON):
        said.instance = f"urn:steelyard:request:{call.request_id}"
        return Reply(said.status, encode(said), MEDIA_TYPE)
    return Reply(said.status, intake.refusal_answer(verdict, context), XML)


def message_answer(verdict: Verdict, taken: Sequence[Taken], call: Call) -> MessageAnswer:
    """Give what became of a message and of each payment that was handed in."""
    return MessageAnswer(
        outcome=verdict.outcome.value,
        message=verdict.message,
        codes=verdict.codes,
        findings=[finding_of(one) for one in verdict.findings],
        raw_sha256=verdict.raw_sha256.hex(),
        payments=[payment_answer(one.found, one.pay.fields, call.directory) for one in taken],
        transactions=counts(verdict),
    )


def checked(verdict: Verdict) -> MessageChecked:
    """Give what a check found."""
    return MessageChecked(
        outcome=verdict.outcome.value,
        message=verdict.message,
        profile=verdict.profile,
        codes=verdict.codes,
        findings=[finding_of(one) for one in verdict.findings],
        findings_beyond=verdict.findings_beyond,
        raw_sha256=verdict.raw_sha256.hex(),
        transactions=counts(verdict),
    )


def finding_of(one: Found) -> Finding:
    """Give a finding as it crosses the wire."""
    return Finding(
        rule=one.rule, code=one.code, path=one.path, text=one.text, scope=one.scope, ordinal=one.ordinal
    )


def counts(verdict: Verdict) -> dict[str, int] | None:
    """Give how many payments of a message go on and how many do not."""
    if verdict.transactions is None:
        return None
    return {"accepted": verdict.transactions[0], "rejected": verdict.transactions[1]}
