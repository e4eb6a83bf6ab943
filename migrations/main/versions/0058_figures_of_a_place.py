"""A team's page reads what may be shown of a few places: by place, not through everybody's months"""

from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.create_index(op.f("ix_released_cell_place_id_month"), "released_cell", ["place_id", "month"])


def downgrade() -> None:
    """Back to before: the same figures, found more slowly."""
    op.drop_index(op.f("ix_released_cell_place_id_month"), "released_cell")
