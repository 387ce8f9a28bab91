"""Conversion: a message to JSON, to XML of its own or another version. What has no place is refused."""

from typing import Any

import msgspec

from steelyard.iso20022 import extract, tables, write
from steelyard.iso20022.canonical import Envelope, Header
from steelyard.iso20022.canonicalise import body_of, header_of
from steelyard.iso20022.check import body_digest, schema_fault, values_of
from steelyard.iso20022.classify import Parts, classify
from steelyard.iso20022.context import Context, Finding, quoted
from steelyard.iso20022.guard import guard
from steelyard.iso20022.json_face import envelope_json, inward, read_payment
from steelyard.iso20022.lexical_of import body_values, header_values
from steelyard.iso20022.parse import parse

HEADER = "head.001.001.02"


class CannotConvert(Exception):
    """A message that cannot be converted; the text says why, in one line."""


def to_json(raw: bytes, context: Context) -> bytes:
    """Give a valid message as JSON; amounts must be exact in their currency."""
    parts = _valid(raw, context)
    header, body = values_of(parts)
    service = header.get("service") if header is not None else None
    try:
        canonical = body_of(
            parts.document_id or "", body, context.reference, service=service, without=frozenset()
        )
    except (ValueError, KeyError) as error:
        raise CannotConvert(f"the message cannot be read exactly: {error}") from error
    head = header_of(header) if header is not None else None
    envelope = Envelope(
        b"", body_digest(parts), head, parts.document_id or "", context.profile.name, None, canonical
    )
    data = envelope_json(envelope, context.reference)
    return msgspec.json.format(msgspec.json.encode(data), indent=2) + b"\n"


def to_xml(raw: bytes, context: Context, version: str | None) -> bytes:
    """Give a message, XML or JSON, as XML of a version; its own if none is named."""
    if version is not None and version not in tables.MESSAGES:
        raise CannotConvert(f"there is no table of {quoted(version)}")
    if raw.lstrip()[:1] == b"{":
        header, values, message = _from_json(raw, context)
    else:
        parts = _valid(raw, context)
        header_found, values = values_of(parts)
        header, message = header_found or {}, parts.document_id or ""
        if not header:
            raise CannotConvert("the message has no header")
    target = version or message
    if target[:8] != message[:8]:
        raise CannotConvert(f"{message} is no version of {target[:8]}")
    header = {**header, "definition": target}
    written = write.document(header, values, (HEADER, target))
    _nothing_lost(written, values, message, target, context)
    return written


def _valid(raw: bytes, context: Context) -> Parts:
    """Give the parts of a schema-valid message."""
    guarded = guard(raw, context.limits)
    root = guarded if isinstance(guarded, Finding) else parse(guarded)
    parts = root if isinstance(root, Finding) else classify(root, raw)
    stop = parts if isinstance(parts, Finding) else None
    if not isinstance(parts, Finding):
        known = [one for one in (parts.header_id, parts.document_id) if one is not None]
        unknown = [one for one in known if one not in tables.MESSAGES]
        if unknown or parts.document is None:
            raise CannotConvert(f"there is no table of {quoted(unknown[0])}" if unknown else "no Document")
        stop = schema_fault(parts, context, len(raw))
    if stop is not None or isinstance(parts, Finding):
        raise CannotConvert(f"{stop.code} {stop.path}: {stop.text}" if stop is not None else "refused")
    return parts


def _nothing_lost(
    written: bytes, values: dict[str, Any], message: str, target: str, context: Context
) -> None:
    """Read back what was written: every value must still be there, and the target's schema satisfied."""
    try:
        parts = _valid(written, context)
    except CannotConvert as error:
        raise CannotConvert(f"{target} has no place for all of it: {error}") from error
    table = tables.message(target)
    if table is None or parts.document is None:
        raise CannotConvert(f"there is no table of {target}")
    there = extract.extract(parts.document, table)
    lost = _first_difference(values, there, ())
    if lost is not None:
        raise CannotConvert(f"CH17 {tables.path_of(message, lost)}: {target} has no place for it")


def _first_difference(one: Any, other: Any, place: tuple[str | int, ...]) -> tuple[str | int, ...] | None:
    if isinstance(one, dict) and isinstance(other, dict):
        for name, value in one.items():
            if name == "carried":
                continue
            found = _first_difference(value, other.get(name), (*place, name))
            if found is not None:
                return found
        return None
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for i, value in enumerate(one):
            found = _first_difference(value, other[i], (*place, i))
            if found is not None:
                return found
        return None
    return None if one == other else place


def _from_json(raw: bytes, context: Context) -> tuple[dict[str, Any], dict[str, Any], str]:
    """Read a message of payments from JSON."""
    try:
        data = msgspec.json.decode(raw, type=dict[str, Any])
        message, rows = str(data["message"]), list(data["payments"])
        header = msgspec.convert(inward(data["header"], context.reference, "/header"), Header)
    except (msgspec.MsgspecError, KeyError, TypeError) as error:
        raise CannotConvert(f"not a message of payments: {quoted(str(error))}") from error
    transfers = []
    for i, row in enumerate(rows):
        read = read_payment(row, context.reference)
        if isinstance(read, Finding):
            raise CannotConvert(f"{read.code} /payments/{i}{read.path}: {read.text}")
        transfers.append(read)
    if not transfers or message not in tables.MESSAGES or message[:8] not in ("pacs.008", "pacs.009"):
        raise CannotConvert("not a message of payments")
    clearing = context.clearing_system or ("proprietary", "HUB")
    values = body_values(transfers, context.reference.currencies, clearing_system=clearing)
    return header_values(header), values, message
