"""The burden ledger: of every team for those who read all, of the own line for those who head teams."""

from flask import Response, abort, request

from config import settings
from pulse import db, downloads
from pulse.dashboards import burden, drawing, files, map_files, queries
from pulse.dashboards.burden import Choice
from pulse.dashboards.team_views import READERS, me, reads_all
from pulse.dashboards.tree import NotTheirs
from pulse.dashboards.views import bp
from pulse.i18n import language
from pulse.ledger.readers import reader_of
from pulse.verdicts import sentences
from pulse.web import for_grant, render


@bp.get("/burden")
@for_grant(*READERS)
def burden_ledger() -> Response:
    """What the fixes of the last twelve months put on each team or took off it."""
    chosen, kind = Choice.read(request.args), downloads.wanted()
    with db.reading() as session:
        try:
            found = burden.ledger(
                session,
                reader_of(session, me()),
                me(),
                chosen,
                language(),
                budget=settings().burden_budget,
                whole=kind is not None,
            )
        except NotTheirs:
            abort(404)
        standing = queries.standing(session)
        if kind:
            said = files.about(standing, organisation=settings().asker, address=request.url)
            return downloads.sent(map_files.burden_ledger(found, said), kind)
        return render(
            found=found,
            chosen=chosen,
            standing=standing,
            axis=burden.axis(found.accounts, found.budget),
            mark=drawing.mark,
            say=sentences,
            pages=-(-(found.over if chosen.over else found.number) // burden.PAGE),
            reads_all=reads_all(),
        )
