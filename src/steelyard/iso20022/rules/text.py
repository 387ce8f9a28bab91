"""Rule 27: characters. References take a small set, all other text any printable ASCII, so no line break.

A profile may list scripts beyond Latin; native text may then stand in names, addresses and remittance if
its Latin twin lies in the supplementary data (`urn:steelyard:latin:01`, path -> text).
"""

import unicodedata
from collections.abc import Iterator
from typing import Any, Final

import msgspec
from lxml import etree

from steelyard.iso20022.context import Context, Finding
from steelyard.iso20022.parse import parse
from steelyard.iso20022.rules.view import Message, Place, Values

TWIN_NAMESPACE: Final = "urn:steelyard:latin:01"
_REFERENCE: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/-?:().,'+ "
_REFERENCE_SET: Final = frozenset(_REFERENCE)
_REFERENCE_BYTES: Final = (_REFERENCE + "\n").encode()
_REFERENCES: Final = frozenset(
    {
        "business_message_id",
        "clearing_code",
        "clearing_reference",
        "end_to_end_id",
        "id",
        "instruction_id",
        "issuer",
        "message_id",
        "number",
        "original_end_to_end_id",
        "original_instruction_id",
        "original_message_id",
        "original_transaction_id",
        "proprietary",
        "reference",
        "transaction_id",
    }
)
_FREE: Final = frozenset({"address", "contact", "free", "regulatory"})  # no references below
_PLAIN: Final = frozenset({"address", "bic", "code", "country", "lei", "name", "residence"})
_SCRIPTS: Final = {
    "Arab": "ARABIC",
    "Cyrl": "CYRILLIC",
    "Deva": "DEVANAGARI",
    "Ethi": "ETHIOPIC",
    "Hani": "CJK",
    "Latn": "LATIN",
}
_encode = msgspec.json.Encoder().encode


def characters(message: Message, context: Context) -> list[Finding]:
    """References hold `a-z A-Z 0-9 / - ? : ( ) . , ' +` and space, all other text printable ASCII."""
    found: list[Finding] = []
    if message.is_clean or (
        _is_clean(message.body) and (message.header is None or _is_clean(message.header))
    ):
        return found
    twins = _twins(message) if len(context.profile.scripts) > 1 else {}
    allowed = [_SCRIPTS[name] for name in context.profile.scripts if name in _SCRIPTS]
    if message.header is not None:
        for place, is_reference, _ in _odd(message.header, (), False):
            found.append(message.header_finding("characters", "RR10", place, _said(is_reference)))
    for place, is_reference, text in _odd(message.body, (), False):
        tx = (
            message.transactions[int(place[1])]
            if place[0] == "transactions" and message.transactions
            else None
        )
        finding = (
            tx.finding("characters", "RR10", place[2:], _said(is_reference))
            if tx is not None
            else message.finding("characters", "RR10", place, _said(is_reference))
        )
        if not is_reference and twins.get(finding.path) and _is_of(text, allowed):
            continue
        found.append(finding)
    return found


def references(values: Values) -> list[str]:
    """Give all texts of a lexical dict that are references."""
    found: list[str] = []
    _collect(values, found)
    return found


def _is_clean(values: Values) -> bool:
    """Say at one look whether all text is printable ASCII and all references are of their set."""
    everything = _encode(values)
    if b"\\" in everything or b"\x7f" in everything or not everything.isascii():
        return False
    return not "\n".join(references(values)).encode().translate(None, _REFERENCE_BYTES)


def _collect(values: Values, into: list[str]) -> None:
    for name, value in values.items():
        kind = type(value)
        if kind is str:
            if name in _REFERENCES:
                into.append(value)
        elif name in _FREE:
            continue
        elif kind is dict:
            if not _PLAIN.issuperset(value):
                _collect(value, into)
        elif kind is list:
            for part in value:
                if type(part) is dict and not _PLAIN.issuperset(part):
                    _collect(part, into)


def _odd(value: Any, place: Place, is_reference: bool) -> Iterator[tuple[Place, bool, str]]:
    """Give every text with a character that may not stand in it, in document order."""
    if isinstance(value, str):
        fault = (
            not _REFERENCE_SET.issuperset(value)
            if is_reference
            else not (value.isascii() and value.isprintable())
        )
        if fault:
            yield place, is_reference, value
    elif isinstance(value, dict):
        for name, part in value.items():
            if name != "carried":
                reference = name in _REFERENCES and not _FREE.intersection(str(step) for step in place)
                yield from _odd(part, (*place, name), reference)
    elif isinstance(value, list):
        for i, part in enumerate(value):
            yield from _odd(part, (*place, i), is_reference)


def _said(is_reference: bool) -> str:
    return (
        "a character that references may not hold"
        if is_reference
        else "a character that is not printable ASCII"
    )


def _is_of(text: str, scripts: list[str]) -> bool:
    """Say whether every letter is of one of the scripts; other signs need only be printable."""
    if not text.isprintable():
        return False
    return all(any(script in unicodedata.name(c, "") for script in scripts) for c in text if c.isalpha())


def _twins(message: Message) -> dict[str, str]:
    """Read the Latin twins: supplementary data of the message or a transaction, path -> text."""
    found: dict[str, str] = {}
    carried = [*message.body.get("carried", ())]
    for tx in message.transactions:
        carried += tx.values.get("carried", ())
    for path, xml in carried:
        if not path.startswith("SplmtryData") or TWIN_NAMESPACE.encode() not in xml:
            continue
        root = parse(xml)
        if isinstance(root, etree._Element):
            for twin in root.iter(f"{{{TWIN_NAMESPACE}}}Txt"):
                if (twin.text or "").isascii():
                    found[twin.get("path", "")] = twin.text or ""
    return found
