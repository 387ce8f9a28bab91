"""Status reports (pacs.002): about one payment from a template, about a whole message row by row.

RJCT without a reason cannot be built. Narrative goes out as printable ASCII, 105 characters a line.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from msgspec import Struct

from steelyard.iso20022 import write
from steelyard.iso20022.context import GROUP, Finding, Verdict
from steelyard.iso20022.desk import (
    HEADER,
    Desk,
    Values,
    ascii_line,
    checked,
    day_text,
    header_values,
    own_id,
    stamped,
)
from steelyard.iso20022.profiles import Profile
from steelyard.iso20022.reasons import DATED

ANSWERS: Final = {  # the answer's version is that of the received message's generation
    "pacs.008.001.08": "pacs.002.001.10",
    "pacs.008.001.11": "pacs.002.001.13",
    "pacs.008.001.12": "pacs.002.001.14",
    "pacs.008.001.13": "pacs.002.001.15",
    "pacs.009.001.08": "pacs.002.001.10",
    "pacs.009.001.11": "pacs.002.001.14",
}
_LINE_MAX, _MORE = 105, " ..."
_TRANSACTIONS_MAX = 10_000


class OriginalTx(Struct, frozen=True, array_like=True):
    """The references of one received payment, as they stood."""

    end_to_end_id: str
    instruction_id: str = ""
    transaction_id: str = ""
    uetr: str = ""


class Original(Struct, frozen=True, array_like=True):
    """What an answer quotes of the message it answers. It holds references alone, no party and no amount
    but the control sum; still it is evidence, not journal."""

    definition: str
    message_id: str
    created_at: str
    count: str
    control_sum: str
    sender: str
    service: str
    header_id: str
    transactions: tuple[OriginalTx, ...]


class Status(Struct, frozen=True):
    """The status of one transaction: `ordinal` is its place from 1, `code` the reason (RJCT needs one),
    `lines` the narrative, `effective_on` the settlement date (days) of a settled one."""

    ordinal: int
    status: str
    code: str | None = None
    lines: tuple[str, ...] = ()
    effective_on: int | None = None


def original_of(message: str, header_id: str, header: Values | None, body: Values) -> Original:
    """Take from a message's lexical values what its answers will quote."""
    group = body["group"]
    return Original(
        message,
        group["message_id"],
        group["created_at"],
        group.get("count", ""),
        group.get("control_sum", ""),
        (header or {}).get("from", {}).get("bic", ""),
        (header or {}).get("service", ""),
        header_id,
        tuple(
            OriginalTx(
                tx["end_to_end_id"],
                tx.get("instruction_id", ""),
                tx.get("transaction_id", ""),
                tx.get("uetr", ""),
            )
            for tx in body["transactions"]
        ),
    )


def original_of_verdict(verdict: Verdict) -> Original:
    """Give the original of a judged payment message."""
    if verdict.message is None or verdict.body is None:
        raise ValueError("only a judged message has an original")
    return original_of(verdict.message, verdict.header_id or HEADER, verdict.header, verdict.body)


def verdict_report(verdict: Verdict, desk: Desk, *, at: int, item: bytes, listed: bool = True) -> bytes:
    """Write the pacs.002 of a judged message: group status, then its transactions.

    With `listed` every transaction stands in it, else the rejected ones alone, 10,000 at most.
    """
    original = original_of_verdict(verdict)
    group_findings = [finding for finding in verdict.findings if finding.scope == GROUP]
    statuses = [
        status for status in transaction_statuses(verdict, desk.profile) if listed or status.status == "RJCT"
    ][:_TRANSACTIONS_MAX]
    accepted, rejected = verdict.transactions or (0, 0)
    status = "ACTC" if not rejected else "RJCT" if not accepted else "PART"
    reason = group_findings[0] if group_findings else None
    lines = narrative(group_findings[1:], desk.profile)
    return group_report(
        original,
        desk,
        status,
        statuses,
        at=at,
        item=item,
        code=reason.code if reason is not None else None,
        lines=((_said(reason), *lines) if reason is not None else ()),
        counts=(("ACTC", accepted), ("RJCT", rejected)) if status == "PART" else (),
    )


