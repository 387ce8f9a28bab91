"""Tables of the directory: assets, accounts, members, persons, packs, rules, limits."""

from sqlalchemy import Index

from steelyard.storage.tables.base import counter, key, small, table
from steelyard.storage.tables_access import blob, number
from steelyard.storage.tables_access import text as words

table(
    "asset",
    number("asset_no", key=True),
    words("code"),
    words("class"),
    small("scale"),
    words("issuer"),
    key("key", first=False),
)
table(
    "account",
    number("account_no", key=True),
    words("name"),
    words("owner"),
    number("asset_no"),
    words("kind"),
    words("state"),
    counter("floor_minor"),
    counter("ceiling_minor"),
    counter("debits_settled"),
    counter("credits_settled"),
    counter("debits_reserved"),
    counter("credits_reserved"),
    key("key", first=False),
    Index("account_owner", "owner"),
    Index("account_name", "name"),
)
table(
    "member",
    words("code", key=True),
    words("asset"),
    words("settlement_agent"),
    words("state"),
    number("changed_at"),
    key("key", first=False),
)
table(
    "participant",
    words("bic", key=True),
    words("member"),
    words("state"),
    words("reason"),
    number("changed_at"),
    key("key", first=False),
)
table(
    "actor",
    words("actor", key=True),
    words("owner", key=True),
    words("kind"),
    words("roles"),
    words("state"),
    words("holder"),
    number("changed_at"),
    key("key", first=False),
    Index("actor_owner", "owner"),
)
table(
    "approval",
    blob("proposal", key=True),
    words("state"),
    words("command"),
    words("owner"),
    words("maker"),
    blob("shown"),
    number("expires_at"),
    words("decided_by"),
    number("entered_at"),
    number("changed_at"),
    key("entered", first=False),
    number("n"),
    Index("approval_entered", "entered", "n"),
    Index("approval_owner", "owner", "entered", "n"),
)
table(
    "calendar",
    words("asset", key=True),
    number("revision", key=True),
    number("in_force_from"),
    key("key", first=False),
)
table(
    "pack",
    words("kind", key=True),
    words("pack_id", key=True),
    words("version", key=True),
    blob("digest"),
    number("in_force_from"),
    key("key", first=False),
)
table("rule", words("rule", key=True), number("from_at"), key("key", first=False))
table(
    "own_limit",
    number("limit_no", key=True),
    words("owner"),
    words("kind"),
    words("asset"),
    number("cap_minor"),
    words("other"),
    key("key", first=False),
    Index("own_limit_owner", "owner"),
)
table("setting", words("owner", key=True), words("name", key=True), blob("value"), key("key", first=False))
