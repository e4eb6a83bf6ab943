"""Where a fix acts and since when, and who is asked what by default (company folder, design.md). Pure."""

from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Generic, TypeVar

from pulse.organisation.chain import within

ASKED_WITHIN = 2  # hops from the teams that serve a touchpoint

Place = TypeVar("Place", bound=Hashable)
About = TypeVar("About", bound=Hashable)


@dataclass(frozen=True)
class Dates:
    """From when to when something was done; stopped None = it still is."""

    started: date
    stopped: date | None = None


@dataclass(frozen=True)
class Served(Generic[Place, About]):
    """Which teams serve each touchpoint, and where each irritant is met (no touchpoint = at all of them)."""

    teams: Mapping[Place, Collection[Place]]
    met: Mapping[About, Collection[Place]]

    def where(self, irritant: About) -> set[Place]:
        """The touchpoints at which an irritant is met."""
        return set(self.met.get(irritant, ())) or set(self.teams)

    def by(self, touchpoints: Iterable[Place]) -> set[Place]:
        """The teams that serve any of these touchpoints."""
        return {team for touchpoint in touchpoints for team in self.teams.get(touchpoint, ())}


@dataclass(frozen=True)
class Action(Generic[Place, About]):
    """A fix as it was registered; no touchpoint or no team = the default. Place names must not clash."""

    code: str
    irritant: About
    dates: Dates
    touchpoints: frozenset[Place] = frozenset()
    teams: frozenset[Place] = frozenset()
    rollouts: Mapping[Place, Dates] = field(default_factory=dict)


@dataclass(frozen=True)
class Scope(Generic[Place]):
    """Where a fix acts: each touchpoint and team with the dates that hold for it."""

    touchpoints: Mapping[Place, Dates]
    teams: Mapping[Place, Dates]


def scope(action: Action[Place, About], served: Served[Place, About]) -> Scope[Place]:
    """Every touchpoint and team of a fix, each with its own dates.

    A fix that names no touchpoint acts at its irritant's; one that names no team acts in the teams that
    serve its touchpoints. A place has the dates of its roll-out, else the fix's own; a roll-out that names
    no end ends with the fix.
    """
    touchpoints = set(action.touchpoints) or served.where(action.irritant)
    teams = set(action.teams) or served.by(touchpoints)
    return Scope(_dated(touchpoints, action), _dated(teams, action))


def _dated(places: Collection[Place], action: Action[Place, About]) -> dict[Place, Dates]:
    # Most places have the own dates: a page spells out thousands of fixes at hundreds of places.
    apart = [place for place in action.rollouts if place in places]
    return dict.fromkeys(places, action.dates) | {place: _dates(action, place) for place in apart}


def _dates(action: Action[Place, About], place: Place) -> Dates:
    own = action.rollouts.get(place, action.dates)
    return Dates(own.started, own.stopped or action.dates.stopped)


def asked(
    served: Served[Place, About], beside: Mapping[Place, Collection[Place]], *, reach: int = ASKED_WITHIN
) -> dict[Place, frozenset[About]]:
    """The irritants each team is asked about where no list says otherwise.

    A team is asked about an irritant that is met at a touchpoint within `reach` hops: one that the team
    serves, or that is served by a team so many links away on the value chain, in either direction.

    beside -- the neighbours of each team (chain.neighbours)
    """
    around = {touchpoint: within(served.by([touchpoint]), beside, reach=reach) for touchpoint in served.teams}
    found: dict[Place, set[About]] = {}
    for irritant in served.met:
        for touchpoint in served.where(irritant):
            for team in around.get(touchpoint, ()):
                found.setdefault(team, set()).add(irritant)
    return {team: frozenset(irritants) for team, irritants in found.items()}
