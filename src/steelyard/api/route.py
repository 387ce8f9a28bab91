"""What a route is: one line of the table that the router, the rights, the OpenAPI document and the tests read."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from steelyard.client.types import Page

if TYPE_CHECKING:
    from steelyard.api.call import Call, Reply

PUBLIC = "public"
"""The action of a route that needs no log-in."""
ANYONE = "self"
"""The action of a route for every authenticated caller, about its own affairs alone."""

JSON, XML, CSV, HTML, TEXT = "application/json", "application/xml", "text/csv", "text/html", "text/plain"
NDJSON, LEGS, EVENTS = "application/x-ndjson", "application/vnd.steelyard.legs", "text/event-stream"
LISTS = (JSON, CSV)
"""What lists answer in"""
JSON_MAX, MESSAGE_MAX, FILE_MAX, LEGS_MAX = 4 << 20, 4 << 20, 32 << 20, 8_000 * 128

Run = Callable[["Call"], Awaitable["Reply"]]


class Param(NamedTuple):
    """A query field: `kind` is text, number, date, instant, asset, bic, money, flag or words (of `choices`)."""

    name: str
    kind: str = "text"
    about: str = ""
    choices: tuple[str, ...] = ()


class Route(NamedTuple):
    """One route.

    `action` is the right it needs (members/rights.py), or PUBLIC or ANYONE. `asked` and `told` are the shapes
    of body and answer; `asks` and `tells` the media types, the first one the default. `keyed` routes take an
    Idempotency-Key and change something. `profiles` other than empty are the only ones where it exists.
    `secret` names the field of the answer that is shown once: it is not kept for a repeat. What is not
    journalled keeps its answer in the key table alone.
    """

    method: str
    path: str
    action: str
    run: Run
    about: str
    asked: Any = None
    told: Any = None
    asks: tuple[str, ...] = (JSON,)
    tells: tuple[str, ...] = (JSON,)
    query: tuple[Param, ...] = ()
    keyed: bool = False
    body_max: int = JSON_MAX
    profiles: tuple[str, ...] = ()
    example: Any = None
    status: int = 200
    secret: str = ""
    is_payment: bool = False
    is_journalled: bool = True

    @property
    def name(self) -> str:
        """Name the route in logs, metrics and the OpenAPI document."""
        return self.run.__name__


def lists(path: str, action: str, run: Run, about: str, kind: Any, query: tuple[Param, ...]) -> Route:
    """Give the route of a list: pages as JSON, all rows as CSV."""
    return Route("GET", path, action, run, about, told=Page[kind], tells=LISTS, query=query)
