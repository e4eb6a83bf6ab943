"""Which fixes the company made, where and when, and what each really does: the planted truth.

Fixes are placed one by one. A place that could be mistaken for another fix's doing is refused (the same rows
touched twice) or avoided (a landing within sight of another fix); then the least confusable of many is taken.
"""

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from demo.irritants import IRRITANT, Irritant
from demo.projects import PROJECTS, Project
from demo.railway import MAIL_DOMAIN, OWNERS
from demo.structure import NETWORK, Structure, Touchpoint, asked

# One company's worth; a larger company goes round again. The displacing ones are placed first, see `plan`.
CLASSES = (
    *("resolved", "disp_same", "disp_hop", "backfired", "ineffective", "resolved"),
    *("disp_same", "disp_irr", "resolved", "disp_same", "disp_hop", "nochange"),
    *("resolved", "ineffective", "backfired", "disp_irr", "disp_same", "nochange"),
)
VERDICT = {
    "disp_same": "displaced",
    "disp_hop": "displaced",
    "disp_irr": "displaced",
    "nochange": "ineffective",
}
MOST_FIXES = 150
MOST_UNSEEN = 0.18  # share of the places near a resolved fix that nobody is asked about
TRIES = 240  # places looked at for each fix
RELIEF = (0.45, 0.68)  # share of the customers' level taken away
HARM = (0.42, 0.68)  # share added where a fix backfires
BURDEN = (1.65, 2.35)  # points added where employees pay
LIFTED = (0.8, 1.4)  # points taken off employees too, by every other resolved fix
EASED = (0.2, 0.4)  # points, by the others: calmer customers

Row = tuple[str, str]  # (team or touchpoint, irritant)


@dataclass(frozen=True)
class Fix:
    """A fix as the company registered it, and what it really does. Months count from the first one."""

    code: str
    project: str
    network: str
    areas: tuple[str, ...]
    name: str
    name_fr: str
    irritant: str
    touchpoints: tuple[str, ...]
    teams: tuple[str, ...]
    starts: tuple[tuple[str, int], ...]  # (place, month), every touchpoint and team in scope
    ramp: int  # months until it works fully; 1 = at once
    kind: str  # class of truth.csv
    owner: str
    expected_customer: float
    expected_staff: float
    customer_share: float  # of the level; relief is negative, 0 = none
    staff_points: float  # on the landing rows (own rows for a resolved fix that relieves); 0 = none
    landing_teams: tuple[str, ...]
    landing_irritant: str

    @cached_property
    def started(self) -> int:
        """The first month of the first place."""
        return min(month for _, month in self.starts)

    @cached_property
    def full(self) -> int:
        """The first month in which it works fully everywhere."""
        return max(month for _, month in self.starts) + self.ramp - 1

    @property
    def verdict(self) -> str:
        return VERDICT.get(self.kind, self.kind)

    @cached_property
    def customer_rows(self) -> frozenset[Row]:
        return frozenset((place, self.irritant) for place in self.touchpoints)

    @cached_property
    def staff_rows(self) -> frozenset[Row]:
        return frozenset((team, self.irritant) for team in self.teams)

    @cached_property
    def landing_rows(self) -> frozenset[Row]:
        """The rows where employees pay; none for a fix that displaces nothing."""
        return frozenset((team, self.landing_irritant) for team in self.landing_teams)

    def start(self, place: str) -> int:
        """The month in which it starts at a place; elsewhere its first month."""
        return dict(self.starts).get(place, self.started)


