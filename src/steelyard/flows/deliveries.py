"""Deliveries as flows use them: keeping one with its fact and its clock, locks on goods, money set aside, its end."""

from fractions import Fraction
from typing import TypedDict

from msgspec import structs

from steelyard.corridor import bill_of_lading as bills
from steelyard.corridor.refusals import CorridorRefusal
from steelyard.corridor.voyage import ORDER
from steelyard.engine.accounts import DEBITS_BLOCKED
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.flows import booking, clearing_fund, clearing_trade, parties, titles
from steelyard.flows.bill_kept import keep_bill
from steelyard.flows.diary import Diary
from steelyard.flows.published_price import published
from steelyard.flows.timers import TimerKind
from steelyard.flows.title_facts import DeliveryMoved
from steelyard.flows.world import World
from steelyard.market.clearing.positions import KG_PER_PRICE
from steelyard.market.deliveries import Delivery, moved
from steelyard.market.delivery import ENDS, FAILURES, DeliveryEvent, DeliveryState
from steelyard.market.receipts import Receipt, ReceiptEvent, ReceiptState
from steelyard.market.receipts import moved as receipt_moved
from steelyard.market.refusals.delivery import DeliveryRefusal as No
from steelyard.members.state import OPERATOR
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import DAY, Instant
from steelyard.values.rate import Rounding, rounded
from steelyard.values.refusal import Refusal

MARGIN = "margin"
S, E = DeliveryState, DeliveryEvent


def of_party(world: World, sender: str, delivery_id: bytes, *roles: str) -> Delivery | No:
    """Give a delivery in which the sender is one of `roles` (seller, buyer), or why not."""
    found = world.deliveries.get(delivery_id)
    if isinstance(found, No):
        return found
    return found if any(getattr(found, role) == sender for role in roles) else No.DELIVERY_IS_ANOTHERS


def in_time(delivery: Delivery, at: Instant) -> No | None:
    """Say that the deadline of a delivery's state has passed, or nothing; at it is too late."""
    return No.DELIVERY_DEADLINE_HAS_PASSED if delivery.due_at and at >= delivery.due_at else None


def keep(
    world: World,
    diary: Diary,
    delivery: Delivery,
    event: DeliveryEvent,
    *,
    bundle_id: bytes = b"",
    refusal: int = 0,
    owed_minor: int = 0,
    document: bytes = b"",
    owed_by: str = "",
) -> None:
    """Keep a delivery as it is now, set its clock, note the fact and tell both sides."""
    subject = delivery.delivery_id
    note(
        world, diary, delivery, event.value, bundle_id=bundle_id, refusal=refusal, owed_minor=owed_minor,
        document=document, owed_by=owed_by,
    )  # fmt: skip
    if delivery.due_at and delivery.state not in ENDS:
        world.timers.set(delivery.due_at, TimerKind.DELIVERY, subject)
    else:
        world.timers.cancel(TimerKind.DELIVERY, subject)
    told = [delivery.seller, delivery.buyer]
    if delivery.state in FAILURES or delivery.state in (S.DISPUTED, S.ALTERNATIVE):
        told.append(OPERATOR)
    for owner in dict.fromkeys(told):
        if owner:
            kind = f"delivery.{delivery.state.value.lower()}"
            diary.tell(
                owner,
                kind,
                subject,
                delivery.terms.currency,
                delivery.terms.instrument,
                delivery.amount_minor,
                owed_minor,
            )


def note(
    world: World,
    diary: Diary,
    delivery: Delivery,
    event: str,
    *,
    bundle_id: bytes = b"",
    refusal: int = 0,
    owed_minor: int = 0,
    document: bytes = b"",
    owed_by: str = "",
) -> None:
    """Keep a delivery as it is now, with its fact; its clock stays as it is."""
    world.deliveries.put(delivery)
    terms, by, trade = delivery.terms, delivery.deadlines, delivery.terms.trade
    diary.fact(
        DeliveryMoved(
            delivery.delivery_id, terms.instrument, delivery.seller, delivery.buyer, terms.kg, event,
            delivery.state.value, delivery.due_at, terms.currency, delivery.net_kg, delivery.amount_minor,
            bundle_id, refusal, owed_minor, document, owed_by, terms.site, terms.grade, terms.lots,
            terms.price_minor, terms.schedule.price_kg, delivery.accepted, delivery.agreed_by, delivery.weight_kg,
            delivery.found, delivery.receipts, delivery.bill, delivery.voyage, delivery.after_step, by.assign_by,
            by.certify_by, by.object_by, by.fund_by, trade.incoterm, trade.place, trade.differential_minor,
            trade.full_cargo_bp, trade.final_at.value, delivery.goods_minor,
            tuple(
                (one.cost.value, one.by.value, one.currency, one.paid_minor, one.amount_minor, one.document)
                for one in delivery.costs
            ),
        )
    )  # fmt: skip


