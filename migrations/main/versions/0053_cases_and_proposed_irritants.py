"""Customers to be contacted, what they were told, irritants they name in their own words"""

import sqlalchemy as sa
from alembic import op

revision = "0053"
down_revision = "0054"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make it so."""
    op.add_column("irritant", sa.Column("added", sa.Date(), nullable=True))
    _make_cases()
    _make_proposals()


def downgrade() -> None:
    """Back to before; cases, what was told and proposals had no place, and are dropped."""
    for table in ("proposal_member", "proposal", "told", "case_event", "customer_case"):
        op.drop_table(table)
    op.drop_column("irritant", "added")


def _make_cases() -> None:
    op.create_table(
        "customer_case",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("contact", sa.String(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=True),
        sa.Column("reason", sa.String(length=20), nullable=True),
        sa.Column("wants_news", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_customer_case_closed_at_a_time")
        ),
        sa.CheckConstraint(
            "(state = 'closed') = (reason IS NOT NULL)", name=op.f("ck_customer_case_closed_for_a_reason")
        ),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["response.id"],
            name=op.f("fk_customer_case_response_id_response"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_customer_case_owner_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_case")),
        sa.UniqueConstraint("response_id", name=op.f("uq_customer_case_response_id")),
    )
    op.create_index(op.f("ix_customer_case_owner_id"), "customer_case", ["owner_id"])
    op.create_index(op.f("ix_customer_case_state_due_on"), "customer_case", ["state", "due_on"])
    op.create_table(
        "case_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=True),
        sa.Column("comment", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["customer_case.id"],
            name=op.f("fk_case_event_case_id_customer_case"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_case_event_by_id_person")),
        sa.ForeignKeyConstraint(["owner_id"], ["person.id"], name=op.f("fk_case_event_owner_id_person")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_event")),
    )
    op.create_index(op.f("ix_case_event_case_id"), "case_event", ["case_id"])
    op.create_table(
        "told",
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("fix_id", sa.Integer(), nullable=False),
        sa.Column("contact_key", sa.String(), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"],
            ["customer_case.id"],
            name=op.f("fk_told_case_id_customer_case"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["fix_id"], ["fix.id"], name=op.f("fk_told_fix_id_fix")),
        sa.PrimaryKeyConstraint("case_id", "fix_id", name=op.f("pk_told")),
        sa.UniqueConstraint("fix_id", "contact_key", name=op.f("uq_told_fix_id_contact_key")),
    )


def _make_proposals() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.Column("irritant_id", sa.Integer(), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.CheckConstraint(
            "(state = 'open') = (decided_at IS NULL)", name=op.f("ck_proposal_decided_at_a_time")
        ),
        sa.CheckConstraint(
            "(state IN ('accepted', 'merged')) = (irritant_id IS NOT NULL)",
            name=op.f("ck_proposal_taken_up_by_an_irritant"),
        ),
        sa.ForeignKeyConstraint(
            ["irritant_id"], ["irritant.id"], name=op.f("fk_proposal_irritant_id_irritant")
        ),
        sa.ForeignKeyConstraint(
            ["decided_by_id"], ["person.id"], name=op.f("fk_proposal_decided_by_id_person")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
    )
    op.create_index(op.f("ix_proposal_state"), "proposal", ["state"])
    op.create_table(
        "proposal_member",
        sa.Column("response_id", sa.Integer(), nullable=False),
        sa.Column("proposal_id", sa.Integer(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["response_id"],
            ["response.id"],
            name=op.f("fk_proposal_member_response_id_response"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["proposal_id"], ["proposal.id"], name=op.f("fk_proposal_member_proposal_id_proposal")
        ),
        sa.PrimaryKeyConstraint("response_id", name=op.f("pk_proposal_member")),
    )
    op.create_index(op.f("ix_proposal_member_proposal_id"), "proposal_member", ["proposal_id"])
