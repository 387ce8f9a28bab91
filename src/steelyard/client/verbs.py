"""Methods written once and called in two ways: `bank.payments.get(uetr)` and `await bank.payments.get(uetr)`.

A method of a group says what it asks (`Ask`, `Listing`, `Streaming`); these descriptors give it the face of
the client that the group belongs to. `Now` and `Later` mark the two, for readers and for the type checker.
"""

from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, overload

from steelyard.client.ask import Ask, Listing
from steelyard.client.clock import NodeClock
from steelyard.client.types import Event, Page

P = ParamSpec("P")
T = TypeVar("T")


class Now:
    """The sync face: methods give their result."""


class Later:
    """The async face: methods give something to await."""


F = TypeVar("F", bound=Now | Later)


class Face(Protocol):
    """What a client lends its groups."""

    @property
    def clock(self) -> NodeClock:
        """The node's time, for keys and UETRs."""

    def run(self, ask: Ask[Any]) -> Any:
        """Run a request: the result, or what to await for it."""

    def listed(self, listing: Listing[Any]) -> Any:
        """Give a list's iterable."""

    def streamed(self, last_id: str | None, fields: dict[str, Any]) -> Any:
        """Give the stream of events."""


class Group(Generic[F]):
    """Methods that belong together, on one client."""

    def __init__(self, face: Face) -> None:
        self._face = face


class Verb(Generic[P, T]):
    """A method whose answer is one thing."""

    def __init__(self, ask: Callable[Concatenate[Any, P], Ask[T]]) -> None:
        self._ask = ask
        self.__doc__ = ask.__doc__

    @overload
    def __get__(self, at: None, kind: type) -> "Verb[P, T]": ...
    @overload
    def __get__(self, at: Group[Now], kind: type) -> Callable[P, T]: ...
    @overload
    def __get__(self, at: Group[Later], kind: type) -> Callable[P, Coroutine[Any, Any, T]]: ...
    def __get__(self, at: Any, kind: type) -> Any:
        if at is None:
            return self
        ask, run = self._ask, at._face.run

        def call(*values: P.args, **named: P.kwargs) -> Any:
            return run(ask(at, *values, **named))

        return _kept(at, ask, call)


class Items(Protocol[T]):
    """A list, as an iterable of its items over all pages; nothing is asked before the first is wanted."""

    def __iter__(self) -> Iterator[T]: ...

    def pages(self) -> Iterator[Page[T]]:
        """Give page after page."""

    def page(self, *, after: str | None = None, before: str | None = None) -> Page[T]:
        """Give one page; cursors are `next` and `prev` of others."""

    def csv(self) -> bytes:
        """Give all rows as CSV, with a last line that counts them."""


class ItemsLater(Protocol[T]):
    """The same for `async for`."""

    def __aiter__(self) -> AsyncIterator[T]: ...

    def pages(self) -> AsyncIterator[Page[T]]:
        """Give page after page."""

    async def page(self, *, after: str | None = None, before: str | None = None) -> Page[T]:
        """Give one page; cursors are `next` and `prev` of others."""

    async def csv(self) -> bytes:
        """Give all rows as CSV, with a last line that counts them."""


class Lists(Generic[P, T]):
    """A method whose answer is a list."""

    def __init__(self, listing: Callable[Concatenate[Any, P], Listing[T]]) -> None:
        self._listing = listing
        self.__doc__ = listing.__doc__

    @overload
    def __get__(self, at: None, kind: type) -> "Lists[P, T]": ...
    @overload
    def __get__(self, at: Group[Now], kind: type) -> Callable[P, Items[T]]: ...
    @overload
    def __get__(self, at: Group[Later], kind: type) -> Callable[P, ItemsLater[T]]: ...
    def __get__(self, at: Any, kind: type) -> Any:
        if at is None:
            return self
        listing, listed = self._listing, at._face.listed

        def call(*values: P.args, **named: P.kwargs) -> Any:
            return listed(listing(at, *values, **named))

        return _kept(at, listing, call)


class Streams(Generic[P]):
    """A method whose answer is a stream of events."""

    def __init__(self, fields: Callable[Concatenate[Any, P], tuple[str | None, dict[str, Any]]]) -> None:
        self._fields = fields
        self.__doc__ = fields.__doc__

    @overload
    def __get__(self, at: None, kind: type) -> "Streams[P]": ...
    @overload
    def __get__(self, at: Group[Now], kind: type) -> Callable[P, Iterator[Event]]: ...
    @overload
    def __get__(self, at: Group[Later], kind: type) -> Callable[P, AsyncIterator[Event]]: ...
    def __get__(self, at: Any, kind: type) -> Any:
        if at is None:
            return self
        fields, streamed = self._fields, at._face.streamed

        def call(*values: P.args, **named: P.kwargs) -> Any:
            return streamed(*fields(at, *values, **named))

        return _kept(at, fields, call)


def _kept(at: Any, written: Callable[..., Any], call: Callable[..., Any]) -> Callable[..., Any]:
    """Keep a bound method on its group, so that it is made once; it shows name, text and arguments."""
    call.__name__, call.__doc__ = written.__name__, written.__doc__
    call.__wrapped__ = written.__get__(at)  # type: ignore[attr-defined]
    at.__dict__[written.__name__] = call
    return call
