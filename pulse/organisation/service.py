"""The organisation as the database knows it, in the shape the pure modules take."""

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import date
from itertools import chain, count

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from pulse.months import month_of
from pulse.organisation.chain import Link, neighbours
from pulse.organisation.models import (
    Asked,
    Fix,
    Irritant,
    IrritantTouchpoint,
    Measure,
    Place,
    PlaceKind,
    RollOut,
    Serving,
    Supply,
    Touchpoint,
)
from pulse.organisation.scope import Action, Dates, Served, asked, scope

INDICATORS = {"effort", "csat", "nps", "enps"}  # their codes: an irritant's must leave them free


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


@dataclass(frozen=True)
class Pair:
    """An irritant's name and both its questions, each in both languages."""

    label_en: str
    label_fr: str
    customer_question_en: str
    customer_question_fr: str
    employee_question_en: str
    employee_question_fr: str


def add_irritant(session: Session, pair: Pair, touchpoints: Collection[int], day: date) -> Irritant:
    """A new irritant met at some touchpoints (by id), asked about from a day on.

    Customers of these touchpoints see it at once, employees near them from the next wave that opens: an open
    one has its questions frozen. Teams with a list of their own have it added to their list where they are
    so near that they would be asked about it without one.
    """
    irritant = Irritant(code=_free_code(session, pair.label_en), **asdict(pair), added=day, touchpoints=[])
    session.add(irritant)
    session.flush()
    meet(session, irritant, touchpoints, day)
    return irritant


def meet(session: Session, irritant: Irritant, touchpoints: Collection[int], day: date) -> None:
    """Have an irritant asked about at further touchpoints (by id) from a day on, if it is not everywhere."""
    known = {touchpoint.id for touchpoint in irritant.touchpoints}
    if irritant.added is None and not known:
        return
    further = select(Touchpoint).where(Touchpoint.id.in_(set(touchpoints) - known)).order_by(Touchpoint.code)
    irritant.touchpoints.extend(session.scalars(further))
    session.flush()
    listed = set(session.scalars(select(Asked.team_id).distinct()))
    there = set(session.scalars(select(Asked.team_id).where(Asked.irritant_id == irritant.id)))
    near = {team for team, irritants in asked_by_default(session).items() if irritant.id in irritants}
    for team in sorted(listed & near - there):
        session.add(Asked(team_id=team, irritant_id=irritant.id, since=month_of(day), until=None))
    session.flush()


def _free_code(session: Session, label: str) -> str:
    """A code made of a label that no measure has yet."""
    bare = unicodedata.normalize("NFKD", label.casefold()).encode("ascii", "ignore").decode()
    base = "-".join(re.findall("[a-z0-9]+", bare))[:40].strip("-") or "irritant"
    taken = set(session.scalars(select(Measure.code).where(Measure.code.startswith(base, autoescape=True))))
    codes = chain([base], (f"{base}-{n}" for n in count(2)))
    return next(code for code in codes if code not in taken | INDICATORS)


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
