"""The company as the method sees it: panels of measured cells, fixes and the value chain as plain numbers.

Read under the night's role. Places and measures are numbered in the order of their codes, so the same
company gives the same numbers whatever database it lies in and in whatever order it was loaded.
"""

import hashlib
import json
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.correlation.panel import Chain, Panel
from pulse.correlation.panel import Fix as Registered
from pulse.ledger import store
from pulse.months import between, month_of, shifted
from pulse.organisation import service
from pulse.organisation.models import Break, Measure, MeasureKind, Place, PlaceKind, Side, Supply, Team

SCALE = np.array([1, 100, 10_000])  # answers, hundredths of a point, hundredths squared


@dataclass(frozen=True)
class Numbering:
    """Codes of places or measures, by number; and the number of each database id."""

    codes: tuple[str, ...]
    number: dict[int, int]


@dataclass(frozen=True)
class Company:
    """Everything a look needs, with month 0 = first; built once for any number of looks."""

    first: date
    last: date
    teams: Numbering
    touchpoints: Numbering
    measures: Numbering
    staff: Panel | None
    customers: Panel | None
    chain: Chain
    fixes: tuple[Registered, ...]
    digests: dict[date, str]

    def known_at(self, month: date) -> tuple[Registered, ...]:
        """The fixes that had started by a month, as they stood then: a later stop was not known yet.

        Nor was a fix that was put on record later because its start was found from the answers.
        """
        index = between(self.first, month)
        return tuple(
            replace(fix, stop=None if fix.stop is not None and fix.stop > index else fix.stop)
            for fix in self.fixes
            if max(fix.start, fix.start if fix.registered is None else fix.registered) <= index
        )

    def digest(self, month: date) -> str:
        """A fingerprint of all that the look at a month rests on."""
        cells = [f"{m} {self.digests[m]}" for m in sorted(self.digests) if m <= month]
        known = [repr(fix) for fix in self.known_at(month)]
        return hashlib.sha256(json.dumps([cells, known, repr(self.chain)]).encode()).hexdigest()


class NothingClosed(Exception):
    """No month has been closed yet, so there is nothing to conclude from."""


def read(session: Session) -> Company:
    """The company with all its closed months; raises NothingClosed."""
    closed = {side: store.closed_months(session, side) for side in Side}
    months = {side: list(digests) for side, digests in closed.items() if digests}
    if not months:
        raise NothingClosed
    first, last = min(min(m) for m in months.values()), min(max(m) for m in months.values())
    if last < first:
        raise NothingClosed
    teams, touchpoints = (_numbered(session, kind) for kind in (PlaceKind.TEAM, PlaceKind.TOUCHPOINT))
    measures = _measures(session)
    merged = _merged(session)
    came_from = _came_from(session, teams)
    staff, customers = (
        _panel(session, side, first, last, places, measures, merged, origin) if side in months else None
        for side, places, origin in (
            (Side.EMPLOYEE, teams, came_from),
            (Side.CUSTOMER, touchpoints, np.full(len(touchpoints.codes), -1)),
        )
    )
    digests = {
        month: " ".join(closed[side].get(month, "-") for side in Side)
        for month in sorted({m for side in months for m in months[side]})
    }
    return Company(
        first,
        last,
        teams,
        touchpoints,
        measures,
        staff,
        customers,
        _chain(session, teams),
        _fixes(session, first, teams, touchpoints, measures),
        digests,
    )


def _numbered(session: Session, kind: PlaceKind) -> Numbering:
    rows = session.execute(select(Place.id, Place.code).where(Place.kind == kind)).all()
    return _by_code([(row.id, row.code) for row in rows])


def _measures(session: Session) -> Numbering:
    """Irritants alone: nothing is moved onto an indicator, and more of it may be better."""
    irritants = select(Measure.id, Measure.code).where(Measure.kind == MeasureKind.IRRITANT)
    rows = session.execute(irritants).all()
    return _by_code([(row.id, row.code) for row in rows])


def _by_code(rows: list[tuple[int, str]]) -> Numbering:
    """Sorted here and not by the database: collations differ, code points do not."""
    ordered = sorted(rows, key=lambda row: row[1])
    return Numbering(tuple(code for _, code in ordered), {key: i for i, (key, _) in enumerate(ordered)})


