"""The attack families of privacy.md §4 that concern figures. Each returns how many attacks it tried and how
many of them succeeded; an attack succeeds when it works out the sum, or an answer, of fewer than K people."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from benchmarks.attacking.guessing import leavers, leavers_by_subtraction
from benchmarks.attacking.scraped import Key, Seen
from benchmarks.attacking.solver import smallest_given_away
from pulse.ledger import comments
from pulse.ledger.disclosure import COMMENTS, Extent, line
from pulse.ledger.rounding import HIGHEST, Participation, participation

K = 5
LOWEST_STEP = 250  # hundredths between two answers


@dataclass(frozen=True)
class Result:
    """What became of one family of attacks."""

    tried: int
    succeeded: int

    def __add__(self, other: Result) -> Result:
        return Result(self.tried + other.tried, self.succeeded + other.succeeded)


def count(sizes: Iterable[int], k: int = K) -> Result:
    """One attack for each set worked out: it succeeds on a set of 1 to k-1 people."""
    found = list(sizes)
    return Result(len(found), sum(0 < size < k for size in found))


def parent_minus_children(seen: Seen) -> Iterator[int]:
    """Each unit's figure less all figures that lie within it and do not overlap, largest first."""
    for key in seen.fresh:
        if key[1] is Extent.WHOLE:
            yield seen.size(seen.less(key)[0])


def siblings(seen: Seen) -> Iterator[int]:
    """Each unit's figure less all of its children (or its direct reports) but one, level by level."""
    children: dict[int, list[int]] = defaultdict(list)
    for team, parent in seen.month.parents.items():
        if parent is not None and seen.under.get(team):
            children[parent].append(team)
    for (unit, extent), whole in seen.fresh.items():
        if extent is not Extent.WHOLE:
            continue
        parts: list[Key] = [(child, Extent.WHOLE) for child in children[unit]] + [(unit, Extent.OWN)]
        known = [_best(seen, part) for part in parts]
        for spared in range(len(parts)):
            left = whole
            for at, atoms in enumerate(known):
                left = left if at == spared else left - atoms
            yield seen.size(left)


def _best(seen: Seen, part: Key) -> frozenset[int]:
    """As much of a child as figures tell of: as a whole, else by itself."""
    place = part[0]
    return seen.fresh.get(part) or seen.fresh.get((place, Extent.OWN)) or frozenset()


def pairs(seen: Seen) -> Iterator[int]:
    """Every two figures one of which lies within the other: the difference of two requests."""
    people = {key: seen.size(atoms) for key, atoms in seen.fresh.items()}
    for key, atoms in seen.fresh.items():
        unit = key[0]
        for above in line(seen.month.parents, unit):
            whole = seen.fresh.get((above, Extent.WHOLE))
            if whole is not None and atoms < whole:
                yield people[above, Extent.WHOLE] - people[key]


def solved(seen: Seen) -> Iterator[int]:
    """Everything scraped, and every measured cell that verdicts rest on, in one exact linear system."""
    measured = [frozenset({unit}) for unit, n in seen.people.items() if n >= K]
    smallest = smallest_given_away([*seen.fresh.values(), *measured], seen.people)
    yield from () if smallest is None else (smallest,)


def managers_of_siblings(seen: Seen) -> Iterator[int]:
    """Two managers under one head, and the head's own figure: what their three pages determine together."""
    children: dict[int, list[int]] = defaultdict(list)
    for team, parent in seen.month.parents.items():
        if parent is not None and seen.under.get(team):
            children[parent].append(team)
    for head, teams in children.items():
        whole = seen.fresh.get((head, Extent.WHOLE))
        for one, other in pairwise(teams):
            pages = [atoms for team in (one, other) for _, atoms in seen.inside[team]]
            smallest = smallest_given_away([*pages, *([whole] if whole else [])], seen.people)
            yield from () if smallest is None else (smallest,)


