"""The first tables"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "ballot",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("wave", sa.Date(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_ballot")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "remark",
        sa.Column("key", sa.LargeBinary(length=16), nullable=False),
        sa.Column("wave", sa.Date(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_remark")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Back to before."""
    op.drop_table("remark")
    op.drop_table("ballot")
