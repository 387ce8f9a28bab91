"""The auctions that are under way, of every format, and what the last of them came to.

What differs by format is in its own file; here an auction begins, takes bids, moves when its time has come, and is
kept as a result when it is over. A refused bid changes nothing, not even what was due before it: the tick does that.
"""

from copy import copy

from msgspec import Struct

from steelyard.market.auctions.best_and_final import BestAndFinal
from steelyard.market.auctions.bids import Award, Bid
from steelyard.market.auctions.dutch import Dutch
from steelyard.market.auctions.english import English
from steelyard.market.auctions.reverse_rounds import ReverseRounds
from steelyard.market.auctions.sealed import Commitment, Revealed, SealedCall
from steelyard.market.refusals.auctions import AuctionRefusal
from steelyard.values.instants import Instant
from steelyard.values.wide import packed, unpacked

LIVE_MAX = 1_000
OWN_MAX = 50
"""Auctions under way of one owner"""
OWN_BIDS_MAX = 100
"""Bids, or sealed commitments, of one bidder in an auction: nobody fills it alone"""
OVER_KEPT = 500

ByBids = English | Dutch | ReverseRounds | BestAndFinal
Auction = ByBids | SealedCall
Bound = tuple[str, str, int]
"""Owner, asset, and how much of it is bound"""


class Over(Struct, array_like=True, frozen=True, gc=False):
    """What an auction came to. `root` is the Merkle root of a published one, empty where it was by open bids."""

    auction_id: str
    format: str
    state: str
    at: Instant
    awards: tuple[Award, ...] = ()
    root: bytes = b""
    price: int = 0
    volume: int = 0
    reason: str = ""


