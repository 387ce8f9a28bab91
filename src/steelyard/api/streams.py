"""Event streams: one look at the projection for all readers of a gateway, frames of 100 ms, no reader waits.

A frame holds all events of its moment as one JSON array under the id of the last one. Who takes its frames so
slowly that much has gathered meanwhile, or comes back after more than is kept, gets `reset` and goes on from
now: it reads its lists anew. On stop every stream gets `bye`.
"""

import asyncio
import contextlib
import time
from collections import Counter, deque
from collections.abc import AsyncGenerator
from typing import Any, NamedTuple

import msgspec

from steelyard.api.auth.limits import STREAMS_PER_PERSON, STREAMS_PER_PROCESS
from steelyard.api.auth.visibility import View
from steelyard.api.gateway import Gateway
from steelyard.api.problems import ProblemError
from steelyard.api.views.events import event
from steelyard.node.logs import log
from steelyard.storage.queries import Found, key_of
from steelyard.values.instants import DAY

FRAME_SECONDS, HEARTBEAT_SECONDS = 0.1, 15.0
KEPT = 20_000
SLOW_SECONDS, BEHIND_BYTES_MAX = 1.0, 256 * 1024
"""Who took a frame for longer than this, while more than so many bytes gathered, is behind"""
STEP = 5_000
RESUME_NS = DAY
SEQ_MAX = (1 << 43) - 1
"""The greatest seq whose place the tables can hold"""
Place = tuple[int, int]
"""(key, n) of an event"""


class Wanted(NamedTuple):
    """What a stream is about: whose events, of which types (none: all)."""

    view: View
    types: frozenset[str]

    def takes(self, row: Found) -> bool:
        """Tell whether an event belongs into the stream."""
        if self.types and row["kind"] not in self.types and row["kind"].partition(".")[0] not in self.types:
            return False
        return self.view.sees(row["recipient"])


