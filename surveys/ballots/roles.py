"""What the two roles of the urn may do on PostgreSQL; SQLite knows no roles.

The one that casts may call four functions (migrations/urn) and read nothing: whoever takes the web server
over still cannot read the urn. The one that counts may read ballots, write them anew and purge them.
"""

from sqlalchemy.dialects import postgresql

from surveys.ballots.models import UrnBase

FUNCTIONS = ("cast_ballot", "cast_by_code", "unit_of_code", "add_code")
QUOTED = postgresql.dialect().identifier_preparer


def grants(casting: str, tally: str) -> list[str]:
    """The statements that give both roles their rights on the urn, to be run there by its owner.

    casting, tally -- names of the roles, which must be there; running them again changes nothing
    """
    casting, tally = QUOTED.quote(casting), QUOTED.quote(tally)
    tables = ", ".join(QUOTED.format_table(table) for table in UrnBase.metadata.sorted_tables)
    functions = f"FUNCTION {', '.join(FUNCTIONS)}"
    return [
        *alone(casting, tally),
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {casting}, {tally}",
        f"REVOKE ALL ON {functions} FROM PUBLIC, {tally}",
        f"GRANT EXECUTE ON {functions} TO {casting}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE ON {tables} TO {tally}",
        f"GRANT SELECT ON alembic_version TO {casting}, {tally}",
    ]


def alone(*roles: str) -> list[str]:
    """The statements that let only these roles, quoted where needed, into the database they are run in."""
    named = ", ".join(roles)
    return [
        # A database's own name is not known here; format() quotes what current_database() says.
        "DO $$ BEGIN EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database()); END $$",
        "DO $$ BEGIN EXECUTE format("
        f"'GRANT CONNECT, TEMPORARY ON DATABASE %I TO {named}', current_database()); END $$",
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {named}",
    ]
