"""Signing in, signing out, one's own account, and where each person starts."""

from datetime import UTC, datetime

from flask import Blueprint, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from config import settings
from pulse import db, web
from pulse.forms import Form
from pulse.people import attempts, factors, links, login, passwords, service
from pulse.people.factors import Wanted
from pulse.people.forms import LanguageForm, LinkForm, PasswordForm, SignInForm
from pulse.people.models import Grant, Person
from pulse.web import for_grant, open_to_all, render

bp = Blueprint("people", __name__)
# These belong to rooms below this one, so they are known by their addresses.
PULSE, TEAMS = "/pulse", "/teams"
STEPS = {Wanted.CODE: "pulse.people.second_factor", Wanted.SETTING_UP: "pulse.people.set_up_now"}


@bp.get("/")
@open_to_all
def start() -> ResponseReturnValue:
    """Where a person starts: the overview, the own team, the month's questions, or the door."""
    visit = login.here()
    if visit is None:
        return redirect(url_for("pulse.people.sign_in"))
    return redirect(_first_page(visit))


def _first_page(visit: login.Visit) -> str:
    if ahead := current_app.extensions["pulse.first_page"](visit):  # of a room below: the first run
        return str(ahead)
    if visit.may(frozenset(login.ANALYSTS)):
        return url_for("pulse.dashboards.overview")
    return TEAMS if visit.may(frozenset({Grant.MANAGER})) else PULSE


@bp.route("/sign-in", methods=["GET", "POST"])
@open_to_all
def sign_in() -> ResponseReturnValue:
    """The door: e-mail address and password, a link by mail, or the organisation's sign-in service."""
    if request.method == "POST" and settings().oidc_alone:
        abort(404)
    if "link" in request.form:
        return _mail_link()
    form = SignInForm()
    if not form.is_submitted():
        return _door(form)
    ahead = _entered(form) if form.validate() else None
    return redirect(ahead, 303) if ahead else _door(form, status=422)


def _door(form: Form, *, status: int = 200) -> ResponseReturnValue:
    known = settings()
    return render(
        page="pulse.people.sign_in",
        status=status,
        form=form,
        service=known.oidc_issuer is not None,
        service_name=known.oidc_name,
        alone=known.oidc_alone,
        onward=onward(),
    )


def onward() -> str | None:
    """The page of this site to go on to, where the address names one."""
    ahead = request.args.get("next")
    return ahead if ahead and web.is_local(ahead) else None


def let_in(session: Session, person: Person, ahead: str | None, *, by_link: bool = False) -> str:
    """Sign somebody in who has shown one factor, or ask for another; the address that comes next.

    ahead -- the page to go on to in the end; None = where they start
    """
    step = factors.wanted(session, person)
    if step is Wanted.NOTHING:
        login.enter(person, by_link=by_link)
        return ahead or url_for("pulse.people.start")
    login.wait(person, by_link=by_link)
    return url_for(STEPS[step], next=ahead)


def _mail_link() -> ResponseReturnValue:
    """Send a link to whoever has this address, and say the same to everybody."""
    form = LinkForm()
    if not form.validate() or not _asked(form):
        return _door(form, status=422)
    return redirect(url_for("pulse.people.link_sent", next=onward()), 303)


def _asked(form: LinkForm) -> bool:
    try:
        with db.writing() as session:
            links.ask(
                session,
                form.email.data or "",
                onward() or "",
                datetime.now(UTC),
                key=str(current_app.config["SECRET_KEY"]),
                site_url=settings().site_url,
            )
    except service.NotAnAddress:
        form.refuse()
        return False
    return True


def _entered(form: SignInForm) -> str | None:
    """The address that comes next; None, and said in the form, where the password is not right."""
    email = (form.email.data or "").strip().lower()
    with db.writing() as session:
        waits = not attempts.allowed(session, "password", email, datetime.now(UTC), most=attempts.PASSWORDS)
    if waits:
        form.postpone()
        return None
    with db.reading() as session:
        person = service.recognise(session, email, form.password.data or "")
        if person is None:
            form.refuse()
            return None
        ahead = let_in(session, person, onward())
    with db.writing() as session:
        attempts.forget(session, "password", email)
    return ahead


