"""The pages of open links: made, closed, printed, and allowed on other sites."""

from datetime import datetime
from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from config import settings
from pulse import db
from pulse.forms import Form
from pulse.i18n import gettext, language, speaking
from pulse.months import month_of
from pulse.people import login
from pulse.people.models import Grant
from pulse.web import for_grant, render
from surveys.delivery import doors
from surveys.delivery.door_forms import CountForm, SitesForm

bp = Blueprint("doors", __name__)
KEEPERS = (Grant.ANALYST, Grant.ADMIN)
ONE = "/doors/<int(max=2147483647):touchpoint_id>"
MOST = 10_000  # the number of a page, at most


@bp.get("/doors")
@for_grant(*KEEPERS)
def listing() -> ResponseReturnValue:
    """All touchpoints with their open links."""
    search = request.args.get("search", "").strip().replace("\0", "")[:200]
    page = min(max(1, request.args.get("page", 1, type=int)), MOST)
    with db.reading() as session:
        found = doors.listing(session, search, page, _month(), key=_key())
        return render(listing=found, search=search, number=page)


@bp.get(ONE)
@for_grant(*KEEPERS)
def door(touchpoint_id: int) -> ResponseReturnValue:
    """One touchpoint's open link, and all that is made of it."""
    with db.reading() as session:
        return _page(session, touchpoint_id, Form())


def _page(
    session: Session, touchpoint_id: int, form: Form, *, sites: SitesForm | None = None, status: int = 200
) -> ResponseReturnValue:
    line = _found(session, touchpoint_id)
    return render(
        page="surveys.doors.door",
        status=status,
        line=line,
        form=form,
        sites=sites or SitesForm(formdata=None, sites="\n".join(line.origins)),
        counting=CountForm(formdata=None, counts=line.counts),
        address=address(line.secret) if line.secret else None,
        site_url=settings().site_url,
        languages=settings().languages,
    )


def _found(session: Session, touchpoint_id: int) -> doors.Line:
    try:
        return doors.line(session, touchpoint_id, _month(), key=_key())
    except doors.NoSuchTouchpoint:
        abort(404)


def address(secret: str) -> str:
    """The whole address of an open link."""
    return f"{settings().site_url}/o/{secret}"


@bp.post(f"{ONE}/link")
@for_grant(*KEEPERS)
def link(touchpoint_id: int) -> ResponseReturnValue:
    """Make an open link, another one, or let it end."""
    form = Form()
    with db.writing() as session:
        place = _found(session, touchpoint_id).touchpoint
        if not form.validate():
            return _page(session, touchpoint_id, form, status=422)
        if "close" in request.form:
            doors.close(session, place, by=_me())
        else:
            doors.make(session, place, key=_key(), by=_me())
    return _back(touchpoint_id)


@bp.post(f"{ONE}/sites")
@for_grant(*KEEPERS)
def sites(touchpoint_id: int) -> ResponseReturnValue:
    """Say which sites may show the survey in a frame."""
    form = SitesForm()
    with db.writing() as session:
        place = _found(session, touchpoint_id).touchpoint
        if not form.validate():
            return _page(session, touchpoint_id, form, sites=form, status=422)
        doors.allow(session, place, form.origins, by=_me())
    return _back(touchpoint_id)


@bp.post(f"{ONE}/counting")
@for_grant(*KEEPERS)
def counting(touchpoint_id: int) -> ResponseReturnValue:
    """Say whether the answers weigh in verdicts."""
    form = CountForm()
    with db.writing() as session:
        place = _found(session, touchpoint_id).touchpoint
        if not form.validate():
            return _page(session, touchpoint_id, form, status=422)
        doors.count(session, place, bool(form.counts.data), by=_me())
    return _back(touchpoint_id)


@bp.get(f"{ONE}/square.svg")
@for_grant(*KEEPERS)
def square_svg(touchpoint_id: int) -> ResponseReturnValue:
    """The link's QR code, as shapes."""
    from surveys.delivery import squares  # only pages that draw need it

    line, leads_to = _linked(touchpoint_id)
    title = gettext("QR code: %(place)s", place=line.touchpoint.name(language()))
    return _file(squares.svg(leads_to, title), "image/svg+xml", f"{line.touchpoint.code}.svg")


@bp.get(f"{ONE}/square.png")
@for_grant(*KEEPERS)
def square_png(touchpoint_id: int) -> ResponseReturnValue:
    """The link's QR code, as pixels."""
    from surveys.delivery import squares

    line, leads_to = _linked(touchpoint_id)
    return _file(squares.png(leads_to), "image/png", f"{line.touchpoint.code}.png")


@bp.get(f"{ONE}/poster-<tongue>.pdf")
@for_grant(*KEEPERS)
def poster(touchpoint_id: int, tongue: str) -> ResponseReturnValue:
    """The sheet to be put up, in one language."""
    from surveys.delivery import posters

    if tongue not in settings().languages:
        abort(404)
    line, leads_to = _linked(touchpoint_id)
    with speaking(tongue):
        content = posters.pdf(line.touchpoint.name(tongue), leads_to, language=tongue)
    return _file(content, "application/pdf", f"{line.touchpoint.code}-{tongue}.pdf")


def _linked(touchpoint_id: int) -> tuple[doors.Line, str]:
    """A touchpoint and the address of its link; without one there is nothing to draw."""
    with db.reading() as session:
        line = _found(session, touchpoint_id)
    if line.secret is None:
        abort(404)
    return line, address(line.secret)


def _file(content: bytes, mimetype: str, name: str) -> Response:
    reply = make_response(content)
    reply.mimetype = mimetype
    shown: dict[str, Any] = {} if "download" not in request.args else {"filename": f"pulse-{name}"}
    reply.headers.set("Content-Disposition", "attachment" if shown else "inline", **shown)
    return reply


def _back(touchpoint_id: int) -> ResponseReturnValue:
    return redirect(url_for(".door", touchpoint_id=touchpoint_id), 303)


def _month() -> Any:
    return month_of(datetime.now(settings().zone).date())


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])


def _me() -> int:
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    return visit.person_id