@dataclass(frozen=True)
class Ground:
    """What a planner needs to know of the company: who is asked what, who meets which customers."""

    company: Structure
    months: int

    @cached_property
    def lists(self) -> dict[str, tuple[str, ...]]:
        """Team -> the irritants it is asked about."""
        kinds = frozenset(touchpoint.kind for touchpoint in self.company.touchpoints)
        return {team.code: asked(team.role, kinds) for team in self.company.working}

    @cached_property
    def asked_rows(self) -> frozenset[Row]:
        return frozenset((team, irritant) for team, listed in self.lists.items() for irritant in listed)

    @cached_property
    def networks(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(team.network for team in self.company.working))

    @cached_property
    def offered(self) -> dict[tuple[str, str], tuple[Touchpoint, ...]]:
        """(network, kind) -> touchpoints."""
        found: dict[tuple[str, str], list[Touchpoint]] = {}
        for touchpoint in self.company.touchpoints:
            found.setdefault((touchpoint.network, touchpoint.kind), []).append(touchpoint)
        return {key: tuple(some) for key, some in found.items()}

    @cached_property
    def hearing(self) -> Counter[Row]:
        """(network, irritant) -> how many teams are asked about it."""
        return Counter(
            (team.network, code) for team in self.company.working for code in self.lists[team.code]
        )

    def meeting(self, network: str, irritant: Irritant) -> int:
        """How many touchpoints of the network know the irritant."""
        return sum(len(self.offered.get((network, kind), ())) for kind in irritant.touchpoints)

    def in_sight(self, fix: Fix) -> frozenset[Row]:
        """Rows where a burden of this fix would be looked for: near teams, and own teams' other irritants."""
        one, two = self.company.within(fix.teams)
        near = {(team, fix.irritant) for team in (*fix.teams, *one, *two)}
        return frozenset(near | {(team, irritant) for team in fix.teams for irritant in self.lists[team]})


Seen = tuple[Fix, frozenset[Row]]  # a placed fix, and the rows in its sight


def plan(ground: Ground, random: np.random.Generator) -> tuple[Fix, ...]:
    """All fixes, in order of their start; fewer than wished for where a small company has no room."""
    placed: dict[str, list[Seen]] = {network: [] for network in ground.networks}
    wished = _classes(len(ground.company.working))
    turns = random.permutation(len(wished))
    for kind, turn in zip(sorted(wished, key=_placing_order), turns.tolist(), strict=True):
        fix = _place(kind, turn / len(wished), ground, placed, random)
        if fix is not None:
            placed[fix.network].append((fix, ground.in_sight(fix)))
    fixes = [fix for some in placed.values() for fix, _ in some]
    return tuple(sorted(_relieving(fixes, random), key=lambda fix: (fix.started, fix.code)))


