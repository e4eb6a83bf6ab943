"""Writing what was read of a company folder: rows are added or changed by code, lists replaced as a whole."""

from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.organisation.models import (
    Asked,
    Break,
    Fix,
    FixPlace,
    Irritant,
    IrritantTouchpoint,
    Measure,
    PlaceKind,
    RollOut,
    Serving,
    Side,
    Supply,
    Team,
    Touchpoint,
)
from pulse.registering import rewording
from surveys.imports.company import Company, FixRow, IrritantRow, TeamRow, TouchpointRow
from surveys.imports.layouts import ASKED, BREAKS, FIXES, IRRITANTS, ROLLOUTS, TEAMS, TOUCHPOINTS, VALUE_CHAIN
from surveys.imports.references import KIND_OF

Coded = TypeVar("Coded", Team, Touchpoint, Irritant, Fix)
Ids = Mapping[str, int]


class Keeper:
    """Writes a company into the database, and counts the rows that this adds, changes or takes away.

    What the folder does not mention stays; so does what a file has no column for.
    """

    def __init__(self, session: Session, company: Company) -> None:
        self.changes = 0
        self._session = session
        self._company = company
        self._given = company.given

    def keep(self) -> None:
        """Write everything."""
        self._teams()
        self._touchpoints()
        self._irritants()
        self._value_chain()
        self._asked()
        self._fixes()
        self._rollouts()
        self._breaks()
        self._session.flush()
        self._session.expire_all()

    def places(self, side: Side) -> Ids:
        """The ids of the places that one side answers about, by code."""
        return self._ids(Team if KIND_OF[side] is PlaceKind.TEAM else Touchpoint)

    def irritants(self) -> Ids:
        """The ids of all irritants by code."""
        return self._ids(Irritant)

    def _teams(self) -> None:
        rows = self._company.teams
        found = self._upsert(Team, TEAMS.file, rows, _team)
        ids = self._ids(Team)
        for code, row in rows.items():
            above = {
                "parent": ("parent_id", row.parent),
                "split_from": ("split_from_id", row.split_from),
                "merged_into": ("merged_into_id", row.merged_into),
            }
            self._set(
                found[code],
                {
                    name: None if other is None else ids[other]
                    for column, (name, other) in above.items()
                    if column in self._given[TEAMS.file]
                },
            )
        self._session.flush()

    def _touchpoints(self) -> None:
        rows = self._company.touchpoints
        found = self._upsert(Touchpoint, TOUCHPOINTS.file, rows, _touchpoint)
        teams = self._ids(Team)
        wanted = [(found[code].id, teams[team]) for code, row in rows.items() for team in row.teams]
        self._match(Serving, ("touchpoint_id", "team_id"), wanted, owners={f.id for f in found.values()})

    def _irritants(self) -> None:
        rows = self._company.irritants
        found = self._upsert(Irritant, IRRITANTS.file, rows, _irritant)
        if "touchpoints" in self._given[IRRITANTS.file]:
            points = self._ids(Touchpoint)
            wanted = [(found[code].id, points[at]) for code, row in rows.items() for at in row.touchpoints]
            columns = ("irritant_id", "touchpoint_id")
            self._match(IrritantTouchpoint, columns, wanted, owners={f.id for f in found.values()})

    def _value_chain(self) -> None:
        if VALUE_CHAIN.file not in self._given:
            return
        teams = self._ids(Team)
        wanted = [(teams[row.supplier], _id(row.customer, teams)) for row in self._company.supplies]
        self._match(Supply, ("supplier_id", "customer_id"), wanted)

    def _asked(self) -> None:
        if ASKED.file not in self._given:
            return
        teams, irritants = self._ids(Team), self._ids(Irritant)
        wanted = [
            (teams[row.team], irritants[row.irritant], row.since, row.until) for row in self._company.asked
        ]
        named = {*self._company.irritants, *(row.irritant for row in self._company.asked)}
        here = select(Irritant.id).where(Irritant.added.is_not(None), Irritant.code.not_in(named))
        among = set(irritants.values()) - set(self._session.scalars(here))  # of what no folder knows
        self._match(Asked, ("team_id", "irritant_id", "since", "until"), wanted, among=among)

    def _fixes(self) -> None:
        if FIXES.file not in self._given:
            return
        rows, irritants = self._company.fixes, self._ids(Irritant)
        found = self._upsert(Fix, FIXES.file, rows, lambda row: _fix(row, irritants))
        for column, kind in (("touchpoints", Touchpoint), ("teams", Team)):
            if column in self._given[FIXES.file]:
                ids = self._ids(kind)
                wanted = [
                    (found[code].id, ids[place])
                    for code, row in rows.items()
                    for place in getattr(row, column)
                ]
                owners = {fix.id for fix in found.values()}
                self._match(FixPlace, ("fix_id", "place_id"), wanted, owners=owners, among=set(ids.values()))

    def _rollouts(self) -> None:
        if ROLLOUTS.file not in self._given:
            return
        fixes, teams, points = self._ids(Fix), self._ids(Team), self._ids(Touchpoint)
        wanted = [
            (fixes[row.fix], ids[row.place], row.started, row.stopped)
            for row in self._company.rollouts
            for ids in (teams, points)
            if row.place in ids
        ]
        mentioned = {*self._company.fixes, *(row.fix for row in self._company.rollouts)}
        mentioned -= self._company.dated_on_screen
        columns = ("fix_id", "place_id", "started", "stopped")
        self._match(RollOut, columns, wanted, owners={fixes[code] for code in mentioned})

    def _breaks(self) -> None:
        if BREAKS.file not in self._given:
            return
        places = {side: self.places(side) for side in Side}
        measures = self._ids(Measure)
        wanted = [
            (row.side, row.month, _id(row.place, places[row.side]), _id(row.measure, measures), row.note)
            for row in self._company.breaks
        ]
        columns = ("side", "month", "place_id", "measure_id", "note")
        self._match(Break, columns, [*wanted, *self._made_on_screen(measures)])

    def _made_on_screen(self, measures: Ids) -> list[tuple[Hashable, ...]]:
        """The breaks that other words of a question made: no folder knows them, and none takes them away."""
        made = {
            (side, month, None, measures[code])
            for code, side, month in rewording.breaks_on_screen(self._session)
            if code in measures
        }
        rows = self._session.scalars(select(Break))
        keys = [(row.side, row.month, row.place_id, row.measure_id, row.note) for row in rows]
        return [key for key in keys if key[:4] in made]

    def _upsert(
        self, table: type[Coded], file: str, rows: Mapping[str, Any], values: Any
    ) -> dict[str, Coded]:
        """The database's row of each code: added where there was none, else changed where they differ."""
        found: dict[str, Coded] = {row.code: row for row in self._session.scalars(select(table))}
        for code, row in rows.items():
            wanted: dict[str, tuple[Collection[str], object]] = values(row)
            if code not in found:
                found[code] = table(code=code, **{name: value for name, (_, value) in wanted.items()})
                self._session.add(found[code])
                self.changes += 1
            else:
                given = self._given[file]
                self._set(
                    found[code],
                    {name: value for name, (columns, value) in wanted.items() if given & set(columns)},
                )
        self._session.flush()
        return {code: found[code] for code in rows}

    def _set(self, row: object, values: Mapping[str, object]) -> None:
        changed = {name: value for name, value in values.items() if getattr(row, name) != value}
        for name, value in changed.items():
            setattr(row, name, value)
        self.changes += bool(changed)

    def _match(
        self,
        table: type[Any],
        columns: tuple[str, ...],
        wanted: Iterable[tuple[Hashable, ...]],
        *,
        owners: Collection[int] | None = None,
        among: Collection[int] | None = None,
    ) -> None:
        """Make a table hold the wanted rows and no others.

        owners -- only rows whose first column is one of these are touched; among -- likewise the second
        """
        missing = dict.fromkeys(wanted)
        for row in self._session.scalars(select(table)).all():
            key = tuple(getattr(row, column) for column in columns)
            if (owners is not None and key[0] not in owners) or (among is not None and key[1] not in among):
                continue
            if key in missing:
                del missing[key]
            else:
                self._session.delete(row)
                self.changes += 1
        self._session.flush()  # deletions first: a new row may take the place of an old one
        self._session.add_all(table(**dict(zip(columns, key, strict=True))) for key in missing)
        self.changes += len(missing)
        self._session.flush()

    def _ids(self, table: type[Any]) -> Ids:
        return dict(self._session.execute(select(table.code, table.id)).all())


