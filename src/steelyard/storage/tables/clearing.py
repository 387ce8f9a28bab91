"""The table of clearing: everything that happened there, one row each, whole as JSON."""

from sqlalchemy import Index

from steelyard.storage.tables.base import key, table
from steelyard.storage.tables_access import blob, number
from steelyard.storage.tables_access import text as words

table(
    "clearing_row",
    key(),
    number("n", key=True),
    words("kind"),
    words("asset"),
    words("member"),
    words("other"),
    blob("subject"),
    words("body"),
    number("at_ns"),
    Index("clearing_row_member", "member", "key", "n"),
    Index("clearing_row_subject", "subject", "key", "n"),
)
