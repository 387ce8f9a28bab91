"""Begin the projection."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what this step adds."""
    op.create_table(
        "account",
        sa.Column(
            "account_no",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "asset_no",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "floor_minor",
            sa.Numeric(precision=38, scale=0).with_variant(sa.Text(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "ceiling_minor",
            sa.Numeric(precision=38, scale=0).with_variant(sa.Text(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "debits_settled",
            sa.Numeric(precision=38, scale=0).with_variant(sa.Text(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "credits_settled",
            sa.Numeric(precision=38, scale=0).with_variant(sa.Text(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "debits_reserved",
            sa.Numeric(precision=38, scale=0).with_variant(sa.Text(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "credits_reserved",
            sa.Numeric(precision=38, scale=0).with_variant(sa.Text(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("account_no"),
        sqlite_with_rowid=True,
    )
    op.create_index("account_name", "account", ["name"], unique=False)
    op.create_index("account_owner", "account", ["owner"], unique=False)
    op.create_table(
        "actor",
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("roles", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("holder", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("actor", "owner"),
        sqlite_with_rowid=True,
    )
    op.create_index("actor_owner", "actor", ["owner"], unique=False)
    op.create_table(
        "approval",
        sa.Column("proposal", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("command", sa.Text(), server_default="", nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("maker", sa.Text(), server_default="", nullable=False),
        sa.Column("shown", sa.LargeBinary(), nullable=False),
        sa.Column(
            "expires_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("decided_by", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("proposal"),
        sqlite_with_rowid=True,
    )
    op.create_index("approval_entered", "approval", ["entered", "n"], unique=False)
    op.create_index("approval_owner", "approval", ["owner", "entered", "n"], unique=False)
    op.create_table(
        "asset",
        sa.Column(
            "asset_no",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("class", sa.Text(), server_default="", nullable=False),
        sa.Column("scale", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("issuer", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("asset_no"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "balance_day",
        sa.Column(
            "account_no",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "on_day",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "statement_no",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "opening_minor",
            sa.Numeric(precision=38, scale=0).with_variant(sa.Text(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "closing_minor",
            sa.Numeric(precision=38, scale=0).with_variant(sa.Text(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "closed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "opened_key",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "closed_key",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("account_no", "on_day"),
        sqlite_with_rowid=False,
    )
    op.create_index("balance_day_on", "balance_day", ["on_day", "account_no"], unique=False)
    op.create_table(
        "calendar",
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column(
            "revision",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "in_force_from",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("asset", "revision"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "command",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("sender", sa.Text(), server_default="", nullable=False),
        sa.Column("actor", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "at_ns", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("code", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("refusal", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column(
            "leg_key",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "legs", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("key"),
        sqlite_with_rowid=True,
    )
    op.create_index("command_id", "command", ["id"], unique=False)
    op.create_table(
        "cursor",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "at_ns", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "commands",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "payments",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "legs", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "event",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("recipient", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column(
            "at_ns", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("key", "n"),
        sqlite_with_rowid=False,
    )
    op.create_index("event_recipient", "event", ["recipient", "key", "n"], unique=False)
    op.create_table(
        "funding",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("participant", sa.Text(), server_default="", nullable=False),
        sa.Column("asset", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "amount_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=True,
    )
    op.create_index("funding_entered", "funding", ["entered", "n"], unique=False)
    op.create_index("funding_participant", "funding", ["participant", "entered", "n"], unique=False)
    op.create_table(
        "fx_fill",
        sa.Column(
            "key",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("order_id", sa.LargeBinary(), nullable=False),
        sa.Column("batch_id", sa.LargeBinary(), nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("sell", sa.Text(), server_default="", nullable=False),
        sa.Column("buy", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "sold_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "bought_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("sell_price", sa.Text(), server_default="", nullable=False),
        sa.Column("buy_price", sa.Text(), server_default="", nullable=False),
        sa.Column("rates", sa.Text(), server_default="", nullable=False),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "at_ns",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("key", "n"),
        sqlite_with_rowid=True,
    )
    op.create_index("fx_fill_batch", "fx_fill", ["batch_id", "key", "n"], unique=False)
    op.create_index("fx_fill_order", "fx_fill", ["order_id", "key", "n"], unique=False)
    op.create_table(
        "fx_order",
        sa.Column("order_id", sa.LargeBinary(), nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("sell", sa.Text(), server_default="", nullable=False),
        sa.Column("buy", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "amount_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "open_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "bought_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("limit_num", sa.Text(), server_default="", nullable=False),
        sa.Column("limit_den", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "good_until_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("refusal", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("leaving", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("order_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("fx_order_owner", "fx_order", ["owner", "entered", "n"], unique=False)
    op.create_table(
        "fx_trade",
        sa.Column("trade", sa.LargeBinary(), nullable=False),
        sa.Column("first", sa.Text(), server_default="", nullable=False),
        sa.Column("second", sa.Text(), server_default="", nullable=False),
        sa.Column("first_pays", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "first_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("second_pays", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "second_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "value_on",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("trade"),
        sqlite_with_rowid=True,
    )
    op.create_index("fx_trade_entered", "fx_trade", ["entered", "n"], unique=False)
    op.create_table(
        "journal_row",
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "commands",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "legs", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "time_last",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("seq"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "leg_segment",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "first_key",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "last_key",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "legs", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("indexes", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("sealed", sa.SmallInteger(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "member",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), server_default="", nullable=False),
        sa.Column("settlement_agent", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("code"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "batch",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("batch_id", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("assets", sa.Text(), server_default="", nullable=False),
        sa.Column("trigger", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "snapshot_seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "started_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "applied_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("tries", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("algorithm", sa.Text(), server_default="", nullable=False),
        sa.Column("settled", sa.Text(), server_default="", nullable=False),
        sa.Column("bound", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "distance_bp",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("proved", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("report", sa.Text(), server_default="", nullable=False),
        sa.Column("certificates", sa.LargeBinary(), nullable=False),
        sa.Column("exchange", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "key",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("number"),
        sqlite_with_rowid=True,
    )
    op.create_index("batch_id", "batch", ["batch_id"], unique=True)
    op.create_table(
        "batch_member",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("participant", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("paid", sa.Text(), server_default="", nullable=False),
        sa.Column("received", sa.Text(), server_default="", nullable=False),
        sa.Column("remaining", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("number", "participant", "asset"),
        sqlite_with_rowid=False,
    )
    op.create_index("batch_member_participant", "batch_member", ["participant", "number"], unique=False)
    op.create_table(
        "cycle",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("cycle_id", sa.LargeBinary(), nullable=False),
        sa.Column("assets", sa.Text(), server_default="", nullable=False),
        sa.Column("trigger", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "opened_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "cut_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "cut_seq",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "due_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "deadline_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "closed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("algorithm", sa.Text(), server_default="", nullable=False),
        sa.Column("proved", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("plan", sa.Text(), server_default="", nullable=False),
        sa.Column("report", sa.Text(), server_default="", nullable=False),
        sa.Column("certificates", sa.LargeBinary(), nullable=False),
        sa.Column(
            "key",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("number"),
        sqlite_with_rowid=True,
    )
    op.create_index("cycle_id", "cycle", ["cycle_id"], unique=True)
    op.create_table(
        "cycle_member",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("participant", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("paid_out", sa.Text(), server_default="", nullable=False),
        sa.Column("received", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "called_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "paid_in_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("number", "participant", "asset"),
        sqlite_with_rowid=False,
    )
    op.create_index("cycle_member_participant", "cycle_member", ["participant", "number"], unique=False)
    op.create_table(
        "cycle_cut",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("members", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "cycle_schedule",
        sa.Column("assets", sa.Text(), nullable=False),
        sa.Column("cuts", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "key",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("assets"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "pool_choice",
        sa.Column("participant", sa.Text(), nullable=False),
        sa.Column("currencies", sa.Text(), server_default="", nullable=False),
        sa.Column("home", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "cap_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "key",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("participant"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "pace",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("participant", sa.Text(), server_default="", nullable=False),
        sa.Column("asset", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "on_day", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "submitted",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("submitted_minor", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "settled",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("settled_minor", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "mean_wait",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("own_day_minor", sa.Text(), server_default="", nullable=False),
        sa.Column("early", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "missed", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "published",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "ranks", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("fee_minor", sa.Text(), server_default="", nullable=False),
        sa.Column("entry_fee_minor", sa.Text(), server_default="", nullable=False),
        sa.Column("saved_minor", sa.Text(), server_default="", nullable=False),
        sa.Column("due_minor", sa.Text(), server_default="", nullable=False),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("key", "n"),
        sqlite_with_rowid=True,
    )
    op.create_index("pace_participant", "pace", ["participant", "key", "n"], unique=False)
    op.create_table(
        "ring",
        sa.Column("ring_id", sa.LargeBinary(), nullable=False),
        sa.Column("swaps", sa.Text(), server_default="", nullable=False),
        sa.Column("consents", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "expires_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "refusal",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("ring_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("ring_entered", "ring", ["entered", "n"], unique=False)
    op.create_table(
        "ring_holder",
        sa.Column("holder", sa.Text(), server_default="", nullable=False),
        sa.Column("ring_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("holder", "ring_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("ring_holder_entered", "ring_holder", ["holder", "entered", "n"], unique=False)
    op.create_table(
        "ring_standing",
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "lapses", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("ring_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "lapsed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "rests_until",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("owner"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "surplus_offer",
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("held", sa.Text(), server_default="", nullable=False),
        sa.Column("wanted", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "amount_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "keep_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("owner", "held"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "claim",
        sa.Column("claim_id", sa.LargeBinary(), nullable=False),
        sa.Column("debtor", sa.Text(), server_default="", nullable=False),
        sa.Column("creditor", sa.Text(), server_default="", nullable=False),
        sa.Column("asset", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "amount_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "open_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "due_on", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("document_hash", sa.LargeBinary(), nullable=False),
        sa.Column(
            "consent_debtor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "consent_creditor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("filer", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("claim_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("claim_entered", "claim", ["entered", "n"], unique=False)
    op.create_table(
        "claim_part",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("claim_id", sa.LargeBinary(), nullable=False),
        sa.Column("batch_id", sa.LargeBinary(), nullable=False),
        sa.Column("asset", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "left_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "at_ns", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("key", "n"),
        sqlite_with_rowid=True,
    )
    op.create_index("claim_part_claim", "claim_part", ["claim_id", "key", "n"], unique=False)
    op.create_table(
        "credit_case",
        sa.Column("case_id", sa.LargeBinary(), nullable=False),
        sa.Column("line_id", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "lot_no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("case_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("credit_case_entered", "credit_case", ["entered", "n"], unique=False)
    op.create_table(
        "credit_line",
        sa.Column("line_id", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("lender", sa.Text(), server_default="", nullable=False),
        sa.Column("borrower", sa.Text(), server_default="", nullable=False),
        sa.Column("asset", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "cap_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "most_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "rate_bp",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "from_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "to_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "auto_draw",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "cycle_cap_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("line_id"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "credit_use",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("line_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "lot_no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("what", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "open_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "on_day", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "pledged_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("num", sa.Text(), server_default="", nullable=False),
        sa.Column("den", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "due_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("reverse_id", sa.LargeBinary(), nullable=False),
        sa.Column("cycle", sa.LargeBinary(), nullable=False),
        sa.Column(
            "at_ns", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("key", "n"),
        sqlite_with_rowid=True,
    )
    op.create_index("credit_use_line", "credit_use", ["line_id", "key", "n"], unique=False)
    op.create_table(
        "own_limit",
        sa.Column(
            "limit_no",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("asset", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "cap_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("other", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("limit_no"),
        sqlite_with_rowid=True,
    )
    op.create_index("own_limit_owner", "own_limit", ["owner"], unique=False)
    op.create_table(
        "own_rule",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("asset", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("other", sa.Text(), nullable=False),
        sa.Column(
            "minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("owner", "asset", "kind", "other"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "pack",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("pack_id", sa.Text(), nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "in_force_from",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("kind", "pack_id", "version"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "participant",
        sa.Column("bic", sa.Text(), nullable=False),
        sa.Column("member", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("bic"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "payment",
        sa.Column(
            "number",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("uetr", sa.LargeBinary(), nullable=False),
        sa.Column("kind", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("service", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("debtor_agent", sa.Text(), server_default="", nullable=False),
        sa.Column("creditor_agent", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "source_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("target", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "target_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "debit_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "payee_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("num", sa.Text(), server_default="", nullable=False),
        sa.Column("den", sa.Text(), server_default="", nullable=False),
        sa.Column("fees", sa.Text(), server_default="", nullable=False),
        sa.Column("providers", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "settlement_on",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("state", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("refusal", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("waits", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column(
            "not_before_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("screening", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("late", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("cancel_asked", sa.Text(), server_default="", nullable=False),
        sa.Column("quote_id", sa.LargeBinary(), nullable=False),
        sa.Column("message_digest", sa.LargeBinary(), nullable=False),
        sa.Column("party_digest", sa.LargeBinary(), nullable=False),
        sa.Column(
            "ordinal",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=False),
        sa.Column("split", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column(
            "settled_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "abandoned_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("priority", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("reason", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "moved_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "settled_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "moved", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("number"),
        sqlite_with_rowid=True,
    )
    op.create_index("payment_creditor_agent", "payment", ["creditor_agent", "number"], unique=False)
    op.create_index("payment_debtor_agent", "payment", ["debtor_agent", "number"], unique=False)
    op.create_index("payment_on", "payment", ["settlement_on", "source"], unique=False)
    op.create_index(
        "payment_open",
        "payment",
        ["state", "number"],
        unique=False,
        sqlite_where=sa.text("state < 9"),
        postgresql_where=sa.text("state < 9"),
    )
    op.create_index("payment_uetr", "payment", ["uetr"], unique=True)
    op.create_table(
        "payment_move",
        sa.Column(
            "payment",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("before", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("after", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("refusal", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column(
            "at_ns", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("payment", "key", "n"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "quote",
        sa.Column("quote_id", sa.LargeBinary(), nullable=False),
        sa.Column("rank", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("debtor_agent", sa.Text(), server_default="", nullable=False),
        sa.Column("providers", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("target", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "source_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "target_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "debit_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "payee_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("num", sa.Text(), server_default="", nullable=False),
        sa.Column("den", sa.Text(), server_default="", nullable=False),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.Column("disclosure", sa.LargeBinary(), nullable=False),
        sa.Column(
            "issued_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "expires_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "lock_until",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("ended", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("quote_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("quote_debtor_agent", "quote", ["debtor_agent", "entered", "n"], unique=False)
    op.create_index("quote_entered", "quote", ["entered", "n"], unique=False)
    op.create_table(
        "rate",
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("num", sa.Text(), server_default="", nullable=False),
        sa.Column("den", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "at_ns", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "flags", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("base", "quote", "kind"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "redemption",
        sa.Column("id", sa.LargeBinary(), nullable=False),
        sa.Column("participant", sa.Text(), server_default="", nullable=False),
        sa.Column("asset", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "amount_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=True,
    )
    op.create_index("redemption_entered", "redemption", ["entered", "n"], unique=False)
    op.create_index("redemption_participant", "redemption", ["participant", "entered", "n"], unique=False)
    op.create_table(
        "reserve_check",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("asset", sa.Text(), server_default="", nullable=False),
        sa.Column("what", sa.Text(), server_default="", nullable=False),
        sa.Column("statement", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "until_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "closing_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("issued_minor", sa.Text(), server_default="", nullable=False),
        sa.Column("agreed", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("unlike", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "at_ns", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("key", "n"),
        sqlite_with_rowid=True,
    )
    op.create_index("reserve_check_asset", "reserve_check", ["asset", "key", "n"], unique=False)
    op.create_table(
        "rule",
        sa.Column("rule", sa.Text(), nullable=False),
        sa.Column(
            "from_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("rule"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "setting",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=False),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("owner", "name"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "sheet",
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("sell", sa.Text(), nullable=False),
        sa.Column("buy", sa.Text(), nullable=False),
        sa.Column(
            "version",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "valid_from",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "valid_until",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("provider", "sell", "buy"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "site",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("warehouse", sa.Text(), server_default="", nullable=False),
        sa.Column("inspector", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "capacity_kg",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "capital_kg",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("currency", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "rate_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("site"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "receipt_class",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), server_default="", nullable=False),
        sa.Column("grade", sa.Text(), server_default="", nullable=False),
        sa.Column("crop", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("code"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "stock",
        sa.Column("site", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column(
            "certified_kg",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "live_kg",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column(
            "case_kg",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("case_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("site", "grade"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "receipt",
        sa.Column("receipt_id", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("holder", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "kg", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("pledgee", sa.Text(), server_default="", nullable=False),
        sa.Column("bound_to", sa.LargeBinary(), nullable=False),
        sa.Column(
            "valid_until",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("receipt_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("receipt_holder", "receipt", ["holder", "entered", "n"], unique=False)
    op.create_index("receipt_pledgee", "receipt", ["pledgee", "entered", "n"], unique=False)
    op.create_index("receipt_code", "receipt", ["code", "entered", "n"], unique=False)
    op.create_table(
        "receipt_move",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("receipt_id", sa.LargeBinary(), nullable=False),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("holder", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "kg", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "left_kg",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "storage_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column(
            "at_ns", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("key", "n"),
        sqlite_with_rowid=True,
    )
    op.create_index("receipt_move_receipt", "receipt_move", ["receipt_id", "key", "n"], unique=False)
    op.create_table(
        "delivery",
        sa.Column("delivery_id", sa.LargeBinary(), nullable=False),
        sa.Column("instrument", sa.Text(), server_default="", nullable=False),
        sa.Column("seller", sa.Text(), server_default="", nullable=False),
        sa.Column("buyer", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "kg", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "due_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("currency", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "net_kg", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "amount_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "refusal",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "owed_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("owed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("site", sa.Text(), server_default="", nullable=False),
        sa.Column("grade", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "lots", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "price_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "price_kg",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "accepted",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("agreed_by", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "weight_kg",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("found", sa.Text(), server_default="", nullable=False),
        sa.Column("receipts", sa.LargeBinary(), nullable=False),
        sa.Column("bill", sa.LargeBinary(), nullable=False),
        sa.Column("voyage", sa.LargeBinary(), nullable=False),
        sa.Column("after_step", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "assign_by",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "certify_by",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "object_by",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "fund_by",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("incoterm", sa.Text(), server_default="", nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "differential_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "full_cargo_bp",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("final_at", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "goods_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("costs", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("delivery_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("delivery_buyer", "delivery", ["buyer", "entered", "n"], unique=False)
    op.create_index("delivery_seller", "delivery", ["seller", "entered", "n"], unique=False)
    op.create_index("delivery_site", "delivery", ["site", "entered", "n"], unique=False)
    op.create_table(
        "delivery_move",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("delivery_id", sa.LargeBinary(), nullable=False),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "amount_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("bidder", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "lots", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "price_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "at_ns", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("key", "n"),
        sqlite_with_rowid=True,
    )
    op.create_index("delivery_move_delivery", "delivery_move", ["delivery_id", "key", "n"], unique=False)
    op.create_table(
        "voyage",
        sa.Column("voyage_id", sa.LargeBinary(), nullable=False),
        sa.Column("carrier", sa.Text(), server_default="", nullable=False),
        sa.Column("vessel", sa.Text(), server_default="", nullable=False),
        sa.Column("origin", sa.Text(), server_default="", nullable=False),
        sa.Column("target", sa.Text(), server_default="", nullable=False),
        sa.Column("cargo", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "kg", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "crew", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("slot_id", sa.LargeBinary(), nullable=False),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "arrives_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("voyage_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("voyage_carrier", "voyage", ["carrier", "entered", "n"], unique=False)
    op.create_table(
        "voyage_move",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("voyage_id", sa.LargeBinary(), nullable=False),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column(
            "at_ns", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("key", "n"),
        sqlite_with_rowid=True,
    )
    op.create_index("voyage_move_voyage", "voyage_move", ["voyage_id", "key", "n"], unique=False)
    op.create_table(
        "slot",
        sa.Column("slot_id", sa.LargeBinary(), nullable=False),
        sa.Column("berth", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "from_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "until_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("voyage_id", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("site", sa.Text(), server_default="", nullable=False),
        sa.Column("carrier", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("slot_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("slot_berth", "slot", ["berth", "from_at"], unique=False)
    op.create_table(
        "bill",
        sa.Column("bill_id", sa.LargeBinary(), nullable=False),
        sa.Column("voyage_id", sa.LargeBinary(), nullable=False),
        sa.Column("carrier", sa.Text(), server_default="", nullable=False),
        sa.Column("holder", sa.Text(), server_default="", nullable=False),
        sa.Column("pledgee", sa.Text(), server_default="", nullable=False),
        sa.Column("cargo", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "kg", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "links", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("bill_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("bill_holder", "bill", ["holder", "entered", "n"], unique=False)
    op.create_table(
        "bill_link",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("bill_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("holder", sa.Text(), server_default="", nullable=False),
        sa.Column("pledgee", sa.Text(), server_default="", nullable=False),
        sa.Column("cargo", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "kg", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("chain", sa.LargeBinary(), nullable=False),
        sa.Column(
            "at_ns", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("key", "n"),
        sqlite_with_rowid=True,
    )
    op.create_index("bill_link_bill", "bill_link", ["bill_id", "key", "n"], unique=False)
    op.create_table(
        "tender",
        sa.Column("tender_id", sa.LargeBinary(), nullable=False),
        sa.Column("buyer", sa.Text(), server_default="", nullable=False),
        sa.Column("asset", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "cargoes",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "cargo_t",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "bond_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "due_at", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("tender_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("tender_buyer", "tender", ["buyer", "entered", "n"], unique=False)
    op.create_table(
        "tender_bid",
        sa.Column("tender_id", sa.LargeBinary(), nullable=False),
        sa.Column("bidder", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.Column(
            "offers", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "bond_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("bond", sa.LargeBinary(), nullable=False),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("tender_id", "bidder"),
        sqlite_with_rowid=True,
    )
    op.create_index("tender_bid_bidder", "tender_bid", ["bidder", "entered", "n"], unique=False)
    op.create_table(
        "tender_award",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("tender_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "ask", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("made_by", sa.Text(), server_default="", nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("cargoes", sa.Text(), server_default="", nullable=False),
        sa.Column("cost", sa.Text(), server_default="", nullable=False),
        sa.Column("bound", sa.Text(), server_default="", nullable=False),
        sa.Column("proved", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("second", sa.Text(), server_default="", nullable=False),
        sa.Column("rejected", sa.Text(), server_default="", nullable=False),
        sa.Column("conflict", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "at_ns", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("key", "n"),
        sqlite_with_rowid=True,
    )
    op.create_index("tender_award_tender", "tender_award", ["tender_id", "key", "n"], unique=False)
    op.create_table(
        "supply",
        sa.Column("contract_id", sa.LargeBinary(), nullable=False),
        sa.Column("seller", sa.Text(), server_default="", nullable=False),
        sa.Column("buyer", sa.Text(), server_default="", nullable=False),
        sa.Column("asset", sa.Text(), server_default="", nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "acq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "first_month",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "years", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("contract_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("supply_buyer", "supply", ["buyer", "entered", "n"], unique=False)
    op.create_index("supply_seller", "supply", ["seller", "entered", "n"], unique=False)
    op.create_table(
        "supply_month",
        sa.Column("contract_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "month", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "nominated",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "taken", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "shortfall",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "force_majeure",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("price", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "amount_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("contract_id", "month"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "supply_year",
        sa.Column("contract_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "year", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "taken", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("top_quantity", sa.Text(), server_default="", nullable=False),
        sa.Column("deficiency", sa.Text(), server_default="", nullable=False),
        sa.Column("price", sa.Text(), server_default="", nullable=False),
        sa.Column("recovered", sa.Text(), server_default="", nullable=False),
        sa.Column("expired", sa.Text(), server_default="", nullable=False),
        sa.Column("carry_used", sa.Text(), server_default="", nullable=False),
        sa.Column("bank", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "booked_quantity",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "payment_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "repaid_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("contract_id", "year"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "energy_index",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "month", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "num", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "den", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("name", "month"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "rfq",
        sa.Column("rfq_id", sa.LargeBinary(), nullable=False),
        sa.Column("requester", sa.Text(), server_default="", nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "kg", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("side", sa.Text(), server_default="", nullable=False),
        sa.Column("currency", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "valid_until",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("rfq_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("rfq_requester", "rfq", ["requester", "entered", "n"], unique=False)
    op.create_table(
        "rfq_answer",
        sa.Column("answer_id", sa.LargeBinary(), nullable=False),
        sa.Column("rfq_id", sa.LargeBinary(), nullable=False),
        sa.Column("dealer", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "bid_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "ask_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("receipt_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "kg_max", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "valid_until",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "kg", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "amount_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("quote_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("answer_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("rfq_answer_rfq", "rfq_answer", ["rfq_id", "entered", "n"], unique=False)
    op.create_table(
        "energy_match",
        sa.Column("match_id", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("asset", sa.Text(), server_default="", nullable=False),
        sa.Column("cost", sa.Text(), server_default="", nullable=False),
        sa.Column("surplus", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "gap_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("flows", sa.Text(), server_default="", nullable=False),
        sa.Column("prices", sa.Text(), server_default="", nullable=False),
        sa.Column("rents", sa.Text(), server_default="", nullable=False),
        sa.Column("marginal", sa.Text(), server_default="", nullable=False),
        sa.Column("unserved", sa.Text(), server_default="", nullable=False),
        sa.Column("unsold", sa.Text(), server_default="", nullable=False),
        sa.Column("delivered", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "at_ns",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("match_id"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "energy_deal",
        sa.Column("match_id", sa.LargeBinary(), nullable=False),
        sa.Column("asset", sa.Text(), server_default="", nullable=False),
        sa.Column("parties", sa.Text(), server_default="", nullable=False),
        sa.Column("accepted", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "accept_until",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("dues", sa.Text(), server_default="", nullable=False),
        sa.Column("served", sa.Text(), server_default="", nullable=False),
        sa.Column("shortfalls", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("match_id"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "energy_bill",
        sa.Column("bill_id", sa.LargeBinary(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("what", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "month",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("debtor", sa.Text(), server_default="", nullable=False),
        sa.Column("creditor", sa.Text(), server_default="", nullable=False),
        sa.Column("asset", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "amount_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "due_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("uetr", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "paid_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("bill_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("energy_bill_debtor", "energy_bill", ["debtor", "entered", "n"], unique=False)
    op.create_index("energy_bill_creditor", "energy_bill", ["creditor", "entered", "n"], unique=False)
    op.create_table(
        "forward",
        sa.Column("forward_id", sa.LargeBinary(), nullable=False),
        sa.Column("contract", sa.Text(), server_default="", nullable=False),
        sa.Column("commodity", sa.Text(), server_default="", nullable=False),
        sa.Column("grade", sa.Text(), server_default="", nullable=False),
        sa.Column("site", sa.Text(), server_default="", nullable=False),
        sa.Column("place", sa.Text(), server_default="", nullable=False),
        sa.Column("incoterm", sa.Text(), server_default="", nullable=False),
        sa.Column("seller", sa.Text(), server_default="", nullable=False),
        sa.Column("buyer", sa.Text(), server_default="", nullable=False),
        sa.Column("offered_by", sa.Text(), server_default="", nullable=False),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "lots",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "unit_kg",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "price_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "differential_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "price_kg",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("currency", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "from_on",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "to_on",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("benchmark", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "due_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "owed_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("owed_by", sa.Text(), server_default="", nullable=False),
        sa.Column("delivery_id", sa.LargeBinary(), nullable=False),
        sa.Column("arbitration_seat", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "entered_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "changed_at",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "entered",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("forward_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("forward_seller", "forward", ["seller", "entered", "n"], unique=False)
    op.create_index("forward_buyer", "forward", ["buyer", "entered", "n"], unique=False)
    op.create_table(
        "forward_move",
        sa.Column(
            "key",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "n",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("forward_id", sa.LargeBinary(), nullable=False),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "lots",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "offset_lots",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "moved_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "owed_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column(
            "at_ns",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("key", "n"),
        sqlite_with_rowid=True,
    )
    op.create_index("forward_move_forward", "forward_move", ["forward_id", "key", "n"], unique=False)


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("forward_seller", table_name="forward")
    op.drop_index("forward_buyer", table_name="forward")
    op.drop_table("forward")
    op.drop_index("forward_move_forward", table_name="forward_move")
    op.drop_table("forward_move")
    op.drop_index("energy_bill_creditor", table_name="energy_bill")
    op.drop_index("energy_bill_debtor", table_name="energy_bill")
    op.drop_table("energy_bill")
    op.drop_table("energy_deal")
    op.drop_table("energy_match")
    op.drop_index("rfq_requester", table_name="rfq")
    op.drop_table("rfq")
    op.drop_index("rfq_answer_rfq", table_name="rfq_answer")
    op.drop_table("rfq_answer")
    op.drop_index("supply_buyer", table_name="supply")
    op.drop_index("supply_seller", table_name="supply")
    op.drop_table("supply")
    op.drop_table("supply_month")
    op.drop_table("supply_year")
    op.drop_table("energy_index")
    op.drop_index("tender_buyer", table_name="tender")
    op.drop_table("tender")
    op.drop_index("tender_bid_bidder", table_name="tender_bid")
    op.drop_table("tender_bid")
    op.drop_index("tender_award_tender", table_name="tender_award")
    op.drop_table("tender_award")
    op.drop_table("site")
    op.drop_table("receipt_class")
    op.drop_table("stock")
    op.drop_index("receipt_holder", table_name="receipt")
    op.drop_index("receipt_pledgee", table_name="receipt")
    op.drop_index("receipt_code", table_name="receipt")
    op.drop_table("receipt")
    op.drop_index("receipt_move_receipt", table_name="receipt_move")
    op.drop_table("receipt_move")
    op.drop_index("delivery_buyer", table_name="delivery")
    op.drop_index("delivery_seller", table_name="delivery")
    op.drop_index("delivery_site", table_name="delivery")
    op.drop_index("delivery_move_delivery", table_name="delivery_move")
    op.drop_table("delivery_move")
    op.drop_table("delivery")
    op.drop_index("voyage_carrier", table_name="voyage")
    op.drop_index("voyage_move_voyage", table_name="voyage_move")
    op.drop_table("voyage_move")
    op.drop_table("voyage")
    op.drop_index("slot_berth", table_name="slot")
    op.drop_table("slot")
    op.drop_index("bill_holder", table_name="bill")
    op.drop_index("bill_link_bill", table_name="bill_link")
    op.drop_table("bill_link")
    op.drop_table("bill")
    # ### end Alembic commands ###
    op.drop_table("sheet")
    op.drop_table("setting")
    op.drop_table("rule")
    op.drop_index("reserve_check_asset", table_name="reserve_check")
    op.drop_table("reserve_check")
    op.drop_index("redemption_participant", table_name="redemption")
    op.drop_index("redemption_entered", table_name="redemption")
    op.drop_table("redemption")
    op.drop_table("rate")
    op.drop_index("quote_entered", table_name="quote")
    op.drop_index("quote_debtor_agent", table_name="quote")
    op.drop_table("quote")
    op.drop_table("payment_move")
    op.drop_index("payment_uetr", table_name="payment")
    op.drop_index(
        "payment_open",
        table_name="payment",
        sqlite_where=sa.text("state < 9"),
        postgresql_where=sa.text("state < 9"),
    )
    op.drop_index("payment_on", table_name="payment")
    op.drop_index("payment_debtor_agent", table_name="payment")
    op.drop_index("payment_creditor_agent", table_name="payment")
    op.drop_table("payment")
    op.drop_table("participant")
    op.drop_table("pack")
    op.drop_table("own_rule")
    op.drop_table("pool_choice")
    op.drop_table("cycle_schedule")
    op.drop_table("cycle_cut")
    op.drop_index("cycle_member_participant", table_name="cycle_member")
    op.drop_table("cycle_member")
    op.drop_index("cycle_id", table_name="cycle")
    op.drop_table("cycle")
    op.drop_index("batch_member_participant", table_name="batch_member")
    op.drop_table("batch_member")
    op.drop_index("batch_id", table_name="batch")
    op.drop_table("batch")
    op.drop_index("pace_participant", table_name="pace")
    op.drop_table("pace")
    op.drop_index("ring_entered", table_name="ring")
    op.drop_table("ring")
    op.drop_index("ring_holder_entered", table_name="ring_holder")
    op.drop_table("ring_holder")
    op.drop_table("ring_standing")
    op.drop_table("surplus_offer")
    op.drop_index("claim_entered", table_name="claim")
    op.drop_table("claim")
    op.drop_index("claim_part_claim", table_name="claim_part")
    op.drop_table("claim_part")
    op.drop_index("credit_case_entered", table_name="credit_case")
    op.drop_table("credit_case")
    op.drop_table("credit_line")
    op.drop_index("credit_use_line", table_name="credit_use")
    op.drop_table("credit_use")
    op.drop_index("own_limit_owner", table_name="own_limit")
    op.drop_table("own_limit")
    op.drop_table("member")
    op.drop_table("leg_segment")
    op.drop_table("journal_row")
    op.drop_index("fx_order_owner", table_name="fx_order")
    op.drop_table("fx_order")
    op.drop_index("fx_fill_order", table_name="fx_fill")
    op.drop_index("fx_fill_batch", table_name="fx_fill")
    op.drop_table("fx_fill")
    op.drop_index("fx_trade_entered", table_name="fx_trade")
    op.drop_table("fx_trade")
    op.drop_index("funding_participant", table_name="funding")
    op.drop_index("funding_entered", table_name="funding")
    op.drop_table("funding")
    op.drop_index("event_recipient", table_name="event")
    op.drop_table("event")
    op.drop_table("cursor")
    op.drop_index("command_id", table_name="command")
    op.drop_table("command")
    op.drop_table("calendar")
    op.drop_index("balance_day_on", table_name="balance_day")
    op.drop_table("balance_day")
    op.drop_table("asset")
    op.drop_index("approval_owner", table_name="approval")
    op.drop_index("approval_entered", table_name="approval")
    op.drop_table("approval")
    op.drop_index("actor_owner", table_name="actor")
    op.drop_table("actor")
    op.drop_index("account_owner", table_name="account")
    op.drop_index("account_name", table_name="account")
    op.drop_table("account")
