"""How customers are asked, for those who decide it; and the page by which a customer is asked no more."""

from datetime import UTC, date, datetime

from flask import Blueprint, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug import Response

from config import DAYS, settings
from pulse import db
from pulse.i18n import lazy as _
from pulse.months import parsed, shifted
from pulse.people import login, service
from pulse.people.models import Grant
from pulse.web import for_grant, open_to_all, render
from surveys.invitations import asking, contacts, retention, rules
from surveys.invitations.forms import MannerForm, OptOutForm, StopForm
from surveys.invitations.models import Opening, OptedOutBy, Outcome, Way
from surveys.invitations.service import VALID

bp = Blueprint("invitations", __name__)
ASKERS = (Grant.ANALYST, Grant.ADMIN)
EARLIER = 12  # months back that can be looked at: interactions are kept for one more
ONE = "/asking/<int(max=2147483647):place>"
REASONS = {
    Outcome.TOO_OLD: _("The interaction was too long ago"),
    Outcome.NO_ADDRESS: _("There was nothing to reach the customer by"),
    Outcome.OPTED_OUT: _("The customer wants no more surveys"),
    Outcome.UNREACHABLE: _("What was sent to the customer before came back"),
    Outcome.NOT_SAMPLED: _("The interaction is not in the sample"),
    Outcome.ASKED_RECENTLY: _("The customer was asked recently"),
    Outcome.TARGET_REACHED: _("Enough customers were invited this month"),
}
SHORT_OPENINGS = {
    Opening.EFFORT: _("effort"),
    Opening.CSAT: _("satisfaction"),
    Opening.NPS: _("recommendation"),
}
SHORT_WAYS = {Way.EMAIL: _("e-mail"), Way.SMS: _("text message"), Way.LINK: _("link handed over")}
DAYS_OF_WEEK = dict(
    zip(
        range(len(DAYS)),
        (_("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"), _("Sunday")),
        strict=True,
    )
)


@bp.get("/asking")
@for_grant(*ASKERS)
def customers() -> Response:
    """Every touchpoint: how it asks, and what the month's interactions led to."""
    return _overview(OptOutForm(formdata=None))


def _overview(form: OptOutForm, *, status: int = 200) -> Response:
    known, month, this = settings(), _month(), asking.this_month(datetime.now(UTC), settings().zone)
    with db.reading() as session:
        lines = asking.lines(session, month, known.zone)
        return render(
            page="surveys.invitations.customers",
            status=status,
            lines=lines,
            total=asking.all_outcomes(lines),
            month=month,
            months=_around(month, this),
            form=form,
            known=known,
            days=[str(DAYS_OF_WEEK[day]) for day in known.sending_days],
            latest=rules.LATEST.days,
            valid=VALID.days,
            kept=retention.MONTHS,
            openings=SHORT_OPENINGS,
            ways=SHORT_WAYS,
            reasons=REASONS,
            invited=Outcome.INVITED,
            done=request.args.get("done"),
        )


def _month() -> date:
    """The month an address asks for; this one where it asks for none that can be looked at."""
    this = asking.this_month(datetime.now(UTC), settings().zone)
    try:
        wanted = parsed(request.args.get("month", "")[:7])
    except ValueError:
        return this
    return wanted if shifted(this, -EARLIER) <= wanted <= this else this


def _around(month: date, this: date) -> tuple[date | None, date | None]:
    """The months before and after one that can be looked at."""
    before, after = shifted(month, -1), shifted(month, 1)
    return before if before >= shifted(this, -EARLIER) else None, after if after <= this else None


@bp.post("/asking/stop")
@for_grant(*ASKERS)
def opt_out() -> ResponseReturnValue:
    """Ask a customer no more who said so to somebody here. Whom is not written down anywhere."""
    form = OptOutForm()
    keys = _keys_of(form) if form.validate() else []
    if not keys:
        return _overview(form, status=422)
    with db.writing() as session:
        contacts.opt_out(session, keys, OptedOutBy.STAFF, datetime.now(UTC))
        service.note(session, "customer opted out", "", by=_me())
    return redirect(url_for(".customers", done="stopped"), 303)


def _keys_of(form: OptOutForm) -> list[str]:
    """The keys of whom the form names; none where that cannot be, and the form then says why."""
    try:
        keys = contacts.keys(
            _secret(),
            customer=form.customer.data,
            email=form.email.data,
            phone=form.phone.data,
            calling_code=settings().calling_code,
        )
    except service.NotAnAddress:
        form.refuse_email()
        return []
    except contacts.NotANumber:
        form.refuse_phone()
        return []
    if not keys:
        form.want_one()
    return keys


@bp.route(ONE, methods=["GET", "POST"])
@for_grant(*ASKERS)
def touchpoint(place: int) -> ResponseReturnValue:
    """How one touchpoint's customers are asked, and why this month's were not."""
    known, month, now = settings(), _month(), datetime.now(UTC)
    try:
        with db.reading() as session:
            line = asking.line(session, place, month, known.zone)
            form = MannerForm.of(line.manner)
            if not form.validate_on_submit():
                return render(
                    status=422 if form.is_submitted() else 200,
                    line=line,
                    month=month,
                    months=_around(month, asking.this_month(now, known.zone)),
                    form=form,
                    reasons=REASONS,
                    done=request.args.get("done"),
                )
        with db.writing() as session:
            asking.save(session, place, form.manner, now, zone=known.zone, by=_me())
    except asking.NoSuchTouchpoint:
        abort(404)
    return redirect(url_for(".touchpoint", place=place, done="saved"), 303)


@bp.route("/stop/<token>", methods=["GET", "POST"])
@open_to_all
def stop(token: str) -> ResponseReturnValue:
    """No more surveys, or surveys again. Looking changes nothing: mail scanners follow links.

    A mail program's own button sends List-Unsubscribe=One-Click and follows no redirect (RFC 8058).
    """
    try:
        keys = contacts.of_stop_token(_secret(), token)
    except contacts.NoSuchLink:
        abort(404)
    form, again = StopForm(), "again" in request.form
    if form.is_submitted():
        with db.writing() as session:
            if again:
                contacts.opt_in(session, keys)
            else:
                contacts.opt_out(session, keys, OptedOutBy.LINK, datetime.now(UTC))
        if "List-Unsubscribe" not in request.form:
            return redirect(url_for(".stop", token=token, done="again" if again else None), 303)
    with db.reading() as session:
        stopped, own = contacts.opted_out(session, keys), contacts.opted_out_by_link(session, keys)
    return render(
        stopped=stopped, own=own, asker=settings().asker, token=token, done=request.args.get("done")
    )


def _secret() -> str:
    return str(current_app.config["SECRET_KEY"])


def _me() -> int:
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    return visit.person_id
