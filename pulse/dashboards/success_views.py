"""Calling a fix a success, and taking that back."""

from datetime import UTC, datetime

from flask import Response, abort, redirect, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from pulse import db
from pulse.dashboards import success as shown
from pulse.dashboards.forms import SuccessForm
from pulse.dashboards.success import WRITERS
from pulse.dashboards.views import bp
from pulse.forms import Form
from pulse.organisation.models import Fix
from pulse.people import login
from pulse.verdicts import success
from pulse.web import for_grant, render

PAGE = "/fixes/<code>/success"


@bp.get(PAGE)
@for_grant(*WRITERS)
def success_page(code: str) -> Response:
    """What to bear in mind before a fix is called a success, or no longer."""
    with db.reading() as session:
        return _page(session, _found(session, code), SuccessForm(formdata=None))


@bp.post(PAGE)
@for_grant(*WRITERS)
def mark(code: str) -> ResponseReturnValue:
    """Call a fix a success, unless something forbids it."""
    form = SuccessForm()
    with db.writing() as session:
        found = _found(session, code)
        if not form.validate():
            return _page(session, found, form, status=422)
        try:
            success.mark(session, found, by=_me(), now=datetime.now(UTC), confirmed=bool(form.confirmed.data))
        except success.NotConfirmed:
            form.want_confirmation()
            return _page(session, found, form, status=422)
        except success.CannotSucceed:
            return _page(session, found, form, status=409)
    return _back(code)


@bp.post(f"{PAGE}/withdraw")
@for_grant(*WRITERS)
def unmark(code: str) -> ResponseReturnValue:
    """Call a fix a success no more."""
    form = Form()
    with db.writing() as session:
        found = _found(session, code)
        if not form.validate():
            return _page(session, found, form, status=422)
        success.withdraw(session, found, by=_me(), now=datetime.now(UTC))
    return _back(code)


def _found(session: Session, code: str) -> Fix:
    found = shown.fix(session, code)
    if found is None:
        abort(404)
    return found


def _page(session: Session, fix: Fix, form: Form, *, status: int = 200) -> Response:
    block = shown.block(session, fix)
    return render(page="pulse.dashboards.success_page", status=status, success=block, form=form)


def _back(code: str) -> ResponseReturnValue:
    return redirect(url_for("pulse.dashboards.fix", code=code), 303)


def _me() -> str:
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    return visit.email
