"""A compiled schema, and what it says is wrong."""

import threading
from typing import Any, Final, NamedTuple

from lxml import etree

from steelyard.iso20022.parse import OPTIONS


class Complaint(NamedTuple):
    """The library's words on the first error: its kind, the place in its own path form, the message."""

    kind: str
    path: str
    message: str


_UNSAID: Final = Complaint("", "", "")


class Schema:
    """A compiled schema. Threads share it; a second copy, under a lock, explains what the first refused.

    The copy is there because the errors of a validation lie in the compiled object, where another thread
    would overwrite them.
    """

    def __init__(self, root: etree._Element) -> None:
        self._root = root
        self._compiled = etree.XMLSchema(root)
        self._explaining: etree.XMLSchema | None = None
        self._lock = threading.Lock()

    def accepts(self, element: etree._Element) -> bool:
        """Tell whether an element and all below it are valid."""
        return bool(self._compiled(element))

    def complaint(self, element: etree._Element) -> Complaint:
        """Give the first error of an element that is not valid."""
        with self._lock:
            if self._explaining is None:
                self._explaining = etree.XMLSchema(self._root)
            self._explaining(element)
            return _first(self._explaining.error_log)

    def complaint_while_parsing(self, raw: bytes) -> Complaint | None:
        """Give the first error of canonical bytes by a parser that validates: linear, but without a place."""
        parser = etree.XMLParser(encoding="utf-8", schema=self._compiled, **OPTIONS)
        try:
            parser.feed(raw)
            parser.close()
        except etree.XMLSyntaxError:
            return _first(parser.feed_error_log)
        return None


def _first(log: Any) -> Complaint:
    """Give the first error of a log, warnings left out."""
    entry = next(iter(log.filter_from_errors()), None)
    return _UNSAID if entry is None else Complaint(entry.type_name, entry.path or "", entry.message)
