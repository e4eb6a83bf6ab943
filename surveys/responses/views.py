"""The employees' pulse: what they are asked, and what they are told afterwards."""

from dataclasses import asdict
from datetime import UTC, datetime

from flask import Blueprint, current_app, g, redirect, request, url_for
from flask.typing import ResponseReturnValue
from itsdangerous import BadSignature, URLSafeSerializer
from werkzeug import Response

from config import settings
from pulse import db
from pulse.forms import Form
from pulse.heard import queries as heard
from pulse.i18n import language
from pulse.organisation.models import Side
from pulse.people import login
from pulse.web import for_grant, open_to_all, render, speaks_to_ballot_host
from surveys.ballots import issuing
from surveys.responses import employee, outcomes
from surveys.responses.answers import Sent
from surveys.responses.forms import BallotForm, PulseForm

bp = Blueprint("responses", __name__)
COOKIE = "ballot"  # of the confidential way alone; it never leaves the site for the ballot host
NOTHING = Sent({}, {}, ())


@bp.context_processor
def _of_employees() -> dict[str, object]:
    """What the employees' pages have in common: under what this browser keeps a ballot until it is cast."""
    visit = login.here() if request.path.startswith("/pulse") and not g.get("refused") else None
    return {
        "holder": employee.holder(_secret(), visit.person_id) if visit else "",
        "ballot_url": settings().ballot_url,
        "has_form": lambda: _held() is not None,
    }


@bp.get("/pulse")
@for_grant()
@speaks_to_ballot_host
def pulse() -> ResponseReturnValue:
    """The month's questions to an employee: one page, one submit, by the script that draws and casts."""
    now, zone, person_id = datetime.now(UTC), settings().zone, _person_id()
    with db.reading() as session:
        asked = employee.questionnaire(session, person_id, now, language=language(), zone=zone)
        ballot = employee.ballot(
            session,
            person_id,
            now,
            zone=zone,
            issue=url_for("surveys.ballots.draw"),
            cast=f"{settings().ballot_url}/b",
        )
    return render(form=PulseForm(), asked=asked, ballot=ballot, sent=NOTHING)


@bp.get("/pulse/thanks")
@for_grant()
@speaks_to_ballot_host
def thanks() -> ResponseReturnValue:
    """Thanks to an employee; says nothing of what was answered, but what came of last month's answers."""
    now, zone = datetime.now(UTC), settings().zone
    with db.reading() as session:
        try:
            seat = employee.place(session, _person_id(), now, zone=zone)
        except (employee.NoWave, issuing.NoBallot):
            return render(told=None, results=None, word=outcomes.word, heard=())
        return render(
            told=outcomes.outcomes(session, seat, language=language()),
            results=employee.results_on(seat.wave, zone),
            word=outcomes.word,
            heard=heard.published(session, Side.EMPLOYEE)[: outcomes.MOST],
        )


@bp.get("/pulse/seen")
@open_to_all
def seen() -> ResponseReturnValue:
    """What can be seen about me: for each role, what it could see, in plain words."""
    return render(k=settings().min_respondents)


@bp.post("/pulse/confidential")
@for_grant()
def draw_confidentially() -> ResponseReturnValue:
    """Draw a ballot on the server, for a browser without scripts, and keep it in this browser."""
    if not Form().validate():
        return redirect(url_for("surveys.responses.pulse"), 303)
    reply, held, zone = redirect(url_for("surveys.responses.confidential"), 303), _held(), settings().zone
    with db.writing() as session:
        if held is None or held.month != employee.open_month(session, datetime.now(UTC), zone=zone):
            drawn = employee.draw_confidentially(
                session, _person_id(), datetime.now(UTC), secret=_secret(), zone=zone
            )
            _keep(reply, drawn)
    return reply


def _keep(reply: Response, drawn: employee.Held) -> None:
    """Let this browser keep a ballot; the cookie is sent along with the pulse's pages alone."""
    reply.set_cookie(
        _cookie(),
        _serializer().dumps(asdict(drawn)),
        max_age=int(employee.KEPT.total_seconds()),
        path="/pulse",
        secure=_encrypted(),
        httponly=True,
        samesite="Lax",
    )


@bp.get("/pulse/confidential")
@for_grant()
@speaks_to_ballot_host
def confidential() -> ResponseReturnValue:
    """The questions with a ballot that the server made: answered on the ballot host."""
    held = _held()
    if held is None:
        return redirect(url_for("surveys.responses.pulse"))
    now = datetime.now(UTC)
    with db.reading() as session:
        asked = employee.of_ballot(
            session, held.month, held.unit, now, language=language(), zone=settings().zone
        )
    return render(form=BallotForm(data=asdict(held)), asked=asked, sent=NOTHING)


def _held() -> employee.Held | None:
    """The ballot this person's browser keeps for a wave that can still be answered."""
    try:
        held = employee.Held(**_serializer().loads(request.cookies.get(_cookie(), "")))
    except (BadSignature, TypeError):
        return None
    with db.reading() as session:
        months = employee.casting_months(session, datetime.now(UTC))
    mine = employee.holder(_secret(), _person_id())
    return held if held.holder == mine and held.month in months else None


def _encrypted() -> bool:
    return settings().site_url.startswith("https:")


def _cookie() -> str:
    """The cookie's name: by its prefix a browser takes it from an encrypted page alone."""
    return f"__Secure-{COOKIE}" if _encrypted() else COOKIE


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(_secret(), salt="confidential ballot")


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])


def _person_id() -> int:
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    return visit.person_id
