"""Signing in by the organisation's sign-in service: the way there, the way back, and the way out of it."""

from flask import Response, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from config import settings
from pulse import db
from pulse.forms import Form
from pulse.people import identities, login, oidc, service
from pulse.people.models import Grant
from pulse.people.views import bp, onward
from pulse.web import for_grant, open_to_all, render

__all__ = ["bp"]


@bp.get("/sign-in/service")
@open_to_all
def to_service() -> ResponseReturnValue:
    """To the service; a link and no form, which the policy of pages lets lead nowhere else."""
    if not oidc.configured():
        abort(404)
    return redirect(oidc.begin(_here("pulse.people.from_service"), onward()), 303)


@bp.get("/sign-in/back")
@open_to_all
def from_service() -> ResponseReturnValue:
    """Back from the service: signed in, or told why not."""
    if not oidc.configured():
        abort(404)
    claimed, ahead = oidc.come_back()
    today = service.today()
    with db.writing() as session:
        person = identities.person_of(session, settings().oidc_issuer or "", claimed, today)
        settled = current_app.extensions["pulse.settled"](session)  # of a room below: the waves
        identities.follow(session, person, claimed, today, settled)
        login.enter(person, by_service=True)
    return redirect(ahead or url_for("pulse.people.start"), 303)


@bp.get("/sign-in/out")
@open_to_all
def signed_out() -> ResponseReturnValue:
    """Signed out of Pulse, and how to sign out of the service as well."""
    if not oidc.configured():
        return redirect(url_for("pulse.people.sign_in"), 303)
    return render(name=settings().oidc_name, out=oidc.farewell(_here("pulse.people.sign_in")))


@bp.post("/sign-in/ended")
@open_to_all
def ended_there() -> ResponseReturnValue:
    """The service says that somebody signed out of it: their visits here are over too.

    No form of ours and no cookie: the token itself, signed by the service, is the right to say so.
    """
    if not oidc.configured():
        abort(404)
    try:
        subject = oidc.ended(request.form.get("logout_token", ""))
    except oidc.Refused:
        abort(400)
    with db.writing() as session:
        identities.end_visits(session, settings().oidc_issuer or "", subject)
    return Response(status=200)


@bp.post("/people/<int(max=2147483647):person_id>/identities")
@for_grant(Grant.ADMIN)
def unlink(person_id: int) -> ResponseReturnValue:
    """Undo the link of somebody to the service: their address was handed on, or they have a new account."""
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    with db.writing() as session:
        person = service.by_id(session, person_id)
        if person is None:
            abort(404)
        if Form().validate():
            identities.unlink(session, person, by=visit.person_id)
    return redirect(url_for("pulse.people.account", person_id=person_id), 303)


def _here(endpoint: str) -> str:
    """The full address of a page, as it was told to the service: never what a request calls this host."""
    return f"{settings().site_url}{url_for(endpoint, lang=None)}"
