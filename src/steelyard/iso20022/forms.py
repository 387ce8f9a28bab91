"""Messages of a form that was seen before, read in one pass over their characters.

Senders write by program: message after message has the same tags in the same order and only texts differ. The
first of a form goes through parser, schema and extraction. From it two kinds of patterns are made, each the
characters as they stood with a group in place of every text: the *frame*, all before the first transaction
with what follows the last, and the *unit*, one transaction. A message that a frame and units fit wholly is
well-formed, valid and has the values that its groups hold; whatever does not fit takes the long way, which
alone says what is wrong. So a form may accept less than the schema and never more:

* a group accepts a part of what the schema's type accepts: printable ASCII without `<`, `>` and `&`, plain
  decimals, days up to the 28th unless the month has more for certain;
* the Document of the first was in canonical form as it stood, and these texts cannot change that: the digest
  is of the bytes themselves;
* a reference holds the characters of rule 27 alone, so that rule need not be asked again;
* a form counts only if it reads its own first message to the very values of the long way.

What is kept is bounded: forms are learned up to a number, then no more; and only from what came often.
"""

import re
import threading
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from typing import Any, Final, NamedTuple

from lxml import etree

from steelyard.iso20022 import extract, schema, tables
from steelyard.iso20022.classify import Parts, classify
from steelyard.iso20022.parse import parse
from steelyard.iso20022.rules.text import references
from steelyard.iso20022.types import TYPES, Simple

Values = dict[str, Any]
Build = Callable[[tuple[str, ...]], Any]

FRAMES_MAX, UNITS_MAX, SEEN_MAX = 32, 128, 512
NEW_IN_A_FILE_MAX = 8
SIGHTINGS: Final = 8
LEARNED_BYTES_MAX: Final = 8 << 10
FILE_BYTES_MIN: Final = 64 << 10
_UNIT, _UNIT_END = "<CdtTrfTxInf>", "</CdtTrfTxInf>"
_MESSAGES: Final = ("pacs.008", "pacs.009")
_TOKEN: Final = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9]*)((?: [^<>]*)?)>([^<]*)")
_TAGS: Final = re.compile("<[^>]*>")
_CURRENCY: Final = re.compile(' Ccy="([A-Z]{3})"')

_GROUPS: Final = re.compile(r"\\.|\[[^\]]*\]|\(")  # escaped signs and sets of signs are passed over
_CHARACTER = r"[ -%'-;=?-~]"
_REFERENCE_CHARACTER = r"[a-zA-Z0-9/\-?:().,'+ ]"
_DAY = (
    r"[12]\d{3}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])"
    r"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31)"
)
_CLOCK = r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?"
_ZONE = r"(?:Z|[+-](?:0\d|1[0-3]):[0-5]\d)"


class Read(NamedTuple):
    """What a message of a known form holds: ids and values of its parts, and the Document's digest."""

    header_id: str | None
    document_id: str
    header: Values | None
    body: Values
    body_sha256: bytes


class Frame(NamedTuple):
    """All of a message around its transactions. `build` gives (header, body); the Document ends
    `document_end` characters into `tail`; it starts where the pattern's group `document` stands."""

    header_id: str | None
    document_id: str
    pattern: "re.Pattern[str]"
    build: Build
    tail: str
    document_end: int


class Unit(NamedTuple):
    """One transaction, with the white space after it."""

    pattern: "re.Pattern[str]"
    build: Build


class Unknown(NamedTuple):
    """What kept a message from being read: a transaction of no known form, at these characters."""

    frame: Frame
    start: int
    end: int


