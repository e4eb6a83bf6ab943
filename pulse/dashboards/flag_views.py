"""Flags: fixes that moved a problem onto staff or made it worse for customers, and their follow-up."""

from datetime import UTC, datetime

from flask import Response, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from pulse import db
from pulse.dashboards import queries
from pulse.dashboards.forms import FollowUpForm
from pulse.dashboards.views import bp
from pulse.people import login
from pulse.people.login import ANALYSTS
from pulse.verdicts import flags as follow_up
from pulse.verdicts import sentences
from pulse.verdicts.models import Flag
from pulse.web import for_grant, render

FLAG = "/flags/<int(max=2147483647):flag_id>"  # no database holds a higher number


@bp.get("/flags")
@for_grant(*ANALYSTS)
def flags() -> Response:
    """Fixes that moved a problem onto staff, or made it worse for customers, and what is done about it."""
    with db.reading() as session:
        found, names = queries.flags(session)
        return render(flags=found, names=names, say=sentences, standing=queries.standing(session))


@bp.get(FLAG)
@for_grant(*ANALYSTS)
def flag(flag_id: int) -> Response:
    """One flag with everything that happened to it."""
    with db.reading() as session:
        found = queries.flag(session, flag_id)
        if found is None:
            abort(404)
        form = FollowUpForm()
        form.offer(found)
        return _flag_page(session, found, form)


@bp.post(FLAG)
@for_grant(*ANALYSTS)
def follow(flag_id: int) -> ResponseReturnValue:
    """Take a flag a step further, or comment on it."""
    form = FollowUpForm()
    with db.writing() as session:
        found = queries.flag(session, flag_id)
        if found is None:
            abort(404)
        form.offer(found)
        if not form.validate() or not _moved(session, found, form):
            return _flag_page(session, found, form, status=422)
    return redirect(url_for("pulse.dashboards.flag", flag_id=flag_id), 303)


def _flag_page(session: Session, found: Flag, form: FollowUpForm, *, status: int = 200) -> Response:
    return render(
        page="pulse.dashboards.flag",
        status=status,
        flag=found,
        form=form,
        events=queries.events(session, found),
        names=queries.names(session, found),
        say=sentences,
    )


def _moved(session: Session, found: Flag, form: FollowUpForm) -> bool:
    """Whether the step was taken; if not, the form says why."""
    person, words = login.here(), form.comment.data or ""
    if form.chosen is found.state and not words.strip():
        form.want_words()
        return False
    try:
        now, email = datetime.now(UTC), person.email if person else ""
        follow_up.move(session, found, form.chosen, by=email, comment=words, now=now)
    except follow_up.ReasonMissing:
        form.want_reason()
        return False
    return True
