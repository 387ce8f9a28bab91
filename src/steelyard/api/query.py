"""Query fields: each route lists its own, every fault of a query is told at once, values are read by kind."""

from typing import Any

from steelyard.api.route import Param, Route
from steelyard.api.shape import given, unfit
from steelyard.client.types import Fault
from steelyard.values.identifiers import bic_is_shaped
from steelyard.values.instants import parse_date, parse_instant

PAGE = (
    Param("limit", "number", "How many items, 1 to 1,000; 50 without it."),
    Param("after", "text", "Cursor of the page before: `next` of its answer."),
    Param("before", "text", "Cursor of the page after: `prev` of its answer."),
)
WAIT = (
    Param("wait_seq", "number", "Row of the journal to wait for, so that one's own writes are seen."),
    Param("wait_ms", "number", "How long to wait for it."),
)
_NUMBER_END = 1 << 62


def check_query(route: Route, query: dict[str, str] | Any) -> None:
    """Raise with every query field that is unknown or has the wrong form."""
    if not query:
        return
    known = {param.name: param for param in route.query}
    if route.method == "GET" and route.action != "public":
        known |= {param.name: param for param in WAIT}
    faults = []
    for name, text in query.items():
        param = known.get(name)
        if param is None:
            faults.append(Fault(given(name), "unknown-field", "there is no such query field"))
        elif read(param, text) is None:
            words = f" of {', '.join(param.choices)}" if param.choices else ""
            faults.append(Fault(name, "pattern", f"must be {param.kind}{words}", given(text)))
    if faults:
        raise unfit(faults)


def read(param: Param, text: str) -> Any:
    """Give a query field's value, None where it has the wrong form."""
    if "\0" in text or len(text) > 2_000:
        return None
    return _READ[param.kind](param, text)


def _number(param: Param, text: str) -> int | None:
    if not (text.isascii() and text.isdigit()) or len(text) > 19 or int(text) >= _NUMBER_END:
        return None
    return int(text)


def _instant(text: str) -> int | None:
    """Read an instant that the tables can hold; a plus in an address may have come as a space."""
    at = parse_instant(text.replace(" ", "+"))
    return at if at is not None and 0 <= at < _NUMBER_END else None


def _words(param: Param, text: str) -> list[str] | None:
    """Read words separated by commas, each one of the choices."""
    words = text.split(",")
    return words if words and all(word in param.choices for word in words) else None


def _flag(param: Param, text: str) -> bool | None:
    return {"true": True, "false": False}.get(text)


def _asset(param: Param, text: str) -> list[str] | None:
    codes = text.split(",")
    good = all(
        code.isascii() and code.replace("-", "").replace(".", "").isalnum() and code == code.upper()
        for code in codes
    )
    return codes if good else None


_READ = {
    "text": lambda param, text: text or None,
    "number": _number,
    "date": lambda param, text: parse_date(text),
    "instant": lambda param, text: _instant(text),
    "asset": _asset,
    "bic": lambda param, text: text if bic_is_shaped(text) else None,
    "flag": _flag,
    "words": _words,
}
