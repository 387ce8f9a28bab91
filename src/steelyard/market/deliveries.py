"""The deliveries that are under way: what each is about, who owes whom what, and where it is.

A delivery that is over is not kept: the journal has it. What it locked and set aside is given back in the command
that ends it, or has gone over to the buyer.
"""

from collections.abc import Iterator

from msgspec import Struct, structs

from steelyard.market.contracts.terms import Delivered, delivered
from steelyard.market.cover_auction import CoverAuction
from steelyard.market.delivery import ENDS, Deadlines, DeliveryEvent, DeliveryState, step
from steelyard.market.quality import QualitySchedule
from steelyard.market.refusals.delivery import DeliveryRefusal
from steelyard.market.trade_terms import CostPaid, TradeTerms
from steelyard.values.instants import Day, Instant
from steelyard.values.wide import packed, unpacked

DELIVERIES_MAX = 100_000
OFFERS_MAX = 1_000
"""How many offers of one seller may wait for their buyers."""
RECEIPTS_MAX = 100
AFTER_SETTLED = (DeliveryState.SETTLED, DeliveryState.LOADING, DeliveryState.LOADED)


class Terms(Struct, array_like=True, frozen=True, gc=False):
    """What was agreed: so many lots of a grade at a site, at a price for the schedule's unit of weight.

    The price is in `currency`, which is what the seller gets. `tolerance_bp` is by how much the kg may differ.
    """

    instrument: str
    site: str
    grade: str
    lots: int
    unit_kg: int
    tolerance_bp: int
    price_minor: int
    currency: str
    schedule: QualitySchedule
    benchmark: str = ""
    """The series of published prices by which it is settled where force majeure cancels it"""
    trade: TradeTerms = TradeTerms()

    @property
    def agreed_minor(self) -> int:
        """Give the price agreed, with what the place adds to it."""
        return self.price_minor + self.trade.differential_minor

    @property
    def kg(self) -> int:
        """What the lots come to."""
        return self.lots * self.unit_kg

    def fits(self, kg: int) -> bool:
        """Tell whether a weight is within the tolerance."""
        return not self.delivered(kg).is_default

    def delivered(self, kg: int) -> Delivered:
        """Give what of a weight is paid at the price agreed, what at the market."""
        return delivered(self.kg, kg, tolerance_bp=self.tolerance_bp, full_cargo_bp=self.trade.full_cargo_bp)


class Delivery(Struct, array_like=True, frozen=True, gc=False):
    """One delivery. `due_at` ends the present state by itself, 0 for never.

    `reservation` is the bundle that holds the buyer's money; `after_step` the step of `voyage` that must have been
    taken before anything is paid.
    """

    delivery_id: bytes
    number: int
    terms: Terms
    seller: str
    buyer: str
    deadlines: Deadlines
    state: DeliveryState = DeliveryState.INTENDED
    due_at: Instant = 0
    before: DeliveryState = DeliveryState.CANCELLED
    """The state that force majeure came into"""
    accepted: bool = True
    hindered: bool = False
    receipts: tuple[bytes, ...] = ()
    bill: bytes = b""
    voyage: bytes = b""
    after_step: str = ""
    weight_kg: int = 0
    found: tuple[tuple[str, int], ...] = ()
    """The certificate: factor, millionths"""
    net_kg: int = 0
    amount_minor: int = 0
    reservation: bytes = b""
    agreed_by: str = ""
    agreed: bytes = b""
    """SHA-256 of the alternative that one side has agreed to"""
    cleared: bool = False
    """Whether its instrument is a cleared contract, whose lots it ends"""
    loaded_on: Day = 0
    """The day of its bill of lading; 0 where it has none"""
    goods_minor: int = 0
    """What of the amount is for the goods; the rest is costs"""
    costs: tuple[CostPaid, ...] = ()
    auction: CoverAuction | None = None
    """What makes up for a side that has failed, while it is under way"""
    unsold: bool = False
    """Whether an auction has found nobody for the lots that are left"""


