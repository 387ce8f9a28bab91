"""Auctions and bids, published prices and complaints about them."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what this step adds."""
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "auction",
        sa.Column("auction_id", sa.LargeBinary(), nullable=False),
        sa.Column("format", sa.Text(), server_default="", nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("terms", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("opens_at", whole, server_default="0", nullable=False),
        sa.Column("due_at", whole, server_default="0", nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("awards", sa.Text(), server_default="", nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=True),
        sa.Column("price", whole, server_default="0", nullable=False),
        sa.Column("volume", whole, server_default="0", nullable=False),
        sa.Column("file", sa.LargeBinary(), nullable=True),
        sa.Column("entered_at", whole, server_default="0", nullable=False),
        sa.Column("changed_at", whole, server_default="0", nullable=False),
        sa.Column("entered", whole, server_default="0", nullable=False),
        sa.Column("n", whole, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("auction_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("auction_entered", "auction", ["entered", "n"], unique=False)
    op.create_index("auction_owner", "auction", ["owner", "entered", "n"], unique=False)
    op.create_table(
        "auction_bid",
        sa.Column("bid_id", sa.LargeBinary(), nullable=False),
        sa.Column("auction_id", sa.LargeBinary(), nullable=False),
        sa.Column("bidder", sa.Text(), server_default="", nullable=False),
        sa.Column("price", whole, server_default="0", nullable=False),
        sa.Column("lots", whole, server_default="0", nullable=False),
        sa.Column("entered_at", whole, server_default="0", nullable=False),
        sa.Column("entered", whole, server_default="0", nullable=False),
        sa.Column("n", whole, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("bid_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("auction_bid_auction", "auction_bid", ["auction_id", "entered", "n"], unique=False)
    op.create_index("auction_bid_bidder", "auction_bid", ["bidder", "entered", "n"], unique=False)
    op.create_table(
        "commitment",
        sa.Column("auction_id", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("owner", sa.Text(), server_default="", nullable=False),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("deposit", sa.Text(), server_default="", nullable=False),
        sa.Column("deposit_minor", whole, server_default="0", nullable=False),
        sa.Column("entered_at", whole, server_default="0", nullable=False),
        sa.Column("changed_at", whole, server_default="0", nullable=False),
        sa.Column("entered", whole, server_default="0", nullable=False),
        sa.Column("n", whole, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("auction_id", "digest"),
        sqlite_with_rowid=True,
    )
    op.create_index("commitment_owner", "commitment", ["owner", "entered", "n"], unique=False)
    op.create_table(
        "price",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("on_day", whole, autoincrement=False, nullable=False),
        sa.Column("version", whole, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("value", sa.Text(), server_default="", nullable=False),
        sa.Column("source", sa.Text(), server_default="", nullable=False),
        sa.Column("method", whole, server_default="0", nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("currencies", sa.Text(), server_default="", nullable=False),
        sa.Column("inputs", sa.Text(), server_default="", nullable=False),
        sa.Column("points", sa.Text(), server_default="", nullable=False),
        sa.Column("origin", sa.Text(), server_default="", nullable=False),
        sa.Column("grade", sa.Text(), server_default="", nullable=False),
        sa.Column("unit", sa.Text(), server_default="", nullable=False),
        sa.Column("basket", sa.Text(), server_default="", nullable=False),
        sa.Column("per_kg", whole, server_default="0", nullable=False),
        sa.Column("at_ns", whole, server_default="0", nullable=False),
        sa.Column("key", whole, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("series", "on_day", "version"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "price_method",
        sa.Column("series", sa.Text(), nullable=False),
        sa.Column("version", whole, autoincrement=False, nullable=False),
        sa.Column("from_day", whole, server_default="0", nullable=False),
        sa.Column("tick", sa.Text(), server_default="", nullable=False),
        sa.Column("cap", sa.Text(), server_default="", nullable=False),
        sa.Column("participants_min", whole, server_default="0", nullable=False),
        sa.Column("volume_min", whole, server_default="0", nullable=False),
        sa.Column("held_min", whole, server_default="0", nullable=False),
        sa.Column("within_bp", whole, server_default="0", nullable=False),
        sa.Column("days_min", whole, server_default="0", nullable=False),
        sa.Column("takes_outside", whole, server_default="0", nullable=False),
        sa.Column("makes", sa.Text(), server_default="", nullable=False),
        sa.Column("sources", sa.Text(), server_default="", nullable=False),
        sa.Column("basket", sa.Text(), server_default="", nullable=False),
        sa.Column("unit_kg", whole, server_default="0", nullable=False),
        sa.Column("related", sa.Text(), server_default="", nullable=False),
        sa.Column("parent", sa.Text(), server_default="", nullable=False),
        sa.Column("origin", sa.Text(), server_default="", nullable=False),
        sa.Column("grade", sa.Text(), server_default="", nullable=False),
        sa.Column("contract", sa.Text(), server_default="", nullable=False),
        sa.Column("at_ns", whole, server_default="0", nullable=False),
        sa.Column("key", whole, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("series", "version"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "complaint",
        sa.Column("number", whole, autoincrement=False, nullable=False),
        sa.Column("series", sa.Text(), server_default="", nullable=False),
        sa.Column("on_day", whole, server_default="0", nullable=False),
        sa.Column("version", whole, server_default="0", nullable=False),
        sa.Column("complainer", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("entered_at", whole, server_default="0", nullable=False),
        sa.Column("changed_at", whole, server_default="0", nullable=False),
        sa.Column("entered", whole, server_default="0", nullable=False),
        sa.Column("n", whole, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("number"),
        sqlite_with_rowid=True,
    )
    op.create_index("complaint_complainer", "complaint", ["complainer", "number"], unique=False)
    op.create_index("complaint_series", "complaint", ["series", "number"], unique=False)
    op.create_table(
        "complaint_step",
        sa.Column("number", whole, autoincrement=False, nullable=False),
        sa.Column("key", whole, autoincrement=False, nullable=False),
        sa.Column("event", sa.Text(), server_default="", nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("at_ns", whole, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("number", "key"),
        sqlite_with_rowid=True,
    )
    op.create_table(
        "otc_trade",
        sa.Column("trade_id", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("kg", whole, server_default="0", nullable=False),
        sa.Column("currency", sa.Text(), server_default="", nullable=False),
        sa.Column("minor", whole, server_default="0", nullable=False),
        sa.Column("buyer", sa.Text(), server_default="", nullable=False),
        sa.Column("seller", sa.Text(), server_default="", nullable=False),
        sa.Column("traded_at", whole, server_default="0", nullable=False),
        sa.Column("proof", sa.LargeBinary(), nullable=False),
        sa.Column("proven", sa.Text(), server_default="", nullable=False),
        sa.Column("on_day", whole, server_default="0", nullable=False),
        sa.Column("by_owner", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("entered_at", whole, server_default="0", nullable=False),
        sa.Column("changed_at", whole, server_default="0", nullable=False),
        sa.Column("entered", whole, server_default="0", nullable=False),
        sa.Column("n", whole, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("trade_id"),
        sqlite_with_rowid=True,
    )
    op.create_index("otc_trade_buyer", "otc_trade", ["buyer", "entered", "n"], unique=False)
    op.create_index("otc_trade_seller", "otc_trade", ["seller", "entered", "n"], unique=False)


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("otc_trade_seller", table_name="otc_trade")
    op.drop_index("otc_trade_buyer", table_name="otc_trade")
    op.drop_table("otc_trade")
    op.drop_index("complaint_series", table_name="complaint")
    op.drop_index("complaint_complainer", table_name="complaint")
    op.drop_index("commitment_owner", table_name="commitment")
    op.drop_index("auction_bid_bidder", table_name="auction_bid")
    op.drop_index("auction_bid_auction", table_name="auction_bid")
    op.drop_index("auction_owner", table_name="auction")
    op.drop_index("auction_entered", table_name="auction")
    op.drop_table("complaint_step")
    op.drop_table("complaint")
    op.drop_table("price_method")
    op.drop_table("price")
    op.drop_table("commitment")
    op.drop_table("auction_bid")
    op.drop_table("auction")
