"""What analysts read: the overview, the fixes and their evidence, changes without a fix."""

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from pulse import db
from pulse.dashboards import drawing, figures, filters, lists, plotly_script, queries, unregistered
from pulse.dashboards.filters import Filters
from pulse.dashboards.forms import AnswerForm
from pulse.dashboards.unregistered import Question
from pulse.organisation.models import PlaceKind
from pulse.people import login
from pulse.people.login import ANALYSTS, DECIDERS
from pulse.verdicts import changes as answers
from pulse.verdicts import sentences
from pulse.web import A_YEAR, for_grant, open_to_all, render

bp = Blueprint("dashboards", __name__)
CHANGE = "/changes/<int(max=2147483647):change_id>"  # no database holds a higher number
ON_OVERVIEW = 30  # lines of its table; the others are a click away


@bp.get("/dashboard")
@for_grant(*ANALYSTS)
def overview() -> Response:
    """What became of all fixes, in a sentence, a picture and a table."""
    chosen = Filters.read(request.args)
    with db.reading() as session:
        standing = queries.standing(session)
        lines = [line for line in lists.narrowed(session, chosen, standing.looked) if line.verdict]
        shown = [line for line in lines if chosen.shows(line.outcome)]
        points = lists.points(shown, numbered=ON_OVERVIEW)
        drawn = drawing.picture([(point.relief, point.burden) for point in points])
        return render(
            standing=standing,
            filters=chosen,
            known=len(lines),
            headline=lists.headline(lines),
            relieved=lists.relieved(lines),
            tabs=lists.tabs(lines),
            lines=shown[:ON_OVERVIEW],
            number=len(shown),
            fixes=queries.number_of_fixes(session),
            points=points,
            picture=drawn,
            figure=figures.regions(points, drawn),
            questions=unregistered.waiting(session),
            **lists.shown(session, shown[:ON_OVERVIEW]),
        )


@bp.get("/fixes")
@for_grant(*ANALYSTS)
def fixes() -> Response:
    """All fixes, to be searched and narrowed down."""
    chosen = Filters.read(request.args)
    with db.reading() as session:
        standing = queries.standing(session)
        lines = lists.narrowed(session, chosen, standing.looked)
        shown = [line for line in lines if chosen.shows(line.outcome)]
        page = shown[(chosen.page - 1) * filters.PAGE : chosen.page * filters.PAGE]
        return render(
            standing=standing,
            filters=chosen,
            tabs=lists.tabs(lines),
            lines=page,
            number=len(shown),
            pages=-(-len(shown) // filters.PAGE),
            touchpoints=queries.places(session, PlaceKind.TOUCHPOINT),
            teams=queries.places(session, PlaceKind.TEAM),
            owners=queries.owners(session),
            **lists.shown(session, page),
        )


@bp.get("/fixes/<code>")
@for_grant(*ANALYSTS)
def fix(code: str) -> Response:
    """One fix: its verdict in a sentence, the evidence on both sides, and how the verdict came about."""
    with db.reading() as session:
        found = queries.evidence(session, code)
        if found is None:
            abort(404)
        rows = figures.rows(found.customers, found.staff, found.landing)
        return render(
            evidence=found,
            standing=queries.standing(session),
            rows=rows,
            curves=[drawing.curves(row.series, found.fix.started) for row in rows],
            figure=figures.evidence(rows, found.fix.started),
            say=sentences,
        )


@bp.get("/changes")
@for_grant(*ANALYSTS)
def changes() -> Response:
    """Changes that customers noticed and no fix on record explains."""
    with db.reading() as session:
        found = unregistered.questions(session)
        return render(questions=found, say=sentences, standing=queries.standing(session))


@bp.get(CHANGE)
@for_grant(*ANALYSTS)
def change(change_id: int) -> Response:
    """One change: when, how clear, and what was answered."""
    with db.reading() as session:
        found = unregistered.question(session, change_id)
        if found is None:
            abort(404)
        form = AnswerForm()
        form.offer(found.change)
        return _change_page(session, found, form)


@bp.post(CHANGE)
@for_grant(*DECIDERS)
def answer(change_id: int) -> ResponseReturnValue:
    """Answer whether a change was a fix, or comment on it."""
    form = AnswerForm()
    with db.writing() as session:
        found = unregistered.question(session, change_id)
        if found is None:
            abort(404)
        form.offer(found.change)
        if not form.validate() or not _answered(session, found, form):
            return _change_page(session, found, form, status=422)
    return redirect(url_for("pulse.dashboards.change", change_id=change_id), 303)


def _change_page(session: Session, found: Question, form: AnswerForm, *, status: int = 200) -> Response:
    known = unregistered.evidence(session, found)
    told, series = found.told, known.customers
    visit = login.here()
    return render(
        page="pulse.dashboards.change",
        status=status,
        evidence=known,
        form=form,
        decides=visit is not None and visit.may(frozenset(DECIDERS)),
        curve=drawing.curves(series, told.month),
        about=drawing.stretch(series, told.earliest, told.latest),
        figure=figures.change(series, told),
        to_load=unregistered.row_to_load(found, datetime.now(UTC).date()),
        say=sentences,
    )


def _answered(session: Session, found: Question, form: AnswerForm) -> bool:
    """Whether the answer was kept; if not, the form says why."""
    person, words = login.here(), form.comment.data or ""
    if form.chosen is found.change.state and not words.strip():
        form.want_words()
        return False
    try:
        now, email = datetime.now(UTC), person.email if person else ""
        answers.answer(session, found.change, form.chosen, by=email, comment=words, now=now)
    except answers.NoteMissing:
        form.want_note()
        return False
    return True


@bp.get("/assets/plotly-<digest>.js")
@open_to_all
def plotly(digest: str) -> Response:
    """Plotly's script, from the installed package."""
    if digest != plotly_script.digest():
        abort(404)
    packed = "gzip" in request.headers.get("Accept-Encoding", "")
    script = plotly_script.packed() if packed else plotly_script.plain()
    response = Response(script, mimetype="text/javascript")
    response.headers["Cache-Control"] = A_YEAR
    response.headers["Vary"] = "Accept-Encoding"
    if packed:
        response.headers["Content-Encoding"] = "gzip"
    return response


@bp.app_context_processor
def _plotly() -> dict[str, object]:
    return {
        "plotly_address": lambda: url_for(
            "pulse.dashboards.plotly", digest=plotly_script.digest(), lang=None
        ),
        "plotly_style_id": plotly_script.style_id,
    }
