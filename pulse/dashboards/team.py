"""The page of a team: what landed on it, beside the whole organisation, and the fixes that come to it.

Every figure comes through the one door (pulse.ledger.figures). Where there is none for a team, the next
group above it that has some is shown instead, and said so: why is never said, for hidden and empty are alike.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pulse.dashboards import burden
from pulse.dashboards.burden import Account
from pulse.dashboards.scales import WINDOW, Move, Scale, latest_move, scale_of
from pulse.dashboards.series import Series
from pulse.dashboards.tree import headed
from pulse.ledger import figures as door
from pulse.ledger.disclosure import Extent
from pulse.ledger.figures import Figure
from pulse.ledger.models import ClosedMonth
from pulse.ledger.readers import Reader, reader_of
from pulse.ledger.rounding import Participation
from pulse.months import month_of, shifted
from pulse.organisation import service as organisation
from pulse.organisation.models import Fix, Measure, Side, Team
from pulse.verdicts.names import Names

MONTHS = 12
ITEMS = 5
PROMPTS = 3
FOUND = 50  # teams listed of a search

Group = tuple[int, Extent]


@dataclass(frozen=True)
class Item:
    """One thing people were asked about: the months of the group and of the whole organisation."""

    measure: Measure
    months: tuple[date, ...]
    own: tuple[Figure | None, ...]
    company: tuple[Figure | None, ...]

    @property
    def scale(self) -> Scale:
        """How its figures are told."""
        return scale_of(self.measure, Side.EMPLOYEE)

    @property
    def latest(self) -> Figure | None:
        """The group's newest figure."""
        return next((figure for figure in reversed(self.own) if figure is not None), None)

    @property
    def beside(self) -> Figure | None:
        """The whole organisation's figure of the same month."""
        months = {figure.month: figure for figure in self.company if figure is not None}
        return months.get(self.latest.month) if self.latest else None

    @property
    def series(self) -> Series:
        """Both lines for a drawing: a month that only repeats an earlier band is no point of a line."""
        nothing = (None,) * len(self.months)
        observed = tuple(figure.points if figure and figure.fresh else None for figure in self.own)
        company = tuple(figure.points if figure and figure.fresh else None for figure in self.company)
        answers = tuple(figure.n if figure else 0 for figure in self.own)
        return Series(self.months, observed, answers, company, nothing, nothing)


@dataclass(frozen=True)
class Coming:
    """A fix in whose scope a team is, and the day it starts there."""

    fix: Fix
    started: date


@dataclass(frozen=True)
class Prompt:
    """Something that moved, to be talked about in the team."""

    measure: Measure
    scale: Scale
    figure: Figure
    move: Move


@dataclass(frozen=True)
class TeamPage:
    """Everything a team's page shows; group -- whose figures they are, None = there are none to show.

    account -- what fixes put on the team in the last twelve months, None = none touched it
    """

    team: Team
    group: Team | None
    company: Team
    last: date | None
    items: Sequence[Item]
    prompts: Sequence[Prompt]
    participation: Participation | None
    fixes: Sequence[Coming]
    account: Account | None
    names: Names
    below: Sequence[Team]
    above: Team | None


def page(
    session: Session, person_id: int, code: str, today: date, language: str, *, budget: float
) -> TeamPage | None:
    """A team's page for somebody; None where there is no such team or it is not theirs to see.

    budget -- points of burden that fixes may put on a team in twelve months
    """
    team = session.scalar(select(Team).where(Team.code == code)) if "\0" not in code else None
    reader = reader_of(session, person_id)
    if team is None or not _opens(session, person_id, reader, team):
        return None
    line = _line(session, team)
    last = session.scalar(select(func.max(ClosedMonth.month)).where(ClosedMonth.side == Side.EMPLOYEE))
    found = _figures(session, reader, line, last) if last else {}
    group = next((above for above in line if _best(found, above.id)), None)
    items = _items(session, found, group, line[-1], last) if group and last else []
    account, names = burden.account(session, reader, team.id, language, budget=budget)
    return TeamPage(
        team=team,
        group=group,
        company=line[-1],
        last=last,
        items=items,
        prompts=_prompts(session, found, group, last) if group and last else [],
        participation=_participation(session, reader, group, last),
        fixes=_coming(session, team, today),
        account=account,
        names=names,
        below=session.scalars(
            select(Team).where(Team.parent_id == team.id, Team.closed.is_(None)).order_by(Team.code)
        ).all(),
        above=line[1] if len(line) > 1 and _opens(session, person_id, reader, line[1]) else None,
    )


def _opens(session: Session, person_id: int, reader: Reader, team: Team) -> bool:
    """Whether a team's page is open to somebody: all of them, or the teams they head and what is below."""
    if reader.reads_all:
        return True
    theirs = headed(session, person_id)
    return any(above.id in theirs for above in _line(session, team))


