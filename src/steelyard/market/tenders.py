"""The life of a tender: every state, every event, every step between them, and what a node keeps of each.

A tender is drafted and published by its buyer. Until the close, bidders commit to offers by their hash and set a
bond aside; then they reveal. What is revealed is opened and evaluated; after the standstill it is awarded, and
contracted when every winner has signed. One winner who does not sign in time, or an offer, vessel or rate of the
award that ends before it is awarded, leads back to OPENED: what is left is evaluated anew. What ends without being
in the award leaves too, but the best of fewer is the same, so nothing has to be evaluated.

`due_at` is the one deadline of the present state. Every end gives back or forfeits every bond that is still held.
"""

from collections.abc import Iterator
from enum import StrEnum
from hashlib import sha256

from msgspec import Struct

from steelyard.market.award import Award
from steelyard.market.tender import SHIPPED, Capacity, CostRate, FirmRate, Offer, Tender, Vessel
from steelyard.values.instants import Instant
from steelyard.values.wide import packed, unpacked

TENDERS_MAX = 1_000
"""Tenders that are under way on one node"""
BUYERS_MAX = 50
"""Of one buyer"""
BIDS_MAX = 100
OFFERS_MAX = 8
"""Of one bidder in one tender"""
VESSELS_MAX = 200
OVER_MAX = 20
"""How many tenders that are over a node shows without its projection."""
UNSAID = -1
"""A bond about which the terms say nothing"""
KIND = "tender"
"""What a solver is told that it is asked for."""


class TenderState(StrEnum):
    """Where a tender is."""

    DRAFT = "DRAFT"
    PUBLISHED = "PUBLISHED"
    SEALED = "SEALED"
    OPENED = "OPENED"
    EVALUATED = "EVALUATED"
    STANDSTILL = "STANDSTILL"
    AWARDED = "AWARDED"
    CONTRACTED = "CONTRACTED"
    CANCELLED = "CANCELLED"


class TenderEvent(StrEnum):
    """What can happen to a tender."""

    PUBLISHED = "PUBLISHED"
    CLOSED = "CLOSED"
    OPENED = "OPENED"
    EVALUATED = "EVALUATED"
    STOOD = "STOOD"
    LAPSED = "LAPSED"
    AWARDED = "AWARDED"
    SIGNED = "SIGNED"
    UNSIGNED = "UNSIGNED"
    CANCELLED = "CANCELLED"


S, E = TenderState, TenderEvent
STEPS: dict[TenderState, dict[TenderEvent, TenderState]] = {
    S.DRAFT: {E.PUBLISHED: S.PUBLISHED, E.CANCELLED: S.CANCELLED},
    S.PUBLISHED: {E.CLOSED: S.SEALED, E.CANCELLED: S.CANCELLED},
    S.SEALED: {E.OPENED: S.OPENED, E.CANCELLED: S.CANCELLED},
    S.OPENED: {E.EVALUATED: S.EVALUATED, E.CANCELLED: S.CANCELLED},
    S.EVALUATED: {E.STOOD: S.STANDSTILL, E.LAPSED: S.OPENED, E.CANCELLED: S.CANCELLED},
    S.STANDSTILL: {E.AWARDED: S.AWARDED, E.LAPSED: S.OPENED, E.CANCELLED: S.CANCELLED},
    S.AWARDED: {E.SIGNED: S.CONTRACTED, E.UNSIGNED: S.OPENED},
    S.CONTRACTED: {},
    S.CANCELLED: {},
}
OVER = (S.CONTRACTED, S.CANCELLED)


def step(state: TenderState, event: TenderEvent) -> TenderState | None:
    """Give the state that follows, or None where the event has no place there.

    >>> step(TenderState.STANDSTILL, TenderEvent.LAPSED).value, step(TenderState.AWARDED, TenderEvent.CANCELLED)
    ('OPENED', None)
    """
    return STEPS[state].get(event)


class Terms(Struct, array_like=True, frozen=True, gc=False, forbid_unknown_fields=True):
    """What a buyer asks for and by which rules; see `Tender` for those of the award. Times are in ns."""

    asset: str
    """The basket: what costs, budget and bonds are counted in"""
    cargoes: int
    cargo_t: int
    vessels: tuple[Vessel, ...]
    close_at: Instant
    """Offers come before it"""
    open_at: Instant
    """and are revealed before this"""
    standstill_ns: int
    decide_ns: int
    """How long after an evaluation the tender ends by itself, unless awarded"""
    sign_ns: int
    bond_minor: int
    forfeits: bool | None = None
    """Whether the bond of who does not reveal, or sign, goes to the buyer; None is said of a draft alone"""
    origin_max: int = 0
    capacities: tuple[Capacity, ...] = ()
    budget_minor: int = 0
    suppliers_max: int = 0
    insurance_bp: int = 0
    finance_bp: int = 0
    costs: tuple[CostRate, ...] = ()


