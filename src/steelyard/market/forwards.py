"""Forwards between two parties: what was agreed, and their life from the offer to a cargo, a difference or a circle.

All of it is in the table below. A forward ends as one of these: the seller names the cargo, and a delivery takes its
place; a closed ring of forwards is offset, and money differences are left; a side fails, and owes the difference to
the market; or what stands between cancels it.
"""

from collections.abc import Iterator
from enum import StrEnum
from functools import lru_cache

from msgspec import Struct, structs

from steelyard.market.contracts.forward import Forward
from steelyard.market.contracts.terms import Hindrance
from steelyard.market.refusals.contracts import ContractRefusal
from steelyard.market.trade_terms import TradeTerms
from steelyard.values.instants import Day, Instant
from steelyard.values.wide import packed, unpacked

FORWARDS_MAX = 100_000
OF_PARTY_MAX = 5_000
"""Most forwards that bind one party, with the offers it has made."""
OFFERS_MAX = 1_000
"""How many offers of one party may wait for the other side."""


class ForwardState(StrEnum):
    """Where a forward is."""

    OFFERED = "OFFERED"
    AGREED = "AGREED"
    HINDERED = "HINDERED"
    SELLER_FAILED = "SELLER_FAILED"
    BUYER_FAILED = "BUYER_FAILED"
    APPROPRIATED = "APPROPRIATED"
    OFFSET = "OFFSET"
    CLOSED = "CLOSED"
    CANCELLED = "CANCELLED"


class ForwardEvent(StrEnum):
    """What can happen to a forward."""

    OFFERED = "OFFERED"
    ACCEPTED = "ACCEPTED"
    DECLINED = "DECLINED"
    PART_APPROPRIATED = "PART_APPROPRIATED"
    APPROPRIATED = "APPROPRIATED"
    PART_OFFSET = "PART_OFFSET"
    OFFSET = "OFFSET"
    SELLER_RENOUNCED = "SELLER_RENOUNCED"
    BUYER_RENOUNCED = "BUYER_RENOUNCED"
    LATE = "LATE"
    HINDERED = "HINDERED"
    FORBIDDEN = "FORBIDDEN"
    RESUMED = "RESUMED"
    DIFFERENCE_PAID = "DIFFERENCE_PAID"


S, E = ForwardState, ForwardEvent
STEPS: dict[ForwardState, dict[ForwardEvent, ForwardState]] = {
    S.OFFERED: {E.ACCEPTED: S.AGREED, E.DECLINED: S.CANCELLED, E.LATE: S.CANCELLED},
    S.AGREED: {
        E.PART_APPROPRIATED: S.AGREED,
        E.APPROPRIATED: S.APPROPRIATED,
        E.PART_OFFSET: S.AGREED,
        E.OFFSET: S.OFFSET,
        E.SELLER_RENOUNCED: S.SELLER_FAILED,
        E.BUYER_RENOUNCED: S.BUYER_FAILED,
        E.LATE: S.SELLER_FAILED,
        E.HINDERED: S.HINDERED,
        E.FORBIDDEN: S.CANCELLED,
    },
    S.HINDERED: {E.RESUMED: S.AGREED, E.LATE: S.CANCELLED},
    S.SELLER_FAILED: {E.DIFFERENCE_PAID: S.CLOSED},
    S.BUYER_FAILED: {E.DIFFERENCE_PAID: S.CLOSED},
    S.APPROPRIATED: {},
    S.OFFSET: {},
    S.CLOSED: {},
    S.CANCELLED: {},
}
ENDS = tuple(state for state in S if not STEPS[state])
FAILURES = (S.SELLER_FAILED, S.BUYER_FAILED)


class Hinders(StrEnum):
    """What stands between a forward and its shipment."""

    PROHIBITION = "prohibition"
    FORCE_MAJEURE = "force_majeure"


class ForwardTerms(Struct, array_like=True, frozen=True, gc=False):
    """What two parties agree on under a contract: `contract` is its terms as they were read from a pack, packed.

    Figures of the contract are in `currency`, in which the price is too. `benchmark` is the series of published prices
    by which differences are settled. The last three are how long a delivery of it takes from the notice on.
    """

    contract: bytes
    site: str
    place: str
    lots: int
    price_minor: int
    currency: str
    from_on: Day
    to_on: Day
    benchmark: str
    full_cargo: bool
    certify_ns: int
    object_ns: int
    fund_ns: int

    @property
    def goods(self) -> tuple[object, ...]:
        """Give what makes two forwards ones of the same goods on the same terms: all but lots, price and times."""
        return (
            self.contract, self.site, self.place, self.currency, self.from_on, self.to_on, self.benchmark,
            self.full_cargo,
        )  # fmt: skip

    def read(self) -> Forward:
        """Give the contract; ValueError or msgspec.MsgspecError where it is none."""
        return _read(self.contract)

    @property
    def trade(self) -> TradeTerms:
        """Give the terms of trade that a delivery has."""
        contract = self.read()
        return TradeTerms(
            contract.incoterm, self.place, contract.differential(self.place) or 0,
            contract.options.full_cargo_bp if self.full_cargo else 0, contract.options.final_at,
        )  # fmt: skip

    @property
    def unit_minor(self) -> int:
        """Give the price at the place."""
        return self.price_minor + self.trade.differential_minor


