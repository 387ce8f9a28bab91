"""The Dutch auction: a price that falls until somebody takes.

The clock starts at `start_minor` and falls by `step_minor` every `interval`, not below `floor_minor`. Who takes gets
his lots at the price of that moment, at once; the price falls on for what is left. A take for more than is left gets
what is left. It is over when nothing is left, or when the floor has stood for an interval.
"""

from enum import StrEnum

from msgspec import Struct

from steelyard.market.auctions.bids import BIDS_MAX, Award, Bid, check_sense
from steelyard.market.refusals.auctions import AuctionRefusal
from steelyard.values.instants import Instant


class DutchState(StrEnum):
    """Where a Dutch auction is."""

    ANNOUNCED = "ANNOUNCED"
    FALLING = "FALLING"
    SOLD = "SOLD"
    """All lots"""
    ENDED = "ENDED"
    """At the floor, with lots left"""
    CANCELLED = "CANCELLED"


class DutchEvent(StrEnum):
    """What can happen to it."""

    OPENED = "OPENED"
    TAKEN = "TAKEN"
    TAKEN_OUT = "TAKEN_OUT"
    RAN_OUT = "RAN_OUT"
    CANCELLED = "CANCELLED"


S, E = DutchState, DutchEvent
STEPS: dict[DutchState, dict[DutchEvent, DutchState]] = {
    S.ANNOUNCED: {E.OPENED: S.FALLING, E.CANCELLED: S.CANCELLED},
    S.FALLING: {
        E.TAKEN: S.FALLING,
        E.TAKEN_OUT: S.SOLD,
        E.RAN_OUT: S.ENDED,
        E.CANCELLED: S.CANCELLED,
    },
    S.SOLD: {},
    S.ENDED: {},
    S.CANCELLED: {},
}


class Dutch(Struct, array_like=True, tag="dutch", gc=False):
    """One Dutch auction. What was taken before a cancellation stays sold."""

    auction_id: str
    owner: str
    lots: int
    tick: int
    start_minor: int
    floor_minor: int
    step_minor: int
    opens_at: Instant
    interval: Instant
    state: DutchState = S.ANNOUNCED
    takes: list[Bid] = []
    """In time; lots are those that were got, the price is that of the moment"""
    reason: str = ""
    instrument: str = ""
    """What is sold or bought, in its units at its price a unit; empty: nothing that is listed"""

    def __post_init__(self) -> None:
        prices = (self.start_minor, self.floor_minor, self.step_minor)
        check_sense(lots=self.lots, tick=self.tick, prices=prices, times=(self.opens_at,))
        if not 0 < self.floor_minor < self.start_minor or self.step_minor < 1 or self.interval < 1:
            raise ValueError("the price falls from the start to a floor above zero, step by step")

    @property
    def left(self) -> int:
        """Lots that nobody has taken."""
        return self.lots - sum([one.lots for one in self.takes])

    def closes_at(self) -> Instant:
        """Give when it ends with lots left: when the floor has stood for an interval."""
        steps = -(-(self.start_minor - self.floor_minor) // self.step_minor)
        return self.opens_at + (steps + 1) * self.interval

    def price_at(self, at: Instant) -> int:
        """Give the price of a moment from the opening on."""
        steps = (at - self.opens_at) // self.interval
        return max(self.floor_minor, self.start_minor - steps * self.step_minor)

    def due_at(self) -> Instant:
        """Give when it next moves by itself, 0 for never; the price needs no event to fall."""
        if self.state is S.ANNOUNCED:
            return self.opens_at
        return self.closes_at() if self.state is S.FALLING else 0

    def advance(self, at: Instant) -> None:
        """Open or end it where that is due."""
        if self.state is S.ANNOUNCED and at >= self.opens_at:
            self._step(E.OPENED)
        if self.state is S.FALLING and at >= self.closes_at():
            self._step(E.RAN_OUT)

    def bid(self, bid: Bid) -> AuctionRefusal | None:
        """Take lots at the price of the moment, or say why not.

        The bid's price is the most that is paid, 0 for any; the clock above it refuses the take.
        """
        self.advance(bid.at)
        if self.state is not S.FALLING:
            return AuctionRefusal.AUCTION_DOES_NOT_ALLOW_IT
        if any(one.bid_id == bid.bid_id for one in self.takes):
            return AuctionRefusal.BID_ID_USED
        if bid.bidder == self.owner:
            return AuctionRefusal.BIDDER_NOT_INVITED
        if not 1 <= bid.lots <= self.lots:
            return AuctionRefusal.BID_LOTS_OUT_OF_RANGE
        if bid.price < 0 or bid.price % self.tick:
            return AuctionRefusal.BID_PRICE_NOT_ON_TICK
        price = self.price_at(bid.at)
        if bid.price and bid.price < price:
            return AuctionRefusal.BID_DOES_NOT_IMPROVE
        if len(self.takes) >= BIDS_MAX:
            return AuctionRefusal.AUCTION_IS_FULL
        lots = min(bid.lots, self.left)
        self.takes = [*self.takes, Bid(bid.bid_id, bid.bidder, price, lots, bid.at, bid.seq)]
        self._step(E.TAKEN if self.left else E.TAKEN_OUT)
        return None

    def awards(self) -> list[Award]:
        """Give who has got what, in time."""
        return [Award(one.bid_id, one.bidder, one.lots, one.price) for one in self.takes]

    def cancel(self, reason: str) -> AuctionRefusal | None:
        """End it, and say why; what was taken stays sold."""
        if E.CANCELLED not in STEPS[self.state]:
            return AuctionRefusal.AUCTION_DOES_NOT_ALLOW_IT
        self._step(E.CANCELLED)
        self.reason = reason
        return None

    def _step(self, event: DutchEvent) -> None:
        self.state = STEPS[self.state][event]
