"""The shapes of warehouses and their receipts: sites, classes, certified stock, receipts and their moves."""

from typing import Annotated, Literal

from msgspec import Meta

from steelyard.client.acts import Decimal
from steelyard.client.types import (
    Amount,
    Asked,
    AssetCode,
    BicText,
    DateText,
    HexDigest,
    InstantText,
    Money,
    Told,
    UuidText,
)

Kg = Annotated[int, Meta(ge=1, lt=10**18, description="Whole kilograms.")]
SomeKg = Annotated[int, Meta(ge=0, lt=10**18, description="Whole kilograms.")]
SiteName = Annotated[str, Meta(pattern=r"^[A-Z0-9][A-Z0-9._-]{0,34}$(?!\n)", description="Name of a site.")]
Word = Annotated[str, Meta(min_length=1, max_length=35)]
ReceiptState = Literal[
    "DRAFT", "ISSUED", "PLEDGED", "LOCKED", "COMMITTED", "LOAD_OUT_REQUESTED", "PARTIALLY_RELEASED", "EXPIRED",
    "FROZEN", "REPLACED", "CANCELLED",
]  # fmt: skip


class SiteAsked(Asked):
    """A warehouse's site: its inspector is of another house; `storage` is what a tonne costs a day."""

    warehouse: BicText
    inspector: BicText
    capacity_kg: Kg
    capital_kg: Kg
    currency: AssetCode
    storage: Decimal


class SiteShown(Told):
    """A site. Its receipts are for no more than the smaller of the two limits."""

    site: str
    warehouse: str
    inspector: str
    capacity_kg: int
    capital_kg: int
    storage: Amount
    """For a tonne and day"""


class ReceiptClassAsked(Asked):
    """A class of receipts: the code of its asset, and what it is of."""

    code: AssetCode
    site: SiteName
    grade: Word
    crop: Annotated[str, Meta(max_length=35)] = ""


class ReceiptClassShown(Told):
    """A class of receipts."""

    code: str
    site: str
    grade: str
    crop: str


class StockAsked(Asked):
    """What an inspector certifies of a grade; `document` is the SHA-256 of the paper."""

    grade: Word
    kg: SomeKg
    document: HexDigest


class StockFiles(Asked):
    """What the weighbridge's file and the inspection's say lies there of a grade."""

    grade: Word
    weighed_kg: SomeKg
    inspected_kg: SomeKg
    document: HexDigest


class StockRuling(Asked):
    """The case of which grade is decided, and the SHA-256 of the decision."""

    grade: Word
    document: HexDigest


class StockShown(Told):
    """What is certified of a grade beside its live receipts; a case says by how much the files differ."""

    site: str
    grade: str
    certified_kg: int
    live_kg: int
    document: str | None
    case_id: str | None
    case_kg: int


class PaperAsked(Asked):
    """The SHA-256 of the paper behind an act."""

    document: HexDigest


class ReceiptDraft(Asked):
    """Goods received: for whom, of which class, on which day, until when their grade is valid (null: for ever)."""

    code: AssetCode
    holder: BicText
    kg: Kg
    taken_in_on: DateText
    document: HexDigest
    valid_until: InstantText | None = None


class HolderAsked(Asked):
    """To whom a title goes, or is pledged."""

    to: BicText


class SplitAsked(Asked):
    """Into parts of how many kg; together they are for every kg."""

    parts_kg: Annotated[list[Kg], Meta(min_length=2, max_length=100)]


class MergeAsked(Asked):
    """Which receipts of one class become one."""

    receipt_ids: Annotated[list[UuidText], Meta(min_length=2, max_length=100)]


class AttachAsked(Asked):
    """A paper that belongs to a receipt: its SHA-256, or the id of a bill of lading."""

    document: HexDigest | None = None
    bill: UuidText | None = None


class LeftAsked(Asked):
    """How many kg have left, and the SHA-256 of the weighbridge's ticket."""

    kg: Kg
    document: HexDigest


class RegradeAsked(Asked):
    """The class that goods belong to as found anew, and how long that is valid (null: for ever)."""

    code: AssetCode
    document: HexDigest
    valid_until: InstantText | None = None


class KnockedDownAsked(Asked):
    """To whom an expired receipt was sold by auction, for how much of its site's currency."""

    buyer: BicText
    amount: Money
    document: HexDigest


class ReceiptMove(Told):
    """One thing that happened to a receipt. `holder` is null where it is another's."""

    event: str
    state: ReceiptState
    holder: str | None
    kg: int
    left_kg: int
    storage: Amount | None
    """What was paid for storage with what left"""
    bundle_id: str | None
    document: str | None
    at: str


class ReceiptShown(Told):
    """A receipt as it stands; `bound_to` is the delivery or order that it is locked or committed for."""

    receipt_id: str
    code: str
    site: str
    grade: str
    crop: str
    holder: str
    pledgee: str
    kg: int
    state: ReceiptState
    event: str
    bound_to: str | None
    valid_until: str | None
    entered_at: str
    changed_at: str


class ReceiptWhole(ReceiptShown):
    """A receipt with everything that has happened to it, oldest first."""

    moves: list[ReceiptMove]
