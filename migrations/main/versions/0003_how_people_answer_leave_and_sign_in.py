"""How people answer, when they left, links to sign in with, and files of people waiting to be taken over"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NEW = ("sign_in_link", "sign_in_attempt", "people_file_row", "people_file")


def upgrade() -> None:
    """Make it so."""
    # With defaults of the database: the code of before goes on adding people while this runs.
    op.add_column(
        "person", sa.Column("answers_by", sa.String(length=20), server_default="ballot", nullable=False)
    )
    op.add_column("person", sa.Column("left_on", sa.Date(), nullable=True))
    op.add_column("person", sa.Column("visits", sa.Integer(), server_default="0", nullable=False))
    op.create_index(op.f("ix_person_left_on"), "person", ["left_on"], unique=False)
    op.create_table(
        "sign_in_link",
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("onward", sa.String(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_link_person_id_person")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_sign_in_link")),
    )
    op.create_index(op.f("ix_sign_in_link_expires_at"), "sign_in_link", ["expires_at"], unique=False)
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index(op.f("ix_sign_in_attempt_subject_at"), "sign_in_attempt", ["subject", "at"], unique=False)
    op.create_index(op.f("ix_sign_in_attempt_at"), "sign_in_attempt", ["at"], unique=False)
    op.create_table(
        "people_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("read_at", sa.DateTime(), nullable=False),
        sa.Column("read_by", sa.Integer(), nullable=True),
        sa.Column("starts", sa.Date(), nullable=False),
        sa.Column("full", sa.Boolean(), nullable=False),
        sa.Column("counts", sa.JSON(), nullable=False),
        sa.Column("kept_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["read_by"], ["person.id"], name=op.f("fk_people_file_read_by_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_people_file")),
    )
    op.create_table(
        "people_file_row",
        sa.Column("file_id", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("answers_by", sa.String(length=20), nullable=True),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("left", sa.Date(), nullable=True),
        sa.Column("leads", sa.JSON(), nullable=True),
        sa.Column("change", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["people_file.id"], name=op.f("fk_people_file_row_file_id_people_file")
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_people_file_row_team_id_team")),
        sa.PrimaryKeyConstraint("file_id", "line", name=op.f("pk_people_file_row")),
    )
    for columns in (["file_id", "email"], ["file_id", "change"]):
        op.create_index(op.f(f"ix_people_file_row_{'_'.join(columns)}"), "people_file_row", columns)


def downgrade() -> None:
    """Back to before."""
    for table in NEW:
        op.drop_table(table)
    op.drop_index(op.f("ix_person_left_on"), table_name="person")
    for column in ("visits", "left_on", "answers_by"):
        op.drop_column("person", column)
