"""The second factor: shown at the door, set up there or in one's own account, and reset by admins."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial

from flask import abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from pulse import db
from pulse.forms import Form
from pulse.people import attempts, factors, login, passwords, service, squares
from pulse.people.factor_forms import CodeForm, SettingUpForm
from pulse.people.factors import Offer, Wanted
from pulse.people.login import HalfWay
from pulse.people.models import Grant, Person
from pulse.people.views import bp, mine_in, old_wanted, onward
from pulse.web import for_grant, open_to_all, render

__all__ = ["bp"]


@bp.route("/sign-in/code", methods=["GET", "POST"])
@open_to_all
def second_factor() -> ResponseReturnValue:
    """At the door, after a password or a mailed link: a code of the app, or a recovery code."""
    half, form = login.half_way(), CodeForm()
    if half is None:
        return redirect(url_for("pulse.people.sign_in", next=onward()), 303)
    if not form.is_submitted():
        return render(form=form)
    if not form.validate() or not _shown(half, form):
        return render(form=form, status=422)
    return redirect(onward() or url_for("pulse.people.start"), 303)


def _shown(half: HalfWay, form: CodeForm) -> bool:
    """Whether the second factor was shown; signs in where it was."""
    with db.reading() as session:
        person = _person(session, half.person_id)
    if not _may_try(person):
        form.postpone()
        return False
    with db.writing() as session:
        person = _person(session, half.person_id)
        good = factors.taken(session, person, form.code.data or "", datetime.now(UTC), _key())
        if good:
            login.enter(person, by_link=half.by_link)
        else:
            form.refuse()
        return good


def _may_try(person: Person) -> bool:
    """Whether one more code may be tried: counted at once, whatever becomes of the code."""
    with db.writing() as session:
        return factors.may_try(session, person, datetime.now(UTC))


@bp.route("/sign-in/factor", methods=["GET", "POST"])
@open_to_all
def set_up_now() -> ResponseReturnValue:
    """At the door: who needs a second factor and has none sets it up before they go on."""
    half, form = login.half_way(), SettingUpForm()
    if half is None:
        return redirect(url_for("pulse.people.sign_in", next=onward()), 303)
    with db.reading() as session:
        person = _person(session, half.person_id)
        if factors.wanted(session, person) is not Wanted.SETTING_UP:
            return redirect(url_for("pulse.people.sign_in", next=onward()), 303)
    codes = None
    if form.is_submitted():
        codes = _set_up(person, form, lambda: True, by_link=half.by_link)
    return _told(codes, onward()) if codes else _offering(person, form, door=True)


def _set_up(
    person: Person, form: SettingUpForm, proved: Callable[[], bool], *, by_link: bool
) -> Sequence[str] | None:
    """Recovery codes, where the new secret's first code is right; None and said in the form where not.

    proved -- whether whoever asks is this person, or else says so in the form
    """
    sealed, said, now = form.sealed.data or "", form.code.data or "", datetime.now(UTC)
    if not form.validate():
        return None
    if not _may_try(person):
        form.postpone()
        return None
    try:
        # First what uses nothing up: a code of the present app can be shown but once.
        if not factors.fits(person, sealed, said, now, _key()):
            form.refuse()
            return None
        if not proved():
            return None
        with db.writing() as session:
            mine = _person(session, person.id)
            codes = factors.confirm(session, mine, sealed, said, now, _key())
            service.note(session, "second factor set up", mine.email, by=mine.id, day_alone=True)
            login.enter(mine, by_link=by_link)
            return codes
    except factors.Stale:
        form.offer_anew()
        return None


def _offering(
    person: Person, form: SettingUpForm, *, door: bool, has_one: bool = False
) -> ResponseReturnValue:
    """The page with a new secret; the same one again where it is shown once more."""
    offer = _offer(person, form)
    form.sealed.data = offer.sealed
    return render(
        page="pulse.people.set_up_factor",
        status=422 if form.is_submitted() else 200,
        form=form,
        offer=offer,
        square=Markup(squares.drawn(offer.address)),
        email=person.email,
        door=door,
        has_one=has_one,
        password_wanted=not door and not has_one and old_wanted(person),
    )


def _offer(person: Person, form: SettingUpForm) -> Offer:
    try:
        if form.sealed.data:
            return factors.offered(person, form.sealed.data, _key())
    except factors.Stale:
        pass
    return factors.offer(person, _key())


def _told(codes: Sequence[str], ahead: str | None) -> ResponseReturnValue:
    """The recovery codes, shown this once: nothing that outlives the page may hold them."""
    return render(page="pulse.people.recovery_codes", codes=codes, ahead=ahead)


@bp.route("/me/factor/new", methods=["GET", "POST"])
@for_grant()
def set_up_factor() -> ResponseReturnValue:
    """In one's own account: a second factor, or a new one in place of the old one."""
    form = SettingUpForm()
    with db.reading() as session:
        person = mine_in(session)
        standing = factors.standing(session, person)
    if not standing.offered:
        abort(404)
    has_one, codes = standing.since is not None, None
    if form.is_submitted():
        proof = partial(_is_theirs, person, form, has_one=has_one)
        codes = _set_up(person, form, proof, by_link=login.by_link_lately())
    if codes:
        return _told(codes, url_for("pulse.people.factor"))
    return _offering(person, form, door=False, has_one=has_one)


