"""One gateway: the link, the stores and what it keeps in memory, shared by all its requests.

It holds no truth. Whatever decides is the state's; whatever lists is the projection's.
"""

import asyncio
import os
import time
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from typing import Any, ParamSpec, TypeVar

from steelyard.api.auth.caller import Caller
from steelyard.api.auth.keys import KeyRing
from steelyard.api.auth.limits import BULK_IN_FLIGHT, Limits
from steelyard.api.auth.sessions import Sessions
from steelyard.api.auth.vault import Vault
from steelyard.api.directory import Directory
from steelyard.api.figures import Figures
from steelyard.api.instruments import Instruments
from steelyard.api.problems import ProblemError
from steelyard.api.route import Route
from steelyard.api.stores import Stores
from steelyard.api.turns import Turns
from steelyard.flows.command import NO_FIELDS, Command, encode, raw
from steelyard.node.config import Config
from steelyard.node.link import Answer, Found, Lane, Link, LinkLost, Submission
from steelyard.storage.database import DatabaseFault
from steelyard.values.instants import DAY

P = ParamSpec("P")
T = TypeVar("T")

CLOCK_STALE_SECONDS = 0.02
MS = 1_000_000
ASIDE_THREADS = 4
WAIT_STEP_SECONDS = 0.01
WAIT_MS, WAIT_MS_MAX = 2_000, 10_000
MEMORY_NS_MIN, MEMORY_PAYMENTS_MIN = 14 * DAY, 900_000
"""The payment memory holds more than this: 20 business days or 1,000,000 payments at the least."""
OPEN_PROFILES = ("demo", "test")
"""Profiles with sandbox routes, throw-away log-ins and nonces that a seed can repeat."""


