"""Hold auctions: English, Dutch, reverse in three rounds, best and final, and calls with sealed orders.

Who announces an auction owns it. Bids of others are taken by the rules of its format; its deadlines are timers, so
that it opens, closes and ends by itself. What it came to is a fact; of a listed instrument its awards are trades.
"""

from collections.abc import Callable
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from steelyard.flows import auction_life, auction_trade, parties, settle
from steelyard.flows.auction_facts import AuctionAnnounced, AuctionBid, SealedMoved
from steelyard.flows.auction_life import key
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import At, Id16, Label, Name, Word
from steelyard.flows.timers import TimerKind
from steelyard.flows.world import World
from steelyard.market.auctions.best_and_final import BestAndFinal
from steelyard.market.auctions.bids import Bid
from steelyard.market.auctions.dutch import Dutch
from steelyard.market.auctions.english import English
from steelyard.market.auctions.live import OWN_BIDS_MAX, OWN_MAX, Auction
from steelyard.market.auctions.reverse_rounds import ReverseRounds
from steelyard.market.auctions.sealed import Commitment, Deposit, Revealed, SealedCall
from steelyard.market.refusals.auctions import AuctionRefusal as No
from steelyard.values.instants import DAY, Instant
from steelyard.values.refusal import Refusal

AHEAD_NS_MAX = 400 * DAY
SELLS, BUYS = "SELLS", "BUYS"
Minor = Annotated[int, Meta(ge=0, lt=10**18)]
Lots = Annotated[int, Meta(ge=0, lt=10**12)]
Few = Annotated[int, Meta(ge=0, le=1_000)]
Digest32 = Annotated[bytes, Meta(min_length=32, max_length=32)]
Percent = Annotated[str, Meta(pattern=r"^([0-9]{1,9}(\.[0-9]{1,9})?)?$(?!\n)")]


class EnglishFields(Struct, array_like=True, frozen=True, gc=False):
    """An English auction; see `market/auctions/english.py`."""

    lots: Lots
    tick: Minor
    step_minor: Minor
    start_minor: Minor
    reserve_minor: Minor
    opens_at: At
    closes_at: At
    extend: At = 0
    extensions_max: Few = 0
    instrument: Label = ""


class DutchFields(Struct, array_like=True, frozen=True, gc=False):
    """A Dutch auction; see `market/auctions/dutch.py`."""

    lots: Lots
    tick: Minor
    start_minor: Minor
    floor_minor: Minor
    step_minor: Minor
    opens_at: At
    interval: At
    instrument: Label = ""


class ReverseFields(Struct, array_like=True, frozen=True, gc=False):
    """A reverse auction in three rounds; see `market/auctions/reverse_rounds.py`."""

    lots: Lots
    tick: Minor
    step_minor: Minor
    ceiling_minor: Minor
    opens_at: At
    first_ends_at: At
    second_ends_at: At
    third_ends_at: At
    keep_second: Few = 5
    keep_third: Few = 3
    instrument: Label = ""


class FinalFields(Struct, array_like=True, frozen=True, gc=False):
    """A best-and-final auction in which the owner SELLS or BUYS; see `market/auctions/best_and_final.py`."""

    lots: Lots
    tick: Minor
    way: Word
    reserve_minor: Minor
    opens_at: At
    offers_end_at: At
    final_end_at: At
    keep: Few = 3
    instrument: Label = ""


class SealedFields(Struct, array_like=True, frozen=True, gc=False):
    """A call with sealed orders; see `market/auctions/sealed.py`. An empty deposit asset: no deposit."""

    instrument: Label
    tick: Minor
    opens_at: At
    closes_at: At
    reveal_until_at: At
    reference: Minor | None = None
    pressure_cap_pct: Percent = ""
    deposit_asset: Name = ""
    deposit_minor: Minor = 0
    forfeits: bool = True


class BidFields(Struct, array_like=True, frozen=True, gc=False):
    """A bid of so many lots at a price a lot."""

    auction_id: Id16
    price: Minor
    lots: Lots


class CommitFields(Struct, array_like=True, frozen=True, gc=False):
    """A commitment to an order: SHA-256 over the order and its salt."""

    auction_id: Id16
    commitment: Digest32


class RevealFields(Struct, array_like=True, frozen=True, gc=False):
    """The order and the salt that were committed to; a market order has no price."""

    auction_id: Id16
    order_id: Label
    side: Word
    price: Minor | None
    quantity: Minor
    salt: Annotated[bytes, Meta(max_length=64)]


class CancelFields(Struct, array_like=True, frozen=True, gc=False):
    """An auction and why it ends."""

    auction_id: Id16
    reason: Word


