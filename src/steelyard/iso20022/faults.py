"""What the schema step found, said in our own words and with a path a person can follow.

A path has no namespaces and an index from 1 on every element that may repeat. A text is at most 200
characters, quotes at most 40 characters of input and names neither files nor libraries.
"""

import re
from collections.abc import Mapping
from typing import Final

from lxml import etree
from msgspec import Struct

from steelyard.iso20022.compiled import Complaint
from steelyard.iso20022.tables import Message, Node

_STEP: Final = re.compile(r"([^\[]+)(?:\[(\d+)\])?")
_EXPECTED: Final = re.compile(r"Expected is (?:one of )?\( (.*) \)")
_FACET: Final = re.compile(r"\[facet '[^']*'\] (.*)", re.DOTALL)
_LOCAL: Final = re.compile(r"\{[^}]*\}")
_QUOTED_MAX: Final = 40
_TEXT_MAX: Final = 200
_EXPECTED_MAX: Final = 5


class Fault(Struct, frozen=True):
    """Where the first thing is wrong and what; `word` is XSD01, or XML04 for a limit."""

    path: str
    text: str
    word: str = "XSD01"


def explained(
    complaint: Complaint,
    element: etree._Element,
    table: Message | None,
    twins: Mapping[etree._Element, etree._Element] | None = None,
) -> Fault:
    """Give the fault for a complaint about `element` or below. `twins` leads from copies to originals."""
    culprit = _found(complaint.path, element)
    return Fault(path_to(culprit, table, twins or {}), _cut(said(complaint, culprit)))


def placeless(complaint: Complaint, part: etree._Element, table: Message | None) -> Fault:
    """Give the fault for a complaint without a place: the path is the part, the text names the element."""
    name = complaint.message.partition("Element '")[2].partition("'")[0].rpartition("}")[2]
    return Fault(path_to(part, table), _cut(f"{quoted(name)}: {said(complaint, None)}"))


def over_limit(element: etree._Element, table: Message | None) -> Fault:
    """Give the fault for a part that is larger than any honest one."""
    return Fault(path_to(element, table), "the part is larger than allowed", "XML04")


def path_to(
    element: etree._Element,
    table: Message | None,
    twins: Mapping[etree._Element, etree._Element] | None = None,
) -> str:
    """Give the path of an element from Document or AppHdr on; an original is named where it has a copy."""
    chain: list[etree._Element] = []
    place: etree._Element | None = element
    while place is not None:
        place = twins.get(place, place) if twins else place
        chain.append(place)
        if _local(place) in ("Document", "AppHdr"):
            break
        place = place.getparent()
    path, node = "", None
    root = None if table is None else "AppHdr" if table.is_header else table.root
    for depth, place in enumerate(reversed(chain)):
        tag = _local(place)
        if table is not None and tag == root and depth < 2:
            node = table.tree
        else:
            node = _below(node, tag)
        indexed = depth > 0 and (node.repeats if node is not None else _has_namesakes(place))
        path += f"/{tag}[{_index(place)}]" if indexed else f"/{tag}"
    return path


def said(complaint: Complaint, culprit: etree._Element | None) -> str:
    """Say what a complaint means; `culprit` is the element it is about, where that is known."""
    kind, _, message = complaint
    if kind == "SCHEMAV_ELEMENT_CONTENT":
        return _said_of_content(message)
    attribute = message.partition("attribute '")[2].partition("'")[0].rpartition("}")[2]
    if kind in ("SCHEMAV_CVC_TYPE_3_1_1", "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1", "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2"):
        return f"attribute {quoted(attribute)} is not allowed"
    if kind == "SCHEMAV_CVC_COMPLEX_TYPE_4":
        return f"attribute {attribute} is missing"
    if kind == "SCHEMAV_CVC_COMPLEX_TYPE_2_3":
        return "text stands between elements"
    if kind == "SCHEMAV_CVC_TYPE_3_1_2":
        return "elements stand where only text may"
    value = "the value"
    if culprit is not None:
        value = quoted((culprit.get(attribute) if attribute else culprit.text) or "")
    return f"{f'attribute {attribute}: ' if attribute else ''}{value} {_said_of_value(kind, message)}"


