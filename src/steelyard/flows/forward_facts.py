"""The facts about forwards between two parties. The list of all facts: `facts.py`."""

from steelyard.flows.fact import Fact


class ForwardMoved(Fact, frozen=True, tag="forward"):
    """A forward is in this state now; `lots` are left. `due_at` ends the state by itself, 0 for never.

    `moved_minor` is the money that the event has moved: a difference, or the goods of lots that a circle has offset.
    What of a difference could not be paid is owed.
    """

    forward_id: bytes
    contract: str
    commodity: str
    grade: str
    site: str
    place: str
    incoterm: str
    seller: str
    buyer: str
    offered_by: str
    event: str
    state: str
    lots: int
    unit_kg: int
    price_minor: int
    differential_minor: int
    price_kg: int
    currency: str
    from_on: int
    to_on: int
    benchmark: str
    due_at: int
    offset_lots: int = 0
    moved_minor: int = 0
    owed_minor: int = 0
    owed_by: str = ""
    bundle_id: bytes = b""
    delivery_id: bytes = b""
    document: bytes = b""
    arbitration_seat: str = ""


FORWARD_FACTS = (ForwardMoved,)