def advance(
    world: World,
    diary: Diary,
    delivery: Delivery,
    event: DeliveryEvent,
    *,
    at: Instant,
    document: bytes = b"",
) -> Delivery:
    """Take a step that the table has; where it ends the delivery before settlement, everything is given back."""
    after = moved(delivery, event)
    assert isinstance(after, Delivery), (delivery.state, event)
    if after.state in ENDS:
        after = let_go(world, diary, after, at=at)
    keep(world, diary, after, event, document=document)
    return after


def lock(world: World, diary: Diary, delivery: Delivery, receipt: Receipt, *, at: Instant) -> None:
    """Lock a receipt for a delivery; the caller has checked that it is free."""
    after = receipt_moved(receipt, ReceiptEvent.LOCKED)
    assert isinstance(after, Receipt), after
    bound = structs.replace(after, bound_to=delivery.delivery_id)
    titles.keep(world, diary, bound, ReceiptEvent.LOCKED, at=at)


def bill_refusal(world: World, delivery: Delivery, bill_id: bytes, *, receipts: bool) -> Refusal | None:
    """Say why a bill of lading cannot be what is delivered, or nothing; goods are either receipts or a bill."""
    if not bill_id:
        return None if receipts else No.DELIVERY_GOODS_DO_NOT_FIT
    bill = world.voyages.bill(bill_id)
    if isinstance(bill, CorridorRefusal):
        return bill
    if bill.holder != delivery.seller:
        return CorridorRefusal.BILL_IS_ANOTHERS
    after = bills.moved(bill, bills.BillEvent.LOCKED)
    if isinstance(after, CorridorRefusal):
        return after
    fits = not receipts and bill.cargo == delivery.terms.grade and delivery.terms.fits(bill.kg)
    return None if fits else No.DELIVERY_GOODS_DO_NOT_FIT


def lock_bill(world: World, diary: Diary, delivery: Delivery) -> None:
    """Lock the bill of lading that a delivery names, if it names one."""
    if delivery.bill:
        after = bills.moved(
            world.voyages.bills[delivery.bill], bills.BillEvent.LOCKED, bound_to=delivery.delivery_id
        )
        assert isinstance(after, bills.Bill), after
        keep_bill(world, diary, after, bills.BillEvent.LOCKED)


def step_is_known(world: World, voyage: bytes, step: str) -> bool:
    """Tell whether a step that payment is to wait for is one of a voyage under way; none is as good."""
    if not voyage and not step:
        return True
    return voyage in world.voyages.voyages and step in (one.value for one in ORDER)


def let_go(world: World, diary: Diary, delivery: Delivery, *, at: Instant) -> Delivery:
    """Give back what a delivery has locked and set aside: receipts, the bill of lading, the buyer's money.

    A receipt that was frozen while it was locked stays frozen, and is free once it is thawed.
    """
    for receipt_id in delivery.receipts:
        held = world.titles.receipts.get(receipt_id)
        if held is None or held.bound_to != delivery.delivery_id:
            continue
        if held.state is ReceiptState.FROZEN:
            thawing = structs.replace(held, before=ReceiptState.ISSUED, bound_to=b"")
            titles.keep(world, diary, thawing, ReceiptEvent.UNLOCKED, at=at)
            continue
        after = receipt_moved(held, ReceiptEvent.UNLOCKED)
        assert isinstance(after, Receipt), after
        titles.keep(world, diary, after, ReceiptEvent.UNLOCKED, at=at)
    bill = world.voyages.bills.get(delivery.bill)
    if bill is not None and bill.bound_to == delivery.delivery_id:
        free = bills.moved(bill, bills.BillEvent.UNLOCKED)
        assert isinstance(free, bills.Bill), free
        keep_bill(world, diary, free, bills.BillEvent.UNLOCKED)
    if delivery.reservation:
        booking.give_back(world, int.from_bytes(delivery.reservation, "big"), at=at)
    return structs.replace(delivery, reservation=b"")


class Lots(TypedDict):
    """The lots of a cleared delivery as the clearing knows them."""

    contract: str
    buyer: str
    seller: str
    lots: int


def lots_of(delivery: Delivery) -> Lots:
    """Give the lots that a cleared delivery ends."""
    terms = delivery.terms
    return Lots(contract=terms.instrument, buyer=delivery.buyer, seller=delivery.seller, lots=terms.lots)


