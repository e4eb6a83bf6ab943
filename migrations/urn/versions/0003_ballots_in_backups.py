"""Which ballots of a wave not counted yet are in backups"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "entered",
        sa.Column("key", sa.LargeBinary(length=32), nullable=False),
        sa.Column("wave", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_entered")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Back to before: no backup is to be compared with one made from here on while a wave is open."""
    op.drop_table("entered")
