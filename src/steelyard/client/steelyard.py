"""The sync client: `Steelyard(address, key=...)`."""

import random
import ssl
import time
from collections.abc import Callable, Iterator
from os import urandom
from typing import Any, Self, TypeVar

from steelyard.client.address import DEFAULT, parse_address
from steelyard.client.ask import Ask, Failure, Listing, Lost, Reply
from steelyard.client.clock import Chance, NodeClock
from steelyard.client.core import Core, Resend
from steelyard.client.events import Following
from steelyard.client.groups import Groups
from steelyard.client.keys import Key, key_of
from steelyard.client.transport import Transport
from steelyard.client.types import Event, Page
from steelyard.client.verbs import Now

T = TypeVar("T")


class Steelyard(Groups[Now]):
    """A node, seen by one caller. Use it as a context manager, or close it.

    `address` is `http://host:port`, `https://host`, or `unix:/path` of a socket. `key` is an API key, or its
    text. Requests are sent again until their outcome is certain or `resend.deadline_s` is over. With
    `raise_refused` a refusal by rule is raised as `Refused` instead of being given back. With `fresh` reads see
    whatever anybody had written before the first of them; without it, what this client has. It may be used
    from several threads.

    `chance(n)` gives n random bytes for keys and UETRs, `jitter()` a number from 0 to 1 for pauses: what has
    to be repeated exactly brings its own.
    """

    def __init__(
        self,
        address: str = DEFAULT,
        *,
        key: Key | str | None = None,
        raise_refused: bool = False,
        fresh: bool = False,
        resend: Resend | None = None,
        timeout_s: float = 15.0,
        connections: int = 32,
        tls: ssl.SSLContext | None = None,
        chance: Chance = urandom,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        where = parse_address(address)
        self.core = Core(
            where, key_of(key), resend=resend or Resend(), raise_refused=raise_refused, fresh=fresh,
            clock=NodeClock(chance=chance), jitter=jitter,
        )  # fmt: skip
        self._transport = Transport(where, connections=connections, timeout_s=timeout_s, tls=tls)
        super().__init__(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *trouble: object) -> None:
        self.close()

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()

    @property
    def clock(self) -> NodeClock:
        """The node's time as its answers showed it."""
        return self.core.clock

    def run(self, ask: Ask[T]) -> T:
        """Run a request to its answer."""
        course, transport = self.core.course(ask), self._transport
        given: Reply | Failure | None = None
        try:
            while True:
                step = course.send(given)
                if isinstance(step, float):
                    given = None
                    time.sleep(step)
                else:
                    given = transport.send(step)
        except StopIteration as end:
            answer: T = end.value
            return answer

    def listed(self, listing: Listing[T]) -> "Pages[T]":
        """Give a list's iterable."""
        return Pages(self, listing)

    def streamed(self, last_id: str | None, fields: dict[str, Any]) -> Iterator[Event]:
        """Follow the stream of events; it goes on over lost connections."""
        following = Following(self.core, last_id, fields)
        while True:
            with self._transport.open(following.request()) as found:
                following.opened(found if isinstance(found, Failure) else found[0])
                if not isinstance(found, Failure):
                    try:
                        for piece in found[1]:
                            yield from following.feed(piece)
                    except Lost:
                        pass
            time.sleep(following.pause())


class Pages(Iterator[T]):
    """A list of the sync client."""

    def __init__(self, client: Steelyard, listing: Listing[T]) -> None:
        self._client = client
        self._listing = listing
        self._items: Iterator[T] | None = None

    def __iter__(self) -> Iterator[T]:
        return (item for page in self.pages() for item in page.items)

    def __next__(self) -> T:
        if self._items is None:
            self._items = iter(self)
        return next(self._items)

    def pages(self) -> Iterator[Page[T]]:
        """Give page after page."""
        after = None
        while True:
            page = self.page(after=after)
            yield page
            if page.next is None:
                return
            after = page.next

    def page(self, *, after: str | None = None, before: str | None = None) -> Page[T]:
        """Give one page; cursors are `next` and `prev` of others."""
        return self._client.run(self._listing.page(after=after, before=before))

    def csv(self) -> bytes:
        """Give all rows as CSV, with a last line that counts them."""
        return self._client.run(self._listing.csv())
