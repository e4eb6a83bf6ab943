"""The page of a fix, on which is decided what becomes of it."""

from flask import Response, abort, request
from sqlalchemy.orm import Session

from config import settings
from pulse import db, downloads
from pulse.dashboards import evidence_files, figures, files, queries, sheet, success
from pulse.dashboards.checks import STATES, checks, named
from pulse.dashboards.evidence import Evidence
from pulse.dashboards.expectation import compared
from pulse.dashboards.timeline import marks
from pulse.dashboards.views import bp
from pulse.i18n import language
from pulse.people import login, naming
from pulse.people.login import ANALYSTS
from pulse.people.models import Grant
from pulse.verdicts import sentences
from pulse.web import for_grant, opens, render


@bp.get("/fixes/<code>")
@for_grant(*ANALYSTS, Grant.OWNER)
def fix(code: str) -> Response:
    """One fix: its verdict in a sentence, the evidence on both sides, and how the verdict came about."""
    with db.reading() as session:
        found = _found(session, code)
        standing = queries.standing(session)
        if kind := downloads.wanted():
            about = files.about(standing, organisation=settings().asker, address=request.url)
            return downloads.sent(evidence_files.fix(found, about), kind)
        rows, timeline = _rows(found), marks(found)
        return render(
            evidence=found,
            standing=standing,
            rows=rows,
            marks=timeline,
            sheets=sheet.sheets(rows, timeline),
            figure=figures.evidence(rows, timeline),
            checks=checks(found),
            states=STATES,
            compared=compared(found),
            ask=named([team.name(language()) for team in found.unasked]),
            success=success.block(session, found.fix),
            called=naming.called(session, [found.fix.owner, *(line.by for line in found.log)]),
            opens=opens,
            say=sentences,
        )


def _rows(found: Evidence) -> list[figures.Row]:
    unit = (found.unit.team.name(language()), found.unit.series) if found.unit else None
    return figures.rows(found.customers, found.staff, found.landing, unit)


def _found(session: Session, code: str) -> Evidence:
    """The evidence about a fix; an owner's own fixes only, others as if there were none."""
    found, visit = queries.evidence(session, code), login.here()
    if found is None or visit is None:
        abort(404)
    if not visit.may(frozenset(ANALYSTS)) and found.fix.owner != visit.email:
        abort(404)
    return found
