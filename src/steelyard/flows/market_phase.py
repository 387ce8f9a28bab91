"""The phases of instruments: by their sessions, by hand with two persons and a reason, and how calls end.

A call ends at its time and, where its session says so, up to 30 seconds later: at a moment that follows from a seed.
The operator commits the seed's SHA-256 before the phase and ends the call with the seed; nobody can know the moment
before, and everybody can check it after. Where no seed comes, the call ends by itself at the last of those moments.
"""

from hashlib import sha256
from typing import Annotated

from msgspec import Meta, Struct

from steelyard.flows import clearing_money, market_book
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Digest, Label
from steelyard.flows.market_facts import PhaseMoved, SeedCommitted
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.market.books import Listing, Session, Way
from steelyard.market.orders import PhaseTo, Uncross, Why
from steelyard.market.phases import CALLS, CLOSE_SPREAD, Phase
from steelyard.market.refusals.orders import OrderRefusal as No
from steelyard.values.calendars import is_business
from steelyard.values.instants import DAY, MILLISECOND, SECOND, Day, Instant
from steelyard.values.refusal import Refusal

AHEAD = 15
"""Days ahead in which a next session is looked for; no exchange is closed for longer."""
Seed = Annotated[bytes, Meta(min_length=16, max_length=32)]
Reason = Annotated[str, Meta(min_length=1, max_length=140)]


class PhaseFields(Struct, array_like=True, frozen=True, gc=False):
    """Which instrument goes into which phase, and why."""

    instrument: Label
    phase: Phase
    reason: Reason


class SeedFields(Struct, array_like=True, frozen=True, gc=False):
    """The SHA-256 of the seed from which an instrument's next random end follows."""

    instrument: Label
    digest: Digest


class EndFields(Struct, array_like=True, frozen=True, gc=False):
    """The seed itself, at or after the moment that follows from it."""

    instrument: Label
    seed: Seed


def by_hand(world: World, command: Command, fields: PhaseFields, at: Instant) -> Outcome:
    """Change a phase by hand. A halt is left into a call; a call that is left for trading is uncrossed."""
    listing = world.books.listings.get(fields.instrument)
    if listing is None:
        return refused(No.INSTRUMENT_UNKNOWN)
    diary = Diary()
    code = listing.instrument.code
    diary.fact(PhaseMoved(code, int(fields.phase), int(Why.OPERATOR), fields.reason))
    refusal = to_phase(world, diary, listing, fields.phase, Why.OPERATOR, at)
    if refusal is not None:
        return refused(refusal)
    world.timers.cancel(TimerKind.MARKET_CALL, code.encode())
    if fields.phase is Phase.VOLATILITY_CALL:
        world.timers.set(at + listing.instrument.call_seconds * SECOND, TimerKind.MARKET_CALL, code.encode())
    return diary.done()


def commit_seed(world: World, command: Command, fields: SeedFields, at: Instant) -> Outcome:
    """Keep the digest of the seed of an instrument's next random end; not while a call is on."""
    listing = world.books.listings.get(fields.instrument)
    if listing is None:
        return refused(No.INSTRUMENT_UNKNOWN)
    if len(fields.digest) != 32 or world.books.books[fields.instrument].phase in CALLS:
        return refused(No.CALL_NOT_OVER)
    world.books.seeds[fields.instrument] = fields.digest
    diary = Diary()
    diary.fact(SeedCommitted(fields.instrument, fields.digest, b""))
    return diary.done()


def end_call(world: World, command: Command, fields: EndFields, at: Instant) -> Outcome:
    """End a call by the seed that was committed, at or after the moment that follows from it."""
    books, code = world.books, fields.instrument
    listing, due = books.listings.get(code), books.call_ends.get(code)
    if listing is None:
        return refused(No.INSTRUMENT_UNKNOWN)
    committed = books.seeds.get(code)
    if due is None or committed is None or sha256(fields.seed).digest() != committed:
        return refused(No.CALL_NOT_OVER)
    if at < due + delay(fields.seed, code, due):
        return refused(No.CALL_NOT_OVER)
    diary = Diary()
    diary.fact(SeedCommitted(code, committed, fields.seed))
    _leave_random_call(world, diary, listing, at)
    return diary.done()


