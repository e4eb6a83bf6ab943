"""Messages bear headers, know their mailing and whether somebody waits for them; channels may rest"""

import sqlalchemy as sa
from alembic import op

revision = "0051"
down_revision = "0050"
branch_labels = None
depends_on = None

DIGITS = "0123456789"


def upgrade() -> None:
    """Make it so; a mailing is a key without its reader."""
    op.drop_index(op.f("ix_message_state_due_at"), table_name="message")
    with op.batch_alter_table("message") as table:
        table.add_column(sa.Column("headers", sa.JSON(), nullable=True))
        table.add_column(sa.Column("mailing", sa.String(), nullable=False, server_default=""))
        table.add_column(sa.Column("urgent", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(f"UPDATE message SET mailing = rtrim(rtrim(key, '{DIGITS}'), ':')")  # noqa: S608
    op.execute("UPDATE message SET mailing = 'sign-in', urgent = true WHERE key LIKE 'sign-in:%'")
    op.execute(
        "UPDATE message SET mailing = rtrim(rtrim(key, 'abcdefghijklmnopqrstuvwxyz_'), ':')"
        " WHERE key LIKE 'flag:%'"
    )
    with op.batch_alter_table("message") as table:
        table.alter_column("mailing", server_default=None)
        table.alter_column("urgent", server_default=None)
    op.create_index(
        op.f("ix_message_state_urgent_due_at"), "message", ["state", "urgent", "due_at"], unique=False
    )
    op.create_index(op.f("ix_message_mailing_state"), "message", ["mailing", "state"], unique=False)
    op.create_index(op.f("ix_message_claimed_at"), "message", ["claimed_at"], unique=False)
    op.create_table(
        "trouble",
        sa.Column("channel", sa.String(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("until", sa.DateTime(), nullable=False),
        sa.Column("error", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_trouble")),
    )


def downgrade() -> None:
    """Back to before, when what was only logged counted as sent and what was left stayed in doubt."""
    op.drop_table("trouble")
    for index in ("state_urgent_due_at", "mailing_state", "claimed_at"):
        op.drop_index(op.f(f"ix_message_{index}"), table_name="message")
    op.execute("UPDATE message SET state = 'sent' WHERE state = 'logged'")
    op.execute("UPDATE message SET state = 'in_doubt' WHERE state = 'left'")
    with op.batch_alter_table("message") as table:
        for column in ("headers", "mailing", "urgent"):
            table.drop_column(column)
    op.create_index(op.f("ix_message_state_due_at"), "message", ["state", "due_at"], unique=False)
