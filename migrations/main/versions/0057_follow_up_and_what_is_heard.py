"""What analysts do with a verdict: fixes registered on screen, flags handed over, what came of it told"""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None

TEXTS = ("requested_by", "hypothesis", "staff_task")
RESTS_ON = (
    "customer_answers",
    "customer_places",
    "customer_compared",
    "staff_answers",
    "staff_places",
    "staff_compared",
    "months_before",
    "months_since",
)


def upgrade() -> None:
    """Make it so."""
    for text in TEXTS:
        op.add_column("fix", sa.Column(text, sa.String(), nullable=False, server_default=sa.text("''")))
    op.add_column("fix", sa.Column("success_on", sa.Date(), nullable=True))
    op.add_column("irritant", sa.Column("retired", sa.Date(), nullable=True))
    op.add_column("person", sa.Column("weekly_news", sa.Boolean(), nullable=False, server_default=sa.true()))
    for number in RESTS_ON:
        op.add_column("verdict", sa.Column(number, sa.Integer(), nullable=True))
    with op.batch_alter_table("flag") as table:
        table.add_column(sa.Column("decision", sa.String(length=20), nullable=True))
        table.add_column(sa.Column("corrective_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("recheck_on", sa.Date(), nullable=True))
        table.create_foreign_key(op.f("fk_flag_corrective_id_fix"), "fix", ["corrective_id"], ["id"])
    with op.batch_alter_table("flag_event") as table:
        table.add_column(sa.Column("owner", sa.String(), nullable=True))
        table.add_column(sa.Column("decision", sa.String(length=20), nullable=True))
        table.add_column(sa.Column("corrective_id", sa.Integer(), nullable=True))
        table.add_column(sa.Column("recheck_on", sa.Date(), nullable=True))
        table.create_foreign_key(op.f("fk_flag_event_corrective_id_fix"), "fix", ["corrective_id"], ["id"])
    op.create_table(
        "fix_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fix_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("deed", sa.String(length=20), nullable=False),
        sa.Column("changed", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["fix_id"], ["fix.id"], name=op.f("fk_fix_event_fix_id_fix")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fix_event")),
    )
    op.create_index(op.f("ix_fix_event_fix_id"), "fix_event", ["fix_id"], unique=False)
    op.create_table(
        "heard",
        sa.Column("fix_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=20), nullable=False),
        *(
            sa.Column(f"{part}_{language}", sa.String(), nullable=False)
            for part in ("said", "done", "next")
            for language in ("en", "fr")
        ),
        sa.Column("edited_at", sa.DateTime(), nullable=False),
        sa.Column("published_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["fix_id"], ["fix.id"], name=op.f("fk_heard_fix_id_fix")),
        sa.PrimaryKeyConstraint("fix_id", "side", name=op.f("pk_heard")),
    )
    op.create_table(
        "overview_visit",
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("visited_on", sa.Date(), nullable=False),
        sa.Column("seen", sa.Date(), nullable=True),
        sa.Column("seen_before", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["person.id"], name=op.f("fk_overview_visit_person_id_person")
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_overview_visit")),
    )
    op.create_table(
        "step_done",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("done_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_step_done")),
    )


def downgrade() -> None:
    """Back to before: what was decided on screen is lost, verdicts and flags stay."""
    for table in ("step_done", "overview_visit", "heard", "fix_event"):
        op.drop_table(table)
    for name in ("flag_event", "flag"):
        with op.batch_alter_table(name) as table:
            table.drop_constraint(op.f(f"fk_{name}_corrective_id_fix"), type_="foreignkey")
            for column in ("recheck_on", "corrective_id", "decision"):
                table.drop_column(column)
    with op.batch_alter_table("flag_event") as table:
        table.drop_column("owner")
    for name, columns in (
        ("verdict", RESTS_ON),
        ("person", ("weekly_news",)),
        ("irritant", ("retired",)),
        ("fix", (*TEXTS, "success_on")),
    ):
        for column in columns:
            op.drop_column(name, column)
