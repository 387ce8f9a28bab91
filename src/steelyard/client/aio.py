"""The async client: `AsyncSteelyard(address, key=...)`; the same methods as the sync one, to be awaited."""

import asyncio
import random
import ssl
from collections.abc import AsyncIterator, Callable
from os import urandom
from typing import Any, Self, TypeVar

from steelyard.client.address import DEFAULT, parse_address
from steelyard.client.ask import Ask, Failure, Listing, Lost, Reply
from steelyard.client.clock import Chance, NodeClock
from steelyard.client.core import Core, Resend
from steelyard.client.events import Following
from steelyard.client.groups import Groups
from steelyard.client.keys import Key, key_of
from steelyard.client.stream import AsyncTransport
from steelyard.client.types import Event, Page
from steelyard.client.verbs import Later

T = TypeVar("T")


class AsyncSteelyard(Groups[Later]):
    """A node, seen by one caller on one event loop. Use it with `async with`, or close it.

    The arguments are those of `Steelyard`. At most `connections` requests are under way at once; more wait.
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
        self._transport = AsyncTransport(where, connections=connections, timeout_s=timeout_s, tls=tls)
        super().__init__(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *trouble: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection."""
        await self._transport.close()

    @property
    def clock(self) -> NodeClock:
        """The node's time as its answers showed it."""
        return self.core.clock

    async def run(self, ask: Ask[T]) -> T:
        """Run a request to its answer."""
        course, transport = self.core.course(ask), self._transport
        given: Reply | Failure | None = None
        try:
            while True:
                step = course.send(given)
                if isinstance(step, float):
                    given = None
                    await asyncio.sleep(step)
                else:
                    given = await transport.send(step)
        except StopIteration as end:
            answer: T = end.value
            return answer

    def listed(self, listing: Listing[T]) -> "PagesLater[T]":
        """Give a list's iterable."""
        return PagesLater(self, listing)

    async def streamed(self, last_id: str | None, fields: dict[str, Any]) -> AsyncIterator[Event]:
        """Follow the stream of events; it goes on over lost connections."""
        following = Following(self.core, last_id, fields)
        while True:
            async with self._transport.open(following.request()) as found:
                following.opened(found if isinstance(found, Failure) else found[0])
                if not isinstance(found, Failure):
                    try:
                        async for piece in found[1]:
                            for event in following.feed(piece):
                                yield event
                    except Lost:
                        pass
            await asyncio.sleep(following.pause())


class PagesLater(AsyncIterator[T]):
    """A list of the async client."""

    def __init__(self, client: AsyncSteelyard, listing: Listing[T]) -> None:
        self._client = client
        self._listing = listing
        self._items: AsyncIterator[T] | None = None

    async def __aiter(self) -> AsyncIterator[T]:
        async for page in self.pages():
            for item in page.items:
                yield item

    def __aiter__(self) -> AsyncIterator[T]:
        return self.__aiter()

    async def __anext__(self) -> T:
        if self._items is None:
            self._items = self.__aiter()
        return await anext(self._items)

    async def pages(self) -> AsyncIterator[Page[T]]:
        """Give page after page."""
        after = None
        while True:
            page = await self.page(after=after)
            yield page
            if page.next is None:
                return
            after = page.next

    async def page(self, *, after: str | None = None, before: str | None = None) -> Page[T]:
        """Give one page; cursors are `next` and `prev` of others."""
        return await self._client.run(self._listing.page(after=after, before=before))

    async def csv(self) -> bytes:
        """Give all rows as CSV, with a last line that counts them."""
        return await self._client.run(self._listing.csv())
