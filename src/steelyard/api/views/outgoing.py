"""Messages to the caller, rendered from notices and evidence: pacs.002, forwarded pacs.008 or pacs.009, camt.054.

Each is a function of a durable outcome and of evidence, so the same id gives the same bytes for ever; the
pacs.002 of an answer over HTTP and that of its notice are one message.
"""

from typing import Any, NamedTuple

import msgspec

from steelyard.api import json_payments, refusals, shape, wire
from steelyard.api.call import Call
from steelyard.api.problems import ProblemError
from steelyard.api.views.events import event_id
from steelyard.api.wire import Faults
from steelyard.client import types
from steelyard.flows.diary import CREDITOR, DEBTOR, PART_DATA, PAYMENT_DATA
from steelyard.iso20022 import answers
from steelyard.iso20022.canonical import Money
from steelyard.iso20022.check import values_of
from steelyard.iso20022.classify import classify
from steelyard.iso20022.context import FILE_TREE, Context, Finding
from steelyard.iso20022.desk import HEADER
from steelyard.iso20022.forward import forward
from steelyard.iso20022.guard import guard
from steelyard.iso20022.lexical_of import body_values
from steelyard.iso20022.notices import Entry, Values, notice
from steelyard.iso20022.parse import parse
from steelyard.iso20022.reasons import code_of_number, status_of
from steelyard.iso20022.reports import Original, OriginalTx, Status, original_of
from steelyard.payments.states import State
from steelyard.storage.evidence import CorruptEvidence, get
from steelyard.storage.queries import Found
from steelyard.values.amount import format_minor
from steelyard.values.instants import DAY

REPORT, FORWARD, NOTICE = "pacs.002", "forward", "camt.054"
NARRATIVE = "NARR"
"""The code whose reason stands in words."""
_SETTLED = "payment.settled"
_PART, _CLOSED = "payment.part_settled", "payment.closed_partly"
_BOOKED = (_SETTLED, _PART)


class Told(NamedTuple):
    """A notice about a payment: its row, its data by name, and the payment's row."""

    row: Found
    data: dict[str, Any]
    payment: Found


class Source(NamedTuple):
    """The message a payment came in: its id, its header's and body's lexical values, and who sent it."""

    message: str
    header_id: str
    header: Values | None
    body: Values
    original: Original
    ordinal: int


def kinds(told: Told, call: Call) -> list[str]:
    """Give which messages a notice stands for."""
    role, event = told.data.get("role"), told.row["kind"]
    if role == DEBTOR:
        return [REPORT, NOTICE] if event in _BOOKED else [REPORT]
    if role != CREDITOR:
        return []
    if event == "payment.offered":
        return [FORWARD]
    if event in (_PART, _CLOSED) or "part_no" in told.data:
        return _of_parts(told, call)
    if event == _SETTLED:
        return [REPORT, NOTICE] if _was_offered(told, call) else [FORWARD, REPORT, NOTICE]
    return [REPORT] if event in ("payment.rejected", "payment.cancelled") else []


def _of_parts(told: Told, call: Call) -> list[str]:
    """Give the messages by which a creditor agent hears of parts; with the first it gets the payment itself.

    Where it is told only when all is over, one notice then tells of everything that settled.
    """
    event, number = told.row["kind"], told.data["part_no"]
    if event == _CLOSED:
        return [REPORT] if _was_told(told, call) else [FORWARD, REPORT, NOTICE]
    if number == 1:
        return [FORWARD, NOTICE]
    return [REPORT, NOTICE] if event == _SETTLED else [NOTICE]


def _was_told(told: Told, call: Call) -> bool:
    """Tell whether a creditor agent heard of the parts of a payment as they settled."""
    filters = [
        ("recipient", "=", told.row["recipient"]),
        ("kind", "=", _PART),
        ("subject", "=", told.row["subject"]),
    ]
    return bool(call.gateway.stores.reader.page("event", filters, limit=1))


