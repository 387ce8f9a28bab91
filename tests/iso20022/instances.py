"""Valid instances of any message that has a table, made from the rows, and ways to spoil them.

`instance(message_id, seed)` gives one that our schema must accept; what it fills in and what it leaves out
follows the seed. `spoilt(...)` changes one thing outside opaque parts, in a way that may or may not be valid.
"""

import random
from copy import deepcopy
from functools import cache

from lxml import etree

from steelyard.iso20022.tables import Message, Node, message
from steelyard.iso20022.types import TYPES

_BY_PATTERN = {
    "Max5NumericText": "7",
    "Max15NumericText": "123",
    "Max15PlusSignedNumericText": "+3",
    "Exact4AlphaNumericText": "aB12",
    "AnyBICDec2014Identifier": "AAAABRSPXXX",
    "AnyBICIdentifier": "AAAABRSP",
    "BICFIDec2014Identifier": "BBBBINBB",
    "BICFIIdentifier": "BBBBINBBXXX",
    "IBAN2007Identifier": "BR1500000000000010932840814P2",
    "LEIIdentifier": "HUBTESTDEBTORBR00164",
    "UUIDv4Identifier": "dcf2f8ee-5b60-470e-967a-f71cee08a0b9",
    "HexBinaryText": "0aF",
    "SHA256SignatureText": "0A" * 32,
    "PhoneNumber": "+55-11-5550100",
    "CountryCode": "BR",
    "ActiveCurrencyCode": "INR",
    "ActiveOrHistoricCurrencyCode": "BRL",
    "ISONormalisedDateTime": "2026-11-23T10:15:30Z",
}
_BY_BASE = {
    "date": ("2026-11-23", "2026-11-23+05:30", "2026-11-23Z"),
    "dateTime": ("2026-11-23T10:15:30.123456789+03:00", "2026-11-23T10:15:30Z", "2026-11-23T10:15:30"),
    "time": ("10:15:30", "10:15:30.5Z"),
    "boolean": ("true", "false", "1", "0"),
}
_OPAQUE = {  # content that the published schemas accept at these elements too
    "Tax": "<RefNb>7</RefNb>",
    "TaxRmt": "<Cdtr><TaxId>1</TaxId></Cdtr>",
    "GrnshmtRmt": "<Tp><CdOrPrtry><Cd>GNCS</Cd></CdOrPrtry></Tp>",
    "LineDtls": "<Id><Nb>1</Nb></Id>",
    "Rate": "<Tp><Pctg>1.5</Pctg></Tp>",
    "RltdQties": "<Qty><Unit>3</Unit></Qty>",
    "FinInstrmId": "<Desc>bond</Desc>",
    "SfkpgAcct": "<Id>7</Id>",
    "CardTx": "<PrePdAcct><Id><Othr><Id>9</Id></Othr></Id></PrePdAcct>",
}
_WORDS = ("x", "Ashram Road 27", "Grãos & Cia <SP>", "a  b", " lead", "Ж", "1/2-?:().,'+")


def instance(message_id: str, seed: int, *, fill: float = 0.35) -> etree._Element:
    """Give a valid Document or AppHdr; `fill` is how likely an optional element is there."""
    table = message(message_id)
    rng = random.Random(f"{message_id}:{seed}")
    space = "{" + table.namespace + "}"
    if table.is_header:
        return _element(table.tree, space, rng, fill, None)
    document = etree.Element(space + "Document", nsmap={None: table.namespace})
    document.append(_element(table.tree, space, rng, fill, None))
    return document


def _element(node: Node, space: str, rng: random.Random, fill: float, nsmap) -> etree._Element:
    element = etree.Element(space + node.tag, nsmap={None: space[1:-1]})
    if node.type == "group":
        _fill(element, node, space, rng, fill)
    elif node.type == "opaque:any":
        etree.SubElement(element, "{urn:any:of:ours}Note", lang="pt").text = "olá"
    elif node.type == "opaque:signature":
        etree.SubElement(element, "{http://www.w3.org/2000/09/xmldsig#}Signature")
    elif node.type == "opaque:target":
        content = f'<o xmlns="{space[1:-1]}">{_OPAQUE[node.tag]}</o>'
        element.extend(list(etree.fromstring(content)))
    else:
        element.text = value(node.type, rng)
        if TYPES[node.type].currency:
            element.set("Ccy", rng.choice(("INR", "BRL", "EUR")))
    return element


