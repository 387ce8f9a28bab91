"""Orders about receipts from outside: a court, measures, the failure of a warehouse. They freeze and thaw.

One receipt, or all of a site: then at most `STEP` in one command, lowest ids first, until there are none left. A frozen
receipt moves by nothing; thawed, it is what it was before.
"""

from msgspec import Struct

from steelyard.flows import titles
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Digest, Id16, Word
from steelyard.flows.world import World
from steelyard.market.receipts import Receipt, ReceiptEvent, moved
from steelyard.market.refusals.titles import TitleRefusal as No
from steelyard.members.refusals import MemberRefusal
from steelyard.members.state import OPERATOR
from steelyard.values.instants import Instant

STEP = 500


class OrderFields(Struct, array_like=True, frozen=True, gc=False):
    """Which receipt is frozen or thawed, and the SHA-256 of the order."""

    receipt_id: Id16
    document: Digest


class SiteOrderFields(Struct, array_like=True, frozen=True, gc=False):
    """Of which site all receipts are frozen or thawed, and the SHA-256 of the order."""

    site: Word
    document: Digest


def freeze(world: World, command: Command, fields: OrderFields, at: Instant) -> Outcome:
    """Freeze a receipt."""
    return _one(world, command, fields, ReceiptEvent.FROZEN, at)


def thaw(world: World, command: Command, fields: OrderFields, at: Instant) -> Outcome:
    """Thaw a receipt."""
    return _one(world, command, fields, ReceiptEvent.THAWED, at)


def freeze_site(world: World, command: Command, fields: SiteOrderFields, at: Instant) -> Outcome:
    """Freeze the receipts of a site, as many as one command takes."""
    return _all(world, command, fields, ReceiptEvent.FROZEN, at)


def thaw_site(world: World, command: Command, fields: SiteOrderFields, at: Instant) -> Outcome:
    """Thaw the receipts of a site, as many as one command takes."""
    return _all(world, command, fields, ReceiptEvent.THAWED, at)


def _one(world: World, command: Command, fields: OrderFields, event: ReceiptEvent, at: Instant) -> Outcome:
    if command.sender != OPERATOR:
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    held = world.titles.get(fields.receipt_id)
    after = held if isinstance(held, No) else moved(held, event)
    if isinstance(after, No):
        return refused(after)
    diary = Diary()
    _keep(world, diary, after, event, fields.document, at)
    return diary.done()


def _all(
    world: World, command: Command, fields: SiteOrderFields, event: ReceiptEvent, at: Instant
) -> Outcome:
    register = world.titles
    if command.sender != OPERATOR:
        return refused(MemberRefusal.OBJECT_IS_NOT_YOURS)
    if fields.site not in register.sites:
        return refused(No.SITE_NOT_FOUND)
    found = register.orderable(fields.site, event, STEP)
    diary = Diary()
    for receipt_id in found:
        after = moved(register.receipts[receipt_id], event)
        assert isinstance(after, Receipt)
        _keep(world, diary, after, event, fields.document, at)
    return diary.done() if found else diary.repeated()


def _keep(
    world: World, diary: Diary, after: Receipt, event: ReceiptEvent, document: bytes, at: Instant
) -> None:
    titles.keep(world, diary, after, event, at=at, document=document)
    warehouse = world.titles.site_of(after.code).warehouse
    for owner in dict.fromkeys((after.holder, after.pledgee, warehouse)):
        if owner:
            diary.tell(owner, f"receipt.{event.value.lower()}", after.receipt_id, after.code, after.kg)
