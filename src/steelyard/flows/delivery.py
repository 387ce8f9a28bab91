"""Deliveries up to the certificate: opened or offered, goods named and locked, buyers assigned, goods certified.

The operator opens what follows from cleared positions, a seller offers what two sides agreed between them, and then
the buyer accepts. Goods are locked from the moment they are named.
"""

from typing import Annotated

from msgspec import Meta, Struct, structs

from steelyard.flows import deliveries, delivery_terms, parties, titles
from steelyard.flows.command import Command, Outcome
from steelyard.flows.deliveries import E, S
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import At, Digest, Id16, Key, Name, Number, Word
from steelyard.flows.world import World
from steelyard.market.clearing import positions
from steelyard.market.clearing.positions import KG_PER_PRICE
from steelyard.market.deliveries import OFFERS_MAX, RECEIPTS_MAX, Delivery, Terms, moved
from steelyard.market.delivery import Deadlines, DeliveryEvent
from steelyard.market.incoterms import Party
from steelyard.market.quality import QualitySchedule
from steelyard.market.receipts import Receipt, ReceiptEvent
from steelyard.market.receipts import moved as receipt_moved
from steelyard.market.refusals.contracts import ContractRefusal
from steelyard.market.refusals.delivery import DeliveryRefusal as No
from steelyard.market.refusals.titles import TitleRefusal
from steelyard.market.trade_terms import TradeTerms
from steelyard.members.refusals import MemberRefusal
from steelyard.members.state import OPERATOR
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import Instant
from steelyard.values.refusal import Refusal

LOTS_MAX = 10**9
BP = 10_000
FACTORS_MAX = 32
Certificate = Annotated[tuple[tuple[Name, Number], ...], Meta(max_length=FACTORS_MAX)]
"""Factor and its value in millionths of its unit"""


class OpenFields(Struct, array_like=True, frozen=True, gc=False):
    """The terms of a delivery, its sides (no buyer: the longs of the instrument) and its deadlines."""

    instrument: Name
    site: Word
    grade: Word
    lots: Number
    unit_kg: Number
    tolerance_bp: Number
    price_minor: Number
    currency: Name
    schedule: QualitySchedule
    seller: Name
    buyer: Name
    assign_by: At
    certify_by: At
    object_by: At
    fund_by: At
    extension_ns: At
    voyage: Key = b""
    after_step: Word = ""
    benchmark: Name = ""
    trade: TradeTerms = TradeTerms()


class NamedFields(Struct, array_like=True, frozen=True, gc=False):
    """Which delivery."""

    delivery_id: Id16


class AssignFields(Struct, array_like=True, frozen=True, gc=False):
    """What is delivered: receipts, or goods afloat under a bill of lading."""

    delivery_id: Id16
    receipts: Annotated[tuple[Id16, ...], Meta(max_length=RECEIPTS_MAX)] = ()
    bill: Key = b""


class CertifyFields(Struct, array_like=True, frozen=True, gc=False):
    """What an inspector has found: net weight and each factor, and the SHA-256 of the certificate."""

    delivery_id: Id16
    weight_kg: Number
    found: Certificate
    document: Digest


class PaperFields(Struct, array_like=True, frozen=True, gc=False):
    """A delivery and the SHA-256 of a paper about it."""

    delivery_id: Id16
    document: Digest


def open_delivery(world: World, command: Command, fields: OpenFields, at: Instant) -> Outcome:
    """Open a delivery out of cleared positions: the operator's, whose terms both sides are bound to."""
    if command.sender != OPERATOR:
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    return _opened(world, command, fields, at, accepted=True)


def offer(world: World, command: Command, fields: OpenFields, at: Instant) -> Outcome:
    """Offer a delivery that two sides agreed on; the buyer accepts it."""
    if command.sender != fields.seller:
        return refused(No.DELIVERY_IS_ANOTHERS)
    if not fields.buyer:
        return refused(No.DELIVERY_TERMS_OUT_OF_RANGE)
    if world.deliveries.offers_of(command.sender) >= OFFERS_MAX:
        return refused(No.DELIVERIES_ARE_FULL)
    return _opened(world, command, fields, at, accepted=False)


