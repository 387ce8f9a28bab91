"""The schema step: is this element what its message version allows? The first fault answers.

Our own schema (`xsd.py`) judges; with a folder of published ones (`load_dir`), the published schema goes
first and ours second, and a message without a table here is judged by the published one alone.

Schemas compile at first use, once per process. A large tree is judged in pieces (`pieces.py`).
"""

import threading
from collections.abc import Mapping
from typing import Final

from lxml import etree
from msgspec import Struct

from steelyard.iso20022 import pieces
from steelyard.iso20022.compiled import Schema
from steelyard.iso20022.faults import Fault
from steelyard.iso20022.parse import parse
from steelyard.iso20022.tables import NAMESPACE, Message, message
from steelyard.iso20022.xsd import xsd_text

_WHOLE_ELEMENTS_MAX: Final = 2_000  # up to here a tree is judged as a whole, faults and all
_SMALL_BYTES: Final = 8 << 10  # with `<a/>`, the shortest, no more than 2,000 elements fit
_XS: Final = "{http://www.w3.org/2001/XMLSchema}"
_lock = threading.Lock()
_compiled: dict[str, Schema] = {}


class Official:
    """Published schemas an operator handed in, by message id, all compiled."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = dict(schemas)

    def __contains__(self, message_id: object) -> bool:
        return message_id in self._schemas

    def __getitem__(self, message_id: str) -> Schema:
        return self._schemas[message_id]

    def __len__(self) -> int:
        return len(self._schemas)


class BadSchema(Struct, frozen=True):
    """A published schema that cannot be used: the file's message id and why."""

    message_id: str
    text: str


def load_dir(contents: Mapping[str, bytes]) -> Official | BadSchema:
    """Compile published schemas, message id -> bytes of `<message id>.xsd`; the first bad one answers."""
    schemas: dict[str, Schema] = {}
    for message_id, raw in contents.items():
        root = parse(raw)
        if not isinstance(root, etree._Element):
            return BadSchema(message_id, root.text)
        if root.get("targetNamespace") != NAMESPACE + message_id:
            return BadSchema(message_id, "the target namespace is not the file's name")
        table = message(message_id)
        try:
            if table is not None and not table.is_header:
                _declare_units(root, table)
            schemas[message_id] = Schema(root)
        except (etree.XMLSchemaParseError, StopIteration, KeyError):
            return BadSchema(message_id, "the schema does not compile")
    return Official(schemas)


def own(message_id: str) -> Schema:
    """Give our schema of a message that has a table, compiled at the first call."""
    with _lock:
        return _own(message_id)


def validate(
    message_id: str, element: etree._Element, *, official: Official | None = None, size: int | None = None
) -> Fault | None:
    """Judge a Document or AppHdr element; give the first fault or None.

    `size` is the length of the bytes the tree was parsed from, if known: small input needs no counting.
    A part over a limit is a fault whose `word` is XML04, everything else is XSD01. A message that has
    neither a table here nor a published schema handed in is the caller's bug and raises LookupError.
    """
    table = message(message_id)
    schemas = [official[message_id]] if official is not None and message_id in official else []
    if table is not None:
        schemas.append(_compiled.get(message_id) or own(message_id))
    if not schemas:
        raise LookupError(f"nothing here can judge {message_id}")
    root = "AppHdr" if message_id.startswith("head.") else "Document"
    if element.tag != f"{{{NAMESPACE}{message_id}}}{root}":
        return Fault("", f"the element is not {root} of {message_id}")
    small = size is not None and size <= _SMALL_BYTES
    whole = small or pieces.count(element) <= _WHOLE_ELEMENTS_MAX
    for schema in schemas:
        fault = pieces.whole(schema, element, table) if whole else pieces.in_pieces(schema, element, table)
        if fault is not None:
            return fault
    if table is None or (size is not None and size <= pieces.OPAQUE_BYTES_MAX):
        return None
    return pieces.opaque_fault(element, table)


def validate_header(
    header_id: str, element: etree._Element, *, official: Official | None = None, size: int | None = None
) -> Fault | None:
    """Judge an AppHdr element, as `validate` judges a Document."""
    return validate(header_id, element, official=official, size=size)


def _own(message_id: str) -> Schema:
    if message_id not in _compiled:
        root = parse(xsd_text(message_id).encode())
        if not isinstance(root, etree._Element):
            raise AssertionError(root.text)
        _compiled[message_id] = Schema(root)
    return _compiled[message_id]


def _declare_units(root: etree._Element, table: Message) -> None:
    """Add to a published schema an element for each unit, of the type it has in the message."""
    declared = {element.get("name") for element in root.findall(f"{_XS}element")}
    if declared.issuperset(unit[-1] for unit in table.units):
        return
    types = {node.get("name"): node for node in root.iter(f"{_XS}complexType")}

    def type_of(parent: etree._Element, tag: str) -> str:
        return next(e.get("type", "") for e in parent.iter(f"{_XS}element") if e.get("name") == tag)

    document = next(e.get("type") for e in root.findall(f"{_XS}element") if e.get("name") == "Document")
    top = type_of(types[document], table.root)
    for unit in table.units:
        name = top
        for tag in unit:
            name = type_of(types[name], tag)
        root.append(root.makeelement(f"{_XS}element", {"name": unit[-1], "type": name}))
