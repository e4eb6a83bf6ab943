"""Customers who agreed to be contacted about their answer"""

import sqlalchemy as sa
from alembic import op

revision = "0056"
down_revision = "0053"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "contact_wish",
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("contact", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["response_id"], ["response.id"], name=op.f("fk_contact_wish_response_id_response")
        ),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_contact_wish")),
    )


def downgrade() -> None:
    """Back to before; no page asked such a thing."""
    op.drop_table("contact_wish")
