"""A corridor for tests: Arne carries rye from the port that Carl keeps and Birk inspects to a quay that Cleo keeps."""

from typing import Any

from steelyard.flows.bill import DraftFields
from steelyard.flows.bill import NamedFields as BillFields
from steelyard.flows.command import Outcome
from steelyard.flows.corridor_facts import BillMoved, SlotMoved, VoyageMoved
from steelyard.flows.voyage import NamedFields, RegisterFields, SlotFields, StepFields
from steelyard.flows.warehouse import SiteFields
from steelyard.members.people import PERSON, Actor
from steelyard.members.roles import Role
from steelyard.values.instants import DAY, HOUR
from tests.flows.goods import GRADE, HOUSE, JUDGE, LENDER, OTHER, PAPER, SELLER, SITE, done
from tests.flows.haul import Haul
from tests.flows.payworld import facts

CARRIER, QUAY = OTHER, "QUAY"
VESSEL = "9074729"


class Sea(Haul):
    """A network with a carrier and a second site."""

    def __init__(self, world: Any = None) -> None:
        super().__init__(world)
        if world is not None:
            return
        for owner, role in ((CARRIER, Role.CARRIER), (LENDER, Role.WAREHOUSE)):
            for number in (1, 2):
                person = Actor(f"p-{owner}-{number}", owner, PERSON, (role,), public_key=bytes([number]) * 32)
                self.world.members.put_actor(person)
        site = SiteFields(QUAY, LENDER, JUDGE, 5_000_000, 4_000_000, "OST", 3)
        done(self.two("site.put", site, "operator"))

    def register(self, **changes: Any) -> Outcome:
        fields = {
            "vessel": VESSEL, "origin": SITE, "target": QUAY, "cargo": GRADE, "kg": 80_000, "crew": 21,
            "arrives_at": self.at + 2 * DAY, "document": PAPER,
        } | changes  # fmt: skip
        return self.one("voyage.register", RegisterFields(**fields), CARRIER)

    def tell(self, voyage: bytes, event: str, owner: str = CARRIER) -> Outcome:
        return self.one("voyage.tell", StepFields(voyage, event, PAPER), owner)

    def report(self, voyage: bytes, event: str, owner: str) -> Outcome:
        return self.one("voyage.report", StepFields(voyage, event, PAPER), owner)

    def plan(self, voyage: bytes, *, hour: int = 8, berth: str = "A", hours: int = 12) -> Outcome:
        """Plan a berth of the day after the next midnight."""
        day = self.at // DAY * DAY + DAY
        fields = SlotFields(voyage, berth, day + hour * HOUR, day + (hour + hours) * HOUR)
        return self.one("slot.plan", fields, CARRIER)

    def slot(self, name: str, slot: bytes, owner: str) -> Outcome:
        return self.one(f"slot.{name}", NamedFields(slot), owner)

    def let_in(self) -> bytes:
        """Bring a new voyage to where it wants a berth."""
        (moved,) = voyages(done(self.register()))
        done(self.tell(moved.voyage_id, "REQUESTED"))
        done(self.report(moved.voyage_id, "PASSED_IN", JUDGE))
        return moved.voyage_id

    def loading(self) -> bytes:
        """Bring a new voyage to where it loads."""
        voyage = self.let_in()
        (slot,) = slots(done(self.plan(voyage)))
        done(self.slot("approve", slot.slot_id, HOUSE))
        done(self.report(voyage, "LOADING", HOUSE))
        return voyage

    def bill(self, voyage: bytes, kg: int = 50_000, holder: str = SELLER) -> bytes:
        """Draft and issue a bill, and give its id."""
        (moved,) = bills(done(self.one("bill.draft", DraftFields(voyage, holder, kg, PAPER), CARRIER)))
        done(self.two("bill.issue", BillFields(moved.bill_id), CARRIER))
        return moved.bill_id


def voyages(outcome: Outcome) -> list[VoyageMoved]:
    return [fact for fact in facts(outcome) if isinstance(fact, VoyageMoved)]


def slots(outcome: Outcome) -> list[SlotMoved]:
    return [fact for fact in facts(outcome) if isinstance(fact, SlotMoved)]


def bills(outcome: Outcome) -> list[BillMoved]:
    return [fact for fact in facts(outcome) if isinstance(fact, BillMoved)]