def accept(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Accept what the seller has offered."""
    found = deliveries.of_party(world, command.sender, fields.delivery_id, "buyer")
    if isinstance(found, No):
        return refused(found)
    if found.state is not S.INTENDED:
        return refused(No.DELIVERY_STATE_FORBIDS)
    diary = Diary()
    if found.accepted:
        return diary.repeated()
    late = deliveries.in_time(found, at)
    if late is not None:
        return refused(late)
    deliveries.note(world, diary, structs.replace(found, accepted=True), "ACCEPTED")
    diary.tell(found.seller, "delivery.accepted", found.delivery_id, found.terms.instrument)
    return diary.done()


def decline(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Take back or turn down what was offered and is not accepted: it is over, and nobody has failed."""
    found = deliveries.of_party(world, command.sender, fields.delivery_id, "seller", "buyer")
    if isinstance(found, No):
        return refused(found)
    if found.accepted:
        return refused(No.DELIVERY_STATE_FORBIDS)
    diary = Diary()
    deliveries.advance(world, diary, found, E.LAPSED, at=at)
    return diary.done()


def assign(world: World, command: Command, fields: AssignFields, at: Instant) -> Outcome:
    """Name the goods and lock them; a buyer who is known has his notice at once."""
    found = deliveries.of_party(world, command.sender, fields.delivery_id, "seller")
    if isinstance(found, No):
        return refused(found)
    after = moved(found, E.ASSIGNED)
    refusal: Refusal | None = after if isinstance(after, No) else deliveries.in_time(found, at)
    if refusal is None and not found.accepted:
        refusal = No.DELIVERY_IS_NOT_ACCEPTED
    if refusal is not None or isinstance(after, No):
        return refused(refusal or No.DELIVERY_STATE_FORBIDS)
    diary = Diary()
    refusal = name_goods(world, diary, after, fields.receipts, fields.bill, at)
    return diary.done() if refusal is None else refused(refusal)


def name_goods(
    world: World, diary: Diary, matched: Delivery, receipts: tuple[bytes, ...], bill: bytes, at: Instant
) -> Refusal | None:
    """Lock the goods that a seller names for a delivery that has just become matched, or say why not."""
    held = _goods(world, matched, receipts, at)
    if isinstance(held, Refusal):
        return held
    refusal = deliveries.bill_refusal(world, matched, bill, receipts=bool(held))
    if refusal is None and matched.buyer:
        refusal = _open_accounts(world, diary, matched.buyer, held)
    if refusal is not None:
        return refusal
    loaded_on = world.voyages.bills[bill].issued_on if bill else 0
    named = structs.replace(
        matched, receipts=tuple(one.receipt_id for one in held), bill=bill, loaded_on=loaded_on
    )
    deliveries.keep(world, diary, named, E.ASSIGNED)
    for receipt in held:
        deliveries.lock(world, diary, named, receipt, at=at)
    deliveries.lock_bill(world, diary, named)
    if named.buyer:
        deliveries.advance(world, diary, named, E.NOTICED, at=at)
    return None


def certify(world: World, command: Command, fields: CertifyFields, at: Instant) -> Outcome:
    """Take down weight and quality: what is within the contract is priced, what is not fails on the seller's side."""
    found = world.deliveries.get(fields.delivery_id)
    if isinstance(found, No):
        return refused(found)
    site = world.titles.sites.get(found.terms.site)
    if site is None or site.inspector != command.sender:
        return refused(No.DELIVERY_IS_ANOTHERS)
    if found.state is not S.NOTIFIED:
        return refused(No.DELIVERY_STATE_FORBIDS)
    late = deliveries.in_time(found, at)
    if late is not None:
        return refused(late)
    if not delivery_terms.is_final_here(world, found):
        return refused(ContractRefusal.QUALITY_IS_FINAL_AT_DISCHARGE)
    certified = delivery_terms.priced(world, found, fields.weight_kg, fields.found, at=at)
    if isinstance(certified, No) and certified is not No.QUALITY_OUTSIDE_CONTRACT:
        return refused(certified)
    diary = Diary()
    if isinstance(certified, No):
        after = moved(found, E.OUTSIDE_CONTRACT)
        assert isinstance(after, Delivery)
        deliveries.keep(
            world, diary, after, E.OUTSIDE_CONTRACT, refusal=certified.code, document=fields.document
        )
        return diary.done()
    after = deliveries.advance(world, diary, certified, E.CERTIFIED, at=at, document=fields.document)
    if certified.amount_minor <= 0:
        people = moved(after, E.OBJECTED)
        assert isinstance(people, Delivery)
        deliveries.keep(world, diary, people, E.OBJECTED, refusal=ContractRefusal.COSTS_EXCEED_GOODS.code)
    return diary.done()


def object_to(world: World, command: Command, fields: PaperFields, at: Instant) -> Outcome:
    """Object to a certificate, with the seals of the three samples: people decide."""
    return _by_a_side(world, command, fields.delivery_id, E.OBJECTED, at, fields.document)


def take(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Take a certificate as it is, before the time to object is over: it is invoiced at once.

    Where the buyer has declared costs, the seller has that time too.
    """
    found = deliveries.of_party(world, command.sender, fields.delivery_id, "buyer")
    if isinstance(found, Delivery) and any(one.by is Party.BUYER for one in found.costs):
        return refused(ContractRefusal.COST_MAY_BE_OBJECTED_TO)
    return _by_a_side(world, command, fields.delivery_id, E.INVOICED, at, b"", roles=("buyer",))


def agree(world: World, command: Command, fields: PaperFields, at: Instant) -> Outcome:
    """Agree to settle in another way; where both sides name the same paper the delivery leaves the procedure."""
    found = deliveries.of_party(world, command.sender, fields.delivery_id, "seller", "buyer")
    if isinstance(found, No):
        return refused(found)
    if found.state is not S.NOTIFIED:
        return refused(No.DELIVERY_STATE_FORBIDS)
    late = deliveries.in_time(found, at)
    if late is not None:
        return refused(late)
    diary = Diary()
    if found.agreed_by not in ("", command.sender) and found.agreed == fields.document:
        deliveries.advance(world, diary, found, E.AGREED, at=at, document=fields.document)
        return diary.done()
    asked = structs.replace(found, agreed_by=command.sender, agreed=fields.document)
    deliveries.note(world, diary, asked, "AGREE_ASKED", document=fields.document)
    other = found.buyer if command.sender == found.seller else found.seller
    diary.tell(other, "delivery.agree_asked", found.delivery_id, found.terms.instrument, fields.document)
    return diary.done()


def _opened(world: World, command: Command, fields: OpenFields, at: Instant, *, accepted: bool) -> Outcome:
    if not _is_sound(world, fields, at):
        return refused(No.DELIVERY_TERMS_OUT_OF_RANGE)
    if fields.seller and not parties.settlement_account(world, fields.seller, fields.currency):
        return refused(No.DELIVERY_ACCOUNT_NOT_FOUND)
    if not world.deliveries.has_room():
        return refused(No.DELIVERIES_ARE_FULL)
    if isinstance(world.deliveries.get(command.id), Delivery):
        return refused(No.DELIVERY_STATE_FORBIDS)
    cleared = accepted and fields.instrument in world.clearing.terms
    if cleared and not _is_held(world, fields):
        return refused(No.DELIVERY_LOTS_ARE_NOT_HELD)
    if cleared and not _is_priced(world, fields):
        return refused(No.DELIVERY_TERMS_OUT_OF_RANGE)
    terms = Terms(
        fields.instrument, fields.site, fields.grade, fields.lots, fields.unit_kg, fields.tolerance_bp,
        fields.price_minor, fields.currency, fields.schedule, fields.benchmark,
        fields.trade,
    )  # fmt: skip
    differs = delivery_terms.refusal(world, terms, fields.voyage)
    if differs is not None:
        return refused(differs)
    by = Deadlines(fields.assign_by, fields.certify_by, fields.object_by, fields.fund_by, fields.extension_ns)
    made = Delivery(
        command.id, world.deliveries.take_number(), terms, fields.seller, fields.buyer, by,
        due_at=fields.assign_by, accepted=accepted, voyage=fields.voyage, after_step=fields.after_step,
        cleared=cleared,
    )  # fmt: skip
    diary = Diary()
    deliveries.keep(world, diary, made, E.OPENED)
    return diary.done()


def _is_held(world: World, fields: OpenFields) -> bool:
    """Tell whether the sides of a cleared delivery hold its lots, and no other delivery is for them."""
    house, contract = world.clearing, fields.instrument
    terms = house.terms[contract]
    sides = [(fields.seller, False)] + ([(fields.buyer, True)] if fields.buyer else [])
    return (
        (terms.unit_kg, terms.asset) == (fields.unit_kg, fields.currency)
        and contract in house.settle
        and all(
            world.deliveries.lots_of(contract, owner, long=long) + fields.lots
            <= positions.of(house.book, contract, owner).lots * (1 if long else -1)
            for owner, long in sides
        )
    )


def _is_priced(world: World, fields: OpenFields) -> bool:
    """Tell whether lots of a cleared contract can end at the price of a delivery: it is a whole one a tonne."""
    price, rest = divmod(fields.price_minor * KG_PER_PRICE, fields.schedule.price_kg)
    return not rest and world.clearing.takes(fields.instrument, fields.lots, price)


def _is_sound(world: World, fields: OpenFields, at: Instant) -> bool:
    buyer = fields.buyer
    times = (fields.assign_by, fields.certify_by, fields.object_by, fields.fund_by)
    return (
        fields.seller != buyer
        and titles.is_active(world, fields.seller)
        and (not buyer or titles.is_active(world, buyer))
        and fields.site in world.titles.sites
        and fields.currency in world.members.assets
        and 0 < fields.lots <= LOTS_MAX
        and 0 < fields.unit_kg
        and 0 < fields.lots * fields.unit_kg < AMOUNT_END
        and fields.tolerance_bp < BP
        and 0 < fields.price_minor < AMOUNT_END
        and fields.schedule.price_kg > 0
        and len(fields.schedule.factors) <= FACTORS_MAX
        and at < times[0] < times[1] < times[2] < times[3]
        and (not fields.benchmark or fields.benchmark in world.prices.series)
        and delivery_terms.are_sound(fields.trade, fields.price_minor)
        and deliveries.step_is_known(world, fields.voyage, fields.after_step)
    )


def _goods(world: World, found: Delivery, ids: tuple[bytes, ...], at: Instant) -> list[Receipt] | Refusal:
    """Give the receipts that a seller names, if they are his, free and what was agreed; none, where a bill is."""
    held: list[Receipt] = []
    for receipt_id in dict.fromkeys(ids):
        receipt = titles.own(world, found.seller, receipt_id)
        if isinstance(receipt, TitleRefusal):
            return receipt
        free = receipt_moved(receipt, ReceiptEvent.LOCKED)
        if isinstance(free, TitleRefusal):
            return free
        if receipt.valid_until and at >= receipt.valid_until:
            return TitleRefusal.RECEIPT_HAS_EXPIRED
        kind = world.titles.classes[receipt.code]
        if (kind.site, kind.grade) != (found.terms.site, found.terms.grade):
            return No.DELIVERY_GOODS_DO_NOT_FIT
        held.append(receipt)
    return held if not held or found.terms.fits(sum(one.kg for one in held)) else No.DELIVERY_GOODS_DO_NOT_FIT


def _open_accounts(world: World, diary: Diary, owner: str, held: list[Receipt]) -> Refusal | None:
    for code in dict.fromkeys(one.code for one in held):
        refusal = titles.open_account(world, diary, owner, code)
        if refusal is not None:
            return refusal
    return None


def _by_a_side(
    world: World,
    command: Command,
    delivery_id: bytes,
    event: DeliveryEvent,
    at: Instant,
    document: bytes,
    *,
    roles: tuple[str, ...] = ("seller", "buyer"),
) -> Outcome:
    found = deliveries.of_party(world, command.sender, delivery_id, *roles)
    if isinstance(found, No):
        return refused(found)
    if isinstance(moved(found, event), No):
        return refused(No.DELIVERY_STATE_FORBIDS)
    late = deliveries.in_time(found, at)
    if late is not None:
        return refused(late)
    diary = Diary()
    deliveries.advance(world, diary, found, event, at=at, document=document)
    return diary.done()
