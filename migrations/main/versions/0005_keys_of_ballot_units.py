"""Keys of ballot units, made ahead; the fingerprint of a wave; sheets of codes made; proofs of purge"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NEW = ("code_sheet", "purge", "wave_fingerprint", "unit_key", "spare_key")


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "spare_key",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("private", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spare_key")),
    )
    op.create_table(
        "unit_key",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("public", sa.LargeBinary(), nullable=False),
        sa.Column("private", sa.LargeBinary(), nullable=True),
        sa.Column("proof", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["team.id"], name=op.f("fk_unit_key_unit_id_team")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_unit_key_wave_id_wave")),
        sa.PrimaryKeyConstraint("wave_id", "unit_id", name=op.f("pk_unit_key")),
    )
    op.create_table(
        "wave_fingerprint",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_wave_fingerprint_wave_id_wave")),
        sa.PrimaryKeyConstraint("wave_id", name=op.f("pk_wave_fingerprint")),
    )
    op.create_table(
        "purge",
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("purged_on", sa.Date(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("what", "month", name=op.f("pk_purge")),
    )
    op.create_table(
        "code_sheet",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["unit_id"], ["team.id"], name=op.f("fk_code_sheet_unit_id_team")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_code_sheet_wave_id_wave")),
        sa.PrimaryKeyConstraint("wave_id", "unit_id", name=op.f("pk_code_sheet")),
    )


def downgrade() -> None:
    """Back to before."""
    for table in NEW:
        op.drop_table(table)
