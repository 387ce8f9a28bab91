"""Sessions that beat: where the heartbeat of one stops for ten seconds, its orders are cancelled.

A session begins with its first beat and ends when its owner ends it; a session that does not beat is only a name on
orders. Seconds are those of the sequencer, so that the same journal cancels the same orders.
"""

from hashlib import sha256
from typing import Annotated

from msgspec import Meta, Struct

from steelyard.flows import order
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.market.orders import Why
from steelyard.market.refusals.orders import OrderRefusal as No
from steelyard.values.instants import SECOND, Instant

SILENT = 10 * SECOND
SESSIONS_MAX = 100_000
OWN_MAX = 1_000


class BeatFields(Struct, array_like=True, frozen=True, gc=False):
    """Which session beats, or ends."""

    session: Annotated[str, Meta(min_length=1, max_length=32)]


def beat(world: World, command: Command, fields: BeatFields, at: Instant) -> Outcome:
    """Let a session go on for ten seconds more; the first beat begins it."""
    key, books = _key(command.sender, fields.session), world.books
    if key not in books.beats:
        if len(books.beats) >= SESSIONS_MAX or books.beats_of.get(command.sender, 0) >= OWN_MAX:
            return refused(No.TOO_MANY_ORDERS)
        books.begin_session(key, command.sender, fields.session)
    world.timers.set(at + SILENT, TimerKind.MARKET_BEAT, key)
    return Diary().done()


def end(world: World, command: Command, fields: BeatFields, at: Instant) -> Outcome:
    """End a session; its orders stay."""
    key = _key(command.sender, fields.session)
    if world.books.end_session(key) is not None:
        world.timers.cancel(TimerKind.MARKET_BEAT, key)
    return Diary().done()


def on_timer_beat(world: World, diary: Diary, key: bytes, at: Instant) -> None:
    """Cancel the orders of a session that has fallen silent."""
    found = world.books.end_session(key)
    if found is not None:
        owner, session = found
        order.sweep(world, diary, owner, at, session=session, why=Why.DISCONNECTED)


def _key(owner: str, session: str) -> bytes:
    return sha256(f"{owner}/{session}".encode()).digest()[:16]