def end_lots(world: World, diary: Diary, delivery: Delivery, lots: int) -> Refusal | None:
    """End so many lots of a cleared delivery at its price a tonne, or say why not."""
    terms = delivery.terms
    price = terms.price_minor * KG_PER_PRICE // terms.schedule.price_kg
    return clearing_trade.deliver(
        world, diary, terms.instrument, buyer=delivery.buyer, seller=delivery.seller, lots=lots, price=price
    )


def standing(world: World, delivery: Delivery) -> int:
    """Give for how many of its lots a delivery can still fail: of a cleared one those that no default has taken."""
    if not delivery.cleared:
        return delivery.terms.lots
    return clearing_trade.standing(world, **lots_of(delivery)) if delivery.buyer else delivery.terms.lots


def end(
    world: World,
    diary: Diary,
    delivery: Delivery,
    event: DeliveryEvent,
    *,
    payer: str,
    owed: int,
    at: Instant,
    document: bytes = b"",
) -> None:
    """End a delivery that has not settled: give everything back, and take what one side owes from its margin.

    Where it is closed, or a side that owes makes up for it, the lots of a cleared one end too; else they stand on.
    """
    after = moved(delivery, event)
    assert isinstance(after, Delivery), (delivery.state, event)
    if delivery.cleared and delivery.buyer and (owed or after.state is S.CLOSED):
        end_lots(world, diary, delivery, standing(world, delivery))  # nothing where a default has taken them
    freed = let_go(world, diary, after, at=at)
    paid, bundle_id = from_margin(world, delivery, payer, owed, at)
    keep(
        world, diary, structs.replace(freed, amount_minor=paid), event, bundle_id=bundle_id, owed_minor=owed - paid,
        document=document, owed_by=payer if owed else "",
    )  # fmt: skip


def at_benchmark(world: World, delivery: Delivery, at: Instant) -> tuple[str, int]:
    """Say who owes the other how much where a delivery is cancelled at its benchmark: whoever the price favoured.

    It is the last one published; without one nobody owes anything.
    """
    terms = delivery.terms
    market = published(world, terms.benchmark, terms.currency, at // DAY)
    if market is None or not (delivery.seller and delivery.buyer):
        return "", 0
    gap = (market - terms.price_minor) * Fraction(terms.kg, terms.schedule.price_kg)
    due = rounded(abs(gap).numerator, abs(gap).denominator, Rounding.HALF_EVEN)
    return delivery.seller if gap > 0 else delivery.buyer, min(due, AMOUNT_END - 1)


def from_margin(world: World, delivery: Delivery, payer: str, owed: int, at: Instant) -> tuple[int, bytes]:
    """Take what is owed from the margin of the side that owes it, as far as it goes: how much, and the bundle.

    For a delivery of cleared lots all of it answers; for another what covers nothing in clearing, for that is the
    house's security.
    """
    payee = delivery.buyer if payer == delivery.seller else delivery.seller
    currency = delivery.terms.currency
    source = world.members.accounts.get(MARGIN, payer, currency) if owed and payer else None
    target = parties.settlement_account(world, payee, currency) if payee else 0
    account = world.engine.account(source) if source else None
    if not source or not target or account is None or account.gate & DEBITS_BLOCKED:
        return 0, b""
    minor = min(owed, max(0, world.engine.balance(source).available))
    if not delivery.cleared:
        minor = clearing_fund.loose(world, payer, currency, minor, at)
    if not minor:
        return 0, b""
    number = booking.bundle_id(delivery.delivery_id + b"margin", world.commands, at)
    reference = int.from_bytes(delivery.delivery_id, "big")
    bundle = Bundle(number, Kind.MARGIN, (Leg(source, target, minor),), reference=reference)
    act = world.engine.move(bundle, authority=[world.engine.owner_nos[payer]], at=at)
    if act.refusal is not None:
        return 0, b""
    world.queues.push_all([target])
    return minor, number.to_bytes(16, "big")


def on_timer_delivery(world: World, diary: Diary, delivery_id: bytes, at: Instant) -> None:
    """End a state whose deadline has come: late is a failure of who was to act; an unchallenged certificate is due."""
    found = world.deliveries.get(delivery_id)
    if isinstance(found, No) or not found.due_at or at < found.due_at:
        return
    if found.state is S.FORCE_MAJEURE:
        payer, owed = at_benchmark(world, found, at)
        end(world, diary, found, E.LATE, payer=payer, owed=owed, at=at)
        return
    if not found.accepted:
        advance(world, diary, found, E.LAPSED, at=at)
        return
    advance(world, diary, found, E.INVOICED if found.state is S.CERTIFIED else E.LATE, at=at)