class Forms:
    """The forms known so far. Threads share them: lists are replaced, never changed."""

    def __init__(self) -> None:
        self._frames: tuple[Frame, ...] = ()
        self._units: dict[tuple[str, int], tuple[Unit, ...]] = {}
        self._unit_count = 0
        self._seen: dict[str, int] = {}
        self._lock = threading.Lock()

    def read(self, raw: bytes) -> Read | None:
        """Read guarded bytes, or give None where the long way must be taken."""
        if not raw.isascii():
            return None
        text = raw.decode("ascii")
        found = self._read(text, raw)
        if isinstance(found, Read) or len(raw) < FILE_BYTES_MIN:
            return found if isinstance(found, Read) else None
        for _ in range(NEW_IN_A_FILE_MAX):  # a file teaches its own forms, by messages cut out of it
            cut = _cut(text, found)
            if cut is None or not self._learn(cut):
                return None
            found = self._read(text, raw)
            if isinstance(found, Read):
                return found
        return None

    def saw(self, raw: bytes) -> None:
        """Note a message that was valid on the long way; what comes often is learned."""
        if len(raw) > LEARNED_BYTES_MAX or not raw.isascii() or self._is_full:
            return
        text = raw.decode("ascii")
        key = "".join(_TAGS.findall(text))
        with self._lock:
            if len(self._seen) >= SEEN_MAX:
                self._seen.clear()
            count = self._seen[key] = self._seen.get(key, 0) + 1
        if count == SIGHTINGS:
            self._learn(text)

    @property
    def _is_full(self) -> bool:
        return self._unit_count >= UNITS_MAX or len(self._frames) >= FRAMES_MAX

    def _read(self, text: str, raw: bytes) -> Read | Unknown | None:
        for frame in self._frames:
            head = frame.pattern.match(text)
            if head is not None:
                break
        else:
            return None
        units: list[Values] = []
        at, known = head.end(), self._units
        while text.startswith(_UNIT, at):
            end = text.find(_UNIT_END, at)
            if end < 0:
                return None
            for unit in known.get((frame.document_id, text.count("<", at, end)), ()):
                found = unit.pattern.match(text, at)
                if found is not None:
                    break
            else:
                return Unknown(frame, at, end + len(_UNIT_END))
            units.append(unit.build(found.groups()))
            at = found.end()
        if not units or len(text) != at + len(frame.tail) or not text.endswith(frame.tail):
            return None
        header, body = frame.build(head.groups())
        body["transactions"] = units
        document = memoryview(raw)[head.start("document") : at + frame.document_end]
        return Read(frame.header_id, frame.document_id, header, body, sha256(document).digest())

    def _learn(self, text: str) -> bool:
        """Learn the forms of a message with one transaction; False where nothing new is learned."""
        made = None if self._is_full else _made(text)
        if made is None:
            return False
        frame, unit, key = made
        with self._lock:
            same = self._units.get(key, ())
            new_frame = all((frame.pattern, frame.tail) != (one.pattern, one.tail) for one in self._frames)
            new_unit = all(unit.pattern != one.pattern for one in same)
            if new_frame:
                self._frames = (*self._frames, frame)
            if new_unit:
                self._units[key] = (*same, unit)
                self._unit_count += 1
        return new_frame or new_unit


FORMS: Final = Forms()
"""The forms that this process has learned."""


def _cut(text: str, unknown: Unknown | None) -> str | None:
    """Cut a message with one transaction out of a file: the first, or one that no form fits."""
    last = text.rfind(_UNIT_END)
    start = text.find(_UNIT)
    if start < 0 or last < start:
        return None
    at, end = (
        (unknown.start, unknown.end)
        if unknown is not None
        else (start, text.find(_UNIT_END) + len(_UNIT_END))
    )
    cut = text[:start] + text[at:end] + text[last + len(_UNIT_END) :].lstrip(" \t\n")
    return cut if len(cut) <= LEARNED_BYTES_MAX else None


# making a form


def whole_pattern(raw: bytes) -> "re.Pattern[str] | None":
    """Give a pattern of a valid message that only valid ones fit, whatever the message; None where there is none.

    For messages of ours, whose every part is written by a table and which the schema has judged once.
    """
    text = raw.decode("ascii") if raw.isascii() else ""
    parts = _parts(text)
    slots = _slots(parts) if parts is not None and _is_valid(parts) else None
    patterns = _patterns(text, slots, len(text)) if slots is not None else None
    return re.compile(patterns[0][0], re.ASCII) if patterns is not None else None


def _parts(text: str) -> Parts | None:
    """Give the parts of a message whose characters stand for themselves, None for any other."""
    if "&" in text or "\r" in text or "<!" in text or text.count("<?") > text.startswith("<?xml "):
        return None
    raw = text.encode()
    root = parse(raw)
    parts = classify(root, raw) if isinstance(root, etree._Element) else None
    return parts if isinstance(parts, Parts) and parts.document is not None else None


