"""The pages of webhooks: made, looked after and stopped by admins."""

from datetime import UTC, datetime

from flask import Blueprint, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from config import settings
from pulse import db
from pulse.forms import Form
from pulse.i18n import day
from pulse.i18n import gettext as _
from pulse.people import login
from pulse.people.accounts import Search
from pulse.people.models import Grant
from pulse.web import for_grant, render
from pulse.webhooks import service
from pulse.webhooks.forms import REFUSALS, SHORT, TROUBLES, WebhookForm
from pulse.webhooks.models import Delivery, DeliveryState, Webhook

bp = Blueprint("webhooks", __name__)
ONE = "/webhooks/<int(max=2147483647):webhook_id>"
NAMES = {event.value: words for event, words in SHORT.items()}
WHY = {trouble.value: words for trouble, words in TROUBLES.items()}


@bp.get("/webhooks")
@for_grant(Grant.ADMIN)
def webhooks() -> ResponseReturnValue:
    """All webhooks, and the form for one more."""
    return _page(WebhookForm(formdata=None))


def _page(form: WebhookForm, *, status: int = 200) -> ResponseReturnValue:
    with db.reading() as session:
        return render(
            page="pulse.webhooks.webhooks",
            status=status,
            form=form,
            webhooks=service.listed(session),
            names=NAMES,
            why=WHY,
        )


@bp.post("/webhooks")
@for_grant(Grant.ADMIN)
def make_webhook() -> ResponseReturnValue:
    """Make a webhook and show its secret, this once: nothing that outlives the page may hold it."""
    form, made = WebhookForm(), None
    if form.validate():
        try:
            with db.writing() as session:
                made = service.make(
                    session,
                    form.name.data or "",
                    form.url.data or "",
                    form.chosen,
                    inwards=settings().webhook_inwards,
                    key=_key(),
                    now=datetime.now(UTC),
                    by=_me(),
                )
        except tuple(REFUSALS) as error:
            form.refuse(error)
    if made is None:
        return _page(form, status=422)
    return render(page="pulse.webhooks.made", made=made, new=True)


@bp.get(ONE)
@for_grant(Grant.ADMIN)
def webhook(webhook_id: int) -> ResponseReturnValue:
    """One webhook, and what was sent to it."""
    page = Search.read(request.args).page
    with db.reading() as session:
        found = _found(session, webhook_id)
        sent, pages = service.deliveries(session, found, page)
        return render(
            webhook=found,
            deliveries=sent,
            number=page,
            pages=pages,
            names=NAMES,
            why=WHY,
            states=DeliveryState,
            when=_when,
        )


@bp.post(f"{ONE}/secret")
@for_grant(Grant.ADMIN)
def renew_secret(webhook_id: int) -> ResponseReturnValue:
    """Give a webhook another secret and show it, this once."""
    with db.writing() as session:
        found = _found(session, webhook_id)
        if not Form().validate():
            return _back(webhook_id)
        made = service.renew(session, found, key=_key(), now=datetime.now(UTC), by=_me())
    return render(page="pulse.webhooks.made", made=made, new=False)


@bp.post(f"{ONE}/stop")
@for_grant(Grant.ADMIN)
def stop_webhook(webhook_id: int) -> ResponseReturnValue:
    """Tell a webhook nothing more, or, sent by the other button, tell it again."""
    with db.writing() as session:
        found = _found(session, webhook_id)
        if Form().validate():
            if "start" in request.form:
                service.start(session, found, by=_me())
            else:
                service.stop(session, found, datetime.now(UTC), by=_me())
    return _back(webhook_id)


@bp.post(f"{ONE}/try")
@for_grant(Grant.ADMIN)
def try_webhook(webhook_id: int) -> ResponseReturnValue:
    """Send a webhook something that only says that the way is open."""
    with db.writing() as session:
        found = _found(session, webhook_id)
        if Form().validate():
            service.try_out(session, found, datetime.now(UTC))
    return _back(webhook_id)


@bp.post(f"{ONE}/deliveries/<delivery_id>/again")
@for_grant(Grant.ADMIN)
def send_again(webhook_id: int, delivery_id: str) -> ResponseReturnValue:
    """Send a delivery once more."""
    with db.writing() as session:
        found = _delivery(session, _found(session, webhook_id), delivery_id)
        if Form().validate():
            service.again(session, found, datetime.now(UTC), by=_me())
    return _back(webhook_id)


def _when(moment: datetime) -> str:
    """A moment in words, by the organisation's clock."""
    here = moment.astimezone(settings().zone)
    return _("%(day)s at %(time)s", day=day(here.date()), time=f"{here:%H:%M}")


def _found(session: Session, webhook_id: int) -> Webhook:
    found = service.one(session, webhook_id)
    if found is None:
        abort(404)
    return found


def _delivery(session: Session, webhook: Webhook, delivery_id: str) -> Delivery:
    found = service.delivery_of(session, webhook, delivery_id)
    if found is None:
        abort(404)
    return found


def _back(webhook_id: int) -> ResponseReturnValue:
    return redirect(url_for("pulse.webhooks.webhook", webhook_id=webhook_id), 303)


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])


def _me() -> int:
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    return visit.person_id
