"""Flags: fixes that moved a problem onto staff or made it worse for customers, and their follow-up."""

from datetime import UTC, datetime

from flask import Response, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from config import settings
from pulse import db, downloads
from pulse.dashboards import files, flag_files, flag_list, flag_page, queries
from pulse.dashboards.flag_forms import FORMS, TITLES, Do, StepForm, asked, open_to
from pulse.dashboards.flag_list import AGES, MINE, NOBODY, Choice, Inbox
from pulse.dashboards.success import WRITERS
from pulse.dashboards.views import bp
from pulse.i18n import gettext as _
from pulse.i18n import language
from pulse.organisation.models import Fix
from pulse.people import login, service
from pulse.people.login import ANALYSTS, Visit
from pulse.people.models import Grant
from pulse.verdicts import flags as follow_up
from pulse.verdicts import news, sentences
from pulse.verdicts.flag_words import DECISIONS
from pulse.verdicts.models import Flag
from pulse.web import for_grant, render

FLAG = "/flags/<int(max=2147483647):flag_id>"  # no database holds a higher number
READERS = (*ANALYSTS, Grant.OWNER)  # owners of fixes: their own flags and nothing else


@bp.get("/flags")
@for_grant(*READERS)
def flags() -> Response:
    """The inbox: what became a problem, who looks after it, and what is to be done first."""
    chosen, me, kind = Choice.read(request.args), _me(), downloads.wanted()
    with db.reading() as session:
        found = flag_list.inbox(
            session,
            chosen,
            reader=me.email,
            reads_all=_reads_all(me),
            today=service.today(),
            language=language(),
            whole=kind is not None,
        )
        standing = queries.standing(session)
        if kind is not None:
            said = flag_files.chosen(chosen, _owner(chosen, found))
            about = _about(standing, said)
            return downloads.sent(flag_files.inbox(found.lines, found.names, found.called, about), kind)
        return render(
            inbox=found,
            chosen=chosen,
            ages=AGES,
            mine=MINE,
            nobody=NOBODY,
            raising=follow_up.RAISING,
            age=flag_list.age,
            decisions=DECISIONS,
            say=sentences,
            standing=standing,
            reads_all=_reads_all(me),
        )


def _owner(chosen: Choice, found: Inbox) -> str:
    """How the owner that was chosen is called."""
    special = {MINE: _("me"), NOBODY: _("nobody")}
    return special.get(chosen.owner) or found.called[chosen.owner]


def _about(standing: queries.Standing, chosen: list[str]) -> files.About:
    return files.about(standing, organisation=settings().asker, address=request.url, chosen=chosen)


@bp.get(FLAG)
@for_grant(*READERS)
def flag(flag_id: int) -> Response:
    """One flag with everything that happened to it, and what can be done about it."""
    with db.reading() as session:
        found, today = _found(session, flag_id), service.today()
        if kind := downloads.wanted():
            about = _about(queries.standing(session), [])
            return downloads.sent(flag_files.one(flag_page.page(session, found, today), about), kind)
        do = asked(request.args.get("do", ""), found, today)
        form = FORMS[do](formdata=None, do=do.value, seen=follow_up.newest_event(session, found))
        return _page(session, found, do, form)


@bp.post(FLAG)
@for_grant(*WRITERS, Grant.OWNER)
def follow(flag_id: int) -> ResponseReturnValue:
    """Take a flag a step further, or say something about it."""
    with db.writing() as session:
        found = _found(session, flag_id)
        if not _may_write(_me(), found):
            abort(404)
        do = asked(request.form.get("do", ""), found, service.today())
        form = FORMS[do]()
        form.offer(flag_page.offers(session, found, service.today()))
        if not form.validate():
            return _page(session, found, do, form, status=422)
        try:
            _take(session, found, form)
        except follow_up.Overtaken:
            return _overtaken(session, found, do, form)
        except follow_up.CannotTake as error:
            form.refuse(error)
            return _page(session, found, do, form, status=422)
    return redirect(url_for("pulse.dashboards.flag", flag_id=flag_id), 303)


def _take(session: Session, found: Flag, form: StepForm) -> None:
    me, now = _me(), datetime.now(UTC)
    event = follow_up.take(session, found, form.step(), by=me.email, now=now, seen=form.last_seen)
    if event.owner is not None:
        news.handed(session, found, event, me.name or me.email, now)


def _overtaken(session: Session, found: Flag, do: Do, form: StepForm) -> Response:
    """The form again with all that was typed, under what somebody else did meanwhile."""
    seen = form.last_seen
    form.seen.data = str(follow_up.newest_event(session, found))
    return _page(session, found, do, form, status=409, seen=seen)


def _page(
    session: Session, found: Flag, do: Do, form: StepForm, *, status: int = 200, seen: int | None = None
) -> Response:
    today, me = service.today(), _me()
    offers = flag_page.offers(session, found, today)
    form.do.data = do.value
    form.offer(offers)
    page = flag_page.page(session, found, today)
    return render(
        page="pulse.dashboards.flag",
        status=status,
        page_=page,
        flag=found,
        do=do,
        actions=[(each, TITLES[each]) for each in open_to(found)],
        form=form,
        may_write=_may_write(me, found),
        sees_fix=_sees(me, found.fix),
        sees_corrective=found.corrective is not None and _sees(me, found.corrective),
        meanwhile=[] if seen is None else page.since(seen),
        overtaken=seen is not None,
        age=flag_list.age,
        decisions=DECISIONS,
        say=sentences,
    )


def _found(session: Session, flag_id: int) -> Flag:
    """The flag of a number, where this reader may see it; else it is as if there were none."""
    found, me = session.get(Flag, flag_id), _me()
    if found is None or not (_reads_all(me) or follow_up.is_of(found, me.email)):
        abort(404)
    return found


def _me() -> Visit:
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    return visit


def _reads_all(me: Visit) -> bool:
    return me.may(frozenset(ANALYSTS))


def _sees(me: Visit, fix: Fix) -> bool:
    """Whether the page of a fix is this reader's to see."""
    return _reads_all(me) or (fix.owner or "").casefold() == me.email.casefold()


def _may_write(me: Visit, flag: Flag) -> bool:
    return me.may(WRITERS) or (me.may(frozenset({Grant.OWNER})) and follow_up.is_of(flag, me.email))
