"""Receipts as title: drafted and issued by their warehouse, then transferred, split, merged, pledged by their holder.

Issue takes two persons of the warehouse and stays within certified stock and the site's limit. Every change of holder
is booked in the engine in the same command as the change of the receipt, or neither happens.
"""

from typing import Annotated

from msgspec import Meta, Struct, structs

from steelyard.engine.bundles import Leg
from steelyard.flows import titles
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import At, Day, Digest, Id16, Name, Number
from steelyard.flows.world import World
from steelyard.market import receipts
from steelyard.market.receipts import DOCUMENTS_MAX, Receipt, ReceiptEvent, ReceiptState, moved
from steelyard.market.refusals.titles import TitleRefusal as No
from steelyard.market.titles import HOLDER_MAX, quantity_refusal
from steelyard.members.refusals import MemberRefusal
from steelyard.values.instants import DAY, Instant
from steelyard.values.refusal import Refusal

PARTS_MAX = 100


class DraftFields(Struct, array_like=True, frozen=True, gc=False):
    """A goods received note: what came in, for whom, on which day, until when its grade is valid (0: for ever)."""

    code: Name
    holder: Name
    kg: Number
    taken_in_on: Day
    valid_until: At
    document: Digest


class NamedFields(Struct, array_like=True, frozen=True, gc=False):
    """Which receipt."""

    receipt_id: Id16


class TransferFields(Struct, array_like=True, frozen=True, gc=False):
    """Which receipt goes to whom, as a transfer or as a pledge."""

    receipt_id: Id16
    owner: Name


class SplitFields(Struct, array_like=True, frozen=True, gc=False):
    """Which receipt, into parts of how many kg."""

    receipt_id: Id16
    parts_kg: Annotated[tuple[Number, ...], Meta(max_length=PARTS_MAX)]


class MergeFields(Struct, array_like=True, frozen=True, gc=False):
    """Which receipts become one."""

    receipt_ids: Annotated[tuple[Id16, ...], Meta(max_length=PARTS_MAX)]


class AttachFields(Struct, array_like=True, frozen=True, gc=False):
    """A paper that belongs to a receipt: its SHA-256, or the id of a bill of lading."""

    receipt_id: Id16
    document: Digest


def draft(world: World, command: Command, fields: DraftFields, at: Instant) -> Outcome:
    """Take down what came in; a draft is no title and moves nothing."""
    found = world.titles.classes.get(fields.code)
    if found is None:
        return refused(No.RECEIPT_CLASS_NOT_FOUND)
    if world.titles.sites[found.site].warehouse != command.sender:
        return refused(No.SITE_IS_ANOTHERS)
    wrong = quantity_refusal(fields.kg)
    if wrong is not None or fields.taken_in_on * DAY > at:
        return refused(No.RECEIPT_QUANTITY_OUT_OF_RANGE)
    if not titles.is_active(world, fields.holder):
        return refused(No.RECEIPT_HOLDER_IS_NOT_ACTIVE)
    if fields.valid_until and at >= fields.valid_until:
        return refused(No.RECEIPT_HAS_EXPIRED)
    if not world.titles.has_room():
        return refused(No.TITLES_ARE_FULL)
    if command.id in world.titles.receipts:
        return refused(No.RECEIPT_STATE_FORBIDS)
    layers = ((fields.kg, fields.taken_in_on),)
    papers = (fields.document,) if fields.document else ()
    made = Receipt(
        command.id,
        fields.code,
        fields.holder,
        fields.kg,
        layers,
        valid_until=fields.valid_until,
        documents=papers,
    )
    diary = Diary()
    world.titles.put(made)
    titles.tell_draft(diary, made, "DRAFTED")
    return diary.done()


