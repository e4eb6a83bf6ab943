"""The first run on screen: five steps, each of which may be left and come back to, in any order."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import RequestEntityTooLarge

from config import settings
from pulse import db, downloads
from pulse.forms import Form
from pulse.i18n import day, language, lazy
from pulse.i18n import gettext as _
from pulse.people import login
from pulse.people.models import Grant
from pulse.web import for_grant, render
from surveys.delivery import progress
from surveys.responses.answers import Sent
from surveys.responses.checklist import DEGREES, read
from surveys.responses.forms import CustomerForm, PulseForm
from surveys.starting import (
    belonging,
    checks,
    example,
    first_wave,
    folder,
    looking,
    previews,
    service,
    steps,
    trying,
    uploads,
)
from surveys.starting.forms import FolderForm, WaveForm
from surveys.starting.steps import Facts, State, Step

bp = Blueprint("starting", __name__)
HERE = "surveys.starting"
PAGES = {
    Step.FOLDER: (f"{HERE}.bring", lazy("Company folder")),
    Step.LOOK: (f"{HERE}.look", lazy("Look at it")),
    Step.PEOPLE: (f"{HERE}.people", lazy("People")),
    Step.SENDING: (f"{HERE}.sending", lazy("Sending")),
    Step.WAVE: (f"{HERE}.wave", lazy("First wave")),
}
ENVELOPE = uploads.MEGABYTE  # what a form takes besides its files
NOTHING = Sent({}, {}, ())


@dataclass(frozen=True)
class Line:
    """A step as the pages list it."""

    step: Step
    number: int
    endpoint: str
    label: object
    state: State


def first_page(visit: login.Visit) -> str | None:
    """Where an administrator starts while there is nothing here yet, or a first run is under way."""
    if not visit.may(frozenset({Grant.ADMIN})):
        return None
    with db.reading() as session:
        return url_for(f"{HERE}.start") if service.leads(session) else None


def _now() -> datetime:
    return datetime.now(UTC)


def _facts() -> Facts:
    with db.reading() as session:
        return service.facts(session, _now().astimezone(settings().zone).date())


def _lines(facts: Facts) -> list[Line]:
    found = steps.states(facts)
    return [Line(step, at, *PAGES[step], found[step]) for at, step in enumerate(Step, start=1)]


def _page(step: Step, facts: Facts | None = None, *, status: int = 200, **context: object) -> Response:
    """The page of a step, with where all of them stand."""
    known = facts or _facts()
    lines = _lines(known)
    here = next(line for line in lines if line.step is step)
    after = next((line for line in lines[here.number :]), None)
    said = {"facts": known, "lines": lines, "here": here, "after": after}
    return render(page=PAGES[step][0], status=status, **said, **context)


def _to_begin() -> ResponseReturnValue | None:
    """Where somebody is sent who has not begun: from the first step on, no wave may open by surprise."""
    facts = _facts()
    return None if facts.begun or facts.finished else redirect(url_for(f"{HERE}.start"))


@bp.route("/start", methods=["GET", "POST"])
@for_grant(Grant.ADMIN)
def start() -> ResponseReturnValue:
    """Where the first run stands, and the button that begins it."""
    if request.method == "POST":
        if Form().validate():
            with db.writing() as session:
                service.begin(session, _now())
        return redirect(url_for(f"{HERE}.start"), 303)
    facts = _facts()
    found = steps.states(facts)
    return render(form=Form(), facts=facts, lines=_lines(facts), following=steps.following(found))


@bp.route("/start/folder", methods=["GET", "POST"])
@for_grant(Grant.ADMIN)
def bring() -> ResponseReturnValue:
    """Bring a company folder in: nothing of it is kept by that."""
    if away := _to_begin():
        return away
    request.max_content_length, request.max_form_parts = uploads.LARGEST + ENVELOPE, uploads.MOST_FILES
    try:
        form = FolderForm()
        if form.validate_on_submit() and (name := _brought(form)):
            return redirect(url_for(f"{HERE}.look_into", name=name), 303)
    except RequestEntityTooLarge:
        form = FolderForm(formdata=None)
        form.files.errors = ()
        form.refuse(uploads.too_large())
        return _bring(form, status=413)
    return _bring(form, status=422 if form.is_submitted() else 200)


def _bring(form: FolderForm, *, status: int) -> Response:
    waiting = next(iter(uploads.waiting()), None)
    since = datetime.fromtimestamp(waiting.since, settings().zone) if waiting else None
    return _page(
        Step.FOLDER,
        status=status,
        form=form,
        waiting=waiting,
        since=since,
        megabytes=uploads.LARGEST // uploads.MEGABYTE,
        zipped=uploads.LARGEST_ZIP // uploads.MEGABYTE,
    )


def _brought(form: FolderForm) -> str | None:
    """The name of what waits now; None where nothing could be taken: the form then says why."""
    sent = [
        (one.filename or "", one.stream)
        for one in form.files.data or ()
        if isinstance(one, FileStorage) and one.filename
    ]
    if not sent:
        form.refuse(_("Choose the folder’s ZIP, or its CSV files"))
        return None
    try:
        name, found = uploads.bring(sent)
    except uploads.CannotBeTaken as refusal:
        form.refuse(str(refusal))
        return None
    uploads.note_ignored(name, found.ignored)
    return name


@bp.route("/start/folder/<name>", methods=["GET", "POST"])
@for_grant(Grant.ADMIN)
def look_into(name: str) -> ResponseReturnValue:
    """What is in a folder that was brought in; taken over, or put aside, by a button."""
    path = uploads.folder(name)
    if path is None:
        abort(404)
    form, replace = Form(), request.args.get("replace") == "1"
    if request.method == "POST" and form.validate():
        if "aside" in request.form:
            uploads.drop(name)
            return redirect(url_for(f"{HERE}.bring"), 303)
        return _taken_over(name, path, form, replace=replace)
    return _looked_into(name, path, form, replace=replace)


def _taken_over(name: str, path: Path, form: Form, *, replace: bool) -> ResponseReturnValue:
    visit = login.here()
    try:
        told = folder.take_over(path, replace=replace, by=visit.person_id if visit else None)
    except folder.Overtaken:
        form.form_errors.append(_("The organisation was changed meanwhile. Look at the folder again"))
        return _looked_into(name, path, form, replace=replace)
    except folder.NotOnScreen:
        return _looked_into(name, path, form, replace=replace)
    if not told.sound:
        return _looked_into(name, path, form, replace=replace)
    uploads.drop(name)
    return redirect(url_for(f"{HERE}.look", loaded=told.report.changes), 303)


def _looked_into(name: str, path: Path, form: Form, *, replace: bool) -> ResponseReturnValue:
    told, on_screen = None, True
    try:
        told = folder.look(path, replace=replace)
    except folder.Overtaken:
        form.form_errors.append(_("The organisation was changed meanwhile. Look at the folder again"))
    except folder.NotOnScreen:
        on_screen = False
    facts = _facts()
    return render(
        page=f"{HERE}.look_into",
        status=409 if form.form_errors else 200,
        form=form,
        lines=_lines(facts),
        here=_lines(facts)[0],
        name=name,
        told=told,
        on_screen=on_screen,
        replace=replace,
        ignored=uploads.ignored(name),
    )


@bp.get("/start/example.zip")
@for_grant(Grant.ADMIN)
def example_folder() -> Response:
    """A small company folder to fill in."""
    body = example.packed(_now().astimezone(settings().zone).date())
    return downloads.attached(body, "pulse-example.zip", "application/zip")


@bp.get("/start/irritants.csv")
@for_grant(Grant.ADMIN)
def common_irritants() -> Response:
    """Common irritants with both their questions, to choose from."""
    return downloads.attached(example.library(), "irritants.csv", "text/csv; charset=utf-8")


@bp.route("/start/look", methods=["GET", "POST"])
@for_grant(Grant.ADMIN)
def look() -> ResponseReturnValue:
    """The organisation as it was loaded, and what is missing; confirmed by a button."""
    if away := _to_begin():
        return away
    form = Form()
    if form.validate_on_submit():
        with db.writing() as session:
            service.say(session, steps.LOOKED, _now())
        return redirect(url_for(f"{HERE}.people"), 303)
    known = settings()
    with db.reading() as session:
        picture = looking.picture(
            session, _now().astimezone(known.zone).date(), language=language(), languages=known.languages
        )
    loaded = request.args.get("loaded", type=int)
    return _page(Step.LOOK, form=form, picture=picture, loaded=loaded)


@bp.get("/start/people")
@for_grant(Grant.ADMIN)
def people() -> ResponseReturnValue:
    """Who belongs where, and what is missing."""
    if away := _to_begin():
        return away
    known = settings()
    with db.reading() as session:
        found = belonging.belonging(
            session, _now().astimezone(known.zone).date(), language=language(), k=known.min_respondents
        )
    return _page(Step.PEOPLE, belonging=found, k=known.min_respondents)


@bp.route("/start/sending", methods=["GET", "POST"])
@for_grant(Grant.ADMIN)
def sending() -> ResponseReturnValue:
    """Whether mails, clock and addresses are as they have to be; a test mail, and both surveys to look at."""
    if away := _to_begin():
        return away
    form, visit, known = Form(), login.here(), settings()
    assert visit is not None  # the door lets nobody else in
    if form.validate_on_submit():
        with db.writing() as session:
            if "test" in request.form:
                trying.send(session, visit.person_id, visit.email, _now(), site_url=known.site_url)
                return redirect(url_for(f"{HERE}.sending", _anchor="test"), 303)
            service.say(session, steps.SENT, _now())
        return redirect(url_for(f"{HERE}.wave"), 303)
    now = _now()
    with db.reading() as session:
        found = checks.checks(session, known, now)
        context: dict[str, Any] = {
            "test": trying.latest(session, visit.person_id),
            "trouble": next((one for one in progress.troubles(session) if one.channel == "email"), None),
            "touchpoints": previews.touchpoints(session, language()),
            "groups": previews.groups(session, now, language=language(), zone=known.zone),
        }
    found += checks.addresses(known, checks.answers)
    return _page(Step.SENDING, form=form, checks=found, address=visit.email, when=_when, **context)


def _when(moment: datetime) -> str:
    here = moment.astimezone(settings().zone)
    return _("%(day)s at %(time)s", day=day(here.date()), time=f"{here:%H:%M}")


@bp.route("/start/preview/customers", methods=["GET", "POST"])
@for_grant(Grant.ADMIN)
def preview_customers() -> ResponseReturnValue:
    """The page customers of a touchpoint will see; what is sent from it is not kept."""
    if request.method == "POST":
        return redirect(url_for(f"{HERE}.sending", tried="1"), 303)
    code, known = request.args.get("of", ""), settings()
    with db.reading() as session:
        asked = previews.customers(session, code, _now(), language=language(), zone=known.zone)
    if asked is None:
        abort(404)
    return render(
        form=CustomerForm(formdata=None),
        asked=asked,
        given=read({}, asked.opening, asked.items),
        overlooked=[],
        degrees=DEGREES,
        asker=known.asker,
        stop=None,
    )


@bp.route("/start/preview/employees", methods=["GET", "POST"])
@for_grant(Grant.ADMIN)
def preview_employees() -> ResponseReturnValue:
    """The page a group of employees would see this month; what is sent from it is not kept."""
    if request.method == "POST":
        return redirect(url_for(f"{HERE}.sending", tried="1"), 303)
    code, known = request.args.get("of", ""), settings()
    with db.reading() as session:
        asked = previews.employees(
            session, code, _now(), language=language(), zone=known.zone, k=known.min_respondents
        )
    if asked is None:
        abort(404)
    return render(form=PulseForm(formdata=None), asked=asked, sent=NOTHING)


@bp.route("/start/wave", methods=["GET", "POST"])
@for_grant(Grant.ADMIN)
def wave() -> ResponseReturnValue:
    """The first wave: when, whom, what about; it opens once somebody says that all is ready."""
    if away := _to_begin():
        return away
    if "not_yet" in request.form and Form().validate():
        return _not_yet()
    form, now, known = WaveForm(), _now(), settings()
    with db.reading() as session:
        offered = first_wave.months(session, now, zone=known.zone)
        first = service.first_month(session, known.zone)
    form.offer(offered)
    if form.validate_on_submit() and _made_ready(form, offered, now):
        return redirect(url_for(f"{HERE}.wave"), 303)
    facts = _facts()
    found = steps.states(facts)
    chosen = first_wave.chosen(f"{first:%Y-%m}" if first else form.month.data, offered)
    foreseen = None
    if facts.people and chosen is not None:
        today = now.astimezone(known.zone).date()
        with db.reading() as session:
            foreseen = first_wave.foreseen(session, chosen.month, today, language=language())
    missing = [line for line in _lines(facts) if line.state is not State.DONE and line.step is not Step.WAVE]
    return _page(
        Step.WAVE,
        facts,
        status=422 if form.is_submitted() else 200,
        form=form,
        offered=offered,
        chosen=chosen,
        foreseen=foreseen,
        missing=missing,
        waits=found[Step.WAVE] is State.WAITING,
        first=first,
    )


def _made_ready(form: WaveForm, offered: list[first_wave.Month], now: datetime) -> bool:
    """Whether waves may open from the chosen month on; if not, the form says why."""
    chosen, known = first_wave.chosen(form.month.data, offered), settings()
    if chosen is None or steps.states(_facts())[Step.WAVE] is State.WAITING:
        form.want_month()
        return False
    with db.writing() as session:
        service.say(session, steps.READY, first_wave.from_when(chosen.month, now, zone=known.zone))
        service.plan(session, now, zone=known.zone, k=known.min_respondents)
        service.note_ready(session, chosen.month, by=_me())
    return True


def _not_yet() -> ResponseReturnValue:
    """Let waves wait again, unless one has opened meanwhile."""
    with db.writing() as session:
        service.take_back(session, steps.READY)
    return redirect(url_for(f"{HERE}.wave"), 303)


def _me() -> int | None:
    visit = login.here()
    return visit.person_id if visit else None
