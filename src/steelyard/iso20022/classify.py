"""Finds header and Document in a tree: namespaces decide, prefixes and wrapper names do not.

The two are the root itself, or children of one element that lies under at most three wrapper elements
of any name. What else stands in a wrapper, such as a scheme's technical header, is left alone.
"""

import re
from functools import lru_cache
from typing import Any, NamedTuple

from lxml import etree

from steelyard.iso20022.context import Finding, quoted

ISO = "urn:iso:std:iso:20022:tech:xsd:"
Values = dict[str, Any]
_ID = re.compile(r"[a-z]{4}\.\d{3}\.\d{3}\.\d{2}")
_WRAPPERS_MAX = 4  # the element that holds the parts, and the three that may stand above it
_WIDTH_MAX = 1_000  # children of one wrapper, and wrappers of one depth, among which the parts are looked for
_HEADER, _DOCUMENT = "AppHdr", "Document"

_OWN_ID = {  # where a message's own id stands, below the element in Document
    "acmt.023": ("Assgnmt", "MsgId"),
    "acmt.024": ("Assgnmt", "MsgId"),
    "camt.003": ("MsgHdr", "MsgId"),
    "camt.004": ("MsgHdr", "MsgId"),
    "camt.025": ("MsgHdr", "MsgId"),
    "camt.029": ("Assgnmt", "Id"),
    "camt.050": ("MsgHdr", "MsgId"),
    "camt.056": ("Assgnmt", "Id"),
}


class Parts(NamedTuple):
    """Header element, Document element and their message ids; None where a part is absent."""

    header: etree._Element | None
    document: etree._Element | None
    header_id: str | None
    document_id: str | None

    @property
    def message(self) -> str | None:
        """The id of the Document, of the header if it stands alone."""
        return self.document_id or self.header_id


def classify(root: etree._Element, raw: bytes) -> Parts | Finding:
    """Give the parts below a root, or BAH01; `raw` are the bytes that the tree was read from."""
    found, wrappers = _parts(root)
    if not found:
        return _stop("there is no header and no Document")
    header = document = header_id = document_id = None
    for part in found:
        name, id_ = _part_of(part.tag) or ("", None)
        if id_ is None:
            return _stop("a part is not in an ISO 20022 namespace")
        if (header if name == _HEADER else document) is not None:
            return _stop("a part stands more than once")
        if name == _HEADER:
            header, header_id = part, id_
        else:
            document, document_id = part, id_
    if any(_has_text(wrapper) for wrapper in wrappers):
        return _stop("text stands between the parts")
    if _more(raw, root, found, header is not None, document is not None):
        return _stop("a part stands more than once")
    if header_id is not None and not header_id.startswith("head.001."):
        return _stop("the header is in the namespace of another message")
    return Parts(header, document, header_id, document_id)


def definition_fault(document_id: str, header: Values, own: str | None) -> Finding | None:
    """Judge whether MsgDefIdr names the Document (BAH03) and BizMsgIdr is its own id (BAH04).

    `header` are the header's values, `own` the message's own id, None where it has none.
    """
    named = header["definition"].strip()
    if named != document_id:
        text = f"MsgDefIdr {quoted(named)} is not {document_id}"
        return Finding("definition_matches", "BAH03", "/AppHdr/MsgDefIdr", text)
    business = header["business_message_id"]
    if own is not None and own != business:
        text = f"BizMsgIdr {quoted(business)} is not the message's own {quoted(own)}"
        return Finding("business_id_matches", "BAH04", "/AppHdr/BizMsgIdr", text)
    return None


def own_id(parts: Parts) -> str | None:
    """Give the message's own id, None where this message has none (admi) or it does not stand there."""
    if parts.document is None or parts.document_id is None or not len(parts.document):
        return None
    if parts.document_id.startswith("admi."):
        return None
    space = f"{{{ISO}{parts.document_id}}}"
    outer, inner = _OWN_ID.get(parts.document_id[:8], ("GrpHdr", "MsgId"))
    return parts.document[0].findtext(f"{space}{outer}/{space}{inner}")


def reference_of(parts: Parts) -> str | None:
    """Give what an answer may refer to, valid or not: BizMsgIdr, else the message's own id, cut to 35."""
    found = None
    if parts.header is not None:
        found = parts.header.findtext(f"{{{ISO}{parts.header_id}}}BizMsgIdr")
    return ((found or own_id(parts)) or "")[:35] or None


def _parts(root: etree._Element) -> tuple[list[etree._Element], list[etree._Element]]:
    """Find the parts and the wrappers above them; strangers to ISO only if there are no others."""
    top = _part_of(root.tag)
    if top is not None and top[1] is not None:
        return [root], []
    strangers: tuple[list[etree._Element], list[etree._Element]] = ([], [])
    if top is not None:
        strangers = [root], []
    level: list[list[etree._Element]] = [[root]]
    for _ in range(_WRAPPERS_MAX):
        level = [chain for chain in level if len(chain[-1]) <= _WIDTH_MAX]
        for chain in level:
            parts = [child for child in chain[-1] if _part_of(child.tag) is not None]
            if any((_part_of(part.tag) or ("", None))[1] is not None for part in parts):
                return parts, chain
            if parts and not strangers[0]:
                strangers = parts, chain
        level = [[*chain, child] for chain in level for child in chain[-1]]
        if len(level) > _WIDTH_MAX:
            break
    return strangers


@lru_cache(maxsize=512)
def _part_of(tag: str) -> tuple[str, str | None] | None:
    """Say of a tag whether it names a part, and of which message; None in the second place: not ISO's."""
    end = tag.rfind("}")
    name = tag[end + 1 :]
    if name not in (_HEADER, _DOCUMENT):
        return None
    found = tag[1 + len(ISO) : end] if tag.startswith("{" + ISO) else ""
    return name, found if _ID.fullmatch(found) else None


def _has_text(wrapper: etree._Element) -> bool:
    text = wrapper.text
    if text is not None and not text.isspace():
        return True
    return any(child.tail is not None and not child.tail.isspace() for child in wrapper)


def _more(
    raw: bytes, root: etree._Element, found: list[etree._Element], header: bool, document: bool
) -> bool:
    """Say whether a part stands outside the two.

    Element names stand literally in the bytes, so counting them decides nearly always.
    """
    if raw.count(b"AppHdr") == 2 * header and raw.count(b"Document") == 2 * document:
        return False
    wrappers = set(found[0].iterancestors())
    return any(
        element not in wrappers and element not in found and not _is_supplementary(element)
        for element in root.iter("{*}AppHdr", "{*}Document")
    )


def _is_supplementary(element: etree._Element) -> bool:
    return any(above.tag.endswith("}SplmtryData") for above in element.iterancestors())


def _stop(text: str) -> Finding:
    return Finding("one_header_one_document", "BAH01", "", text)
