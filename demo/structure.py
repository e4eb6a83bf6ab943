"""Teams, reporting tree, value chain and touchpoints of the made-up railway, for any number of people."""

import unicodedata
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from demo.irritants import IRRITANTS
from demo.places import QUARTERS, TOWNS
from demo.railway import COMPANY, COMPANY_FR, DIRECTIONS, ROLES, TOUCHPOINTS, Role

FEWEST_PEOPLE, MOST_PEOPLE = 60, 350_000
USUAL_TEAM = 41.7  # people, from 2,000 people up; small companies have smaller teams
SMALLEST_TEAM = 8
NETWORK = 48  # teams of one complete network: 8 of its own and 10 in each of 4 areas
ROLE = {role.code: role for role in ROLES}


@dataclass(frozen=True)
class Team:
    """A node of the reporting tree. Units (no role) have no head count of their own; months count from 0."""

    code: str
    name: str
    name_fr: str
    parent: str = ""
    role: str = ""
    network: str = ""
    area: str = ""  # "" for teams that serve a whole network
    headcount: int = 0
    opened: int | None = None
    closed: int | None = None  # first month without the team
    split_from: str = ""


@dataclass(frozen=True)
class Touchpoint:
    """A place where customers meet the company, and the front-line teams that serve it."""

    code: str
    name: str
    name_fr: str
    kind: str
    network: str
    area: str
    teams: tuple[str, ...]


@dataclass(frozen=True)
class Structure:
    """Who there is, who works for whom (supplier, customer), and where customers are met."""

    teams: tuple[Team, ...]
    links: tuple[tuple[str, str], ...]
    touchpoints: tuple[Touchpoint, ...]
    towns: dict[str, tuple[str, str]]  # area -> its name in both languages

    @cached_property
    def working(self) -> tuple[Team, ...]:
        """The teams that do the work and are asked, in file order; units left out."""
        return tuple(team for team in self.teams if team.role)

    @cached_property
    def by_code(self) -> dict[str, Team]:
        return {team.code: team for team in self.teams}

    @cached_property
    def neighbours(self) -> dict[str, frozenset[str]]:
        """Teams one link away on the value chain, in either direction; CUSTOMERS left out."""
        near: dict[str, set[str]] = {team.code: set() for team in self.working}
        for supplier, customer in self.links:
            if customer != "CUSTOMERS":
                near[supplier].add(customer)
                near[customer].add(supplier)
        return {code: frozenset(found) for code, found in near.items()}

    def within(self, own: tuple[str, ...]) -> tuple[frozenset[str], frozenset[str]]:
        """Teams exactly one and exactly two hops away from these teams."""
        mine = frozenset(own)
        one = frozenset().union(*(self.neighbours[code] for code in own)) - mine
        two = frozenset().union(*(self.neighbours[code] for code in sorted(one))) - one - mine
        return one, two


def structure(people: int, random: np.random.Generator) -> Structure:
    """The company without its fixes: 4 to 5 teams at 60 people, 48 at 2,000, about 7,200 at 300,000."""
    if not FEWEST_PEOPLE <= people <= MOST_PEOPLE:
        raise ValueError(f"a made-up company has {FEWEST_PEOPLE} to {MOST_PEOPLE} people, not {people}")
    usual = USUAL_TEAM * min(1.0, (people / 2000) ** 0.36)
    wanted = max(4, round(people / usual))
    networks = max(1, round(wanted / NETWORK))
    each = wanted / networks
    areas = max(2, round((each - 8) / 10))
    towns = _towns(networks * areas)
    tree: list[Team] = [Team("transval", COMPANY, COMPANY_FR)]
    links: list[tuple[str, str]] = []
    touchpoints: list[Touchpoint] = []
    for index in range(networks):
        network = _Network(towns[index * areas : (index + 1) * areas], alone=networks == 1)
        units, teams = network.teams(fewest=wanted if each < 28 else None)
        tree += units + teams
        links += network.links(teams)
        touchpoints += network.touchpoints(teams)
    staffed = _headcounts(tree, people, random)
    named = {slug(english): (english, french) for english, french in towns}
    return Structure(tuple(staffed), tuple(links), tuple(touchpoints), named)


