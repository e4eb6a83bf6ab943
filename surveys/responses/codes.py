"""Printed codes: typed and answered by on the ballot host; their sheets made by an administrator."""

from datetime import UTC, date, datetime

from flask import Blueprint, Response, current_app, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue

from config import settings
from pulse import db
from pulse.i18n import language
from pulse.people.models import Grant
from pulse.troubles import keeps_what_was_sent
from pulse.web import for_grant, open_to_all, render
from surveys.ballots import codes
from surveys.ballots.urn import Outcome, cast_by_code, unit_of_code, urn
from surveys.responses import employee
from surveys.responses.answers import read
from surveys.responses.ballots import refuse_ties
from surveys.responses.employee import NotUsable
from surveys.responses.forms import CodeAnswersForm, CodeForm, SheetsForm
from surveys.responses.reminding import missing, to_be_reminded

bp = Blueprint("codes", __name__)


@bp.route("/b/code", methods=["GET", "POST"])
@open_to_all
@keeps_what_was_sent
def code() -> ResponseReturnValue:
    """Where a printed code is typed in; looking uses nothing up."""
    if request.method == "GET" and _is_elsewhere():
        return redirect(f"{settings().ballot_url}{request.full_path.rstrip('?')}")
    refuse_ties()
    form = CodeForm() if request.method == "POST" else CodeForm(code=request.args.get("code", ""))
    if not form.is_submitted():
        return render(form=form)
    if not form.validate():
        return render(form=form, status=422)
    asked = _asked(form.code.data or "", datetime.now(UTC))
    answers = CodeAnswersForm(formdata=None, code=codes.plain(form.code.data or ""))
    return render(page="surveys.codes.answers", form=answers, asked=asked, sent=read({}, ()), missing=())


@bp.post("/b/code/answers")
@open_to_all
@keeps_what_was_sent
def answers() -> ResponseReturnValue:
    """The answers of a printed code: the code is used up and the ballot is in the urn, or neither."""
    refuse_ties()
    form = CodeAnswersForm()
    typed = form.code.data or ""
    asked = _asked(typed, datetime.now(UTC))
    sent = read(request.form, asked.questions)
    if not form.validate() or to_be_reminded(form, sent):
        wanting = missing(form, asked.questions, sent)
        return render(form=form, asked=asked, sent=sent, missing=wanting, status=422)
    with urn.writing() as box:
        used = cast_by_code(box, _digest(typed), asked.month, sent.scores, form.comment.data or "")
    if used is Outcome.UNKNOWN:
        raise NotUsable
    return redirect(url_for("surveys.codes.thanks"), 303)


@bp.get("/b/code/thanks")
@open_to_all
def thanks() -> ResponseReturnValue:
    """Thanks to somebody who answered by a printed code."""
    return render()


def _is_elsewhere() -> bool:
    """Whether this is the site's own host name, which cookies travel to."""
    return (
        settings().site_url != settings().ballot_url and request.host_url.rstrip("/") == settings().site_url
    )


def _asked(typed: str, now: datetime) -> employee.Questionnaire:
    """What a code's unit is asked; raises NotUsable."""
    with db.reading() as session, urn.reading() as box:
        for month in employee.casting_months(session, now):
            unit = unit_of_code(box, _digest(typed), month)
            if unit is not None:
                return employee.of_ballot(
                    session, month, unit, now, language=language(), zone=settings().zone
                )
    raise NotUsable


def _digest(typed: str) -> bytes:
    return codes.digest(typed, str(current_app.config["SECRET_KEY"]))


@bp.route("/codes", methods=["GET", "POST"])
@for_grant(Grant.ADMIN)
def sheets() -> ResponseReturnValue:
    """The groups with people who answer by printed code, and their sheets to print, once."""
    now, zone = datetime.now(UTC), settings().zone
    with db.reading() as session:
        month = employee.open_month(session, now, zone=zone)
        needs = codes.needs(session, codes.wave_of(session, month), zone=zone)
        form = SheetsForm()
        form.offer(needs, language())
    if not form.is_submitted():
        return render(form=form, month=month, needs=needs)
    if not form.validate():
        return render(form=form, month=month, needs=needs, status=422)
    return _download(made(month, form.unit.data), month, form.unit.data)


def made(month: date, unit: str) -> bytes:
    """Make a unit's codes and their sheets as a PDF file; raises codes.NoSuchUnit or codes.AlreadyMade."""
    from surveys.responses import sheets as drawing  # fonts and pictures: no page needs them but this one

    known, secret = settings(), str(current_app.config["SECRET_KEY"])
    with db.writing() as session:
        with urn.writing() as box:
            wave = codes.wave_of(session, month)
            batch = codes.make(session, box, wave, unit, secret=secret, zone=known.zone)
        address = f"{known.ballot_url}/b/code"
        return drawing.pdf(batch, address, languages=known.languages, zone=known.zone)


def _download(content: bytes, month: date, unit: str) -> Response:
    reply = make_response(content)
    reply.mimetype = "application/pdf"
    reply.headers.set("Content-Disposition", "attachment", filename=f"pulse-{month:%Y-%m}-{unit}.pdf")
    return reply
