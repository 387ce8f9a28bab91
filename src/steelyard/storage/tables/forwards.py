"""Tables of forwards between two parties."""

from sqlalchemy import Index

from steelyard.storage.tables.base import key, table
from steelyard.storage.tables_access import blob, number
from steelyard.storage.tables_access import text as words

table(
    "forward",
    blob("forward_id", key=True),
    words("contract"),
    words("commodity"),
    words("grade"),
    words("site"),
    words("place"),
    words("incoterm"),
    words("seller"),
    words("buyer"),
    words("offered_by"),
    words("event"),
    words("state"),
    number("lots"),
    number("unit_kg"),
    number("price_minor"),
    number("differential_minor"),
    number("price_kg"),
    words("currency"),
    number("from_on"),
    number("to_on"),
    words("benchmark"),
    number("due_at"),
    number("owed_minor"),
    words("owed_by"),
    blob("delivery_id"),
    words("arbitration_seat"),
    number("entered_at"),
    number("changed_at"),
    key("entered", first=False),
    number("n"),
    Index("forward_seller", "seller", "entered", "n"),
    Index("forward_buyer", "buyer", "entered", "n"),
)
table(
    "forward_move",
    key(),
    number("n", key=True),
    blob("forward_id"),
    words("event"),
    words("state"),
    number("lots"),
    number("offset_lots"),
    number("moved_minor"),
    number("owed_minor"),
    blob("bundle_id"),
    blob("document"),
    number("at_ns"),
    Index("forward_move_forward", "forward_id", "key", "n"),
)