@lru_cache(maxsize=64)
def _read(contract: bytes) -> Forward:
    """Read a contract: a memo of a pure function."""
    return unpacked(contract, Forward)


class ForwardSale(Struct, array_like=True, frozen=True, gc=False):
    """One forward. `due_at` ends the present state by itself.

    `lots` are those that no circle has offset and no cargo is for.
    """

    forward_id: bytes
    number: int
    terms: ForwardTerms
    seller: str
    buyer: str
    offered_by: str
    lots: int
    state: ForwardState = S.OFFERED
    due_at: Instant = 0
    hindered: bool = False
    later_days: int = 0
    """By how much a hindrance has put off the end of the shipment"""
    failed_on: Day = 0
    """The day whose market counts where a side has failed"""

    @property
    def other(self) -> str:
        """Give the side that has not offered it."""
        return self.buyer if self.offered_by == self.seller else self.seller

    @property
    def last_on(self) -> Day:
        """Give the last day of its shipment."""
        return self.terms.to_on + self.later_days


def moved(sale: ForwardSale, event: ForwardEvent) -> ForwardSale | ContractRefusal:
    """Give a forward after an event, without a deadline, or why the event has no place."""
    after = STEPS[sale.state].get(event)
    if after is None:
        return ContractRefusal.FORWARD_STATE_FORBIDS
    return structs.replace(sale, state=after, due_at=0)


def hindrance(sale: ForwardSale, what: Hinders) -> tuple[Hindrance, int]:
    """Give what follows by the contract, and for how many days."""
    options = sale.terms.read().options
    if what is Hinders.PROHIBITION:
        return options.prohibition, options.prohibition_days
    return options.force_majeure, options.force_majeure_days


class Forwards:
    """The forwards under way, by id; one that is over is not kept: the journal has it."""

    __slots__ = ("_all", "_held", "_offers", "next_number")

    def __init__(self) -> None:
        self._all: dict[bytes, ForwardSale] = {}
        self._held: dict[str, int] = {}
        self._offers: dict[str, int] = {}
        self.next_number = 1

    def __len__(self) -> int:
        return len(self._all)

    def get(self, forward_id: bytes) -> ForwardSale | ContractRefusal:
        """Give a forward that is under way."""
        return self._all.get(forward_id, ContractRefusal.FORWARD_NOT_FOUND)

    def offers_of(self, party: str) -> int:
        """Count the offers of a party that wait for the other side."""
        return self._offers.get(party, 0)

    def held_by(self, party: str) -> int:
        """Count the forwards that bind a party, with the offers it has made."""
        return self._held.get(party, 0)

    def take_number(self) -> int:
        """Give the next number: the order in which forwards were offered."""
        self.next_number += 1
        return self.next_number - 1

    def put(self, sale: ForwardSale) -> None:
        """Keep a forward as it is now; one that is over is let go."""
        old = self._all.pop(sale.forward_id, None)
        if old is not None:
            self._count(old, -1)
        if sale.state not in ENDS:
            self._all[sale.forward_id] = sale
            self._count(sale, 1)

    def _count(self, sale: ForwardSale, change: int) -> None:
        if sale.state is S.OFFERED:
            _add(self._offers, sale.offered_by, change)
            _add(self._held, sale.offered_by, change)
        else:
            _add(self._held, sale.seller, change)
            _add(self._held, sale.buyer, change)

    def each(self) -> Iterator[ForwardSale]:
        """Give every forward, in the order in which they were offered."""
        yield from sorted(self._all.values(), key=lambda one: (one.number, one.forward_id))

    def like(self, sale: ForwardSale) -> list[ForwardSale]:
        """Give the agreed forwards of the same goods on the same terms as one, oldest first."""
        goods = sale.terms.goods
        found = [one for one in self._all.values() if one.state is S.AGREED and one.terms.goods == goods]
        return sorted(found, key=lambda one: (one.number, one.forward_id))

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        return packed((self.next_number, list(self.each())))

    @classmethod
    def decode(cls, data: bytes) -> "Forwards":
        """Build what `encode` described."""
        number, each = unpacked(data, tuple[int, list[ForwardSale]])
        made = cls()
        made.next_number = number
        for sale in each:
            made.put(sale)
        return made


def _add(counts: dict[str, int], party: str, change: int) -> None:
    count = counts.pop(party, 0) + change
    if count:
        counts[party] = count
