"""Heat maps: what lands on teams and what bothers customers at touchpoints, one month at a time.

A cell is the newest figure of the chosen month and the two before it, because not everybody is asked about
everything each month; one that is not of the chosen month says so. It is held against the newest fresh
figure of the three months that end three months earlier. A month is only ever read through the one door.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.dashboards.filters import folded
from pulse.dashboards.scales import AGO, WINDOW, Move, Scale, latest_move, scale_of
from pulse.dashboards.tree import Node, Tree, headed, tree
from pulse.ledger import figures as door
from pulse.ledger.disclosure import Extent
from pulse.ledger.figures import Figure
from pulse.ledger.models import ClosedMonth
from pulse.ledger.readers import Reader
from pulse.months import month_of, parsed, shifted, written
from pulse.organisation import service as organisation
from pulse.organisation.models import Measure, MeasureKind, Side, Touchpoint

READ = 2 * WINDOW + AGO - 1  # months: those of the newest figures, and those they are held against
PAGE = 40  # rows
WHOLE_TREE = 40  # teams below a unit up to which they are all shown at once


class Map(Enum):
    """What is mapped."""

    TEAMS = "teams"
    TOUCHPOINTS = "touchpoints"


SIDES = {Map.TEAMS: Side.EMPLOYEE, Map.TOUCHPOINTS: Side.CUSTOMER}


@dataclass(frozen=True)
class Choice:
    """What an address asks for: codes of a unit, a measure and a touchpoint, "" = none; month None = newest.

    every -- all teams below the unit instead of those directly below it
    """

    map: Map = Map.TEAMS
    month: date | None = None
    unit: str = ""
    irritant: str = ""
    touchpoint: str = ""
    search: str = ""
    every: bool = False
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Choice":
        """The choice an address makes; what it cannot mean counts as not said."""
        maps = {which.value: which for which in Map}
        page = query.get("page", "")[:6]
        return cls(
            map=maps.get(query.get("map", ""), Map.TEAMS),
            month=_month(query.get("month", "")),
            unit=query.get("unit", ""),
            irritant=query.get("irritant", ""),
            touchpoint=query.get("touchpoint", ""),
            search=query.get("search", "").strip()[:200],
            every=query.get("every", "") == "1",
            page=max(1, int(page)) if page.isdecimal() else 1,
        )

    @property
    def query(self) -> dict[str, str]:
        """The same as an address says it, without what is as usual."""
        said = {
            "map": "" if self.map is Map.TEAMS else self.map.value,
            "month": written(self.month) if self.month else "",
            "unit": self.unit,
            "irritant": self.irritant,
            "touchpoint": self.touchpoint,
            "search": self.search,
            "every": "1" if self.every else "",
            "page": str(self.page) if self.page > 1 else "",
        }
        return {name: value for name, value in said.items() if value}

    @property
    def narrowed(self) -> bool:
        """Whether anything but the month and the unit is chosen."""
        return bool(self.irritant or self.touchpoint or self.search)

    def to(self, **changed: object) -> dict[str, str]:
        """The address of another choice that differs in this, from its first page on."""
        return replace(self, **{"page": 1, **changed}).query  # type: ignore[arg-type]


def _month(text: str) -> date | None:
    try:
        return parsed(text)
    except ValueError:
        return None


@dataclass(frozen=True)
class Row:
    """A line of the map: a team by itself, a unit with everything below it, or a touchpoint.

    directly -- the unit's own people alone, without the teams below it
    """

    place: Node
    depth: int = 0
    unit: bool = False
    directly: bool = False

    @property
    def extent(self) -> Extent:
        """Whom its figures are about where there is a choice."""
        return Extent.WHOLE if self.unit and not self.directly else Extent.OWN


@dataclass(frozen=True)
class Column:
    """What was asked about, and how its figures are told."""

    measure: Measure
    scale: Scale

    @property
    def indicator(self) -> bool:
        """Whether it is no irritant."""
        return self.measure.kind is MeasureKind.INDICATOR


@dataclass(frozen=True)
class Cell:
    """A figure on the map; late -- it is of an earlier month than the chosen one."""

    figure: Figure
    scale: Scale
    late: bool
    move: Move | None

    @property
    def value(self) -> float:
        """The figure in its measure's units."""
        return self.scale.value(self.figure.points)

    @property
    def shade(self) -> int:
        """1 = best to 5 = worst."""
        return self.scale.shade(self.figure.score)


