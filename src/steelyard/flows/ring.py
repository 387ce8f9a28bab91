"""Rings of surplus: foreign money nobody wants to keep goes round until each holder has what it wants.

Holders mark what they would place. Rings are matched at reference rates at turns of their own while anything is
offered, and by the operator's command; each waits for the consent of all its holders, and is booked as one bundle in
the command that brings the last of them. One who declines, or time, ends it, and nothing has moved: until then
everybody's money stays free. Who lets rings lapse too often rests: its offers are left out for a time.
"""

from collections.abc import Iterable
from hashlib import sha256

from msgspec import Struct, structs

from steelyard.engine.accounts import AccountKind
from steelyard.engine.bundles import Bundle, Kind, Leg, Policy
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import (
    booking,
    fx_values,
    guard,
    liquidity_rules,
    openings,
    parties,
    pool,
    pvp_cover,
    settle,
)
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Id16, Name
from steelyard.flows.liquidity_facts import RingLapsed, RingMoved, SurplusOffered
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.liquidity.algorithms.successive import SuccessivePaths
from steelyard.liquidity.refusals import LiquidityRefusal as No
from steelyard.liquidity.ring_book import OFFERS_MAX, RINGS_MAX, OpenRing, SurplusOffer, stock
from steelyard.liquidity.rings import match_rings
from steelyard.liquidity.rules import MS
from steelyard.members.refusals import MemberRefusal
from steelyard.members.state import OPERATOR
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

TURN = b"rings"
"""Subject of the timer by which rings are matched; all others are ids of rings"""
OPEN, SETTLED, DECLINED, EXPIRED, REFUSED = "open", "settled", "declined", "expired", "refused"


class OfferFields(Struct, array_like=True, frozen=True, gc=False):
    """Place at most so much of a currency for another, and keep so much of it; an amount of 0: no longer."""

    held: Name
    wanted: Name
    amount_minor: int
    keep_minor: int = 0


class ProposeFields(Struct, array_like=True, frozen=True, gc=False):
    """Asks for rings of what is offered now; says nothing."""


class NamedFields(Struct, array_like=True, frozen=True, gc=False):
    """A ring that waits."""

    ring_id: Id16


def offer(world: World, command: Command, fields: OfferFields, at: Instant) -> Outcome:
    """Mark money as surplus that may be placed; it stays free until a ring is booked."""
    sender, assets = command.sender, world.members.assets
    made = SurplusOffer(sender, fields.held, fields.wanted, fields.amount_minor, fields.keep_minor)
    sound = (
        fields.held != fields.wanted
        and all(
            one in assets and parties.provider_account(world, sender, one)
            for one in (fields.held, fields.wanted)
        )
        and 0 <= fields.amount_minor < AMOUNT_END
        and 0 <= fields.keep_minor < AMOUNT_END
        and (len(world.rings) < OFFERS_MAX or world.rings.offer(sender, fields.held) is not None)
    )
    if sender not in world.members.participants or not sound:
        return refused(No.SURPLUS_OFFER_OUT_OF_RANGE)
    world.rings.put(made)
    arm(world, at)
    diary = Diary()
    diary.fact(SurplusOffered(sender, made.held, made.wanted, made.amount_minor, made.keep_minor))
    return diary.done()


def propose(world: World, command: Command, fields: ProposeFields, at: Instant) -> Outcome:
    """Match rings of what is offered now, at the rates of now, and ask their holders."""
    if command.sender != OPERATOR:
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    diary = Diary()
    refusal = _match(world, diary, at)
    return diary.done() if refusal is None else refused(refusal)