def _line(session: Session, team: Team) -> list[Team]:
    """A team and the units above it, up to the top."""
    line, above = [team], team.parent_id
    while above is not None and all(unit.id != above for unit in line):
        unit = session.get_one(Team, above)
        line.append(unit)
        above = unit.parent_id
    return line


Found = Mapping[Group, Mapping[int, Mapping[date, Figure]]]  # by group, measure and month


def _figures(session: Session, reader: Reader, line: Sequence[Team], last: date) -> Found:
    """What may be shown of a line of units over the last months."""
    places, first = [unit.id for unit in line], shifted(last, 1 - MONTHS)
    found: dict[Group, dict[int, dict[date, Figure]]] = defaultdict(lambda: defaultdict(dict))
    for figure in door.figures(session, reader, Side.EMPLOYEE, places=places, first=first, last=last):
        found[figure.place_id, figure.extent][figure.measure_id][figure.month] = figure
    return found


def _best(found: Found, unit: int) -> Mapping[int, Mapping[date, Figure]] | None:
    """A unit's figures: with everything below it where there are such, else its own people's."""
    return found.get((unit, Extent.WHOLE)) or found.get((unit, Extent.OWN))


def _items(session: Session, found: Found, group: Team, top: Team, last: date) -> list[Item]:
    """The items asked about last, at most ITEMS of them, in the order of their codes: no rank is made."""
    own, company = _best(found, group.id) or {}, _best(found, top.id) or {}
    newest = sorted(own, key=lambda measure: (-max(own[measure]).toordinal(), -len(own[measure]), measure))
    chosen = session.scalars(select(Measure).where(Measure.id.in_(newest[:ITEMS])).order_by(Measure.code))
    months = tuple(shifted(last, step - MONTHS + 1) for step in range(MONTHS))
    return [
        Item(
            measure,
            months,
            tuple(own[measure.id].get(month) for month in months),
            tuple(company.get(measure.id, {}).get(month) for month in months),
        )
        for measure in chosen
    ]


def _prompts(session: Session, found: Found, group: Team, last: date) -> list[Prompt]:
    """At most PROMPTS things that moved by more than chance in three months, the furthest first."""
    own, recent = _best(found, group.id) or {}, shifted(last, 1 - WINDOW)
    moved = []
    for measure in session.scalars(select(Measure).where(Measure.id.in_(own)).order_by(Measure.code)):
        figures = [own[measure.id][month] for month in sorted(own[measure.id], reverse=True)]
        scale = scale_of(measure, Side.EMPLOYEE)
        move = latest_move(figures, scale) if figures[0].month >= recent else None
        if move is not None:
            moved.append(Prompt(measure, scale, figures[0], move))
    return sorted(moved, key=lambda prompt: -abs(prompt.move.by))[:PROMPTS]


def _participation(
    session: Session, reader: Reader, group: Team | None, last: date | None
) -> Participation | None:
    if group is None or last is None:
        return None
    return door.participation(session, reader, last, places=[group.id]).get(group.id)


def _coming(session: Session, team: Team, today: date) -> list[Coming]:
    """Fixes that start in a team soon, or started in the last months and still run; the newest first."""
    since = shifted(month_of(today), -MONTHS)
    started = {
        scope.fix_id: day
        for scope in organisation.scopes(session)
        for place, day in scope.teams
        if place == team.id and day >= since and not scope.withdrawn
        if scope.stopped is None or scope.stopped >= today
    }
    fixes = session.scalars(select(Fix).where(Fix.id.in_(started))).all()
    return sorted(
        (Coming(fix, started[fix.id]) for fix in fixes), key=lambda coming: coming.started, reverse=True
    )


@dataclass(frozen=True)
class Choice:
    """The teams somebody may choose from, and whether there are more than are listed."""

    teams: Sequence[Team]
    more: bool
    searched: bool


def choice(session: Session, person_id: int, words: str) -> Choice:
    """The teams somebody heads; for those who read all, the uppermost ones, or those searched."""
    if not reader_of(session, person_id).reads_all:
        mine = select(Team).where(Team.id.in_(headed(session, person_id))).order_by(Team.code)
        return Choice(session.scalars(mine).all(), False, False)
    rows = select(Team).where(Team.closed.is_(None)).order_by(Team.code)
    for word in words.split():
        rows = rows.where(
            Team.code.icontains(word, autoescape=True)
            | Team.name_en.icontains(word, autoescape=True)
            | Team.name_fr.icontains(word, autoescape=True)
        )
    if not words.strip():
        tops = select(Team.id).where(Team.parent_id.is_(None))
        rows = rows.where(Team.parent_id.is_(None) | Team.parent_id.in_(tops))
    found = session.scalars(rows.limit(FOUND + 1)).all()
    return Choice(found[:FOUND], len(found) > FOUND, bool(words.strip()))
