"""Rows of auctions, of bids in them, and of sealed orders by what was committed to."""

from steelyard.flows import auction_facts as facts
from steelyard.storage.added import Added
from steelyard.storage.rows.statement import FIRST, Handlers, Statements, json_list, put, simple

ANNOUNCED = "ANNOUNCED"


def _announced(added: Added, fact: facts.AuctionAnnounced, key: int, n: int, at: int) -> None:
    added.upserts.append((
        "auction",
        (fact.auction_id, fact.format, fact.owner, fact.terms, ANNOUNCED, fact.opens_at, fact.opens_at, at, at,
         key, n),
    ))  # fmt: skip


def _moved(added: Added, fact: facts.AuctionMoved, key: int, n: int, at: int) -> None:
    added.upserts.append(("auction.moved", (fact.state, fact.due_at, at, fact.auction_id)))


def _sealed(added: Added, fact: facts.SealedMoved, key: int, n: int, at: int) -> None:
    """Bring a commitment up to date; what became of its deposit stands beside what became of the order."""
    if fact.event.startswith("BOND_"):
        added.upserts.append(("commitment.deposit", (fact.event[5:], at, fact.auction_id, fact.commitment)))
        return
    held = "HELD" if fact.deposit_minor and fact.event == "COMMITTED" else ""
    added.upserts.append((
        "commitment",
        (fact.auction_id, fact.commitment, fact.owner, fact.event, held, fact.deposit_minor, at, at, key, n),
    ))  # fmt: skip


def _over(added: Added, fact: facts.AuctionOver, key: int, n: int, at: int) -> None:
    added.upserts.append((
        "auction.over",
        (fact.state, fact.reason, json_list(fact.awards), fact.root, fact.price, fact.volume, fact.file, at,
         fact.auction_id),
    ))  # fmt: skip


STATEMENTS: Statements = {
    "auction": put(
        "auction",
        "auction_id format owner terms state opens_at due_at entered_at changed_at entered n",
        "auction_id",
        keep=FIRST,
    ),
    "auction.moved": "UPDATE auction SET state = ?, due_at = ?, changed_at = ? WHERE auction_id = ?",
    "auction.over": "UPDATE auction SET state = ?, reason = ?, awards = ?, root = ?, price = ?, volume = ?, file = ?,"
    " changed_at = ?, due_at = 0 WHERE auction_id = ?",
    "auction.bid": put(
        "auction_bid", "bid_id auction_id bidder price lots entered_at entered n", "bid_id", keep=FIRST
    ),
    "commitment": put(
        "commitment",
        "auction_id digest owner event deposit deposit_minor entered_at changed_at entered n",
        "auction_id digest",
        keep=f"{FIRST} deposit deposit_minor",
    ),
    "commitment.deposit": "UPDATE commitment SET deposit = ?, changed_at = ? WHERE auction_id = ? AND digest = ?",
}

HANDLERS: Handlers = {
    facts.AuctionAnnounced: _announced,
    facts.AuctionMoved: _moved,
    facts.AuctionBid: simple(
        "auction.bid", "bid_id", "auction_id", "bidder", "price", "lots", "at", "key", "n"
    ),
    facts.SealedMoved: _sealed,
    facts.AuctionOver: _over,
}