class Hub:
    """The events of one gateway: looked for while anybody reads, kept for a while, handed to every stream."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._kept: deque[tuple[Place, Found]] = deque(maxlen=KEPT)
        self._last: Place | None = None
        self._watching: asyncio.Task[None] | None = None
        self._beginning = asyncio.Lock()
        self._readers: Counter[str] = Counter()

    def admit(self, person: str) -> None:
        """Count a reader in, or raise where there are too many."""
        if self._readers[person] >= STREAMS_PER_PERSON or self._readers.total() >= STREAMS_PER_PROCESS:
            raise ProblemError("too-many-requests", "too many open streams", headers={"Retry-After": "5"})
        self._readers[person] += 1
        self._gateway.figures.streams(self._readers.total())

    def leave(self, person: str) -> None:
        """Count a reader out."""
        self._readers[person] -= 1
        self._gateway.figures.streams(self._readers.total())
        if not self._readers.total() and self._watching is not None:
            self._watching.cancel()
            self._watching, self._last = None, None
            self._kept.clear()

    async def stream(self, wanted: Wanted, last_id: str, person: str) -> AsyncGenerator[bytes]:
        """Give the bytes of a stream after an event, without end; the caller has been admitted."""
        try:
            async with contextlib.aclosing(self._pieces(wanted, place_of_id(last_id))) as pieces:
                async for piece in pieces:
                    yield piece
        finally:
            self.leave(person)

    @property
    def reader_count(self) -> int:
        """How many streams are open."""
        return self._readers.total()

    async def _pieces(self, wanted: Wanted, after: Place | None) -> AsyncGenerator[bytes]:
        await self._watch()
        assert self._last is not None
        yield b": steelyard events\n\n"
        place = self._last if after is None else after
        if after is not None:
            rows, is_whole = await self._missed(after)
            if not is_whole:
                yield frame("reset", b"{}", id_text(self._last))
                place = self._last
            elif rows:
                place = rows[-1][0]
                piece = self._frame(rows, wanted)
                if piece:
                    yield piece
        quiet, given_on = 0.0, time.monotonic()
        while not self._gateway.stopping.is_set():
            was_slow = time.monotonic() - given_on > SLOW_SECONDS
            await asyncio.sleep(FRAME_SECONDS)
            piece, place = self._since(place, wanted, was_slow=was_slow)
            quiet = 0.0 if piece else quiet + FRAME_SECONDS
            given_on = time.monotonic()
            if piece:
                yield piece
            elif quiet >= HEARTBEAT_SECONDS:
                quiet = 0.0
                yield b": beat\n\n"
        yield frame("bye", b"{}", "")

    def _since(self, place: Place, wanted: Wanted, *, was_slow: bool) -> tuple[bytes, Place]:
        """Give what came after a place as one frame; `reset` where the reader has fallen behind."""
        if self._last is None or place >= self._last:
            return b"", place
        if self._kept and place < self._kept[0][0] and len(self._kept) == KEPT:
            return frame("reset", b"{}", id_text(self._last)), self._last
        rows: list[tuple[Place, Found]] = []
        for item in reversed(self._kept):
            if item[0] <= place:
                break
            rows.append(item)
        rows.reverse()
        piece = self._frame(rows, wanted)
        if was_slow and len(piece) > BEHIND_BYTES_MAX:
            return frame("reset", b"{}", id_text(self._last)), self._last
        return piece, self._last

    def _frame(self, rows: list[tuple[Place, Found]], wanted: Wanted) -> bytes:
        directory = self._gateway.known_directory
        events = [event(row, directory) for _, row in rows if wanted.takes(row)]
        if not events:
            return b""
        return frame("events", msgspec.json.encode(events), events[-1].id)

    async def _missed(self, after: Place) -> tuple[list[tuple[Place, Found]], bool]:
        """Give what a returning reader has missed, and whether that is all of it."""
        gateway = self._gateway
        rows = await gateway.aside(gateway.stores.reader.page, "event", after=after, limit=STEP)
        is_old = bool(rows) and gateway.now() - rows[0]["at_ns"] > RESUME_NS
        return [((row["key"], row["n"]), row) for row in rows], len(rows) < STEP and not is_old

    async def _watch(self) -> None:
        """Begin to look for events, from the newest on; of those who come at once, one begins."""
        async with self._beginning:
            if self._watching is not None:
                return
            gateway = self._gateway
            newest = await gateway.aside(gateway.stores.reader.page, "event", limit=1, newest_first=True)
            self._last = (newest[0]["key"], newest[0]["n"]) if newest else (0, 0)
            self._watching = asyncio.ensure_future(self._look())

    async def _look(self) -> None:
        gateway = self._gateway
        while True:
            try:
                found: list[Any] = await gateway.aside(
                    gateway.stores.reader.page, "event", after=self._last or (0, 0), limit=STEP
                )
            except ProblemError:
                log().debug("the projection cannot be asked for now")
                found = []
            for row in found:
                self._last = (row["key"], row["n"])
                self._kept.append((self._last, row))
            if len(found) < STEP:
                await asyncio.sleep(FRAME_SECONDS)


def frame(kind: str, data: bytes, id: str) -> bytes:
    """Give one event of a stream.

    >>> frame("bye", b"{}", "7-0-0")
    b'id: 7-0-0\\nevent: bye\\ndata: {}\\n\\n'
    """
    head = f"id: {id}\n" if id else ""
    return f"{head}event: {kind}\n".encode() + b"data: " + data + b"\n\n"


def id_text(place: Place) -> str:
    """Give a place as an event's id."""
    return f"{place[0] >> 20}-{place[0] & 0xFFFFF}-{place[1]}"


def place_of_id(text: str) -> Place | None:
    """Give the place of an event's id, None for no id; raises where it is none."""
    if not text:
        return None
    parts = text.split("-")
    if len(parts) != 3 or not all(part.isascii() and part.isdigit() and len(part) < 16 for part in parts):
        raise ProblemError("cursor-does-not-fit", "an event's id is seq-position-n")
    seq, position, n = map(int, parts)
    return key_of(min(seq, SEQ_MAX), min(position, 0xFFFFF)), n
