"""How often visitors and programs were turned away, by the hour; whether the end of a trouble was told"""

import sqlalchemy as sa
from alembic import op

revision = "0063"
down_revision = "0062"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "refusal",
        sa.Column("hour", sa.DateTime(), nullable=False),
        sa.Column("turned", sa.String(length=20), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.CheckConstraint("number > 0", name=op.f("ck_refusal_some")),
        sa.PrimaryKeyConstraint("hour", "turned", name=op.f("pk_refusal")),
    )
    op.add_column("alert", sa.Column("told_over", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Back to before: what was counted is lost."""
    op.drop_column("alert", "told_over")
    op.drop_table("refusal")
