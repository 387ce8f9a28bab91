"""Best and final: one sealed offer of everybody, then one last sealed offer of the best of them.

A first offer may be replaced until its time is over. The `keep` best, and all who are level with the last of them,
are invited; each makes one final offer, no worse than his first. Who is silent stands by his first. The owner sells
to the highest or buys from the lowest, at one price by the earliest offer, each at its own price; his reserve is
kept to the end.
"""

from enum import StrEnum

from msgspec import Struct

from steelyard.market.auctions.bids import BIDS_MAX, Award, Bid, award, best, check_sense, check_shape
from steelyard.market.refusals.auctions import AuctionRefusal
from steelyard.values.instants import Instant


class FinalState(StrEnum):
    """Where a best-and-final auction is."""

    ANNOUNCED = "ANNOUNCED"
    OFFERS = "OFFERS"
    FINAL = "FINAL"
    AWARDED = "AWARDED"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


class FinalEvent(StrEnum):
    """What can happen to it."""

    OPENED = "OPENED"
    OFFERED = "OFFERED"
    OFFERS_OVER = "OFFERS_OVER"
    OVER_WITH_WINNER = "OVER_WITH_WINNER"
    OVER_WITHOUT = "OVER_WITHOUT"
    CANCELLED = "CANCELLED"


S, E = FinalState, FinalEvent
STEPS: dict[FinalState, dict[FinalEvent, FinalState]] = {
    S.ANNOUNCED: {E.OPENED: S.OFFERS, E.CANCELLED: S.CANCELLED},
    S.OFFERS: {
        E.OFFERED: S.OFFERS,
        E.OFFERS_OVER: S.FINAL,
        E.OVER_WITHOUT: S.FAILED,
        E.CANCELLED: S.CANCELLED,
    },
    S.FINAL: {
        E.OFFERED: S.FINAL,
        E.OVER_WITH_WINNER: S.AWARDED,
        E.OVER_WITHOUT: S.FAILED,
        E.CANCELLED: S.CANCELLED,
    },
    S.AWARDED: {},
    S.FAILED: {},
    S.CANCELLED: {},
}


class BestAndFinal(Struct, array_like=True, tag="best_and_final", gc=False):
    """One such auction. `is_purchase`: the owner buys, and the lowest offer is the best; `reserve_minor` is secret."""

    auction_id: str
    owner: str
    lots: int
    tick: int
    is_purchase: bool
    reserve_minor: int
    opens_at: Instant
    offers_end_at: Instant
    final_end_at: Instant
    keep: int = 3
    state: FinalState = S.ANNOUNCED
    first: list[Bid] = []
    """One of each bidder"""
    final: list[Bid] = []
    """One of each who made one"""
    invited: tuple[str, ...] = ()
    reason: str = ""
    instrument: str = ""
    """What is sold or bought, in its units at its price a unit; empty: nothing that is listed"""

    def __post_init__(self) -> None:
        times = (self.opens_at, self.offers_end_at, self.final_end_at)
        check_sense(lots=self.lots, tick=self.tick, prices=(self.reserve_minor,), times=times)
        if self.keep < 1:
            raise ValueError("at least one is invited to a final offer")

    def due_at(self) -> Instant:
        """Give when it next moves by itself, 0 for never."""
        times = {S.ANNOUNCED: self.opens_at, S.OFFERS: self.offers_end_at, S.FINAL: self.final_end_at}
        return times.get(self.state, 0)

    def advance(self, at: Instant) -> None:
        """Open it, invite, and award, where that is due."""
        if self.state is S.ANNOUNCED and at >= self.opens_at:
            self._step(E.OPENED)
        if self.state is S.OFFERS and at >= self.offers_end_at:
            self.invited = best(self.first, self.keep, lowest_first=self.is_purchase)
            self._step(E.OFFERS_OVER if self.first else E.OVER_WITHOUT)
        if self.state is S.FINAL and at >= self.final_end_at:
            self._step(E.OVER_WITH_WINNER if self._winners() else E.OVER_WITHOUT)

    def bid(self, bid: Bid) -> AuctionRefusal | None:
        """Take an offer, or say why not."""
        self.advance(bid.at)
        refusal = self._check(bid)
        if refusal is not None:
            return refusal
        if self.state is S.OFFERS:
            self.first = [*(one for one in self.first if one.bidder != bid.bidder), bid]
        else:
            self.final = [*self.final, bid]
        self._step(E.OFFERED)
        return None

    def _check(self, bid: Bid) -> AuctionRefusal | None:
        is_final = self.state is S.FINAL
        again = is_final and any(one.bidder == bid.bidder for one in self.final)
        if self.state not in (S.OFFERS, S.FINAL) or again:
            return AuctionRefusal.AUCTION_DOES_NOT_ALLOW_IT
        if any(one.bid_id == bid.bid_id for one in [*self.first, *self.final]):
            return AuctionRefusal.BID_ID_USED
        if bid.bidder == self.owner or (is_final and bid.bidder not in self.invited):
            return AuctionRefusal.BIDDER_NOT_INVITED
        refusal = check_shape(bid, lots=self.lots, tick=self.tick)
        if refusal is not None:
            return refusal
        if is_final:
            own = next(one for one in self.first if one.bidder == bid.bidder)
            worse = bid.price > own.price if self.is_purchase else bid.price < own.price
            if worse or bid.lots < own.lots:
                return AuctionRefusal.BID_DOES_NOT_IMPROVE
        return AuctionRefusal.AUCTION_IS_FULL if len(self.first) + len(self.final) >= BIDS_MAX else None

    def _winners(self) -> list[Award]:
        last = {one.bidder: one for one in [*self.first, *self.final] if one.bidder in self.invited}
        reached = [
            one
            for one in last.values()
            if (one.price <= self.reserve_minor if self.is_purchase else one.price >= self.reserve_minor)
        ]
        return award(reached, self.lots, lowest_first=self.is_purchase)

    def awards(self) -> list[Award]:
        """Give who gets what, once it is awarded."""
        return self._winners() if self.state is S.AWARDED else []

    def cancel(self, reason: str) -> AuctionRefusal | None:
        """End it without an award, and say why."""
        if E.CANCELLED not in STEPS[self.state]:
            return AuctionRefusal.AUCTION_DOES_NOT_ALLOW_IT
        self._step(E.CANCELLED)
        self.reason = reason
        return None

    def _step(self, event: FinalEvent) -> None:
        self.state = STEPS[self.state][event]
