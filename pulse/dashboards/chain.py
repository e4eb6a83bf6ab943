"""The value chain as its page shows it: who is where, which way burdens went, which teams to draw. Pure."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

from pulse.dashboards.filters import folded
from pulse.organisation.chain import Link, cut_off, hops, neighbours, within
from pulse.verdicts.sentences import Span

DRAWN = 40  # teams drawn by name at once: more, and nobody reads them
ALIKE = 8  # ways of a burden to one team that are told, where several are as short
REACH = 2  # links up and down from the team in focus


@dataclass(frozen=True)
class Member:
    """A team of the chain, by its names."""

    code: str
    name_en: str
    name_fr: str

    def name(self, language: str) -> str:
        """Its name in a language."""
        return self.name_fr if language == "fr" else self.name_en


@dataclass(frozen=True)
class Burden:
    """What a fix put on staff, as its verdict says.

    own -- the fix's teams; landing -- where it landed; size -- None = not known or not to be published
    told -- the verdict's sentence on where it landed
    """

    fix: str
    name: str
    own: tuple[str, ...]
    landing: tuple[str, ...]
    size: Span | None
    told: str

    @property
    def weight(self) -> int:
        """How broad its way is drawn: 1 below one point (or of unknown size), 2, or 3 from two points on."""
        value = self.size.value if self.size else 0.0
        return 3 if value >= 2 else 2 if value >= 1 else 1


Way = tuple[str, ...]  # teams from one of the fix's own to where its burden landed; one alone: it stayed


@dataclass(frozen=True)
class Chain:
    """The teams of the chain by code, their links, and the burdens, the heaviest first."""

    teams: Mapping[str, Member]
    links: tuple[Link[str], ...]
    burdens: tuple[Burden, ...] = ()

    @cached_property
    def hops(self) -> dict[str, int]:
        """How many links lie between each team and the customers; those cut off are left out."""
        return hops(self.links)

    @cached_property
    def cut_off(self) -> list[str]:
        """The teams that work for no customer, not even through others."""
        return cut_off(self.teams, self.links)

    @cached_property
    def beside(self) -> dict[str, frozenset[str]]:
        """The teams one link away from each, in either direction."""
        return neighbours(self.links)

    @cached_property
    def suppliers(self) -> dict[str, set[str]]:
        """The teams that work for each."""
        found: dict[str, set[str]] = {}
        for supplier, customer in self.links:
            if customer is not None:
                found.setdefault(customer, set()).add(supplier)
        return found

    @cached_property
    def served(self) -> dict[str, set[str]]:
        """The teams each works for."""
        found: dict[str, set[str]] = {}
        for supplier, customer in self.links:
            if customer is not None:
                found.setdefault(supplier, set()).add(customer)
        return found

    @cached_property
    def bands(self) -> list[tuple[int, list[str]]]:
        """The teams by their hops to the customers, the nearest first."""
        found: dict[int, list[str]] = {}
        for team in self.teams:
            if team in self.hops:
                found.setdefault(self.hops[team], []).append(team)
        return sorted(found.items())

    @cached_property
    def ways(self) -> dict[str, tuple[Way, ...]]:
        """The ways each fix's burden took to the teams where it landed, by the fix's code."""
        return {
            burden.fix: tuple(
                way for landing in burden.landing for way in ways(burden.own, landing, self.beside)
            )
            for burden in self.burdens
        }

    @cached_property
    def moves(self) -> dict[tuple[str, str], list[Burden]]:
        """The burdens that went from one team straight to another, by these two."""
        found: dict[tuple[str, str], list[Burden]] = {}
        for burden in self.burdens:
            steps = {step for way in self.ways[burden.fix] for step in pairwise(way)}
            for step in sorted(steps):
                found.setdefault(step, []).append(burden)
        return found

    def landed(self, team: str) -> list[Burden]:
        """The burdens that landed on a team."""
        return [burden for burden in self.burdens if team in burden.landing]

    def along(self, link: Link[str]) -> list[Burden]:
        """The burdens that went along a link, whichever way."""
        supplier, customer = link
        if customer is None:
            return []
        there, back = self.moves.get((supplier, customer), []), self.moves.get((customer, supplier), [])
        return [*there, *(burden for burden in back if burden not in there)]

    def between(self) -> Counter[tuple[int, int]]:
        """How many links lead from one band to another, by their hops; 0 = the customers."""
        return Counter(
            (self.hops[supplier], self.hops[customer] if customer else 0)
            for supplier, customer in self.links
            if supplier in self.hops and (customer is None or customer in self.hops)
        )


def ways(own: Iterable[str], landing: str, beside: Mapping[str, Collection[str]]) -> list[Way]:
    """The shortest way from each of the nearest of some teams to another; without any, that team alone.

    Of several as short from one team it is the first by code, so that it is drawn the same every time.
    """
    far = within([landing], beside)
    distance = min((far[team] for team in own if team in far), default=0)
    starts = sorted({team for team in own if far.get(team) == distance})[:ALIKE]
    return [_way(start, far, beside) for start in starts] or [(landing,)]


def _way(start: str, far: Mapping[str, int], beside: Mapping[str, Collection[str]]) -> Way:
    found = [start]
    while far[found[-1]]:
        nearer = far[found[-1]] - 1
        found.append(min(team for team in beside[found[-1]] if far.get(team) == nearer))
    return tuple(found)


@dataclass(frozen=True)
class Part:
    """A piece of the chain that is drawn: teams in the order of their codes, and how many had no room."""

    teams: tuple[str, ...]
    left_out: int = 0

    def links(self, chain: Chain) -> list[Link[str]]:
        """The links both of whose ends are drawn; the customers always are."""
        drawn = set(self.teams)
        return [link for link in chain.links if link[0] in drawn and (link[1] is None or link[1] in drawn)]


def whole(chain: Chain) -> Part | None:
    """All teams that are connected, where they can all be read; None where there are too many."""
    connected = sorted(team for team in chain.teams if team in chain.hops)
    return Part(tuple(connected)) if len(connected) <= DRAWN else None


def around(chain: Chain, team: str, *, most: int = DRAWN) -> Part:
    """A team with those up to two links up and down the chain, and the ways of burdens through it.

    Where they are too many, the nearest ones stay, and of those as near the ones that burdens passed.
    """
    near = {team: 0}
    for step in (chain.suppliers, chain.served):
        for other, distance in within([team], step, reach=REACH).items():
            near[other] = min(distance, near.get(other, distance))
    passed = [way for ways in chain.ways.values() for way in ways if team in way]
    for other in {other for way in passed for other in way if other in chain.teams}:
        near.setdefault(other, REACH)
    moving = {end for step in chain.moves for end in step} | {team for way in passed for team in way}
    ranked = sorted(near, key=lambda other: (near[other], other not in moving, other))
    return Part(tuple(sorted(ranked[:most])), max(len(ranked) - most, 0))


def along(chain: Chain, burden: Burden, *, most: int = DRAWN) -> Part:
    """The ways of one burden, and from where it landed the shortest way on to the customers."""
    ways = chain.ways[burden.fix]
    wanted = dict.fromkeys(team for way in ways for team in way)
    for way in ways:
        wanted |= dict.fromkeys([*_on(chain, way[0]), *_on(chain, way[-1])])
    shown = [team for team in wanted if team in chain.teams]
    return Part(tuple(sorted(shown[:most])), max(len(shown) - most, 0))


def _on(chain: Chain, team: str) -> list[str]:
    """The teams between a team and the customers, by the shortest way."""
    found = [team]
    while chain.hops.get(found[-1], 1) > 1:
        nearer = chain.hops[found[-1]] - 1
        found.append(min(other for other in chain.served[found[-1]] if chain.hops.get(other) == nearer))
    return found[1:]


@dataclass(frozen=True)
class Row:
    """A link with both ends' hops (None = cut off; the customers are at 0) and the burdens along it."""

    supplier: str
    customer: str | None
    supplier_hops: int | None
    customer_hops: int | None
    burdens: tuple[Burden, ...]


def rows(chain: Chain, part: Part | None = None, team: str = "") -> list[Row]:
    """The links of the chain or of a piece of it, those that burdens went along first.

    team -- in focus: its own links are among them, drawn or not
    """
    links = chain.links
    if part is not None:
        drawn = set(part.links(chain))
        links = tuple(link for link in links if link in drawn or (team and team in link))
    found = [
        Row(
            supplier,
            customer,
            chain.hops.get(supplier),
            chain.hops.get(customer) if customer is not None else 0,
            tuple(chain.along((supplier, customer))),
        )
        for supplier, customer in links
    ]
    return sorted(
        found,
        key=lambda row: (
            not row.burdens,
            team not in (row.supplier, row.customer),
            row.supplier_hops or 0,
            row.supplier,
        ),
    )


def found(chain: Chain, words: str) -> list[Member]:
    """The teams whose name or code holds all of some words; the one alone whose code they are."""
    if words in chain.teams:
        return [chain.teams[words]]
    wanted = folded(words).split()
    return [
        member
        for member in chain.teams.values()
        if all(word in folded(f"{member.code} {member.name_en} {member.name_fr}") for word in wanted)
    ]
