"""The two lists of fixes: the overview with its picture, and all fixes to be searched."""

from typing import Any

from flask import Response, request
from sqlalchemy.orm import Session

from config import settings
from pulse import db, downloads
from pulse.dashboards import drawing, figures, files, filters, lists, queries, unregistered, visits
from pulse.dashboards.filters import Filters
from pulse.dashboards.queries import Line, Standing
from pulse.dashboards.views import bp
from pulse.downloads import Kind
from pulse.people import login, service
from pulse.people.login import ANALYSTS
from pulse.verdicts.names import names_in
from pulse.web import for_grant, render

IN_PICTURE = 200  # fixes drawn and listed on the overview; the others are a click away
NUMBERED = 30  # of them, with a number in the picture


@bp.get("/dashboard")
@for_grant(*ANALYSTS)
def overview() -> Response:
    """What became of all fixes, in a sentence, a picture and a table."""
    chosen, today = Filters.read(request.args), service.today()
    with db.reading() as session:
        standing, every = queries.standing(session), queries.lines(session)
        named = queries.named_places(session)
        places = queries.places_of_fixes(session, named)
        lines = [line for line in lists.taken(every, places, chosen, standing.looked) if line.verdict]
        shown = [line for line in lines if chosen.shows(line.outcome)]
        if kind := downloads.wanted():
            return _file(session, "overview", shown, standing, chosen, kind)
        person = login.here()
        seen = (person.person_id, today, standing.looked) if person else None
        since = visits.last_seen(session, *seen[:2]) if seen else None
        noted = seen is None or visits.is_noted(session, *seen)
        page = shown[:IN_PICTURE]
        points = lists.points(page, numbered=NUMBERED)
        drawn = drawing.picture([(point.relief, point.burden) for point in points])
        response = render(
            standing=standing,
            filters=chosen,
            choices=lists.choices(every, places, named.values()),
            known=len(lines),
            headline=lists.headline(lines),
            relieved=lists.relieved(lines),
            tabs=lists.tabs(lines),
            lines=page,
            numbered=NUMBERED,
            number=len(shown),
            fixes=len(every),
            points=points,
            picture=drawn,
            labels=(spread := lists.labels(points, drawn)),
            figure=figures.regions(points, drawn, spread),
            questions=unregistered.waiting(session),
            news=visits.news(session, every, since),
            **lists.shown(session, page),
        )
    if seen and not noted:  # once a day and look: a page read again writes nothing
        with db.writing() as session:
            visits.note(session, *seen, before=since)
    return response


@bp.get("/fixes")
@for_grant(*ANALYSTS)
def fixes() -> Response:
    """All fixes, to be searched and narrowed down."""
    chosen = Filters.read(request.args)
    with db.reading() as session:
        standing, every = queries.standing(session), queries.lines(session)
        named = queries.named_places(session)
        places = queries.places_of_fixes(session, named)
        lines = lists.taken(every, places, chosen, standing.looked)
        shown = [line for line in lines if chosen.shows(line.outcome)]
        if kind := downloads.wanted():
            return _file(session, "fixes", shown, standing, chosen, kind)
        page = shown[(chosen.page - 1) * filters.PAGE : chosen.page * filters.PAGE]
        return render(
            standing=standing,
            filters=chosen,
            choices=lists.choices(every, places, named.values()),
            tabs=lists.tabs(lines),
            lines=page,
            number=len(shown),
            pages=-(-len(shown) // filters.PAGE),
            **lists.shown(session, page),
        )


def _file(
    session: Session, name: str, lines: list[Line], standing: Standing, chosen: Filters, kind: Kind
) -> Response:
    names = names_in(session, [line.verdict for line in lines if line.verdict])
    said = about(standing, chosen=files.chosen(chosen))
    return downloads.sent(files.fixes(name, lines, names, said), kind)


def about(standing: Standing, **told: Any) -> files.About:
    """Where a file made by this request comes from."""
    return files.about(standing, organisation=settings().asker, address=request.url, **told)
