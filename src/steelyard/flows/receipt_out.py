"""Receipts as goods: ordered out and released with their storage paid, graded anew, auctioned when expired.

What leaves is paid for in the bundle that takes the title back: storage from the holder to the warehouse and the kg
from the holder to the issuer move together, so no warehouse releases goods whose storage is unpaid.
"""

from msgspec import Struct, structs

from steelyard.engine.bundles import Leg
from steelyard.engine.refusals import Refusal as EngineRefusal
from steelyard.flows import parties, pvp_cover, settle, titles
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import At, Digest, Id16, Name, Number
from steelyard.flows.receipt import NamedFields
from steelyard.flows.world import World
from steelyard.market import receipts
from steelyard.market.receipts import Receipt, ReceiptEvent, moved, storage_minor
from steelyard.market.refusals.titles import TitleRefusal as No
from steelyard.market.titles import Sale
from steelyard.members.refusals import MemberRefusal
from steelyard.members.state import OPERATOR
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import DAY, Instant
from steelyard.values.refusal import Refusal


class LeaveFields(Struct, array_like=True, frozen=True, gc=False):
    """How many kg of a receipt leave, and the SHA-256 of the weighbridge's ticket."""

    receipt_id: Id16
    kg: Number
    document: Digest


class GradeFields(Struct, array_like=True, frozen=True, gc=False):
    """A receipt's grade as found anew: the class it belongs to now, and how long that is valid (0: for ever)."""

    receipt_id: Id16
    code: Name
    valid_until: At
    document: Digest


class AuctionFields(Struct, array_like=True, frozen=True, gc=False):
    """To whom an expired receipt was sold by auction, and for how much of its site's currency."""

    receipt_id: Id16
    buyer: Name
    amount_minor: Number
    document: Digest


