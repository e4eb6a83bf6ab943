"""What a company folder says about the organisation: rows as written, every value read, nothing looked up."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from pulse.i18n import gettext
from pulse.organisation.chain import CUSTOMERS
from pulse.organisation.models import Side
from surveys.imports import layouts, values
from surveys.imports.records import Sheet
from surveys.imports.refusals import Refusals, Wrong, quoted

Value = TypeVar("Value")
Default = TypeVar("Default")


@dataclass(frozen=True)
class TeamRow:
    """A row of teams.csv."""

    line: int
    code: str
    name_en: str
    name_fr: str
    parent: str | None
    headcount: int | None
    opened: date | None
    closed: date | None
    split_from: str | None
    merged_into: str | None


@dataclass(frozen=True)
class TouchpointRow:
    """All rows of touchpoints.csv about one touchpoint: its teams, each with the line it stands on.

    Names are as written in the first row that gives one, or empty.
    """

    line: int
    code: str
    name_en: str
    name_fr: str
    teams: dict[str, int]


@dataclass(frozen=True)
class IrritantRow:
    """A row of irritants.csv."""

    line: int
    code: str
    label_en: str
    label_fr: str
    customer_question_en: str
    customer_question_fr: str
    employee_question_en: str
    employee_question_fr: str
    touchpoints: tuple[str, ...]


@dataclass(frozen=True)
class SupplyRow:
    """A row of value_chain.csv; customer None = the final customer."""

    line: int
    supplier: str
    customer: str | None


@dataclass(frozen=True)
class AskedRow:
    """A row of asked.csv."""

    line: int
    team: str
    irritant: str
    since: date | None
    until: date | None


@dataclass(frozen=True)
class FixRow:
    """A row of fixes.csv; expected changes in hundredths of a point."""

    line: int
    code: str
    name_en: str
    name_fr: str
    irritant: str
    started: date
    stopped: date | None
    touchpoints: tuple[str, ...]
    teams: tuple[str, ...]
    owner: str | None
    expected_customer: int | None
    expected_staff: int | None
    registered: date | None


@dataclass(frozen=True)
class RolloutRow:
    """A row of rollouts.csv; a place may be a team, a touchpoint, or both by one code."""

    line: int
    fix: str
    place: str
    started: date
    stopped: date | None


@dataclass(frozen=True)
class BreakRow:
    """A row of breaks.csv."""

    line: int
    side: Side
    month: date
    place: str | None
    measure: str | None
    note: str


@dataclass
class Company:
    """The rows of a folder by code, or in the order written.

    given -- the columns of each file that is there: what a file has no column for is left as it was
    incomplete -- files of which rows are missing, so that a code they do not hold may still exist
    dated_on_screen -- fixes whose places were given their dates on screen: rollouts.csv leaves them alone
    """

    teams: dict[str, TeamRow] = field(default_factory=dict)
    touchpoints: dict[str, TouchpointRow] = field(default_factory=dict)
    irritants: dict[str, IrritantRow] = field(default_factory=dict)
    fixes: dict[str, FixRow] = field(default_factory=dict)
    supplies: list[SupplyRow] = field(default_factory=list)
    asked: list[AskedRow] = field(default_factory=list)
    rollouts: list[RolloutRow] = field(default_factory=list)
    breaks: list[BreakRow] = field(default_factory=list)
    given: dict[str, frozenset[str]] = field(default_factory=dict)
    incomplete: set[str] = field(default_factory=set)
    dated_on_screen: set[str] = field(default_factory=set)


class Row:
    """One record of a sheet, read column by column; what cannot be is refused and then taken as empty."""

    def __init__(
        self, sheet: Sheet, fields: list[str], refusals: Refusals, seen: dict[tuple[object, ...], int]
    ) -> None:
        self.line = sheet.line
        self.lost = False  # a value without which the row means nothing is missing
        self._sheet = sheet
        self._fields = fields
        self._refusals = refusals
        self._seen = seen

    def raw(self, column: str) -> str:
        """What is written in a column, trimmed; empty where the file has no such column."""
        place = self._sheet.columns.get(column)
        return "" if place is None else self._fields[place].strip()

    def read(self, column: str, reader: Callable[[str], Value], default: Default) -> Value | Default:
        """The value of a column, or the default where nothing is written."""
        raw = self.raw(column)
        if not raw:
            return default
        try:
            return reader(raw)
        except Wrong as wrong:
            self._refusals.value(self._sheet.file, self.line, column, raw, wrong)
            return default

    def needed(self, column: str, reader: Callable[[str], Value], otherwise: Value) -> Value:
        """The value of a column that no row may leave empty; `otherwise` stands in where it is refused."""
        if not self.raw(column):
            self.refuse(column, gettext("is missing; no row may leave it empty"))
        found = self.read(column, reader, None)
        self.lost = self.lost or found is None
        return otherwise if found is None else found

    def names(self, column: str, default: tuple[str, str]) -> tuple[str, str]:
        """English and French words of a column: French as the English where there is none."""
        english = self.read(column, values.words, "")
        french = self.read(f"{column}_fr", values.words, "")
        return (english or default[0], french or english or default[1])

    def refuse(self, column: str, why: str) -> None:
        """Refuse what is written in a column."""
        self._refusals.value(self._sheet.file, self.line, column, self.raw(column), Wrong(why))

    def ordered(self, earlier: str, first: date | None, later: str, last: date | None) -> None:
        """Refuse a later date that lies before the earlier one."""
        if first is not None and last is not None and last < first:
            first_day = quoted(self.raw(earlier))
            why = gettext("is before %(column)s %(day)s; write a later date", column=earlier, day=first_day)
            self.refuse(later, why)

    def first(self, column: str, *key: object) -> bool:
        """Whether the row may be kept: nothing in it is lost and no earlier row has the same key."""
        if self.lost:
            return False
        line = self._seen.setdefault(key, self.line)
        if line != self.line:
            self.refuse(column, gettext("is here twice (first on line %(line)s); keep one row", line=line))
        return line == self.line


def read(sheet: Sheet, company: Company, refusals: Refusals) -> None:
    """Add the rows of a file to a company; raises Unreadable where the file cannot be read to its end."""
    keep = READERS[sheet.file]
    company.given[sheet.file] = frozenset(sheet.columns)
    seen: dict[tuple[object, ...], int] = {}
    for fields in sheet:
        row = Row(sheet, fields, refusals, seen)
        keep(row, company)
        if row.lost:
            company.incomplete.add(sheet.file)
    if not sheet.whole:
        company.incomplete.add(sheet.file)


NEVER = date.min  # stands in for a date that was refused: the row is not kept


def _team(row: Row, company: Company) -> None:
    team = row.needed("team", _team_code, "")
    english, french = row.names("name", (team, team))
    opened = row.read("opened", values.month_or_day, None)
    closed = row.read("closed", values.month_or_day, None)
    row.ordered("opened", opened, "closed", closed)
    found = TeamRow(
        line=row.line,
        code=team,
        name_en=english,
        name_fr=french,
        parent=row.read("parent", values.code, None),
        headcount=row.read("headcount", values.people, None),
        opened=opened,
        closed=closed,
        split_from=row.read("split_from", values.code, None),
        merged_into=row.read("merged_into", values.code, None),
    )
    if row.first("team", team):
        company.teams[team] = found


def _team_code(text: str) -> str:
    if text == CUSTOMERS:
        raise Wrong(gettext("means the final customer; give the team another code"))
    return values.code(text)


def _touchpoint(row: Row, company: Company) -> None:
    code = row.needed("touchpoint", values.code, "")
    team = row.needed("team", values.code, "")
    names = {column: row.read(column, values.words, "") for column in ("name", "name_fr")}
    if not row.first("team", code, team):
        return
    found = company.touchpoints.get(code) or TouchpointRow(row.line, code, "", "", {})
    before = {"name": found.name_en, "name_fr": found.name_fr}
    for column, named in before.items():
        if named and names[column] not in ("", named):
            why = gettext(
                "is not the name given before, %(name)s; write one name in all rows", name=quoted(named)
            )
            row.refuse(column, why)
    english, french = (before[column] or names[column] for column in before)
    found.teams[team] = row.line  # the same teams for the touchpoint's new row: there may be many
    company.touchpoints[code] = TouchpointRow(found.line, code, english, french, found.teams)


def _irritant(row: Row, company: Company) -> None:
    irritant = row.needed("irritant", values.code, "")
    label = row.names("label", (irritant, irritant))
    customer = row.names("customer_question", label)
    employee = row.names("employee_question", label)
    touchpoints = row.read("touchpoints", values.codes, ())
    if row.first("irritant", irritant):
        found = IrritantRow(row.line, irritant, *label, *customer, *employee, touchpoints)
        company.irritants[irritant] = found


def _supply(row: Row, company: Company) -> None:
    supplier = row.needed("supplier", values.code, "")
    customer = row.needed("customer", values.code, "")
    if supplier == customer and supplier:
        row.refuse("customer", gettext("is the supplier itself; name the team it works for"))
    elif row.first("customer", supplier, customer):
        final = customer == CUSTOMERS
        company.supplies.append(SupplyRow(row.line, supplier, None if final else customer))


def _asked(row: Row, company: Company) -> None:
    team = row.needed("team", values.code, "")
    irritant = row.needed("irritant", values.code, "")
    since = row.read("from", values.month_or_day, None)
    until = row.read("to", values.month_or_day, None)
    row.ordered("from", since, "to", until)
    if row.first("irritant", team, irritant, since):
        company.asked.append(AskedRow(row.line, team, irritant, since, until))


def _fix(row: Row, company: Company) -> None:
    fix = row.needed("fix", values.code, "")
    english, french = row.names("name", (fix, fix))
    started = row.needed("started", values.day_or_month, NEVER)
    stopped = row.read("stopped", values.day_or_month, None)
    row.ordered("started", started, "stopped", stopped)
    found = FixRow(
        line=row.line,
        code=fix,
        name_en=english,
        name_fr=french,
        irritant=row.needed("irritant", values.code, ""),
        started=started,
        stopped=stopped,
        touchpoints=row.read("touchpoints", values.codes, ()),
        teams=row.read("teams", values.codes, ()),
        owner=row.read("owner", values.words, None),
        expected_customer=row.read("expected_customer", values.points, None),
        expected_staff=row.read("expected_staff", values.points, None),
        registered=row.read("registered", values.day_or_month, None),
    )
    if row.first("fix", fix):
        company.fixes[fix] = found


def _rollout(row: Row, company: Company) -> None:
    fix = row.needed("fix", values.code, "")
    place = row.needed("place", values.code, "")
    started = row.needed("started", values.day_or_month, NEVER)
    stopped = row.read("stopped", values.day_or_month, None)
    row.ordered("started", started, "stopped", stopped)
    if row.first("place", fix, place):
        company.rollouts.append(RolloutRow(row.line, fix, place, started, stopped))


def _break(row: Row, company: Company) -> None:
    side = row.needed("side", values.side, Side.CUSTOMER)
    month = row.needed("month", values.month, NEVER)
    place = row.read("place", values.code, None)
    measure = row.read("measure", values.code, None)
    note = row.read("note", values.words, "")
    if row.first("month", side, month, place, measure):
        company.breaks.append(BreakRow(row.line, side, month, place, measure, note))


READERS: dict[str, Callable[[Row, Company], None]] = {
    layouts.TEAMS.file: _team,
    layouts.TOUCHPOINTS.file: _touchpoint,
    layouts.IRRITANTS.file: _irritant,
    layouts.VALUE_CHAIN.file: _supply,
    layouts.ASKED.file: _asked,
    layouts.FIXES.file: _fix,
    layouts.ROLLOUTS.file: _rollout,
    layouts.BREAKS.file: _break,
}
