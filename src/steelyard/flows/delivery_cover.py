"""Buy-in and sell-out: the auction that makes up for a side of a delivery that has failed, from its opening on.

Two of the operator's people open it and say the worst price that counts. Whoever is no side of the delivery offers:
goods that are locked in a buy-in, money that is set aside in a sell-out. The side that has not failed says up to which
price it trades on. How it ends: `delivery_cover_end.py`. Lots for which nobody has offered have failed still: they are
auctioned again, or two people give a price by hand.
"""

from typing import Annotated

from msgspec import Meta, Struct, structs

from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.engine.refusals import SettingRefusal
from steelyard.flows import (
    booking,
    counting,
    deliveries,
    delivery_notice,
    guard,
    openings,
    parties,
    settle,
    titles,
)
from steelyard.flows.command import Command, Outcome
from steelyard.flows.deliveries import E
from steelyard.flows.delivery_cover_end import note, worth
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import At, Digest, Id16, Number
from steelyard.flows.world import World
from steelyard.market.cover_auction import OFFERS_MAX, OWN_OFFERS_MAX, CoverAuction, Offer, is_within
from steelyard.market.deliveries import RECEIPTS_MAX, Delivery, moved
from steelyard.market.delivery import AUCTIONS, DeliveryState, assign_deliveries
from steelyard.market.receipts import Receipt, ReceiptEvent
from steelyard.market.receipts import moved as receipt_moved
from steelyard.market.refusals.auctions import AuctionRefusal
from steelyard.market.refusals.delivery import DeliveryRefusal as No
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.members.refusals import MemberRefusal
from steelyard.members.state import OPERATOR
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import DAY, MINUTE, Instant
from steelyard.values.refusal import Refusal

S = DeliveryState
OPEN_NS_MIN, OPEN_NS_MAX = 10 * MINUTE, 30 * DAY
"""How long it takes offers: an auction in which nobody could offer would let a price be given by hand"""


class OpenFields(Struct, array_like=True, frozen=True, gc=False):
    """Which delivery, until when offers are taken, the worst price that counts, and the SHA-256 of the report."""

    delivery_id: Id16
    closes_at: At
    limit_minor: Number
    document: Digest


class OfferFields(Struct, array_like=True, frozen=True, gc=False):
    """So many lots at the worst price one takes; in a buy-in with the receipts of just these lots."""

    delivery_id: Id16
    lots: Number
    price_minor: Number
    receipts: Annotated[tuple[Id16, ...], Meta(max_length=RECEIPTS_MAX)] = ()


class BackFields(Struct, array_like=True, frozen=True, gc=False):
    """Up to which price a buyer, or down to which a seller, trades on after the other side has failed."""

    delivery_id: Id16
    limit_minor: Number


def open_auction(world: World, command: Command, fields: OpenFields, at: Instant) -> Outcome:
    """Open the auction of a delivery in which a side has failed; without a buyer it is dealt out to its longs first."""
    if command.sender != OPERATOR:
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    found = world.deliveries.get(fields.delivery_id)
    if isinstance(found, No):
        return refused(found)
    after = moved(found, E.AUCTIONED)
    if isinstance(after, No):
        return refused(after)
    if not deliveries.standing(world, found):
        return refused(No.DELIVERY_LOTS_ARE_NOT_HELD)
    in_time = at + OPEN_NS_MIN <= fields.closes_at <= at + OPEN_NS_MAX
    buys = found.state is S.SELLER_FAILED
    sound = 0 < fields.limit_minor < AMOUNT_END and is_within(
        found.terms.agreed_minor, fields.limit_minor, buys=buys
    )
    if not in_time or not sound or worth(found, fields.limit_minor, found.terms.lots) >= AMOUNT_END:
        return refused(AuctionRefusal.AUCTION_TERMS_OUT_OF_RANGE)
    diary = Diary()
    parts = [found] if found.buyer else _dealt(world, diary, found, at)
    if isinstance(parts, No):
        return refused(parts)
    auction = CoverAuction(fields.closes_at, fields.limit_minor, fields.document)
    for part in parts:
        opened = moved(part, E.AUCTIONED)
        assert isinstance(opened, Delivery), opened
        opened = structs.replace(opened, auction=auction, due_at=fields.closes_at)
        deliveries.keep(world, diary, opened, E.AUCTIONED, document=fields.document)
        note(diary, opened, "OPENED", lots=part.terms.lots, price=fields.limit_minor)
        for bic in sorted(world.members.participants):
            if bic not in (part.seller, part.buyer) and _bidder_refusal(world, part, bic) is None:
                diary.tell(
                    bic, "delivery_auction.opened", part.delivery_id, part.terms.instrument, part.terms.lots
                )
    return diary.done()


