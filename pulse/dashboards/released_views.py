"""The page of all figures that may be shown."""

from flask import Response, request

from config import settings
from pulse import db, downloads
from pulse.dashboards import files, queries, released
from pulse.dashboards.released import PAGE, Choice
from pulse.dashboards.views import bp
from pulse.people.login import ANALYSTS
from pulse.web import for_grant, render


@bp.get("/figures")
@for_grant(*ANALYSTS)
def figures() -> Response:
    """Every figure that may be shown of both sides, to be narrowed down, leafed through and taken along."""
    choice = Choice.read(request.args)
    with db.reading() as session:
        called, standing = released.names(session), queries.standing(session)
        if kind := downloads.wanted():
            told = files.about(
                standing, organisation=settings().asker, address=request.url, chosen=choice.words
            )
            return downloads.sent(released.book(session, choice, called, told), kind)
        numbers = released.number(session, choice, called)
        return render(
            standing=standing,
            choice=choice,
            called=called,
            months=released.months(session),
            sides=released.SIDES,
            extents=released.EXTENTS,
            shown=released.page(session, choice, called, numbers),
            number=sum(numbers.values()),
            pages=-(-sum(numbers.values()) // PAGE),
            rule=files.rule(),
        )
