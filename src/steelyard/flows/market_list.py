"""What is traded: instruments listed by two persons of the operator, groups of owners, bands set by hand.

A listing says everything its book needs and what its trades settle in. It comes with the terms of its contract as
they were read from a pack at the edge, so that the journal alone tells what was traded.
"""

import re
from itertools import pairwise
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from steelyard.flows import market_book, market_phase
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.faulty import Faults, Rule
from steelyard.flows.fields import Label, Name, Number
from steelyard.flows.market_facts import GroupSet, InstrumentListed
from steelyard.flows.world import World
from steelyard.market.bands import collar, daily_limits
from steelyard.market.book import Book
from steelyard.market.books import INSTRUMENTS_MAX, Listing, Session, Way
from steelyard.market.clearing.positions import KG_PER_PRICE
from steelyard.market.instruments import PRICE_MAX, QUANTITY_MAX, Instrument
from steelyard.market.orders import Bands
from steelyard.market.phases import STEPS, Phase
from steelyard.market.refusals.orders import OrderRefusal as No
from steelyard.members.refusals import MemberRefusal
from steelyard.values.instants import DAY, MILLISECOND, Instant

TERMS_MAX = 65_536
_CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,63}")
SESSIONS_MAX = 24
PARTS_MAX = 20
"""Currencies of one basket; each makes the exact fractions of its worths longer."""


class ListFields(Struct, array_like=True, frozen=True, gc=False):
    """A listing, all of it. A listed instrument whose book is empty may be listed anew on other terms."""

    instrument: Instrument
    contract: Label
    way: Way
    asset: Label
    kg: Annotated[int, Meta(ge=1, lt=10**12)]
    sessions: Annotated[tuple[Session, ...], Meta(max_length=SESSIONS_MAX)] = ()
    limit_units: Number = 0
    terms: Annotated[bytes, Meta(max_length=TERMS_MAX)] = b""


class GroupFields(Struct, array_like=True, frozen=True, gc=False):
    """With whose group an owner counts; empty: it stands alone."""

    owner: Name
    group: Name


class BandsFields(Struct, array_like=True, frozen=True, gc=False):
    """A new reference of an instrument, from which its daily limits and its collar follow."""

    instrument: Label
    reference: Annotated[int, Meta(ge=1, le=PRICE_MAX)]
    widened: bool = False


def put(world: World, command: Command, fields: ListFields, at: Instant) -> Outcome:
    """List an instrument; its first phase is CLOSED, and its sessions begin with the next."""
    books, code = world.books, fields.instrument.code
    before = books.listings.get(code)
    if before is None and len(books.listings) >= INSTRUMENTS_MAX:
        return refused(No.TOO_MANY_ORDERS)
    faults = _faults(fields.instrument)
    if faults.found:
        return faults.refused(No.LISTING_OUT_OF_RANGE)
    fault = _fault(world, fields)
    if fault is None and before is not None and not _is_idle(world, code):
        fault = No.LISTING_IS_IN_USE
    if fault is not None:
        return refused(fault)
    listing = Listing(
        fields.instrument, fields.contract, fields.way, fields.asset, fields.kg, fields.sessions,
        fields.limit_units, fields.terms,
    )  # fmt: skip
    books.list_instrument(listing)
    diary = Diary()
    instrument = listing.instrument
    diary.fact(
        InstrumentListed(
            code, listing.contract, listing.way, listing.asset, instrument.currency, instrument.basket,
            listing.kg, msgspec.msgpack.encode(listing),
        )
    )  # fmt: skip
    if instrument.ref_price is not None:
        set_bands(world, diary, listing, instrument.ref_price, at, widened=False)
    market_phase.plan(world, listing, at)
    return diary.done()


def group(world: World, command: Command, fields: GroupFields, at: Instant) -> Outcome:
    """Let owners count as one: nobody of a group trades with it, and in clearing they have one limit.

    Orders that stand already go with their owner: what meets from now on is of one group, or no longer.
    """
    participants, books = world.members.participants, world.books
    if fields.owner not in participants or (fields.group and fields.group not in participants):
        return refused(MemberRefusal.PARTICIPANT_NOT_FOUND)
    diary = Diary()
    for owner, head in sorted(_regrouped(books.groups, fields.owner, fields.group).items()):
        books.regroup(owner, head)
        world.clearing.regroup(owner, head)
        diary.fact(GroupSet(owner, head))
    return diary.done()


def _regrouped(groups: dict[str, str], owner: str, group: str) -> dict[str, str]:
    """Give whose group changes to what: a group has one head, by whose name all of it go, the head too."""
    headed = [one for one, head in sorted(groups.items()) if head == owner and one != owner]
    if not group:
        return dict.fromkeys(headed, headed[0] if headed else "") | {owner: ""}
    head = groups.get(group, group) if group != owner else owner
    return dict.fromkeys((owner,) if head == owner else (head, owner, *headed), head)


