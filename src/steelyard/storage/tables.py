"""The tables of the projection: what the journal says, laid out for questions.

Everything here is a function of the journal's rows and can be made anew at any time. `key` is a command's
place, `seq << 20 | position`, so that it sorts as the journal does; `n` numbers facts or notices of one
outcome. Instants are ns since 1970 UTC, dates days since 1970-01-01, ids bytes, amounts minor units;
lists of facts (fees, hops) are JSON text. Legs lie in segments of their own (`segments.py`).

Tables that grow without end and are only added to have few indexes; each must pay for itself.
"""

from sqlalchemy import Column, Index, LargeBinary, MetaData, Numeric, SmallInteger, Table, Text, text
from sqlalchemy.schema import SchemaItem

from steelyard.storage.tables_access import LONG, blob, number
from steelyard.storage.tables_access import text as words

PROJECTION = MetaData()

COUNTER = Numeric(38, 0).with_variant(Text, "sqlite")
"""Unbounded in the engine, so decimal text where numbers end at 64 bits."""


def key(name: str = "key", *, first: bool = True) -> Column[int]:
    """Give a column for a command's place."""
    return number(name, key=first)


def small(name: str) -> Column[int]:
    """Give a column for a small number."""
    return Column(name, SmallInteger, nullable=False, server_default="0")


def counter(name: str) -> Column[object]:
    """Give a column for a running total."""
    return Column(name, COUNTER, nullable=False, server_default="0")


