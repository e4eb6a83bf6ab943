"""A closed month on paper: all verdicts, flags, released figures and bands of participation, and the rule."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from pulse.dashboards import files, released
from pulse.dashboards.fix_paper import effect
from pulse.dashboards.queries import URGENCY
from pulse.dashboards.released import Names
from pulse.i18n import Lazy, day, language, lazy, month, number
from pulse.i18n import gettext as _
from pulse.ledger import figures as door
from pulse.ledger.disclosure import Extent
from pulse.ledger.figures import Figure
from pulse.ledger.models import ClosedMonth
from pulse.ledger.readers import EVERYTHING
from pulse.ledger.rounding import DECIMAL, Participation
from pulse.months import last_day
from pulse.organisation.models import Fix, Side
from pulse.paper import Column, Paper
from pulse.verdicts import sentences
from pulse.verdicts.models import Flag, Verdict
from pulse.verdicts.names import Names as NamesOfVerdicts
from pulse.verdicts.names import names_in

ACROSS = 11  # irritants side by side on a page
MOST = 500  # places on paper; beyond, those who want them all take the file
NOTHING = "·"
BANDS: dict[Participation, Lazy] = {
    Participation.UNDER_25: lazy("fewer than a quarter"),
    Participation.TO_50: lazy("a quarter to a half"),
    Participation.TO_75: lazy("a half to three quarters"),
    Participation.OVER_75: lazy("more than three quarters"),
}


@dataclass(frozen=True)
class Month:
    """All there is to hand over of a closed month."""

    month: date
    verdicts: Sequence[Verdict]  # of the look at its end, the newest revision of each fix
    flags: Sequence[Flag]
    names: NamesOfVerdicts
    called: Names
    figures: Mapping[Side, Sequence[Figure]]
    participation: Mapping[int, Participation]


def told(session: Session, when: date) -> Month | None:
    """Everything of a month; None where no side has closed it."""
    if session.scalar(select(ClosedMonth.month).where(ClosedMonth.month == when).limit(1)) is None:
        return None
    looks = session.scalars(
        select(Verdict)
        .where(Verdict.as_of == last_day(when))
        .options(joinedload(Verdict.fix).joinedload(Fix.irritant))
        .order_by(Verdict.revision)
    )
    verdicts = sorted({verdict.fix_id: verdict for verdict in looks}.values(), key=_harm)
    flags = session.scalars(
        select(Flag).where(Flag.raised_on == last_day(when)).options(joinedload(Flag.fix)).order_by(Flag.id)
    ).all()
    return Month(
        when,
        verdicts,
        flags,
        names_in(session, verdicts),
        released.names(session),
        {side: door.figures(session, EVERYTHING, side, first=when, last=when) for side in Side},
        door.participation(session, EVERYTHING, when),
    )


def _harm(verdict: Verdict) -> tuple[int, str]:
    return URGENCY.index(verdict.outcome), verdict.fix.code


def pdf(found: Month, *, source: str) -> bytes:
    """The document; source -- organisation and address, at the foot of each page."""
    title = _("Results of %(month)s", month=month(found.month))
    paper = Paper(title, source)
    paper.heading(title)
    paper.said(
        _(
            "What customers said bothers them, what landed on staff, and what became of each fix. Every"
            " figure here is one that Pulse shows on its pages, under the same rule."
        )
    )
    _verdicts(paper, found)
    _flags(paper, found)
    paper.heading(_("What may be shown"), 1)
    paper.said(files.rule())
    paper.said(
        _(
            "In the tables that follow, ≈ marks a half-point band (0.5 and 9.5 hold all that is beyond), *"
            " a band that stands from an earlier month because a new one would tell who joined or left, and"
            " %(sign)s that there are not enough answers to show.",
            sign=NOTHING,
        )
    )
    _heat(paper, found, Side.EMPLOYEE, _("What landed on staff, team by team (0 to 10)"))
    _heat(paper, found, Side.CUSTOMER, _("What bothered customers, touchpoint by touchpoint (0 to 10)"))
    _participation(paper, found)
    return bytes(paper.output())


def _verdicts(paper: Paper, found: Month) -> None:
    paper.heading(_("Verdicts at the end of the month"), 1)
    if not found.verdicts:
        paper.said(_("No fix was judged at the end of this month."))
        return
    columns = [
        Column(_("Fix"), 5),
        Column(_("Verdict"), 3),
        Column(_("Customers"), 3),
        Column(_("Staff"), 3),
        Column(_("Staff pay, likely to"), 2, figures=True),
    ]
    rows = [
        [
            verdict.fix.name(language()),
            str(sentences.WORDS[verdict.outcome]),
            effect(sentences.customers(verdict)),
            effect(sentences.burden(verdict)),
            "–" if verdict.probability is None else sentences.chance(verdict.probability),
        ]
        for verdict in found.verdicts
    ]
    paper.table(columns, rows, size=8)
    for verdict in found.verdicts:
        paper.heading(verdict.fix.name(language()), 2)
        for sentence in sentences.story(verdict, found.names):
            paper.said(sentence)


def _flags(paper: Paper, found: Month) -> None:
    paper.heading(_("Flags raised at the end of the month"), 1)
    if not found.flags:
        paper.said(_("None."))
        return
    columns = [Column(_("Fix"), 5), Column(_("Verdict"), 3), Column(_("Raised"), 3), Column(_("State"), 2)]
    rows = [
        [
            flag.fix.name(language()),
            str(sentences.WORDS[flag.outcome]),
            day(flag.raised_on),
            str(sentences.STATES[flag.state]),
        ]
        for flag in found.flags
    ]
    paper.table(columns, rows)


Line = tuple[int, Extent]


def _heat(paper: Paper, found: Month, side: Side, title: str) -> None:
    figures = found.figures[side]
    paper.landscape()
    paper.heading(title, 1)
    if not figures:
        paper.said(_("not enough answers to show"))
        return
    cells: dict[Line, dict[int, Figure]] = defaultdict(dict)
    for figure in figures:
        cells[figure.place_id, figure.extent][figure.measure_id] = figure
    lines = _lines(paper, cells, found.called)
    measures = sorted({figure.measure_id for figure in figures}, key=lambda key: found.called.measures[key])
    parts = -(-len(measures) // ACROSS)
    across = -(-len(measures) // parts)  # as many on each page
    for first in range(0, len(measures), across):
        some = measures[first : first + across]
        columns = [
            Column("", 3.6),
            *(Column(found.called.measures[key][1], 1, figures=True) for key in some),
            *(Column("", 1) for _empty in range(across - len(some))),
        ]
        rows = [
            [
                _place(found.called, line),
                *(_score(cells[line].get(key)) for key in some),
                *[""] * (across - len(some)),
            ]
            for line in lines
            if any(key in cells[line] for key in some)
        ]
        paper.table(columns, rows, size=7.5)


def _lines(paper: Paper, cells: Mapping[Line, object], called: Names) -> list[Line]:
    """The lines of a table by code; of very many the units as a whole, as far as there is room."""
    every = sorted(cells, key=lambda line: (called.places[line[0]][0], line[1].value))
    if len(every) <= MOST:
        return every
    paper.said(
        _(
            "%(number)s lines are too many for paper: these are the units as a whole. All of them are under"
            " “All figures”, as a file.",
            number=number(len(every), 0),
        )
    )
    return [line for line in every if line[1] is Extent.WHOLE][:MOST]


def _place(called: Names, line: Line) -> str:
    name = called.places[line[0]][1]
    if line[1] is Extent.OWN:
        return name
    return _("%(unit)s as a whole", unit=name)


def _score(figure: Figure | None) -> str:
    if figure is None:
        return NOTHING
    band, late = "≈ " if figure.step > DECIMAL else "", "" if figure.fresh else "*"
    return f"{band}{number(figure.points)}{late}"


def _participation(paper: Paper, found: Month) -> None:
    paper.upright()
    paper.heading(_("Who took part, in bands"), 1)
    if not found.participation:
        paper.said(
            _("Nothing is told of this month: units of fewer than ten invited people are never told of.")
        )
        return
    rows = [
        [found.called.places[place][1], str(BANDS[band])]
        for place, band in sorted(found.participation.items(), key=lambda pair: found.called.places[pair[0]])
    ]
    paper.table([Column(_("Unit"), 4), Column(_("Share of those invited"), 4)], rows)
