"""The page that says how far mailings are, and lets admins decide on what only a person can decide."""

from datetime import UTC, datetime

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from config import settings
from pulse import db
from pulse.i18n import day
from pulse.i18n import gettext as _
from pulse.people import login
from pulse.people.models import Grant
from pulse.web import for_grant, render
from surveys.delivery import channels, decisions, progress
from surveys.delivery.forms import DoubtForm, FailureForm

bp = Blueprint("delivery", __name__)
LARGEST = 2**31  # what PostgreSQL takes as the number of a message is below


@bp.get("/messages")
@for_grant(Grant.ANALYST, Grant.ADMIN)
def messages() -> ResponseReturnValue:
    """How far each mailing is, what is in doubt and what failed."""
    return _page(DoubtForm(formdata=None))


def _page(form: DoubtForm, *, status: int = 200) -> ResponseReturnValue:
    visit, known = login.here(), settings()
    with db.reading() as session:
        doubts, doubtful = progress.doubts(session)
        return render(
            page="surveys.delivery.messages",
            status=status,
            form=form,
            decides=visit is not None and visit.may(frozenset({Grant.ADMIN})),
            mailings=progress.mailings_of(session),
            doubts=doubts,
            doubtful=doubtful,
            failures=progress.failures(session),
            troubles=progress.troubles(session),
            pace=progress.pace(session, datetime.now(UTC)),
            per_minute=known.messages_per_minute,
            unset=[name for name in ("email", "sms") if not channels.is_set(name, known)],
            when=_when,
            decided=request.args.get("decided", type=int),
        )


def _when(moment: datetime) -> str:
    """A moment in words, by the organisation's clock."""
    here = moment.astimezone(settings().zone)
    return _("%(day)s at %(time)s", day=day(here.date()), time=f"{here:%H:%M}")


@bp.post("/messages")
@for_grant(Grant.ADMIN)
def decide() -> ResponseReturnValue:
    """Send messages in doubt again, or leave them."""
    form = DoubtForm()
    if not form.validate():
        return _page(form, status=422)
    chosen = [number for number in form.messages.data or [] if number < LARGEST]
    with db.writing() as session:
        if "again" in request.form:
            number = decisions.send_again(session, chosen, datetime.now(UTC), by=_me())
        else:
            number = decisions.leave(session, chosen, by=_me())
    return redirect(url_for("surveys.delivery.messages", decided=number), 303)


@bp.post("/messages/failed")
@for_grant(Grant.ADMIN)
def try_again() -> ResponseReturnValue:
    """Try again what failed of a mailing."""
    form = FailureForm()
    if not form.validate():
        return _page(DoubtForm(formdata=None), status=422)
    with db.writing() as session:
        mailing, error = ((field.data or "").replace("\0", "") for field in (form.mailing, form.error))
        number = decisions.try_again(session, mailing, error, datetime.now(UTC), by=_me())
    return redirect(url_for("surveys.delivery.messages", decided=number), 303)


def _me() -> int | None:
    visit = login.here()
    return visit.person_id if visit else None
