"""Tables of tenders, requests for quotes and energy contracts."""

from sqlalchemy import Index

from steelyard.storage.tables.base import key, small, table
from steelyard.storage.tables_access import blob, number
from steelyard.storage.tables_access import text as words

table(
    "tender",
    blob("tender_id", key=True),
    words("buyer"),
    words("asset"),
    number("cargoes"),
    number("cargo_t"),
    number("bond_minor"),
    words("event"),
    words("state"),
    number("due_at"),
    words("reason"),
    number("entered_at"),
    number("changed_at"),
    key("entered", first=False),
    number("n"),
    Index("tender_buyer", "buyer", "entered", "n"),
)
table(
    "tender_bid",
    blob("tender_id", key=True),
    words("bidder", key=True),
    words("event"),
    blob("commitment"),
    number("offers"),
    number("bond_minor"),
    blob("bond"),
    number("entered_at"),
    number("changed_at"),
    key("entered", first=False),
    number("n"),
    Index("tender_bid_bidder", "bidder", "entered", "n"),
)
table(
    "tender_award",
    key(),
    number("n", key=True),
    blob("tender_id"),
    number("ask"),
    words("made_by"),
    blob("digest"),
    words("cargoes"),
    number("cost_minor"),
    number("bound_minor"),
    small("proved"),
    number("second_minor"),
    words("rejected"),
    words("conflict"),
    number("at_ns"),
    Index("tender_award_tender", "tender_id", "key", "n"),
)