class Auctions:
    """Every auction under way by id, and the last that are over, oldest first."""

    __slots__ = ("_last", "bound", "live", "over")

    def __init__(self) -> None:
        self.live: dict[str, Auction] = {}
        self.over: list[Over] = []
        self.bound: dict[str, list[Bound]] = {}
        """By auction: what it binds on trade accounts and of committed receipts"""
        self._last: Auction | None = None

    @property
    def last(self) -> Auction:
        """Give the auction that has changed last, under way or over: wiring for a flow, no state."""
        assert self._last is not None
        return self._last

    def of_owner(self, owner: str) -> int:
        """Count the auctions that an owner has under way."""
        return sum([one.owner == owner for one in self.live.values()])

    def bids_of(self, auction_id: str, bidder: str) -> int:
        """Count what a bidder has handed in for an auction, standing or not."""
        found = self.live.get(auction_id)
        if isinstance(found, SealedCall):
            return sum([one.owner == bidder for one in found.commitments.values()])
        if isinstance(found, BestAndFinal):
            bids = [*found.first, *found.final]
        elif isinstance(found, Dutch):
            bids = found.takes
        elif isinstance(found, ReverseRounds):
            bids = found.offers
        else:
            bids = found.bids if found is not None else []
        return sum([one.bidder == bidder for one in bids])

    def refuses(self, auction: Auction) -> AuctionRefusal | None:
        """Say why an auction would not be announced, or None; its id is of none that is kept."""
        if auction.auction_id in self.live or any(one.auction_id == auction.auction_id for one in self.over):
            return AuctionRefusal.BID_ID_USED
        if len(self.live) >= LIVE_MAX:
            return AuctionRefusal.AUCTION_IS_FULL
        return None

    def begin(self, auction: Auction) -> AuctionRefusal | None:
        """Announce an auction."""
        refusal = self.refuses(auction)
        if refusal is None:
            self.live[auction.auction_id] = auction
        return refusal

    def bid(self, auction_id: str, bid: Bid) -> AuctionRefusal | None:
        """Take a bid for an auction by bids."""
        found = self.live.get(auction_id)
        if found is None or isinstance(found, SealedCall):
            return AuctionRefusal.AUCTION_DOES_NOT_ALLOW_IT
        trial = copy(found)  # lists are replaced and never changed, so what is copied stays as it was
        refusal = trial.bid(bid)
        if refusal is None:
            self._keep(trial, bid.at)
        return refusal

    def commit(self, auction_id: str, commitment: Commitment) -> AuctionRefusal | None:
        """Take a commitment for a sealed call."""
        found = self.live.get(auction_id)
        if not isinstance(found, SealedCall):
            return AuctionRefusal.AUCTION_DOES_NOT_ALLOW_IT
        trial = copy(
            found
        )  # its dictionaries are added to as the last thing, once nothing is refused any more
        refusal = trial.commit(commitment)
        if refusal is None:
            self._keep(trial, commitment.at)
        return refusal

    def reveal(self, auction_id: str, order: Revealed, *, owner: str, at: Instant) -> AuctionRefusal | None:
        """Take what opens a commitment of a sealed call."""
        found = self.live.get(auction_id)
        if not isinstance(found, SealedCall):
            return AuctionRefusal.AUCTION_DOES_NOT_ALLOW_IT
        trial = copy(found)
        refusal = trial.reveal(order, owner=owner, at=at)
        if refusal is None:
            self._keep(trial, at)
        return refusal

    def cancel(self, auction_id: str, reason: str, *, at: Instant) -> AuctionRefusal | None:
        """End an auction before its time, and say why."""
        found = self.live.get(auction_id)
        if found is None:
            return AuctionRefusal.AUCTION_DOES_NOT_ALLOW_IT
        trial = copy(found)
        trial.advance(at)
        refusal = trial.cancel(reason)
        if refusal is None:
            self._keep(trial, at)
        return refusal

    def due_at(self) -> Instant:
        """Give when the next of them moves by itself, 0 for never."""
        return min((one.due_at() for one in self.live.values() if one.due_at()), default=0)

    def advance(self, at: Instant) -> list[Auction]:
        """Move every auction whose time has come, by id; give those that are over by it."""
        ended: list[Auction] = []
        for auction_id in sorted(self.live):
            auction = self.move(auction_id, at)
            if auction is not None and auction_id not in self.live:
                ended.append(auction)
        return ended

    def move(self, auction_id: str, at: Instant) -> Auction | None:
        """Move one auction where its time has come, and give it; None where nothing was due."""
        auction = self.live.get(auction_id)
        if auction is None or not 0 < auction.due_at() <= at:
            return None
        auction.advance(at)
        self._keep(auction, at)
        return auction

    def _keep(self, auction: Auction, at: Instant) -> None:
        """Keep an auction as it is now, as a result where it is over."""
        self._last = auction
        if auction.due_at():
            self.live[auction.auction_id] = auction
            return
        del self.live[auction.auction_id]
        self.over = [*self.over, result(auction, at)][-OVER_KEPT:]

    def encode(self) -> bytes:
        """Give the canonical bytes."""
        live = [self.live[key] for key in sorted(self.live)]
        return packed(_Saved(live, self.over, sorted(self.bound.items())))

    @classmethod
    def decode(cls, data: bytes) -> "Auctions":
        """Build what `encode` described."""
        saved = unpacked(data, _Saved)
        auctions = cls()
        auctions.live = {one.auction_id: one for one in saved.live}
        auctions.over, auctions.bound = saved.over, dict(saved.bound)
        return auctions


def result(auction: Auction, at: Instant) -> Over:
    """Give what an auction that is over came to."""
    kind = str(type(auction).__struct_config__.tag)
    if not isinstance(auction, SealedCall):
        return Over(
            auction.auction_id, kind, auction.state.value, at, tuple(auction.awards()), reason=auction.reason
        )
    file = auction.file()
    if file is None:
        return Over(auction.auction_id, kind, auction.state.value, at, reason=auction.reason)
    price, volume = (file.result.price, file.result.volume) if file.result else (0, 0)
    root = bytes.fromhex(file.root)
    return Over(auction.auction_id, kind, auction.state.value, at, root=root, price=price, volume=volume)


class _Saved(Struct, array_like=True, frozen=True, gc=False):
    live: list[Auction]
    over: list[Over]
    bound: list[tuple[str, list[Bound]]]
