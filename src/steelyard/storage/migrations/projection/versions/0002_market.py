"""Books, orders, trades, firm quotes and the public stream of the market."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what this step adds."""
    op.create_table(
        "firm_quote",
        sa.Column("quote_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "quote_no",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("provider", sa.Text(), server_default="", nullable=False),
        sa.Column("sell", sa.Text(), server_default="", nullable=False),
        sa.Column("buy", sa.Text(), server_default="", nullable=False),
        sa.Column("num", sa.Text(), server_default="", nullable=False),
        sa.Column("den", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "sell_left",
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
        sa.PrimaryKeyConstraint("quote_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("firm_quote_entered", "firm_quote", ["entered", "n"], unique=False)
    op.create_table(
        "firm_quote_standing",
        sa.Column("quote_no", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("provider", sa.Text(), server_default="", nullable=False),
        sa.Column("sell", sa.Text(), server_default="", nullable=False),
        sa.Column("buy", sa.Text(), server_default="", nullable=False),
        sa.Column("num", sa.Text(), server_default="", nullable=False),
        sa.Column("den", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "sell_left",
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
        sa.PrimaryKeyConstraint("quote_no"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "instrument",
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("contract", sa.Text(), server_default="", nullable=False),
        sa.Column("way", sa.Text(), server_default="", nullable=False),
        sa.Column("asset", sa.Text(), server_default="", nullable=False),
        sa.Column("currency", sa.Text(), server_default="", nullable=False),
        sa.Column("basket", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "kg", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("terms", sa.LargeBinary(), nullable=True),
        sa.Column("phase", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column(
            "reference",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "limit_low",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "limit_high",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "dyn_low",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "dyn_high",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "settlement",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "listed_at",
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
        "market_feed",
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column(
            "seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=True),
        sa.Column(
            "at_ns", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("instrument", "seq"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "market_group",
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("owner"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "market_level",
        sa.Column("instrument", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column(
            "side", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "price", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("quantity", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("instrument", "currency", "side", "price"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "market_order",
        sa.Column("order_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "order_no",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("instrument", sa.Text(), server_default="", nullable=False),
        sa.Column("currency", sa.Text(), server_default="", nullable=False),
        sa.Column("side", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("type", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("tif", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column(
            "quantity",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "price", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "stop", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column(
            "peak", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("post_only", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("aon", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("stp", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column(
            "until_on",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("session", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "open", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("why", sa.SmallInteger(), server_default="0", nullable=False),
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
        sa.PrimaryKeyConstraint("order_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("market_order_entered", "market_order", ["entered", "n"], unique=False)
    op.create_index("market_order_owner", "market_order", ["owner", "entered", "n"], unique=False)
    op.create_table(
        "market_trade",
        sa.Column("trade_id", sa.LargeBinary(), nullable=False),
        sa.Column("instrument", sa.Text(), server_default="", nullable=False),
        sa.Column("buy", sa.LargeBinary(), nullable=False),
        sa.Column("sell", sa.LargeBinary(), nullable=False),
        sa.Column("buyer", sa.Text(), server_default="", nullable=False),
        sa.Column("seller", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "quantity",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "price", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("buyer_currency", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "buyer_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("seller_currency", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "seller_minor",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column(
            "quote_no",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("taker", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=False),
        sa.Column("reversed_by", sa.LargeBinary(), nullable=False),
        sa.Column(
            "settles_on",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            server_default="0",
            nullable=False,
        ),
        sa.Column("provider", sa.Text(), server_default="", nullable=False),
        sa.Column("basket_price", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "at_ns", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
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
        sa.PrimaryKeyConstraint("trade_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("market_trade_buyer", "market_trade", ["buyer", "entered", "n"], unique=False)
    op.create_index("market_trade_instrument", "market_trade", ["instrument", "entered", "n"], unique=False)
    op.create_index("market_trade_provider", "market_trade", ["provider", "entered", "n"], unique=False)
    op.create_index("market_trade_seller", "market_trade", ["seller", "entered", "n"], unique=False)
    op.create_table(
        "order_refused",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("order_id", sa.LargeBinary(), nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("place", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("refusal", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column(
            "at_ns", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("key", "n"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "trade_money",
        sa.Column(
            "key", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column(
            "n", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("asset", sa.Text(), server_default="", nullable=False),
        sa.Column(
            "minor", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.Column("bundle_id", sa.LargeBinary(), nullable=False),
        sa.Column(
            "at_ns", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), server_default="0", nullable=False
        ),
        sa.PrimaryKeyConstraint("key", "n"),
        sqlite_with_rowid=True,
    )


def downgrade() -> None:
    """Take away what this step adds."""
    op.drop_table("trade_money")
    op.drop_table("order_refused")
    op.drop_index("market_trade_seller", table_name="market_trade")
    op.drop_index("market_trade_provider", table_name="market_trade")
    op.drop_index("market_trade_instrument", table_name="market_trade")
    op.drop_index("market_trade_buyer", table_name="market_trade")
    op.drop_table("market_trade")
    op.drop_index("market_order_owner", table_name="market_order")
    op.drop_index("market_order_entered", table_name="market_order")
    op.drop_table("market_order")
    op.drop_table("market_level")
    op.drop_table("market_group")
    op.drop_table("market_feed")
    op.drop_table("instrument")
    op.drop_table("firm_quote_standing")
    op.drop_index("firm_quote_entered", table_name="firm_quote")
    op.drop_table("firm_quote")
