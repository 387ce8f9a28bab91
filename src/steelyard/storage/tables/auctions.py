"""Tables of auctions: what each is, the bids in it, and sealed orders as what was committed to."""

from sqlalchemy import Column, Index, LargeBinary

from steelyard.storage.tables.base import key, table
from steelyard.storage.tables_access import blob, number
from steelyard.storage.tables_access import text as words

table(
    "auction",
    blob("auction_id", key=True),
    words("format"),
    words("owner"),
    Column("terms", LargeBinary),
    words("state"),
    number("opens_at"),
    number("due_at"),
    words("reason"),
    words("awards"),
    Column("root", LargeBinary),
    number("price"),
    number("volume"),
    Column("file", LargeBinary),
    number("entered_at"),
    number("changed_at"),
    key("entered", first=False),
    number("n"),
    Index("auction_entered", "entered", "n"),
    Index("auction_owner", "owner", "entered", "n"),
)
table(
    "auction_bid",
    blob("bid_id", key=True),
    blob("auction_id"),
    words("bidder"),
    number("price"),
    number("lots"),
    number("entered_at"),
    key("entered", first=False),
    number("n"),
    Index("auction_bid_auction", "auction_id", "entered", "n"),
    Index("auction_bid_bidder", "bidder", "entered", "n"),
)
table(
    "commitment",
    blob("auction_id", key=True),
    blob("digest", key=True),
    words("owner"),
    words("event"),
    words("deposit"),
    number("deposit_minor"),
    number("entered_at"),
    number("changed_at"),
    key("entered", first=False),
    number("n"),
    Index("commitment_owner", "owner", "entered", "n"),
)
