"""The pages of admins: everybody's account, and what each may do; what deeds are called in the audit."""

from datetime import UTC, datetime

from flask import abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from pulse import db
from pulse.forms import Form
from pulse.i18n import lazy as _
from pulse.organisation.models import Team
from pulse.people import accounts, factors, identities, login, service
from pulse.people.accounts import Account, Search
from pulse.people.forms import GRANTS, SHORT, GrantForm
from pulse.people.models import Grant, Person
from pulse.people.views import bp
from pulse.web import for_grant, render

ONE = "/people/<int(max=2147483647):person_id>"
DEEDS = {
    "person added": _("person added"),
    "grant given": _("grant given"),
    "grant taken": _("grant taken"),
    "account closed": _("account closed"),
    "account opened again": _("account opened again"),
    "password changed": _("password changed"),
    "signed out everywhere": _("signed out everywhere"),
    "name forgotten": _("name of somebody who left forgotten"),
    "second factor set up": _("second factor set up"),
    "second factor removed": _("second factor removed"),
    "second factor reset": _("second factor taken away by somebody else"),
    "recovery codes renewed": _("recovery codes made anew"),
    "sign-in service unlinked": _("link to the sign-in service undone"),
    "people file": _("file of people taken over"),
    "message sent again": _("message in doubt sent again"),
    "message left": _("message in doubt left"),
    "messages tried again": _("failed messages tried again"),
    "customer's answer erased": _("customer's answer erased"),
    "held answers let in": _("held answers let in"),
    "held answers left out": _("held answers left out"),
    "open link made": _("open link made"),
    "open link closed": _("open link closed"),
    "sites of a survey changed": _("sites that may show a survey changed"),
    "open answers counted": _("answers by an open link let into verdicts"),
    "open answers kept apart": _("answers by an open link kept out of verdicts"),
    "asking changed": _("way of asking customers changed"),
    "customer opted out": _("customer is asked no more, as they told somebody here"),
    "case in progress": _("case of a customer taken up"),
    "case open": _("case of a customer put back"),
    "case closed": _("case of a customer settled"),
    "cases exported": _("file of cases fetched"),
    "irritant added": _("irritant made of customers’ words"),
    "irritant registered": _("irritant put on record"),
    "irritant changed": _("words or places of an irritant changed"),
    "irritant retired": _("irritant no longer asked about"),
    "irritant asked again": _("irritant asked about again"),
    "proposal merged": _("customers’ words counted as an irritant"),
    "proposal dismissed": _("proposed irritant dismissed"),
    "proposal opened again": _("proposed irritant opened again"),
    "company folder loaded": _("company folder loaded"),
    "first wave ready": _("first wave made ready"),
    "key made": _("API key made"),
    "key revoked": _("API key revoked"),
    "webhook made": _("webhook made"),
    "webhook secret changed": _("secret of a webhook changed"),
    "webhook stopped": _("webhook stopped"),
    "webhook started again": _("webhook started again"),
    "webhook delivery sent again": _("delivery to a webhook sent again"),
    "you said, we did: published": _("“You said, we did” published"),
    "you said, we did: taken down": _("“You said, we did” taken down"),
}


@bp.get("/people")
@for_grant(Grant.ADMIN)
def everybody() -> ResponseReturnValue:
    """Everybody, to be searched."""
    wanted = Search.read(request.args)
    with db.reading() as session:
        listing = accounts.search(session, wanted, service.today())
        return render(search=wanted, listing=listing, grants=GRANTS, short=SHORT)


@bp.get(ONE)
@for_grant(Grant.ADMIN)
def account(person_id: int) -> ResponseReturnValue:
    """One account."""
    with db.reading() as session:
        return _page(session, _found(session, person_id), GrantForm(formdata=None))


def _page(session: Session, found: Account, form: Form, *, status: int = 200) -> ResponseReturnValue:
    return render(
        page="pulse.people.account",
        status=status,
        account=found,
        factor=factors.standing(session, found.person),
        identities=identities.of(session, found.person.id),
        me=_me(),
        form=form,
        grants=GRANTS,
        today=service.today(),
    )


def _found(session: Session, person_id: int) -> Account:
    found = accounts.account(session, person_id, service.today())
    if found is None:
        abort(404)
    return found


@bp.post(f"{ONE}/grants")
@for_grant(Grant.ADMIN)
def give_grant(person_id: int) -> ResponseReturnValue:
    """Give somebody a grant."""
    form = GrantForm()
    with db.writing() as session:
        found = _found(session, person_id)
        if not form.validate() or not _given(session, found.person, form):
            return _page(session, found, form, status=422)
    return _back(person_id)


def _given(session: Session, person: Person, form: GrantForm) -> bool:
    """Whether the grant was given; if not, the form says why."""
    grant, team = Grant(form.grant.data), None
    if grant is Grant.MANAGER:
        team = _team(session, (form.team.data or "").strip())
        if team is None:
            form.want_team()
            return False
    accounts.give(session, person, grant, team, by=_me())
    return True


def _team(session: Session, code: str) -> Team | None:
    try:
        return service.team(session, code.replace("\0", ""))
    except service.NoSuchTeam:
        return None


@bp.post(f"{ONE}/grants/<int(max=2147483647):grant_id>")
@for_grant(Grant.ADMIN)
def take_grant(person_id: int, grant_id: int) -> ResponseReturnValue:
    """Take a grant away."""
    form = Form()
    with db.writing() as session:
        found = _found(session, person_id)
        if form.validate():
            try:
                accounts.take(session, found.person, grant_id, by=_me())
            except accounts.OwnAdmin:
                form.form_errors.append(
                    str(_("Somebody else must take this from you: who would look after accounts?"))
                )
        if form.form_errors or form.errors:
            return _page(session, found, _with_errors(form), status=422)
    return _back(person_id)


@bp.post(f"{ONE}/access")
@for_grant(Grant.ADMIN)
def change_access(person_id: int) -> ResponseReturnValue:
    """Close an account, or open it again."""
    form = Form()
    with db.writing() as session:
        found = _found(session, person_id)
        if form.validate():
            try:
                _switch(session, found.person)
            except accounts.OwnAdmin:
                form.form_errors.append(str(_("You cannot close your own account")))
        if form.form_errors or form.errors:
            return _page(session, found, _with_errors(form), status=422)
    return _back(person_id)


def _switch(session: Session, person: Person) -> None:
    if "close" in request.form:
        accounts.close(session, person, datetime.now(UTC), by=_me())
    elif service.gone(person):
        abort(400)  # who left comes back by the file of people, with a team
    else:
        accounts.reopen(session, person, by=_me())


def _with_errors(form: Form) -> GrantForm:
    """The page's own form, with what another one of it has to say."""
    shown = GrantForm(formdata=None)
    shown.form_errors.extend(problem.words for problem in form.problems())
    return shown


def _back(person_id: int) -> ResponseReturnValue:
    return redirect(url_for("pulse.people.account", person_id=person_id), 303)


def _me() -> int:
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    return visit.person_id
