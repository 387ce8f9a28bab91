"""Bids: committed to by their hash with a bond set aside, taken back before the close, revealed after it.

Until the opening nobody sees an offer, the node included. A bid belongs to its tender and its bidder: the same hash
is worth nothing in another's hand.
"""

from typing import Annotated

from msgspec import Meta, Struct, structs

from steelyard.flows import settle, tender_life
from steelyard.flows.command import Command, Outcome, encode
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import At, Day, Id16, Name, Word
from steelyard.flows.tender import PRICE_END, in_days
from steelyard.flows.world import World
from steelyard.market.incoterms import TERMS
from steelyard.market.refusals.tenders import TenderRefusal as No
from steelyard.market.tender import CARGOES_MAX, YEAR_DAYS, Offer
from steelyard.market.tenders import BIDS_MAX, OFFERS_MAX, Bid, TenderCase, TenderState, commitment
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

Hash32 = Annotated[bytes, Meta(min_length=32, max_length=32)]
Salt = Annotated[bytes, Meta(min_length=16, max_length=64)]


class OfferFields(Struct, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """Goods at a port; see `Offer`. An empty currency is the tender's own."""

    id: Word
    origin: Word
    port: Word
    price_minor: int
    cargoes_max: int
    cargoes_min: int
    currency: Name
    laycan: tuple[Day, Day]
    valid_until: At
    pay_days: int
    incoterm: Name = "FOB"


class BidFields(Struct, array_like=True, frozen=True, gc=False):
    """A hash by which the sender binds itself to offers; see `sealed`."""

    tender_id: Id16
    commitment: Hash32


class NamedFields(Struct, array_like=True, frozen=True, gc=False):
    """A tender."""

    tender_id: Id16


class RevealFields(Struct, array_like=True, frozen=True, gc=False):
    """The offers, and the salt that made their hash unguessable."""

    tender_id: Id16
    offers: Annotated[tuple[OfferFields, ...], Meta(max_length=OFFERS_MAX)]
    salt: Salt


def sealed(tender_id: bytes, bidder: str, offers: tuple[OfferFields, ...], salt: bytes) -> bytes:
    """Give the hash that a bidder commits to."""
    return commitment(tender_id, bidder, encode(offers), salt)


def bid(world: World, command: Command, fields: BidFields, at: Instant) -> Outcome:
    """Commit to offers before the close; a second time replaces the first, under the same bond."""
    case = _case(world, fields.tender_id, TenderState.PUBLISHED, at)
    if isinstance(case, No):
        return refused(case)
    bidder = world.members.participants.get(command.sender)
    if bidder is None or not bidder.sends or command.sender == case.buyer:
        return refused(No.TENDER_NOT_FOUND)
    held = case.bids.get(command.sender)
    if held is None and len(case.bids) >= BIDS_MAX:
        return refused(No.TOO_MANY_TENDERS)
    bond = (
        held.bond if held is not None else tender_life.set_aside(world, case, command.sender, command.id, at)
    )
    if isinstance(bond, Refusal):
        return refused(bond)
    made = Bid(command.sender, fields.commitment, at, bond)
    case.bids.pop(command.sender, None)
    case.bids[command.sender] = made
    diary = Diary()
    tender_life.noted(diary, case, made, "COMMITTED")
    return diary.done()


def withdraw(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Take a bid back before the close, with its bond."""
    case = _case(world, fields.tender_id, TenderState.PUBLISHED, at)
    if isinstance(case, No):
        return refused(case)
    held = case.bids.get(command.sender)
    if held is None:
        return refused(No.TENDER_NOT_FOUND)
    diary = Diary()
    tender_life.noted(diary, case, tender_life.give_back(world, diary, case, held, at), "WITHDRAWN")
    del case.bids[command.sender]
    settle.work(world, diary, at)
    return diary.done()


def reveal(world: World, command: Command, fields: RevealFields, at: Instant) -> Outcome:
    """Show what was committed to, between the close and the opening."""
    case = _case(world, fields.tender_id, TenderState.SEALED, at)
    if isinstance(case, No):
        return refused(case)
    held = case.bids.get(command.sender)
    if held is None:
        return refused(No.TENDER_NOT_FOUND)
    if sealed(case.tender_id, command.sender, fields.offers, fields.salt) != held.commitment:
        return refused(No.COMMITMENT_DIFFERS)
    if (
        not fields.offers
        or len({one.id for one in fields.offers}) < len(fields.offers)
        or not all(_is_sound(world, one, at) for one in fields.offers)
    ):
        return refused(No.OFFER_OUT_OF_RANGE)
    made = structs.replace(
        held,
        offers=tuple(_offer(case, held, one) for one in fields.offers),
        content=encode(fields.offers),
        salt=fields.salt,
    )
    case.bids[command.sender] = made
    diary = Diary()
    tender_life.noted(diary, case, made, "REVEALED")
    return diary.done()


def _case(world: World, tender_id: bytes, state: TenderState, at: Instant) -> TenderCase | No:
    """Give a tender that is in a state, before the deadline of it; at that it is too late, swept or not."""
    case = world.tenders.live.get(tender_id)
    if case is None or case.state is TenderState.DRAFT:
        return No.TENDER_NOT_FOUND
    return case if case.state is state and at < case.due_at else No.TENDER_STATE_FORBIDS


def _offer(case: TenderCase, held: Bid, one: OfferFields) -> Offer:
    """Give an offer as it is evaluated: under its bidder's name, from when it was committed to."""
    currency = "" if one.currency == case.terms.asset else one.currency
    return Offer(
        f"{held.bidder}/{one.id}", held.bidder, one.origin, one.port, one.price_minor, one.cargoes_max,
        one.cargoes_min, currency, one.laycan, held.bid_at, one.valid_until, one.pay_days,
        one.incoterm,
    )  # fmt: skip


def _is_sound(world: World, one: OfferFields, at: Instant) -> bool:
    return (
        bool(one.id and one.origin and one.port)
        and 0 < one.price_minor < PRICE_END
        and 0 < one.cargoes_min <= one.cargoes_max <= CARGOES_MAX
        and (not one.currency or one.currency in world.members.assets)
        and in_days(one.laycan)
        and one.valid_until > at
        and 0 <= one.pay_days <= YEAR_DAYS
        and one.incoterm in TERMS
    )
