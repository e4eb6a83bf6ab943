"""What the pages and the file of cases show. Customers' words come masked, whoever reads them."""

import enum
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Row, Select, func, select
from sqlalchemy.orm import Session, aliased

from pulse.i18n import Lazy, gettext, language, lazy
from pulse.organisation.models import Irritant, Touchpoint
from pulse.people.models import Person
from surveys.cases.models import Case, CaseEvent, CaseState, Told
from surveys.cases.wording import REASONS, STATES
from surveys.responses.masking import masked
from surveys.responses.models import Response, ResponseScore

PAGE = 50


class Show(enum.Enum):
    """The tabs."""

    OPEN = "open"
    LATE = "late"
    MINE = "mine"
    CLOSED = "closed"
    ALL = "all"


TABS: dict[Show, Lazy] = {
    Show.OPEN: lazy("To do"),
    Show.LATE: lazy("Overdue"),
    Show.MINE: lazy("Mine"),
    Show.CLOSED: lazy("Settled"),
    Show.ALL: lazy("All cases"),
}


@dataclass(frozen=True)
class Reader:
    """Who looks at cases: their number, and whether they see everybody's or those given to them alone."""

    person_id: int
    sees_all: bool


@dataclass(frozen=True)
class Line:
    """One case: what the customer said where, and who looks after it.

    irritants -- what bothered them with how much, most first; score in hundredths
    comment, other -- their own words, masked
    """

    case: Case
    response: Response
    touchpoint: Touchpoint
    owner: Person | None
    irritants: Sequence[tuple[Irritant, int]]
    comment: str
    other: str

    @property
    def said(self) -> str:
        """What they said besides ticking, in one piece."""
        return " – ".join(words for words in (self.other, self.comment) if words)

    def named(self, language: str) -> list[str]:
        """What bothered them, in a language."""
        return [irritant.label(language) for irritant, _ in self.irritants]

    def late(self, today: date) -> bool:
        """Whether somebody should have been in touch by now."""
        return self.case.state is not CaseState.CLOSED and self.case.due_on < today


@dataclass(frozen=True)
class Listing:
    """A page of the cases a reader sees, and how many there are under each tab."""

    lines: Sequence[Line]
    counts: Mapping[Show, int]

    def pages(self, show: Show) -> int:
        """How many pages a tab has."""
        return -(-self.counts[show] // PAGE)


def listing(session: Session, reader: Reader, show: Show, page: int, today: date) -> Listing:
    """A page of a tab, those due first on top; closed ones the last closed first."""
    counts = {
        tab: session.scalar(select(func.count()).select_from(Case).where(*_where(reader, tab, today))) or 0
        for tab in Show
    }
    return Listing(_lines(session, reader, show, today, offset=(page - 1) * PAGE, limit=PAGE), counts)


def line(session: Session, reader: Reader, case_id: int) -> Line | None:
    """One case; None where there is none for this reader."""
    rows = session.execute(_rows().where(Case.id == case_id, *_seen_by(reader))).all()
    return next(iter(_told(session, rows)), None)


def events(session: Session, case: Case) -> Sequence[tuple[CaseEvent, Person | None, Person | None]]:
    """What happened to a case, by whom, and to whom it was given, earliest first."""
    by, to = aliased(Person), aliased(Person)
    rows = (
        select(CaseEvent, by, to)
        .outerjoin(by, by.id == CaseEvent.by_id)
        .outerjoin(to, to.id == CaseEvent.owner_id)
        .where(CaseEvent.case_id == case.id)
        .order_by(CaseEvent.id)
    )
    return [(event, person, owner) for event, person, owner in session.execute(rows)]


def told(session: Session, case: Case) -> dict[int, datetime]:
    """When the customer of a case was told of which fix, by the fix's id."""
    rows = select(Told.fix_id, Told.at).where(Told.case_id == case.id)
    return {fix: at for fix, at in session.execute(rows)}


def file(
    session: Session, reader: Reader, show: Show, today: date
) -> tuple[list[str], list[list[str | int]]]:
    """Head and rows of the file of a tab, without names and ways to reach customers."""
    head = [
        gettext("Case"),
        gettext("Opened"),
        gettext("Due"),
        gettext("State"),
        gettext("Settled on"),
        gettext("Reason"),
        gettext("Looked after by"),
        gettext("Touchpoint"),
        gettext("What bothered them"),
        gettext("Something else"),
        gettext("Comment"),
    ]
    return head, [_row(each) for each in _lines(session, reader, show, today)]


def _row(each: Line) -> list[str | int]:
    case = each.case
    return [
        case.id,
        f"{case.opened_at:%Y-%m-%d}",
        f"{case.due_on:%Y-%m-%d}",
        str(STATES[case.state]),
        f"{case.closed_at:%Y-%m-%d}" if case.closed_at else "",
        str(REASONS[case.reason]) if case.reason else "",
        each.owner.email if each.owner else "",
        each.touchpoint.name(language()),
        ", ".join(each.named(language())),
        each.other,
        each.comment,
    ]


def _lines(
    session: Session, reader: Reader, show: Show, today: date, *, offset: int = 0, limit: int | None = None
) -> list[Line]:
    order = (Case.closed_at.desc(), Case.id.desc()) if show is Show.CLOSED else (Case.due_on, Case.id)
    rows = _rows().where(*_where(reader, show, today)).order_by(*order).offset(offset).limit(limit)
    return _told(session, session.execute(rows).all())


def _rows() -> Select[Case, Response, Touchpoint, Person]:
    return (
        select(Case, Response, Touchpoint, Person)
        .join(Response, Response.id == Case.response_id)
        .join(Touchpoint, Touchpoint.id == Response.touchpoint_id)
        .outerjoin(Person, Person.id == Case.owner_id)
    )


def _seen_by(reader: Reader) -> list[ColumnElement[bool]]:
    return [] if reader.sees_all else [Case.owner_id == reader.person_id]


def _where(reader: Reader, show: Show, today: date) -> list[ColumnElement[bool]]:
    undone = Case.state != CaseState.CLOSED
    tab: dict[Show, list[ColumnElement[bool]]] = {
        Show.OPEN: [undone],
        Show.LATE: [undone, Case.due_on < today],
        Show.MINE: [undone, Case.owner_id == reader.person_id],
        Show.CLOSED: [Case.state == CaseState.CLOSED],
        Show.ALL: [],
    }
    return [*tab[show], *_seen_by(reader)]


def _told(session: Session, rows: Sequence[Row[Case, Response, Touchpoint, Person]]) -> list[Line]:
    bothered = _bothered(session, [response.id for _, response, _, _ in rows])
    return [
        Line(
            case,
            response,
            touchpoint,
            owner,
            bothered[response.id],
            masked(response.comment),
            masked(response.other),
        )
        for case, response, touchpoint, owner in rows
    ]


def _bothered(session: Session, responses: Sequence[int]) -> Mapping[int, list[tuple[Irritant, int]]]:
    found: dict[int, list[tuple[Irritant, int]]] = defaultdict(list)
    for start in range(0, len(responses), 500):
        rows = (
            select(ResponseScore.response_id, Irritant, ResponseScore.score)
            .join(Irritant, Irritant.id == ResponseScore.measure_id)
            .where(ResponseScore.response_id.in_(responses[start : start + 500]), ResponseScore.score > 0)
            .order_by(ResponseScore.score.desc(), Irritant.code)
        )
        for response, irritant, score in session.execute(rows):
            found[response].append((irritant, score))
    return found
