"""Bytes to a tree, by one set of parser options for the whole project.

Comments and processing instructions are dropped by the parser, so one text value is one string:
`<Amt>1250<!-- -->000.50</Amt>` reads 1250000.50, as canonicalisation without comments signs it.
Nothing outside this file and `bulk.py` may parse XML that came from outside.
"""

import threading
from typing import Any, Final, cast

from lxml import etree

from steelyard.iso20022.context import Finding

OPTIONS: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "dtd_validation": False,
    "attribute_defaults": False,
    "huge_tree": False,
    "recover": False,
    "remove_comments": True,
    "remove_pis": True,
    "remove_blank_text": False,
    "strip_cdata": True,
    "collect_ids": False,
}
_XSI_NAMES = ("type", "nil")
_XSI = "{http://www.w3.org/2001/XMLSchema-instance}"
_SAID: Final[dict[int, str]] = {
    etree.ErrorTypes.ERR_DOCUMENT_EMPTY: "there is no root element",
    etree.ErrorTypes.ERR_DOCUMENT_END: "something follows the root element, or the root never ends",
    etree.ErrorTypes.ERR_TAG_NAME_MISMATCH: "an end tag does not match its start tag",
    etree.ErrorTypes.ERR_TAG_NOT_FINISHED: "an element never ends",
    etree.ErrorTypes.ERR_GT_REQUIRED: "a tag never ends",
    etree.ErrorTypes.ERR_INVALID_CHAR: "a character that XML forbids",
    etree.ErrorTypes.ERR_UNDECLARED_ENTITY: "an entity that nothing declares",
    etree.ErrorTypes.ERR_ATTRIBUTE_REDEFINED: "an attribute stands twice",
    etree.ErrorTypes.NS_ERR_UNDEFINED_NAMESPACE: "a prefix that nothing declares",
}
_own = threading.local()


def parser() -> etree.XMLParser:
    """Give this thread's parser."""
    made: etree.XMLParser | None = getattr(_own, "parser", None)
    if made is None:
        made = _own.parser = etree.XMLParser(encoding="utf-8", **OPTIONS)
    return made


def parse(raw: bytes) -> etree._Element | Finding:
    """Give the root of the guarded bytes, or the finding that stops them.

    >>> parse(b"<a>1<!-- -->2</a>").text
    '12'
    >>> parse(b"<a>").code
    'XML01'
    """
    try:
        root = etree.fromstring(raw, parser())
    except etree.XMLSyntaxError as error:
        return syntax_finding(error)
    if root.getroottree().docinfo.internalDTD is not None:
        return Finding("no_doctype", "XML02", "", "document type and entity declarations are refused")
    if b"&" in raw and next(root.iter(etree.Entity), None) is not None:
        return Finding("no_doctype", "XML02", "", "an entity reference is left in the text")
    if (b":type" in raw or b":nil" in raw) and _has_instance_attribute(root):
        return Finding("schema", "XSD01", "", "instance attributes (xsi:type, xsi:nil) are refused")
    return root


def syntax_finding(error: etree.XMLSyntaxError) -> Finding:
    """Turn the parser's complaint into a finding: a limit of the parser is XML04, all else XML01.

    Only the error itself is asked: the log that comes with it holds those of all that its parser has read before.
    """
    code = cast(int, getattr(error, "code", 0))
    line, column = error.position if error.lineno is not None else (0, 0)
    where = f"{line}:{column}"
    if code == etree.ErrorTypes.ERR_RESOURCE_LIMIT or "XML_PARSE_HUGE" in (error.msg or ""):
        return Finding("within_limits", "XML04", where, "too deep, or one text too long")
    said = _SAID.get(code, "not well-formed")
    return Finding("well_formed", "XML01", where, f"{said} (line {line}, column {column})")


def _has_instance_attribute(root: etree._Element) -> bool:
    names = [_XSI + name for name in _XSI_NAMES]
    return any(name in element.attrib for element in root.iter(etree.Element) for name in names)
