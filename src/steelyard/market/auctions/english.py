"""The English auction: open bids that rise until nobody goes higher.

Every bidder has one standing bid, which he may raise, never lower. While bids of others take all lots, a bid has to
beat the lowest of them that would get one by the step. A bid in the last `extend` before the close moves the close
to `extend` after it, at most `extensions_max` times: a bid in the last second wins nothing by being late.

It is sold to the highest bids, at one price the earliest, each at its own price, where they reach the reserve.
"""

from enum import StrEnum

from msgspec import Struct

from steelyard.market.auctions.bids import BIDS_MAX, Award, Bid, award, check_sense, check_shape
from steelyard.market.refusals.auctions import AuctionRefusal
from steelyard.values.instants import Instant


class EnglishState(StrEnum):
    """Where an English auction is."""

    ANNOUNCED = "ANNOUNCED"
    OPEN = "OPEN"
    EXTENDED = "EXTENDED"
    SOLD = "SOLD"
    UNSOLD = "UNSOLD"
    CANCELLED = "CANCELLED"


class EnglishEvent(StrEnum):
    """What can happen to it."""

    OPENED = "OPENED"
    BID = "BID"
    LATE_BID = "LATE_BID"
    CLOSED_WITH_WINNER = "CLOSED_WITH_WINNER"
    CLOSED_WITHOUT = "CLOSED_WITHOUT"
    CANCELLED = "CANCELLED"


S, E = EnglishState, EnglishEvent
_OPEN = {E.CLOSED_WITH_WINNER: S.SOLD, E.CLOSED_WITHOUT: S.UNSOLD, E.CANCELLED: S.CANCELLED}
STEPS: dict[EnglishState, dict[EnglishEvent, EnglishState]] = {
    S.ANNOUNCED: {E.OPENED: S.OPEN, E.CANCELLED: S.CANCELLED},
    S.OPEN: {E.BID: S.OPEN, E.LATE_BID: S.EXTENDED, **_OPEN},
    S.EXTENDED: {E.BID: S.EXTENDED, E.LATE_BID: S.EXTENDED, **_OPEN},
    S.SOLD: {},
    S.UNSOLD: {},
    S.CANCELLED: {},
}


class English(Struct, array_like=True, tag="english", gc=False):
    """One English auction. `start_minor` is the lowest bid, open; `reserve_minor` is kept to the end."""

    auction_id: str
    owner: str
    lots: int
    tick: int
    step_minor: int
    start_minor: int
    reserve_minor: int
    opens_at: Instant
    closes_at: Instant
    extend: Instant = 0
    extensions_max: int = 0
    state: EnglishState = S.ANNOUNCED
    extensions: int = 0
    bids: list[Bid] = []
    """All that were taken, in time; the last of a bidder stands"""
    reason: str = ""
    instrument: str = ""
    """What is sold or bought, in its units at its price a unit; empty: nothing that is listed"""

    def __post_init__(self) -> None:
        prices = (self.step_minor, self.start_minor, self.reserve_minor)
        check_sense(lots=self.lots, tick=self.tick, prices=prices, times=(self.opens_at, self.closes_at))
        if self.step_minor < 1 or self.extend < 0 or self.extensions_max < 0:
            raise ValueError("a step is a tick or more, an extension not negative")

    def due_at(self) -> Instant:
        """Give when it next moves by itself, 0 for never."""
        if self.state is S.ANNOUNCED:
            return self.opens_at
        return self.closes_at if self.state in (S.OPEN, S.EXTENDED) else 0

    def advance(self, at: Instant) -> None:
        """Open or close it where that is due."""
        if self.state is S.ANNOUNCED and at >= self.opens_at:
            self._step(E.OPENED)
        if self.state in (S.OPEN, S.EXTENDED) and at >= self.closes_at:
            self._step(E.CLOSED_WITH_WINNER if self._winners() else E.CLOSED_WITHOUT)

    def bid(self, bid: Bid) -> AuctionRefusal | None:
        """Take a bid, or say why not."""
        self.advance(bid.at)
        refusal = self._check(bid)
        if refusal is not None:
            return refusal
        self.bids = [*self.bids, bid]
        late = bid.at >= self.closes_at - self.extend and self.extensions < self.extensions_max
        if late:
            self.closes_at = bid.at + self.extend
            self.extensions += 1
        self._step(E.LATE_BID if late else E.BID)
        return None

    def _check(self, bid: Bid) -> AuctionRefusal | None:
        if self.state not in (S.OPEN, S.EXTENDED):
            return AuctionRefusal.AUCTION_DOES_NOT_ALLOW_IT
        if any(one.bid_id == bid.bid_id for one in self.bids):
            return AuctionRefusal.BID_ID_USED
        if bid.bidder == self.owner:
            return AuctionRefusal.BIDDER_NOT_INVITED
        refusal = check_shape(bid, lots=self.lots, tick=self.tick)
        if refusal is not None:
            return refusal
        if bid.price < self.start_minor:
            return AuctionRefusal.BID_BEYOND_RESERVE
        standing = self.standing()
        own = standing.pop(bid.bidder, None)
        if own is not None and (bid.price < own.price + self.step_minor or bid.lots < own.lots):
            return AuctionRefusal.BID_DOES_NOT_IMPROVE
        others = award(standing.values(), self.lots)
        taken = sum([one.lots for one in others])
        if taken == self.lots and bid.price < others[-1].price + self.step_minor:
            return AuctionRefusal.BID_DOES_NOT_IMPROVE
        return AuctionRefusal.AUCTION_IS_FULL if len(self.bids) >= BIDS_MAX else None

    def standing(self) -> dict[str, Bid]:
        """Give the standing bid of each bidder."""
        return {one.bidder: one for one in self.bids}

    def _winners(self) -> list[Award]:
        reached = [one for one in self.standing().values() if one.price >= self.reserve_minor]
        return award(reached, self.lots)

    def awards(self) -> list[Award]:
        """Give who gets what, once it is sold."""
        return self._winners() if self.state is S.SOLD else []

    def cancel(self, reason: str) -> AuctionRefusal | None:
        """End it without a sale, and say why."""
        if E.CANCELLED not in STEPS[self.state]:
            return AuctionRefusal.AUCTION_DOES_NOT_ALLOW_IT
        self._step(E.CANCELLED)
        self.reason = reason
        return None

    def _step(self, event: EnglishEvent) -> None:
        self.state = STEPS[self.state][event]
