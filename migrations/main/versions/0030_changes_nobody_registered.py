"""Changes nobody registered, and when a fix found from the answers was put on record"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.add_column("fix", sa.Column("registered", sa.Date(), nullable=True))
    op.create_table(
        "unregistered_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("irritant_id", sa.Integer(), nullable=False),
        sa.Column("more", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("fix_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["fix_id"], ["fix.id"], name=op.f("fk_unregistered_change_fix_id_fix")),
        sa.ForeignKeyConstraint(
            ["irritant_id"], ["irritant.id"], name=op.f("fk_unregistered_change_irritant_id_irritant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unregistered_change")),
    )
    op.create_index(
        op.f("ix_unregistered_change_irritant_id"), "unregistered_change", ["irritant_id"], unique=False
    )
    op.create_table(
        "change_sighting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("concluded_at", sa.DateTime(), nullable=False),
        sa.Column("month", sa.Date(), nullable=True),
        sa.Column("earliest", sa.Date(), nullable=True),
        sa.Column("latest", sa.Date(), nullable=True),
        sa.Column("evidence", sa.Double(), nullable=True),
        sa.CheckConstraint(
            "earliest <= month AND month <= latest", name=op.f("ck_change_sighting_month_within_range")
        ),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_change_sighting_revision_counts_up")),
        sa.ForeignKeyConstraint(
            ["change_id"],
            ["unregistered_change.id"],
            name=op.f("fk_change_sighting_change_id_unregistered_change"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_sighting")),
        sa.UniqueConstraint(
            "change_id", "as_of", "revision", name=op.f("uq_change_sighting_change_id_as_of_revision")
        ),
    )
    op.create_index(op.f("ix_change_sighting_as_of"), "change_sighting", ["as_of"], unique=False)
    op.create_table(
        "change_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("change_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["change_id"],
            ["unregistered_change.id"],
            name=op.f("fk_change_event_change_id_unregistered_change"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_change_event")),
    )
    op.create_index(op.f("ix_change_event_change_id"), "change_event", ["change_id"], unique=False)


def downgrade() -> None:
    """Back to before."""
    op.drop_index(op.f("ix_change_event_change_id"), table_name="change_event")
    op.drop_table("change_event")
    op.drop_index(op.f("ix_change_sighting_as_of"), table_name="change_sighting")
    op.drop_table("change_sighting")
    op.drop_index(op.f("ix_unregistered_change_irritant_id"), table_name="unregistered_change")
    op.drop_table("unregistered_change")
    op.drop_column("fix", "registered")
