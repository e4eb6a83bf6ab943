"""The calendar of waves for analysts, and the link by which somebody refuses reminders."""

from datetime import UTC, date, datetime

from flask import Blueprint, Response, abort, make_response, redirect, url_for
from flask.typing import ResponseReturnValue

from config import settings
from pulse import db
from pulse.i18n import gettext
from pulse.i18n import lazy as _
from pulse.months import parsed
from pulse.people import login, personal_links
from pulse.people.login import ANALYSTS
from pulse.people.models import Grant
from pulse.web import for_grant, open_to_all, render
from surveys.waves import ical, planning, reminders
from surveys.waves.forms import MoveForm, RemindersForm
from surveys.waves.models import WaveState

bp = Blueprint("waves", __name__)
MOVERS = frozenset({Grant.ANALYST, Grant.ADMIN})  # the works council reads what they read, and moves nothing
STATES = {
    WaveState.PLANNED: _("planned"),
    WaveState.OPEN: _("open"),
    WaveState.CLOSED: _("closed, being counted"),
    WaveState.TALLIED: _("counted"),
}


@bp.get("/waves")
@for_grant(*ANALYSTS)
def calendar() -> Response:
    """All waves: when they open and close, how many people were invited, how much was asked."""
    with db.reading() as session:
        lines = planning.lines(session, zone=settings().zone)
    return render(lines=lines, states=STATES, movers=MOVERS)


@bp.route("/waves/<month>", methods=["GET", "POST"])
@for_grant(*MOVERS)
def move(month: str) -> ResponseReturnValue:
    """Other days for a wave that has not opened yet."""
    day, zone = _month(month), settings().zone
    try:
        with db.reading() as session:
            line = planning.line(session, day, zone=zone)
    except planning.NoSuchWave:
        abort(404)
    form = MoveForm(opens=line.opens, closes=line.closes)
    if form.validate_on_submit() and line.state is WaveState.PLANNED and _moved(day, form):
        return redirect(url_for(".calendar"), 303)
    return render(form=form, line=line, states=STATES, status=422 if form.is_submitted() else 200)


def _moved(month: date, form: MoveForm) -> bool:
    """Whether the wave was moved; what speaks against it stands beside the field afterwards."""
    visit = login.here()
    try:
        with db.writing() as session:
            planning.move(
                session,
                month,
                form.opens.data,
                form.closes.data,
                datetime.now(UTC),
                zone=settings().zone,
                by=visit.person_id if visit else None,
            )
    except planning.CannotBeMoved as error:
        form.refuse(error)
        return False
    except planning.AlreadyOpen:
        pass  # opened while the form was filled in: the calendar says so
    return True


def _month(text: str) -> date:
    try:
        return parsed(text)
    except ValueError:
        abort(404)


@bp.get("/waves.ics")
@for_grant(*ANALYSTS)
def file() -> Response:
    """The calendar as a file."""
    with db.reading() as session:
        lines = planning.lines(session, zone=settings().zone)
    waves = [(line.month, line.opens, line.closes) for line in lines]
    title = gettext("Pulse: questions to employees")
    body = ical.calendar(waves, title=title, site_url=settings().site_url, now=datetime.now(UTC))
    response = make_response(body)
    response.headers["Content-Type"] = "text/calendar; charset=utf-8"
    response.headers["Content-Disposition"] = "attachment; filename=pulse.ics"
    return response


@bp.route("/reminders/<token>", methods=["GET", "POST"])
@open_to_all
def refuse(token: str) -> ResponseReturnValue:
    """No more reminders, or reminders again. Looking changes nothing: mail scanners follow links."""
    form, known = RemindersForm(), settings()
    secret = known.secret_key.get_secret_value() if known.secret_key else ""
    try:
        with db.reading() as session:
            person = reminders.person_of(session, secret, token)
            wanted = reminders.wanted(session, person)
    except personal_links.NoSuchLink:
        abort(404)
    if form.validate_on_submit():
        with db.writing() as session:
            reminders.want(session, person, not wanted)
        return redirect(url_for(".refuse", token=token), 303)
    return render(form=form, wanted=wanted, token=token)