@bp.get("/sign-in/sent")
@open_to_all
def link_sent() -> ResponseReturnValue:
    """What to do after asking for a link; the same whether or not there is anybody of that address."""
    return render(onward=onward())


@bp.route("/sign-in/<token>", methods=["GET", "POST"])
@open_to_all
def link(token: str) -> ResponseReturnValue:
    """Where a mailed link leads: a page with a button. Only the button uses it up."""
    form, now = Form(), datetime.now(UTC)
    if settings().oidc_alone:
        raise links.LinkVoid
    if form.is_submitted() and form.validate():
        with db.writing() as session:
            person, ahead = links.redeem(session, token, now)
            following = let_in(session, person, ahead or None, by_link=True)
        return redirect(following, 303)
    with db.reading() as session:
        email = links.whose(session, token, now).email
    return render(form=form, email=email, status=422 if form.is_submitted() else 200)


@bp.post("/sign-out")
@for_grant()
def sign_out() -> ResponseReturnValue:
    """Leave, by a button: a link could be followed by a browser that looks ahead."""
    page = "pulse.people.sign_in"
    if Form().validate():
        page = "pulse.people.signed_out" if login.by_service() else page
        login.leave()
    return redirect(url_for(page), 303)


@bp.get("/me")
@for_grant()
def me() -> ResponseReturnValue:
    """One's own account: language, password, and the way out everywhere."""
    with db.reading() as session:
        return _me(session, mine_in(session))


def _me(
    session: Session,
    person: Person,
    *,
    language: LanguageForm | None = None,
    password: PasswordForm | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    return render(
        page="pulse.people.me",
        status=status,
        person=person,
        factor=factors.standing(session, person),
        form=password or language or Form(),
        language_form=language or LanguageForm(formdata=None, language=person.language),
        password_form=password or PasswordForm(formdata=None),
        old_wanted=old_wanted(person),
        gets_news=any(held.grant in login.GETS_NEWS for held in person.grants),
        alone=settings().oidc_alone,
        done=request.args.get("done"),
    )


def old_wanted(person: Person) -> bool:
    """Whether a new password needs the old one: not where there is none, nor soon after a mailed link."""
    return person.password_hash is not None and not login.by_link_lately()


@bp.post("/me/language")
@for_grant()
def speak() -> ResponseReturnValue:
    """Change the language of one's own pages and mails."""
    form = LanguageForm()
    with db.writing() as session:
        person = mine_in(session)
        if not form.validate():
            return _me(session, person, language=form, status=422)
        person.language = form.language.data
    return redirect(url_for("pulse.people.me", done="language", lang=None), 303)


@bp.post("/me/password")
@for_grant()
def new_password() -> ResponseReturnValue:
    """Set a password; it ends all other visits."""
    if settings().oidc_alone:
        abort(404)
    form = PasswordForm()
    with db.reading() as session:
        person = mine_in(session)
        if not form.validate() or (old_wanted(person) and not _known(person, form)):
            return _me(session, person, password=form, status=422)
    stored = passwords.hashed(form.new.data or "")
    with db.writing() as session:
        person = mine_in(session)
        person.password_hash = stored
        service.note(session, "password changed", person.email, by=person.id)
        login.enter(person)
    return redirect(url_for("pulse.people.me", done="password"), 303)


def _known(person: Person, form: PasswordForm) -> bool:
    """Whether the old password is right; tried no more often than at the door."""
    with db.writing() as session:
        waits = not attempts.allowed(
            session, "password", person.email, datetime.now(UTC), most=attempts.PASSWORDS
        )
    if waits:
        form.postpone()
        return False
    if not passwords.matches(form.current.data or "", person.password_hash):
        form.refuse()
        return False
    return True


@bp.post("/me/visits")
@for_grant()
def end_visits() -> ResponseReturnValue:
    """Sign out on every browser."""
    if Form().validate():
        with db.writing() as session:
            person = mine_in(session)
            person.visits += 1
            service.note(session, "signed out everywhere", person.email, by=person.id)
        login.leave()
    return redirect(url_for("pulse.people.sign_in"), 303)


def mine_in(session: Session) -> Person:
    """The record of whoever is signed in."""
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    found = service.by_id(session, visit.person_id)
    assert found is not None  # people are never deleted
    return found
