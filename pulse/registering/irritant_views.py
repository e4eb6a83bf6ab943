"""Irritants: all of them with both questions side by side, new ones, other words, and an end to asking."""

from collections.abc import Sequence

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from pulse import db, downloads
from pulse.forms import Form
from pulse.i18n import gettext as _
from pulse.i18n import language
from pulse.months import month_of, shifted
from pulse.organisation import service
from pulse.organisation.models import PlaceKind, Side
from pulse.people import login
from pulse.people import service as people
from pulse.people.login import ANALYSTS, DECIDERS
from pulse.registering import files, queries, rewording
from pulse.registering.irritant_forms import IrritantForm
from pulse.registering.offers import Offer, offered
from pulse.registering.pairs import doubts
from pulse.registering.views import bp
from pulse.web import for_grant, render

ONE = "/irritants/<code>"


@bp.get("/irritants")
@for_grant(*ANALYSTS)
def irritants() -> Response:
    """All irritants, both questions of the pair side by side."""
    search, show = request.args.get("search", ""), request.args.get("show", "")
    today = people.today()
    with db.reading() as session:
        everything = queries.about_irritants(session, today)
        found = queries.narrowed(everything, search, show)
        if kind := downloads.wanted():
            return downloads.sent(files.irritants(found, today, address=request.url), kind)
        return render(
            found=found,
            number=len(everything),
            search=search,
            show=show,
            today=today,
            writes=_writes(),
        )


@bp.get("/register/irritant")
@for_grant(*DECIDERS)
def irritant_form() -> Response:
    """An empty form, its questions begun."""
    form = IrritantForm(formdata=None)
    with db.reading() as session:
        _offer(session, form)
        form.suggest(shifted(month_of(people.today()), 1))
        return _form_page(session, form)


@bp.post("/register/irritant")
@for_grant(*DECIDERS)
def irritant_new() -> ResponseReturnValue:
    """Check a new pair of questions, or put it on record."""
    form, do = IrritantForm(), request.form.get("do")
    with db.writing() as session:
        _offer(session, form)
        if do not in ("check", "save"):
            return _form_page(session, form)
        if not form.validate() or not _day_to_come(form):
            return _form_page(session, form, status=422)
        said = doubts(form.pair, queries.labels(session))
        if do == "check":
            return _form_page(session, form, doubts=said, checked=True)
        made = rewording.add(session, form.pair, form.met, form.first, by=_me())
        code = made.code
    return redirect(url_for("pulse.registering.irritant", code=code, done="registered"), 303)


@bp.get(ONE)
@for_grant(*ANALYSTS)
def irritant(code: str) -> Response:
    """One irritant: how both sides are asked, where, and what is done about it."""
    with db.reading() as session:
        return _page(session, _found(session, code))


@bp.post(ONE)
@for_grant(*DECIDERS)
def irritant_reworded(code: str) -> ResponseReturnValue:
    """Check other words, or keep them; whoever starts a new series has been told so before."""
    form, do = IrritantForm(), request.form.get("do")
    with db.writing() as session:
        found = _found(session, code)
        _offer(session, form)
        if do not in ("check", "save"):
            return _page(session, found, form)
        if not form.added.data:
            form.added.data = people.today().isoformat()
        if not form.validate():
            return _page(session, found, form, status=422)
        anew = rewording.anew(found.irritant, form.pair, people.today())
        told = " ".join(side.value for side in anew)
        if do == "check" or (anew and form.agreed.data != told):
            form.agreed.data = told
            said = doubts(form.pair, queries.labels(session, but=found.irritant))
            return _page(session, found, form, doubts=said, anew=anew, checked=True)
        try:
            rewording.reword(
                session, found.irritant, form.pair, form.met, by=_me(), seen=form.seen.data or ""
            )
        except rewording.Overtaken:
            form.seen.data = rewording.version(found.irritant)
            form.form_errors.append(
                _("Somebody else changed this irritant meanwhile. What is on record now stands beside.")
            )
            return _page(session, found, form, status=409)
    return redirect(url_for("pulse.registering.irritant", code=code, done="saved"), 303)


@bp.post(f"{ONE}/retire")
@for_grant(*DECIDERS)
def irritant_retired(code: str) -> ResponseReturnValue:
    """Ask nobody about it from today on."""
    return _switched(code, retired=True)


@bp.post(f"{ONE}/reopen")
@for_grant(*DECIDERS)
def irritant_reopened(code: str) -> ResponseReturnValue:
    """Ask about it again."""
    return _switched(code, retired=False)


def _switched(code: str, *, retired: bool) -> ResponseReturnValue:
    with db.writing() as session:
        found = _found(session, code)
        if Form().validate():
            rewording.switch(session, found.irritant, people.today() if retired else None, by=_me())
    return redirect(url_for("pulse.registering.irritant", code=code, done="saved"), 303)


def _offer(session: Session, form: IrritantForm) -> None:
    form.offer(queries.places(session, PlaceKind.TOUCHPOINT))


def _offers(session: Session, form: IrritantForm) -> Offer:
    return offered(
        queries.places(session, PlaceKind.TOUCHPOINT),
        ticked=form.met,
        likely=(),
        words=form.find_touchpoints.data or "",
        language=language(),
    )


def _day_to_come(form: IrritantForm) -> bool:
    """Whether asking begins today or later; if not, the form says so."""
    if form.first >= people.today():
        return True
    form.added.errors = [*form.added.errors, _("Choose a day from today on")]
    return False


def _form_page(
    session: Session,
    form: IrritantForm,
    *,
    doubts: Sequence[str] = (),
    checked: bool = False,
    status: int = 200,
) -> Response:
    return render(
        page="pulse.registering.irritant_form",
        status=status,
        form=form,
        offer=_offers(session, form),
        doubts=doubts,
        checked=checked,
    )


def _page(
    session: Session,
    found: queries.About,
    form: IrritantForm | None = None,
    *,
    doubts: Sequence[str] = (),
    anew: Sequence[Side] = (),
    checked: bool = False,
    status: int = 200,
) -> Response:
    sent = form is not None
    if form is None:
        form = IrritantForm(formdata=None)
        _offer(session, form)
        form.fill(found.irritant)
        form.seen.data = rewording.version(found.irritant)
    return render(
        page="pulse.registering.irritant",
        status=status,
        about=found,
        irritant=found.irritant,
        form=form,
        sent=sent,
        offer=_offers(session, form),
        doubts=doubts,
        anew=anew,
        checked=checked,
        next_month=shifted(month_of(people.today()), 1),
        free=service.never_asked(found.irritant, people.today()),
        running=queries.running(found, people.today()),
        today=people.today(),
        writes=_writes(),
        done=request.args.get("done", ""),
    )


def _found(session: Session, code: str) -> queries.About:
    found = queries.about(session, code, people.today())
    if found is None:
        abort(404)
    return found


def _writes() -> bool:
    visit = login.here()
    return visit is not None and visit.may(frozenset(DECIDERS))


def _me() -> int:
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    return visit.person_id
