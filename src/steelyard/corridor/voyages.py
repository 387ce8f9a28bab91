"""All that a node knows of the corridor: voyages, slots at berths, bills of lading.

Bills and voyages that are over are not kept, but for the voyages discharged last: the journal has them. What waits for
a step (money set aside) is kept by its id until it ends.
"""

from collections.abc import Iterator

import msgspec

from steelyard.corridor import bill_of_lading
from steelyard.corridor.bill_of_lading import Bill
from steelyard.corridor.refusals import CorridorRefusal
from steelyard.corridor.slots import Slots
from steelyard.corridor.voyage import Voyage, VoyageState, has_come_to

VOYAGES_MAX = 50_000
BILLS_MAX = 200_000
OVER_MAX = 10_000


class Voyages:
    """The voyages under way with their slots, and the bills that are live."""

    __slots__ = ("_of_voyage", "bills", "over", "slots", "voyages", "waiting")

    def __init__(self) -> None:
        self.voyages: dict[bytes, Voyage] = {}
        self.slots = Slots()
        self.bills: dict[bytes, Bill] = {}
        self.over: list[bytes] = []
        self.waiting: dict[bytes, tuple[bytes, str]] = {}
        self._of_voyage: dict[bytes, int] = {}

    def get(self, voyage_id: bytes) -> Voyage | CorridorRefusal:
        """Give a voyage that is known."""
        return self.voyages.get(voyage_id, CorridorRefusal.VOYAGE_NOT_FOUND)

    def bill(self, bill_id: bytes) -> Bill | CorridorRefusal:
        """Give a bill that is live or a draft."""
        return self.bills.get(bill_id, CorridorRefusal.BILL_NOT_FOUND)

    def billed_kg(self, voyage_id: bytes) -> int:
        """Give what the bills of a voyage are for."""
        return self._of_voyage.get(voyage_id, 0)

    def has_taken(self, voyage_id: bytes, step: str) -> bool:
        """Tell whether a voyage has come to a step or past it."""
        found = self.voyages.get(voyage_id)
        return found is not None and has_come_to(found.state, VoyageState(step))

    def let_wait(self, id: bytes, voyage_id: bytes, step: str) -> None:
        """Let something wait until a voyage has come to a step."""
        self.waiting[id] = (voyage_id, step)

    def is_waited_for(self, id: bytes) -> bool:
        """Tell whether something still waits for a step that is not taken. Once taken it waits no more."""
        wait = self.waiting.get(id)
        return wait is not None and not self.has_taken(*wait)

    def put(self, found: Voyage) -> None:
        """Keep a voyage as it is now. The last that were discharged stay: what waits for their steps may still ask."""
        self.voyages[found.voyage_id] = found
        if found.state is VoyageState.CANCELLED:
            del self.voyages[found.voyage_id]
        elif found.state is VoyageState.DISCHARGED and found.voyage_id not in self.over:
            self.over.append(found.voyage_id)
            if len(self.over) > OVER_MAX:
                del self.voyages[self.over.pop(0)]

    def put_bill(self, bill: Bill) -> None:
        """Keep a bill as it is now; one that is over is let go."""
        old = self.bills.pop(bill.bill_id, None)
        if old is not None:
            self._count(old.voyage_id, -old.kg)
        if bill.state not in bill_of_lading.ENDS:
            self.bills[bill.bill_id] = bill
            self._count(bill.voyage_id, bill.kg)

    def each(self) -> Iterator[Voyage]:
        """Give every voyage, by id."""
        for voyage_id in sorted(self.voyages):
            yield self.voyages[voyage_id]

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        bills = [self.bills[bill_id] for bill_id in sorted(self.bills)]
        waiting = sorted(self.waiting.items())
        return msgspec.msgpack.encode((list(self.each()), self.slots.encode(), bills, self.over, waiting))

    @classmethod
    def decode(cls, data: bytes) -> "Voyages":
        """Build what `encode` described."""
        kind = tuple[list[Voyage], bytes, list[Bill], list[bytes], list[tuple[bytes, tuple[bytes, str]]]]
        found, slots, bills, over, waiting = msgspec.msgpack.decode(data, type=kind)
        made = cls()
        made.over = over
        made.waiting = dict(waiting)
        made.slots = Slots.decode(slots)
        for bill in bills:
            made.put_bill(bill)
        for one in found:
            made.put(one)
        return made

    def _count(self, voyage_id: bytes, kg: int) -> None:
        total = self._of_voyage.get(voyage_id, 0) + kg
        if total:
            self._of_voyage[voyage_id] = total
        else:
            self._of_voyage.pop(voyage_id, None)
