"""The customers' pages: the survey behind every kind of link, the thanks, and erasing an answer again."""

from collections.abc import Callable
from datetime import UTC, datetime

from flask import Response, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from config import settings
from pulse import db
from pulse.forms import STALE, OpenForm, Problem
from pulse.heard import queries as heard
from pulse.i18n import language
from pulse.organisation.models import Side
from pulse.troubles import keeps_what_was_sent
from pulse.web import open_to_all, render
from surveys.invitations import contacts
from surveys.invitations import service as invitations
from surveys.invitations.service import NotInvited
from surveys.responses import checklist, customer, erasure, permission
from surveys.responses import page as pages
from surveys.responses.checklist import CONSENT, Given
from surveys.responses.customer import Survey, Words
from surveys.responses.forms import CustomerForm
from surveys.responses.page import Page
from surveys.responses.permission import Permission
from surveys.responses.reminding import omissions, ticked_for_them
from surveys.responses.views import bp

Find = Callable[[Session, Page, datetime], Permission]
Thanks = Callable[[str], str]


@bp.route("/r/<token>", methods=["GET", "POST"])
@open_to_all
@keeps_what_was_sent
def survey(token: str) -> ResponseReturnValue:
    """A customer's survey. Looking uses nothing up: mail scanners follow links."""

    def find(session: Session, page: Page, now: datetime) -> Permission:
        return permission.resolve(session, token, now, key=_key(), zone=settings().zone)

    return answer(token, find, seed=invitations.token_hash(token))


def answer(
    link: str, find: Find, *, seed: str | None = None, thanks: Thanks | None = None
) -> ResponseReturnValue:
    """The page behind a link, whatever door it is: the survey on GET, the answer taken on POST.

    link -- the secret in the address; what the page's form carries holds behind it alone
    find -- what the link allows on this page; raises NotInvited, or pages.Stale for a page that is too old
            for this door: it is then shown anew, with what was entered
    seed -- what the order of the irritants and the link to erase are made from; None = each page's own,
            of a link by which many answer
    thanks -- the address of the thank-you page, given the secret of the link to erase
    """
    now, form = datetime.now(UTC), CustomerForm()
    posted = pages.read(request.form.get("page"), link, key=_key()) if form.is_submitted() else None
    try:
        with db.reading() as session:
            allowed, page = _found(session, find, posted or pages.fresh(now), now)
            if page is not posted:
                own = seed or page.once
                page = customer.laid_out(session, allowed, page, now, seed=own, zone=settings().zone)
            asked = customer.survey(session, allowed, page, language=language())
        given = checklist.read(request.form, asked.opening, asked.items)
        if form.is_submitted() and _is_in_order(form, given, asked, ours=page is posted):
            sent = _sent(form, given, page, seed)
            with db.writing() as session:
                customer.answer(session, allowed, asked, sent, now, language=language(), zone=settings().zone)
            return redirect((thanks or _thanks)(sent.erasure), 303)
    except NotInvited:
        return _again(form, posted, seed, thanks or _thanks)
    form.page.data = pages.written(page, link, key=_key())
    return _shown(form, asked, given, allowed)


def _found(session: Session, find: Find, page: Page, now: datetime) -> tuple[Permission, Page]:
    """What the link allows and on which page: a fresh one where the posted one is too old."""
    try:
        return find(session, page, now), page
    except pages.Stale:
        page = pages.fresh(now)
        return find(session, page, now), page


def _is_in_order(form: CustomerForm, given: Given, asked: Survey, *, ours: bool) -> bool:
    """Whether what was sent is to be taken: if not, the form says why, or what may have been overlooked."""
    sound = form.validate()
    sound = form.check_consent(agreed=CONSENT in given.ticked) and sound
    if not ours:
        form.form_errors.append(str(STALE))
    return sound and ours and bool(form.reminded.data or not omissions(given, asked.opening, asked.items))


def _sent(form: CustomerForm, given: Given, page: Page, seed: str | None) -> customer.Sent:
    words = Words(
        comment=form.comment.data or "",
        other=form.something.data or "",
        contact=form.contact.data or "",
        name=form.name.data or "",
        trap=form.website.data or "",
    )
    return customer.Sent(given, words, page, _digest(), erasure.token(_key(), seed or page.once))


def _shown(form: CustomerForm, asked: Survey, given: Given, allowed: Permission) -> ResponseReturnValue:
    """The page, for the first time or again; what may have been overlooked is mentioned once."""
    overlooked: list[Problem] = []
    if form.is_submitted() and not form.reminded.data:
        if not form.errors:
            overlooked, form.reminded.data = omissions(given, asked.opening, asked.items), "1"
        given = ticked_for_them(given)
    return render(
        page="surveys.responses.survey",
        status=422 if form.is_submitted() else 200,
        form=form,
        asked=asked,
        given=given,
        overlooked=overlooked,
        degrees=checklist.DEGREES,
        asker=settings().asker,
        stop=contacts.stop_token(_key(), allowed.contact_keys) if allowed.contact_keys else None,
    )


def _again(form: CustomerForm, page: Page | None, seed: str | None, thanks: Thanks) -> ResponseReturnValue:
    """What a link that is no longer valid leads to: thanks for a double click, else the one neutral page."""
    own = seed or (page.once if page else None)
    if form.is_submitted() and own is not None:
        erasing = erasure.token(_key(), own)
        with db.reading() as session:
            if customer.is_repeated(session, erasing, _digest()):
                return redirect(thanks(erasing), 303)
    raise NotInvited


def _digest() -> str:
    return checklist.digest(request.form.items(multi=True), key=_key())


def _thanks(erasing: str) -> str:
    return url_for("surveys.responses.customer_thanks", erasing=erasing)


@bp.get("/r/thanks/<erasing>")
@open_to_all
def customer_thanks(erasing: str) -> ResponseReturnValue:
    """Thanks to a customer, with the link to erase the answer; says nothing of what was answered."""
    return thanked(erasing)


def thanked(erasing: str) -> Response:
    """The thanks, and where it is told what came of earlier answers, as soon as anything is."""
    with db.reading() as session:
        told = heard.anything(session, Side.CUSTOMER)
    return render(page="surveys.responses.customer_thanks", erasing=erasing, told=told)


@bp.route("/erase/<erasing>", methods=["GET", "POST"])
@open_to_all
def erase(erasing: str) -> ResponseReturnValue:
    """Erasing an answer: a page with a button. Looking erases nothing: whatever looks ahead follows links."""
    form = OpenForm()
    if form.is_submitted():
        with db.writing() as session:
            found = erasure.look(session, erasing)
            erasure.erase(session, found, datetime.now(UTC), also=current_app.extensions["surveys.forget"])
        return redirect(url_for("surveys.responses.erased"), 303)
    with db.reading() as session:
        found = erasure.look(session, erasing)
        return render(form=form, answered_on=found.answered_at.astimezone(settings().zone).date())


@bp.get("/erase/done")
@open_to_all
def erased() -> ResponseReturnValue:
    """An answer is gone."""
    return render()


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])