def transaction_statuses(verdict: Verdict, profile: Profile) -> list[Status]:
    """Give each transaction's status: its own first code, else that of the group, else ACTC."""
    count = len(verdict.body["transactions"]) if verdict.body is not None else 0
    group = next((finding.code for finding in verdict.findings if finding.scope == GROUP), None)
    own: dict[int, list[Finding]] = {}
    for finding in verdict.findings:
        if finding.ordinal is not None:
            own.setdefault(finding.ordinal, []).append(finding)
    rows = []
    for ordinal in range(1, count + 1):
        findings = own.get(ordinal)
        if findings:
            rows.append(Status(ordinal, "RJCT", findings[0].code, narrative_of(findings, profile)))
        elif group is not None:
            rows.append(Status(ordinal, "RJCT", group))
        else:
            rows.append(Status(ordinal, "ACTC"))
    return rows


def narrative_of(findings: Sequence[Finding], profile: Profile) -> tuple[str, ...]:
    """Give the narrative of a rejection: its cause, then what else was found."""
    return (_said(findings[0]), *narrative(findings[1:], profile))[: profile.narrative_lines]


def narrative(findings: Sequence[Finding], profile: Profile) -> tuple[str, ...]:
    """Give one line per finding, `CODE text (path)`; the last one says how many are not shown."""
    room = profile.narrative_lines - 1
    lines = [_said(finding) for finding in findings[:room]]
    if len(findings) > room:
        lines = [*lines[: room - 1], f"{len(findings) - max(room - 1, 0)} further findings are not shown"]
    return tuple(lines)


def status_report(original: Original, status: Status, desk: Desk, *, at: int, item: bytes) -> bytes:
    """Write the pacs.002 about one payment, from the template of its shape.

    `item` is the outbox item's id: the message id is derived from it. A status that the profile does not
    send is the caller's business (`reasons.status_of` says so).
    """
    tx = original.transactions[status.ordinal - 1]
    effective = status.status in DATED and status.effective_on is not None
    shape = (
        original.header_id,
        ANSWERS[original.definition],
        bool(original.service),
        bool(original.created_at),
        bool(tx.instruction_id),
        bool(tx.transaction_id),
        bool(tx.uetr),
        _code(status),
        len(status.lines),
        effective,
    )
    stamp = stamped(at)
    slots = {
        "hub": desk.hub_bic,
        "sender": original.sender,
        "id": own_id(desk.prefix, at, item),
        "at": stamp,
        "service": original.service,
        "message": original.message_id,
        "definition": original.definition,
        "created": original.created_at,
        "instruction": tx.instruction_id,
        "end": tx.end_to_end_id,
        "transaction": tx.transaction_id,
        "uetr": tx.uetr,
        "status": status.status,
        "code": status.code or "",
        "on": day_text(status.effective_on) if status.effective_on is not None else "",
    }
    for i, line in enumerate(status.lines):
        slots[f"line{i}"] = narrative_line(line)
    return checked(_template(*shape).fill(slots), desk, form=shape)


def group_report(
    original: Original,
    desk: Desk,
    status: str,
    statuses: Sequence[Status],
    *,
    at: int,
    item: bytes,
    code: str | None = None,
    lines: Sequence[str] = (),
    counts: Sequence[tuple[str, int]] = (),
) -> bytes:
    """Write the pacs.002 about a whole message with the transactions given."""
    version = ANSWERS[original.definition]
    group: Values = {
        "original_message_id": original.message_id,
        "original_definition": original.definition,
        "original_created_at": original.created_at,
    }
    if original.count:
        group["original_count"] = original.count
    if original.control_sum:
        group["original_control_sum"] = original.control_sum
    group["status"] = status
    if code is not None:
        group["reasons"] = [_reason(desk.hub_bic, code, lines[: desk.profile.narrative_lines])]
    if counts:
        group["counts"] = [{"count": str(number), "status": name} for name, number in counts]
    message_id = own_id(desk.prefix, at, item)
    values = {
        "group": _group(desk, message_id, at, original.sender),
        "groups": [group],
        "transactions": [_transaction(original, one, desk) for one in statuses],
    }
    header = header_values(
        desk, message_id, version, at=at, receiver=original.sender or None, service=original.service
    )
    return checked(write.document(header, values, (original.header_id, version)), desk)


