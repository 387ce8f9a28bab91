"""The reverse auction in three rounds: a buyer, sellers who underbid one another, fewer of them every round.

In the first round anybody offers; in the second the `keep[0]` best of the first are in, in the third the `keep[1]`
best of the second, and all who are level with the last of them. Who is in may offer again for less by the step or
more, and for no fewer lots; who is silent keeps his offer. A round ends at its time, and what it has come to is
told; within a round offers are sealed. Lots are bought from the cheapest, at one price from the earliest offer,
each at its own price.
"""

from enum import StrEnum

from msgspec import Struct

from steelyard.market.auctions.bids import BIDS_MAX, Award, Bid, award, best, check_sense, check_shape
from steelyard.market.refusals.auctions import AuctionRefusal
from steelyard.values.instants import Instant


class ReverseState(StrEnum):
    """Where a reverse auction is."""

    ANNOUNCED = "ANNOUNCED"
    ROUND_1 = "ROUND_1"
    ROUND_2 = "ROUND_2"
    ROUND_3 = "ROUND_3"
    AWARDED = "AWARDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class ReverseEvent(StrEnum):
    """What can happen to it."""

    OPENED = "OPENED"
    OFFERED = "OFFERED"
    ROUND_OVER = "ROUND_OVER"
    NOBODY_OFFERED = "NOBODY_OFFERED"
    CANCELLED = "CANCELLED"


S, E = ReverseState, ReverseEvent
STEPS: dict[ReverseState, dict[ReverseEvent, ReverseState]] = {
    S.ANNOUNCED: {E.OPENED: S.ROUND_1, E.CANCELLED: S.CANCELLED},
    S.ROUND_1: {
        E.OFFERED: S.ROUND_1,
        E.ROUND_OVER: S.ROUND_2,
        E.NOBODY_OFFERED: S.FAILED,
        E.CANCELLED: S.CANCELLED,
    },
    S.ROUND_2: {E.OFFERED: S.ROUND_2, E.ROUND_OVER: S.ROUND_3, E.CANCELLED: S.CANCELLED},
    S.ROUND_3: {E.OFFERED: S.ROUND_3, E.ROUND_OVER: S.AWARDED, E.CANCELLED: S.CANCELLED},
    S.AWARDED: {},
    S.FAILED: {},
    S.CANCELLED: {},
}
ROUNDS = (S.ROUND_1, S.ROUND_2, S.ROUND_3)


class ReverseRounds(Struct, array_like=True, tag="reverse_rounds", gc=False):
    """One reverse auction. `ceiling_minor` is the most that is paid, open."""

    auction_id: str
    owner: str
    lots: int
    tick: int
    step_minor: int
    ceiling_minor: int
    opens_at: Instant
    ends_at: tuple[Instant, Instant, Instant]
    """Of the three rounds"""
    keep: tuple[int, int] = (5, 3)
    state: ReverseState = S.ANNOUNCED
    offers: list[Bid] = []
    """All that were taken, in time; the last of a bidder stands"""
    inside: tuple[str, ...] = ()
    """Who may offer from the second round on"""
    told: tuple[int, ...] = ()
    """The lowest price of each round that is over"""
    reason: str = ""
    instrument: str = ""
    """What is sold or bought, in its units at its price a unit; empty: nothing that is listed"""

    def __post_init__(self) -> None:
        prices = (self.step_minor, self.ceiling_minor)
        check_sense(lots=self.lots, tick=self.tick, prices=prices, times=(self.opens_at, *self.ends_at))
        if self.step_minor < 1 or self.ceiling_minor < 1 or not 1 <= self.keep[1] <= self.keep[0]:
            raise ValueError("fewer are kept every round, at least one; the step is a tick or more")

    def due_at(self) -> Instant:
        """Give when it next moves by itself, 0 for never."""
        if self.state is S.ANNOUNCED:
            return self.opens_at
        return self.ends_at[ROUNDS.index(self.state)] if self.state in ROUNDS else 0

    def advance(self, at: Instant) -> None:
        """Open it, and end every round that is over."""
        if self.state is S.ANNOUNCED and at >= self.opens_at:
            self._step(E.OPENED)
        while self.state in ROUNDS and at >= self.due_at():
            self._end_round()

    def _end_round(self) -> None:
        standing = self.standing()
        if not standing:
            self._step(E.NOBODY_OFFERED)
            return
        self.told = (*self.told, min(one.price for one in standing.values()))
        number = ROUNDS.index(self.state)
        if number < 2:
            inside = [one for name, one in standing.items() if number == 0 or name in self.inside]
            self.inside = best(inside, self.keep[number], lowest_first=True)
        self._step(E.ROUND_OVER)

    def bid(self, bid: Bid) -> AuctionRefusal | None:
        """Take an offer, or say why not."""
        self.advance(bid.at)
        refusal = self._check(bid)
        if refusal is None:
            self.offers = [*self.offers, bid]
            self._step(E.OFFERED)
        return refusal

    def _check(self, bid: Bid) -> AuctionRefusal | None:
        if self.state not in ROUNDS:
            return AuctionRefusal.AUCTION_DOES_NOT_ALLOW_IT
        if any(one.bid_id == bid.bid_id for one in self.offers):
            return AuctionRefusal.BID_ID_USED
        is_out = self.state is not S.ROUND_1 and bid.bidder not in self.inside
        if bid.bidder == self.owner or is_out:
            return AuctionRefusal.BIDDER_NOT_INVITED
        refusal = check_shape(bid, lots=self.lots, tick=self.tick)
        if refusal is not None:
            return refusal
        if bid.price > self.ceiling_minor:
            return AuctionRefusal.BID_BEYOND_RESERVE
        own = self.standing().get(bid.bidder)
        if own is not None and (bid.price > own.price - self.step_minor or bid.lots < own.lots):
            return AuctionRefusal.BID_DOES_NOT_IMPROVE
        return AuctionRefusal.AUCTION_IS_FULL if len(self.offers) >= BIDS_MAX else None

    def standing(self) -> dict[str, Bid]:
        """Give the standing offer of each seller."""
        return {one.bidder: one for one in self.offers}

    def awards(self) -> list[Award]:
        """Give who sells what, once it is awarded: of those who were in the last round."""
        if self.state is not S.AWARDED:
            return []
        last = [one for name, one in self.standing().items() if name in self.inside]
        return award(last, self.lots, lowest_first=True)

    def cancel(self, reason: str) -> AuctionRefusal | None:
        """End it without an award, and say why."""
        if E.CANCELLED not in STEPS[self.state]:
            return AuctionRefusal.AUCTION_DOES_NOT_ALLOW_IT
        self._step(E.CANCELLED)
        self.reason = reason
        return None

    def _step(self, event: ReverseEvent) -> None:
        self.state = STEPS[self.state][event]