def order_out(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Ask one's goods out of the warehouse; until they have left the receipt serves nothing else."""
    held = titles.own(world, command.sender, fields.receipt_id)
    after = held if isinstance(held, No) else moved(held, ReceiptEvent.ORDERED_OUT)
    if isinstance(after, No):
        return refused(after)
    if not titles.disposes(world, command.sender):
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    diary = Diary()
    titles.keep(world, diary, after, ReceiptEvent.ORDERED_OUT, at=at)
    warehouse = world.titles.site_of(after.code).warehouse
    diary.tell(warehouse, "receipt.ordered_out", after.receipt_id, after.code, after.kg, after.holder)
    return diary.done()


def stay(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Take the order back for what has not left."""
    held = titles.own(world, command.sender, fields.receipt_id)
    after = held if isinstance(held, No) else moved(held, ReceiptEvent.WITHDRAWN)
    if isinstance(after, No):
        return refused(after)
    diary = Diary()
    titles.keep(world, diary, after, ReceiptEvent.WITHDRAWN, at=at)
    return diary.done()


def leave(world: World, command: Command, fields: LeaveFields, at: Instant) -> Outcome:
    """Let goods leave: their title goes back to its issuer and their storage is paid, in one bundle."""
    held = world.titles.get(fields.receipt_id)
    if isinstance(held, No):
        return refused(held)
    site = world.titles.site_of(held.code)
    if site.warehouse != command.sender:
        return refused(No.SITE_IS_ANOTHERS)
    done = receipts.release(held, fields.kg)
    if isinstance(done, No):
        return refused(done)
    after, left = done
    due = storage_minor(left, on=at // DAY, rate_minor=site.rate_minor)
    if due >= AMOUNT_END:
        return refused(No.RECEIPT_QUANTITY_OUT_OF_RANGE)
    legs = [
        Leg(titles.account(world, held.holder, held.code), titles.issuer_account(world, held.code), fields.kg)
    ]
    if due and held.holder != site.warehouse:
        payer, payee = (
            parties.settlement_account(world, one, site.currency) for one in (held.holder, site.warehouse)
        )
        legs.insert(0, Leg(payer, payee, due))
    if pvp_cover.takes(world, held.holder, legs):
        return refused(EngineRefusal.LIQUIDITY_IS_SHORT)  # why is not the warehouse's to know
    booked = titles.book(world, legs, held.receipt_id, owners=(held.holder, site.warehouse), at=at)
    if isinstance(booked, Refusal):
        return refused(booked)
    diary = Diary()
    event = ReceiptEvent.PART_LEFT if after.kg else ReceiptEvent.ALL_LEFT
    titles.keep(
        world, diary, after, event, at=at, bundle_id=booked, left_kg=fields.kg, storage_minor=due,
        document=fields.document,
    )  # fmt: skip
    found = world.titles.classes[held.code]
    world.titles.left(found.site, found.grade, fields.kg)
    diary.fact(titles.stock_fact(world, found.site, found.grade))
    diary.tell(
        held.holder, "receipt.left", held.receipt_id, held.code, after.kg, fields.kg, due, site.currency
    )
    settle.work(world, diary, at)
    return diary.done()


def regrade(world: World, command: Command, fields: GradeFields, at: Instant) -> Outcome:
    """Give a receipt the grade that the inspector has found: its goods move from one class to the other.

    What is certified moves with them, so that no kg is certified twice.
    """
    held = world.titles.get(fields.receipt_id)
    if isinstance(held, No):
        return refused(held)
    old, new = world.titles.classes[held.code], world.titles.classes.get(fields.code)
    if new is None or new.site != old.site:
        return refused(No.RECEIPT_CLASS_NOT_FOUND)
    if world.titles.sites[old.site].inspector != command.sender:
        return refused(No.SITE_IS_ANOTHERS)
    after = moved(held, ReceiptEvent.REGRADED)
    if isinstance(after, No):
        return refused(after)
    if fields.valid_until and at >= fields.valid_until:
        return refused(No.RECEIPT_HAS_EXPIRED)
    diary = Diary()
    booked = _exchange(world, diary, held, fields.code, at)
    if isinstance(booked, Refusal):
        return refused(booked)
    if new.grade != old.grade:
        for grade, kg in ((old.grade, -held.kg), (new.grade, held.kg)):
            stock = world.titles.stock(old.site, grade)
            certified = max(0, stock.certified_kg + kg)
            world.titles.certify(old.site, grade, certified, document=fields.document, at=at)
    made = structs.replace(after, code=fields.code, valid_until=fields.valid_until)
    titles.keep(world, diary, made, ReceiptEvent.REGRADED, at=at, bundle_id=booked, document=fields.document)
    for grade in dict.fromkeys((old.grade, new.grade)):
        diary.fact(titles.stock_fact(world, old.site, grade))
    diary.tell(held.holder, "receipt.regraded", held.receipt_id, held.code, fields.code, held.kg)
    return diary.done()


def auction(world: World, command: Command, fields: AuctionFields, at: Instant) -> Outcome:
    """Note to whom an expired receipt was knocked down; it is his once he has paid, and another's bid till then."""
    held = world.titles.get(fields.receipt_id)
    if command.sender != OPERATOR:
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    if isinstance(held, No):
        return refused(held)
    if not 0 < fields.amount_minor < AMOUNT_END:
        return refused(No.RECEIPT_QUANTITY_OUT_OF_RANGE)
    after = moved(held, ReceiptEvent.AUCTIONED)
    if isinstance(after, No):
        return refused(after)
    if fields.buyer == held.holder or not titles.is_active(world, fields.buyer):
        return refused(No.RECEIPT_HOLDER_IS_NOT_ACTIVE)
    world.titles.sales[held.receipt_id] = Sale(fields.buyer, fields.amount_minor, fields.document)
    diary = Diary()
    titles.tell_draft(diary, held, "KNOCKED_DOWN", document=fields.document)
    currency = world.titles.site_of(held.code).currency
    for owner in (held.holder, fields.buyer):
        diary.tell(
            owner, "receipt.knocked_down", held.receipt_id, held.code, held.kg, fields.amount_minor, currency
        )
    return diary.done()


def buy(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Pay for what one was knocked down: title against money, the storage due taken out of it for the warehouse."""
    held = world.titles.get(fields.receipt_id)
    if isinstance(held, No):
        return refused(held)
    sale = world.titles.sales.get(held.receipt_id)
    if sale is None or sale.buyer != command.sender:
        return refused(No.RECEIPT_IS_ANOTHERS)
    if not titles.disposes(world, command.sender):
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    site = world.titles.site_of(held.code)
    due = storage_minor(held.layers, on=at // DAY, rate_minor=site.rate_minor)
    lien = 0 if held.holder == site.warehouse else min(due, sale.amount_minor)
    payer = parties.settlement_account(world, sale.buyer, site.currency)
    money = [
        Leg(payer, parties.settlement_account(world, owner, site.currency), minor)
        for owner, minor in ((site.warehouse, lien), (held.holder, sale.amount_minor - lien))
        if minor and owner != sale.buyer
    ]
    if pvp_cover.takes(world, sale.buyer, money):
        return refused(pvp_cover.REFUSAL)
    layers = (
        (held.kg, max(at // DAY, held.layers[-1][1])),
    )  # the buyer takes the goods free of what is owed
    bought = structs.replace(held, layers=layers)
    diary = Diary()
    event = ReceiptEvent.AUCTIONED
    refusal = titles.hand_over(world, diary, bought, event, sale.buyer, at=at, money=money)
    if refusal is not None:
        return refused(refusal)
    world.titles.sales.pop(held.receipt_id, None)
    settle.work(world, diary, at)
    return diary.done()


def over_line(world: World, command: Command, fields: NamedFields) -> bool:
    """Tell whether what was knocked down costs more than its buyer's own line: then two people pay it."""
    held, sale = world.titles.get(fields.receipt_id), world.titles.sales.get(fields.receipt_id)
    participant = world.members.participants.get(command.sender)
    if isinstance(held, No) or sale is None or participant is None:
        return False
    line = participant.settings.lines_minor.get(world.titles.site_of(held.code).currency)
    return line is not None and sale.amount_minor > line


def _exchange(world: World, diary: Diary, held: Receipt, code: str, at: Instant) -> bytes | Refusal:
    """Take a receipt's kg back in one class and issue them in another; nothing to do within one class."""
    if code == held.code:
        return b""
    owners = (held.holder, world.titles.site_of(code).warehouse)
    back = Leg(
        titles.account(world, held.holder, held.code), titles.issuer_account(world, held.code), held.kg
    )
    refusal = titles.stopped(world, (back,), held.receipt_id, owners=owners, at=at) or titles.open_account(
        world, diary, held.holder, code
    )
    if refusal is not None:
        return refusal
    anew = Leg(titles.issuer_account(world, code), titles.account(world, held.holder, code), held.kg)
    return titles.book(world, (back, anew), held.receipt_id, owners=owners, at=at)