def table(name: str, *columns: SchemaItem, rowid: bool = True) -> Table:
    """Declare a table; `rowid=False` stores it in the order of its key."""
    return Table(name, PROJECTION, *columns, sqlite_with_rowid=rowid)


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
    "sheet",
    words("provider", key=True),
    words("sell", key=True),
    words("buy", key=True),
    number("version"),
    number("valid_from"),
    number("valid_until"),
    key("key", first=False),
)
table(
    "rate",
    words("base", key=True),
    words("quote", key=True),
    words("kind", key=True),
    words("num"),
    words("den"),
    words("source"),
    number("at_ns"),
    number("flags"),
    key("key", first=False),
)
table(
    "quote",
    blob("quote_id", key=True),
    small("rank"),
    words("debtor_agent"),
    words("providers"),
    words("source"),
    words("target"),
    number("source_minor"),
    number("target_minor"),
    number("debit_minor"),
    number("payee_minor"),
    words("num"),
    words("den"),
    words("detail"),
    blob("disclosure"),
    number("issued_at"),
    number("expires_at"),
    number("lock_until"),
    words("ended"),
    key("entered", first=False),
    number("n"),
    Index("quote_debtor_agent", "debtor_agent", "entered", "n"),
    Index("quote_entered", "entered", "n"),
)
table(
    "payment",
    number("number", key=True),
    blob("uetr"),
    small("kind"),
    small("service"),
    words("debtor_agent"),
    words("creditor_agent"),
    words("source"),
    number("source_minor"),
    words("target"),
    number("target_minor"),
    number("debit_minor"),
    number("payee_minor"),
    words("num"),
    words("den"),
    words("fees"),
    words("providers"),
    number("settlement_on"),
    small("state"),
    small("refusal"),
    small("waits"),
    number("not_before_at"),
    small("screening"),
    small("late"),
    words("cancel_asked"),
    blob("quote_id"),
    blob("message_digest"),
    blob("party_digest"),
    number("ordinal"),
    blob("bundle_id"),
    small("split"),
    number("settled_minor"),
    number("abandoned_minor"),
    small("priority"),
    small("reason"),
    number("entered_at"),
    number("moved_at"),
    number("settled_at"),
    key("entered", first=False),
    key("moved", first=False),
    number("n"),
    Index("payment_uetr", "uetr", unique=True),
    Index("payment_debtor_agent", "debtor_agent", "number"),
    Index("payment_creditor_agent", "creditor_agent", "number"),
    Index(
        "payment_open",
        "state",
        "number",
        sqlite_where=text("state < 9"),
        postgresql_where=text("state < 9"),
    ),
)
table(
    "payment_move",
    number("payment", key=True),
    key(),
    number("n", key=True),
    small("before"),
    words("event"),
    small("after"),
    small("refusal"),
    number("at_ns"),
    Column("bundle_id", LargeBinary),
    Column("detail", Text),
    rowid=False,
)
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
    number("paid_minor"),
    number("received_minor"),
    number("left_minor"),
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
table("cycle_schedule", words("assets", key=True), words("cuts"), key(first=False))
table(
    "pool_choice",
    words("participant", key=True),
    words("currencies"),
    words("home"),
    number("cap_minor"),
    key(first=False),
)
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
table(
    "own_rule",
    words("owner", key=True),
    words("asset", key=True),
    words("kind", key=True),
    words("other", key=True),
    number("minor"),
    key("key", first=False),
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
    number("issued_minor"),
    small("agreed"),
    words("unlike"),
    number("count"),
    words("reason"),
    number("at_ns"),
    Index("reserve_check_asset", "asset", "key", "n"),
)
table(
    "fx_trade",
    blob("trade", key=True),
    words("first"),
    words("second"),
    words("first_pays"),
    number("first_minor"),
    words("second_pays"),
    number("second_minor"),
    number("value_on"),
    words("state"),
    blob("bundle_id"),
    number("entered_at"),
    number("changed_at"),
    key("entered", first=False),
    number("n"),
    Index("fx_trade_entered", "entered", "n"),
)
table(
    "fx_order",
    blob("order_id", key=True),
    words("owner"),
    words("sell"),
    words("buy"),
    number("amount_minor"),
    number("open_minor"),
    number("bought_minor"),
    words("limit_num"),
    words("limit_den"),
    number("good_until_at"),
    words("state"),
    small("refusal"),
    small("leaving"),
    number("entered_at"),
    number("changed_at"),
    key("entered", first=False),
    number("n"),
    Index("fx_order_owner", "owner", "entered", "n"),
)
table(
    "fx_fill",
    key(),
    number("n", key=True),
    blob("order_id"),
    blob("batch_id"),
    words("owner"),
    words("sell"),
    words("buy"),
    number("sold_minor"),
    number("bought_minor"),
    words("sell_price"),
    words("buy_price"),
    words("rates"),
    blob("bundle_id"),
    number("at_ns"),
    Index("fx_fill_order", "order_id", "key", "n"),
    Index("fx_fill_batch", "batch_id", "key", "n"),
)
table(
    "credit_line",
    blob("line_id", key=True),
    words("kind"),
    words("lender"),
    words("borrower"),
    words("asset"),
    number("cap_minor"),
    number("most_minor"),
    number("rate_bp"),
    number("from_at"),
    number("to_at"),
    words("state"),
    number("auto_draw"),
    number("cycle_cap_minor"),
    key(first=False),
)
table(
    "credit_use",
    key(),
    number("n", key=True),
    blob("line_id"),
    number("lot_no"),
    words("what"),
    number("minor"),
    number("open_minor"),
    words("owner"),
    number("on_day"),
    blob("bundle_id"),
    number("pledged_minor"),
    words("num"),
    words("den"),
    number("due_at"),
    blob("reverse_id"),
    blob("cycle"),
    number("at_ns"),
    Index("credit_use_line", "line_id", "key", "n"),
)
table(
    "credit_case",
    blob("case_id", key=True),
    blob("line_id"),
    words("kind"),
    words("state"),
    number("minor"),
    number("lot_no"),
    number("entered_at"),
    number("changed_at"),
    key("entered", first=False),
    number("n"),
    Index("credit_case_entered", "entered", "n"),
)
table(
    "claim",
    blob("claim_id", key=True),
    words("debtor"),
    words("creditor"),
    words("asset"),
    number("amount_minor"),
    number("open_minor"),
    number("due_on"),
    blob("document_hash"),
    number("consent_debtor"),
    number("consent_creditor"),
    words("filer"),
    words("state"),
    number("entered_at"),
    number("changed_at"),
    key("entered", first=False),
    number("n"),
    Index("claim_entered", "entered", "n"),
)
table(
    "claim_part",
    key(),
    number("n", key=True),
    blob("claim_id"),
    blob("batch_id"),
    words("asset"),
    number("minor"),
    number("left_minor"),
    blob("bundle_id"),
    number("at_ns"),
    Index("claim_part_claim", "claim_id", "key", "n"),
)
table(
    "pace",
    key(),
    number("n", key=True),
    words("participant"),
    words("asset"),
    number("on_day"),
    number("submitted"),
    words("submitted_minor"),
    number("settled"),
    words("settled_minor"),
    number("mean_wait"),
    words("own_day_minor"),
    words("early"),
    number("missed"),
    number("published"),
    number("ranks"),
    words("fee_minor"),
    words("entry_fee_minor"),
    words("saved_minor"),
    words("due_minor"),
    blob("bundle_id"),
    Index("pace_participant", "participant", "key", "n"),
)
table(
    "ring",
    blob("ring_id", key=True),
    words("swaps"),
    words("consents"),
    number("expires_at"),
    words("state"),
    number("refusal"),
    blob("bundle_id"),
    number("entered_at"),
    number("changed_at"),
    key("entered", first=False),
    number("n"),
    Index("ring_entered", "entered", "n"),
)
table(
    "ring_holder",
    words("holder", key=True),
    blob("ring_id", key=True),
    key("entered", first=False),
    number("n"),
    Index("ring_holder_entered", "holder", "entered", "n"),
)
table(
    "surplus_offer",
    words("owner", key=True),
    words("held", key=True),
    words("wanted"),
    number("amount_minor"),
    number("keep_minor"),
    key("key", first=False),
)
table("setting", words("owner", key=True), words("name", key=True), blob("value"), key("key", first=False))
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

__all__ = ["COUNTER", "LONG", "PROJECTION"]