def _said(finding: Finding) -> str:
    return (
        f"{finding.code} {finding.text} ({finding.path})"
        if finding.path
        else f"{finding.code} {finding.text}"
    )


def narrative_line(text: str) -> str:
    """Give a line of narrative: printable ASCII; what is too long ends at a word, and says so.

    >>> narrative_line("AM03 no currency"), narrative_line("word " * 30)[-13:], len(narrative_line("x" * 200))
    ('AM03 no currency', 'word word ...', 105)
    """
    line = ascii_line(text, len(text))
    if len(line) <= _LINE_MAX:
        return line
    whole = line[: _LINE_MAX - len(_MORE)].rpartition(" ")[0]
    return whole + _MORE if len(whole) > _LINE_MAX // 2 else line[: _LINE_MAX - 3] + "..."


def _code(status: Status) -> bool:
    if status.status == "RJCT" and not status.code:
        raise ValueError("a rejection has a reason")
    return status.code is not None


def _reason(hub: str, code: str, lines: Sequence[str]) -> Values:
    values: Values = {"originator": {"bic": hub}, "reason": {"code": code}}
    if lines:
        values["text"] = [narrative_line(line) for line in lines]
    return values


def _group(desk: Desk, message_id: str, at: int, receiver: str) -> Values:
    values: Values = {
        "message_id": message_id,
        "created_at": stamped(at),
        "instructing_agent": {"bic": desk.hub_bic},
    }
    if receiver:
        values["instructed_agent"] = {"bic": receiver}
    return values


def _transaction(original: Original, status: Status, desk: Desk) -> Values:
    tx = original.transactions[status.ordinal - 1]
    values: Values = {}
    if tx.instruction_id:
        values["original_instruction_id"] = tx.instruction_id
    values["original_end_to_end_id"] = tx.end_to_end_id
    if tx.transaction_id:
        values["original_transaction_id"] = tx.transaction_id
    if tx.uetr:
        values["original_uetr"] = tx.uetr
    values["status"] = status.status
    if _code(status):
        values["reasons"] = [_reason(desk.hub_bic, status.code or "", status.lines)]
    if status.effective_on is not None and status.status in DATED:
        values["settled"] = {"on": day_text(status.effective_on)}
    return values


@cache
def _template(
    header_id: str,
    version: str,
    service: bool,
    created: bool,
    instruction: bool,
    transaction: bool,
    uetr: bool,
    code: bool,
    lines: int,
    effective: bool,
) -> write.Template:
    """Compile the report about one payment in one shape."""
    slot = write.slot
    header: Values = {
        "from": {"bic": slot("hub")},
        "to": {"bic": slot("sender")},
        "business_message_id": slot("id"),
        "definition": version,
        "created_at": slot("at"),
    }
    if service:
        header["service"] = slot("service")
    original: Values = {"message_id": slot("message"), "definition": slot("definition")}
    if created:
        original["created_at"] = slot("created")
    row: Values = {
        "original_group": original,
        "original_end_to_end_id": slot("end"),
        "status": slot("status"),
    }
    for there, name, mark in (
        (instruction, "original_instruction_id", "instruction"),
        (transaction, "original_transaction_id", "transaction"),
        (uetr, "original_uetr", "uetr"),
    ):
        if there:
            row[name] = slot(mark)
    if code:
        reason: dict[str, Any] = {"originator": {"bic": slot("hub")}, "reason": {"code": slot("code")}}
        if lines:
            reason["text"] = [slot(f"line{i}") for i in range(lines)]
        row["reasons"] = [reason]
    if effective:
        row["settled"] = {"on": slot("on")}
    values = {
        "group": {
            "message_id": slot("id"),
            "created_at": slot("at"),
            "instructing_agent": {"bic": slot("hub")},
            "instructed_agent": {"bic": slot("sender")},
        },
        "transactions": [row],
    }
    return write.document_template(header, values, (header_id, version))