def _is_theirs(person: Person, form: SettingUpForm, *, has_one: bool) -> bool:
    """Whether who asks has proved it: by the present second factor, else by a password where there is one."""
    if not has_one:
        return not old_wanted(person) or _password_is_right(person, form)
    with db.writing() as session:
        if factors.taken(session, person, form.present.data or "", datetime.now(UTC), _key()):
            return True
    form.refuse_present()
    return False


def _password_is_right(person: Person, form: SettingUpForm) -> bool:
    with db.writing() as session:
        now = datetime.now(UTC)
        waits = not attempts.allowed(session, "password", person.email, now, most=attempts.PASSWORDS)
    if waits:
        form.postpone()
        return False
    if not passwords.matches(form.password.data or "", person.password_hash):
        form.refuse_password()
        return False
    return True


@bp.route("/me/factor", methods=["GET", "POST"])
@for_grant()
def factor() -> ResponseReturnValue:
    """One's own second factor: new recovery codes, or none any more, by a code of it."""
    form, codes = CodeForm(), None
    with db.reading() as session:
        person = mine_in(session)
        standing = factors.standing(session, person)
    if standing.since is None:
        return redirect(url_for("pulse.people.set_up_factor"), 303) if standing.offered else abort(404)
    if form.is_submitted() and form.validate():
        codes = _changed(person, form, required=standing.required)
    if codes is None:
        return render(form=form, standing=standing, status=422 if form.is_submitted() else 200)
    if codes:
        return _told(codes, url_for("pulse.people.me"))
    return redirect(url_for("pulse.people.me", done="factor"), 303)


def _changed(person: Person, form: CodeForm, *, required: bool) -> Sequence[str] | None:
    """New recovery codes, or none where the second factor was taken away; None where the code is wrong."""
    if not _may_try(person):
        form.postpone()
        return None
    with db.writing() as session:
        if not factors.taken(session, person, form.code.data or "", datetime.now(UTC), _key()):
            form.refuse()
            return None
        if "remove" in request.form and not required:
            factors.forget(session, person.id)
            service.note(session, "second factor removed", person.email, by=person.id)
            return ()
        service.note(session, "recovery codes renewed", person.email, by=person.id)
        return factors.fresh_codes(session, person.id, _key())


@bp.post("/people/<int(max=2147483647):person_id>/factor")
@for_grant(Grant.ADMIN)
def reset_factor(person_id: int) -> ResponseReturnValue:
    """Let somebody who lost both app and recovery codes set up a second factor again; ends their visits."""
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    if person_id == visit.person_id:
        abort(400)  # one's own takes a code of it: whoever finds this screen unlocked has none
    with db.writing() as session:
        person = service.by_id(session, person_id)
        if person is None:
            abort(404)
        if Form().validate():
            factors.reset(session, person, by=visit.person_id)
    return redirect(url_for("pulse.people.account", person_id=person_id), 303)


def _person(session: Session, person_id: int) -> Person:
    found = service.by_id(session, person_id)
    assert found is not None  # people are never deleted
    return found


def _key() -> str:
    return str(current_app.config["SECRET_KEY"])