@dataclass(frozen=True)
class HeatMap:
    """Everything the page shows; a cell that is None has not enough answers to show.

    way -- the chosen unit and those above it that the reader may see, the uppermost first
    rows_in_all -- rows of the choice, of which a page shows PAGE
    measures, touchpoints -- to choose from
    """

    month: date | None
    months: Sequence[date]
    way: Sequence[Node]
    more_below: bool
    columns: Sequence[Column]
    rows: Sequence[tuple[Row, Sequence[Cell | None]]]
    rows_in_all: int
    measures: Sequence[Measure]
    touchpoints: Sequence[Touchpoint]

    @property
    def recent(self) -> list[date]:
        """The months that are read for the map, the newest first."""
        return [shifted(self.month, -back) for back in range(READ)] if self.month else []

    @property
    def cells(self) -> list[tuple[Row, Column, Cell]]:
        """Every figure on the map with where it stands."""
        return [
            (row, column, cell)
            for row, cells in self.rows
            for column, cell in zip(self.columns, cells, strict=True)
            if cell is not None
        ]

    @property
    def heaviest(self) -> tuple[Row, Column, Cell] | None:
        """The highest score of an irritant on the map; the first of several."""
        irritants = [found for found in self.cells if not found[1].indicator]
        return max(irritants, key=lambda found: found[2].figure.score, default=None)

    @property
    def risen(self) -> int:
        """How many irritants on the map rose by more than chance."""
        return sum(
            cell.move is not None and cell.move.by > 0
            for _, column, cell in self.cells
            if not column.indicator
        )

    @property
    def fallen(self) -> int:
        """How many irritants on the map fell by more than chance."""
        return sum(
            cell.move is not None and cell.move.by < 0
            for _, column, cell in self.cells
            if not column.indicator
        )


def heat(
    session: Session, reader: Reader, person_id: int, chosen: Choice, language: str, *, whole: bool = False
) -> HeatMap:
    """The map a choice makes, for a reader; raises NotTheirs where the unit is none of theirs.

    whole -- all rows instead of one page of them
    """
    side = SIDES[chosen.map]
    months = _months(session, side)
    newest = door.newest(session, side)
    month = chosen.month if chosen.month in months else newest
    standing = _tree(session, reader, person_id, month or month_of(date.today()), language)
    unit = _unit(standing, chosen)
    measures = _measures(session, language)
    touchpoints = _touchpoints(session, language)
    teams = chosen.map is Map.TEAMS
    rows = _teams(standing, unit, chosen) if teams else _places(touchpoints, chosen)
    start = 0 if whole else (chosen.page - 1) * PAGE
    here = rows if whole else rows[start : start + PAGE]
    found: Found = {}
    if month:
        places = {row.place.id for row in here} | _heads(standing, unit, chosen)
        found = _figures(session, reader, side, places, _wanted(session, measures, chosen), month)
    columns = _columns(session, found, side, language)
    return HeatMap(
        month=month,
        months=months,
        way=standing.way(unit.id) if unit else (),
        more_below=teams and unit is not None and len(list(standing.walk([unit]))) > WHOLE_TREE,
        columns=columns,
        rows=[(row, _cells(row, columns, found, month)) for row in _spelled_out(here, found)],
        rows_in_all=len(rows),
        measures=measures,
        touchpoints=touchpoints,
    )


def _months(session: Session, side: Side) -> list[date]:
    """The closed months of a side, the newest first."""
    closed = select(ClosedMonth.month).where(ClosedMonth.side == side).order_by(ClosedMonth.month.desc())
    return list(session.scalars(closed))


def _tree(session: Session, reader: Reader, person_id: int, month: date, language: str) -> Tree:
    """The teams a reader may look at: all, or those below the teams they head."""
    standing = tree(session, month, language)
    return standing if reader.reads_all else standing.within(headed(session, person_id))


def _unit(standing: Tree, chosen: Choice) -> Node | None:
    """The unit whose teams are shown; None = all there are."""
    if chosen.unit:
        return standing.coded(chosen.unit)
    return standing.tops[0] if len(standing.tops) == 1 else None


def _teams(standing: Tree, unit: Node | None, chosen: Choice) -> list[Row]:
    """The rows of teams, as the tree or the alphabet has them: no figure has a say in it."""
    starts = [unit] if unit else standing.tops
    walked = list(standing.walk(starts))
    if chosen.search:
        inside = {node.id for node, _ in walked}
        shown = [(node, 0) for node in standing.named(chosen.search) if node.id in inside]
    elif chosen.every or len(walked) <= WHOLE_TREE:
        shown = walked
    else:
        shown = [(node, depth) for node, depth in walked if depth <= (1 if unit else 0)]
    return [Row(node, depth, standing.is_unit(node.id)) for node, depth in shown]