Values = dict[
    str, tuple[tuple[str, ...], object]
]  # by attribute: the columns that tell it, and what they say
NAMES = ("name", "name_fr")


def _team(row: TeamRow) -> Values:
    return {
        "name_en": (NAMES, row.name_en),
        "name_fr": (NAMES, row.name_fr),
        "headcount": (("headcount",), row.headcount),
        "opened": (("opened",), row.opened),
        "closed": (("closed",), row.closed),
    }


def _touchpoint(row: TouchpointRow) -> Values:
    english = row.name_en or row.code
    return {"name_en": (NAMES, english), "name_fr": (NAMES, row.name_fr or english)}


def _irritant(row: IrritantRow) -> Values:
    found: Values = {"label_en": (LABELS, row.label_en), "label_fr": (LABELS, row.label_fr)}
    for side in Side:
        columns = (f"{side.value}_question", f"{side.value}_question_fr")
        for language in ("en", "fr"):
            name = f"{side.value}_question_{language}"
            found[name] = (columns, getattr(row, name))
    return found


LABELS = ("label", "label_fr")


def _fix(row: FixRow, irritants: Ids) -> Values:
    return {
        "name_en": (NAMES, row.name_en),
        "name_fr": (NAMES, row.name_fr),
        "irritant_id": (("irritant",), irritants[row.irritant]),
        "started": (("started",), row.started),
        "frozen_on": (("started",), row.started),  # a folder tells what was written down before launch
        "stopped": (("stopped",), row.stopped),
        "owner": (("owner",), row.owner),
        "expected_customer": (("expected_customer",), row.expected_customer),
        "expected_staff": (("expected_staff",), row.expected_staff),
        "registered": (("registered",), row.registered),
    }


def _id(code: str | None, ids: Ids) -> int | None:
    return None if code is None else ids[code]