class Bid(Struct, array_like=True, frozen=True, gc=False):
    """What a bidder has committed to. `offers` are empty until revealed; `bond` is empty once it is gone."""

    bidder: str
    commitment: bytes
    bid_at: Instant
    bond: bytes
    """Bundle by which it is set aside"""
    offers: tuple[Offer, ...] = ()
    signed: bool = False
    out: bool = False
    """Did not sign in time: its offers are no longer looked at"""
    content: bytes = b""
    """What was revealed, as it was committed to, and `salt` with it: by these anybody checks the commitment"""
    salt: bytes = b""


class TenderCase(Struct, array_like=True, gc=False):
    """One tender under way."""

    tender_id: bytes
    buyer: str
    terms: Terms
    state: TenderState = S.DRAFT
    due_at: Instant = 0
    """When the present state ends by itself, 0 for never"""
    bids: dict[str, Bid] = {}
    """By bidder, in the order of commitment"""
    rates: tuple[FirmRate, ...] = ()
    asks: int = 0
    """How often it was evaluated, or is being"""
    asked_at: Instant = 0
    asked_seq: int = 0
    award: Award | None = None
    stands_until: Instant = 0
    decide_at: Instant = 0
    reason: str = ""
    is_public: bool = False
    """Has been published; what never was is its buyer's alone"""

    @property
    def was_opened(self) -> bool:
        """Tell whether its offers have been opened: before that nobody is shown one."""
        return self.asks > 0

    def problem(self) -> Tender:
        """Give what is to be evaluated, as it was when the question was asked."""
        terms = self.terms
        offers = tuple(offer for bid in self.bids.values() if not bid.out for offer in bid.offers)
        return Tender(
            terms.cargoes, terms.cargo_t, offers, terms.vessels, terms.origin_max, terms.capacities,
            terms.budget_minor, terms.suppliers_max, terms.insurance_bp, terms.finance_bp, self.rates, self.asked_at,
            terms.costs,
        )  # fmt: skip

    def winners(self) -> list[str]:
        """Give who sells something by the award, sorted."""
        if self.award is None:
            return []
        taken = {offer for offer, _, _ in self.award.cargoes}
        return sorted(
            bid.bidder for bid in self.bids.values() if any(offer.id in taken for offer in bid.offers)
        )

    def lapses_at(self) -> Instant:
        """Give when the first offer, vessel or rate of the award ends."""
        if self.award is None or not self.award.cargoes:
            return 2**62
        offers = {offer.id: offer for bid in self.bids.values() for offer in bid.offers}
        vessels = {vessel.id: vessel for vessel in self.terms.vessels}
        rates = {rate.currency: rate.valid_until for rate in self.rates}
        ends = []
        for offer_id, vessel_id, _ in self.award.cargoes:
            for one in (offers[offer_id], vessels.get(vessel_id, SHIPPED)):
                ends += [one.valid_until, rates.get(one.currency, 2**62)]
        return min(ends)


def commitment(tender_id: bytes, bidder: str, content: bytes, salt: bytes) -> bytes:
    """Give the hash by which a bidder binds itself: of these offers, in this tender, by this bidder.

    `content` is the canonical msgpack of the offers as they will be revealed.

    >>> commitment(bytes(16), "ANNANOR0", b"", bytes(16)).hex()[:16]
    'd451e5304e018143'
    """
    bound = sha256(b"steelyard.tender\0" + tender_id + bidder.encode() + b"\0" + sha256(content).digest())
    bound.update(salt)
    return bound.digest()


class Tenders:
    """The tenders of one node. `fresh` are those that have just asked to be evaluated: wiring, no state."""

    __slots__ = ("fresh", "live", "over")

    def __init__(self) -> None:
        self.live: dict[bytes, TenderCase] = {}
        self.over: list[TenderCase] = []
        self.fresh: list[TenderCase] = []

    def of_buyer(self, buyer: str) -> int:
        """Count the tenders that a buyer has under way."""
        return sum(1 for case in self.live.values() if case.buyer == buyer)

    def asking(self) -> Iterator[TenderCase]:
        """Give the tenders that wait for an evaluation."""
        yield from (case for case in self.live.values() if case.state is S.OPENED)

    def end(self, case: TenderCase) -> None:
        """Keep a tender that is over among the last of them."""
        del self.live[case.tender_id]
        self.over = [*self.over, case][-OVER_MAX:]

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return packed(_Saved(list(self.live.values()), self.over))

    @classmethod
    def decode(cls, data: bytes) -> "Tenders":
        """Build what `encode` described."""
        saved = unpacked(data, _Saved)
        tenders = cls()
        tenders.live = {case.tender_id: case for case in saved.live}
        tenders.over = saved.over
        return tenders


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    live: list[TenderCase]
    over: list[TenderCase]
