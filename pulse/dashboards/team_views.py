"""The pages of teams: a manager's own line, any team for those who read all."""

from datetime import date

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from config import settings
from pulse import db, downloads
from pulse.dashboards import burden, drawing, files, map_files, queries, team
from pulse.dashboards.views import bp
from pulse.i18n import language
from pulse.i18n import lazy as _
from pulse.ledger.rounding import Participation
from pulse.people import login, service
from pulse.people.login import ANALYSTS
from pulse.people.models import Grant
from pulse.verdicts import sentences
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
        found = team.choice(session, me(), words)
        alone = found.teams[0].code if len(found.teams) == 1 and not found.searched else None
        if alone is not None and not reads_all():
            return redirect(url_for("pulse.dashboards.team_page", code=alone))
        return render(choice=found, words=words, searchable=reads_all())


@bp.get("/teams/<code>")
@for_grant(*READERS)
def team_page(code: str) -> Response:
    """One team. One that is not the reader's is as if it were not there."""
    budget, kind = settings().burden_budget, downloads.wanted()
    with db.reading() as session:
        found = team.page(session, me(), code, service.today(), language(), budget=budget)
        if found is None:
            abort(404)
        if kind:
            said = files.about(queries.standing(session), organisation=settings().asker, address=request.url)
            return downloads.sent(map_files.team(found, said), kind)
        return render(
            page="pulse.dashboards.team",
            found=found,
            curves={item.measure.id: drawing.curves(item.series, date.max) for item in found.items},
            bands=BANDS,
            axis=burden.axis([found.account] if found.account else [], budget),
            mark=drawing.mark,
            say=sentences,
            reads_all=reads_all(),
            today=service.today(),
        )


def me() -> int:
    """The id of who is signed in."""
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    return visit.person_id


def reads_all() -> bool:
    """Whether who is signed in reads of all teams."""
    visit = login.here()
    return visit is not None and visit.may(frozenset(ANALYSTS))
