"""The issuing list takes the place of the list of who answered"""

import secrets

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

PEOPLE = sa.table("participation", sa.column("wave_id", sa.Integer), sa.column("person_id", sa.Integer))
ISSUED = sa.table(
    "issued",
    sa.column("wave_id", sa.Integer),
    sa.column("person_id", sa.Integer),
    sa.column("request", sa.LargeBinary),
)


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "issued",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("request", sa.LargeBinary(length=32), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_issued_person_id_person")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_issued_wave_id_wave")),
        sa.PrimaryKeyConstraint("wave_id", "person_id", name=op.f("pk_issued")),
        sqlite_with_rowid=False,
    )
    # Who answered an open wave draws no ballot for it; no request was ever made, so none matches this one.
    answered = op.get_bind().execute(sa.select(PEOPLE).order_by(*PEOPLE.c)).mappings()
    if rows := [{**row, "request": secrets.token_bytes(32)} for row in answered]:
        op.get_bind().execute(sa.insert(ISSUED), rows)
    op.drop_table("participation")


def downgrade() -> None:
    """Back to before."""
    op.create_table(
        "participation",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_participation_person_id_person")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_participation_wave_id_wave")),
        sa.PrimaryKeyConstraint("wave_id", "person_id", name=op.f("pk_participation")),
        sqlite_with_rowid=False,
    )
    drawn = sa.select(ISSUED.c.wave_id, ISSUED.c.person_id).order_by(ISSUED.c.wave_id, ISSUED.c.person_id)
    op.get_bind().execute(sa.insert(PEOPLE).from_select(["wave_id", "person_id"], drawn))
    op.drop_table("issued")
