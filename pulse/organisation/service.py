"""The organisation as the database knows it, in the shape the pure modules take."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from pulse.organisation.chain import Link, neighbours
from pulse.organisation.models import (
    Fix,
    Irritant,
    IrritantTouchpoint,
    Place,
    PlaceKind,
    RollOut,
    Serving,
    Supply,
    Touchpoint,
)
from pulse.organisation.scope import Action, Dates, Served, asked, scope


@dataclass(frozen=True)
class FixScope:
    """A fix with its scope spelled out; teams and touchpoints are (place id, day it started there), by id.

    registered -- when it was put on record, where its start was found from the answers
    """

    fix_id: int
    fix: str
    irritant_id: int
    started: date
    stopped: date | None
    teams: tuple[tuple[int, date], ...]
    touchpoints: tuple[tuple[int, date], ...]
    registered: date | None = None


def links(session: Session) -> list[Link[int]]:
    """The value chain as (supplier, customer) team ids; customer None = the final customer."""
    rows = select(Supply.supplier_id, Supply.customer_id)
    return [(supplier, customer) for supplier, customer in session.execute(rows)]


def served(session: Session) -> Served[int, int]:
    """Which team ids serve each touchpoint id, and where each irritant id is met."""
    teams = _grouped(
        session.scalars(select(Touchpoint.id)),
        session.execute(select(Serving.touchpoint_id, Serving.team_id)),
    )
    met = _grouped(
        session.scalars(select(Irritant.id)),
        session.execute(select(IrritantTouchpoint.irritant_id, IrritantTouchpoint.touchpoint_id)),
    )
    return Served(teams, met)


def asked_by_default(session: Session) -> dict[int, frozenset[int]]:
    """The irritant ids each team id is asked about where no list says otherwise."""
    return asked(served(session), neighbours(links(session)))


def scopes(session: Session) -> list[FixScope]:
    """Every registered fix with its scope, oldest record first."""
    around = served(session)
    rollouts: dict[int, dict[int, Dates]] = {}
    for rollout in session.scalars(select(RollOut)):
        rollouts.setdefault(rollout.fix_id, {})[rollout.place_id] = Dates(rollout.started, rollout.stopped)
    fixes = session.scalars(select(Fix).options(selectinload(Fix.places)).order_by(Fix.id))
    return [_spelled_out(fix, rollouts.get(fix.id, {}), around) for fix in fixes]


def _spelled_out(fix: Fix, rollouts: dict[int, Dates], around: Served[int, int]) -> FixScope:
    action = Action(
        code=fix.code,
        irritant=fix.irritant_id,
        dates=Dates(fix.started, fix.stopped),
        touchpoints=_of(PlaceKind.TOUCHPOINT, fix.places),
        teams=_of(PlaceKind.TEAM, fix.places),
        rollouts=rollouts,
    )
    places = scope(action, around)
    teams, touchpoints = (
        tuple(sorted((place, dates.started) for place, dates in found.items()))
        for found in (places.teams, places.touchpoints)
    )
    return FixScope(
        fix.id, fix.code, fix.irritant_id, fix.started, fix.stopped, teams, touchpoints, fix.registered
    )


def _of(kind: PlaceKind, places: Iterable[Place]) -> frozenset[int]:
    return frozenset(place.id for place in places if place.kind is kind)


def _grouped(keys: Iterable[int], pairs: Iterable[tuple[int, int]]) -> dict[int, set[int]]:
    """What belongs to each key, nothing included."""
    found: dict[int, set[int]] = {key: set() for key in keys}
    for key, member in pairs:
        found[key].add(member)
    return found
