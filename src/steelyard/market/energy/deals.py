"""What comes after a match: its parties accept it, and each month of it makes bills; bills of contracts are here too.

A deal is binding once everybody who pays or gets something by it has accepted it; before that anyone may decline, and
it lapses in time. When a month of it is over its bills fall due. Who has failed to deliver may say so from the month's
begin until a time after the last one, and owes for it.

A bill is paid by an ordinary payment that bears the bill's UETR: in its currency, or in another one by a firm quote;
at once, or out of a queue, a batch, a netting cycle or the value pool. What a payment with that UETR has settled from
debtor to creditor counts, also where it ended before the whole was there: the rest is owed, under another UETR. One
that settled nothing, or more than was owed, or between others, leaves the bill as it was, with another UETR.
"""

from enum import StrEnum
from hashlib import sha256

from msgspec import Struct

from steelyard.market.energy.asks import Unproved
from steelyard.values.instants import Instant
from steelyard.values.rate import Rounding, rounded
from steelyard.values.wide import packed, unpacked

DEALS_MAX = 200
BILLS_MAX = 20_000
PARTIES_MAX = 200


class DealState(StrEnum):
    """Where a deal is."""

    OFFERED = "OFFERED"
    AGREED = "AGREED"
    BILLED = "BILLED"
    """All its months are billed; what was not delivered may still be reported"""
    ENDED = "ENDED"
    CANCELLED = "CANCELLED"


class DealEvent(StrEnum):
    """What can happen to a deal."""

    ACCEPTED = "ACCEPTED"
    ALL_ACCEPTED = "ALL_ACCEPTED"
    DECLINED = "DECLINED"
    LAPSED = "LAPSED"
    BILLED = "BILLED"
    LAST_BILLED = "LAST_BILLED"
    SHORT = "SHORT"
    """Who failed to deliver has said so"""
    CLOSED = "CLOSED"


S, E = DealState, DealEvent
STEPS: dict[DealState, dict[DealEvent, DealState]] = {
    S.OFFERED: {
        E.ACCEPTED: S.OFFERED, E.ALL_ACCEPTED: S.AGREED, E.DECLINED: S.CANCELLED, E.LAPSED: S.CANCELLED,
    },
    S.AGREED: {E.BILLED: S.AGREED, E.LAST_BILLED: S.BILLED, E.SHORT: S.AGREED},
    S.BILLED: {E.SHORT: S.BILLED, E.CLOSED: S.ENDED},
    S.ENDED: {},
    S.CANCELLED: {},
}  # fmt: skip


def step(state: DealState, event: DealEvent) -> DealState | None:
    """Give the state that follows, or None where the event has no place there.

    >>> step(DealState.OFFERED, DealEvent.ALL_ACCEPTED).value, step(DealState.AGREED, DealEvent.DECLINED)
    ('AGREED', None)
    """
    return STEPS[state].get(event)


class Due(Struct, array_like=True, frozen=True, gc=False):
    """What a deal makes due: a bill to come. Months are counted from 1970-01."""

    month: int
    debtor: str
    creditor: str
    amount_minor: int


class Served(Struct, array_like=True, frozen=True, gc=False):
    """What a match brings to a node that needs: whole units, rounded down, at a price a unit of `num`/`den`."""

    node: str
    owner: str
    month: int
    quantity: int
    num: int
    den: int

    def worth(self, quantity: int) -> int:
        """Give what so many units cost there, half to even."""
        return rounded(quantity * self.num, self.den, Rounding.HALF_EVEN)


class Shortfall(Struct, array_like=True, frozen=True, gc=False):
    """What a party has failed to bring to a node, and what it owes for it."""

    node: str
    party: str
    quantity: int
    amount_minor: int


class Deal(Struct, array_like=True, gc=False):
    """A match that is settled. `accepted` are those of `parties` who have said yes."""

    match_id: bytes
    asset: str
    accept_until: Instant
    parties: tuple[str, ...]
    dues: tuple[Due, ...]
    accepted: tuple[str, ...] = ()
    state: DealState = S.OFFERED
    served: tuple[Served, ...] = ()
    shortfalls: tuple[Shortfall, ...] = ()

    @property
    def months(self) -> list[int]:
        """Give the months that are still to be billed."""
        return sorted({one.month for one in self.dues})


class EnergyBill(Struct, array_like=True, gc=False):
    """A bill that is open. `subject` is the contract or match it is for, `what` one of its kind.

    Kinds: month, deficiency and recovery of a contract; match, and shortfall of one.
    """

    bill_id: bytes
    subject: bytes
    what: str
    month: int
    debtor: str
    creditor: str
    asset: str
    amount_minor: int
    due_at: Instant
    uetr: bytes
    tries: int = 0
    paid_minor: int = 0
    """What payments that ended before the whole was there have brought"""

    @property
    def open_minor(self) -> int:
        """Give what is still owed."""
        return self.amount_minor - self.paid_minor


def uetr_of(bill_id: bytes, tries: int) -> bytes:
    """Give the UETR by which a bill is paid, after so many payments that came to nothing: a UUID of version 4.

    >>> uetr_of(bytes(16), 0).hex()[12], uetr_of(bytes(16), 0) == uetr_of(bytes(16), 1)
    ('4', False)
    """
    made = bytearray(sha256(b"energy bill" + bill_id + tries.to_bytes(4, "big")).digest()[:16])
    made[6] = made[6] & 0x0F | 0x40
    made[8] = made[8] & 0x3F | 0x80
    return bytes(made)


class Deals:
    """The deals and open bills of one node, and matches that wait for two people.

    `awaited` says whose bill a UETR pays; it follows from the bills.
    """

    __slots__ = ("awaited", "bills", "live", "unproved")

    def __init__(self) -> None:
        self.live: dict[bytes, Deal] = {}
        self.unproved: dict[bytes, Unproved] = {}
        self.bills: dict[bytes, EnergyBill] = {}
        self.awaited: dict[bytes, bytes] = {}

    def has_room(self, count: int = 1) -> bool:
        """Tell whether so many bills more can be open, beside those that deals still make."""
        return len(self.bills) + sum(len(one.dues) for one in self.live.values()) + count <= BILLS_MAX

    def put(self, bill: EnergyBill) -> None:
        """Keep an open bill."""
        self.bills[bill.bill_id] = bill
        self.awaited[bill.uetr] = bill.bill_id

    def drop(self, bill: EnergyBill) -> None:
        """Forget a bill that is paid."""
        del self.bills[bill.bill_id], self.awaited[bill.uetr]

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        rows = list(self.live.values()), list(self.bills.values()), list(self.unproved.values())
        return packed(_Saved(*rows))

    @classmethod
    def decode(cls, data: bytes) -> "Deals":
        """Build what `encode` described."""
        saved = unpacked(data, _Saved)
        made = cls()
        made.live = {one.match_id: one for one in saved.live}
        made.unproved = {one.ask.match_id: one for one in saved.unproved}
        for bill in saved.bills:
            made.put(bill)
        return made


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    live: list[Deal]
    bills: list[EnergyBill]
    unproved: list[Unproved]
