"""Tables of money in and out, reserve checks and closed days."""

from sqlalchemy import Index

from steelyard.storage.tables.base import counter, key, small, table
from steelyard.storage.tables_access import blob, number
from steelyard.storage.tables_access import text as words

table(
    "balance_day",
    number("account_no", key=True),
    number("on_day", key=True),
    number("statement_no"),
    counter("opening_minor"),
    counter("closing_minor"),
    number("closed_at"),
    number("opened_key"),
    number("closed_key"),
    Index("balance_day_on", "on_day", "account_no"),
    rowid=False,
)
for _name in ("funding", "redemption"):
    table(
        _name,
        blob("id", key=True),
        words("participant"),
        words("asset"),
        number("amount_minor"),
        words("state"),
        words("reason"),
        blob("bundle_id"),
        number("entered_at"),
        number("changed_at"),
        key("entered", first=False),
        number("n"),
        Index(f"{_name}_entered", "entered", "n"),
        Index(f"{_name}_participant", "participant", "entered", "n"),
    )
table(
    "reserve_check",
    key(),
    number("n", key=True),
    words("asset"),
    words("what"),
    words("statement"),
    number("until_at"),
    number("closing_minor"),
    words("issued_minor"),
    small("agreed"),
    words("unlike"),
    number("count"),
    words("reason"),
    number("at_ns"),
    Index("reserve_check_asset", "asset", "key", "n"),
)
