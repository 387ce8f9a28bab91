"""What happened in clearing."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make what this step adds."""
    whole = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "clearing_row",
        sa.Column("key", whole, autoincrement=False, nullable=False),
        sa.Column("n", whole, autoincrement=False, nullable=False),
        sa.Column("kind", sa.Text(), server_default="", nullable=False),
        sa.Column("asset", sa.Text(), server_default="", nullable=False),
        sa.Column("member", sa.Text(), server_default="", nullable=False),
        sa.Column("other", sa.Text(), server_default="", nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("body", sa.Text(), server_default="", nullable=False),
        sa.Column("at_ns", whole, server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("key", "n"),
        sqlite_with_rowid=True,
    )
    op.create_index("clearing_row_member", "clearing_row", ["member", "key", "n"], unique=False)
    op.create_index("clearing_row_subject", "clearing_row", ["subject", "key", "n"], unique=False)


def downgrade() -> None:
    """Take it away again."""
    op.drop_index("clearing_row_subject", table_name="clearing_row")
    op.drop_index("clearing_row_member", table_name="clearing_row")
    op.drop_table("clearing_row")
