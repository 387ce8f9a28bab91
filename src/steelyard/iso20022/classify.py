"""Finds header and Document in a tree: namespaces decide, prefixes and wrapper names do not.

The two are the root itself, or children of one element that lies under at most three wrapper elements
of any name. What else stands in a wrapper, such as a scheme's technical header, is left alone.
"""

import re
from typing import NamedTuple

from lxml import etree

from steelyard.iso20022.context import Finding, quoted

ISO = "urn:iso:std:iso:20022:tech:xsd:"
_ID = re.compile(r"[a-z]{4}\.\d{3}\.\d{3}\.\d{2}")
_WRAPPERS_MAX = 4  # the element that holds the parts, and the three that may stand above it
_WIDTH_MAX = 1_000  # elements of one depth among which the parts are looked for
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
    if any(_iso_id(part) is None for part in found):
        return _stop("a part is not in an ISO 20022 namespace")
    if any(_has_text(wrapper) for wrapper in wrappers):
        return _stop("text stands between the parts")
    if len(found) > 2 or len({_part_name(part) for part in found}) < len(found) or _more(raw, root, found):
        return _stop("a part stands more than once")
    header = next((part for part in found if _part_name(part) == _HEADER), None)
    document = next((part for part in found if _part_name(part) == _DOCUMENT), None)
    header_id, document_id = _iso_id(header), _iso_id(document)
    if header_id is not None and not header_id.startswith("head.001."):
        return _stop("the header is in the namespace of another message")
    return Parts(header, document, header_id, document_id)


def definition_fault(parts: Parts) -> Finding | None:
    """Judge whether MsgDefIdr names the Document (BAH03) and BizMsgIdr is its own id (BAH04)."""
    header, document = parts.header, parts.document
    if header is None or document is None or parts.document_id is None:
        return None
    space = f"{{{ISO}{parts.header_id}}}"
    named = (header.findtext(space + "MsgDefIdr") or "").strip()
    if named != parts.document_id:
        text = f"MsgDefIdr {quoted(named)} is not {parts.document_id}"
        return Finding("definition_matches", "BAH03", "/AppHdr/MsgDefIdr", text)
    own = own_id(parts)
    business = header.findtext(space + "BizMsgIdr")
    if own is not None and own != business:
        text = f"BizMsgIdr {quoted(business or '')} is not the message's own {quoted(own)}"
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
    if _part_name(root) and _iso_id(root) is not None:
        return [root], []
    strangers: tuple[list[etree._Element], list[etree._Element]] = ([], [])
    if _part_name(root):
        strangers = [root], []
    level: list[list[etree._Element]] = [[root]]
    for _ in range(_WRAPPERS_MAX):
        for chain in level:
            parts = [child for child in chain[-1] if _part_name(child)]
            if any(_iso_id(part) is not None for part in parts):
                return parts, chain
            if parts and not strangers[0]:
                strangers = parts, chain
        level = [[*chain, child] for chain in level for child in chain[-1]]
        if len(level) > _WIDTH_MAX:
            break
    return strangers


def _part_name(element: etree._Element) -> str | None:
    tag = element.tag
    name = tag[tag.rfind("}") + 1 :]
    return name if name in (_HEADER, _DOCUMENT) else None


def _iso_id(element: etree._Element | None) -> str | None:
    if element is None:
        return None
    tag = element.tag
    end = tag.rfind("}")
    if not tag.startswith("{" + ISO):
        return None
    found = tag[1 + len(ISO) : end]
    return found if _ID.fullmatch(found) else None


def _has_text(wrapper: etree._Element) -> bool:
    texts = [wrapper.text, *(child.tail for child in wrapper)]
    return any(text is not None and not text.isspace() for text in texts)


def _more(raw: bytes, root: etree._Element, found: list[etree._Element]) -> bool:
    """Say whether a part stands outside the two.

    Element names stand literally in the bytes, so counting them decides nearly always.
    """
    names = [_part_name(part) for part in found]
    header_ends, document_ends = 2 * names.count(_HEADER), 2 * names.count(_DOCUMENT)
    if raw.count(b"AppHdr") == header_ends and raw.count(b"Document") == document_ends:
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