def arm(world: World, at: Instant) -> None:
    """Set the clock by which rings are matched while anything is offered: at whole multiples of its distance."""
    every = liquidity_rules.rules(world, at).ring_every_ms * MS
    if every and len(world.rings) and world.timers.at(TimerKind.RING, TURN) is None:
        world.timers.set((at // every + 1) * every, TimerKind.RING, TURN)


def _match(world: World, diary: Diary, at: Instant) -> Refusal | None:
    """Match rings of what is offered and free now, and ask their holders; or say why there are none."""
    offers = [
        one
        for one in world.rings.offers()
        if world.members.participants[one.owner].sends and at >= world.rings.rests.get(one.owner, 0)
    ]
    wanted = {asset for one in offers for asset in (one.held, one.wanted)}
    units = dict(fx_values.units(fx_values.judged(world, wanted, at)))
    bound, room = world.rings.bound(), RINGS_MAX - len(world.rings.rings)
    stocks = [
        stock(
            one,
            free_minor=_free(world, one.owner, one.held),
            bound_minor=bound.get((one.owner, one.held), 0),
        )
        for one in offers
        if one.held in units and one.wanted in units
    ]
    stocks = [one for one in stocks if one.minor]
    found = match_rings(stocks, units, solver=SuccessivePaths(), most=room) if stocks and room else ()
    if not found:
        return No.RING_HAS_NO_STOCKS
    missing = sorted(
        {swap.gives for ring in found for swap in ring.swaps if not pool.transit(world, swap.gives)}
    )
    if not openings.has_room(world, len(missing)):
        return SettingRefusal.ACCOUNTS_ARE_FULL
    for asset in missing:
        refusal = openings.open_account(world, diary, pool.PURPOSE, OPERATOR, asset, kind=AccountKind.TRANSIT)
        assert refusal is None, refusal
    expires_at = at + liquidity_rules.rules(world, at).ring_expiry_ms * MS
    for number, ring in enumerate(found):
        seed = sha256(b"ring %d" % number).digest()
        ring_id = booking.bundle_id(seed, world.commands, at).to_bytes(16, "big")
        swaps = tuple(
            (one.holder, one.gives_minor, one.gives, one.gets_minor, one.gets) for one in ring.swaps
        )
        made = OpenRing(ring_id, swaps, expires_at, at)
        world.rings.rings[ring_id] = made
        world.timers.set(expires_at, TimerKind.RING, ring_id)
        diary.fact(_moved(made, OPEN))
        _tell(diary, made, "ring.proposed")
    return None


def consent(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Say yes to one's part in a ring; the last yes books it, or ends it where somebody's money is not there."""
    ring = _mine(world, command.sender, fields, at)
    if ring is None:
        return refused(No.RING_NOT_FOUND)
    diary = Diary()
    if command.sender in ring.consents:
        diary.fact(_moved(ring, OPEN))
        return diary.repeated()
    ring = structs.replace(ring, consents=tuple(sorted((*ring.consents, command.sender))))
    if not ring.is_agreed:
        world.rings.rings[ring.ring_id] = ring
        diary.fact(_moved(ring, OPEN))
        return diary.done()
    number = booking.bundle_id(ring.ring_id, world.commands, at)
    fault, by = _book(world, ring, number, at)
    if fault is not None:
        _end(world, diary, ring, REFUSED, fault.code)
        _lapsed(world, diary, ring, REFUSED, by, at)
        return diary.done()
    _end(world, diary, ring, SETTLED, bundle_id=number.to_bytes(16, "big"))
    world.queues.push_all(
        parties.provider_account(world, holder, asset)
        for holder, _, gives, _, gets in ring.swaps
        for asset in (gives, gets)
    )
    settle.work(world, diary, at)
    return diary.done()


def decline(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Say no to one's part in a ring: it is over."""
    ring = _mine(world, command.sender, fields, at)
    if ring is None:
        return refused(No.RING_NOT_FOUND)
    diary = Diary()
    _end(world, diary, ring, DECLINED)
    _lapsed(world, diary, ring, DECLINED, (command.sender,), at)
    return diary.done()


def over_line(world: World, command: Command, fields: NamedFields) -> bool:
    """Say whether a yes gives more than its holder's line, so that two people must say it."""
    ring = world.rings.rings.get(fields.ring_id)
    owner = world.members.participants.get(command.sender)
    if ring is None or owner is None:
        return False
    lines = owner.settings.lines_minor
    return any(
        holder == command.sender and asset in lines and gives > lines[asset]
        for holder, gives, asset, _, _ in ring.swaps
    )


def on_timer_ring(world: World, diary: Diary, ring_id: bytes, at: Instant) -> None:
    """End a ring to which not everybody has consented in time; or match rings, where that is due."""
    if ring_id == TURN:
        _forget(world, at)
        _match(world, diary, at)
        arm(world, at)
        return
    ring = world.rings.rings.get(ring_id)
    if ring is not None:
        _end(world, diary, ring, EXPIRED)
        silent = [holder for holder in ring.ring.holders() if holder not in ring.consents]
        _lapsed(world, diary, ring, EXPIRED, silent, at)


def _mine(world: World, sender: str, fields: NamedFields, at: Instant) -> OpenRing | None:
    """Give a ring that waits in which the sender has a part; at its expiry it is too late."""
    ring = world.rings.rings.get(fields.ring_id)
    found = ring is not None and at < ring.expires_at and sender in ring.ring.holders()
    return ring if found else None


def _free(world: World, owner: str, asset: str) -> int:
    """Give what a holder may place: not what it keeps for payments of a class, nor what is cover in the PvP queue."""
    return guard.spare(world, owner, parties.provider_account(world, owner, asset))


Fault = tuple[Refusal | None, tuple[str, ...]]
"""Why a ring was not booked, and by whom, where it was a holder"""


def _book(world: World, ring: OpenRing, number: int, at: Instant) -> Fault:
    """Book a ring as one bundle over transit accounts that end at zero, tested on the final state."""
    account = parties.provider_account
    legs: list[Leg] = []
    given: dict[tuple[str, str], int] = {}
    for holder, gives_minor, gives, gets_minor, gets in ring.swaps:
        given[holder, gives] = given.get((holder, gives), 0) + gives_minor
        legs.append(Leg(account(world, holder, gives), pool.transit(world, gives), gives_minor))
        legs.append(Leg(pool.transit(world, gets), account(world, holder, gets), gets_minor))
    if not all(world.members.participants[holder].sends for holder in ring.ring.holders()):
        return MemberRefusal.PARTICIPANT_STATE_FORBIDS, ()
    lack = {holder for (holder, asset), minor in given.items() if _free(world, holder, asset) < minor}
    if lack:
        return No.RING_LACKS_MONEY, tuple(sorted(lack))
    for (holder, asset), minor in given.items():
        if pvp_cover.keeps(world, holder, account(world, holder, asset), minor):
            return pvp_cover.REFUSAL, (holder,)
    owners = [world.engine.owner_nos[holder] for holder in ring.ring.holders()]
    bundle = Bundle(
        number, Kind.CYCLE, tuple(legs), policy=Policy.AT_END, reference=int.from_bytes(ring.ring_id, "big")
    )
    return world.engine.move(bundle, authority=owners, at=at).refusal, ()


def _forget(world: World, at: Instant) -> None:
    window = liquidity_rules.rules(world, at).ring_lapse_window_ms * MS
    world.rings.forget(since=at - window, at=at)


def _lapsed(world: World, diary: Diary, ring: OpenRing, state: str, by: Iterable[str], at: Instant) -> None:
    """Count a ring that has lapsed by these holders; let those rest who have let too many lapse."""
    book = liquidity_rules.rules(world, at)
    if not book.ring_lapses_max:
        return
    _forget(world, at)
    for owner in by:
        if not world.rings.lapsed(owner, ring.matched_at, at=at):
            continue
        lapses = world.rings.lapses(owner)
        if lapses >= book.ring_lapses_max:
            world.rings.rests[owner] = at + book.ring_rest_ms * MS
            diary.tell(owner, "ring.rests", ring.ring_id, lapses, world.rings.rests[owner])
        diary.fact(RingLapsed(owner, ring.ring_id, state, lapses, world.rings.rests.get(owner, 0)))


def _end(
    world: World, diary: Diary, ring: OpenRing, state: str, refusal: int = 0, bundle_id: bytes = b""
) -> None:
    world.rings.rings.pop(ring.ring_id)
    world.timers.cancel(TimerKind.RING, ring.ring_id)
    diary.fact(_moved(ring, state, refusal, bundle_id))
    _tell(diary, ring, f"ring.{state}")


def _moved(ring: OpenRing, state: str, refusal: int = 0, bundle_id: bytes = b"") -> RingMoved:
    return RingMoved(ring.ring_id, ring.swaps, ring.consents, ring.expires_at, state, refusal, bundle_id)


def _tell(diary: Diary, ring: OpenRing, kind: str) -> None:
    """Let each holder be told of its own part."""
    for holder, gives_minor, gives, gets_minor, gets in ring.swaps:
        diary.tell(holder, kind, ring.ring_id, gives, gives_minor, gets, gets_minor, ring.expires_at)
