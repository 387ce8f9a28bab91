"""What people decide about a delivery: force majeure, and how a dispute, an alternative or a failure ends.

Two persons of the operator rule. What a side that has failed owes the other is found by an auction
(`delivery_cover.py`); only where that has found nobody two people give the price, with a reason. It is taken from its
margin account, and what is not there is a claim. Whatever
ends a delivery before it has settled gives back what it locked and set aside, in the same command.
"""

from typing import Annotated

from msgspec import Meta, Struct, structs

from steelyard.flows import booking, deliveries, delivery_terms, settle
from steelyard.flows.command import Command, Outcome
from steelyard.flows.deliveries import E, S
from steelyard.flows.delivery import Certificate, PaperFields
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Digest, Id16, Number
from steelyard.flows.title_facts import CoverMoved
from steelyard.flows.world import World
from steelyard.market.deliveries import Delivery, hinder, moved
from steelyard.market.delivery import FAILURES, DeliveryEvent, failure_minor
from steelyard.market.incoterms import Cost
from steelyard.market.prices import REASON_MAX
from steelyard.market.refusals.contracts import ContractRefusal
from steelyard.market.refusals.delivery import DeliveryRefusal as No
from steelyard.market.refusals.prices import PriceRefusal
from steelyard.members.refusals import MemberRefusal
from steelyard.members.state import OPERATOR
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant

RULINGS = (E.RULED_CERTIFIED, E.RULED_CLOSED, E.RULED_CANCELLED)


class RuleFields(Struct, array_like=True, frozen=True, gc=False):
    """How a delivery goes on: 0 certified, 1 closed, 2 cancelled; with the SHA-256 of the ruling.

    `market_minor` is what the goods would have come to when bought in or sold out, in the unit of the price; it is
    needed, with a reason, where a side has failed and an auction has found nobody. A certificate comes where the
    delivery is to go on with one.
    """

    delivery_id: Id16
    ruling: Number
    document: Digest
    market_minor: Number = 0
    weight_kg: Number = 0
    found: Certificate = ()
    without: tuple[Cost, ...] = ()
    """Costs that are taken off the invoice"""
    reason: Annotated[str, Meta(max_length=REASON_MAX)] = ""
    """Why the price of the market is given by hand"""


def force_majeure(world: World, command: Command, fields: PaperFields, at: Instant) -> Outcome:
    """Let force majeure come between a delivery and its deadlines: once, for the extension it agreed on."""
    if command.sender != OPERATOR:
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    found = world.deliveries.get(fields.delivery_id)
    if isinstance(found, No):
        return refused(found)
    after = hinder(found, at=at)
    if isinstance(after, No):
        return refused(after)
    if not found.deadlines.extension_ns:
        return refused(No.FORCE_MAJEURE_WAS_USED)
    diary = Diary()
    deliveries.keep(world, diary, after, E.HINDERED, document=fields.document)
    return diary.done()


def resume(world: World, command: Command, fields: PaperFields, at: Instant) -> Outcome:
    """End force majeure: the delivery goes on where it was, with the later deadlines."""
    if command.sender != OPERATOR:
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    found = world.deliveries.get(fields.delivery_id)
    if isinstance(found, No):
        return refused(found)
    if found.state is not S.FORCE_MAJEURE:
        return refused(No.DELIVERY_STATE_FORBIDS)
    late = deliveries.in_time(found, at)
    if late is not None:
        return refused(late)
    diary = Diary()
    deliveries.advance(world, diary, found, E.RESUMED, at=at, document=fields.document)
    return diary.done()


def rule(world: World, command: Command, fields: RuleFields, at: Instant) -> Outcome:
    """Decide a delivery that people must decide."""
    if command.sender != OPERATOR:
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    found = world.deliveries.get(fields.delivery_id)
    if isinstance(found, No):
        return refused(found)
    if fields.ruling >= len(RULINGS) or fields.market_minor >= AMOUNT_END:
        return refused(No.DELIVERY_RULING_OUT_OF_RANGE)
    event = RULINGS[fields.ruling]
    after = moved(found, event)
    if isinstance(after, No):
        return refused(after)
    if after.state is S.CERTIFIED:
        return _goes_on(world, found, fields, at)
    lots = deliveries.standing(world, found) if found.state in FAILURES and found.buyer else 0
    by_hand = lots > 0
    if by_hand and not found.unsold:
        return refused(No.DELIVERY_AUCTION_COMES_FIRST)
    if by_hand and not fields.market_minor:
        return refused(No.DELIVERY_RULING_OUT_OF_RANGE)
    if by_hand and not fields.reason:
        return refused(PriceRefusal.REASON_IS_MISSING)
    diary = Diary()
    payer, owed = _compensation(found, fields, lots)
    if by_hand:
        told = CoverMoved(
            found.delivery_id,
            "BY_HAND",
            found.state.value,
            lots=lots,
            price_minor=fields.market_minor,
            reason=fields.reason,
        )
        diary.fact(told)
    deliveries.end(world, diary, found, event, payer=payer, owed=owed, at=at, document=fields.document)
    settle.work(world, diary, at)
    return diary.done()


def _goes_on(world: World, found: Delivery, fields: RuleFields, at: Instant) -> Outcome:
    """Send a delivery back to its certificate: the one it has, or a new one. Its buyer must be known by then.

    It is invoiced when its time to object is over, at the earliest with the next tick; money set aside before is
    given back, since another amount may be due.
    """
    weight_kg, values = (
        (fields.weight_kg, fields.found) if fields.weight_kg else (found.weight_kg, found.found)
    )
    if not found.buyer or not (found.receipts or found.bill):
        return refused(No.DELIVERY_STATE_FORBIDS)
    kept = tuple(one for one in found.costs if one.cost not in fields.without)
    certified = delivery_terms.priced(world, structs.replace(found, costs=kept), weight_kg, values, at=at)
    if isinstance(certified, No):
        return refused(certified)
    if certified.amount_minor <= 0:
        return refused(ContractRefusal.COSTS_EXCEED_GOODS)
    by = certified.deadlines
    later = max(0, at + _time_to_pay(certified) - by.fund_by)
    moved_by = structs.replace(by, object_by=max(by.object_by, at + 1), fund_by=by.fund_by + later)
    diary = Diary()
    if certified.reservation:
        booking.give_back(world, int.from_bytes(certified.reservation, "big"), at=at)
    certified = structs.replace(certified, deadlines=moved_by, reservation=b"")
    deliveries.advance(
        world, diary, certified, DeliveryEvent.RULED_CERTIFIED, at=at, document=fields.document
    )
    settle.work(world, diary, at)
    return diary.done()


def _time_to_pay(delivery: Delivery) -> int:
    """Give how long a buyer has to pay after the time to object: what a ruling leaves him too."""
    return delivery.deadlines.fund_by - delivery.deadlines.object_by


def _compensation(found: Delivery, fields: RuleFields, lots: int) -> tuple[str, int]:
    """Say which side has failed and what it owes for so many lots; nothing where none has, or for none."""
    if not lots:
        return "", 0
    terms = found.terms
    seller_failed = found.state is S.SELLER_FAILED
    due = failure_minor(
        kg=lots * terms.unit_kg, price=terms.agreed_minor, market=fields.market_minor, price_kg=terms.schedule.price_kg,
        seller_failed=seller_failed,
    )  # fmt: skip
    return found.seller if seller_failed else found.buyer, min(due, AMOUNT_END - 1)
