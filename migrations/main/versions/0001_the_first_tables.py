"""The first tables"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.create_table(
        "closed_month",
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("side", "month", name=op.f("pk_closed_month")),
    )
    op.create_table(
        "look",
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("concluded_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("as_of", name=op.f("pk_look")),
    )
    op.create_table(
        "measure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("label_en", sa.String(), nullable=False),
        sa.Column("label_fr", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measure")),
        sa.UniqueConstraint("code", name=op.f("uq_measure_code")),
    )
    op.create_table(
        "message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("html", sa.String(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("queued_at", sa.DateTime(), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(), nullable=True),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("key", name=op.f("uq_message_key")),
    )
    op.create_index(op.f("ix_message_state_due_at"), "message", ["state", "due_at"], unique=False)
    op.create_table(
        "person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("disabled_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("email", name=op.f("uq_person_email")),
    )
    op.create_table(
        "place",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("name_fr", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("kind", "code", name=op.f("uq_place_kind_code")),
    )
    op.create_table(
        "run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("job", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("claimed_at", sa.DateTime(), nullable=False),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.Column("report", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run")),
        sa.UniqueConstraint("job", "period", name=op.f("uq_run_job_period")),
    )
    op.create_table(
        "wave",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("opens_at", sa.DateTime(), nullable=False),
        sa.Column("closes_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.CheckConstraint("opens_at < closes_at", name=op.f("ck_wave_opens_before_it_closes")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_wave")),
        sa.UniqueConstraint("month", name=op.f("uq_wave_month")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("detail", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_audit_entry_person_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entry")),
    )
    op.create_table(
        "contribution",
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("squares", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "n >= 0 AND total >= 0 AND total <= 1000 * n AND squares <= 1000 * total",
            name=op.f("ck_contribution_scores_within_0_10"),
        ),
        sa.ForeignKeyConstraint(
            ["measure_id"], ["measure.id"], name=op.f("fk_contribution_measure_id_measure")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_contribution_place_id_place")),
        sa.PrimaryKeyConstraint(
            "measure_id", "side", "place_id", "month", "source", name=op.f("pk_contribution")
        ),
    )
    op.create_index(op.f("ix_contribution_side_month"), "contribution", ["side", "month"], unique=False)
    op.create_table(
        "irritant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_question_en", sa.String(), nullable=False),
        sa.Column("customer_question_fr", sa.String(), nullable=False),
        sa.Column("employee_question_en", sa.String(), nullable=False),
        sa.Column("employee_question_fr", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["measure.id"], name=op.f("fk_irritant_id_measure")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_irritant")),
    )
    op.create_table(
        "measured_cell",
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        sa.Column("squares", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "n >= 0 AND total >= 0 AND total <= 1000 * n AND squares <= 1000 * total",
            name=op.f("ck_measured_cell_scores_within_0_10"),
        ),
        sa.ForeignKeyConstraint(
            ["measure_id"], ["measure.id"], name=op.f("fk_measured_cell_measure_id_measure")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_measured_cell_place_id_place")),
        sa.PrimaryKeyConstraint("measure_id", "side", "place_id", "month", name=op.f("pk_measured_cell")),
    )
    op.create_index(op.f("ix_measured_cell_side_month"), "measured_cell", ["side", "month"], unique=False)
    op.create_table(
        "participation",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_participation_person_id_person")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_participation_wave_id_wave")),
        sa.PrimaryKeyConstraint("wave_id", "person_id", name=op.f("pk_participation")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "released_cell",
        sa.Column("measure_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("extent", sa.String(length=20), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("step", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["measure_id"], ["measure.id"], name=op.f("fk_released_cell_measure_id_measure")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_released_cell_place_id_place")),
        sa.PrimaryKeyConstraint(
            "measure_id", "side", "place_id", "extent", "month", name=op.f("pk_released_cell")
        ),
    )
    op.create_index(op.f("ix_released_cell_side_month"), "released_cell", ["side", "month"], unique=False)
    op.create_table(
        "series_break",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=True),
        sa.Column("measure_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["measure_id"], ["measure.id"], name=op.f("fk_series_break_measure_id_measure")
        ),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_series_break_place_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series_break")),
    )
    op.create_table(
        "team",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.Column("headcount", sa.Integer(), nullable=True),
        sa.Column("opened", sa.Date(), nullable=True),
        sa.Column("closed", sa.Date(), nullable=True),
        sa.Column("split_from_id", sa.Integer(), nullable=True),
        sa.Column("merged_into_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["place.id"], name=op.f("fk_team_id_place")),
        sa.ForeignKeyConstraint(["merged_into_id"], ["team.id"], name=op.f("fk_team_merged_into_id_team")),
        sa.ForeignKeyConstraint(["parent_id"], ["team.id"], name=op.f("fk_team_parent_id_team")),
        sa.ForeignKeyConstraint(["split_from_id"], ["team.id"], name=op.f("fk_team_split_from_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_team")),
    )
    op.create_index(op.f("ix_team_parent_id"), "team", ["parent_id"], unique=False)
    op.create_table(
        "touchpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["id"], ["place.id"], name=op.f("fk_touchpoint_id_place")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_touchpoint")),
    )
    op.create_table(
        "asked",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("irritant_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=True),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["irritant_id"], ["irritant.id"], name=op.f("fk_asked_irritant_id_irritant")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_asked_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_asked")),
        sa.UniqueConstraint(
            "team_id", "irritant_id", "since", name=op.f("uq_asked_team_id_irritant_id_since")
        ),
    )
    op.create_table(
        "fix",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("name_en", sa.String(), nullable=False),
        sa.Column("name_fr", sa.String(), nullable=False),
        sa.Column("irritant_id", sa.Integer(), nullable=False),
        sa.Column("started", sa.Date(), nullable=False),
        sa.Column("stopped", sa.Date(), nullable=True),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("expected_customer", sa.Integer(), nullable=True),
        sa.Column("expected_staff", sa.Integer(), nullable=True),
        sa.Column("frozen_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["irritant_id"], ["irritant.id"], name=op.f("fk_fix_irritant_id_irritant")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fix")),
        sa.UniqueConstraint("code", name=op.f("uq_fix_code")),
    )
    op.create_index(op.f("ix_fix_irritant_id"), "fix", ["irritant_id"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("touchpoint_id", sa.Integer(), nullable=False),
        sa.Column("interaction", sa.String(), nullable=False),
        sa.Column("happened_on", sa.Date(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("spent_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_invitation_touchpoint_id_touchpoint")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("interaction", name=op.f("uq_invitation_interaction")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_invitation_token_hash")),
    )
    op.create_table(
        "irritant_touchpoint",
        sa.Column("irritant_id", sa.Integer(), nullable=False),
        sa.Column("touchpoint_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["irritant_id"], ["irritant.id"], name=op.f("fk_irritant_touchpoint_irritant_id_irritant")
        ),
        sa.ForeignKeyConstraint(
            ["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_irritant_touchpoint_touchpoint_id_touchpoint")
        ),
        sa.PrimaryKeyConstraint("irritant_id", "touchpoint_id", name=op.f("pk_irritant_touchpoint")),
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_membership_person_id_person")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_membership_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("person_id", "since", name=op.f("uq_membership_person_id_since")),
    )
    op.create_index(op.f("ix_membership_team_id"), "membership", ["team_id"], unique=False)
    op.create_table(
        "person_grant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("grant", sa.String(length=20), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_person_grant_person_id_person")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_person_grant_team_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_grant")),
        sa.UniqueConstraint(
            "person_id", "grant", "team_id", name=op.f("uq_person_grant_person_id_grant_team_id")
        ),
    )
    op.create_table(
        "serving",
        sa.Column("touchpoint_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_serving_team_id_team")),
        sa.ForeignKeyConstraint(
            ["touchpoint_id"], ["touchpoint.id"], name=op.f("fk_serving_touchpoint_id_touchpoint")
        ),
        sa.PrimaryKeyConstraint("touchpoint_id", "team_id", name=op.f("pk_serving")),
    )
    op.create_table(
        "supply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("supplier_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("supplier_id <> customer_id", name=op.f("ck_supply_not_its_own_customer")),
        sa.ForeignKeyConstraint(["customer_id"], ["team.id"], name=op.f("fk_supply_customer_id_team")),
        sa.ForeignKeyConstraint(["supplier_id"], ["team.id"], name=op.f("fk_supply_supplier_id_team")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply")),
        sa.UniqueConstraint("supplier_id", "customer_id", name=op.f("uq_supply_supplier_id_customer_id")),
    )
    op.create_index(
        "uq_supply_final",
        "supply",
        ["supplier_id"],
        unique=True,
        sqlite_where=sa.text("customer_id IS NULL"),
        postgresql_where=sa.text("customer_id IS NULL"),
    )
    op.create_table(
        "wave_question",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("irritant_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["irritant_id"], ["irritant.id"], name=op.f("fk_wave_question_irritant_id_irritant")
        ),
        sa.ForeignKeyConstraint(["unit_id"], ["team.id"], name=op.f("fk_wave_question_unit_id_team")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_wave_question_wave_id_wave")),
        sa.PrimaryKeyConstraint("wave_id", "unit_id", "irritant_id", name=op.f("pk_wave_question")),
        sa.UniqueConstraint(
            "wave_id", "unit_id", "position", name=op.f("uq_wave_question_wave_id_unit_id_position")
        ),
    )
    op.create_table(
        "wave_team",
        sa.Column("wave_id", sa.Integer(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=False),
        sa.Column("unit_id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["parent_id"], ["team.id"], name=op.f("fk_wave_team_parent_id_team")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_wave_team_team_id_team")),
        sa.ForeignKeyConstraint(["unit_id"], ["team.id"], name=op.f("fk_wave_team_unit_id_team")),
        sa.ForeignKeyConstraint(["wave_id"], ["wave.id"], name=op.f("fk_wave_team_wave_id_wave")),
        sa.PrimaryKeyConstraint("wave_id", "team_id", name=op.f("pk_wave_team")),
    )
    op.create_table(
        "counterfactual_month",
        sa.Column("fix_id", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(length=20), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("expected", sa.Double(), nullable=False),
        sa.Column("low", sa.Double(), nullable=False),
        sa.Column("high", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(["fix_id"], ["fix.id"], name=op.f("fk_counterfactual_month_fix_id_fix")),
        sa.PrimaryKeyConstraint("fix_id", "side", "month", name=op.f("pk_counterfactual_month")),
    )
    op.create_table(
        "fix_place",
        sa.Column("fix_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["fix_id"], ["fix.id"], name=op.f("fk_fix_place_fix_id_fix")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_fix_place_place_id_place")),
        sa.PrimaryKeyConstraint("fix_id", "place_id", name=op.f("pk_fix_place")),
    )
    op.create_table(
        "response",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("invitation_id", sa.Integer(), nullable=False),
        sa.Column("touchpoint_id", sa.Integer(), nullable=False),
        sa.Column("month", sa.Date(), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
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
    op.create_table(
        "roll_out",
        sa.Column("fix_id", sa.Integer(), nullable=False),
        sa.Column("place_id", sa.Integer(), nullable=False),
        sa.Column("started", sa.Date(), nullable=False),
        sa.Column("stopped", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["fix_id"], ["fix.id"], name=op.f("fk_roll_out_fix_id_fix")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_roll_out_place_id_place")),
        sa.PrimaryKeyConstraint("fix_id", "place_id", name=op.f("pk_roll_out")),
    )
    op.create_table(
        "verdict",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fix_id", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("concluded_at", sa.DateTime(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("alternative_fix", sa.String(), nullable=True),
        sa.Column("probability", sa.Double(), nullable=True),
        sa.Column("customer_effect", sa.Double(), nullable=True),
        sa.Column("customer_low", sa.Double(), nullable=True),
        sa.Column("customer_high", sa.Double(), nullable=True),
        sa.Column("staff_effect", sa.Double(), nullable=True),
        sa.Column("staff_low", sa.Double(), nullable=True),
        sa.Column("staff_high", sa.Double(), nullable=True),
        sa.Column("landing_team", sa.String(), nullable=True),
        sa.Column("landing_irritant", sa.String(), nullable=True),
        sa.Column("landing_hops", sa.Integer(), nullable=True),
        sa.Column("landing_effect", sa.Double(), nullable=True),
        sa.Column("landing_low", sa.Double(), nullable=True),
        sa.Column("landing_high", sa.Double(), nullable=True),
        sa.Column("unsurveyed", sa.Double(), nullable=True),
        sa.Column("months_missing", sa.Integer(), nullable=True),
        sa.Column("answers_missing", sa.Integer(), nullable=True),
        sa.Column("first_flagged", sa.Date(), nullable=True),
        sa.CheckConstraint("revision >= 0", name=op.f("ck_verdict_revision_counts_up")),
        sa.ForeignKeyConstraint(["fix_id"], ["fix.id"], name=op.f("fk_verdict_fix_id_fix")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdict")),
        sa.UniqueConstraint("fix_id", "as_of", "revision", name=op.f("uq_verdict_fix_id_as_of_revision")),
    )
    op.create_index(op.f("ix_verdict_as_of"), "verdict", ["as_of"], unique=False)
    op.create_table(
        "flag",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("fix_id", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("raised_on", sa.Date(), nullable=False),
        sa.Column("verdict_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["fix_id"], ["fix.id"], name=op.f("fk_flag_fix_id_fix")),
        sa.ForeignKeyConstraint(["verdict_id"], ["verdict.id"], name=op.f("fk_flag_verdict_id_verdict")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag")),
        sa.UniqueConstraint("fix_id", "outcome", name=op.f("uq_flag_fix_id_outcome")),
    )
    op.create_table(
        "response_score",
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("irritant_id", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.CheckConstraint("score BETWEEN 0 AND 1000", name=op.f("ck_response_score_score_within_0_10")),
        sa.ForeignKeyConstraint(
            ["irritant_id"], ["irritant.id"], name=op.f("fk_response_score_irritant_id_irritant")
        ),
        sa.ForeignKeyConstraint(
            ["response_id"], ["response.id"], name=op.f("fk_response_score_response_id_response")
        ),
        sa.PrimaryKeyConstraint("response_id", "irritant_id", name=op.f("pk_response_score")),
    )
    op.create_table(
        "flag_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("flag_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("comment", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["flag_id"], ["flag.id"], name=op.f("fk_flag_event_flag_id_flag")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_flag_event")),
    )
    op.create_index(op.f("ix_flag_event_flag_id"), "flag_event", ["flag_id"], unique=False)


def downgrade() -> None:
    """Back to before."""
    op.drop_index(op.f("ix_flag_event_flag_id"), table_name="flag_event")
    op.drop_table("flag_event")
    op.drop_table("response_score")
    op.drop_table("flag")
    op.drop_index(op.f("ix_verdict_as_of"), table_name="verdict")
    op.drop_table("verdict")
    op.drop_table("roll_out")
    op.drop_index(op.f("ix_response_month"), table_name="response")
    op.drop_table("response")
    op.drop_table("fix_place")
    op.drop_table("counterfactual_month")
    op.drop_table("wave_team")
    op.drop_table("wave_question")
    op.drop_index(
        "uq_supply_final",
        table_name="supply",
        sqlite_where=sa.text("customer_id IS NULL"),
        postgresql_where=sa.text("customer_id IS NULL"),
    )
    op.drop_table("supply")
    op.drop_table("serving")
    op.drop_table("person_grant")
    op.drop_index(op.f("ix_membership_team_id"), table_name="membership")
    op.drop_table("membership")
    op.drop_table("irritant_touchpoint")
    op.drop_table("invitation")
    op.drop_index(op.f("ix_fix_irritant_id"), table_name="fix")
    op.drop_table("fix")
    op.drop_table("asked")
    op.drop_table("touchpoint")
    op.drop_index(op.f("ix_team_parent_id"), table_name="team")
    op.drop_table("team")
    op.drop_table("series_break")
    op.drop_index(op.f("ix_released_cell_side_month"), table_name="released_cell")
    op.drop_table("released_cell")
    op.drop_table("participation")
    op.drop_index(op.f("ix_measured_cell_side_month"), table_name="measured_cell")
    op.drop_table("measured_cell")
    op.drop_table("irritant")
    op.drop_index(op.f("ix_contribution_side_month"), table_name="contribution")
    op.drop_table("contribution")
    op.drop_table("audit_entry")
    op.drop_table("wave")
    op.drop_table("run")
    op.drop_table("place")
    op.drop_table("person")
    op.drop_index(op.f("ix_message_state_due_at"), table_name="message")
    op.drop_table("message")
    op.drop_table("measure")
    op.drop_table("look")
    op.drop_table("closed_month")