def _merged(session: Session) -> dict[int, int]:
    """The team that carries on for each team merged into another: the past of both is its past."""
    rows = session.execute(select(Team.id, Team.merged_into_id))
    into = {team: target for team, target in rows if target is not None}
    final = {}
    for team in into:
        last, seen = team, set()
        while last in into and last not in seen:
            seen.add(last)
            last = into[last]
        final[team] = last
    return final


def _came_from(session: Session, teams: Numbering) -> np.ndarray:
    origin = np.full(len(teams.codes), -1)
    for team, parent in session.execute(select(Team.id, Team.split_from_id)):
        if parent is not None:
            origin[teams.number[team]] = teams.number[parent]
    return origin


def _panel(
    session: Session,
    side: Side,
    first: date,
    last: date,
    places: Numbering,
    measures: Numbering,
    merged: dict[int, int],
    came_from: np.ndarray,
) -> Panel:
    """The measured cells of a side as arrays of rows (place, measure) by months."""
    months = between(first, last) + 1
    sums: dict[tuple[int, int], np.ndarray] = {}
    for measure_id, place_id, month, *cell in store.measured(session, side, first, last):
        if measure_id not in measures.number:
            continue
        key = (places.number[merged.get(place_id, place_id)], measures.number[measure_id])
        if key not in sums:
            sums[key] = np.zeros((3, months))
        sums[key][:, between(first, month)] += np.array(cell) / SCALE
    rows = sorted(sums)
    n, total, squares = np.stack([sums[row] for row in rows], axis=1) if rows else np.zeros((3, 0, months))
    mean = total / np.maximum(n, 1)
    variance = np.where(n > 1, np.maximum(squares - n * mean**2, 0) / np.maximum(n - 1, 1), 0.0)
    place = np.array([row[0] for row in rows], dtype=int)
    measure_of = np.array([row[1] for row in rows], dtype=int)
    broken = _broken(session, side, first, months, places, measures, place, measure_of)
    return Panel(place, measure_of, n, mean, variance, came_from, broken)


def _broken(
    session: Session,
    side: Side,
    first: date,
    months: int,
    places: Numbering,
    measures: Numbering,
    place: np.ndarray,
    measure: np.ndarray,
) -> np.ndarray | None:
    """Where annotated breaks begin a new series, or None without any."""
    found = session.scalars(select(Break).where(Break.side == side)).all()
    if not found:
        return None
    broken = np.zeros((len(place), months), dtype=bool)
    for mark in found:
        index = between(first, mark.month)
        known = mark.measure_id is None or mark.measure_id in measures.number
        if known and 0 <= index < months:
            here = np.ones(len(place), dtype=bool)
            if mark.place_id is not None:
                here &= place == places.number[mark.place_id]
            if mark.measure_id is not None:
                here &= measure == measures.number[mark.measure_id]
            broken[here, index] = True
    return broken


def _chain(session: Session, teams: Numbering) -> Chain:
    linked: list[set[int]] = [set() for _ in teams.codes]
    for supplier, customer in session.execute(select(Supply.supplier_id, Supply.customer_id)):
        if customer is not None:
            one, other = teams.number[supplier], teams.number[customer]
            linked[one].add(other)
            linked[other].add(one)
    return Chain(tuple(tuple(sorted(neighbours)) for neighbours in linked))


def _fixes(
    session: Session, first: date, teams: Numbering, touchpoints: Numbering, measures: Numbering
) -> tuple[Registered, ...]:
    """Every registered fix with its scope spelled out, in the order of codes; none that never began."""
    found = []
    for scope in service.scopes(session):
        if scope.withdrawn:
            continue
        own = sorted((teams.number[place], _index(first, day)) for place, day in scope.teams)
        served = sorted((touchpoints.number[place], _index(first, day)) for place, day in scope.touchpoints)
        found.append(
            Registered(
                code=scope.fix,
                measure=measures.number[scope.irritant_id],
                start=_index(first, scope.started),
                stop=None if scope.stopped is None else _index(first, shifted(month_of(scope.stopped), 1)),
                teams=tuple(number for number, _ in own),
                team_starts=tuple(start for _, start in own),
                touchpoints=tuple(number for number, _ in served),
                touchpoint_starts=tuple(start for _, start in served),
                registered=None if scope.registered is None else _index(first, scope.registered),
            )
        )
    return tuple(sorted(found, key=lambda fix: fix.code))


def _index(first: date, day: date) -> int:
    """The number of the month that contains a day: a start belongs to its month."""
    return between(first, month_of(day))
