"""How many open links a touchpoint has had; the day's salt and how many answers came lately"""

import sqlalchemy as sa
from alembic import op

revision = "0054"
down_revision = "0052"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    with op.batch_alter_table("touchpoint_survey") as table:
        table.add_column(sa.Column("open_serial", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "salt",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("salt", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_salt")),
    )
    op.create_table(
        "arrivals",
        sa.Column("touchpoint_id", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("began", sa.DateTime(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_arrivals_touchpoint_id_touchpoint")
        ),
        sa.PrimaryKeyConstraint("touchpoint_id", "source", "began", name=op.f("pk_arrivals")),
    )
    op.create_index(op.f("ix_arrivals_began"), "arrivals", ["began"])


def downgrade() -> None:
    """Back to before; links that were made anew since then end."""
    op.drop_table("arrivals")
    op.drop_table("salt")
    with op.batch_alter_table("touchpoint_survey") as table:
        table.drop_column("open_serial")