def offer(world: World, command: Command, fields: OfferFields, at: Instant) -> Outcome:
    """Offer goods or money for lots of a failed delivery; it stands until the auction is over."""
    found = _under_way(world, fields.delivery_id, at)
    if isinstance(found, Refusal):
        return refused(found)
    auction, bic, buys = found.auction, command.sender, found.state is S.BUY_IN
    assert auction is not None
    refusal = _bidder_refusal(world, found, bic) or _offer_refusal(found, auction, bic, fields, buys=buys)
    if refusal is not None:
        return refused(refusal)
    held = _goods(world, found, bic, fields, auction.closes_at) if buys else _locked(world, found)
    if isinstance(held, Refusal):
        return refused(held)
    taker = found.buyer if buys else bic
    codes = [
        code for code in dict.fromkeys(one.code for one in held) if not titles.account(world, taker, code)
    ]
    if not openings.has_room(world, len(codes)):
        return refused(SettingRefusal.ACCOUNTS_ARE_FULL)
    number = max([one.number for one in auction.offers], default=0) + 1
    made = Offer(number, bic, fields.lots, fields.price_minor)
    if buys:
        made = structs.replace(made, receipts=tuple(one.receipt_id for one in held))
    else:
        bond = _set_aside(world, command, bic, found.seller, found, fields.price_minor, fields.lots, at)
        if isinstance(bond, Refusal):
            return refused(bond)
        made = structs.replace(made, reservation=bond)
    diary = Diary()
    for code in codes:
        opened = titles.open_account(world, diary, taker, code)
        assert opened is None, opened
    world.deliveries.put(
        structs.replace(found, auction=structs.replace(auction, offers=(*auction.offers, made)))
    )
    for receipt in held if buys else ():
        deliveries.lock(world, diary, found, receipt, at=at)
    note(diary, found, "OFFERED", bidder=bic, number=number, lots=fields.lots, price=fields.price_minor)
    return diary.done()


def back(world: World, command: Command, fields: BackFields, at: Instant) -> Outcome:
    """Say up to which price one trades on; a buyer's money for it is set aside, in place of what was before."""
    found = _under_way(world, fields.delivery_id, at)
    if isinstance(found, Refusal):
        return refused(found)
    auction, buys = found.auction, found.state is S.BUY_IN
    assert auction is not None
    if command.sender != (found.buyer if buys else found.seller):
        return refused(No.DELIVERY_IS_ANOTHERS)
    if not titles.disposes(world, command.sender):
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    if not is_within(fields.limit_minor, auction.limit_minor, buys=buys) or fields.limit_minor >= AMOUNT_END:
        return refused(AuctionRefusal.BID_BEYOND_RESERVE)
    bond = b""
    if buys:
        held = (int.from_bytes(auction.reservation, "big"),) if auction.reservation else ()
        made = _set_aside(
            world, command, found.buyer, found.seller, found, fields.limit_minor, found.terms.lots, at, releasing=held
        )  # fmt: skip
        if isinstance(made, Refusal):
            return refused(made)
        bond = made
    diary = Diary()
    auction = structs.replace(auction, back_minor=fields.limit_minor, reservation=bond)
    world.deliveries.put(structs.replace(found, auction=auction))
    note(diary, found, "BACKED", bidder=command.sender, lots=found.terms.lots, price=fields.limit_minor)
    settle.work(world, diary, at)
    return diary.done()


def over_line(world: World, command: Command, fields: OfferFields) -> bool:
    """Tell whether an offer of money lies above its bidder's own line: then two people make it."""
    return _over(world, command, fields.delivery_id, S.SELL_OUT, fields.price_minor, fields.lots)


def backs_over_line(world: World, command: Command, fields: BackFields) -> bool:
    """Tell whether what a buyer sets aside lies above its own line: then two people do."""
    return _over(world, command, fields.delivery_id, S.BUY_IN, fields.limit_minor, 0)


def _set_aside(
    world: World,
    command: Command,
    payer: str,
    payee: str,
    found: Delivery,
    price: int,
    lots: int,
    at: Instant,
    *,
    releasing: tuple[int, ...] = (),
) -> bytes | Refusal:
    """Set the money for so many lots at a price aside, and give the bundle that did, or why not."""
    currency = found.terms.currency
    source, target = (parties.settlement_account(world, one, currency) for one in (payer, payee))
    if not source or not target:
        return No.DELIVERY_ACCOUNT_NOT_FOUND
    minor = worth(found, price, lots)
    kept = sum([leg[2] for one in releasing for leg in world.engine.reservations[one].legs])
    if not 0 < minor < AMOUNT_END or guard.spare(world, payer, source) + kept < minor:
        return AuctionRefusal.DEPOSIT_IS_NOT_THERE
    number = booking.bundle_id(command.id, world.commands, at)
    reference = int.from_bytes(found.delivery_id, "big")
    bundle = Bundle(number, Kind.PURPOSE, (Leg(source, target, minor),), reference=reference)
    act = world.engine.reserve(bundle, authority=[world.engine.owner_nos[payer]], releasing=releasing, at=at)
    return act.refusal if act.refusal is not None else number.to_bytes(16, "big")


