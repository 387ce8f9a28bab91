"""Rules 31 and 32: what the payment is for, as data or as text."""

import re
from typing import Any

import msgspec

from steelyard.iso20022.context import Context, Finding
from steelyard.iso20022.rules.view import Message, Values
from steelyard.values.identifiers import reference_is_right

_STRUCTURED_MAX = 9_000
_encode = msgspec.json.Encoder().encode
_TAG = re.compile(rb"<[^>]*>")


def remittance(message: Message, context: Context) -> list[Finding]:
    """Structured or free, not both; a reference to remittance sent elsewhere excludes it; 9,000 characters."""
    found: list[Finding] = []
    for tx in message.transactions:
        held = tx.values.get("remittance")
        if held is None:
            continue
        if "remittance_sent" in tx.values:
            text = "remittance is sent elsewhere and given here"
            found.append(tx.finding("remittance", "RR07", ("remittance",), text))
        if "structured" not in held:
            continue
        if "free" in held:
            text = "structured and free remittance together"
            found.append(tx.finding("remittance", "RR07", ("remittance",), text))
        if _is_long(held["structured"], tx.values):
            text = f"structured remittance of more than {_STRUCTURED_MAX} characters"
            found.append(tx.finding("remittance", "RR07", ("remittance", "structured", 0), text))
    return found


def creditor_reference(message: Message, context: Context) -> list[Finding]:
    """A reference of type SCOR, or one that starts RF under no type, passes ISO 11649."""
    found: list[Finding] = []
    for tx in message.transactions:
        held = tx.values.get("remittance")
        if held is None or "structured" not in held:
            continue
        for i, part in enumerate(held["structured"]):
            named = part.get("creditor_reference", {})
            reference, kind = named.get("reference"), named.get("type")
            if reference is None:
                continue
            judged = reference.startswith("RF") if kind is None else kind.get("code") == "SCOR"
            if judged and not reference_is_right(reference):
                place = ("remittance", "structured", i, "creditor_reference", "reference")
                text = "not a creditor reference of ISO 11649"
                found.append(tx.finding("creditor_reference", "RR09", place, text))
    return found


def _is_long(structured: Any, values: Values) -> bool:
    """Say whether structured remittance is too long; most is short even with names and quotes around it."""
    if "carried" not in values and len(_encode(structured)) <= _STRUCTURED_MAX:
        return False
    return _length(structured) + _carried(values) > _STRUCTURED_MAX


def _length(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(_length(part) for part in value.values())
    return sum(_length(part) for part in value)


def _carried(values: Values) -> int:
    """Count the characters of structured remittance that is carried as it came."""
    parts = [xml for path, xml in values.get("carried", ()) if path.startswith("RmtInf/Strd")]
    return sum(len(_TAG.sub(b"", xml).decode()) for xml in parts)
