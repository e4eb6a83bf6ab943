"""The pages of teams: a manager's own line, any team for those who read all."""

from datetime import date

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from pulse import db
from pulse.dashboards import drawing, team
from pulse.dashboards.views import bp
from pulse.i18n import lazy as _
from pulse.ledger.rounding import Participation
from pulse.people import login, service
from pulse.people.login import ANALYSTS
from pulse.people.models import Grant
from pulse.web import for_grant, render

READERS = (Grant.MANAGER, *ANALYSTS)
BANDS = {
    Participation.UNDER_25: _("Fewer than a quarter of those invited took part."),
    Participation.TO_50: _("Between a quarter and half of those invited took part."),
    Participation.TO_75: _("Between half and three quarters of those invited took part."),
    Participation.OVER_75: _("More than three quarters of those invited took part."),
}


@bp.get("/teams")
@for_grant(*READERS)
def teams() -> ResponseReturnValue:
    """The teams to choose from; who heads one alone is led to it."""
    words = request.args.get("search", "").replace("\0", "")[:100]
    with db.reading() as session:
        found = team.choice(session, _me(), words)
        alone = found.teams[0].code if len(found.teams) == 1 and not found.searched else None
        if alone is not None and not _reads_all():
            return redirect(url_for("pulse.dashboards.team_page", code=alone))
        return render(choice=found, words=words, searchable=_reads_all())


@bp.get("/teams/<code>")
@for_grant(*READERS)
def team_page(code: str) -> Response:
    """One team. One that is not the reader's is as if it were not there."""
    with db.reading() as session:
        found = team.page(session, _me(), code, service.today())
        if found is None:
            abort(404)
        return render(
            page="pulse.dashboards.team",
            found=found,
            curves={item.measure.id: drawing.curves(item.series, date.max) for item in found.items},
            bands=BANDS,
            reads_all=_reads_all(),
            today=service.today(),
        )


def _me() -> int:
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    return visit.person_id


def _reads_all() -> bool:
    visit = login.here()
    return visit is not None and visit.may(frozenset(ANALYSTS))
