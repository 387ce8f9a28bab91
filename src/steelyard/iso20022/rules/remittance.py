"""Rules 31 and 32: what the payment is for, as data or as text."""

import re
from collections.abc import Iterable
from typing import Any

from steelyard.iso20022.context import Context, Finding
from steelyard.iso20022.rules.view import Message, Values
from steelyard.values.identifiers import reference_is_right

_STRUCTURED_MAX = 9_000
_TAG = re.compile(rb"<[^>]*>")


def remittance(message: Message, context: Context) -> Iterable[Finding]:
    """Structured or free, not both; a reference to remittance sent elsewhere excludes it; 9,000 characters."""
    for tx in message.transactions:
        found = tx.values.get("remittance")
        if found is None:
            continue
        if "remittance_sent" in tx.values:
            text = "remittance is sent elsewhere and given here"
            yield tx.finding("remittance", "RR07", ("remittance",), text)
        if "structured" not in found:
            continue
        if "free" in found:
            yield tx.finding("remittance", "RR07", ("remittance",), "structured and free remittance together")
        if _length(found["structured"]) + _carried(tx.values) > _STRUCTURED_MAX:
            text = f"structured remittance of more than {_STRUCTURED_MAX} characters"
            yield tx.finding("remittance", "RR07", ("remittance", "structured", 0), text)


def creditor_reference(message: Message, context: Context) -> Iterable[Finding]:
    """A reference of type SCOR, or one that starts RF under no type, passes ISO 11649."""
    for tx in message.transactions:
        for i, part in enumerate(tx.values.get("remittance", {}).get("structured", ())):
            found = part.get("creditor_reference", {})
            reference = found.get("reference")
            if reference is None:
                continue
            kind = found.get("type")
            judged = reference.startswith("RF") if kind is None else kind.get("code") == "SCOR"
            if judged and not reference_is_right(reference):
                place = ("remittance", "structured", i, "creditor_reference", "reference")
                yield tx.finding("creditor_reference", "RR09", place, "not a creditor reference of ISO 11649")


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
