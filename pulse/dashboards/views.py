"""What analysts read: changes without a fix, and the script that draws; the other pages stand beside it."""

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from config import settings
from pulse import db, downloads
from pulse.dashboards import drawing, figures, files, plotly_script, queries, unregistered
from pulse.dashboards.forms import AnswerForm
from pulse.dashboards.unregistered import Question
from pulse.people import login
from pulse.people.login import ANALYSTS, DECIDERS
from pulse.verdicts import changes as answers
from pulse.verdicts import sentences
from pulse.web import A_YEAR, for_grant, makes_pictures, open_to_all, render

bp = Blueprint("dashboards", __name__)
CHANGE = "/changes/<int(max=2147483647):change_id>"  # no database holds a higher number


@bp.get("/changes")
@for_grant(*ANALYSTS)
def changes() -> Response:
    """Changes that customers noticed and no fix on record explains."""
    with db.reading() as session:
        found, standing = unregistered.questions(session), queries.standing(session)
        if kind := downloads.wanted():
            told = files.about(standing, organisation=settings().asker, address=request.url)
            return downloads.sent(files.changes(found, told), kind)
        return render(questions=found, say=sentences, standing=standing)


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


def _plotly_address() -> str:
    makes_pictures()  # the page that fetches the script is the one on which charts can be kept as files
    return url_for("pulse.dashboards.plotly", digest=plotly_script.digest(), lang=None)


@bp.app_context_processor
def _plotly() -> dict[str, object]:
    return {
        "plotly_address": _plotly_address,
        "plotly_style_id": plotly_script.style_id,
    }