class Gateway:
    """What the routes work with."""

    def __init__(
        self,
        link: Link,
        stores: Stores,
        config: Config,
        vault: Vault,
        *,
        limits_share: float = 1.0,
        wall: Callable[[], int] = time.time_ns,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.link = link
        self.stores = stores
        self.config = config
        self.vault = vault
        self.wall = wall
        self.monotonic = monotonic
        self.is_open = config.profile in OPEN_PROFILES
        self.keys = KeyRing(stores.access, env=config.profile, wall=wall, monotonic=monotonic)
        self.sessions = Sessions(stores.access, vault, needs_totp=not self.is_open, wall=wall)
        self.limits = Limits(monotonic, share=limits_share)
        self.stopping = asyncio.Event()
        self.memory_is_short = False
        """Whether payments may have left the payment memory, so that UETRs are looked up in the projection"""
        self.requests = 0
        self._bulk: Counter[str] = Counter()
        self._prefix = os.urandom(6).hex()
        self._directory: Directory | None = None
        self._heard_at = 0
        self._heard_on = 0.0
        self.figures = Figures()
        self.instruments = Instruments(self)
        self.routes: tuple[Route, ...] = ()
        """The routes that exist here; set by the application"""
        self.hub: Any = None
        """The event streams of this process; set by the application"""
        self.turns = Turns()
        self._threads = ThreadPoolExecutor(ASIDE_THREADS, thread_name_prefix="gateway")

    def close(self) -> None:
        """Let the threads and the stores go."""
        self._threads.shutdown(wait=True)
        self.stores.close()

    def request_id(self) -> str:
        """Give a new request's id."""
        self.requests += 1
        return f"{self._prefix}-{self.requests:x}"

    def seen(self, route: str, status: int, seconds: float) -> None:
        """Count an answered request."""
        self.figures.seen(route, status, seconds)

    # files

    async def begin_bulk(self, owner: str) -> None:
        """Count a file of an owner in, or raise where it has two under way."""
        if self._bulk[owner] >= BULK_IN_FLIGHT:
            raise ProblemError("too-many-requests", "two files are under way", headers={"Retry-After": "1"})
        self._bulk[owner] += 1

    def end_bulk(self, owner: str) -> None:
        """Count a file out."""
        self._bulk[owner] -= 1

    async def until_end_of_bulk(
        self, owner: str, pieces: AsyncGenerator[bytes] | None
    ) -> AsyncGenerator[bytes]:
        """Pass pieces on and count the file out at their end."""
        try:
            if pieces is not None:
                async for piece in pieces:
                    yield piece
        finally:
            self.end_bulk(owner)

    # time

    def hear(self, at_ns: int) -> None:
        """Note what the node's clock showed."""
        if at_ns >= self._heard_at:
            self._heard_at, self._heard_on = at_ns, self.monotonic()

    @property
    def is_simulated(self) -> bool:
        """Whether the node's clock is a simulated one."""
        return self._directory is not None and self._directory.network.clock == "simulated"

    def now(self) -> int:
        """Give the node's time as far as it is known here (ns)."""
        return self._heard_at if self.is_simulated else self.wall()

    async def fresh_now(self) -> int:
        """Give the node's time; asks for it where the clock is simulated and nothing was heard for a moment."""
        if self.is_simulated and self.monotonic() - self._heard_on > CLOCK_STALE_SECONDS:
            self.hear((await self.read("now")).at_ns)
        return self.now()

    # the state

    @property
    def known_directory(self) -> Directory:
        """The copy of the directory that is at hand; there is one once a request was served."""
        assert self._directory is not None
        return self._directory

    async def directory(self) -> Directory:
        """Give the copy of the directory, decoded anew only where its version has risen."""
        if self._directory is None or self._directory.version < self.link.context_version:
            try:
                context = await self.link.context()
            except LinkLost:
                raise ProblemError("node-is-stopping", headers={"Retry-After": "1"}) from None
            if self._directory is None or context.version > self._directory.version:
                self._directory = Directory(context)
            self.hear(context.at_ns)
        return self._directory

    async def read(self, name: str, *params: Any, viewer: str = "") -> Found:
        """Ask the state."""
        try:
            found = await self.link.read(name, params, viewer=viewer)
        except LinkLost:
            raise ProblemError("node-is-stopping", headers={"Retry-After": "1"}) from None
        self.hear(found.at_ns)
        return found

    def command(self, name: str, fields: Any, *, id: bytes, caller: Caller, added: Any = None) -> bytes:
        """Give the canonical bytes of a command."""
        return encode(
            Command(
                name, 1, id, caller.owner, caller.actor, 0, raw(fields),
                NO_FIELDS if added is None else raw(added), self.nonce(id),
            )
        )  # fmt: skip

    def nonce(self, id: bytes) -> bytes:
        """Give the 16 bytes that blind a command's audit leaf; those of a demonstration follow from its id."""
        return sha256(b"steelyard.nonce\0" + id).digest()[:16] if self.is_open else os.urandom(16)

    async def submit(
        self,
        command: bytes,
        *,
        evidence: Sequence[Any] = (),
        packed: bytes = b"",
        lane: int = Lane.PAYMENTS,
        deadline_ms: int = 10_000,
    ) -> Answer:
        """Hand a command to the node and wait for what became of it."""
        answer = await self.link.submit(Submission(command, tuple(evidence), packed, lane, deadline_ms))
        if answer.at_ns:
            self.hear(answer.at_ns)
        return answer

    # the stores

    async def aside(self, ask: Callable[P, T], *values: P.args, **named: P.kwargs) -> T:
        """Run what waits for a disk or takes long on a thread, so that the loop goes on."""
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._threads, lambda: ask(*values, **named))
        except DatabaseFault:
            raise ProblemError("projection-lags", headers={"Retry-After": "1"}) from None

    async def applied_seq(self) -> int:
        """Give how far the projection is."""
        return await self.aside(self.stores.reader.applied_seq)

    async def look_at_memory(self) -> None:
        """Find out whether the projection knows payments that the payment memory may have dropped."""
        reader = self.stores.reader
        oldest = await self.aside(reader.page, "payment", limit=1)
        newest = await self.aside(reader.page, "payment", limit=1, newest_first=True)
        if oldest and newest:
            is_old = self.now() - oldest[0]["entered_at"] > MEMORY_NS_MIN
            self.memory_is_short = is_old or newest[0]["number"] > MEMORY_PAYMENTS_MIN

    async def wait_for(self, seq: int, wait_ms: int) -> int:
        """Wait until the projection holds a row, or raise projection-lags; gives how far it is."""
        until = self.monotonic() + min(wait_ms, WAIT_MS_MAX) / 1000
        while (applied := await self.applied_seq()) < seq:
            if self.monotonic() >= until:
                raise ProblemError("projection-lags", f"row {applied} of {seq}", headers={"Retry-After": "1"})
            await asyncio.sleep(WAIT_STEP_SECONDS)
        return applied


def fresh_id(at_ns: int, seed: bytes | None = None) -> bytes:
    """Give a command id of this moment: 48 bits of ms, then 80 bits of the seed's SHA-256 or of chance."""
    rest = os.urandom(10) if seed is None else sha256(seed).digest()[:10]
    return (at_ns // MS).to_bytes(6, "big") + rest