def quoted(text: str) -> str:
    """Give input in a form that is safe to show: at most 40 characters, none of them a control.

    >>> quoted("a\\tb")
    "'a?b'"
    """
    shown = "".join(c if c.isprintable() else "?" for c in text[:_QUOTED_MAX])
    return f"'{shown}'"


def _said_of_content(message: str) -> str:
    """Say which element is one too many or missing."""
    expected = _EXPECTED.search(message)
    said_names = _LOCAL.sub("", expected[1]).split(", ") if expected else []
    names = list(dict.fromkeys("any element" if "*" in name else name for name in said_names))
    listed = " or ".join(names[:_EXPECTED_MAX]) + (" or others" if len(names) > _EXPECTED_MAX else "")
    if "Missing child" in message:
        return f"the element is incomplete, expected is {listed}"
    return f"the element is not expected here, expected is {listed or 'nothing more'}"


def _said_of_value(kind: str, message: str) -> str:
    """Say what is wrong with a value, as the end of a sentence."""
    facet = _FACET.search(message)
    limits = re.findall(r"'([^']*)'", facet[1]) if facet else []
    limit = limits[-1] if limits else ""
    if kind == "SCHEMAV_CVC_MAXLENGTH_VALID" and len(limits) > 1:
        return f"has {limits[-2]} characters, at most {limit} are allowed"
    if kind == "SCHEMAV_CVC_MINLENGTH_VALID":
        return f"is shorter than {limit}"
    if kind == "SCHEMAV_CVC_PATTERN_VALID":
        return f"does not fit the pattern {limit}"
    if kind == "SCHEMAV_CVC_ENUMERATION_VALID":
        words = re.findall(r"'([^']*)'", message.rpartition("of the set {")[2])
        return f"is none of {', '.join(words)}"
    if kind == "SCHEMAV_CVC_FRACTIONDIGITS_VALID":
        return f"has more than {limit} decimals"
    if kind == "SCHEMAV_CVC_TOTALDIGITS_VALID":
        return f"has more than {limit} digits"
    if kind == "SCHEMAV_CVC_MININCLUSIVE_VALID":
        return f"is less than {limit}"
    name = message.rpartition("type '")[2].rpartition("'")[0].rpartition("}")[2]
    return f"is no {name.removeprefix('xs:').partition('.')[0].partition('_')[0]}" if name else "is not valid"


def _found(path: str, element: etree._Element) -> etree._Element:
    """Follow a path of the library, whose first step is the element itself.

    A step `*[3]` counts all siblings, `p:x[3]` those of that name and prefix, `x[3]` those in no namespace.
    """
    place = element
    for step in path.split("/")[2:]:
        match = _STEP.fullmatch(step)
        if match is None:
            return place
        prefix, _, name = match[1].rpartition(":")
        alike = [
            child
            for child in place
            if match[1] == "*"
            or (
                _local(child) == name
                and (child.prefix or "") == prefix
                and bool(prefix) == ("}" in child.tag)
            )
        ]
        index = int(match[2] or 1)
        if index > len(alike):
            return place
        place = alike[index - 1]
    return place


def _below(node: Node | None, tag: str) -> Node | None:
    return next((child for child in node.children if child.tag == tag), None) if node is not None else None


def _local(element: etree._Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _has_namesakes(element: etree._Element) -> bool:
    """Tell whether a sibling has the same tag."""
    parent = element.getparent()
    return parent is not None and sum(1 for _ in parent.iterchildren(element.tag)) > 1


def _index(element: etree._Element) -> int:
    return 1 + sum(1 for _ in element.itersiblings(element.tag, preceding=True))


def _cut(text: str) -> str:
    return text if len(text) <= _TEXT_MAX else text[: _TEXT_MAX - 3] + "..."