def _made(text: str) -> tuple[Frame, Unit, tuple[str, int]] | None:
    """Make frame and unit of a message, and the key of the unit; None where it has no form."""
    raw, parts = text.encode(), _parts(text)
    if parts is None or (parts.document_id or "")[:8] not in _MESSAGES or not _is_valid(parts):
        return None
    found = _values(parts)
    start = text.find("<Document")
    end = text.find("</Document>") + len("</Document>")
    assert parts.document is not None
    canonical = etree.tostring(parts.document, method="c14n", exclusive=True, with_comments=False)
    at, after = text.find(_UNIT), text.find(_UNIT_END) + len(_UNIT_END)
    if found is None or text.count(_UNIT) != 1 or canonical != raw[start:end] or not start < at < after < end:
        return None
    marked = _marked(parts)
    if marked is None:
        return None
    slots, header, body = marked
    for mark in (*references(header or {}), *references(body)):
        at_slot = int(mark[1:])
        slots[at_slot] = slots[at_slot].replace(_CHARACTER, _REFERENCE_CHARACTER)
    units = body.pop("transactions")
    frame_text, unit_text, tail = text[:at], text[at:after], text[after:].lstrip(" \t\n")
    if len(units) != 1 or frame_text.count("<Document") != 1:
        return None
    patterns = _patterns(frame_text + unit_text, slots, at)
    if patterns is None:
        return None
    (frame_pattern, frame_slots), (unit_pattern, unit_slots) = patterns
    frame = Frame(
        parts.header_id,
        parts.document_id or "",
        re.compile(frame_pattern, re.ASCII),
        _builder((header, body), frame_slots),
        tail,
        tail.find("</Document>") + len("</Document>"),
    )
    unit = Unit(re.compile(unit_pattern, re.ASCII), _builder(units[0], unit_slots))
    key = (frame.document_id, unit_text.count("<") - 1)
    trial = Forms()
    trial._frames, trial._units = (frame,), {key: (unit,)}
    again = trial._read(text, raw)
    digest = sha256(canonical).digest()
    expected = Read(parts.header_id, frame.document_id, found[0], found[1], digest)
    return (frame, unit, key) if again == expected else None


def _is_valid(parts: Parts) -> bool:
    """Tell whether both parts are valid by our own schema."""
    for message, element in ((parts.header_id, parts.header), (parts.document_id, parts.document)):
        if message is None or element is None:
            continue
        if message not in tables.MESSAGES or schema.validate(message, element) is not None:
            return False
    return True


def _values(parts: Parts) -> tuple[Values | None, Values] | None:
    """Extract the values of both parts; None where something is carried as it stands."""
    header = None
    if parts.header is not None:
        header = extract.extract(parts.header, _table(parts.header_id))
    assert parts.document is not None
    body = extract.extract(parts.document, _table(parts.document_id))
    carries = "carried" in body or any("carried" in one for one in body["transactions"])
    return None if carries or (header is not None and "carried" in header) else (header, body)


def _marked(parts: Parts) -> tuple[list[str], Values | None, Values] | None:
    """Put marks in place of texts and extract: which value holds which text. Gives the slots first."""
    slots = _slots(parts)
    found = _values(parts) if slots is not None else None
    return (slots, *found) if slots is not None and found is not None else None


def _slots(parts: Parts) -> list[str] | None:
    """Put a numbered mark in place of every text; gives the texts' patterns in document order."""
    slots: list[str] = []
    for part, message in ((parts.header, parts.header_id), (parts.document, parts.document_id)):
        if part is None:
            continue
        top = part if _table(message).is_header else part[0]
        if not _mark(top, _table(message).tree, slots):
            return None
    return slots


def _mark(element: etree._Element, node: tables.Node, slots: list[str]) -> bool:
    """Mark the texts below an element; False where one is of a type without a pattern."""
    if node.carried:
        return False
    if node.type != "group":
        simple = TYPES.get(node.type)
        pattern = pattern_of(node.type) if simple is not None else None
        if simple is None or pattern is None or len(element):
            return False
        if simple.currency:
            element.set("Ccy", f"={len(slots)}")
            slots.append("[A-Z]{3}")
        element.text = f"={len(slots)}"
        slots.append(pattern)
        return True
    children = {child.tag: child for child in node.children}
    return all(_mark(child, children[etree.QName(child).localname], slots) for child in element)


