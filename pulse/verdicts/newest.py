"""The newest verdict of each fix."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pulse.verdicts.models import Verdict


def newest(session: Session, fixes: Collection[int] | None = None) -> dict[int, Verdict]:
    """The newest verdict of each fix that has one, by the fix's id; fixes -- None = of all of them."""
    last = select(Verdict.fix_id, func.max(Verdict.as_of).label("as_of")).group_by(Verdict.fix_id)
    if fixes is not None:
        last = last.where(Verdict.fix_id.in_(fixes))
    found = last.subquery()
    rows = (
        select(Verdict)
        .join(found, (found.c.fix_id == Verdict.fix_id) & (found.c.as_of == Verdict.as_of))
        .order_by(Verdict.fix_id, Verdict.revision)
    )
    return {verdict.fix_id: verdict for verdict in session.scalars(rows)}
