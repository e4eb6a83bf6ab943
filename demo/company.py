"""The whole made-up company: structure, fixes, what would be answered, and how many answer."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np

from demo.plan import Fix, Ground, plan
from demo.structure import ROLE, SMALLEST_TEAM, Structure, Team, structure
from demo.truth import Break, FloatArray, Rows, customer_rows, staff_rows

FEWEST_MONTHS = 6


@dataclass(frozen=True)
class Company:
    """A made-up company with planted truth; answers are drawn from it month by month when it is written."""

    seed: int
    first_month: date  # the first day of month 0
    months: int
    structure: Structure
    teams: tuple[Team, ...]  # working teams, those that split and those that came of it included
    lists: dict[str, tuple[str, ...]]  # team -> irritants it is asked about
    fixes: tuple[Fix, ...]
    staff: Rows
    customers: Rows
    crowds: FloatArray  # (customer rows, months) answers a month on average
    breaks: tuple[Break, ...]

    def day(self, month: int) -> date:
        """The first day of a month counted from 0."""
        years, months = divmod(self.first_month.month - 1 + month, 12)
        return date(self.first_month.year + years, months + 1, 1)


def company(
    *, people: int = 2000, months: int = 36, seed: int = 7, last_month: date | None = None
) -> Company:
    """A regional railway of about `people` people and `months` months, the same for the same arguments.

    last_month -- any day of the last month with answers; the last full calendar month where not given.
    Raises ValueError for fewer than 60 people or 6 months, or more people than towns to put them in.
    """
    if months < FEWEST_MONTHS:
        raise ValueError(f"a made-up company has at least {FEWEST_MONTHS} months, not {months}")
    shape, choice, staff, customers = (np.random.default_rng([seed, part]) for part in range(4))
    built = structure(people, shape)
    ground = Ground(built, months)
    fixes = plan(ground, choice)
    teams = _split(ground, fixes)
    staff_side = staff_rows(ground, fixes, teams, staff)
    customer_side, crowds, noted = customer_rows(ground, fixes, customers)
    return Company(
        seed=seed,
        first_month=_first(last_month or date.today().replace(day=1) - timedelta(days=1), months),
        months=months,
        structure=replace(built, teams=tuple(t for t in built.teams if not t.role) + teams),
        teams=teams,
        lists={team.code: ground.lists[team.split_from or team.code] for team in teams},
        fixes=fixes,
        staff=staff_side,
        customers=customer_side,
        crowds=crowds,
        breaks=() if noted is None else (noted,),
    )


def _first(last: date, months: int) -> date:
    years, month = divmod(last.year * 12 + last.month - months, 12)
    return date(years, month + 1, 1)


def _split(ground: Ground, fixes: tuple[Fix, ...]) -> tuple[Team, ...]:
    """The working teams, one of which splits in two halfway: a large one, as far from fixes as can be."""
    involved = Counter(team for fix in fixes for team in (*fix.teams, *fix.landing_teams))
    nearby = Counter(near for fix in fixes for ring in ground.company.within(fix.teams) for near in ring)
    teams = list(ground.company.working)
    large = [
        i
        for i, team in enumerate(teams)
        if not _serves_customers(team) and team.headcount >= 3 * SMALLEST_TEAM and not involved[team.code]
    ]
    if not large:
        return tuple(teams)
    chosen = min(large, key=lambda i: (nearby[teams[i].code], -teams[i].headcount))
    parent = teams[chosen]
    month = ground.months // 2
    half = parent.headcount // 2
    teams[chosen] = replace(parent, closed=month)
    return (
        *teams,
        *(
            replace(
                parent,
                code=f"{parent.code}-{code}",
                name=f"{parent.name}, {english}",
                name_fr=f"{parent.name_fr}, {french}",
                headcount=size,
                opened=month,
                split_from=parent.code,
            )
            for code, english, french, size in (
                ("day", "day team", "équipe de jour", parent.headcount - half),
                ("night", "night team", "équipe de nuit", half),
            )
        ),
    )


def _serves_customers(team: Team) -> bool:
    return bool(ROLE[team.role].touchpoint)