def drop(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Take a draft back."""
    held = _of_warehouse(world, command.sender, fields.receipt_id)
    if isinstance(held, No):
        return refused(held)
    after = moved(held, ReceiptEvent.WITHDRAWN)
    if held.state is not ReceiptState.DRAFT or isinstance(after, No):
        return refused(No.RECEIPT_STATE_FORBIDS)
    diary = Diary()
    titles.keep(world, diary, after, ReceiptEvent.WITHDRAWN, at=at)
    return diary.done()


def issue(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Make a draft title: within certified stock and the site's limit, and as kg on its holder's account."""
    held = _of_warehouse(world, command.sender, fields.receipt_id)
    if isinstance(held, No):
        return refused(held)
    after = moved(held, ReceiptEvent.ISSUED)
    if isinstance(after, No):
        return refused(No.RECEIPT_STATE_FORBIDS)
    refusal: Refusal | None = world.titles.issue_refusal(held.code, held.kg)
    if refusal is None and not titles.is_active(world, held.holder):
        refusal = No.RECEIPT_HOLDER_IS_NOT_ACTIVE
    if refusal is None and held.valid_until and at >= held.valid_until:
        refusal = No.RECEIPT_HAS_EXPIRED
    if refusal is not None:
        return refused(refusal)
    diary = Diary()
    refusal = titles.open_account(world, diary, held.holder, held.code)
    if refusal is not None:
        return refused(refusal)
    legs = (
        Leg(titles.issuer_account(world, held.code), titles.account(world, held.holder, held.code), held.kg),
    )
    booked = titles.book(world, legs, held.receipt_id, owners=(command.sender,), at=at)
    if isinstance(booked, Refusal):
        return refused(booked)
    titles.keep(world, diary, after, ReceiptEvent.ISSUED, at=at, bundle_id=booked)
    diary.tell(held.holder, "receipt.issued", held.receipt_id, held.code, held.kg)
    return diary.done()


def transfer(world: World, command: Command, fields: TransferFields, at: Instant) -> Outcome:
    """Give a receipt to another, without payment."""
    held = titles.own(world, command.sender, fields.receipt_id)
    if isinstance(held, No):
        return refused(held)
    if not titles.disposes(world, command.sender):
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    diary = Diary()
    refusal = titles.hand_over(world, diary, held, ReceiptEvent.TRANSFERRED, fields.owner, at=at)
    return refused(refusal) if refusal is not None else diary.done()


def pledge(world: World, command: Command, fields: TransferFields, at: Instant) -> Outcome:
    """Pledge a receipt: its holder keeps it, from now on its pledgee alone moves it."""
    held = titles.own(world, command.sender, fields.receipt_id)
    if isinstance(held, No):
        return refused(held)
    if not titles.disposes(world, command.sender):
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    if fields.owner == command.sender or not titles.is_active(world, fields.owner):
        return refused(No.RECEIPT_HOLDER_IS_NOT_ACTIVE)
    after = moved(held, ReceiptEvent.PLEDGED)
    if isinstance(after, No):
        return refused(after)
    diary = Diary()
    titles.keep(world, diary, structs.replace(after, pledgee=fields.owner), ReceiptEvent.PLEDGED, at=at)
    diary.tell(fields.owner, "receipt.pledged", held.receipt_id, held.code, held.kg, held.holder)
    return diary.done()


def release(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """End a pledge: the receipt is its holder's again."""
    held = _of_pledgee(world, command.sender, fields.receipt_id)
    if isinstance(held, No):
        return refused(held)
    after = moved(held, ReceiptEvent.RELEASED)
    if isinstance(after, No):
        return refused(after)
    diary = Diary()
    diary.tell(held.holder, "receipt.released", held.receipt_id, held.code, held.kg)
    titles.keep(world, diary, after, ReceiptEvent.RELEASED, at=at)
    return diary.done()


def invoke(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Take a pledge: the receipt becomes its pledgee's."""
    held = _of_pledgee(world, command.sender, fields.receipt_id)
    if isinstance(held, No):
        return refused(held)
    diary = Diary()
    refusal = titles.hand_over(world, diary, held, ReceiptEvent.INVOKED, command.sender, at=at)
    return refused(refusal) if refusal is not None else diary.done()


def split(world: World, command: Command, fields: SplitFields, at: Instant) -> Outcome:
    """Put several receipts into the place of one; together they are for every kg of it."""
    held = titles.own(world, command.sender, fields.receipt_id)
    if isinstance(held, No):
        return refused(held)
    after = moved(held, ReceiptEvent.SPLIT)
    if held.state is not ReceiptState.ISSUED or isinstance(after, No):
        return refused(titles.why(held))
    ids = [titles.part_id(command.id, world.commands, place, at) for place in range(len(fields.parts_kg))]
    made = receipts.split(held, list(zip(ids, fields.parts_kg, strict=True)))
    if isinstance(made, No):
        return refused(made)
    many = world.titles.count_of(held.holder) - 1 + len(made) > HOLDER_MAX
    if many or not world.titles.has_room(len(made)):
        return refused(No.TITLES_ARE_FULL)
    diary = Diary()
    titles.keep(world, diary, after, ReceiptEvent.SPLIT, at=at)
    for part in made:
        titles.keep(world, diary, part, ReceiptEvent.SPLIT, at=at, document=held.receipt_id)
    return diary.done()


def merge(world: World, command: Command, fields: MergeFields, at: Instant) -> Outcome:
    """Put one receipt into the place of several of one class."""
    parts: list[Receipt] = []
    for receipt_id in dict.fromkeys(fields.receipt_ids):
        held = titles.own(world, command.sender, receipt_id)
        if isinstance(held, No):
            return refused(held)
        parts.append(held)
    made = receipts.merge(parts, command.id)
    if isinstance(made, No):
        return refused(made)
    if command.id in world.titles.receipts:
        return refused(No.RECEIPT_STATE_FORBIDS)
    diary = Diary()
    for part in parts:
        after = moved(part, ReceiptEvent.MERGED)
        assert isinstance(after, Receipt)
        titles.keep(world, diary, after, ReceiptEvent.MERGED, at=at, document=command.id)
    titles.keep(world, diary, made, ReceiptEvent.MERGED, at=at)
    return diary.done()


def attach(world: World, command: Command, fields: AttachFields, at: Instant) -> Outcome:
    """Attach a paper to one's receipt: its hash, or the id of a bill of lading."""
    held = titles.own(world, command.sender, fields.receipt_id)
    if isinstance(held, No):
        return refused(held)
    diary = Diary()
    if fields.document in held.documents:
        return diary.repeated()
    if not fields.document or len(held.documents) >= DOCUMENTS_MAX:
        return refused(No.TITLES_ARE_FULL)
    made = structs.replace(held, documents=(*held.documents, fields.document))
    world.titles.put(made)
    titles.tell_draft(diary, made, "ATTACHED", document=fields.document)
    return diary.done()


def _of_warehouse(world: World, sender: str, receipt_id: bytes) -> Receipt | No:
    """Give a receipt of the sender's own site, or why not."""
    held = world.titles.get(receipt_id)
    if isinstance(held, No):
        return held
    return held if world.titles.site_of(held.code).warehouse == sender else No.SITE_IS_ANOTHERS


def _of_pledgee(world: World, sender: str, receipt_id: bytes) -> Receipt | No:
    """Give a receipt that is pledged to the sender, or why not."""
    held = world.titles.get(receipt_id)
    if isinstance(held, No):
        return held
    return held if held.pledgee == sender else No.RECEIPT_IS_ANOTHERS
