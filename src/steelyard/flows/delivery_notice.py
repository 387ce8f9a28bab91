"""Notices of delivery: what sellers have named for an instrument is dealt out to its longs, oldest first.

The longs of a cleared contract are those of the clearing, with the days since which they hold their lots; lots that
another delivery is for already count no more, the oldest first. Of other instruments the operator names the longs.

A seller's goods may go to several buyers: then his delivery becomes one for each, and his receipts are split where
the kg of one buyer end. Together the parts are for every kg and every lot of the whole.
"""

from typing import Annotated

from msgspec import Meta, Struct, structs

from steelyard.flows import deliveries, titles
from steelyard.flows.command import Command, Outcome
from steelyard.flows.deliveries import E
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Name, Number
from steelyard.flows.world import World
from steelyard.market import receipts
from steelyard.market.clearing import positions
from steelyard.market.deliveries import Delivery
from steelyard.market.delivery import assign_deliveries
from steelyard.market.receipts import Receipt, ReceiptEvent, ReceiptState
from steelyard.market.refusals.delivery import DeliveryRefusal as No
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.members.refusals import MemberRefusal
from steelyard.members.state import OPERATOR
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

LONGS_MAX = 1_000


class NoticeFields(Struct, array_like=True, frozen=True, gc=False):
    """An instrument and, where it is no cleared contract, its longs: who, since which day, how many lots."""

    instrument: Name
    longs: Annotated[tuple[tuple[Name, Number, Number], ...], Meta(max_length=LONGS_MAX)]


def notice(world: World, command: Command, fields: NoticeFields, at: Instant) -> Outcome:
    """Deal out all that waits for a buyer, or nothing of it."""
    if command.sender != OPERATOR:
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    waiting = [one for one in world.deliveries.without_buyer(fields.instrument) if _is_ready(world, one)]
    if not waiting:
        return refused(No.DELIVERY_NOT_FOUND)
    is_cleared = fields.instrument in world.clearing.terms
    if is_cleared and fields.longs:
        return refused(No.DELIVERY_TERMS_OUT_OF_RANGE)
    total = sum(one.terms.lots for one in waiting)
    dealt = assign_deliveries(total, longs_of(world, fields.instrument) if is_cleared else fields.longs)
    refusal = _refusal(world, waiting, dealt, total)
    if refusal is not None:
        return refused(refusal)
    diary = Diary()
    for delivery, parts in zip(waiting, shares(waiting, dealt), strict=True):
        for part in parted(world, diary, delivery, parts, at):
            for receipt_id in part.receipts:
                code = world.titles.receipts[receipt_id].code
                opened = titles.open_account(world, diary, part.buyer, code)
                assert opened is None, opened
            deliveries.advance(world, diary, part, E.NOTICED, at=at)
    return diary.done()


def longs_of(world: World, contract: str) -> list[tuple[str, int, int]]:
    """Give the longs of a cleared contract: who, since which day, how many lots that no delivery is for yet."""
    found: list[tuple[str, int, int]] = []
    taken: dict[str, int] = {}
    for owner, day, lots in positions.longs(world.clearing.book, contract):
        if owner not in taken:
            taken[owner] = world.deliveries.lots_of(contract, owner, long=True)
        gone = min(taken[owner], lots)
        taken[owner] -= gone
        if lots > gone:
            found.append((owner, day, lots - gone))
    return found


def shares(waiting: list[Delivery], dealt: dict[str, int]) -> list[list[tuple[str, int]]]:
    """Give for each delivery its buyers and their lots: sellers by age meet buyers by id, none his own goods if
    another can have them.
    """
    left = dict(sorted(dealt.items()))
    made: list[list[tuple[str, int]]] = []
    for delivery in waiting:
        open_lots, parts = delivery.terms.lots, dict[str, int]()
        for buyer in sorted(left, key=lambda one: (one == delivery.seller, one)):
            lots = min(open_lots, left[buyer])
            if lots:
                parts[buyer] = lots
                left[buyer] -= lots
                open_lots -= lots
        made.append(list(parts.items()))
    return made