def slug(name: str) -> str:
    """A code from a name: no accents, no capitals, hyphens."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return "-".join(plain.lower().replace("-", " ").split())


def _towns(count: int) -> list[tuple[str, str]]:
    if count <= len(TOWNS):
        return [(town, town) for town in TOWNS[:count]]
    quartered = [(f"{town} {en}", f"{town} {fr}") for town in TOWNS for en, fr in QUARTERS]
    return quartered[:count]


@dataclass(frozen=True)
class _Network:
    """One complete railway network: a few areas with their teams, and the teams they share."""

    towns: list[tuple[str, str]]
    alone: bool  # the only one of the company: names need not say which

    @property
    def code(self) -> str:
        return slug(self.towns[0][0])

    def _named(self, text: str, language: int) -> str:
        if self.alone:
            return text
        town = self.towns[0][language]
        return f"{text}, {town} network" if language == 0 else f"{text}, réseau {town}"

    def _coded(self, text: str) -> str:
        return text if self.alone else f"{self.code}-{text}"

    def teams(self, *, fewest: int | None) -> tuple[list[Team], list[Team]]:
        """Units and working teams; with `fewest`, only the first roles a small company would have."""
        teams: list[Team] = []
        for role in ROLES:
            teams += self._of_role(role)
            if fewest is not None and len(teams) >= fewest:
                break
        used = [code for code in DIRECTIONS if any(ROLE[team.role].direction == code for team in teams)]
        units = (
            [] if self.alone else [Team(self._coded("network"), *self._network_names(), parent="transval")]
        )
        top = "transval" if self.alone else self._coded("network")
        for code in used:
            english, french = DIRECTIONS[code]
            units.append(Team(self._coded(code), self._named(english, 0), self._named(french, 1), parent=top))
        departments, placed = self._departments(teams)
        return units + departments, placed

    def _network_names(self) -> tuple[str, str]:
        english, french = self.towns[0]
        return f"{english} network", f"Réseau {french}"

    def _of_role(self, role: Role) -> list[Team]:
        parent = self._coded(role.direction)
        if not role.local:
            code, names = (
                self._coded(f"team-{role.code}"),
                (self._named(role.name, 0), self._named(role.name_fr, 1)),
            )
            return [Team(code, *names, parent=parent, role=role.code, network=self.code)]
        return [
            Team(
                f"{slug(english)}-{role.code}",
                role.name.format(town=english),
                role.name_fr.format(town=french),
                parent=parent,
                role=role.code,
                network=self.code,
                area=slug(english),
            )
            for english, french in self.towns
        ]

    def _departments(self, teams: list[Team]) -> tuple[list[Team], list[Team]]:
        """Stations and on-board services report by area, where an area has two such teams or more."""
        departments, placed = [], list(teams)
        for direction in ("stations", "on-board"):
            unit, names = self._coded(direction), DIRECTIONS[direction]
            for english, french in self.towns:
                area = [i for i, t in enumerate(placed) if t.parent == unit and t.area == slug(english)]
                if len(area) < 2:
                    continue
                code = f"{slug(english)}-area-{direction}"
                departments.append(Team(code, f"{names[0]} {english}", f"{names[1]} {french}", parent=unit))
                for i in area:
                    placed[i] = replace(placed[i], parent=code)
        return departments, placed

    def links(self, teams: list[Team]) -> list[tuple[str, str]]:
        """Suppliers work for teams of their own area, shared teams for every area of the network."""
        front = [(team.code, "CUSTOMERS") for team in teams if ROLE[team.role].touchpoint]
        return front + [
            (team.code, customer.code)
            for team in teams
            for customer in teams
            if customer.role in ROLE[team.role].supplies and (not team.area or team.area == customer.area)
        ]

    def touchpoints(self, teams: list[Team]) -> list[Touchpoint]:
        """One per area or one for the network, each served by the teams whose role is to serve it."""
        found = []
        for kind in TOUCHPOINTS:
            serving = [team for team in teams if ROLE[team.role].touchpoint == kind]
            for area in dict.fromkeys(team.area for team in serving):
                teams_there = tuple(team.code for team in serving if team.area == area)
                code = f"{area}-tp-{kind}" if area else self._coded(f"tp-{kind}")
                found.append(Touchpoint(code, *self._met_at(kind, area), kind, self.code, area, teams_there))
        return found

    def _met_at(self, kind: str, area: str) -> tuple[str, str]:
        english, french = TOUCHPOINTS[kind]
        if not area:
            return self._named(english, 0), self._named(french, 1)
        town = next(names for names in self.towns if slug(names[0]) == area)
        return english.format(town=town[0]), french.format(town=town[1])


def _headcounts(tree: list[Team], people: int, random: np.random.Generator) -> list[Team]:
    """Head counts near each role's usual size, adding up to `people` where the roles' limits allow it."""
    working = [i for i, team in enumerate(tree) if team.role]
    usual = np.array([ROLE[tree[i].role].usual for i in working], dtype=float)
    most = np.array([ROLE[tree[i].role].most for i in working])
    sizes = usual * random.uniform(0.9, 1.1, len(working))
    sizes = np.clip(np.round(sizes * people / sizes.sum()).astype(int), SMALLEST_TEAM, most)
    while (missing := people - int(sizes.sum())) != 0:
        step = 1 if missing > 0 else -1
        room = np.flatnonzero(sizes < most if step > 0 else sizes > SMALLEST_TEAM)
        if not len(room):
            break
        sizes[random.permutation(room)[: abs(missing)]] += step
    staffed = list(tree)
    for i, size in zip(working, sizes, strict=True):
        staffed[i] = replace(staffed[i], headcount=int(size))
    return staffed


def asked(role: str, kinds: frozenset[str]) -> tuple[str, ...]:
    """Irritants on the list of a team with this role, in a company that has touchpoints of these kinds."""
    met = {irritant.code for irritant in IRRITANTS if kinds & set(irritant.touchpoints)}
    return tuple(code for code in ROLE[role].asked if code in met)
