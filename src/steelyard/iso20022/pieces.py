"""The schema step on large input: a tree in pieces, so that the work stays linear in its size.

libxml2, validating a tree, collects every error and asks for the place of each, which is quadratic in
siblings. So a message with many transactions (a statement with entries) is judged by its skeleton with the
first one, then each further one alone, stopping at the first fault. A large part without such pieces is
validated by a parser on its canonical bytes, linear but without places.
"""

from copy import deepcopy
from functools import cache
from itertools import islice
from typing import Final, cast

from lxml import etree

from steelyard.iso20022 import faults
from steelyard.iso20022.compiled import Schema
from steelyard.iso20022.faults import Fault
from steelyard.iso20022.tables import Message, Node

PIECE_ELEMENTS_MAX: Final = 10_000
OPAQUE_BYTES_MAX: Final = 64 << 10
_counting = etree.XPath("count(descendant-or-self::*)")


def count(element: etree._Element) -> int:
    """Count the elements of a whole tree. On one part of a large tree this costs as much as on all of it."""
    return int(cast(float, _counting(element)))


def over_limit(part: etree._Element) -> bool:
    """Tell whether a part has more elements than one piece may have."""
    return next(islice(part.iter(), PIECE_ELEMENTS_MAX, None), None) is not None


def whole(schema: Schema, element: etree._Element, table: Message | None) -> Fault | None:
    """Judge an element with everything below it."""
    if schema.accepts(element):
        return None
    return faults.explained(schema.complaint(element), element, table)


def in_pieces(schema: Schema, element: etree._Element, table: Message | None) -> Fault | None:
    """Judge a large element by its skeleton, then each further unit, in document order."""
    units = _unit_tags(table)
    waiting: list[tuple[etree._Element, int]] = [(element, 0)]
    while waiting:
        part, level = waiting.pop()
        if level == 0 or level < len(units):
            cut = Cut(units)
            bones = cut.of(part, level)
            fault = _bones_fault(schema, bones, cut, table)
            waiting.extend(reversed(cut.rest))
        elif over_limit(part):
            fault = faults.over_limit(part, table)
        else:
            fault = whole(schema, part, table)
        if fault is not None:
            return fault
    return None


def _bones_fault(schema: Schema, bones: etree._Element, cut: "Cut", table: Message | None) -> Fault | None:
    """Judge a skeleton; one that is still large only a parser can judge in linear time."""
    if cut.over_limit is not None:
        return faults.over_limit(cut.over_limit, table)
    if count(bones) <= PIECE_ELEMENTS_MAX:
        if schema.accepts(bones):
            return None
        return faults.explained(schema.complaint(bones), bones, table, cut.twins)
    complaint = schema.complaint_while_parsing(etree.tostring(bones, method="c14n", exclusive=True))
    return None if complaint is None else faults.placeless(complaint, cut.twins[bones], table)


def _unit_tags(table: Message | None) -> list[str]:
    """Give the tags of units, outermost first."""
    return [f"{{{table.namespace}}}{unit[-1]}" for unit in table.units] if table is not None else []


class Cut:
    """Copies a part without its further units, and keeps those and which copy stands for what."""

    def __init__(self, units: list[str]) -> None:
        self._units = units
        self.rest: list[tuple[etree._Element, int]] = []
        self.twins: dict[etree._Element, etree._Element] = {}
        self.over_limit: etree._Element | None = None

    def of(self, part: etree._Element, level: int) -> etree._Element:
        """Give the skeleton of a unit of that level, of a Document or AppHdr at level 0."""
        if not self._units:
            self.twins[part] = part
            return part
        if level:
            return self._copied(part, level)
        document = self._shell(part)
        for child in part:
            document.append(self._copied(child, 0))
        return document

    def _copied(self, element: etree._Element, level: int) -> etree._Element:
        """Copy an element that units of this level may stand in, all but the first of each run left out."""
        if level >= len(self._units):
            if level and over_limit(element):
                self.over_limit = self.over_limit if self.over_limit is not None else element
            return self._twin(element)
        unit, shell = self._units[level], self._shell(element)
        last: etree._Element | None = None
        for child in element:
            if child.tag == unit and last is not None and last.tag == unit:
                self.rest.append((child, level + 1))
                if child.tail and not child.tail.isspace():
                    last.tail = (last.tail or "") + child.tail
                continue
            last = self._copied(child, level + 1) if child.tag == unit else self._twin(child)
            shell.append(last)
        return shell

    def _shell(self, element: etree._Element) -> etree._Element:
        """Copy an element without its children."""
        shell = element.makeelement(element.tag, None, cast(dict[str, str], element.nsmap))
        for name, value in element.items():
            shell.set(name, value)
        shell.text, shell.tail = element.text, element.tail
        self.twins[shell] = element
        return shell

    def _twin(self, element: etree._Element) -> etree._Element:
        """Copy an element with everything below it."""
        twin = deepcopy(element)
        self.twins[twin] = element
        return twin


@cache
def _opaque_tags(table: Message) -> tuple[str, ...]:
    """Give the tags that opaque elements of a message have; others may share one."""
    return tuple(sorted(f"{{{table.namespace}}}{tag}" for tag in _opaque_names(table.tree)))


def _opaque_names(node: Node) -> set[str]:
    found: set[str] = set()
    for child in node.children:
        found |= {child.tag} if child.type.startswith("opaque:") else _opaque_names(child)
    return found


def opaque_fault(element: etree._Element, table: Message) -> Fault | None:
    """Give a limit fault for the first opaque part of more than 64 KiB."""
    tags = _opaque_tags(table)
    if not tags:
        return None
    parts = element.iter(*tags)
    for part in parts:
        if len(etree.tostring(part, encoding="utf-8", with_tail=False)) > OPAQUE_BYTES_MAX:
            return faults.over_limit(part, table)
        for _ in islice(part.iter(*tags), 1, None):  # what lies within is no part of its own
            next(parts)
    return None
