"""Rules 12, 19 and 28: references. Uniqueness beyond one message is the state machine's business."""

from collections import Counter

from steelyard.iso20022.context import Context, Finding, quoted
from steelyard.iso20022.rules.view import Message

_REFERENCES = ("instruction_id", "end_to_end_id", "transaction_id", "clearing_reference")
_MESSAGE_ID = ("group", "message_id")


def transaction_unique(message: Message, context: Context) -> list[Finding]:
    """No UETR and no instruction id stands twice in one message; all that share one are rejected."""
    found: list[Finding] = []
    if len(message.transactions) < 2:
        return found
    uetrs = Counter(tx.values.get("uetr") for tx in message.transactions)
    instructions = Counter(tx.values.get("instruction_id") for tx in message.transactions)
    for tx in message.transactions:
        uetr, instruction = tx.values.get("uetr"), tx.values.get("instruction_id")
        if uetr is not None and uetrs[uetr] > 1:
            found.append(
                tx.finding("transaction_unique", "DU03", ("uetr",), "another transaction has this UETR")
            )
        if instruction is not None and instructions[instruction] > 1:
            text = "another transaction has this instruction id"
            found.append(tx.finding("transaction_unique", "DU05", ("instruction_id",), text))
    return found


def uetr_present(message: Message, context: Context) -> list[Finding]:
    """Every payment carries its UETR."""
    found: list[Finding] = []
    for tx in message.transactions:
        if "uetr" not in tx.values:
            found.append(tx.finding("uetr_present", "CH21", ("uetr",), "a UETR is required"))
    return found


def reference_slashes(message: Message, context: Context) -> list[Finding]:
    """No reference starts or ends with a slash or holds two in a row; escapes were decoded before."""
    found: list[Finding] = []
    message_id = message.group.get("message_id")
    if message_id is not None and slashed(message_id):
        found.append(message.finding("reference_slashes", "CH16", _MESSAGE_ID, _said(message_id)))
    for tx in message.transactions:
        values = tx.values
        for name in _REFERENCES:
            value = values.get(name)
            if value is not None and "/" in value and slashed(value):
                found.append(tx.finding("reference_slashes", "CH16", (name,), _said(value)))
    return found


def slashed(text: str) -> bool:
    """Say whether slashes stand where they may not.

    >>> slashed("/A"), slashed("A//B"), slashed("A/B")
    (True, True, False)
    """
    return text.startswith("/") or text.endswith("/") or "//" in text


def _said(text: str) -> str:
    return f"{quoted(text)} starts or ends with a slash or holds two in a row"
