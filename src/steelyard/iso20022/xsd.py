"""From a message table to the XML Schema that libxml2 runs.

The schema says what the table says the standard allows: order, occurrence, types. It accepts what the
published schema of that version accepts, except inside opaque elements, where any content of the right
namespace passes. Beside Document it declares each unit (a transaction, an entry) as an element of its own,
so that one of many can be judged alone.
"""

from functools import cache
from html import escape
from typing import Final

from steelyard.iso20022.tables import Node, message
from steelyard.iso20022.types import TYPES, Simple

_SIGNATURE: Final = "http://www.w3.org/2000/09/xmldsig#"
_OPAQUE: Final = {
    "opaque:target": '<xs:any namespace="##targetNamespace" processContents="skip" minOccurs="0" '
    'maxOccurs="unbounded"/>',
    "opaque:any": '<xs:any namespace="##any" processContents="skip"/>',
    "opaque:signature": f'<xs:any namespace="{_SIGNATURE}" processContents="skip"/>',
}


@cache
def xsd_text(message_id: str) -> str:
    """Give the schema of a message that has a table.

    >>> "FIToFICstmrCdtTrf" in xsd_text("pacs.008.001.08")
    True
    """
    table = message(message_id)
    if table is None:
        raise LookupError(f"there is no table of {message_id}")
    named: dict[str, Node] = {}
    units = {tuple(unit): f"Unit.{unit[-1]}" for unit in table.units}
    body = [_type("Root", table.tree, named, units, ())]
    if table.is_header:
        body.insert(0, '<xs:element name="AppHdr" type="Root"/>')
    else:
        inner = f'<xs:element name="{table.root}" type="Root"/>'
        body.insert(0, f'<xs:element name="Document">{_inline(_sequence(inner))}</xs:element>')
    body.extend(f'<xs:element name="{path[-1]}" type="{name}"/>' for path, name in units.items())
    done: set[str] = set()
    while waiting := [name for name in named if name not in done]:
        for name in waiting:
            done.add(name)
            path = tuple(named[name].row.path.split("/")) if name.startswith("Unit.") else ()
            body.append(_type(name, named[name], named, units, path))
    body.extend(_leaf_type(name) for name in sorted(_leaves(table.tree)))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified" '
        f'xmlns="{table.namespace}" targetNamespace="{table.namespace}">\n'
        + "\n".join(body)
        + "\n</xs:schema>\n"
    )


def _type(
    name: str, node: Node, named: dict[str, Node], units: dict[tuple[str, ...], str], path: tuple[str, ...]
) -> str:
    """Give a named complex type with the children of a node."""
    return f'<xs:complexType name="{name}">{_content(node, named, units, path)}</xs:complexType>'


def _content(
    node: Node, named: dict[str, Node], units: dict[tuple[str, ...], str], path: tuple[str, ...]
) -> str:
    """Give the children of a node, a sequence or a choice; what must be named is noted in `named`."""
    inside = []
    for child in node.children:
        below = (*path, child.tag)
        bounds = _bounds(child)
        name = units.get(below) or _component_name(child.component)
        if child.type != "group":
            inside.append(f'<xs:element name="{child.tag}" type="{_xsd_name(child.type)}"{bounds}/>')
        elif name:
            named.setdefault(name, child)
            inside.append(f'<xs:element name="{child.tag}" type="{name}"{bounds}/>')
        else:
            content = _content(child, named, units, below)
            inside.append(f'<xs:element name="{child.tag}"{bounds}>{_inline(content)}</xs:element>')
    chosen = bool(node.children) and node.children[0].choice is not None
    return f"<xs:choice>{''.join(inside)}</xs:choice>" if chosen else _sequence("".join(inside))


def _sequence(inside: str) -> str:
    return f"<xs:sequence>{inside}</xs:sequence>"


def _inline(content: str) -> str:
    return f"<xs:complexType>{content}</xs:complexType>"


def _bounds(node: Node) -> str:
    """Give minOccurs and maxOccurs where they are not 1."""
    low = "" if node.low == 1 else f' minOccurs="{node.low}"'
    high = "" if node.high == 1 else f' maxOccurs="{"unbounded" if node.high is None else node.high}"'
    return low + high


def _component_name(component: str | None) -> str | None:
    return component.replace("code:", "Code.") if component else None


def _xsd_name(type_name: str) -> str:
    return type_name.replace("opaque:", "Opaque.")


def _leaves(node: Node) -> set[str]:
    """Give the types of all leaves below a node."""
    found: set[str] = set()
    for child in node.children:
        found |= _leaves(child) if child.type == "group" else {child.type}
    return found


def _leaf_type(name: str) -> str:
    """Give the definition of a simple type, an amount or an opaque form."""
    if name in _OPAQUE:
        return f'<xs:complexType name="{_xsd_name(name)}">{_sequence(_OPAQUE[name])}</xs:complexType>'
    simple = TYPES[name]
    if not simple.currency:
        return f'<xs:simpleType name="{name}">{_restriction(simple)}</xs:simpleType>'
    currency = f"<xs:simpleType>{_restriction(TYPES['ActiveCurrencyCode'])}</xs:simpleType>"
    return (
        f'<xs:simpleType name="{name}.Number">{_restriction(simple)}</xs:simpleType>'
        f'<xs:complexType name="{name}"><xs:simpleContent><xs:extension base="{name}.Number">'
        f'<xs:attribute name="Ccy" use="required">{currency}</xs:attribute>'
        "</xs:extension></xs:simpleContent></xs:complexType>"
    )


def _restriction(simple: Simple) -> str:
    """Give the facets of a simple type."""
    facets = [
        *(("enumeration", word) for word in simple.enumeration),
        ("pattern", simple.pattern),
        ("minLength", simple.length_min),
        ("maxLength", simple.length_max),
        ("fractionDigits", simple.fraction),
        ("totalDigits", simple.digits),
        ("minInclusive", simple.at_least),
    ]
    inside = "".join(
        f'<xs:{name} value="{escape(str(value))}"/>' for name, value in facets if value is not None
    )
    return f'<xs:restriction base="xs:{simple.base}">{inside}</xs:restriction>'
