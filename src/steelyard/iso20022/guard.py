"""The gate before any tree exists: cheap counts over the bytes that bound memory and time.

First hit answers: empty or not XML 1.0 (XML01), a document type or entity declaration anywhere, even
in a comment or CDATA (XML02, a documented false positive), not UTF-8 (XML03), over a limit (XML04).
"""

import re

from steelyard.iso20022.context import Finding, Limits

_BOM = b"\xef\xbb\xbf"
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
_DECLARATION = re.compile(rb"<\?xml[\x20\t\r\n]")
_VERSION = re.compile(rb"version[\x20\t\r\n]*=[\x20\t\r\n]*(?:\"([^\"]*)\"|'([^']*)')")
_ENCODING = re.compile(rb"encoding[\x20\t\r\n]*=[\x20\t\r\n]*(?:\"([^\"]*)\"|'([^']*)')")


def guard(raw: bytes, limits: Limits) -> bytes | Finding:
    """Give the bytes without their byte order mark, or the finding that stops them.

    >>> from steelyard.iso20022.context import MESSAGE_ROUTE
    >>> guard(b"\\xef\\xbb\\xbf<a/>", MESSAGE_ROUTE)
    b'<a/>'
    >>> guard(b"<!DOCTYPE a><a/>", MESSAGE_ROUTE).code
    'XML02'
    """
    if not raw:
        return _stop("well_formed", "XML01", "the input is empty")
    if len(raw) > limits.bytes_max:
        return _stop("within_limits", "XML04", f"longer than {limits.bytes_max} bytes")
    fault = encoding_fault(raw)
    if fault is not None:
        return fault
    if raw.startswith(_BOM):
        raw = raw[3:]
        if raw.startswith(_BOM):
            return _stop("well_formed", "XML01", "a second byte order mark")
    fault = declaration_fault(raw)
    if fault is not None:
        return fault
    if raw.find(b"<!DOCTYPE") >= 0 or raw.find(b"<!ENTITY") >= 0:
        return _stop("no_doctype", "XML02", "document type and entity declarations are refused")
    if raw.count(b"<") > limits.elements_max:
        return _stop("within_limits", "XML04", f"more than {limits.elements_max} opening brackets")
    if raw.count(b"=") > limits.attributes_max:
        return _stop("within_limits", "XML04", f"more than {limits.attributes_max} equals signs")
    return raw


def encoding_fault(raw: bytes) -> Finding | None:
    """Judge whether the bytes are UTF-8, strictly: no wide forms, no early NUL, no surrogates."""
    if raw.startswith(_WIDE_MARKS) or b"\0" in raw[:4]:
        return _stop("utf8_only", "XML03", "the bytes are not UTF-8")
    if not raw.isascii():
        try:
            raw.decode()
        except UnicodeDecodeError as error:
            return _stop("utf8_only", "XML03", f"byte {error.start} is not UTF-8")
    return None


def declaration_fault(raw: bytes) -> Finding | None:
    """Judge the XML declaration, if there is one: version 1.0 and no encoding but UTF-8."""
    if _DECLARATION.match(raw) is None:
        return None
    inside = raw[: raw.find(b"?>") + 1]
    encoding = _ENCODING.search(inside)
    if encoding is not None and (encoding[1] or encoding[2] or b"").upper() != b"UTF-8":
        return _stop("utf8_only", "XML03", "the declaration names an encoding other than UTF-8")
    version = _VERSION.search(inside)
    if version is not None and (version[1] or version[2]) != b"1.0":
        return _stop("well_formed", "XML01", "the declaration names a version other than 1.0")
    return None


def _stop(rule: str, word: str, text: str) -> Finding:
    return Finding(rule, word, "", text)