def _heads(standing: Tree, unit: Node | None, chosen: Choice) -> set[int]:
    """The unit on view, whose figures are read with every page: so its columns stay from page to page."""
    heads = [unit] if unit else standing.tops[:PAGE]
    return {node.id for node in heads} if chosen.map is Map.TEAMS else set()


def _places(touchpoints: Iterable[Touchpoint], chosen: Choice) -> list[Row]:
    words = folded(chosen.search).split()
    return [
        Row(Node(place.id, place.code, place.name_en, place.name_fr, None))
        for place in touchpoints
        if all(word in folded(f"{place.code} {place.name_en} {place.name_fr}") for word in words)
        and chosen.touchpoint in ("", place.code)
    ]


def _measures(session: Session, language: str) -> list[Measure]:
    """All measures by their labels, irritants and indicators alike."""
    found = session.scalars(select(Measure)).all()
    return sorted(found, key=lambda measure: (folded(measure.label(language)), measure.code))


def _touchpoints(session: Session, language: str) -> list[Touchpoint]:
    found = session.scalars(select(Touchpoint)).all()
    return sorted(found, key=lambda place: (folded(place.name(language)), place.code))


def _wanted(session: Session, measures: Iterable[Measure], chosen: Choice) -> set[int]:
    """The measures a choice asks for: one, or those met at a touchpoint, or all."""
    wanted = {measure.id for measure in measures if chosen.irritant in ("", measure.code)}
    if chosen.touchpoint and chosen.map is Map.TEAMS:
        around = organisation.served(session)
        place = session.scalar(select(Touchpoint.id).where(Touchpoint.code == chosen.touchpoint))
        wanted &= {irritant for irritant in around.met if place in around.where(irritant)}
    return wanted


Key = tuple[int, int, Extent]  # measure, place, extent
Found = Mapping[Key, Sequence[Figure]]  # the newest first


def _figures(
    session: Session,
    reader: Reader,
    side: Side,
    places: Collection[int],
    measures: Collection[int],
    month: date,
) -> Found:
    """The figures a page needs, by whom and what they are about; old ones are left out."""
    first = shifted(month, 1 - READ)
    found: dict[Key, list[Figure]] = defaultdict(list)
    for figure in door.figures(
        session, reader, side, measures=measures, places=places, first=first, last=month
    ):
        found[figure.measure_id, figure.place_id, figure.extent].append(figure)
    recent = shifted(month, 1 - WINDOW)
    return {key: figures[::-1] for key, figures in found.items() if figures[-1].month >= recent}


def _columns(session: Session, found: Found, side: Side, language: str) -> list[Column]:
    """What there are figures of: indicators first, then irritants, by their labels."""
    seen = {measure for measure, _, _ in found}
    columns = [
        Column(measure, scale_of(measure, side))
        for measure in session.scalars(select(Measure).where(Measure.id.in_(seen)))
    ]
    return sorted(
        columns,
        key=lambda column: (
            not column.indicator,
            folded(column.measure.label(language)),
            column.measure.code,
        ),
    )


def _spelled_out(rows: Iterable[Row], found: Found) -> Iterator[Row]:
    """The rows, and below a unit one for those who are attached to it directly, where they have figures."""
    direct = {place for _, place, extent in found if extent is Extent.OWN}
    for row in rows:
        yield row
        if row.unit and row.place.id in direct:
            yield replace(row, depth=row.depth + 1, directly=True)


def _cells(row: Row, columns: Iterable[Column], found: Found, month: date | None) -> list[Cell | None]:
    return [_cell(row, column, found, month) for column in columns]


def _cell(row: Row, column: Column, found: Found, month: date | None) -> Cell | None:
    figures = next((found[key] for key in _keys(row, column) if key in found), None)
    if figures is None:
        return None
    late = figures[0].month != month
    return Cell(figures[0], column.scale, late, latest_move(figures, column.scale))


def _keys(row: Row, column: Column) -> Iterator[Key]:
    """Where a row's figure is found; a team that others reported to once may have one as a whole only."""
    yield column.measure.id, row.place.id, row.extent
    if not row.unit:
        yield column.measure.id, row.place.id, Extent.WHOLE
