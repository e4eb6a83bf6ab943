"""The audit becomes a chain: each entry's digest covers the one before it"""

import hashlib
import json
import secrets

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

AT_ONCE = 10_000
COLUMNS = ("number", "digest", "seal", "salt")


def upgrade() -> None:
    """Make it so, and put the entries that are there into the chain in the order they were written in.

    Entries that the release before goes on to write have no number: the next night puts them in.
    """
    op.add_column("audit_entry", sa.Column("number", sa.Integer(), nullable=True))
    for name in COLUMNS[1:]:
        op.add_column("audit_entry", sa.Column(name, sa.String(), nullable=True))
    number, digest = _chain()
    op.create_index(op.f("ix_audit_entry_number"), "audit_entry", ["number"], unique=True)
    head = op.create_table(
        "audit_head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_head_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )
    op.bulk_insert(head, [{"id": 1, "number": number, "digest": digest}])


def downgrade() -> None:
    """And back."""
    op.drop_table("audit_head")
    op.drop_index(op.f("ix_audit_entry_number"), "audit_entry")
    for name in reversed(COLUMNS):
        op.drop_column("audit_entry", name)


def _chain() -> tuple[int, str]:
    """Give every entry its place; the last number and digest. As pulse/people/audit.py does from now on."""
    entry = sa.table(
        "audit_entry",
        sa.column("id", sa.Integer()),
        sa.column("at", sa.DateTime()),
        *(sa.column(name, sa.Integer()) for name in ("person_id", "number")),
        *(sa.column(name, sa.String()) for name in ("action", "subject", "detail", "digest", "seal", "salt")),
    )
    place = {name: sa.bindparam(f"new_{name}") for name in COLUMNS}
    put = sa.update(entry).where(entry.c.id == sa.bindparam("of")).values(place)
    number, digest, last_id = 0, "0" * 64, 0
    some = sa.select(entry).order_by(entry.c.id).limit(AT_ONCE)
    while rows := op.get_bind().execute(some.where(entry.c.id > last_id)).all():
        places = []
        for row in rows:
            number, salt = number + 1, secrets.token_hex(16)
            seal = hashlib.sha256(f"{salt}\n{row.subject}".encode()).hexdigest()
            moment = row.at.isoformat(timespec="microseconds")
            said = [digest, number, moment, row.person_id, row.action, seal, row.detail]
            written = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
            digest = hashlib.sha256(written.encode()).hexdigest()
            values = zip(COLUMNS, (number, digest, seal, salt), strict=True)
            places.append({"of": row.id} | {f"new_{name}": value for name, value in values})
        op.get_bind().execute(put, places)
        last_id = rows[-1].id
    return number, digest