def delay(seed: bytes, code: str, due: Instant) -> Instant:
    """Give by how many ns after its time a call ends: 0 to 30 s in whole ms, from its seed alone.

    >>> 0 <= delay(bytes(16), "WHEAT", 0) <= CLOSE_SPREAD
    True
    """
    digest = sha256(seed + code.encode() + due.to_bytes(8, "big")).digest()
    return int.from_bytes(digest[:8], "big") % (CLOSE_SPREAD // MILLISECOND + 1) * MILLISECOND


def plan(world: World, listing: Listing, at: Instant) -> None:
    """Set the clock for an instrument's next session."""
    found = _next(world, listing, at)
    subject = listing.instrument.code.encode()
    if found is None:
        world.timers.cancel(TimerKind.MARKET_SESSION, subject)
    else:
        world.timers.set(found[0], TimerKind.MARKET_SESSION, subject)


def on_timer_session(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """Begin the session whose time has come; a call with a random end waits for its moment."""
    listing = world.books.listings.get(subject.decode())
    if listing is None:
        return
    begun = _last(world, listing, at)
    plan(world, listing, at)
    if begun is None:
        return
    due, session = begun
    code = listing.instrument.code
    phase = world.books.books[code].phase
    if phase is Phase.HALT or phase is _in_month(world, listing, session.phase, at):
        return
    if phase in CALLS and session.random and code in world.books.seeds:
        world.books.call_ends[code] = due
        world.timers.set(due + CLOSE_SPREAD + SECOND, TimerKind.MARKET_CALL, subject)
        return
    to_phase(world, diary, listing, session.phase, Why.CALENDAR, at)


def on_timer_call(world: World, diary: Diary, subject: bytes, at: Instant) -> None:
    """End a call whose time is over: a volatility call, or one whose seed did not come."""
    code = subject.decode()
    listing = world.books.listings.get(code)
    if listing is None:
        return
    if code in world.books.call_ends:
        _leave_random_call(world, diary, listing, at)
    elif world.books.books[code].phase is Phase.VOLATILITY_CALL:
        market_book.work(world, diary, listing, Uncross(), at)


def to_phase(
    world: World, diary: Diary, listing: Listing, phase: Phase, why: Why, at: Instant
) -> Refusal | None:
    """Let an instrument go into another phase; a call that is left, but for a halt, is uncrossed first."""
    code = listing.instrument.code
    held = world.books.books[code]
    phase = _in_month(world, listing, phase, at)
    ends = today(world, listing, at) if phase is Phase.CLOSED else 0
    if held.phase in CALLS and phase is Phase.CLOSED:
        refusal = market_book.work(world, diary, listing, Uncross(phase, forced=True, on=ends), at)
    else:
        refusal = market_book.work(world, diary, listing, PhaseTo(phase, why, ends), at)
    if refusal is None:
        world.books.call_ends.pop(code, None)
    return refusal


def _in_month(world: World, listing: Listing, phase: Phase, at: Instant) -> Phase:
    """Give the phase in which a phase of trading stands: in the delivery month of its contract that of the month."""
    terms = world.clearing.terms.get(listing.asset) if listing.way is Way.CLEARED else None
    if phase is not Phase.CONTINUOUS or terms is None:
        return phase
    in_month = terms.in_delivery_month(clearing_money.today(world, terms.asset, at))
    return Phase.DELIVERY_MONTH if in_month else phase


def today(world: World, listing: Listing, at: Instant) -> Day:
    """Give the trading day: by the first calendar of the instrument, else in UTC."""
    names = listing.instrument.calendar.split()
    on = world.calendars.today(names[0], at) if names else None
    return at // DAY if on is None else on


def _leave_random_call(world: World, diary: Diary, listing: Listing, at: Instant) -> None:
    code = listing.instrument.code
    world.books.seeds.pop(code, None)
    world.timers.cancel(TimerKind.MARKET_CALL, code.encode())
    begun = _last(world, listing, at)
    if begun is not None:
        to_phase(world, diary, listing, begun[1].phase, Why.CALENDAR, at)


def _times(world: World, listing: Listing, on: Day) -> list[tuple[Instant, Session]]:
    """Give the sessions of a date, or none where any of its calendars is closed."""
    for name in listing.instrument.calendar.split():
        if not is_business(world.calendars.of(name, on * DAY), on):
            return []
    return [(on * DAY + session.at_ms * MILLISECOND, session) for session in listing.sessions]


def _next(world: World, listing: Listing, at: Instant) -> tuple[Instant, Session] | None:
    for on in range(at // DAY, at // DAY + AHEAD):
        for begins_at, session in _times(world, listing, on):
            if begins_at > at:
                return begins_at, session
    return None


def _last(world: World, listing: Listing, at: Instant) -> tuple[Instant, Session] | None:
    for on in range(at // DAY, at // DAY - AHEAD, -1):
        for begins_at, session in reversed(_times(world, listing, on)):
            if begins_at <= at:
                return begins_at, session
    return None
