"""How the auction of a failed delivery ends: uncrossed, the loss paid, goods against money, and the rest given back.

All in one command: the lots of a cleared delivery end, the side that has failed pays the difference and five percent
from its margin in one bundle, and, where the other side trades on at the price of the auction, each winner's goods go
against money in a bundle of their own. An exchange that something stands in the way of (a freeze, a block) comes to
nothing, and everybody keeps what is his; what was failed is paid all the same.
"""

from collections.abc import Sequence

from msgspec import structs

from steelyard.engine.bundles import Leg
from steelyard.flows import (
    booking,
    deliveries,
    delivery_notice,
    delivery_pay,
    parties,
    settle,
    titles,
)
from steelyard.flows.deliveries import E, S
from steelyard.flows.diary import Diary
from steelyard.flows.title_facts import CoverMoved
from steelyard.flows.world import World
from steelyard.market.cover_auction import CoverAuction, Filled, is_within, uncrossed
from steelyard.market.deliveries import Delivery, moved
from steelyard.market.delivery import failure_minor
from steelyard.market.quality import quality_price
from steelyard.market.receipts import ReceiptState
from steelyard.market.refusals.delivery import DeliveryRefusal as No
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant
from steelyard.values.rate import Rounding, rounded


def on_timer_delivery(world: World, diary: Diary, delivery_id: bytes, at: Instant) -> None:
    """End an auction whose time is over, or any other state of a delivery whose deadline has come."""
    found = world.deliveries.get(delivery_id)
    if isinstance(found, No) or found.auction is None:
        deliveries.on_timer_delivery(world, diary, delivery_id, at)
    elif at >= found.due_at:
        _close(world, diary, found, found.auction, at)
        settle.work(world, diary, at)


def _close(world: World, diary: Diary, found: Delivery, auction: CoverAuction, at: Instant) -> None:
    """Uncross an auction, let what was failed be paid, goods go against money, and give back the rest."""
    buys, terms = found.state is S.BUY_IN, found.terms
    taken = deliveries.standing(world, found) < terms.lots
    done = None if taken else uncrossed(terms.lots, auction.offers, buys=buys, reference=terms.agreed_minor)
    if done is None:
        _give_back(world, diary, found, auction, at)
        after = moved(found, E.UNSOLD)
        assert isinstance(after, Delivery), after
        note(diary, found, "OVER")
        deliveries.keep(world, diary, structs.replace(after, auction=None, unsold=True), E.UNSOLD)
        return
    price, fills = done
    sold = sum([one.lots for one in fills])
    payer = found.seller if buys else found.buyer
    owed = min(
        failure_minor(
            kg=sold * terms.unit_kg, price=terms.agreed_minor, market=price, price_kg=terms.schedule.price_kg,
            seller_failed=buys,
        ),
        AMOUNT_END - 1,
    )  # fmt: skip
    if found.cleared:
        deliveries.end_lots(world, diary, found, sold)
    paid, bundle_id = deliveries.from_margin(world, found, payer, owed, at)
    kept = _award(world, diary, found, auction, price, fills, at)
    _give_back(world, diary, found, auction, at)
    note(diary, found, "OVER", lots=sold, price=price, minor=paid, bundle_id=bundle_id)
    after = moved(found, E.COVERED if sold == terms.lots else E.PART_COVERED)
    assert isinstance(after, Delivery), after
    event, left = E.PART_COVERED, terms.lots - sold
    if left:
        after = structs.replace(
            after, terms=structs.replace(terms, lots=left), receipts=kept, unsold=True,
            weight_kg=found.weight_kg * left // terms.lots, net_kg=found.net_kg * left // terms.lots,
            goods_minor=found.goods_minor * left // terms.lots, amount_minor=found.amount_minor * left // terms.lots,
        )  # fmt: skip
    else:
        event = E.COVERED
        after = structs.replace(
            deliveries.let_go(world, diary, structs.replace(after, receipts=kept), at=at), amount_minor=paid
        )
    deliveries.keep(
        world, diary, structs.replace(after, auction=None), event, bundle_id=bundle_id, owed_minor=owed - paid,
        owed_by=payer,
    )  # fmt: skip


