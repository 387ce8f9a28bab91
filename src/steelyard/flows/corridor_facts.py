"""The facts about voyages, slots and bills of lading. The list of all facts: `facts.py`."""

from steelyard.flows.fact import Fact


class VoyageMoved(Fact, frozen=True, tag="voyage"):
    """A voyage is so from now on. `vessel` is its IMO number."""

    voyage_id: bytes
    carrier: str
    vessel: str
    origin: str
    target: str
    event: str
    state: str
    arrives_at: int
    document: bytes = b""
    cargo: str = ""
    kg: int = 0
    crew: int = 0
    slot_id: bytes = b""


class SlotMoved(Fact, frozen=True, tag="slot"):
    """A berth is taken for a voyage, planned or approved, or free again."""

    slot_id: bytes
    berth: str
    from_at: int
    until_at: int
    voyage_id: bytes
    state: str
    site: str = ""
    carrier: str = ""


class BillMoved(Fact, frozen=True, tag="bill"):
    """A bill of lading is so from now on; `chain` is the hash of everything that has happened to it, in order."""

    bill_id: bytes
    voyage_id: bytes
    carrier: str
    holder: str
    pledgee: str
    cargo: str
    kg: int
    event: str
    state: str
    links: int
    chain: bytes
    document: bytes = b""
