"""Ballot units: the crowd that each answer of a wave disappears in, built from the reporting tree."""

from collections import defaultdict
from collections.abc import Mapping

FEWEST = 10  # people of a ballot unit (privacy.md §1): the crowd exists before the first answer


def ballot_units(
    parents: Mapping[int, int | None], people: Mapping[int, int], *, fewest: int = FEWEST
) -> dict[int, int]:
    """The ballot unit of every team: the team whose name its answers bear.

    parents -- every team's id to that of the one it reports to, None at a top; no cycle
    people -- team's id to the number of people attached to the team itself; a team left out has none
    fewest -- people a unit needs

    Bottom-up: a team with enough people of its own is a unit. Too few join the smallest unit below or beside
    them, where their questions are alike; where there is none they go upward with the other teams in
    the same case, until together they are enough. Whoever is left over at the top joins the smallest unit
    of all, or, where there is none, everybody is one unit. Equal sizes are settled by the order of parents.
    """
    children: dict[int | None, list[int]] = defaultdict(list)
    for team, parent in parents.items():
        children[parent].append(team)
    growth = _Growth(children, people, fewest)
    left_over = [team for top in children[None] for team in growth.grown(top)]
    return growth.settled(left_over)


class _Growth:
    """Units while they are being built: members by unit, and the units found at or below each team."""

    def __init__(
        self, children: Mapping[int | None, list[int]], people: Mapping[int, int], fewest: int
    ) -> None:
        self.children, self.people, self.fewest = children, people, fewest
        self.members: dict[int, list[int]] = {}
        self.found: dict[int, list[int]] = {}

    def size(self, teams: list[int]) -> int:
        return sum(self.people.get(team, 0) for team in teams)

    def grown(self, top: int) -> list[int]:
        """Build all units at or below a team; the teams that found none and go upward."""
        upward: dict[int, list[int]] = {}
        for team in self._bottom_up(top):
            below = self.children.get(team, [])
            pool = [team] + [member for child in below for member in upward.pop(child)]
            near = [unit for child in below for unit in self.found.pop(child)]
            upward[team], self.found[team] = self._placed(team, pool, near)
        return upward[top]

    def _bottom_up(self, top: int) -> list[int]:
        # Written without recursion: a reporting line may be longer than Python's stack.
        order: list[int] = []
        open_ends = [top]
        while open_ends:
            team = open_ends.pop()
            order.append(team)
            open_ends.extend(reversed(self.children.get(team, [])))
        return order[::-1]

    def _placed(self, team: int, pool: list[int], near: list[int]) -> tuple[list[int], list[int]]:
        """The teams of the pool that go on upward, and the units to be found from above."""
        if self.size(pool) >= self.fewest:
            self.members[team] = pool
            return [], [team]
        if near:
            self._join(pool, near)
            return [], near
        return pool, []

    def _join(self, pool: list[int], units: list[int]) -> None:
        smallest = min(units, key=lambda unit: self.size(self.members[unit]))
        self.members[smallest].extend(pool)

    def settled(self, left_over: list[int]) -> dict[int, int]:
        """Unit by team, once those left over at the tops have found theirs."""
        if left_over and (self.size(left_over) >= self.fewest or not self.members):
            self.members[left_over[0]] = left_over
        elif left_over:
            self._join(left_over, list(self.members))
        return {team: unit for unit, teams in self.members.items() for team in teams}