def english(world: World, command: Command, fields: EnglishFields, at: Instant) -> Outcome:
    """Announce an English auction."""
    one = fields
    return _begin(
        world,
        command,
        at,
        lambda name: English(
            name, command.sender, one.lots, one.tick, one.step_minor, one.start_minor, one.reserve_minor,
            one.opens_at, one.closes_at, one.extend, one.extensions_max, instrument=one.instrument,
        ),
        (one.opens_at, one.closes_at),
    )  # fmt: skip


def dutch(world: World, command: Command, fields: DutchFields, at: Instant) -> Outcome:
    """Announce a Dutch auction."""
    one = fields
    return _begin(
        world,
        command,
        at,
        lambda name: Dutch(
            name, command.sender, one.lots, one.tick, one.start_minor, one.floor_minor, one.step_minor,
            one.opens_at, one.interval, instrument=one.instrument,
        ),
        (one.opens_at,),
    )  # fmt: skip


def reverse(world: World, command: Command, fields: ReverseFields, at: Instant) -> Outcome:
    """Announce a reverse auction."""
    one = fields
    ends = (one.first_ends_at, one.second_ends_at, one.third_ends_at)
    keep = (one.keep_second, one.keep_third)
    return _begin(
        world,
        command,
        at,
        lambda name: ReverseRounds(
            name,
            command.sender,
            one.lots,
            one.tick,
            one.step_minor,
            one.ceiling_minor,
            one.opens_at,
            ends,
            keep,
            instrument=one.instrument,
        ),
        (one.opens_at, *ends),
    )


def final(world: World, command: Command, fields: FinalFields, at: Instant) -> Outcome:
    """Announce a best-and-final auction."""
    one = fields
    if one.way not in (SELLS, BUYS):
        return refused(No.AUCTION_TERMS_OUT_OF_RANGE)
    return _begin(
        world,
        command,
        at,
        lambda name: BestAndFinal(
            name, command.sender, one.lots, one.tick, one.way == BUYS, one.reserve_minor, one.opens_at,
            one.offers_end_at, one.final_end_at, one.keep, instrument=one.instrument,
        ),
        (one.opens_at, one.final_end_at),
    )  # fmt: skip


def sealed(world: World, command: Command, fields: SealedFields, at: Instant) -> Outcome:
    """Announce a call with sealed orders."""
    one = fields
    if not one.instrument or (
        one.deposit_asset and not parties.settlement_account(world, command.sender, one.deposit_asset)
    ):
        return refused(No.AUCTION_TERMS_OUT_OF_RANGE)
    rule = Deposit.FORFEITED if one.forfeits else Deposit.RETURNED
    return _begin(
        world,
        command,
        at,
        lambda name: SealedCall(
            name, one.instrument, one.tick, one.opens_at, one.closes_at, one.reveal_until_at, one.reference,
            one.pressure_cap_pct or None, rule, command.sender, one.deposit_asset, one.deposit_minor,
        ),
        (one.opens_at, one.reveal_until_at),
    )  # fmt: skip


def _begin(
    world: World,
    command: Command,
    at: Instant,
    make: Callable[[str], Auction],
    times: tuple[Instant, ...],
) -> Outcome:
    """Announce an auction whose terms can be met."""
    owner = world.members.participants.get(command.sender)
    if owner is None or not owner.sends or times[0] <= at or times[-1] > at + AHEAD_NS_MAX:
        return refused(No.AUCTION_TERMS_OUT_OF_RANGE)
    try:
        auction = make(key(command.id))
    except ValueError:
        return refused(No.AUCTION_TERMS_OUT_OF_RANGE)
    if isinstance(auction, Dutch) and auction.closes_at() > at + AHEAD_NS_MAX:
        return refused(No.AUCTION_TERMS_OUT_OF_RANGE)
    if not isinstance(auction, SealedCall) and not _is_priced(world, auction.instrument):
        return refused(No.AUCTION_TERMS_OUT_OF_RANGE)
    if world.auctions.of_owner(command.sender) >= OWN_MAX:
        return refused(No.AUCTION_IS_FULL)
    diary = Diary()
    refusal = world.auctions.refuses(auction) or auction_trade.refuse_owner(world, diary, auction, at)
    if refusal is not None:
        return refused(refusal)
    world.auctions.begin(auction)
    auction_trade.rebind(world, auction)
    world.timers.set(auction.due_at(), TimerKind.AUCTION, command.id)
    kind = str(type(auction).__struct_config__.tag)
    terms = msgspec.msgpack.encode(auction)
    diary.fact(AuctionAnnounced(command.id, kind, command.sender, auction.due_at(), terms))
    return diary.done()