def _was_offered(told: Told, call: Call) -> bool:
    """Tell whether a settled payment had been shown to its creditor agent before."""
    if told.row["key"] == told.payment["entered"]:
        return False
    moves = call.gateway.stores.reader.timeline(told.payment["uetr"])
    return any(move["after"] == State.OFFERED for move in moves)


def told_of(row: Found, call: Call) -> Told | None:
    """Read a notice about a payment, None for another."""
    if not row["kind"].startswith("payment.") or not row["data"]:
        return None
    values = msgspec.msgpack.decode(bytes(row["data"]))
    names = (*PAYMENT_DATA, *PART_DATA)[: len(values)]
    if len(names) not in (len(PAYMENT_DATA), len(PAYMENT_DATA) + len(PART_DATA)) or len(names) < len(values):
        return None
    payment = call.gateway.stores.reader.one("payment", uetr=bytes(row["subject"]))
    return Told(row, dict(zip(names, values, strict=True)), payment) if payment else None


def shown(told: Told, call: Call) -> list[types.MessageOut]:
    """List the messages of a notice."""
    id = event_id(told.row)
    return [
        types.MessageOut(
            id=f"{id}-{kind}",
            message=name_of(kind, told),
            at=wire.at_text(told.row["at_ns"]),
            subject=wire.uuid_text(told.payment["uetr"]),
            event=told.row["kind"],
            raw=f"/v1/messages/{id}-{kind}/raw",
        )
        for kind in kinds(told, call)
    ]


def name_of(kind: str, told: Told) -> str:
    """Name the message."""
    if kind == FORWARD:
        return "pacs.008" if told.payment["kind"] == 0 else "pacs.009"
    return kind


def render(told: Told, kind: str, call: Call) -> bytes:
    """Give a message's bytes."""
    at, id = told.row["at_ns"], event_id(told.row)
    context = call.directory.context(None, at, FILE_TREE)
    source = source_of(told, call, context)
    if kind == REPORT:
        return _report(told, source, context, at, id)
    if kind == FORWARD:
        desk = answers.desk_of(context)
        return forward(
            source.message, source.body, source.ordinal, desk, at=at, item=f"{id}-forward".encode(),
            receiver=told.row["recipient"], service=source.original.service, header_id=source.header_id,
        )  # fmt: skip
    return _notice(told, source, context, at, id)


def source_of(told: Told, call: Call, context: Context) -> Source:
    """Read the message that a payment came in out of evidence; what was forgotten is not found."""
    digest, ordinal = told.payment["message_digest"], told.payment["ordinal"]
    try:
        raw = get(call.gateway.stores.evidence, digest)
    except CorruptEvidence:
        raw = None
    if raw is None:
        raise ProblemError("not-found", "the evidence of this message is no longer kept")
    if raw.lstrip()[:1] in (b"{", b"["):
        return _from_json(raw, told, call, context, ordinal)
    guarded = guard(raw, FILE_TREE)
    root = guarded if isinstance(guarded, Finding) else parse(guarded)
    parts = root if isinstance(root, Finding) else classify(root, raw)
    if isinstance(parts, Finding) or parts.document_id is None:
        raise ProblemError("not-found", "the evidence of this message cannot be read")
    header, body = values_of(parts)
    header_id = parts.header_id or HEADER
    return Source(
        parts.document_id,
        header_id,
        header,
        body,
        original_of(parts.document_id, header_id, header, body),
        ordinal,
    )


