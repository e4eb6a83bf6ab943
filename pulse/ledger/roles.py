"""What the two roles of the main database may do on PostgreSQL; SQLite knows no roles.

The night (closing months, correlating, loading) may read and write everything. The web may not read a sum
that is not released: neither contributions nor measured cells, nor the digests made of them, which would
let one try out guesses. What the night concludes it may read and not change, and to the audit only add.
"""

from collections.abc import Iterable

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql

from pulse.db import Base
from pulse.ledger.models import (
    ClosedMonth,
    Contribution,
    MeasuredCell,
    ParticipationBand,
    ReleasedCell,
)
from pulse.people.models import AuditEntry, AuditHead

NOT_FOR_THE_WEB = frozenset(table.__tablename__ for table in (Contribution, MeasuredCell))
READ_ONLY = frozenset(
    {ReleasedCell.__tablename__, ParticipationBand.__tablename__, "verdict", "counterfactual_month"}
)
WITHOUT_DIGEST = frozenset({ClosedMonth.__tablename__, "look"})
SPECIAL = {  # the audit is added to, and what stands in it is left
    AuditEntry.__tablename__: "SELECT, INSERT",
    AuditHead.__tablename__: "SELECT, UPDATE",
}
QUOTED = postgresql.dialect().identifier_preparer


def grants(web: str, night: str) -> list[str]:
    """The statements that give both roles their rights on the main database, to be run by its owner.

    web, night -- names of the roles, which must be there; running them again changes nothing. Call it
    with all models imported: only their tables are granted, and what is not granted is refused.
    """
    web, night = (QUOTED.quote(role) for role in (web, night))
    everything = "SELECT, INSERT, UPDATE, DELETE"
    statements = [
        f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {web}",
        f"GRANT USAGE ON SCHEMA public TO {web}, {night}",
        f"GRANT {everything}, TRUNCATE ON ALL TABLES IN SCHEMA public TO {night}",
        f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {web}, {night}",
    ]
    for table in Base.metadata.sorted_tables:
        right = rights(table, everything)
        if right:
            statements.append(f"GRANT {right} ON {QUOTED.format_table(table)} TO {web}")
    return [*statements, f"GRANT SELECT ON alembic_version TO {web}"]


def rights(table: Table, everything: str) -> str:
    """What the web may do with a table; nothing = an empty text."""
    if table.name in NOT_FOR_THE_WEB:
        return ""
    if table.name in WITHOUT_DIGEST:
        return f"SELECT ({_listed(column.name for column in table.columns if column.name != 'digest')})"
    return "SELECT" if table.name in READ_ONLY else SPECIAL.get(table.name, everything)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(QUOTED.quote(name) for name in names)
