"""A delivery against payment: the buyer's money is set aside, then title and money move in one bundle or not at all.

Money is the buyer's own currency where it is the seller's too; else a firm quote, asked for before, carries it into
the seller's, and the provider's legs are of the same bundle. What stops the bundle once the money is set aside (a
freeze, a block) makes a dispute, with lock and money kept. Afterwards the goods are loaded out.
"""

from typing import NamedTuple

from msgspec import Struct, structs

from steelyard.corridor import bill_of_lading as bills
from steelyard.corridor.refusals import CorridorRefusal
from steelyard.engine.bundles import Bundle, Kind, Leg
from steelyard.flows import booking, clearing_trade, deliveries, parties, pvp_cover, quoting, settle, titles
from steelyard.flows.bill_kept import keep_bill
from steelyard.flows.command import Command, Outcome
from steelyard.flows.deliveries import E
from steelyard.flows.delivery import NamedFields
from steelyard.flows.diary import Diary, refused
from steelyard.flows.facts import QuoteEnded
from steelyard.flows.fields import Id16, Key
from steelyard.flows.world import World
from steelyard.fx.quotes import Ending, Quote
from steelyard.fx.refusals import FxRefusal
from steelyard.market import dvp
from steelyard.market.deliveries import Delivery, moved
from steelyard.market.otc import Settled
from steelyard.market.receipts import Receipt, ReceiptEvent, ReceiptState
from steelyard.market.receipts import moved as receipt_moved
from steelyard.market.refusals.delivery import DeliveryRefusal as No
from steelyard.members.refusals import MemberRefusal
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

HOLD_NS = 1_000_000_000


class FundFields(Struct, array_like=True, frozen=True, gc=False):
    """Which delivery is paid, and the firm quote by which it is, where the buyer pays in another currency."""

    delivery_id: Id16
    quote_id: Key = b""


class _Payment(NamedTuple):
    """A delivery as what carries money sees it."""

    uetr: bytes
    debtor_agent: str
    creditor_agent: str
    source: str
    target: str


def fund(world: World, command: Command, fields: FundFields, at: Instant) -> Outcome:
    """Pay a delivery that is invoiced: set the money aside and settle at once."""
    found = deliveries.of_party(world, command.sender, fields.delivery_id, "buyer")
    if isinstance(found, No):
        return refused(found)
    funded = moved(found, E.FUNDED)
    refusal: Refusal | None = funded if isinstance(funded, No) else deliveries.in_time(found, at)
    if refusal is None and found.after_step and not world.voyages.has_taken(found.voyage, found.after_step):
        refusal = No.DELIVERY_STEP_IS_MISSING
    if refusal is None and found.cleared:
        refusal = clearing_trade.undeliverable(world, **deliveries.lots_of(found))
    if refusal is None and not titles.disposes(world, command.sender):
        refusal = MemberRefusal.PARTICIPANT_STATE_FORBIDS
    if refusal is not None or isinstance(funded, No):
        return refused(refusal or No.DELIVERY_STATE_FORBIDS)
    quote = _quote(world, found, fields.quote_id, at)
    if isinstance(quote, Refusal):
        return refused(quote)
    legs, owners = _money(world, found, quote)
    if not all(leg.source and leg.target for leg in legs):
        return refused(No.DELIVERY_ACCOUNT_NOT_FOUND)
    if pvp_cover.takes(world, found.buyer, legs):
        return refused(pvp_cover.REFUSAL)
    number = booking.bundle_id(found.delivery_id, world.commands, at)
    held = Bundle(
        number,
        Kind.DVP,
        tuple(legs),
        reference=int.from_bytes(found.delivery_id, "big"),
        deadline_at=at + HOLD_NS,
    )
    releasing = booking.firm(quote) if quote is not None else ()
    act = world.engine.reserve(held, authority=owners, releasing=releasing, at=at)
    if act.refusal is not None:
        return refused(act.refusal, act.leg)
    diary = Diary()
    if quote is not None:
        quoting.end(world, quote, Ending.USED)
        diary.fact(QuoteEnded(quote.quote_id, Ending.USED))
    funded = structs.replace(funded, reservation=number.to_bytes(16, "big"))
    deliveries.keep(world, diary, funded, E.FUNDED)
    _apply(world, diary, funded, legs, owners, at)
    settle.work(world, diary, at)
    return diary.done()


