"""The reporting tree as pages walk it: a unit, what is below it, and the way up."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.dashboards.filters import folded
from pulse.organisation.models import Team
from pulse.organisation.trees import open_tree
from pulse.people.models import Grant, PersonGrant


class NotTheirs(Exception):
    """The unit does not exist, or is not this reader's to see: the same to everybody who asks."""


@dataclass(frozen=True)
class Node:
    """A team of the tree; above = the unit it reports to, None at the top."""

    id: int
    code: str
    name_en: str
    name_fr: str
    above: int | None

    def name(self, language: str) -> str:
        """Its name in a language."""
        return self.name_fr if language == "fr" else self.name_en


@dataclass(frozen=True)
class Tree:
    """Teams and who reports to whom; teams side by side stand in the order of their names."""

    nodes: Mapping[int, Node]
    below: Mapping[int | None, Sequence[Node]]

    def __contains__(self, team: int) -> bool:
        return team in self.nodes

    @property
    def tops(self) -> Sequence[Node]:
        """The uppermost teams."""
        return self.below.get(None, ())

    def coded(self, code: str) -> Node:
        """The team of a code; raises NotTheirs where the tree has none."""
        for node in self.nodes.values():
            if node.code == code:
                return node
        raise NotTheirs

    def is_unit(self, team: int) -> bool:
        """Whether other teams report to it."""
        return bool(self.below.get(team))

    def way(self, team: int) -> list[Node]:
        """The units above a team, the uppermost first, and the team itself."""
        found: list[Node] = []
        node = self.nodes.get(team)
        while node is not None and node not in found:
            found.append(node)
            node = self.nodes.get(node.above) if node.above is not None else None
        return found[::-1]

    def walk(self, starts: Iterable[Node], *, depth: int = 0) -> Iterator[tuple[Node, int]]:
        """These teams and everything below them, each with how deep it lies, as one would list them."""
        waiting = [(node, depth) for node in reversed(list(starts))]
        while waiting:
            node, level = waiting.pop()
            yield node, level
            waiting.extend((child, level + 1) for child in reversed(self.below.get(node.id, ())))

    def within(self, starts: Collection[int]) -> "Tree":
        """The part of the tree below some teams; they are its tops."""
        headed = [self.nodes[team] for team in starts if team in self.nodes]
        tops = [node for node in headed if not self._above(node) & set(starts)]
        kept = {node.id: node for node, _ in self.walk(tops)}
        below: dict[int | None, Sequence[Node]] = {team: self.below.get(team, ()) for team in kept}
        return Tree(kept, below | {None: tops})

    def _above(self, node: Node) -> set[int]:
        return {unit.id for unit in self.way(node.id)} - {node.id}

    def named(self, words: str) -> list[Node]:
        """The teams whose name or code holds all these words, in the order of their names."""
        wanted = folded(words).split()
        return sorted(
            (
                node
                for node in self.nodes.values()
                if all(word in folded(f"{node.code} {node.name_en} {node.name_fr}") for word in wanted)
            ),
            key=lambda node: (folded(node.name_en), node.code),
        )


def tree(session: Session, month: date, language: str) -> Tree:
    """The reporting tree of a month: every team that was open in it, to the nearest one above that was."""
    above = open_tree(session, month)
    rows = session.execute(select(Team.id, Team.code, Team.name_en, Team.name_fr))
    nodes = [Node(*row, above[row.id]) for row in rows if row.id in above]
    below: dict[int | None, list[Node]] = defaultdict(list)
    for node in sorted(nodes, key=lambda node: (folded(node.name(language)), node.code)):
        below[node.above].append(node)
    return Tree({node.id: node for node in nodes}, dict(below))


def headed(session: Session, person_id: int) -> set[int]:
    """The ids of the teams somebody heads."""
    found = session.scalars(
        select(PersonGrant.team_id).where(
            PersonGrant.person_id == person_id, PersonGrant.grant == Grant.MANAGER
        )
    )
    return {team for team in found if team is not None}
