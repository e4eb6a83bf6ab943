"""The page of keys by which other programs speak to Pulse: made, seen and revoked by admins."""

from datetime import UTC, datetime

from flask import abort, current_app, redirect, url_for
from flask.typing import ResponseReturnValue

from config import settings
from pulse import db
from pulse.forms import Form
from pulse.people import api_keys, login, service
from pulse.people.account_views import bp
from pulse.people.key_forms import REFUSALS, SHORT, KeyForm
from pulse.people.models import Grant
from pulse.web import for_grant, render

__all__ = ["bp"]


@bp.get("/keys")
@for_grant(Grant.ADMIN)
def keys() -> ResponseReturnValue:
    """All keys, and the form for one more."""
    return _page(KeyForm(formdata=None))


@bp.post("/keys")
@for_grant(Grant.ADMIN)
def make_key() -> ResponseReturnValue:
    """Make a key and show its secret, this once: nothing that outlives the page may hold it."""
    form, made = KeyForm(), None
    if form.validate():
        try:
            made = _made(form)
        except tuple(REFUSALS) as error:
            form.refuse(error)
    if made is None:
        return _page(form, status=422)
    return render(page="pulse.people.key_made", made=made, name=form.name.data, site=settings().site_url)


def _made(form: KeyForm) -> api_keys.Made:
    with db.writing() as session:
        return api_keys.make(
            session,
            form.name.data or "",
            form.chosen,
            expires=form.expires.data,
            secret_key=str(current_app.config["SECRET_KEY"]),
            now=datetime.now(UTC),
            by=_me(),
        )


def _page(form: KeyForm, *, status: int = 200) -> ResponseReturnValue:
    words = {scope.value: said for scope, said in SHORT.items()}
    with db.reading() as session:
        return render(
            page="pulse.people.keys",
            status=status,
            form=form,
            keys=api_keys.listed(session),
            words=words,
            today=service.today(),
        )


@bp.post("/keys/<public>/revoke")
@for_grant(Grant.ADMIN)
def revoke_key(public: str) -> ResponseReturnValue:
    """Let a key work no more; one that is revoked already stays so."""
    try:
        with db.writing() as session:
            key = api_keys.working(session, public)
            if Form().validate():
                api_keys.revoke(session, key.public, datetime.now(UTC), by=_me())
    except api_keys.UnknownKey:
        abort(404)
    return redirect(url_for("pulse.people.keys"), 303)


def _me() -> int:
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    return visit.person_id
