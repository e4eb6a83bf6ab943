"""Wanting the weekly mail or not: on one's own account, or by the link at its end without signing in."""

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue

from config import settings
from pulse import db
from pulse.forms import Form, OpenForm
from pulse.people import login, personal_links, service
from pulse.people.key_views import bp
from pulse.web import for_grant, open_to_all, render

__all__ = ["bp"]


@bp.post("/me/weekly-news")
@for_grant(*login.GETS_NEWS)
def want_news() -> ResponseReturnValue:
    """Get the weekly mail from now on, or no longer."""
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    if not Form().validate():
        return redirect(url_for("pulse.people.me"), 303)
    with db.writing() as session:
        person = service.by_id(session, visit.person_id)
        assert person is not None  # people are never deleted
        person.weekly_news = request.form.get("wanted") == "1"
    return redirect(url_for("pulse.people.me", done="news"), 303)


@bp.route("/weekly-news/<token>", methods=["GET", "POST"])
@open_to_all
def stop_news(token: str) -> ResponseReturnValue:
    """No more weekly mails, or weekly mails again. Looking changes nothing: mail scanners follow links.

    A mail program's own button sends List-Unsubscribe=One-Click and follows no redirect (RFC 8058).
    """
    form, known = OpenForm(), settings().secret_key
    secret = known.get_secret_value() if known else ""
    try:
        with db.reading() as session:
            person = personal_links.person_of(session, secret, personal_links.WEEKLY_NEWS, token)
            person_id, wanted = person.id, person.weekly_news
    except personal_links.NoSuchLink:
        abort(404)
    if form.is_submitted():
        wanted = "again" in request.form
        with db.writing() as session:
            found = service.by_id(session, person_id)
            assert found is not None  # the link was theirs a moment ago
            found.weekly_news = wanted
        if "List-Unsubscribe" not in request.form:
            return redirect(url_for(".stop_news", token=token), 303)
    return _page(form, wanted, token)


def _page(form: OpenForm, wanted: bool, token: str) -> Response:
    return render(page="pulse.people.weekly_news", form=form, wanted=wanted, token=token)
