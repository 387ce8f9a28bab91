"""A bill of lading: title to goods afloat, with one holder at every moment and a chain of all that happened to it.

Each event adds a link: a hash over the link before and what the bill then is. Who gave the event was checked at the
door and stands in the journal under the same command; so whoever has the links can follow the bill from its issue
to its holder, and a changed, missing or inserted link shows.
"""

from collections.abc import Iterable
from enum import StrEnum
from hashlib import sha256

import msgspec
from msgspec import Struct, structs

from steelyard.corridor.refusals import CorridorRefusal
from steelyard.values.instants import Day


class BillState(StrEnum):
    """Where a bill is."""

    DRAFT = "DRAFT"
    ISSUED = "ISSUED"
    PLEDGED = "PLEDGED"
    LOCKED = "LOCKED"
    SURRENDERED = "SURRENDERED"
    CONVERTED_TO_PAPER = "CONVERTED_TO_PAPER"
    VOID = "VOID"


class BillEvent(StrEnum):
    """What can happen to a bill."""

    DRAFTED = "DRAFTED"
    ISSUED = "ISSUED"
    TRANSFERRED = "TRANSFERRED"
    PLEDGED = "PLEDGED"
    RELEASED = "RELEASED"
    INVOKED = "INVOKED"
    AMENDED = "AMENDED"
    LOCKED = "LOCKED"
    UNLOCKED = "UNLOCKED"
    DELIVERED = "DELIVERED"
    SURRENDERED = "SURRENDERED"
    CONVERTED = "CONVERTED"
    VOIDED = "VOIDED"


S, E = BillState, BillEvent
STEPS: dict[BillState, dict[BillEvent, BillState]] = {
    S.DRAFT: {E.ISSUED: S.ISSUED, E.AMENDED: S.DRAFT, E.VOIDED: S.VOID},
    S.ISSUED: {
        E.TRANSFERRED: S.ISSUED,
        E.PLEDGED: S.PLEDGED,
        E.AMENDED: S.ISSUED,
        E.LOCKED: S.LOCKED,
        E.SURRENDERED: S.SURRENDERED,
        E.CONVERTED: S.CONVERTED_TO_PAPER,
    },
    S.PLEDGED: {E.RELEASED: S.ISSUED, E.INVOKED: S.ISSUED},
    S.LOCKED: {E.UNLOCKED: S.ISSUED, E.DELIVERED: S.ISSUED},
    S.SURRENDERED: {},
    S.CONVERTED_TO_PAPER: {},
    S.VOID: {},
}
ENDS = (S.SURRENDERED, S.CONVERTED_TO_PAPER, S.VOID)
_WHY = {S.PLEDGED: CorridorRefusal.BILL_IS_PLEDGED, S.LOCKED: CorridorRefusal.BILL_IS_LOCKED}


class Bill(Struct, array_like=True, frozen=True, gc=False):
    """One bill. `links` counts what has happened to it, `chain` is the hash of the last link."""

    bill_id: bytes
    voyage_id: bytes
    carrier: str
    holder: str
    cargo: str
    kg: int
    state: BillState = S.DRAFT
    pledgee: str = ""
    bound_to: bytes = b""
    links: int = 0
    chain: bytes = b""
    issued_on: Day = 0
    """The day on which it became title: that of the loading, for whatever depends on it"""


class Link(Struct, array_like=True, frozen=True, gc=False):
    """What the bill is after an event, as the link's hash covers it."""

    bill_id: bytes
    voyage_id: bytes
    carrier: str
    number: int
    event: str
    state: str
    holder: str
    pledgee: str
    cargo: str
    kg: int
    document: bytes


def moved(
    bill: Bill,
    event: BillEvent,
    *,
    holder: str = "",
    pledgee: str = "",
    bound_to: bytes = b"",
    kg: int = 0,
    document: bytes = b"",
) -> Bill | CorridorRefusal:
    """Give the bill after an event, with its new link, or what about its state forbids it.

    A holder or weight that is not named stays; a pledge and a lock end with their state.
    """
    after = STEPS[bill.state].get(event)
    if after is None:
        return _WHY.get(bill.state, CorridorRefusal.BILL_STATE_FORBIDS)
    made = structs.replace(
        bill, state=after, holder=holder or bill.holder, pledgee=pledgee, bound_to=bound_to, kg=kg or bill.kg
    )
    return linked(made, event, document=document)


def linked(bill: Bill, event: BillEvent, *, document: bytes = b"") -> Bill:
    """Add the link of an event to a bill that is already what the event made of it."""
    number = bill.links + 1
    link = Link(
        bill.bill_id, bill.voyage_id, bill.carrier, number, event.value, bill.state.value, bill.holder,
        bill.pledgee, bill.cargo, bill.kg, document,
    )  # fmt: skip
    return structs.replace(bill, links=number, chain=hash_of(bill.chain, link))


def hash_of(before: bytes, link: Link) -> bytes:
    """Give SHA-256 over the hash before and a link's canonical bytes."""
    return sha256(before + msgspec.msgpack.encode(link)).digest()


def chain_of(links: Iterable[Link]) -> bytes | None:
    """Give the hash at the end of a chain of links, or None where they are no chain of one bill's single holders.

    The first is the draft; numbers rise by one; every step is one of the table's.
    """
    state: BillState | None = None
    chain, bill_id = b"", b""
    for number, link in enumerate(links, 1):
        expected = S.DRAFT if state is None else STEPS[state].get(E(link.event))
        begins = state is not None or link.event == E.DRAFTED.value
        if not begins or link.number != number or expected is None or expected.value != link.state:
            return None
        if bill_id and link.bill_id != bill_id:
            return None
        state, bill_id, chain = expected, link.bill_id, hash_of(chain, link)
    return chain or None