def bands(world: World, command: Command, fields: BandsFields, at: Instant) -> Outcome:
    """Set the reference of an instrument by hand; orders beyond the new limits are cancelled."""
    listing = world.books.listings.get(fields.instrument)
    if listing is None:
        return refused(No.INSTRUMENT_UNKNOWN)
    if fields.reference % listing.instrument.tick:
        return refused(No.PRICE_NOT_ON_TICK)
    diary = Diary()
    set_bands(world, diary, listing, fields.reference, at, widened=fields.widened)
    return diary.done()


def set_bands(
    world: World, diary: Diary, listing: Listing, reference: int, at: Instant, *, widened: bool
) -> None:
    """Work out and set limits and collar, of a book in many currencies in the unit of its basket."""
    terms = listing.instrument
    low, high = daily_limits(reference, limit_bp=terms.limit_bp, step=terms.limit_step, widened=widened)
    around = (None, None) if terms.collar_bp is None else collar(reference, collar_bp=terms.collar_bp)
    market_book.work(world, diary, listing, Bands(reference, low, high, *around), at)
    market_book.tell_bands(world, diary, listing)


def _is_idle(world: World, code: str) -> bool:
    """Tell whether a book is closed and no order stands in it."""
    held = world.books.books[code]
    open_orders, waiting = (
        (held.orders, held.stops.waiting) if isinstance(held, Book) else (held.subs.orders, held.waiting)
    )
    return held.phase is Phase.CLOSED and not open_orders and not waiting


def _fault(world: World, fields: ListFields) -> No | None:
    """Say which terms of a listing do not go together or name what is not there, or nothing."""
    terms, assets = fields.instrument, world.members.assets
    one = terms.currency in assets and not terms.basket and not terms.basket_holds
    many = not terms.currency and bool(terms.basket) and fields.way is Way.SPOT and _is_basket(world, terms)
    if not (one or many):
        return No.LISTING_MONEY_UNKNOWN
    if not _settles(world, fields):
        return No.LISTING_SETTLES_IN_NOTHING
    times = [session.at_ms for session in fields.sessions]
    ordered = times == sorted(set(times)) and all(0 <= one < DAY // MILLISECOND for one in times)
    phases = [Phase.CLOSED, *(session.phase for session in fields.sessions)]
    if not ordered or not all(then in STEPS[first] for first, then in pairwise(phases)):
        return No.LISTING_SESSIONS_DO_NOT_FOLLOW
    if not all(one in world.calendars.assets() for one in terms.calendar.split()):
        return No.LISTING_CALENDAR_UNKNOWN
    return None


def _faults(terms: Instrument) -> Faults:
    """Say which figures of an instrument do not lie within their bounds."""
    faults = Faults()
    faults.unless(_CODE.fullmatch(terms.code) is not None, "code", Rule.CODE)
    faults.unless(0 < terms.tick <= PRICE_MAX, "tick", Rule.TICK)
    faults.unless(0 < terms.lot <= QUANTITY_MAX, "lot", Rule.QUANTITY)
    faults.unless(0 < terms.limit_bp < 10_000, "limit_bp", Rule.SHARE)
    faults.unless(terms.limit_step > 0, "limit_step", Rule.TICK)
    faults.unless(0 < terms.call_seconds <= 3_600, "call_seconds", Rule.SECONDS)
    faults.unless(0 < terms.peaks_max <= 1_000_000, "peaks_max", Rule.PEAKS)
    faults.unless(terms.ref_price is None or 0 < terms.ref_price <= PRICE_MAX, "reference", Rule.PRICE)
    faults.unless(terms.collar_bp is None or 0 < terms.collar_bp < 10_000, "collar_bp", Rule.SHARE)
    return faults


def _settles(world: World, fields: ListFields) -> bool:
    """Tell whether what trades settle in is there: receipts of a class, or lots of a cleared contract."""
    terms = fields.instrument
    if fields.way is Way.SPOT:
        return fields.asset in world.titles.classes
    contract = world.clearing.terms.get(fields.asset)
    return (
        contract is not None
        and contract.asset == terms.currency
        and fields.kg == KG_PER_PRICE
        and terms.lot * fields.kg == contract.unit_kg
    )


def _is_basket(world: World, terms: Instrument) -> bool:
    """Tell whether a book can be in many currencies on some terms: what its unit holds is known, in order.

    There is no one settlement price for all currencies to trade at after the close, and no last price in each at which
    an order without one could rest.
    """
    codes = [code for code, _ in terms.basket_holds]
    holds = 0 < len(codes) <= PARTS_MAX and codes == sorted(set(codes))
    parts = all(code in world.members.assets and 0 < minor <= PRICE_MAX for code, minor in terms.basket_holds)
    return holds and parts and not terms.post_close and not terms.rest_market