def _patterns(
    text: str, slots: list[str], at: int
) -> tuple[tuple[str, list[int]], tuple[str, list[int]]] | None:
    """Write the patterns of frame and unit over the text before and after `at`, with the slots of each."""
    pieces: tuple[list[str], list[str]] = ([], [])
    owned: tuple[list[int], list[int]] = ([], [])
    number, position, inside = 0, 0, False  # inside: header or Document, where texts are slots
    for token in _TOKEN.finditer(text):
        which = 0 if token.start() < at else 1
        out = pieces[which]
        if token.start() != position:
            if position or not text.startswith("<?xml "):
                return None
            out.append(re.escape(text[: token.start()]))
        closes, tag, attributes, content = token.groups()
        if tag in ("AppHdr", "Document"):
            inside = not closes
            if tag == "Document" and not closes:
                out.append("(?P<document>)")
                owned[which].append(-1)
        position = token.end()
        is_leaf = inside and not closes and text.startswith(f"</{tag}>", position)
        if not is_leaf:
            out.append(re.escape(token.group()))
            continue
        currency = _CURRENCY.fullmatch(attributes)
        if attributes and currency is None:
            return None
        for given in ("Ccy", "text") if currency is not None else ("text",):
            if number >= len(slots):
                return None
            owned[which].append(number)
            if given == "Ccy":
                out.append(f'<{tag} Ccy="({slots[number]})">')
            else:
                out.append(("" if currency is not None else f"<{tag}>") + f"({slots[number]})")
            number += 1
        if content == "":
            return None
    if position != len(text) or number != len(slots):
        return None
    return ("".join(pieces[0]), owned[0]), ("".join(pieces[1]) + "[ \t\n]*", owned[1])


def _builder(marked: Any, slots: list[int]) -> Build:
    """Give what makes values of a pattern's groups: one expression, written out from names of our tables."""
    places = {f"={slot}": at for at, slot in enumerate(slots)}
    made: Build = eval(compile(f"lambda t: {_expression(marked, places)}", "<form>", "eval"), {})
    return made


def _expression(value: Any, places: dict[str, int]) -> str:
    if value is None:
        return "None"
    if isinstance(value, str):
        return f"t[{places[value]}]"
    if isinstance(value, dict):
        parts = ", ".join(f'"{name}": {_expression(part, places)}' for name, part in value.items())
        return f"{{{parts}}}"
    parts = ", ".join(_expression(part, places) for part in value)
    return f"[{parts}]" if isinstance(value, list) else f"({parts},)"


@cache
def pattern_of(name: str) -> str | None:
    """Give a pattern without groups that accepts a part of what a simple type accepts, or None.

    >>> re.fullmatch(pattern_of("ISODate"), "2026-02-30") is None
    True
    """
    simple = TYPES[name]
    if simple.enumeration:
        return "(?:" + "|".join(simple.enumeration) + ")"
    if simple.base == "dateTime":
        return f"{_DAY}T{_CLOCK}" + ("Z" if simple.pattern is not None else f"{_ZONE}?")
    if simple.pattern is not None:
        return _GROUPS.sub(lambda found: "(?:" if found[0] == "(" else found[0], simple.pattern)
    if simple.base == "string":
        return f"{_CHARACTER}{{{simple.length_min or 1},{simple.length_max or 35}}}"
    if simple.base == "decimal":
        return _decimal(simple)
    return {"date": _DAY, "time": _CLOCK + _ZONE + "?", "boolean": "(?:true|false|1|0)"}.get(simple.base)


def _decimal(simple: Simple) -> str | None:
    """Give plain decimals, no more figures in all than the type has digits; a text ends at the next tag."""
    if simple.digits is None or simple.fraction is None:
        return None
    digits, fraction = simple.digits, simple.fraction
    if simple.at_least == "1":
        return rf"[1-9]\d{{0,{digits - 1}}}"
    if not fraction:
        return rf"\d{{1,{digits}}}"
    return rf"(?:\d{{1,{digits}}}|(?=[\d.]{{3,{digits + 1}}}<)\d{{1,{digits - 1}}}\.\d{{1,{fraction}}})"


def _table(message_id: str | None) -> tables.Message:
    found = tables.message(message_id or "")
    if found is None:
        raise LookupError(f"there is no table of {message_id}")
    return found
