"""The value chain and the reporting tree as graphs. Pure: teams are whatever the caller calls them."""

from collections.abc import Collection, Hashable, Iterable, Mapping
from typing import TypeVar

CUSTOMERS = (
    "CUSTOMERS"  # how a company folder writes the end of the value chain; a link's customer is None here
)

Team = TypeVar("Team", bound=Hashable)
Link = tuple[Team, Team | None]


def hops(links: Iterable[Link[Team]]) -> dict[Team, int]:
    """How many links lie between each team and the final customer; a team without a way there is left out.

    links -- (supplier, customer); customer None = the final customer, who is 1 hop from their supplier
    """
    suppliers: dict[Team | None, set[Team]] = {}
    for supplier, customer in links:
        suppliers.setdefault(customer, set()).add(supplier)
    found: dict[Team, int] = {}
    ring, distance = suppliers.get(None, set()), 1
    while ring:
        found.update(dict.fromkeys(ring, distance))
        ring = {further for team in ring for further in suppliers.get(team, ())} - found.keys()
        distance += 1
    return found


def cut_off(teams: Collection[Team], links: Iterable[Link[Team]]) -> list[Team]:
    """The teams from which no way leads to the final customer, in the order given."""
    connected = hops(links)
    return [team for team in teams if team not in connected]


def neighbours(links: Iterable[Link[Team]]) -> dict[Team, frozenset[Team]]:
    """The teams each team supplies or is supplied by; the final customer makes nobody neighbours."""
    found: dict[Team, set[Team]] = {}
    for supplier, customer in links:
        found.setdefault(supplier, set())
        if customer is not None:
            found[supplier].add(customer)
            found.setdefault(customer, set()).add(supplier)
    return {team: frozenset(beside) for team, beside in found.items()}


def within(
    starts: Iterable[Team], beside: Mapping[Team, Collection[Team]], *, reach: int | None = None
) -> dict[Team, int]:
    """How far each team is from the nearest of some teams (they themselves: 0), in links of `neighbours`.

    reach -- the furthest distance wanted; None = as far as the chain goes
    """
    ring, distance = set(starts), 0
    found = dict.fromkeys(ring, 0)
    while ring and (reach is None or distance < reach):
        distance += 1
        ring = {further for team in ring for further in beside.get(team, ())} - found.keys()
        found.update(dict.fromkeys(ring, distance))
    return found


def circles(above: Mapping[Team, Team | None]) -> list[list[Team]]:
    """Every circle of a tree that should have none, from its first team in the order given back to it.

    above -- the team directly above each team (or the one it came from), None at the top
    """
    found: list[list[Team]] = []
    done: set[Team] = set()
    for team in above:
        path: dict[Team, None] = {}
        at: Team | None = team
        while at is not None and at not in done and at not in path:
            path[at] = None
            at = above.get(at)
        if at is not None and at in path:
            steps = list(path)
            found.append([*steps[steps.index(at) :], at])
        done.update(path)  # not |=, which would make a new set each time
    return found
