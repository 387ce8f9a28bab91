"""What a method of the client asks, before anything is sent: the same for the sync and the async client."""

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Generic, NamedTuple, TypeVar
from urllib.parse import quote

import msgspec

from steelyard.client.errors import AnswerIsStrange, OutcomeUnknown
from steelyard.client.types import Done, Page

T = TypeVar("T")

JSON, XML, CSV, EVENTS = "application/json", "application/xml", "text/csv", "text/event-stream"
NDJSON = "application/x-ndjson"
SILENCE_SECONDS = 45.0
"""A stream of events that is silent for so long is broken: the node lets it beat every 15 seconds."""


class Reply(NamedTuple):
    """What came back over HTTP; header names are in lower case."""

    status: int
    headers: dict[bytes, bytes]
    body: bytes

    def header(self, name: str) -> str:
        """Give a header's text, empty where it is not there."""
        return self.headers.get(name.encode(), b"").decode("latin-1")


class Failure(NamedTuple):
    """Nothing came back. `was_sent` is False where it is certain that the node never got the request."""

    why: str
    was_sent: bool


class Lost(Exception):
    """A connection ended, or said what is no HTTP, before an answer was whole."""


class Request(NamedTuple):
    """One HTTP request, ready for either transport."""

    method: str
    target: bytes
    headers: list[tuple[bytes, bytes]]
    body: bytes = b""


Unknown = Callable[[str, str], Any]


class Versioned(NamedTuple, Generic[T]):
    """A thing with its version, to be named when it is changed."""

    value: T
    version: str


class Ask(NamedTuple, Generic[T]):
    """A request and how its answer is read.

    `keyed` ones get an Idempotency-Key, the given `key` or a fresh one. `unknown(why, key)` gives what is
    returned where the outcome stays unknown; without it OutcomeUnknown is raised.
    """

    method: str
    path: str
    read: Callable[[Reply], T]
    body: bytes = b""
    media: str = ""
    accepts: str = JSON
    keyed: bool = False
    key: str | None = None
    unknown: Unknown | None = None
    version: str = ""
    """ETag of what is to be changed, for If-Match"""
    sees_writes: bool = False
    """Whether it waits until what this client has written is in the tables it reads"""

    def doubt(self, why: str, key: str) -> T:
        """Give or raise that nobody knows what became of it."""
        if self.unknown is None:
            raise OutcomeUnknown(why, key)
        found: T = self.unknown(why, key)
        return found


class Listing(NamedTuple, Generic[T]):
    """A list: its address, its filters and the shape of its items."""

    path: str
    filters: Mapping[str, Any]
    kind: type[T]

    def page(self, *, after: str | None = None, before: str | None = None) -> Ask[Page[T]]:
        """Ask for one page."""
        fields = dict(self.filters)
        if after is not None or before is not None:
            fields |= {"after": after, "before": before}
        kind: Any = Page[self.kind]  # type: ignore[name-defined]
        return get(self.path + query(fields), kind)

    def csv(self) -> Ask[bytes]:
        """Ask for all rows as CSV."""
        fields = {name: value for name, value in self.filters.items() if name != "limit"}
        return Ask("GET", self.path + query(fields), body_of, accepts=CSV, sees_writes=True)


def reader(kind: Any) -> Callable[[Reply], Any]:
    """Give the function that reads a reply as a shape; made once for each."""
    return _reader(kind)


@cache
def _reader(kind: Any) -> Callable[[Reply], Any]:
    decode = msgspec.json.Decoder(kind).decode

    def read(reply: Reply) -> Any:
        try:
            return decode(reply.body)
        except msgspec.MsgspecError as error:
            raise AnswerIsStrange(f"the node's answer is no {_name(kind)}: {error}") from None

    return read


def _name(kind: Any) -> str:
    return str(getattr(kind, "__name__", kind))


def body_of(reply: Reply) -> bytes:
    """Read a reply as it came."""
    return reply.body


def get(path: str, kind: type[T], *, sees_writes: bool = True) -> Ask[T]:
    """Ask for a thing."""
    return Ask("GET", path, reader(kind), sees_writes=sees_writes)


def get_versioned(path: str, kind: type[T]) -> Ask[Versioned[T]]:
    """Ask for a thing together with its version."""
    read = reader(kind)
    return Ask("GET", path, lambda reply: Versioned(read(reply), reply.header("etag")), sees_writes=True)


def order(
    method: str,
    path: str,
    asked: Any = None,
    *,
    key: str | None,
    subject: str | None = None,
    version: str = "",
) -> Ask[Done]:
    """Ask for a command that is answered by what became of it."""
    return change(
        method, path, asked, Done, key=key, version=version,
        unknown=lambda why, key: Done(outcome="unknown", subject=subject, details={"why": why, "key": key}),
    )  # fmt: skip


def change(
    method: str,
    path: str,
    asked: Any,
    kind: type[T],
    *,
    key: str | None = None,
    unknown: Unknown | None = None,
    version: str = "",
) -> Ask[T]:
    """Ask for a change; `asked` is its shape, None for no body."""
    body = b"" if asked is None else msgspec.json.encode(asked)
    return Ask(
        method, path, reader(kind), body, JSON if body else "", keyed=True, key=key, unknown=unknown,
        version=version,
    )  # fmt: skip


def path(*parts: str) -> str:
    """Join the parts of an address; what callers give is escaped.

    >>> path("/v1/accounts", "GHAFAEA0/AED", "legs")
    '/v1/accounts/GHAFAEA0%2FAED/legs'
    """
    return "/".join([parts[0], *(quote(part, safe="") for part in parts[1:])])


def query(fields: Mapping[str, Any]) -> str:
    """Write a query; fields that are None are left out, several words are joined by commas.

    >>> query({"state": ["queued", "held"], "after": None, "limit": 20, "bom": True})
    '?state=queued,held&limit=20&bom=true'
    """
    words = [
        f"{name}={quote(_word(value), safe=',:-._~')}" for name, value in fields.items() if value is not None
    ]
    return "?" + "&".join(words) if words else ""


def _word(value: Any) -> str:
    if value is True or value is False:
        return str(value).lower()
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ",".join(str(part) for part in value)
    return str(value)
