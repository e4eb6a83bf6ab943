"""Interactions, how touchpoints ask, whom not to ask; responses by either door, with words and indicators"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0040"
branch_labels = None
depends_on = None

NEW = ("recount", "quota", "touchpoint_survey", "contact", "interaction")
OLD_INVITATION = "id, token_hash, touchpoint_id, happened_on, expires_at, spent_at"
OLD_RESPONSE = "id, invitation_id, touchpoint_id, month, comment, digest"


def upgrade() -> None:
    """Make it so."""
    for table in ("invitation", "response", "response_score"):
        op.execute(f"CREATE TEMPORARY TABLE old_{table} AS SELECT * FROM {table}")  # noqa: S608
    for table in ("response_score", "response", "invitation"):
        op.drop_table(table)
    _make_new()
    _make_invitation(
        sa.Column("interaction_id", sa.Integer(), nullable=False),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["interaction_id"], ["interaction.id"], name=op.f("fk_invitation_interaction_id_interaction")
        ),
        sa.UniqueConstraint("interaction_id", name=op.f("uq_invitation_interaction_id")),
    )
    _make_response(
        sa.Column("invitation_id", sa.Integer(), nullable=True),
        sa.Column("door", sa.String(length=20), nullable=False),
        sa.Column("once", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("other", sa.String(), nullable=False),
        sa.Column("other_score", sa.Integer(), nullable=True),
        sa.Column("held", sa.String(length=20), nullable=True),
        sa.Column("erasure", sa.String(), nullable=False),
        sa.UniqueConstraint("once", name=op.f("uq_response_once")),
        sa.UniqueConstraint("erasure", name=op.f("uq_response_erasure")),
        sa.CheckConstraint("(invitation_id IS NULL) <> (once IS NULL)", name=op.f("ck_response_by_one_door")),
        sa.CheckConstraint(
            "other_score BETWEEN 0 AND 1000", name=op.f("ck_response_other_score_within_0_10")
        ),
    )
    _make_scores("measure")
    op.execute(
        "INSERT INTO interaction (code, touchpoint_id, happened_at, received_at, contact_keys, outcome)"
        " SELECT interaction, touchpoint_id, happened_on, happened_on, '[]', 'invited' FROM old_invitation"
    )
    op.execute(
        f"INSERT INTO invitation ({OLD_INVITATION}, interaction_id, way)"  # noqa: S608
        " SELECT o.id, o.token_hash, o.touchpoint_id, o.happened_on, o.expires_at, o.spent_at, i.id, 'link'"
        " FROM old_invitation o JOIN interaction i ON i.code = o.interaction"
    )
    # Nobody was given a link to erase such an answer, and its day is not known: the month's first stands.
    op.execute(
        f"INSERT INTO response ({OLD_RESPONSE}, door, answered_at, language, other, erasure)"  # noqa: S608
        f" SELECT {OLD_RESPONSE}, 'invited', month, 'fr', '', 'none ' || id FROM old_response"
    )
    op.execute("INSERT INTO response_score SELECT response_id, irritant_id, score FROM old_response_score")
    _tidy()


def downgrade() -> None:
    """Back to before; answers through open links and scores of indicators had no place, and are dropped."""
    for table in ("invitation", "response", "response_score", "interaction"):
        op.execute(f"CREATE TEMPORARY TABLE old_{table} AS SELECT * FROM {table}")  # noqa: S608
    for table in ("response_score", "response", "invitation", *NEW):
        op.drop_table(table)
    _make_invitation(
        sa.Column("interaction", sa.String(), nullable=False),
        sa.UniqueConstraint("interaction", name=op.f("uq_invitation_interaction")),
    )
    _make_response(sa.Column("invitation_id", sa.Integer(), nullable=False))
    _make_scores("irritant")
    op.execute(
        f"INSERT INTO invitation ({OLD_INVITATION}, interaction)"  # noqa: S608
        " SELECT o.id, o.token_hash, o.touchpoint_id, o.happened_on, o.expires_at, o.spent_at, i.code"
        " FROM old_invitation o JOIN old_interaction i ON i.id = o.interaction_id"
    )
    op.execute(
        f"INSERT INTO response ({OLD_RESPONSE}) SELECT {OLD_RESPONSE} FROM old_response"  # noqa: S608
        " WHERE invitation_id IS NOT NULL AND held IS NULL"
    )
    op.execute(
        "INSERT INTO response_score SELECT o.response_id, o.measure_id, o.score FROM old_response_score o"
        " JOIN irritant i ON i.id = o.measure_id JOIN response r ON r.id = o.response_id"
    )
    op.execute("DROP TABLE old_interaction")
    _tidy()


def _make_new() -> None:
    op.create_table(
        "contact",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=True),
        sa.Column("opted_out_at", sa.DateTime(), nullable=True),
        sa.Column("opted_out_by", sa.String(length=20), nullable=True),
        sa.Column("unreachable_since", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_contact")),
    )
    op.create_table(
        "interaction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("touchpoint_id", sa.Integer(), nullable=False),
        sa.Column("happened_at", sa.DateTime(), nullable=False),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("contact_keys", sa.JSON(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_interaction_touchpoint_id_touchpoint")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interaction")),
        sa.UniqueConstraint("code", name=op.f("uq_interaction_code")),
    )
    op.create_index(op.f("ix_interaction_received_at"), "interaction", ["received_at"], unique=False)
    op.create_index(
        op.f("ix_interaction_touchpoint_id_received_at"),
        "interaction",
        ["touchpoint_id", "received_at"],
        unique=False,
    )
    op.create_table(
        "touchpoint_survey",
        sa.Column("touchpoint_id", sa.Integer(), nullable=False),
        sa.Column("opening", sa.String(length=20), nullable=False),
        sa.Column("share", sa.Integer(), nullable=False),
        sa.Column("target", sa.Integer(), nullable=True),
        sa.Column("way", sa.String(length=20), nullable=False),
        sa.Column("open_digest", sa.String(), nullable=True),
        sa.Column("origins", sa.JSON(), nullable=False),
        sa.Column("open_counts", sa.Boolean(), nullable=False),
        sa.CheckConstraint("share BETWEEN 0 AND 100", name=op.f("ck_touchpoint_survey_share_in_per_cent")),
        sa.CheckConstraint("target >= 0", name=op.f("ck_touchpoint_survey_target_not_negative")),
        sa.ForeignKeyConstraint(
            ["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_touchpoint_survey_touchpoint_id_touchpoint")
        ),
        sa.PrimaryKeyConstraint("touchpoint_id", name=op.f("pk_touchpoint_survey")),
        sa.UniqueConstraint("open_digest", name=op.f("uq_touchpoint_survey_open_digest")),
    )
    op.create_table(
        "quota",
        sa.Column("touchpoint_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("allowed", sa.Integer(), nullable=False),
        sa.Column("invited", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_quota_touchpoint_id_touchpoint")
        ),
        sa.PrimaryKeyConstraint("touchpoint_id", "month", name=op.f("pk_quota")),
    )
    op.create_table(
        "recount",
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("month", name=op.f("pk_recount")),
    )


def _make_invitation(*more: sa.schema.SchemaItem) -> None:
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("touchpoint_id", sa.Integer(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("spent_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_invitation_touchpoint_id_touchpoint")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
        *more,
    )


def _make_response(*more: sa.schema.SchemaItem) -> None:
    op.create_table(
        "response",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("touchpoint_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        *more,
        sa.ForeignKeyConstraint(
            ["invitation_id"], ["invitation.id"], name=op.f("fk_response_invitation_id_invitation")
        ),
        sa.ForeignKeyConstraint(
            ["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_response_touchpoint_id_touchpoint")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sa.UniqueConstraint("invitation_id", name=op.f("uq_response_invitation_id")),
    )
    op.create_index(op.f("ix_response_month"), "response", ["month"], unique=False)


def _make_scores(about: str) -> None:
    op.create_table(
        "response_score",
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column(f"{about}_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 1000", name=op.f("ck_response_score_score_within_0_10")),
        sa.ForeignKeyConstraint(
            [f"{about}_id"], [f"{about}.id"], name=op.f(f"fk_response_score_{about}_id_{about}")
        ),
        sa.ForeignKeyConstraint(
            ["response_id"], ["response.id"], name=op.f("fk_response_score_response_id_response")
        ),
        sa.PrimaryKeyConstraint("response_id", f"{about}_id", name=op.f("pk_response_score")),
    )


def _tidy() -> None:
    for table in ("response_score", "response", "invitation"):
        op.execute(f"DROP TABLE old_{table}")
    if op.get_bind().dialect.name == "postgresql":  # rows came with their numbers: new ones must go on after
        for table in ("invitation", "response"):
            op.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"  # noqa: S608
            )
