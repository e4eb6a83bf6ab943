"""Signing in, signing out, and where each person starts."""

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from pulse import db, web
from pulse.forms import Form
from pulse.people import login, service
from pulse.people.attempts import Attempts
from pulse.people.forms import SignInForm
from pulse.web import for_grant, open_to_all, render

bp = Blueprint("people", __name__)
attempts = Attempts()
PULSE = "/pulse"  # the employees' page; it belongs to a room below this one, so it is known by its address


@bp.get("/")
@open_to_all
def start() -> ResponseReturnValue:
    """Where a person starts: the overview, the month's questions, or the door."""
    visit = login.here()
    if visit is None:
        return redirect(url_for("pulse.people.sign_in"))
    return redirect(_first_page(visit))


def _first_page(visit: login.Visit) -> str:
    if visit.may(frozenset(login.ANALYSTS)):
        return url_for("pulse.dashboards.overview")
    return PULSE


@bp.route("/sign-in", methods=["GET", "POST"])
@open_to_all
def sign_in() -> ResponseReturnValue:
    """The door: e-mail address and password."""
    form = SignInForm()
    if not form.is_submitted():
        return render(form=form)
    if not form.validate() or not _entered(form):
        return render(form=form, status=422)
    onward = request.args.get("next")
    return redirect(onward if onward and web.is_local(onward) else url_for("pulse.people.start"), 303)


def _entered(form: SignInForm) -> bool:
    email = (form.email.data or "").strip().lower()
    if attempts.too_many(email):
        form.postpone()
        return False
    with db.reading() as session:
        person = service.recognise(session, email, form.password.data or "")
        if person is None:
            attempts.failed(email)
            form.refuse()
            return False
        attempts.forget(email)
        login.enter(person)
        return True


@bp.post("/sign-out")
@for_grant()
def sign_out() -> ResponseReturnValue:
    """Leave, by a button: a link could be followed by a browser that looks ahead."""
    if Form().validate():
        login.leave()
    return redirect(url_for("pulse.people.sign_in"), 303)
