"""Tables of the journal itself: how far it was read, its rows, commands, legs and notices."""

from sqlalchemy import Column, Index, LargeBinary

from steelyard.storage.tables.base import key, small, table
from steelyard.storage.tables_access import blob, number
from steelyard.storage.tables_access import text as words

table(
    "cursor",
    number("id", key=True),
    number("seq"),
    blob("hash"),
    number("at_ns"),
    number("commands"),
    number("payments"),
    number("legs"),
)
table(
    "leg_segment",
    number("number", key=True),
    number("first_key"),
    number("last_key"),
    number("legs"),
    small("indexes"),
    small("sealed"),
)
table("journal_row", number("seq", key=True), number("commands"), number("legs"), number("time_last"))
table(
    "command",
    key(),
    blob("id"),
    words("name"),
    words("sender"),
    words("actor"),
    number("at_ns"),
    small("code"),
    small("refusal"),
    number("leg_key"),
    number("legs"),
    Index("command_id", "id"),
)
table(
    "event",
    key(),
    number("n", key=True),
    words("recipient"),
    words("kind"),
    blob("subject"),
    number("at_ns"),
    Column("data", LargeBinary),
    Index("event_recipient", "recipient", "key", "n"),
    rowid=False,
)
