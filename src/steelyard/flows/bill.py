"""Bills of lading: drafted and issued by the carrier of a loaded voyage, then in the hands of one holder at a time.

Bills of a voyage together are for no more than its cargo. Every event adds a link to the bill's chain. A bill that
is surrendered has done its work; one that becomes paper is none of this system's any more.
"""

from msgspec import Struct, structs

from steelyard.corridor.bill_of_lading import Bill, BillEvent, BillState, linked, moved
from steelyard.corridor.refusals import CorridorRefusal as No
from steelyard.corridor.voyage import VoyageState, has_come_to
from steelyard.corridor.voyages import BILLS_MAX
from steelyard.flows import titles
from steelyard.flows.bill_kept import keep_bill
from steelyard.flows.command import Command, Outcome
from steelyard.flows.diary import Diary, refused
from steelyard.flows.fields import Digest, Id16, Name, Number
from steelyard.flows.world import World
from steelyard.members.refusals import MemberRefusal
from steelyard.values.amount import AMOUNT_END
from steelyard.values.instants import DAY, Day, Instant

E = BillEvent


class DraftFields(Struct, array_like=True, frozen=True, gc=False):
    """A bill of a voyage: for whom, for how many kg of its cargo, and the SHA-256 of its text."""

    voyage_id: Id16
    holder: Name
    kg: Number
    document: Digest


class NamedFields(Struct, array_like=True, frozen=True, gc=False):
    """Which bill, and the SHA-256 of a paper where there is one."""

    bill_id: Id16
    document: Digest = b""


class TransferFields(Struct, array_like=True, frozen=True, gc=False):
    """Which bill goes to whom, as a transfer or as a pledge."""

    bill_id: Id16
    owner: Name


class AmendFields(Struct, array_like=True, frozen=True, gc=False):
    """A bill's weight as it is found to be, and the SHA-256 of its new text."""

    bill_id: Id16
    kg: Number
    document: Digest


def draft(world: World, command: Command, fields: DraftFields, at: Instant) -> Outcome:
    """Draft a bill for cargo of one's own voyage, once it loads."""
    found = world.voyages.get(fields.voyage_id)
    if isinstance(found, No):
        return refused(found)
    if found.carrier != command.sender:
        return refused(No.VOYAGE_IS_ANOTHERS)
    if not has_come_to(found.state, VoyageState.LOADING):
        return refused(No.VOYAGE_STATE_FORBIDS)
    if not 0 < fields.kg < AMOUNT_END or world.voyages.billed_kg(found.voyage_id) + fields.kg > found.kg:
        return refused(No.BILL_OUT_OF_RANGE)
    if not titles.is_active(world, fields.holder):
        return refused(No.BILL_HOLDER_IS_NOT_ACTIVE)
    if len(world.voyages.bills) >= BILLS_MAX:
        return refused(No.CORRIDOR_IS_FULL)
    made = Bill(command.id, found.voyage_id, command.sender, fields.holder, found.cargo, fields.kg)
    diary = Diary()
    keep_bill(
        world, diary, linked(made, E.DRAFTED, document=fields.document), E.DRAFTED, document=fields.document
    )
    return diary.done()


