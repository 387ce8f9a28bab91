"""What the auction formats beside the call share: a bid, its checks, and who gets how many lots.

Lots go to the better price, and at one price to the earliest bid; the last winner may get fewer than he bid for.
Everybody pays his own price. Times come from the sequencer, so no two bids are equally early.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import NamedTuple

from msgspec import Struct

from steelyard.market.refusals.auctions import AuctionRefusal
from steelyard.values.instants import Instant

PRICE_END = 10**18
BIDS_MAX = 2_000
"""Bids of one auction."""


class Bid(Struct, array_like=True, frozen=True, gc=False):
    """A bid (or an offer) of so many lots at a price a lot. `seq` ranks it in time."""

    bid_id: str
    bidder: str
    price: int
    lots: int
    at: Instant
    seq: int


class Award(NamedTuple):
    """What a bid got."""

    bid_id: str
    bidder: str
    lots: int
    price: int


def award(bids: Iterable[Bid], lots: int, *, lowest_first: bool = False) -> list[Award]:
    """Give lots to bids: better price first, then the earliest, until there are none left.

    >>> bids = [Bid("1", "A", 50, 3, 0, 1), Bid("2", "B", 52, 1, 0, 2), Bid("3", "C", 50, 2, 0, 3)]
    >>> [(one.bidder, one.lots) for one in award(bids, 5)]
    [('B', 1), ('A', 3), ('C', 1)]
    """
    sign = 1 if lowest_first else -1
    won: list[Award] = []
    for bid in sorted(bids, key=lambda one: (sign * one.price, one.seq)):
        if not lots:
            break
        got = min(bid.lots, lots)
        won.append(Award(bid.bid_id, bid.bidder, got, bid.price))
        lots -= got
    return won


def best(bids: Iterable[Bid], keep: int, *, lowest_first: bool = False) -> tuple[str, ...]:
    """Give who makes the `keep` best of some bids, one of each bidder; all who are level with the last are in.

    >>> bids = [Bid("1", "A", 50, 1, 0, 1), Bid("2", "B", 51, 1, 0, 2), Bid("3", "C", 51, 1, 0, 3)]
    >>> best(bids, 2, lowest_first=True), best(bids, 1)
    (('A', 'B', 'C'), ('B', 'C'))
    """
    sign = 1 if lowest_first else -1
    ranked = sorted(bids, key=lambda one: (sign * one.price, one.seq))
    if len(ranked) > keep:
        edge = sign * ranked[keep - 1].price
        ranked = [one for one in ranked if sign * one.price <= edge]
    return tuple(one.bidder for one in ranked)


def check_shape(bid: Bid, *, lots: int, tick: int) -> AuctionRefusal | None:
    """Check lots and price of a bid as such."""
    if not 1 <= bid.lots <= lots:
        return AuctionRefusal.BID_LOTS_OUT_OF_RANGE
    if not 0 < bid.price < PRICE_END or bid.price % tick:
        return AuctionRefusal.BID_PRICE_NOT_ON_TICK
    return None


def check_sense(*, lots: int, tick: int, prices: Iterable[int], times: Iterable[Instant]) -> None:
    """Raise ValueError where the terms of an auction cannot be: prices on the tick, times rising."""
    known = list(times)
    if lots < 1 or lots >= PRICE_END or tick < 1:
        raise ValueError("an auction is of one lot or more, its tick is above zero")
    if any(not 0 <= price < PRICE_END or price % tick for price in prices):
        raise ValueError("the prices of an auction lie on its tick")
    if any(one >= other for one, other in pairwise([0, *known])):
        raise ValueError("the times of an auction rise")