def _fill(element: etree._Element, node: Node, space: str, rng: random.Random, fill: float) -> None:
    children = [child for child in node.children if child.type != "opaque:target" or child.tag in _OPAQUE]
    if children and children[0].choice:
        children = [rng.choice(children)]
    for child in children:
        if child.low == 0 and child.choice is None and rng.random() > fill:
            continue
        most = child.high if child.high is not None else max(2, child.low)
        low = max(child.low, 1)
        for _ in range(low if low == most else rng.randint(low, min(most, low + 1))):
            element.append(_element(child, space, rng, fill * 0.8, None))


def value(type_name: str, rng: random.Random) -> str:
    """Give a text of a simple type."""
    simple = TYPES[type_name]
    if simple.enumeration:
        return rng.choice(simple.enumeration)
    if type_name in _BY_PATTERN:
        return _BY_PATTERN[type_name]
    if simple.base in _BY_BASE:
        return rng.choice(_BY_BASE[simple.base])
    if simple.base == "decimal":
        whole = str(rng.randint(1, 99_999))
        decimals = "." + str(rng.randint(1, 99999)) if simple.fraction and rng.random() < 0.5 else ""
        return rng.choice(("", "+", "00")) + whole + decimals
    longest = simple.length_max or 8
    text = rng.choice(_WORDS)
    return rng.choice((text, text * longest, "y" * longest))[:longest] if longest < 300 else text


def spoilt(element: etree._Element, table: Message, rng: random.Random) -> tuple[str, etree._Element]:
    """Give a copy with one change outside opaque parts, and what was done."""
    copy = deepcopy(element)
    targets = [
        place
        for place in copy.iter()
        if place is not copy and not _inside_opaque(place, table) and not isinstance(place, etree._Comment)
    ]
    place = rng.choice(targets)
    parent = place.getparent()
    name, change = rng.choice(_CHANGES)
    change(place, parent, rng, table)
    return f"{name} {etree.QName(place).localname}", copy


@cache
def opaque_paths(table: Message) -> set[str]:
    """Give the paths of the opaque elements below the root of a message."""
    return {row.path for row in table.rows if row.type.startswith("opaque:")}


def _inside_opaque(place: etree._Element, table: Message) -> bool:
    """Tell whether an element lies in an opaque part, or is one."""
    steps: list[str] = []
    while place is not None and etree.QName(place).localname not in ("Document", "AppHdr"):
        steps.append(etree.QName(place).localname)
        place = place.getparent()
    steps = steps[::-1] if table.is_header else steps[::-1][1:]
    paths = opaque_paths(table)
    return any("/".join(steps[:n]) in paths for n in range(1, len(steps) + 1))


def _drop(place, parent, rng, table):
    parent.remove(place)


def _double(place, parent, rng, table):
    parent.insert(parent.index(place), deepcopy(place))


def _swap(place, parent, rng, table):
    after = place.getnext()
    if after is not None:
        after.addnext(place)


def _over_long(place, parent, rng, table):
    if not len(place):
        place.text = (place.text or "") + "1" * rng.choice((1, 3, 20, 40, 150, 400))


def _wrong_character(place, parent, rng, table):
    if not len(place) and place.text:
        at = rng.randrange(len(place.text))
        place.text = place.text[:at] + rng.choice(" -.,aZ9é") + place.text[at + 1 :]


def _foreign_child(place, parent, rng, table):
    space = rng.choice((table.namespace, "urn:of:nobody"))
    place.insert(rng.randint(0, len(place)), place.makeelement(f"{{{space}}}Xtra"))


def _rename(place, parent, rng, table):
    place.tag = rng.choice((place.tag + "x", "{" + table.namespace + "}Cd", etree.QName(place).localname))


def _empty(place, parent, rng, table):
    place.text = ""
    for child in list(place):
        place.remove(child)


def _attribute(place, parent, rng, table):
    place.set(*rng.choice((("Ccy", "usd"), ("Ccy", "USD"), ("id", "1"), ("Ccy", ""))))


def _loose_text(place, parent, rng, table):
    if len(place):
        place[-1].tail = "loose"


_CHANGES = (
    ("drop", _drop),
    ("double", _double),
    ("swap", _swap),
    ("lengthen", _over_long),
    ("mistype", _wrong_character),
    ("graft", _foreign_child),
    ("rename", _rename),
    ("empty", _empty),
    ("attribute", _attribute),
    ("loose text", _loose_text),
)