def _classes(teams: int) -> list[str]:
    full = len(CLASSES)
    count = min(full, max(2, round(teams / 2.6))) if teams < 60 else min(MOST_FIXES, full + (teams - 48) // 8)
    return [CLASSES[i % full] for i in range(count)]


def _placing_order(kind: str) -> int:
    return ("disp_hop", "disp_irr", "disp_same", "resolved", "backfired", "ineffective", "nochange").index(
        kind
    )


def _relieving(fixes: list[Fix], random: np.random.Generator) -> list[Fix]:
    """Every other resolved fix takes a clear burden off employees, the others only a little."""
    resolved = [fix.code for fix in fixes if fix.kind == "resolved"]
    size = {code: LIFTED if i % 2 == 0 else EASED for i, code in enumerate(resolved)}
    return [
        replace(fix, staff_points=-_between(*size[fix.code], random)) if fix.code in size else fix
        for fix in fixes
    ]


def _place(
    kind: str, turn: float, ground: Ground, placed: dict[str, list[Seen]], random: np.random.Generator
) -> Fix | None:
    """The least confusable of many random places for a fix of this class; None where none is allowed.

    turn -- 0..1, when about it starts, so that starts are spread over the months there are
    """
    plausible = tuple(project for project in PROJECTS if kind in project.outcomes)
    for projects in (plausible, PROJECTS):  # an unlikely story is better than a missing class
        best: tuple[float, Fix] | None = None
        for _ in range(TRIES):
            fix = _draw(kind, turn, projects[int(random.integers(len(projects)))], ground, random)
            if fix is None or _clashes(fix, ground, [other for other, _ in placed[fix.network]]):
                continue
            cost = _confusion(fix, ground, placed[fix.network])
            if best is None or cost < best[0]:
                best = cost, fix
            if cost == 0:
                break
        if best is not None:
            return best[1]
    return None


def _draw(
    kind: str, turn: float, project: Project, ground: Ground, random: np.random.Generator
) -> Fix | None:
    """One fix of this class from this project, somewhere, some time; None where it cannot be."""
    touchpoints = _scope(kind, project, ground, random)
    teams = tuple(
        code for t in touchpoints for code in t.teams if ground.company.by_code[code].role in project.roles
    )
    landing = _landing(kind, project.irritant, teams, ground, random) if teams else None
    if landing is None:
        return None
    starts, ramp = _timing(kind, turn, touchpoints, teams, ground.months, random)
    areas = [t.area for t in touchpoints if t.area] or [
        t.network for t in touchpoints if len(ground.networks) > 1
    ]
    towns = [ground.company.towns[area] for area in areas]
    return Fix(
        code="-".join([project.code, *areas]),
        project=project.code,
        network=touchpoints[0].network,
        areas=tuple(areas),
        name=", ".join([project.name, *([" and ".join(town[0] for town in towns)] if towns else [])]),
        name_fr=", ".join([project.name_fr, *([" et ".join(town[1] for town in towns)] if towns else [])]),
        irritant=project.irritant,
        touchpoints=tuple(t.code for t in touchpoints),
        teams=teams,
        starts=starts,
        ramp=ramp,
        kind=kind,
        owner=f"{OWNERS[int(random.integers(len(OWNERS)))]}@{MAIL_DOMAIN}",
        expected_customer=float(random.choice([-0.5, -0.8, -1.0, -1.2, -1.5])),
        expected_staff=float(random.choice([0.0, 0.0, 0.0, -0.2, -0.5])),
        customer_share=_customer_share(kind, random),
        staff_points=_staff_points(kind, random),
        landing_teams=landing[0],
        landing_irritant=landing[1],
    )


def _scope(
    kind: str, project: Project, ground: Ground, random: np.random.Generator
) -> tuple[Touchpoint, ...]:
    """Touchpoints of one or two areas of one network; none where the company has no such touchpoint."""
    network = ground.networks[int(random.integers(len(ground.networks)))]
    offered = ground.offered.get((network, project.touchpoint), ())
    single = project.roles == ("counter",)  # one team an area
    # what works is rolled out further, and a burden is the surer to be ruled out the more teams would show it
    chance = 0.0 if kind == "disp_hop" else 0.9 if single or kind == "resolved" else 0.3
    two_areas = random.random() < chance
    count = min(len(offered), 2 if two_areas else 1)
    chosen = sorted(random.permutation(len(offered))[:count].tolist())
    return tuple(offered[i] for i in chosen)


def _timing(
    kind: str,
    turn: float,
    touchpoints: tuple[Touchpoint, ...],
    teams: tuple[str, ...],
    months: int,
    random: np.random.Generator,
) -> tuple[tuple[tuple[str, int], ...], int]:
    """The start of every place (two areas: often one after the other), and the months until it works fully.

    At least 8 months before and 10 after; "resolved" needs the longest look, so these start earlier.
    """
    stagger = int(random.integers(2, 4)) if len(touchpoints) > 1 and random.random() < 0.6 else 0
    ramp = int(random.choice([1, 1, 1, 2, 3]))
    earliest = min(12 if kind == "resolved" else 8, months // 3)
    after = {"resolved": 15, "ineffective": 13, "nochange": 13}.get(kind, 11)
    latest = max(earliest, months - after - stagger - ramp)
    start = earliest + int((latest - earliest + 1) * min(0.999, turn + random.uniform(0.0, 0.08)))
    second = set(touchpoints[1].teams) if stagger else set()
    late = {touchpoints[1].code} | second if stagger else set()
    places = (*(t.code for t in touchpoints), *teams)
    return tuple((place, start + (stagger if place in late else 0)) for place in places), ramp


def _landing(
    kind: str, irritant: str, teams: tuple[str, ...], ground: Ground, random: np.random.Generator
) -> tuple[tuple[str, ...], str] | None:
    """Where the burden lands (teams, irritant), if anywhere; None where this class has no place to land."""
    if kind == "disp_same":
        return teams, irritant
    if kind == "disp_irr":
        others = sorted(set.intersection(*(set(ground.lists[team]) for team in teams)) - {irritant})
        return (teams, others[int(random.integers(len(others)))]) if others else None
    if kind == "disp_hop":
        one, two = ground.company.within(teams)
        near = one if random.random() < 0.6 else two
        hearing = sorted(team for team in near if (team, irritant) in ground.asked_rows)
        return ((hearing[int(random.integers(len(hearing)))],), irritant) if hearing else None
    return (), ""


def _customer_share(kind: str, random: np.random.Generator) -> float:
    if kind in ("ineffective", "nochange"):
        return 0.0
    return _between(*HARM, random) if kind == "backfired" else -_between(*RELIEF, random)


def _staff_points(kind: str, random: np.random.Generator) -> float:
    return _between(*BURDEN, random) if kind.startswith("disp") else 0.0


def _between(low: float, high: float, random: np.random.Generator) -> float:
    return round(float(random.uniform(low, high)), 2)


def _clashes(fix: Fix, ground: Ground, placed: list[Fix]) -> bool:
    """True where its truth could not be told from another fix's, or nothing would be left to compare."""
    if any(_touch(fix, other) for other in placed):
        return True
    return _covers_too_much(fix, ground, placed) or (fix.kind == "resolved" and _hard_to_clear(fix, ground))


def _touch(fix: Fix, other: Fix) -> bool:
    if fix.code == other.code or fix.customer_rows & other.customer_rows or fix.staff_rows & other.staff_rows:
        return True
    return bool(
        fix.landing_rows & (other.landing_rows | other.staff_rows) or other.landing_rows & fix.staff_rows
    )


def _covers_too_much(fix: Fix, ground: Ground, placed: list[Fix]) -> bool:
    """At most half of the touchpoints and of the teams that share the irritant may be in a scope."""
    same = [fix, *(other for other in placed if other.irritant == fix.irritant)]
    met = ground.meeting(fix.network, IRRITANT[fix.irritant])
    hearing = ground.hearing[fix.network, fix.irritant]
    return 2 * sum(len(f.touchpoints) for f in same) > met or 2 * sum(len(f.teams) for f in same) > hearing


def _hard_to_clear(fix: Fix, ground: Ground) -> bool:
    """True where nobody could be sure that a resolved fix burdens no one: too few to ask, or nobody asked.

    Small companies have to do with one team.
    """
    fewest = 2 if len(ground.company.working) >= NETWORK else 1
    return len(fix.teams) < fewest or _unseen(fix, ground) > MOST_UNSEEN


def _unseen(fix: Fix, ground: Ground) -> float:
    """Share of the places a burden could go to (method, section 4.5) where nobody is asked about it."""
    unseen = 0.0
    for near, weight in zip(ground.company.within(fix.teams), (0.20, 0.12), strict=True):
        deaf = sum((team, fix.irritant) not in ground.asked_rows for team in near)
        unseen += weight * deaf / max(1, len(near))
    return unseen


def _confusion(fix: Fix, ground: Ground, placed: list[Seen]) -> float:
    """How easily this fix and those already placed could be taken for each other; 0 = not at all."""
    mine, cost = ground.in_sight(fix), 0.0
    for other, theirs in placed:
        mixed = len(other.landing_rows & mine) + len(fix.landing_rows & theirs)
        cost += mixed * (3.0 if abs(fix.started - other.started) <= 4 else 1.0)
        cost += 0.5 * (fix.irritant == other.irritant) + 2.0 * (fix.project == other.project)
        cost += 0.2 * len(set(fix.teams) & set(other.teams)) + 0.3 * len(set(fix.areas) & set(other.areas))
    return cost