class Deliveries:
    """All deliveries under way, by id."""

    __slots__ = ("_all", "_lots", "_offers", "next_number")

    def __init__(self) -> None:
        self._all: dict[bytes, Delivery] = {}
        self._offers: dict[str, int] = {}
        self._lots: dict[tuple[str, str, bool], int] = {}
        self.next_number = 1

    def __len__(self) -> int:
        return len(self._all)

    def get(self, delivery_id: bytes) -> Delivery | DeliveryRefusal:
        """Give a delivery that is under way."""
        return self._all.get(delivery_id, DeliveryRefusal.DELIVERY_NOT_FOUND)

    def has_room(self, count: int = 1) -> bool:
        """Tell whether so many deliveries more can be kept."""
        return len(self._all) + count <= DELIVERIES_MAX

    def offers_of(self, seller: str) -> int:
        """Count the offers of a seller that are not accepted yet."""
        return self._offers.get(seller, 0)

    def lots_of(self, contract: str, owner: str, *, long: bool) -> int:
        """Give how many lots of a cleared contract the owner's deliveries are for that have not settled."""
        return self._lots.get((contract, owner, long), 0)

    def take_number(self) -> int:
        """Give the next number: the order in which deliveries were opened."""
        self.next_number += 1
        return self.next_number - 1

    def put(self, delivery: Delivery) -> None:
        """Keep a delivery as it is now; one that is over is let go."""
        old = self._all.pop(delivery.delivery_id, None)
        if old is not None:
            self._bind(old, -1)
        if old is not None and not old.accepted:
            self._offers[old.seller] -= 1
        if delivery.state not in ENDS:
            self._all[delivery.delivery_id] = delivery
            self._bind(delivery, 1)
            if not delivery.accepted:
                self._offers[delivery.seller] = self._offers.get(delivery.seller, 0) + 1

    def _bind(self, delivery: Delivery, sign: int) -> None:
        """Count the lots of a cleared delivery that has not settled, for both sides."""
        if not delivery.cleared or delivery.state in AFTER_SETTLED:
            return
        for owner, long in ((delivery.seller, False), (delivery.buyer, True)):
            key = (delivery.terms.instrument, owner, long)
            lots = self._lots.pop(key, 0) + sign * delivery.terms.lots
            if lots and owner:
                self._lots[key] = lots

    def each(self) -> Iterator[Delivery]:
        """Give every delivery, in the order in which they were opened."""
        yield from sorted(self._all.values(), key=lambda one: (one.number, one.delivery_id))

    def without_buyer(self, instrument: str) -> list[Delivery]:
        """Give the matched deliveries of an instrument that wait for a buyer, oldest first."""
        return [
            one
            for one in self.each()
            if one.terms.instrument == instrument and one.state is DeliveryState.MATCHED and not one.buyer
        ]

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return packed((self.next_number, list(self.each())))

    @classmethod
    def decode(cls, data: bytes) -> "Deliveries":
        """Build what `encode` described."""
        number, each = unpacked(data, tuple[int, list[Delivery]])
        made = cls()
        made.next_number = number
        for delivery in each:
            made.put(delivery)
        return made


def moved(delivery: Delivery, event: DeliveryEvent) -> Delivery | DeliveryRefusal:
    """Give the delivery after an event, with the deadline of its new state, or why the event has no place."""
    after = step(delivery.state, event, before=delivery.before)
    if after is None:
        return DeliveryRefusal.DELIVERY_STATE_FORBIDS
    return structs.replace(delivery, state=after, due_at=delivery.deadlines.of(after))


def hinder(delivery: Delivery, *, at: Instant) -> Delivery | DeliveryRefusal:
    """Let force majeure come between: every deadline moves once, and its own ends with the extension."""
    after = moved(delivery, DeliveryEvent.HINDERED)
    if isinstance(after, DeliveryRefusal):
        return after
    if delivery.hindered:
        return DeliveryRefusal.FORCE_MAJEURE_WAS_USED
    return structs.replace(
        after, before=delivery.state, hindered=True, deadlines=delivery.deadlines.later(),
        due_at=at + delivery.deadlines.extension_ns,
    )  # fmt: skip
