"""Customers who asked to be contacted: who looks after them, by when, and how it ended."""

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from pulse import db
from pulse.exports import table
from pulse.people import login
from pulse.people import service as people
from pulse.web import for_grant, render
from surveys.cases import letters, news, queries, service, wording
from surveys.cases.forms import CaseForm
from surveys.cases.models import CaseState
from surveys.cases.queries import TABS, Line, Reader, Show

bp = Blueprint("cases", __name__)
ONE = "/cases/<int(max=2147483647):case_id>"  # no database holds a higher number


@bp.get("/cases")
@for_grant(*service.LOOK_AFTER)
def cases() -> Response:
    """The cases, those due first on top; owners of fixes see those given to them."""
    show, number, today = _show(), _page(), people.today()
    with db.reading() as session:
        listing = queries.listing(session, _reader(), show, number, today)
        return render(
            listing=listing,
            show=show,
            number=number,
            pages=listing.pages(show),
            tabs=TABS,
            today=today,
            say=wording,
        )


@bp.get("/cases.csv")
@for_grant(*service.LOOK_AFTER)
def file() -> Response:
    """The same as a file, without names and addresses."""
    reader, show = _reader(), _show()
    with db.writing() as session:
        head, rows = queries.file(session, reader, show, people.today())
        people.note(session, "cases exported", show.value, str(len(rows)), by=reader.person_id)
    return Response(
        table(head, rows),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="cases-{show.value}.csv"'},
    )


@bp.get(ONE)
@for_grant(*service.LOOK_AFTER)
def case(case_id: int) -> Response:
    """One case: what the customer said, how to reach them, and what was done so far."""
    with db.reading() as session:
        found = _found(session, case_id)
        form = CaseForm(formdata=None)
        form.offer(found.owner, service.may_look_after(session))
        form.fill(found.case, service.last_event(session, found.case))
        return _case_page(session, found, form)


@bp.post(ONE)
@for_grant(*service.LOOK_AFTER)
def follow(case_id: int) -> ResponseReturnValue:
    """Take a case on, hand it over, comment on it, or close it."""
    form = CaseForm()
    with db.writing() as session:
        found = _found(session, case_id)
        form.offer(found.owner, service.may_look_after(session))
        if not form.validate() or not _moved(session, found, form):
            return _case_page(session, found, form, status=422)
    reader = _reader()
    gone = not reader.sees_all and form.given_to != reader.person_id
    return redirect(
        url_for("surveys.cases.cases") if gone else url_for("surveys.cases.case", case_id=case_id), 303
    )


def _moved(session: Session, found: Line, form: CaseForm) -> bool:
    """Whether the case was changed; if not, the form says why."""
    try:
        service.move(
            session,
            found.case,
            form.chosen,
            by=_reader().person_id,
            now=datetime.now(UTC),
            seen=form.last_seen,
            owner=form.given_to,
            comment=form.comment.data or "",
            reason=form.why,
            wants_news=bool(form.wants_news.data),
        )
    except service.Overtaken:
        form.say_overtaken()
        form.seen.data = str(service.last_event(session, found.case))
        return False
    except service.ReasonMissing:
        form.want_reason()
        return False
    except service.Forgotten:
        form.say_forgotten()
        return False
    return True


def _case_page(session: Session, found: Line, form: CaseForm, *, status: int = 200) -> Response:
    return render(
        page="surveys.cases.case",
        status=status,
        line=found,
        form=form,
        events=queries.events(session, found.case),
        news=news.concerning(session, found.case, named=_named(session, found)),
        told=queries.told(session, found.case),
        became=letters.BECAME,
        today=people.today(),
        closed=CaseState.CLOSED,
        say=wording,
    )


def _named(session: Session, found: Line) -> list[tuple[int, int]]:
    """What a customer named in their own words: (response id, irritant id)."""
    return [pair for pair in current_app.extensions["surveys.named"](session) if pair[0] == found.response.id]


def _found(session: Session, case_id: int) -> Line:
    found = queries.line(session, _reader(), case_id)
    if found is None:
        abort(404)
    return found


def _reader() -> Reader:
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    return Reader(visit.person_id, visit.may(frozenset(service.SEE_ALL)))


def _show() -> Show:
    tabs = {show.value: show for show in Show}
    return tabs.get(request.args.get("show", ""), Show.OPEN)


def _page() -> int:
    page = request.args.get("page", "")[:6]
    return max(1, int(page)) if page.isdecimal() and page.isascii() else 1
