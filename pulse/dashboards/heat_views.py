"""Heat maps: all of them for those who read all, the own line's for those who head teams."""

from flask import Response, abort, request

from config import settings
from pulse import db, downloads
from pulse.dashboards import files, heat, map_files, queries
from pulse.dashboards.heat import Choice, Map
from pulse.dashboards.team_views import READERS, me, reads_all
from pulse.dashboards.tree import NotTheirs
from pulse.dashboards.views import bp
from pulse.i18n import language, short_month
from pulse.i18n import month as long_month
from pulse.ledger.readers import reader_of
from pulse.web import for_grant, render


@bp.get("/heat")
@for_grant(*READERS)
def heat_map() -> Response:
    """What lands on teams, or what bothers customers, in a month. A unit that is not theirs is not there."""
    chosen, kind = Choice.read(request.args), downloads.wanted()
    if chosen.map is Map.TOUCHPOINTS and not reads_all():
        abort(404)
    with db.reading() as session:
        reader = reader_of(session, me())
        try:
            found = heat.heat(session, reader, me(), chosen, language(), whole=kind is not None)
        except NotTheirs:
            abort(404)
        if kind:
            said = files.about(
                queries.standing(session),
                organisation=settings().asker,
                address=request.url,
                chosen=map_files.chosen(chosen),
            )
            return downloads.sent(map_files.heat_map(chosen.map, found, said), kind)
        return render(
            found=found,
            chosen=chosen,
            maps=Map,
            reads_all=reads_all(),
            pages=-(-found.rows_in_all // heat.PAGE),
            short={month: short_month(month).rsplit(" ", 1)[0] for month in found.recent},
            long={month: long_month(month) for month in found.recent},
        )
