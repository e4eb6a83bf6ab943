"""What the database knows already: the codes a folder may name, and what of a fix no longer changes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from pulse.organisation.models import Fix, Indicator, Irritant, PlaceKind, Serving, Team, Touchpoint
from surveys.imports.on_screen import Screen, screen


@dataclass(frozen=True)
class KnownTeam:
    """The teams a team hangs on, by code."""

    parent: str | None
    split_from: str | None
    merged_into: str | None


@dataclass(frozen=True)
class KnownFix:
    """What of a fix was written down before launch, expected changes in hundredths of a point."""

    irritant: str
    started: date
    touchpoints: frozenset[str]
    teams: frozenset[str]
    expected_customer: int | None
    expected_staff: int | None
    registered: date | None
    frozen_on: date | None


@dataclass(frozen=True)
class Known:
    """Everything of the organisation that a folder can refer to, by code."""

    teams: Mapping[str, KnownTeam]
    touchpoints: Mapping[str, frozenset[str]]  # the teams that serve each
    irritants: Mapping[str, frozenset[str]]  # the touchpoints each is met at; none = all
    indicators: frozenset[str]
    fixes: Mapping[str, KnownFix]
    screen: Screen  # what of it people wrote on screen


def known(session: Session) -> Known:
    """What the database knows now."""
    return Known(
        _teams(session),
        _touchpoints(session),
        _irritants(session),
        frozenset(session.scalars(select(Indicator.code))),
        _fixes(session),
        screen(session),
    )


def _teams(session: Session) -> dict[str, KnownTeam]:
    rows = session.execute(
        select(Team.id, Team.code, Team.parent_id, Team.split_from_id, Team.merged_into_id)
    ).all()
    code = {row.id: row.code for row in rows}
    return {row.code: KnownTeam(*(code.get(above) for above in row[2:])) for row in rows}


def _touchpoints(session: Session) -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {code: set() for code in session.scalars(select(Touchpoint.code))}
    names = _codes(session)
    for touchpoint, team in session.execute(select(Serving.touchpoint_id, Serving.team_id)):
        found[names[touchpoint]].add(names[team])
    return {code: frozenset(teams) for code, teams in found.items()}


def _codes(session: Session) -> dict[int, str]:
    teams = session.execute(select(Team.id, Team.code)).all()
    touchpoints = session.execute(select(Touchpoint.id, Touchpoint.code)).all()
    return dict([*teams, *touchpoints])


def _irritants(session: Session) -> dict[str, frozenset[str]]:
    rows = session.scalars(select(Irritant).options(selectinload(Irritant.touchpoints)))
    return {row.code: frozenset(touchpoint.code for touchpoint in row.touchpoints) for row in rows}


def _fixes(session: Session) -> dict[str, KnownFix]:
    rows = session.scalars(select(Fix).options(selectinload(Fix.places), selectinload(Fix.irritant)))
    return {row.code: _fix(row) for row in rows}


def _fix(row: Fix) -> KnownFix:
    named = {kind: frozenset(p.code for p in row.places if p.kind is kind) for kind in PlaceKind}
    return KnownFix(
        row.irritant.code,
        row.started,
        named[PlaceKind.TOUCHPOINT],
        named[PlaceKind.TEAM],
        row.expected_customer,
        row.expected_staff,
        row.registered,
        row.frozen_on,
    )