def _under_way(world: World, delivery_id: bytes, at: Instant) -> Delivery | Refusal:
    """Give a delivery whose auction takes offers now, or why there is none."""
    found = world.deliveries.get(delivery_id)
    if isinstance(found, No):
        return found
    if found.state not in AUCTIONS or found.auction is None:
        return No.DELIVERY_STATE_FORBIDS
    return deliveries.in_time(found, at) or found


def _bidder_refusal(world: World, found: Delivery, bic: str) -> Refusal | None:
    """Say why somebody may not offer in an auction: a side of the delivery, one of its group, or barred."""
    participant = world.members.participants.get(bic)
    if participant is None or not (participant.sends and participant.receives):
        return MemberRefusal.PARTICIPANT_STATE_FORBIDS
    sides = (found.seller, found.buyer)
    if bic in sides or any(len(set(counting.sides(world, bic, side))) == 1 for side in sides):
        return AuctionRefusal.BIDDER_NOT_INVITED
    if not parties.settlement_account(world, bic, found.terms.currency):
        return No.DELIVERY_ACCOUNT_NOT_FOUND
    return None


def _offer_refusal(
    found: Delivery, auction: CoverAuction, bic: str, fields: OfferFields, *, buys: bool
) -> Refusal | None:
    """Say what about the numbers of an offer keeps it out; goods under one bill of lading are bought whole."""
    lots = found.terms.lots
    if not 0 < fields.lots <= lots or (found.bill and not buys and fields.lots != lots):
        return AuctionRefusal.BID_LOTS_OUT_OF_RANGE
    if fields.price_minor >= AMOUNT_END or not fields.price_minor:
        return AuctionRefusal.BID_PRICE_NOT_ON_TICK
    if not is_within(fields.price_minor, auction.limit_minor, buys=buys):
        return AuctionRefusal.BID_BEYOND_RESERVE
    own = sum([one.bidder == bic for one in auction.offers])
    if len(auction.offers) >= OFFERS_MAX or own >= OWN_OFFERS_MAX:
        return AuctionRefusal.AUCTION_IS_FULL
    return None


def _goods(
    world: World, found: Delivery, bic: str, fields: OfferFields, until: Instant
) -> list[Receipt] | Refusal:
    """Give the receipts that an offer names, if they are the bidder's, free, valid, and of just the lots offered."""
    held: list[Receipt] = []
    for receipt_id in dict.fromkeys(fields.receipts):
        receipt = titles.own(world, bic, receipt_id)
        if isinstance(receipt, TitleRefusal):
            return receipt
        free = receipt_moved(receipt, ReceiptEvent.LOCKED)
        if isinstance(free, TitleRefusal):
            return free
        if receipt.valid_until and until >= receipt.valid_until:
            return TitleRefusal.RECEIPT_HAS_EXPIRED
        kind = world.titles.classes[receipt.code]
        if (kind.site, kind.grade) != (found.terms.site, found.terms.grade):
            return No.DELIVERY_GOODS_DO_NOT_FIT
        held.append(receipt)
    fits = sum([one.kg for one in held]) == fields.lots * found.terms.unit_kg
    return held if fits else No.DELIVERY_GOODS_DO_NOT_FIT


def _locked(world: World, found: Delivery) -> list[Receipt]:
    """Give the receipts that a delivery has locked."""
    return [world.titles.receipts[one] for one in found.receipts if one in world.titles.receipts]


def _dealt(world: World, diary: Diary, found: Delivery, at: Instant) -> list[Delivery] | No:
    """Deal a failed delivery that has no buyer yet out to the longs of its contract, oldest first."""
    instrument, lots = found.terms.instrument, found.terms.lots
    longs = delivery_notice.longs_of(world, instrument) if found.cleared else []
    dealt = assign_deliveries(lots, [one for one in longs if one[0] != found.seller])
    if sum(dealt.values()) < lots:
        return No.DELIVERY_LONGS_ARE_SHORT
    if not world.deliveries.has_room(len(dealt)):
        return No.DELIVERIES_ARE_FULL
    return delivery_notice.parted(world, diary, found, sorted(dealt.items()), at)


def _over(
    world: World, command: Command, delivery_id: bytes, state: DeliveryState, price: int, lots: int
) -> bool:
    found = world.deliveries.get(delivery_id)
    participant = world.members.participants.get(command.sender)
    if isinstance(found, No) or participant is None or found.state is not state or not 0 < price < AMOUNT_END:
        return False
    line = participant.settings.lines_minor.get(found.terms.currency)
    return line is not None and worth(found, price, lots or found.terms.lots) > line
