"""Tables of batches, netting cycles and pools."""

from sqlalchemy import Index

from steelyard.storage.tables.base import key, small, table
from steelyard.storage.tables_access import blob, number
from steelyard.storage.tables_access import text as words

table(
    "batch",
    number("number", key=True),
    blob("batch_id"),
    words("kind"),
    words("assets"),
    words("trigger"),
    number("snapshot_seq"),
    number("started_at"),
    number("applied_at"),
    small("tries"),
    words("algorithm"),
    words("settled"),
    words("bound"),
    number("distance_bp"),
    small("proved"),
    words("report"),
    blob("certificates"),
    words("exchange"),
    key("key", first=False),
    Index("batch_id", "batch_id", unique=True),
)
table(
    "batch_member",
    number("number", key=True),
    words("participant", key=True),
    words("asset", key=True),
    words("paid"),
    words("received"),
    words("remaining"),
    Index("batch_member_participant", "participant", "number"),
    rowid=False,
)
table(
    "cycle",
    number("number", key=True),
    blob("cycle_id"),
    words("assets"),
    words("trigger"),
    words("state"),
    number("opened_at"),
    number("cut_at"),
    number("cut_seq"),
    number("due_at"),
    number("deadline_at"),
    number("closed_at"),
    words("reason"),
    words("algorithm"),
    small("proved"),
    words("plan"),
    words("report"),
    blob("certificates"),
    key("key", first=False),
    Index("cycle_id", "cycle_id", unique=True),
)
table(
    "cycle_member",
    number("number", key=True),
    words("participant", key=True),
    words("asset", key=True),
    words("paid_out"),
    words("received"),
    number("called_minor"),
    number("paid_in_minor"),
    Index("cycle_member_participant", "participant", "number"),
    rowid=False,
)
table("cycle_cut", number("number", key=True), blob("members"))
table("cycle_schedule", words("assets", key=True), words("cuts"), key(first=False))
table(
    "pool_choice",
    words("participant", key=True),
    words("currencies"),
    words("home"),
    number("cap_minor"),
    key(first=False),
)