def _award(
    world: World,
    diary: Diary,
    found: Delivery,
    auction: CoverAuction,
    price: int,
    fills: list[Filled],
    at: Instant,
) -> tuple[bytes, ...]:
    """Let goods go against money, offer by offer; give the receipts that are still the delivery's."""
    buys, terms = found.state is S.BUY_IN, found.terms
    sold = sum([one.lots for one in fills])
    of = sold if buys else terms.lots
    trades_on = bool(auction.back_minor) and is_within(price, auction.back_minor, buys=buys)
    whole, paid, lots, kept, held = worth(found, price, of), 0, 0, found.receipts, auction.reservation
    for one in fills:
        part = whole * (lots + one.lots) // of - paid
        mine: tuple[bytes, ...] | None = ()
        if buys and trades_on:
            mine, loose = _cut(world, diary, found, one.offer.receipts, one.lots, one.offer.lots, at)
        elif not buys and (trades_on or sold < terms.lots):
            mine, kept = _cut(world, diary, found, kept, one.lots, terms.lots - lots, at)
        lots, paid, bundle_id = lots + one.lots, paid + part, b""
        if trades_on and mine is not None:
            seller, buyer = (one.offer.bidder, found.buyer) if buys else (found.seller, one.offer.bidder)
            goods = structs.replace(
                found, seller=seller, buyer=buyer, receipts=mine, bill=b"" if buys else found.bill
            )
            bond = held if buys else one.offer.reservation
            bundle_id = _exchange(world, diary, goods, one.offer.number, part, bond, at)
            held = b"" if bundle_id and buys else held
        _let_loose(world, diary, found, (*(mine or ()), *(loose if buys and trades_on else ())), at)
        amount = part if bundle_id else 0
        note(
            diary, found, "AWARDED", bidder=one.offer.bidder, number=one.offer.number, lots=one.lots, price=price,
            minor=amount, bundle_id=bundle_id,
        )  # fmt: skip
        told = (found.terms.currency, found.terms.instrument, one.lots, amount)
        diary.tell(one.offer.bidder, "delivery_auction.won", found.delivery_id, *told)
    return kept


def _cut(
    world: World, diary: Diary, found: Delivery, ids: tuple[bytes, ...], lots: int, of: int, at: Instant
) -> tuple[tuple[bytes, ...] | None, tuple[bytes, ...]]:
    """Part receipts for so many lots `of` all that they are for: these, and the rest.

    Where one is frozen, or no more fit into the register, nothing can be parted: None, and no goods are kept.
    """
    held = [world.titles.receipts[one] for one in ids if one in world.titles.receipts]
    if lots == of:
        return ids, ()
    if any(one.state is not ReceiptState.LOCKED for one in held) or not world.titles.has_room(2):
        _let_loose(world, diary, found, ids, at)
        return None, ()
    kg = sum([one.kg for one in held]) * lots // of
    mine, rest = delivery_notice.take(world, diary, held, kg, found, at)
    return tuple(one.receipt_id for one in mine), tuple(one.receipt_id for one in rest)


def _exchange(
    world: World, diary: Diary, goods: Delivery, number: int, minor: int, bond: bytes, at: Instant
) -> bytes:
    """Book goods against money as one bundle and give its id; empty where something stands in the way."""
    sides = (goods.buyer, goods.seller)
    if (
        not minor
        or not (goods.receipts or goods.bill)
        or not all(titles.disposes(world, one) for one in sides)
    ):
        return b""
    source, target = (parties.settlement_account(world, one, goods.terms.currency) for one in sides)
    bundle = booking.bundle_id(goods.delivery_id + b"cover %d" % number, world.commands, at)
    refusal = delivery_pay.exchange(
        world, diary, goods, [Leg(source, target, minor)], [world.engine.owner_nos[one] for one in sides],
        number=bundle, releasing=(int.from_bytes(bond, "big"),) if bond else (), at=at,
    )  # fmt: skip
    if refusal is not None:
        return b""
    world.queues.push_all([source, target])
    return bundle.to_bytes(16, "big")


def _let_loose(world: World, diary: Diary, found: Delivery, ids: Sequence[bytes], at: Instant) -> None:
    """Unlock receipts that nobody has got."""
    deliveries.let_go(
        world, diary, structs.replace(found, receipts=tuple(ids), bill=b"", reservation=b""), at=at
    )


def _give_back(world: World, diary: Diary, found: Delivery, auction: CoverAuction, at: Instant) -> None:
    """Give back what an auction has locked and set aside and nobody has got."""
    for one in auction.offers:
        _let_loose(world, diary, found, one.receipts, at)
    for bond in (auction.reservation, *(one.reservation for one in auction.offers)):
        if bond:
            booking.give_back(world, int.from_bytes(bond, "big"), at=at)


def worth(found: Delivery, price: int, lots: int) -> int:
    """Give what so many lots come to at a price: by their certificate where there is one, else by their kg."""
    terms = found.terms
    if found.state in (S.BUYER_FAILED, S.SELL_OUT):
        paid = quality_price(terms.schedule, dict(found.found), net_kg=found.weight_kg, price=price)
        return -(-paid.amount_minor * lots // terms.lots)
    return rounded(price * terms.unit_kg * lots, terms.schedule.price_kg, Rounding.HALF_EVEN)


def note(
    diary: Diary,
    found: Delivery,
    event: str,
    *,
    bidder: str = "",
    number: int = 0,
    lots: int = 0,
    price: int = 0,
    minor: int = 0,
    bundle_id: bytes = b"",
) -> None:
    """Note what happened in an auction."""
    closes_at = found.auction.closes_at if found.auction is not None else 0
    diary.fact(
        CoverMoved(
            found.delivery_id,
            event,
            found.state.value,
            bidder,
            number,
            lots,
            price,
            minor,
            bundle_id,
            closes_at,
        )
    )
