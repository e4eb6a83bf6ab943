"""The way of a burden along the value chain: from customers over the fix's teams to where it landed. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from pulse.organisation.chain import within
from pulse.organisation.models import Team

Beside = Mapping[int, Collection[int]]
REACH = 2  # hops within which a burden is looked for


@dataclass(frozen=True)
class Around:
    """How many teams carry out a fix, are one hop away from them, and two."""

    own: int
    one: int
    two: int


@dataclass(frozen=True)
class Near:
    """Teams by their hops from a fix's own, up to REACH."""

    hops: Mapping[int, int]

    @cached_property
    def all(self) -> frozenset[int]:
        """Every team near, the fix's own included."""
        return frozenset(self.hops)

    @cached_property
    def counted(self) -> Around:
        """How many there are of each."""
        each = list(self.hops.values())
        return Around(each.count(0), each.count(1), each.count(2))


@dataclass(frozen=True)
class Path:
    """The steps of a burden's way; all sorted by code.

    own -- the fix's teams it did not land on; between -- the teams on the shortest ways, nearest first
    landed -- where it is
    """

    own: Sequence[Team]
    between: Sequence[Sequence[Team]]
    landed: Sequence[Team]


def around(own: Collection[int], beside: Beside) -> Near:
    """The teams near a fix."""
    return Near(within(own, beside, reach=REACH))


def path(own: Sequence[int], landed: Sequence[int], beside: Beside, known: Mapping[int, Team]) -> Path | None:
    """The shortest ways from a fix's teams to those it landed on; None where it landed on none.

    A team lies on such a way where its hops from the fix and to the landing add up to the whole distance.
    """
    if not landed:
        return None
    away, back = within(own, beside), within(landed, beside)
    far = min((away[team] for team in landed if team in away), default=0)
    steps = [
        [team for team in away if away[team] == step and back.get(team) == far - step]
        for step in range(1, far)
    ]
    return Path(
        own=_by_code([team for team in own if team not in landed], known),
        between=[_by_code(step, known) for step in steps],
        landed=_by_code(landed, known),
    )


def _by_code(teams: Collection[int], known: Mapping[int, Team]) -> list[Team]:
    return sorted((known[team] for team in teams), key=lambda team: team.code)
