"""The facts about warehouses, receipts and deliveries. The list of all facts: `facts.py`."""

from steelyard.flows.fact import Fact


class SitePut(Fact, frozen=True, tag="site"):
    """A warehouse's site is registered so from now on. Storage costs `rate_minor` a tonne and day."""

    site: str
    warehouse: str
    inspector: str
    capacity_kg: int
    capital_kg: int
    currency: str
    rate_minor: int


class ReceiptClassOpened(Fact, frozen=True, tag="receipt.class"):
    """Receipts of a site, grade and crop can be written; `code` is their asset."""

    code: str
    site: str
    grade: str
    crop: str


class StockFound(Fact, frozen=True, tag="stock"):
    """What of a grade is certified at a site, beside its live receipts; `case` is the open case about it, if any."""

    site: str
    grade: str
    certified_kg: int
    live_kg: int
    document: bytes
    case_kg: int = 0
    case: bytes = b""


class ReceiptMoved(Fact, frozen=True, tag="receipt"):
    """A receipt is so from now on. `left_kg` and `storage_minor` tell of goods that left by this event."""

    receipt_id: bytes
    code: str
    holder: str
    kg: int
    event: str
    state: str
    pledgee: str = ""
    bound_to: bytes = b""
    valid_until: int = 0
    bundle_id: bytes = b""
    left_kg: int = 0
    storage_minor: int = 0
    document: bytes = b""


class DeliveryMoved(Fact, frozen=True, tag="delivery"):
    """A delivery is so from now on: its terms, its goods, its certificate, its deadlines.

    `price_minor` is for `price_kg` kg; `found` gives factors in millionths. Where it
    ends with one side owing the other, `owed_by` is that side, `amount_minor` what was taken from its margin
    and `owed_minor` the claim that is left.
    """

    delivery_id: bytes
    instrument: str
    seller: str
    buyer: str
    kg: int
    event: str
    state: str
    due_at: int
    currency: str
    net_kg: int = 0
    amount_minor: int = 0
    bundle_id: bytes = b""
    refusal: int = 0
    owed_minor: int = 0
    document: bytes = b""
    owed_by: str = ""
    site: str = ""
    grade: str = ""
    lots: int = 0
    price_minor: int = 0
    price_kg: int = 0
    accepted: bool = True
    agreed_by: str = ""
    weight_kg: int = 0
    found: tuple[tuple[str, int], ...] = ()
    receipts: tuple[bytes, ...] = ()
    bill: bytes = b""
    voyage: bytes = b""
    after_step: str = ""
    assign_by: int = 0
    certify_by: int = 0
    object_by: int = 0
    fund_by: int = 0
    incoterm: str = ""
    place: str = ""
    differential_minor: int = 0
    full_cargo_bp: int = 0
    final_at: str = ""
    goods_minor: int = 0
    costs: tuple[tuple[str, str, str, int, int, bytes], ...] = ()
    """(cost, who paid it, currency, paid, in the delivery's currency, SHA-256 of the paper)"""


class CoverMoved(Fact, frozen=True, tag="delivery.cover"):
    """What happened in the auction that makes up for a side of a delivery that has failed, or in its place.

    `event` is OPENED (until when, the worst price), OFFERED, BACKED (up to which price the other side trades on),
    AWARDED (to whom, for how much; 0 where no goods changed hands), OVER (lots, price, and what was taken from
    margin), or BY_HAND (a price that two people gave, and why).
    """

    delivery_id: bytes
    event: str
    state: str
    bidder: str = ""
    number: int = 0
    lots: int = 0
    price_minor: int = 0
    minor: int = 0
    bundle_id: bytes = b""
    closes_at: int = 0
    reason: str = ""


TITLE_FACTS = (SitePut, ReceiptClassOpened, StockFound, ReceiptMoved, DeliveryMoved, CoverMoved)