def over_line(world: World, command: Command, fields: FundFields) -> bool:
    """Tell whether what a delivery costs lies above its buyer's own line: then two people pay it."""
    found = world.deliveries.get(fields.delivery_id)
    participant = world.members.participants.get(command.sender)
    if isinstance(found, No) or participant is None:
        return False
    quote = world.fx.quotes.get(fields.quote_id)
    asset, minor = (
        (quote.source, quote.debit_minor) if quote is not None else (found.terms.currency, found.amount_minor)
    )
    line = participant.settings.lines_minor.get(asset)
    return line is not None and minor > line


def order_out(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Order the goods of a settled delivery out of the warehouse."""
    found = deliveries.of_party(world, command.sender, fields.delivery_id, "buyer")
    if isinstance(found, No):
        return refused(found)
    if isinstance(moved(found, E.ORDERED_OUT), No):
        return refused(No.DELIVERY_STATE_FORBIDS)
    if not titles.disposes(world, command.sender):
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    diary = Diary()
    for receipt_id in found.receipts:
        held = world.titles.receipts.get(receipt_id)
        if held is None or held.holder != command.sender:
            continue  # sold on or out already: its new holder orders
        after = receipt_moved(held, ReceiptEvent.ORDERED_OUT)
        if isinstance(after, Receipt):
            titles.keep(world, diary, after, ReceiptEvent.ORDERED_OUT, at=at)
    deliveries.advance(world, diary, found, E.ORDERED_OUT, at=at)
    warehouse = world.titles.sites[found.terms.site].warehouse
    diary.tell(warehouse, "delivery.ordered_out", found.delivery_id, found.terms.instrument)
    return diary.done()


def loaded(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Report that the goods of a delivery are loaded: none of them is on a receipt of the buyer's any more."""
    found = world.deliveries.get(fields.delivery_id)
    if isinstance(found, No):
        return refused(found)
    if world.titles.sites[found.terms.site].warehouse != command.sender:
        return refused(No.DELIVERY_IS_ANOTHERS)
    if isinstance(moved(found, E.LOADED), No):
        return refused(No.DELIVERY_STATE_FORBIDS)
    waiting = (ReceiptState.LOAD_OUT_REQUESTED, ReceiptState.PARTIALLY_RELEASED)
    for receipt_id in found.receipts:
        held = world.titles.receipts.get(receipt_id)
        if held is not None and held.holder == found.buyer and held.state in waiting:
            return refused(No.DELIVERY_GOODS_ARE_NOT_OUT)
    diary = Diary()
    deliveries.advance(world, diary, found, E.LOADED, at=at)
    return diary.done()


def receive(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Confirm that the goods have come: the delivery is over."""
    found = deliveries.of_party(world, command.sender, fields.delivery_id, "buyer")
    if isinstance(found, No):
        return refused(found)
    if isinstance(moved(found, E.RECEIVED), No):
        return refused(No.DELIVERY_STATE_FORBIDS)
    diary = Diary()
    deliveries.advance(world, diary, found, E.RECEIVED, at=at)
    return diary.done()


def _apply(
    world: World, diary: Diary, funded: Delivery, legs: list[Leg], owners: list[int], at: Instant
) -> None:
    """Book title and money as one bundle in the place of what was set aside, or leave all of it to a ruling."""
    number = booking.bundle_id(funded.delivery_id + b"dvp", world.commands, at)
    held = int.from_bytes(funded.reservation, "big")
    refusal = exchange(world, diary, funded, legs, owners, number=number, releasing=(held,), at=at)
    if refusal is None:
        if funded.cleared:
            ended = deliveries.end_lots(world, diary, funded, funded.terms.lots)
            assert ended is None, ended
        settled = moved(funded, E.APPLIED)
        assert isinstance(settled, Delivery)
        settled = structs.replace(settled, reservation=b"")
        deliveries.keep(world, diary, settled, E.APPLIED, bundle_id=number.to_bytes(16, "big"))
        _note(world, settled, at)
        world.queues.push_all([leg.target for leg in legs])
        return
    act = world.engine.pin(held, at=at)
    assert act.refusal is None, act
    after = moved(funded, E.REFUSED)
    assert isinstance(after, Delivery)
    deliveries.keep(world, diary, after, E.REFUSED, refusal=refusal.code)


def _note(world: World, settled: Delivery, at: Instant) -> None:
    """Remember what two settled between them, as proof of a trade that they may register."""
    if settled.cleared:
        return
    classes = {
        world.titles.receipts[one].code: None for one in settled.receipts if one in world.titles.receipts
    }
    code = next(iter(classes)) if len(classes) == 1 else settled.terms.instrument
    world.otc.note(
        Settled(
            settled.delivery_id, code, settled.weight_kg or settled.terms.kg, settled.buyer, settled.seller,
            settled.terms.currency, settled.goods_minor or settled.amount_minor, at,
        )
    )  # fmt: skip


def exchange(
    world: World,
    diary: Diary,
    funded: Delivery,
    legs: list[Leg],
    owners: list[int],
    *,
    number: int,
    releasing: tuple[int, ...],
    at: Instant,
) -> Refusal | None:
    """Move everything or nothing; a bill of lading changes its holder where the money has moved.

    `releasing` are what holds the money: it ends in the same act.
    """
    after: bills.Bill | CorridorRefusal | None = None
    if funded.bill:
        bill = world.voyages.bill(funded.bill)
        after = (
            bill
            if isinstance(bill, CorridorRefusal)
            else bills.moved(bill, bills.BillEvent.DELIVERED, holder=funded.buyer)
        )
        if isinstance(after, CorridorRefusal):
            return after
    deal = dvp.Deal(funded.receipts, funded.seller, funded.buyer, tuple(legs), ReceiptEvent.DELIVERED)
    before = [world.titles.receipts.get(one) for one in funded.receipts]
    refusal = dvp.exchange(
        world.engine, world.titles, deal, lambda owner, code: titles.account(world, owner, code),
        number=number, authority=owners, at=at, releasing=releasing,
    )  # fmt: skip
    if refusal is not None:
        return refusal
    bundle_id = number.to_bytes(16, "big")
    for old in before:
        assert old is not None
        given = world.titles.receipts[old.receipt_id]
        titles.keep(world, diary, given, ReceiptEvent.DELIVERED, at=at, bundle_id=bundle_id)
    if isinstance(after, bills.Bill):
        keep_bill(world, diary, after, bills.BillEvent.DELIVERED)
    return None


def _quote(world: World, found: Delivery, quote_id: bytes, at: Instant) -> Quote | Refusal | None:
    """Give the quote that pays a delivery, None where none is named, or why the one named does not."""
    if not quote_id:
        return None
    quote = quoting.find(world, quote_id, owner=found.buyer, at=at)
    if isinstance(quote, FxRefusal):
        return quote
    fits = (
        quote.target == found.terms.currency
        and quote.payee_minor == found.amount_minor
        and quote.creditor_agent in ("", found.seller)
    )
    return quote if fits else No.DELIVERY_QUOTE_DOES_NOT_FIT


def _money(world: World, found: Delivery, quote: Quote | None) -> tuple[list[Leg], list[int]]:
    """Give the money legs of a delivery and the owners on whose authority they and its title legs are."""
    numbers = world.engine.owner_nos
    owners = [numbers[found.buyer], numbers[found.seller]]
    currency = found.terms.currency
    if quote is None:
        payer, payee = (
            parties.settlement_account(world, one, currency) for one in (found.buyer, found.seller)
        )
        return [Leg(payer, payee, found.amount_minor)], owners
    who = _Payment(found.delivery_id, found.buyer, found.seller, quote.source, quote.target)
    legs, more = booking.legs(world, who, quote)
    return legs, [*owners, *more]
