"""You said, we did: the customers' page and feed, the staff's page, and where analysts write the words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import Blueprint, Response, abort, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlalchemy.orm import Session

from config import settings
from pulse import db, downloads
from pulse.heard import feed, files, queries, service, telling
from pulse.heard.doubts import Doubt, doubts
from pulse.heard.forms import WordsForm
from pulse.heard.models import Heard
from pulse.heard.queries import LANGUAGES, TABS, Show
from pulse.heard.telling import Item
from pulse.i18n import gettext as _
from pulse.i18n import speaking
from pulse.organisation.models import Fix, Side
from pulse.people import login
from pulse.people import service as people
from pulse.people.login import ANALYSTS
from pulse.people.models import Grant
from pulse.verdicts import sentences
from pulse.verdicts.newest import newest
from pulse.web import AN_HOUR, for_grant, open_to_all, render

bp = Blueprint("heard", __name__)
WRITERS = frozenset({Grant.ANALYST, Grant.ADMIN})
SIDES = {"customers": Side.CUSTOMER, "staff": Side.EMPLOYEE}
PAGE = 50
ONE = "/heard/<code>/<any(customers,staff):side>"


@dataclass(frozen=True)
class Listed:
    """Which fixes the list shows."""

    show: Show
    page: int

    @classmethod
    def read(cls) -> "Listed":
        """What this request asks for; what it cannot mean counts as not said."""
        tabs, page = {show.value: show for show in Show}, request.args.get("page", "")[:6]
        show = tabs.get(request.args.get("show", ""), Show.UNTOLD)
        return cls(show, max(1, int(page)) if page.isdecimal() else 1)

    def to(self, *, page: int) -> dict[str, str | int]:
        """The address of another page of the same tab."""
        return {"show": self.show.value, "page": page}


@bp.get("/you-said")
@open_to_all
def customers() -> Response:
    """What customers raised, what was done, and what came of it for them; nothing about staff or teams."""
    with db.reading() as session:
        items = queries.published(session, Side.CUSTOMER)
        if kind := downloads.wanted():
            return _kept(downloads.sent(files.told(items, Side.CUSTOMER, _about()), kind))
        return _kept(_page(session, items))


@bp.get("/you-said/customers.atom")
@open_to_all
def atom() -> Response:
    """The same as a feed to follow."""
    site = settings().site_url
    with db.reading() as session:
        items = queries.published(session, Side.CUSTOMER)
        body = feed.feed(
            items,
            queries.changed(session, items, Side.CUSTOMER),
            title=_("You said, we did: %(organisation)s", organisation=settings().asker),
            author=settings().asker,
            page=site + url_for("pulse.heard.customers"),
            itself=site + url_for("pulse.heard.atom"),
        )
    response = make_response(body)
    response.headers["Content-Type"] = "application/atom+xml; charset=utf-8"
    return _kept(response)


@bp.get("/you-said/staff")
@for_grant()
def staff() -> Response:
    """What was raised, what was done, and what came of it for customers and for staff."""
    with db.reading() as session:
        items = queries.published(session, Side.EMPLOYEE)
        if kind := downloads.wanted():
            return downloads.sent(files.told(items, Side.EMPLOYEE, _about()), kind)
        return _page(session, items, may_list=_may(frozenset(ANALYSTS)))


@bp.get("/heard")
@for_grant(*ANALYSTS)
def listing() -> Response:
    """What is told of each fix and what could be."""
    chosen = Listed.read()
    with db.reading() as session:
        rows = queries.rows(session, people.today())
        shown = [row for row in rows if row.under(chosen.show)]
        if kind := downloads.wanted():
            return downloads.sent(files.listing(shown, _about()), kind)
        return render(
            rows=shown[(chosen.page - 1) * PAGE : chosen.page * PAGE],
            tabs=[(one, TABS[one], sum(row.under(one) for row in rows)) for one in Show],
            chosen=chosen,
            pages=-(-len(shown) // PAGE),
            any_fix=bool(rows),
            sides=SIDES,
            say=sentences,
            may_write=_may(WRITERS),
        )


@bp.get(ONE)
@for_grant(*ANALYSTS)
def telling_of(code: str, side: str) -> Response:
    """What is told of one fix to one side, with its figures as they stand."""
    with db.reading() as session:
        fix, whom = _asked(session, code, side)
        heard = service.of(session, fix, whom)
        form = WordsForm(formdata=None)
        form.fill(queries.words_of(heard))
        return _edit_page(session, fix, whom, heard, form)


@bp.post(ONE)
@for_grant(*WRITERS)
def write(code: str, side: str) -> ResponseReturnValue:
    """Keep the words as a draft, look at them, put them on their page, or take them off."""
    form, deed = WordsForm(), request.form.get("do", "")
    with db.writing() as session:
        fix, whom = _asked(session, code, side)
        heard = service.of(session, fix, whom)
        if not form.validate():
            return _edit_page(session, fix, whom, heard, form, status=422)
        if deed == "preview":
            return _edit_page(session, fix, whom, heard, form)
        if deed == "take down":
            if heard is None:
                abort(404)
            service.take_down(session, fix, whom, by=_me())
        elif not _written(session, fix, whom, heard, form, publish=deed == "publish"):
            return _edit_page(session, fix, whom, heard, form, status=422)
    return redirect(url_for("pulse.heard.telling_of", code=code, side=side), 303)


def _written(
    session: Session, fix: Fix, side: Side, heard: Heard | None, form: WordsForm, *, publish: bool
) -> bool:
    """Whether the words were kept; if not, the form says why."""
    told = publish or (heard is not None and heard.published_at is not None)
    if told and not form.sure.data and _doubts(session, fix, side, form.words):
        form.want_sureness()
        return False
    teams = queries.team_names(session) if side is Side.CUSTOMER else []
    try:
        now = datetime.now(UTC)
        service.keep(session, fix, side, form.words, publish=publish, teams=teams, now=now, by=_me())
    except service.WordsMissing as missing:
        form.want(missing.columns)
        return False
    except service.TeamNamed as named:
        form.refuse_teams(named.columns)
        return False
    return True


def _edit_page(
    session: Session, fix: Fix, side: Side, heard: Heard | None, form: WordsForm, *, status: int = 200
) -> Response:
    verdict = newest(session, [fix.id]).get(fix.id)
    item = queries.item(fix, side, form.words, verdict)
    return render(
        page="pulse.heard.telling_of",
        status=status,
        fix=fix,
        side=next(name for name, one in SIDES.items() if one is side),
        for_staff=side is Side.EMPLOYEE,
        asked_of=side,
        heard=heard,
        form=form,
        item=item,
        doubts=_doubts(session, fix, side, form.words),
        previews={code: _preview(item, code) for code in LANGUAGES} if any(form.words.values()) else {},
        may_write=_may(WRITERS),
        languages=LANGUAGES,
        parts=telling.PARTS,
    )


def _preview(item: Item, code: str) -> Markup:
    """An item as it will stand on its page, in a language."""
    with speaking(code):
        page = render_template(
            "pulse/heard/item.html", item=item, spoken=code, headings=telling.HEADINGS, preview=True
        )
    return Markup(page)  # made by a template, which escapes what people wrote


def _doubts(session: Session, fix: Fix, side: Side, words: Mapping[str, str]) -> Sequence[Doubt]:
    if not any(words.values()):
        return []
    verdict = newest(session, [fix.id]).get(fix.id)
    return doubts(
        words.values(),
        people=queries.names_of_people(session),
        known=[*queries.names_of_things(session), settings().asker],
        figures=queries.figures(verdict, side),
    )


def _page(session: Session, items: Sequence[Item], *, may_list: bool = False) -> Response:
    return render(
        items=items,
        headings=telling.HEADINGS,
        awaited="" if items else telling.expected(queries.first_result(session, people.today())),
        asker=settings().asker,
        may_list=may_list,
    )


def _asked(session: Session, code: str, side: str) -> tuple[Fix, Side]:
    fix = queries.fix(session, code, people.today())
    if fix is None:
        abort(404)
    return fix, SIDES[side]


def _kept(response: Response) -> Response:
    """A public page: the same for everybody who reads its language, and kept by caches for an hour."""
    response.headers["Cache-Control"] = AN_HOUR
    response.vary.add("Accept-Language")
    return response


def _about() -> list[tuple[str, str]]:
    return [(_("Organisation"), settings().asker), (_("Address"), request.base_url), (_("Made by"), "Pulse")]


def _may(grants: frozenset[Grant]) -> bool:
    visit = login.here()
    return visit is not None and visit.may(grants)


def _me() -> int:
    visit = login.here()
    assert visit is not None  # the door lets nobody else in
    return visit.person_id
