"""Figures that stand in place of a telling one, and participation in bands"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so; what was released before was made from its own month's answers."""
    with op.batch_alter_table("released_cell") as table:
        table.add_column(sa.Column("fresh", sa.Boolean(), nullable=False, server_default=sa.true()))
    with op.batch_alter_table("released_cell") as table:
        table.alter_column("fresh", server_default=None)
    op.create_table(
        "participation_band",
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("band", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.id"], name=op.f("fk_participation_band_place_id_place")
        ),
        sa.PrimaryKeyConstraint("place_id", "month", name=op.f("pk_participation_band")),
    )


def downgrade() -> None:
    """Back to before."""
    op.drop_table("participation_band")
    with op.batch_alter_table("released_cell") as table:
        table.drop_column("fresh")
