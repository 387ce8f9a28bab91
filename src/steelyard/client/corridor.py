"""The shapes of the corridor: voyages and their steps, slots at berths, bills of lading and their links."""

from typing import Annotated, Literal

from msgspec import Meta

from steelyard.client.titles import Kg, SiteName, Word
from steelyard.client.types import Asked, BicText, HexDigest, InstantText, Told, UuidText

VoyageState = Literal[
    "REGISTERED", "REQUESTED", "INSPECTED_IN", "SLOTTED", "LOADING", "INSPECTED_OUT", "CLEARED", "DISCHARGED",
    "CANCELLED",
]  # fmt: skip
BillState = Literal["DRAFT", "ISSUED", "PLEDGED", "LOCKED", "SURRENDERED", "CONVERTED_TO_PAPER", "VOID"]


class VoyageAsked(Asked):
    """A vessel by its IMO number, its cargo and how many are aboard, from one site to another."""

    vessel: Annotated[str, Meta(pattern=r"^[0-9]{7}$(?!\n)")]
    origin: SiteName
    target: SiteName
    cargo: Word
    kg: Kg
    crew: Annotated[int, Meta(ge=1, le=1_000)]
    arrives_at: InstantText
    document: HexDigest


class VoyageTold(Asked):
    """What a carrier tells: it asks for entry, calls off, or notes what happened on the way."""

    event: Literal["REQUESTED", "CANCELLED", "DEVIATED", "STOPPED", "SHIP_TO_SHIP"]
    document: HexDigest | None = None


class VoyageReport(Asked):
    """A step that a site reports: its inspector the inspections and the clearance, its warehouse the rest."""

    event: Literal["PASSED_IN", "LOADING", "PASSED_OUT", "CLEARED", "DISCHARGED"]
    document: HexDigest | None = None


class SlotAsked(Asked):
    """A berth at the site of origin, from when until when."""

    berth: Word
    from_at: InstantText
    until_at: InstantText


class VoyageMove(Told):
    """One step or note of a voyage."""

    event: str
    state: VoyageState
    document: str | None
    at: str


class VoyageShown(Told):
    """A voyage as it stands; `next_step` is given by `next_by`."""

    voyage_id: str
    carrier: str
    vessel: str
    origin: str
    target: str
    cargo: str
    kg: int
    crew: int
    arrives_at: str
    state: VoyageState
    event: str
    next_step: str | None
    next_by: str | None
    changed_at: str


class VoyageWhole(VoyageShown):
    """A voyage with every step and note, oldest first."""

    moves: list[VoyageMove]


class SlotShown(Told):
    """A berth that is planned or approved for a voyage, or free again. `approve_by` is when a plan is gone."""

    slot_id: str
    site: str
    berth: str
    from_at: str
    until_at: str
    voyage_id: str
    carrier: str
    state: Literal["PLANNED", "APPROVED", "FREED"]
    approve_by: str


class BillAsked(Asked):
    """A bill of a voyage: for whom, for how many kg of its cargo, and the SHA-256 of its text."""

    voyage: UuidText
    holder: BicText
    kg: Kg
    document: HexDigest


class BillPaper(Asked):
    """The SHA-256 of a paper, where there is one."""

    document: HexDigest | None = None


class BillAmended(Asked):
    """A bill's weight as it is found to be, and the SHA-256 of its new text."""

    kg: Kg
    document: HexDigest


class BillLink(Told):
    """A link of a bill's chain: what the bill was after an event, and the hash over it and the link before."""

    number: int
    event: str
    state: BillState
    holder: str
    pledgee: str
    cargo: str
    kg: int
    document: str | None
    chain: str
    at: str


class BillShown(Told):
    """A bill of lading as it stands; `chain` is the hash of its last link."""

    bill_id: str
    voyage_id: str
    carrier: str
    holder: str
    pledgee: str
    cargo: str
    kg: int
    state: BillState
    event: str
    links: int
    chain: str
    changed_at: str


class BillWhole(BillShown):
    """A bill with its whole chain: who has it can follow it from its draft to himself."""

    chain_links: list[BillLink]
