"""Questions of a wave are frozen with their words, may be about indicators, and reminders may be refused"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ASKED_NOW = """CREATE TEMPORARY TABLE kept_question AS
    SELECT q.wave_id, q.unit_id, q.irritant_id AS measure_id, q.position,
           i.employee_question_en AS words_en, i.employee_question_fr AS words_fr
    FROM wave_question q JOIN irritant i ON i.id = q.irritant_id"""
TREE_NOW = """CREATE TEMPORARY TABLE kept_team AS
    SELECT t.wave_id, t.team_id, t.unit_id, t.parent_id,
           (SELECT count(*) FROM membership m JOIN wave w ON w.id = t.wave_id
            WHERE m.team_id = t.team_id AND m.since <= w.opens_at
              AND (m.until IS NULL OR m.until >= w.opens_at)) AS people
    FROM wave_team t"""
WITHOUT_PEOPLE = (
    "CREATE TEMPORARY TABLE kept_team AS SELECT wave_id, team_id, unit_id, parent_id FROM wave_team"
)
OF_IRRITANTS = """CREATE TEMPORARY TABLE kept_question AS
    SELECT q.wave_id, q.unit_id, q.measure_id AS irritant_id, q.position
    FROM wave_question q JOIN irritant i ON i.id = q.measure_id"""


def upgrade() -> None:
    """Make it so."""
    op.execute(ASKED_NOW)
    op.execute(TREE_NOW)
    op.drop_table("wave_question")
    op.drop_table("wave_team")
    _make_tree(sa.Column("people", sa.Integer(), nullable=False))
    _make_questions(
        ("measure_id", "measure"),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("words_en", sa.String(), nullable=False),
        sa.Column("words_fr", sa.String(), nullable=False),
    )
    _give_back("wave_team", "kept_team", "wave_id, team_id, unit_id, parent_id, people")
    asked = "wave_id, unit_id, measure_id, position, words_en, words_fr"
    op.execute(f"INSERT INTO wave_question ({asked}, kind) SELECT {asked}, 'landing' FROM kept_question")  # noqa: S608
    op.execute("DROP TABLE kept_question")
    op.create_table(
        "no_reminder",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_no_reminder_person_id_person")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_no_reminder")),
    )


def downgrade() -> None:
    """Back to before; questions about indicators, which the old tables cannot hold, are dropped."""
    op.drop_table("no_reminder")
    op.execute(OF_IRRITANTS)
    op.execute(WITHOUT_PEOPLE)
    op.drop_table("wave_question")
    op.drop_table("wave_team")
    _make_tree()
    _make_questions(("irritant_id", "irritant"))
    _give_back("wave_team", "kept_team", "wave_id, team_id, unit_id, parent_id")
    _give_back("wave_question", "kept_question", "wave_id, unit_id, irritant_id, position")


def _give_back(table: str, kept: str, columns: str) -> None:
    op.execute(f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {kept}")  # noqa: S608
    op.execute(f"DROP TABLE {kept}")


def _make_tree(*more: sa.Column[int]) -> None:
    op.create_table(
        "wave_team",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        *more,
        sa.ForeignKeyConstraint(["parent_id"], ["team.id"], name=op.f("fk_wave_team_parent_id_team")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_wave_team_team_id_team")),
        sa.ForeignKeyConstraint(["unit_id"], ["team.id"], name=op.f("fk_wave_team_unit_id_team")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_wave_team_wave_id_wave")),
        sa.PrimaryKeyConstraint("wave_id", "team_id", name=op.f("pk_wave_team")),
    )


def _make_questions(about: tuple[str, str], *more: sa.Column[str]) -> None:
    column, table = about
    op.create_table(
        "wave_question",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column(column, sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        *more,
        sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_wave_question_{column}_{table}")),
        sa.ForeignKeyConstraint(["unit_id"], ["team.id"], name=op.f("fk_wave_question_unit_id_team")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_wave_question_wave_id_wave")),
        sa.PrimaryKeyConstraint("wave_id", "unit_id", column, name=op.f("pk_wave_question")),
        sa.UniqueConstraint(
            "wave_id", "unit_id", "position", name=op.f("uq_wave_question_wave_id_unit_id_position")
        ),
    )
