"""The facts about auctions by bids and sealed calls. The list of all facts: `facts.py`."""

from steelyard.flows.fact import Fact


class AuctionAnnounced(Fact, frozen=True, tag="auction.announced"):
    """An auction will be held. `terms` are those of its format, as msgpack."""

    auction_id: bytes
    format: str
    owner: str
    opens_at: int
    terms: bytes


class AuctionMoved(Fact, frozen=True, tag="auction.moved"):
    """An auction is in this state now. `due_at` ends it by itself, 0 for never."""

    auction_id: bytes
    state: str
    due_at: int


class AuctionBid(Fact, frozen=True, tag="auction.bid"):
    """A bid, an offer or a take was taken. A take's price is the most that is paid, 0 for any."""

    auction_id: bytes
    bid_id: bytes
    bidder: str
    price: int
    lots: int


class SealedMoved(Fact, frozen=True, tag="auction.sealed"):
    """What became of a commitment or its deposit: COMMITTED, REVEALED, BOND_RETURNED or BOND_FORFEITED."""

    auction_id: bytes
    event: str
    commitment: bytes
    owner: str
    deposit_minor: int


class AuctionOver(Fact, frozen=True, tag="auction.over"):
    """What an auction came to. `awards` are (bid, bidder, lots, price); a sealed call has its published `file`.

    `root` is the Merkle root over that file's orders; without a price its price and volume are 0.
    """

    auction_id: bytes
    format: str
    state: str
    reason: str
    awards: tuple[tuple[str, str, int, int], ...]
    root: bytes
    price: int
    volume: int
    file: bytes