def _is_ready(world: World, delivery: Delivery) -> bool:
    """Tell whether nothing that a delivery names is frozen; else it waits until that is thawed."""
    return all(world.titles.receipts[one].state is ReceiptState.LOCKED for one in delivery.receipts)


def _refusal(world: World, waiting: list[Delivery], dealt: dict[str, int], total: int) -> Refusal | None:
    """Say why the longs given cannot take what waits, or nothing."""
    if sum(dealt.values()) < total:
        return No.DELIVERY_LONGS_ARE_SHORT
    if not all(titles.is_active(world, buyer) for buyer in dealt):
        return No.DELIVERY_TERMS_OUT_OF_RANGE
    parts = shares(waiting, dealt)
    if any(buyer == one.seller for one, each in zip(waiting, parts, strict=True) for buyer, _ in each):
        return No.DELIVERY_LONGS_ARE_SHORT
    if any(one.bill and len(each) > 1 for one, each in zip(waiting, parts, strict=True)):
        return No.DELIVERY_GOODS_DO_NOT_FIT
    more = sum(len(each) for each in parts)
    if not world.deliveries.has_room(more):
        return No.DELIVERIES_ARE_FULL
    kinds = {world.titles.receipts[one].code for each in waiting for one in each.receipts}
    missing = sum(1 for buyer in dealt for code in kinds if not titles.account(world, buyer, code))
    if len(world.engine.accounts) + missing > world.engine.accounts_max:
        return No.DELIVERIES_ARE_FULL
    return None if world.titles.has_room(more) else TitleRefusal.TITLES_ARE_FULL


def parted(
    world: World, diary: Diary, delivery: Delivery, parts: list[tuple[str, int]], at: Instant
) -> list[Delivery]:
    """Make one delivery of each part; the first keeps the id, the last the kg that lots do not divide."""
    if len(parts) == 1:
        return [structs.replace(delivery, buyer=parts[0][0])]
    held = [world.titles.receipts[one] for one in delivery.receipts]
    whole_kg, left_lots = sum(one.kg for one in held), delivery.terms.lots
    made: list[Delivery] = []
    for place, (buyer, lots) in enumerate(parts):
        kg = whole_kg * lots // left_lots
        whole_kg, left_lots = whole_kg - kg, left_lots - lots
        part_id = (
            delivery.delivery_id
            if not place
            else titles.part_id(delivery.delivery_id, world.commands, place, at)
        )
        part = structs.replace(
            delivery, delivery_id=part_id, number=delivery.number if not place else world.deliveries.take_number(),
            buyer=buyer, terms=structs.replace(delivery.terms, lots=lots),
        )  # fmt: skip
        mine, held = take(world, diary, held, kg, part, at)
        made.append(structs.replace(part, receipts=tuple(one.receipt_id for one in mine)))
    return made


def take(
    world: World, diary: Diary, held: list[Receipt], kg: int, part: Delivery, at: Instant
) -> tuple[list[Receipt], list[Receipt]]:
    """Take receipts for so many kg from the front, splitting the one in which they end; bind them to a part."""
    mine: list[Receipt] = []
    held = list(held)
    while kg:
        first = held.pop(0)
        if first.kg > kg:
            ids = [
                titles.part_id(first.receipt_id + part.delivery_id, world.commands, number, at)
                for number in (0, 1)
            ]
            halves = receipts.split(first, [(ids[0], kg), (ids[1], first.kg - kg)])
            gone = receipts.moved(first, ReceiptEvent.SPLIT)
            assert isinstance(halves, list)
            assert isinstance(gone, Receipt)
            titles.keep(world, diary, gone, ReceiptEvent.SPLIT, at=at)
            titles.keep(world, diary, halves[1], ReceiptEvent.SPLIT, at=at, document=first.receipt_id)
            first = halves[0]
            held.insert(0, halves[1])
        kg -= first.kg
        bound = structs.replace(first, bound_to=part.delivery_id)
        titles.keep(world, diary, bound, ReceiptEvent.LOCKED, at=at)
        mine.append(bound)
    return mine, held
