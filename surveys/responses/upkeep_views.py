"""Looking after customers' answers: those that are held, and one that is to be erased."""

from datetime import UTC, date, datetime

from flask import Blueprint, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue

from config import settings
from pulse import db
from pulse.forms import Form
from pulse.i18n import language
from pulse.i18n import lazy as _
from pulse.organisation.models import Touchpoint
from pulse.people import login
from pulse.people.models import Grant
from pulse.web import for_grant, render
from surveys.responses import erasure
from surveys.responses import held as keeping
from surveys.responses.forms import EraseForm
from surveys.responses.models import Held

bp = Blueprint("upkeep", __name__)
REASONS = {
    Held.BURST: _("Many within an hour"),
    Held.TOO_FAST: _("Sent sooner than anybody can read the page"),
    Held.TRAP: _("A field was filled in that no person sees"),
}


@bp.route("/held", methods=["GET", "POST"])
@for_grant(Grant.ANALYST)
def held() -> ResponseReturnValue:
    """Answers kept apart, by touchpoint, day and reason: to be let in, or left out for good."""
    form = Form()
    if form.is_submitted() and form.validate():
        _decide()
        return redirect(url_for("surveys.upkeep.held"), 303)
    with db.reading() as session:
        groups = keeping.waiting(session, language=language(), zone=settings().zone)
        return render(
            form=form,
            status=422 if form.is_submitted() else 200,
            groups=groups,
            left_out=keeping.left_out(session),
            reasons=REASONS,
        )


def _decide() -> None:
    """What the button of a group says; whoever sends anything else is told that it was not understood."""
    try:
        where, day = int(request.form["touchpoint"]), date.fromisoformat(request.form["day"])
        reason, let_in = Held(request.form["reason"]), {"in": True, "out": False}[request.form["decided"]]
    except (ValueError, KeyError):
        abort(400)
    if reason is Held.LEFT_OUT or not 0 < where < 2**31:
        abort(400)
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    with db.writing() as session:
        touchpoint = session.get(Touchpoint, where)
        if touchpoint is None:
            abort(404)
        keeping.decide(
            session,
            touchpoint,
            day,
            reason,
            datetime.now(UTC),
            let_in=let_in,
            zone=settings().zone,
            by=visit.person_id,
        )


@bp.route("/responses/erase", methods=["GET", "POST"])
@for_grant(Grant.ADMIN)
def erase() -> ResponseReturnValue:
    """Erase the answer about one interaction, for a customer who asks for it and has no link any more."""
    form = EraseForm()
    if not form.is_submitted():
        return render(form=form, done=request.args.get("done"))
    if not form.validate() or not _erased(form):
        return render(form=form, done=None, status=422)
    return redirect(url_for("surveys.upkeep.erase", done="1"), 303)


def _erased(form: EraseForm) -> bool:
    """Whether there was an answer to erase; if not, the form says so."""
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    try:
        with db.writing() as session:
            found = erasure.of_interaction(session, form.interaction.data or "")
            also = current_app.extensions["surveys.forget"]
            erasure.erase(session, found, datetime.now(UTC), also=also, by=visit.person_id)
    except erasure.NothingThere:
        form.miss()
        return False
    return True
