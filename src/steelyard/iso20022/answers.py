"""Our answers to the one who sent: which, when, and what they say.

Everything is a function of its arguments. Ids are derived, never random: the same outcome delivered again
is byte-equal. Payments get a pacs.002, what was refused before that an admi.002; reports and notices get no
answer unless they are faulty.
"""

from typing import Final

from steelyard.iso20022 import write
from steelyard.iso20022.context import Context, Finding, Outcome, Verdict
from steelyard.iso20022.desk import HEADER, Desk, ascii_line, checked, desk_of, header_values, own_id, stamped
from steelyard.iso20022.reasons import ADMI_WORDS
from steelyard.iso20022.reports import (
    Original,
    OriginalTx,
    Status,
    group_report,
    original_of,
    original_of_verdict,
    status_report,
    verdict_report,
)
from steelyard.iso20022.rules.view import PAYMENTS

__all__ = [
    "Desk",
    "Original",
    "OriginalTx",
    "Status",
    "answer",
    "answer_kind",
    "desk_of",
    "group_report",
    "original_of",
    "original_of_verdict",
    "own_id",
    "refusal",
    "reject",
    "status_report",
    "verdict_report",
]

ADMI: Final = "admi.002.001.01"
_PLACE_MAX, _REFERENCE_MAX = 350, 35


def answer_kind(verdict: Verdict) -> str | None:
    """Name the message that answers a verdict, None where none is due."""
    if verdict.outcome is Outcome.REFUSED:
        return "admi.002"
    if verdict.body is None or verdict.message is None:
        return None
    if verdict.message[:8] in PAYMENTS:
        return "pacs.002"
    return None if verdict.outcome is Outcome.ACCEPTED else "admi.002"


def answer(verdict: Verdict, context: Context, *, at: int) -> bytes | None:
    """Write the answer to a verdict, None where none is due: admi.002, or pacs.002 for payments."""
    desk, item = desk_of(context), verdict.raw_sha256
    kind = answer_kind(verdict)
    if kind == "pacs.002":
        return verdict_report(verdict, desk, at=at, item=item, listed=not context.limits.is_file)
    return reject(verdict, desk, at=at, item=item) if kind is not None else None


def reject(verdict: Verdict, desk: Desk, *, at: int, item: bytes) -> bytes:
    """Write the admi.002 of a verdict: one word, where, and why."""
    finding = verdict.findings[0]
    reference = (verdict.reference or verdict.raw_sha256.hex()[:32])[:_REFERENCE_MAX]
    return refusal(finding, desk, at=at, item=item, reference=reference, receiver=verdict.sender)


def refusal(
    finding: Finding, desk: Desk, *, at: int, item: bytes, reference: str, receiver: str | None
) -> bytes:
    """Write an admi.002 for a finding. Words beyond the stable list are codes of rules."""
    values = {
        "reference": reference,
        "reason": finding.code,
        "refused_at": stamped(at),
        "text": ascii_line(finding.text or ADMI_WORDS.get(finding.code, "refused"), _PLACE_MAX),
    }
    if finding.path:
        values["place"] = ascii_line(finding.path, _PLACE_MAX)
    header = header_values(desk, own_id(desk.prefix, at, item), ADMI, at=at, receiver=receiver)
    return checked(write.document(header, values, (HEADER, ADMI)), desk)
