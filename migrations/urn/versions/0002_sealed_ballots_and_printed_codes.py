"""Sealed ballots under the digest of their nonce, printed codes, and the one door of the casting role"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# On PostgreSQL the role that casts may call these functions and nothing else: it cannot read the urn.
# Each runs with the rights of the tables' owner, hence the pinned search_path and the full names.
CAST = """
CREATE FUNCTION {schema}.cast_ballot(
    the_key bytea, the_wave date, the_unit text, the_scores json, the_seal bytea,
    remark_key bytea, remark_text text
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    kept bytea;
BEGIN
    INSERT INTO {schema}.ballot (key, wave, unit, scores, seal)
        VALUES (the_key, the_wave, the_unit, the_scores, the_seal) ON CONFLICT (key) DO NOTHING;
    IF NOT FOUND THEN
        SELECT seal INTO kept FROM {schema}.ballot WHERE key = the_key;
        RETURN CASE WHEN kept = the_seal THEN 'already' ELSE 'altered' END;
    END IF;
    IF remark_text <> '' THEN
        INSERT INTO {schema}.remark (key, wave, unit, text)
            VALUES (remark_key, the_wave, the_unit, remark_text);
    END IF;
    RETURN 'counted';
END $$
"""
CAST_BY_CODE = """
CREATE FUNCTION {schema}.cast_by_code(
    the_digest bytea, the_key bytea, the_wave date, the_scores json, the_seal bytea,
    remark_key bytea, remark_text text
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    the_unit text;
BEGIN
    DELETE FROM {schema}.code WHERE digest = the_digest AND wave = the_wave RETURNING unit INTO the_unit;
    IF NOT FOUND THEN
        RETURN 'unknown';
    END IF;
    RETURN {schema}.cast_ballot(
        the_key, the_wave, the_unit, the_scores, the_seal, remark_key, remark_text
    );
END $$
"""
UNIT_OF_CODE = """
CREATE FUNCTION {schema}.unit_of_code(the_digest bytea, the_wave date) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT unit FROM {schema}.code WHERE digest = the_digest AND wave = the_wave
$$
"""
ADD_CODE = """
CREATE FUNCTION {schema}.add_code(the_digest bytea, the_wave date, the_unit text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO {schema}.code (digest, wave, unit) VALUES (the_digest, the_wave, the_unit)
$$
"""
FUNCTIONS = {
    "cast_ballot(bytea, date, text, json, bytea, bytea, text)": CAST,
    "cast_by_code(bytea, bytea, date, json, bytea, bytea, text)": CAST_BY_CODE,
    "unit_of_code(bytea, date)": UNIT_OF_CODE,
    "add_code(bytea, date, text)": ADD_CODE,
}


def upgrade() -> None:
    """Make it so."""
    # Ballots of before have no nonce and no seal: their random keys stay theirs, and nothing replays them.
    op.execute("ALTER TABLE ballot RENAME TO ballot_before")
    _ballots(32, sa.Column("seal", sa.LargeBinary(length=32), nullable=False), key="pk_ballot_sealed")
    old = sa.table("ballot_before", *map(sa.column, ("key", "wave", "unit", "scores")))
    new = sa.table(
        "ballot",
        *map(sa.column, ("key", "wave", "unit", "scores")),
        sa.column("seal", sa.LargeBinary),
    )
    op.execute(
        sa.insert(new).from_select(
            [*old.c.keys(), "seal"], sa.select(old, old.c.key.label("seal")).order_by(old.c.key)
        )
    )
    op.drop_table("ballot_before")
    op.create_table(
        "code",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("wave", sa.Date(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_code")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "rewritten",
        sa.Column("wave", sa.Date(), nullable=False),
        sa.Column("ballots", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("wave", name=op.f("pk_rewritten")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX pk_ballot_sealed RENAME TO pk_ballot")
        schema = _schema()
        for signature, source in FUNCTIONS.items():
            op.execute(source.format(schema=schema))
            op.execute(f"REVOKE ALL ON FUNCTION {schema}.{signature} FROM PUBLIC")


def downgrade() -> None:
    """Back to before."""
    if op.get_bind().dialect.name == "postgresql":
        for signature in FUNCTIONS:
            op.execute(f"DROP FUNCTION {_schema()}.{signature}")
    op.drop_table("rewritten")
    op.drop_table("code")
    op.execute("ALTER TABLE ballot RENAME TO ballot_sealed")
    _ballots(16, key="pk_ballot_before")
    new, old = (
        sa.table(name, *map(sa.column, ("key", "wave", "unit", "scores")))
        for name in ("ballot", "ballot_sealed")
    )
    op.execute(sa.insert(new).from_select(old.c.keys(), sa.select(*old.c).order_by(old.c.key)))
    op.drop_table("ballot_sealed")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX pk_ballot_before RENAME TO pk_ballot")


def _ballots(key_length: int, *more: sa.Column[bytes], key: str) -> None:
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    op.create_table(
        "ballot",
        sa.Column("key", sa.LargeBinary(length=key_length), nullable=False),
        sa.Column("wave", sa.Date(), nullable=False),
        sa.Column("unit", sa.String(), nullable=False),
        sa.Column("scores", sa.JSON(), nullable=False),
        *more,
        # An index of PostgreSQL keeps its name when its table is renamed; SQLite knows no such index.
        sa.PrimaryKeyConstraint("key", name=op.f("pk_ballot" if on_sqlite else key)),
        sqlite_with_rowid=False,
    )


def _schema() -> str:
    found: str = op.get_bind().execute(sa.text("SELECT quote_ident(current_schema())")).scalar_one()
    return found