def _is_priced(world: World, instrument: str) -> bool:
    """Tell whether an auction is of nothing that is listed, or of what has prices in one currency."""
    listing = world.books.listings.get(instrument)
    return not instrument or (listing is not None and bool(listing.instrument.currency))


def bid(world: World, command: Command, fields: BidFields, at: Instant) -> Outcome:
    """Bid in an auction, or take from a Dutch one."""
    made = Bid(command.id.hex(), command.sender, fields.price, fields.lots, at, world.commands)
    refusal: Refusal | None = _no_sender(world, command)
    diary, found = Diary(), world.auctions.live.get(key(fields.auction_id))
    if refusal is None and world.auctions.bids_of(key(fields.auction_id), command.sender) >= OWN_BIDS_MAX:
        refusal = No.AUCTION_IS_FULL
    if refusal is None and found is not None:
        refusal = auction_trade.refuse_bid(world, diary, found, made)
    refusal = refusal or world.auctions.bid(key(fields.auction_id), made)
    if refusal is not None:
        return refused(refusal)
    diary.fact(AuctionBid(fields.auction_id, command.id, command.sender, fields.price, fields.lots))
    _note(world, diary, fields.auction_id, at)
    return diary.done()


def commit(world: World, command: Command, fields: CommitFields, at: Instant) -> Outcome:
    """Commit to a sealed order, and set its deposit aside."""
    auction = world.auctions.live.get(key(fields.auction_id))
    if _no_sender(world, command) or not isinstance(auction, SealedCall):
        return refused(No.AUCTION_DOES_NOT_ALLOW_IT)
    if command.sender == auction.owner:
        return refused(No.BIDDER_NOT_INVITED)
    made = Commitment(fields.commitment, command.sender, at, world.commands)
    refusal = auction.refuses(made)
    if refusal is None and world.auctions.bids_of(auction.auction_id, command.sender) >= OWN_BIDS_MAX:
        refusal = No.AUCTION_IS_FULL
    if refusal is not None:
        return refused(refusal)
    bond = auction_life.set_aside(world, auction, command.sender, command.id, at)
    if isinstance(bond, Refusal):
        return refused(bond)
    made = msgspec.structs.replace(made, bond=bond)
    refusal = world.auctions.commit(key(fields.auction_id), made)
    assert refusal is None, refusal
    diary = Diary()
    diary.fact(
        SealedMoved(fields.auction_id, "COMMITTED", fields.commitment, command.sender, auction.deposit_minor)
    )
    _note(world, diary, fields.auction_id, at)
    return diary.done()


def reveal(world: World, command: Command, fields: RevealFields, at: Instant) -> Outcome:
    """Open a sealed order; its deposit comes back."""
    name = key(fields.auction_id)
    auction = world.auctions.live.get(name)
    if not isinstance(auction, SealedCall):
        return refused(No.AUCTION_DOES_NOT_ALLOW_IT)
    order = Revealed(fields.order_id, fields.side, fields.price, fields.quantity, fields.salt)
    diary = Diary()
    refusal = auction_trade.refuse_reveal(world, diary, auction, order, command.sender, at)
    refusal = refusal or world.auctions.reveal(name, order, owner=command.sender, at=at)
    if refusal is not None:
        return refused(refusal)
    digest = next(one for one, order_id in auction.opened.items() if order_id == fields.order_id)
    diary.fact(SealedMoved(fields.auction_id, "REVEALED", digest, command.sender, auction.deposit_minor))
    auction_life.let_go(world, diary, fields.auction_id, auction, auction.commitments[digest], at)
    _note(world, diary, fields.auction_id, at)
    settle.work(world, diary, at)
    return diary.done()


def cancel(world: World, command: Command, fields: CancelFields, at: Instant) -> Outcome:
    """End an auction before its time: who owns it, with a reason."""
    name = key(fields.auction_id)
    auction = world.auctions.live.get(name)
    if auction is None or auction.owner != command.sender or not fields.reason:
        return refused(No.AUCTION_DOES_NOT_ALLOW_IT)
    refusal = world.auctions.cancel(name, fields.reason, at=at)
    if refusal is not None:
        return refused(refusal)
    diary = Diary()
    auction_life.moved_on(world, diary, fields.auction_id, world.auctions.last, at)
    settle.work(world, diary, at)
    return diary.done()


def _no_sender(world: World, command: Command) -> No | None:
    sender = world.members.participants.get(command.sender)
    return None if sender is not None and sender.sends else No.BIDDER_NOT_INVITED


def _note(world: World, diary: Diary, auction_id: bytes, at: Instant) -> None:
    """Note where an auction is after what was taken."""
    auction_life.moved_on(world, diary, auction_id, world.auctions.last, at)