def issue(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Make a draft title to goods afloat: from now on its holder alone moves it."""
    return _by_carrier(world, command, fields.bill_id, E.ISSUED, fields.document, issued_on=at // DAY)


def void(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Take a draft back."""
    return _by_carrier(world, command, fields.bill_id, E.VOIDED, fields.document)


def amend(world: World, command: Command, fields: AmendFields, at: Instant) -> Outcome:
    """Amend a bill that is in nobody's pledge or lock; it then says what was really loaded."""
    held = world.voyages.bill(fields.bill_id)
    if isinstance(held, No):
        return refused(held)
    found = world.voyages.get(held.voyage_id)
    other = world.voyages.billed_kg(held.voyage_id) - held.kg
    most = found.kg if not isinstance(found, No) else held.kg + other
    if not 0 < fields.kg or other + fields.kg > most:
        return refused(No.BILL_OUT_OF_RANGE)
    return _by_carrier(world, command, fields.bill_id, E.AMENDED, fields.document, kg=fields.kg)


def transfer(world: World, command: Command, fields: TransferFields, at: Instant) -> Outcome:
    """Hand a bill to another."""
    return _to(world, command, fields, E.TRANSFERRED)


def pledge(world: World, command: Command, fields: TransferFields, at: Instant) -> Outcome:
    """Pledge a bill: its holder keeps it, its pledgee alone moves it."""
    return _to(world, command, fields, E.PLEDGED)


def release(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """End a pledge: the bill is its holder's again."""
    return _by_pledgee(world, command, fields.bill_id, E.RELEASED)


def invoke(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Take a pledge: the bill is its pledgee's."""
    return _by_pledgee(world, command, fields.bill_id, E.INVOKED)


def surrender(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Give a bill up against the goods, once they are discharged."""
    held = _own(world, command.sender, fields.bill_id)
    if isinstance(held, No):
        return refused(held)
    if not titles.disposes(world, command.sender):
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    if not world.voyages.has_taken(held.voyage_id, VoyageState.DISCHARGED.value):
        return refused(No.VOYAGE_STATE_FORBIDS)
    return _moved(world, held, E.SURRENDERED, document=fields.document)


def convert(world: World, command: Command, fields: NamedFields, at: Instant) -> Outcome:
    """Turn a bill into paper: from now on the paper is the title, and this bill moves no more."""
    held = _own(world, command.sender, fields.bill_id)
    if isinstance(held, No):
        return refused(held)
    if not titles.disposes(world, command.sender):
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    return _moved(world, held, E.CONVERTED, document=fields.document)


def _own(world: World, sender: str, bill_id: bytes) -> Bill | No:
    held = world.voyages.bill(bill_id)
    if isinstance(held, No):
        return held
    return held if held.holder == sender and held.state is not BillState.DRAFT else No.BILL_IS_ANOTHERS


def _to(world: World, command: Command, fields: TransferFields, event: BillEvent) -> Outcome:
    held = _own(world, command.sender, fields.bill_id)
    if isinstance(held, No):
        return refused(held)
    if not titles.disposes(world, command.sender):
        return refused(MemberRefusal.PARTICIPANT_STATE_FORBIDS)
    if fields.owner == command.sender or not titles.is_active(world, fields.owner):
        return refused(No.BILL_HOLDER_IS_NOT_ACTIVE)
    if event is E.PLEDGED:
        return _moved(world, held, event, pledgee=fields.owner, told=fields.owner)
    return _moved(world, held, event, holder=fields.owner, told=fields.owner)


def _by_pledgee(world: World, command: Command, bill_id: bytes, event: BillEvent) -> Outcome:
    held = world.voyages.bill(bill_id)
    if isinstance(held, No):
        return refused(held)
    if held.pledgee != command.sender:
        return refused(No.BILL_IS_ANOTHERS)
    holder = command.sender if event is E.INVOKED else ""
    return _moved(world, held, event, holder=holder, told=held.holder)


def _by_carrier(
    world: World,
    command: Command,
    bill_id: bytes,
    event: BillEvent,
    document: bytes,
    *,
    kg: int = 0,
    issued_on: Day = 0,
) -> Outcome:
    held = world.voyages.bill(bill_id)
    if isinstance(held, No):
        return refused(held)
    if held.carrier != command.sender:
        return refused(No.BILL_IS_ANOTHERS)
    held = structs.replace(held, issued_on=issued_on or held.issued_on)
    return _moved(world, held, event, kg=kg, document=document, told=held.holder)


def _moved(
    world: World,
    held: Bill,
    event: BillEvent,
    *,
    holder: str = "",
    pledgee: str = "",
    kg: int = 0,
    document: bytes = b"",
    told: str = "",
) -> Outcome:
    after = moved(held, event, holder=holder, pledgee=pledgee, kg=kg, document=document)
    if isinstance(after, No):
        return refused(after)
    diary = Diary()
    keep_bill(world, diary, after, event, document=document)
    if told:
        diary.tell(told, f"bill.{event.value.lower()}", after.bill_id, after.cargo, after.kg)
    return diary.done()
