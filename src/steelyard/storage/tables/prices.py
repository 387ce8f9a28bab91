"""Tables of published prices: every version of every day, the methods they were made by, complaints about them."""

from sqlalchemy import Index

from steelyard.storage.tables.base import key, table
from steelyard.storage.tables_access import blob, number
from steelyard.storage.tables_access import text as words

table(
    "price",
    words("series", key=True),
    number("on_day", key=True),
    number("version", key=True),
    words("kind"),
    words("value"),
    words("source"),
    number("method"),
    blob("digest"),
    words("reason"),
    words("currencies"),
    words("inputs"),
    number("at_ns"),
    key("key", first=False),
)
table(
    "price_method",
    words("series", key=True),
    number("version", key=True),
    number("from_day"),
    words("tick"),
    words("cap"),
    number("participants_min"),
    number("volume_min"),
    number("held_min"),
    words("instruments"),
    words("basket"),
    number("at_ns"),
    key("key", first=False),
)
table(
    "complaint",
    number("number", key=True),
    words("series"),
    number("on_day"),
    number("version"),
    words("complainer"),
    words("state"),
    number("entered_at"),
    number("changed_at"),
    key("entered", first=False),
    number("n"),
    Index("complaint_complainer", "complainer", "number"),
    Index("complaint_series", "series", "number"),
)
table(
    "complaint_step",
    number("number", key=True),
    key(),
    words("event"),
    blob("digest"),
    number("at_ns"),
)
