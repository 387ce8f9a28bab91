"""One request on its way through a route, and the reply that a route gives."""

from collections.abc import AsyncGenerator, Mapping
from hashlib import sha256
from typing import Any, NamedTuple, TypeVar

import msgspec

from steelyard.api import shape
from steelyard.api.auth.caller import Caller
from steelyard.api.directory import Directory
from steelyard.api.gateway import Gateway
from steelyard.api.problems import ProblemError
from steelyard.api.route import CSV, JSON, Route

T = TypeVar("T")

_encode = msgspec.json.Encoder().encode


class Reply(NamedTuple):
    """A status, a body (or a stream of pieces) and headers beyond those every reply has."""

    status: int
    body: bytes = b""
    media: str = JSON
    headers: tuple[tuple[str, str], ...] = ()
    pieces: AsyncGenerator[bytes] | None = None

    def with_headers(self, *headers: tuple[str, str]) -> "Reply":
        """Give the reply with more headers."""
        return self._replace(headers=(*self.headers, *headers))


class Call:
    """A request whose caller is known and whose body is read."""

    __slots__ = (
        "address", "body", "caller", "command_id", "directory", "gateway", "headers", "is_csv", "path",
        "path_params", "query", "request_id", "route",
    )  # fmt: skip

    def __init__(
        self,
        gateway: Gateway,
        route: Route,
        directory: Directory,
        *,
        path: str,
        path_params: Mapping[str, str],
        query: Mapping[str, str],
        headers: Mapping[bytes, bytes],
        request_id: str,
        address: str,
    ) -> None:
        self.gateway = gateway
        self.route = route
        self.directory = directory
        self.path = path
        self.path_params = path_params
        self.query = query
        self.headers = headers
        self.request_id = request_id
        self.address = address
        self.caller: Caller | None = None
        self.body = b""
        self.command_id = b""
        self.is_csv = path.endswith(".csv") or (CSV in route.tells and self.accepts(CSV))

    @property
    def who(self) -> Caller:
        """The caller; only on routes that are not public."""
        if self.caller is None:
            raise ProblemError("not-authenticated")
        return self.caller

    def header(self, name: str) -> str:
        """Give a header's text, empty where it is not there."""
        return self.headers.get(name.encode(), b"").decode("latin-1").strip()

    def accepts(self, media: str) -> bool:
        """Tell whether the caller names a media type in Accept."""
        return media in self.headers.get(b"accept", b"").decode("latin-1").lower()

    def asked(self, kind: type[T]) -> T:
        """Read the body as JSON of a kind; every fault is told at once."""
        return shape.read(self.body, kind)


def tell(item: Any, *, status: int = 200, seq: int | None = None, location: str = "") -> Reply:
    """Reply with an item as JSON; `seq` is the row of the journal that a read saw."""
    headers: list[tuple[str, str]] = []
    if seq is not None:
        headers.append(("Steelyard-Applied-Seq", str(seq)))
    if location:
        headers.append(("Location", location))
    return Reply(status, _encode(item), JSON, tuple(headers))


def etag(body: bytes) -> str:
    """Give the version of what a body shows."""
    return f'"{sha256(body).hexdigest()[:24]}"'


def need_match(call: Call, current: Any) -> None:
    """Raise unless a change names the present version of what it changes in If-Match."""
    given = call.header("if-match")
    if not given:
        raise ProblemError("precondition-missing")
    if given != etag(_encode(current)):
        raise ProblemError("version-is-stale")