def _from_json(raw: bytes, told: Told, call: Call, context: Context, ordinal: int) -> Source:
    """Read a payment that came as JSON: the message it would have been."""
    lines = raw.split(b"\n")
    parsed = shape.parse(raw) if raw.lstrip()[:1] == b"[" or len(lines) == 1 else None
    one = parsed[ordinal - 1] if isinstance(parsed, list) else parsed
    if parsed is None:
        one = shape.parse(lines[ordinal - 1]) if ordinal <= len(lines) else shape.parse(raw)
    asked = shape.convert(one, types.PaymentAsked)
    payment = told.payment
    item = json_payments.Item(ordinal, b"", asked, "")
    amounts = (
        Money(payment["source"], payment["source_minor"]), Money(payment["target"], payment["target_minor"])
    )  # fmt: skip
    transfer = json_payments.transfer_of(item, payment["debtor_agent"], amounts, call.directory, Faults())
    transfer = msgspec.structs.replace(
        transfer,
        uetr=wire.uuid_text(payment["uetr"]),
        message_id=asked.message_id or f"J{payment['uetr'].hex()}",
        settlement_on=payment["settlement_on"],
        created_at=payment["entered_at"],
    )
    message = json_payments.CUSTOMER_MESSAGE if asked.kind == "customer" else json_payments.BANK_MESSAGE
    body = body_values([transfer], context.reference.currencies, clearing_system=context.clearing_system)
    original = Original(
        message, transfer.message_id, "", "1", "", payment["debtor_agent"], "", HEADER,
        (OriginalTx(transfer.end_to_end_id, transfer.instruction_id or "", "", transfer.uetr or ""),),
    )  # fmt: skip
    return Source(message, HEADER, None, body, original, 1)


def _report(told: Told, source: Source, context: Context, at: int, id: str) -> bytes:
    """Write the status report of a notice."""
    data = told.data
    code = data["reason"] or (code_of_number(data["refusal"]) if data["refusal"] else None)
    sent = status_of(State(data["state"]), code, context.profile, partly="part_no" in data)
    if sent is None:
        raise ProblemError("not-found", "the profile does not send this status")
    lines = refusals.narrative(data["refusal"], sent[1]) if sent[0] == "RJCT" else _parts(data, context)
    why = sent[1] or (NARRATIVE if lines else None)
    status = Status(source.ordinal, sent[0], why, lines, data["settlement_on"] or None)
    original = source.original
    if told.row["recipient"] != original.sender:
        original = msgspec.structs.replace(original, sender=told.row["recipient"])
    return answers.status_report(original, status, answers.desk_of(context), at=at, item=id.encode())


def _parts(data: dict[str, Any], context: Context) -> tuple[str, ...]:
    """Say in words what of a payment has settled, where it settles in parts."""
    if not data.get("open_minor"):
        return ()
    asset = data["target"]
    scale = context.reference.currencies.get(asset) or 0
    settled, rest = (format_minor(data[name], scale) for name in ("settled_minor", "open_minor"))
    if data["state"] == State.QUEUED:
        return (f"part {data['part_no']}: {asset} {settled} settled, {rest} open",)
    return (f"{asset} {settled} settled, {rest} given up",)


def _notice(told: Told, source: Source, context: Context, at: int, id: str) -> bytes:
    """Write what a settled payment booked on the recipient's account."""
    data, owner = told.data, told.row["recipient"]
    is_credit = data["role"] == CREDITOR
    asset = data["target"] if is_credit else data["source"]
    minor = data["payee_minor"] if is_credit else data["debit_minor"]
    tx = source.original.transactions[source.ordinal - 1]
    entry = Entry(
        format_minor(minor, context.reference.currencies.get(asset) or 0), is_credit, at // DAY,
        data["settlement_on"] or at // DAY, id, uetr=tx.uetr, end_to_end_id=tx.end_to_end_id,
        instruction_id="" if is_credit else tx.instruction_id,
        counterparty=told.payment["debtor_agent" if is_credit else "creditor_agent"],
    )  # fmt: skip
    return notice(
        answers.desk_of(context), [entry], account=f"{owner}/{asset}", currency=asset, owner=owner, at=at,
        item=f"{id}-{NOTICE}".encode(),
    )  # fmt: skip