def same_extremes(seen: Seen) -> Iterator[bool]:
    """Whether rounded figures leave room for one reading only: everybody gave the same extreme answer.

    Tried on each figure by itself and on each unit's rest, for an attacker who knows every exact n.
    """
    for key, atoms in seen.fresh.items():
        low, high = _bounds(seen, key)
        yield _unanimous(low, high, seen.size(atoms))
        if key[1] is not Extent.WHOLE:
            continue
        left, parts = seen.less(key)
        for part in parts:
            below, above = _bounds(seen, part)
            low, high = low - above, high - below
        if left and parts:
            yield _unanimous(low, high, seen.size(left))


def _bounds(seen: Seen, key: Key) -> tuple[float, float]:
    """Between which totals, in hundredths, the answers behind a figure add up."""
    figure, n = seen.shown[key], seen.size(seen.fresh[key])
    open_ends = figure.step == 50 or figure.n >= 20  # the careless rule's are not
    low, high = ((figure.score + way * figure.step / 2) * n for way in (-1, 1))
    if open_ends and figure.score <= figure.step:
        low = 0.0
    if open_ends and figure.score >= HIGHEST - figure.step:
        high = float(HIGHEST * n)
    return max(low, 0.0), min(high, float(HIGHEST * n))


def _unanimous(low: float, high: float, n: int) -> bool:
    return high < LOWEST_STEP or low > HIGHEST * n - LOWEST_STEP


def comment_lists(seen: Seen) -> Result:
    """Lists of comments: each must hold at least COMMENTS, and no comment may stand in two of them.

    Comments are made up: everybody of an even number of answers in a unit writes one.
    """
    wrote = {unit: n - n % 2 for unit, n in seen.people.items()}
    lists = comments.shown_together(seen.month.parents, wrote)
    sizes = [sum(wrote[unit] for unit in units) for units in lists.values()]
    told = [unit for units in lists.values() for unit in units]
    return Result(len(sizes) + len(told), sum(size < COMMENTS for size in sizes) + len(told) - len(set(told)))


SHARES = {
    Participation.UNDER_25: (0.0, 0.25, False),
    Participation.TO_50: (0.25, 0.5, False),
    Participation.TO_75: (0.5, 0.75, True),
    Participation.OVER_75: (0.75, 1.0, True),
}


def bands_of_participation(seen: Seen) -> Iterator[bool]:
    """Whether a unit's band leaves room for one reading only: nobody took part, or everybody did."""
    belong = Counter(seen.month.unit_of().tolist())
    for unit in set(seen.month.units.values()):
        invited = belong[unit]
        band = participation(invited, seen.people.get(unit, 0))
        if band is not None:
            low, high, includes = SHARES[band]
            possible = [n for n in range(invited + 1) if _within(n / invited, low, high, includes=includes)]
            yield possible in ([0], [invited])


def _within(share: float, low: float, high: float, *, includes: bool) -> bool:
    if low == 0.75:
        return share > low
    return low <= share <= high if includes else low <= share < high


SETS: dict[str, Callable[[Seen], Iterator[int]]] = {
    "parent minus children": parent_minus_children,
    "siblings and direct reports": siblings,
    "pairs of requests": pairs,
    "managers of sibling teams": managers_of_siblings,
    "one linear solver over everything": solved,
}
READINGS: dict[str, Callable[[Seen], Iterator[bool]]] = {
    "everybody said the same": same_extremes,
    "bands of participation": bands_of_participation,
}


def attacked(scraped: Sequence[Seen]) -> dict[str, Result]:
    """Every family of attacks on figures, tried on everything scraped."""
    found = dict.fromkeys((*SETS, *READINGS, "comments"), Result(0, 0))
    for seen in scraped:
        for name, attack in SETS.items():
            found[name] += count(attack(seen))
        for name, reading in READINGS.items():
            said = list(reading(seen))
            found[name] += Result(len(said), sum(said))
        found["comments"] += comment_lists(seen)
    for name, guess in (
        ("a leaver's answer, month beside month", leavers),
        ("a leaver's answer, by subtraction", leavers_by_subtraction),
    ):
        found[name] = Result(*guess(scraped))
    return found
