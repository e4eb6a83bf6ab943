"""What goes into a look (cells, fixes, the value chain) and what comes out (one finding a fix)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Panel:
    """One side's measured cells. Rows are (place, measure) pairs, columns consecutive closed months from 0.

    place -- (rows,) index of the place: a team for staff, a touchpoint for customers
    measure -- (rows,) index of the irritant
    n -- (rows, months) answers; 0 = no cell
    mean -- (rows, months) mean score in points of 0..10 (anything where n == 0)
    variance -- (rows, months) variance of single answers within the cell, points^2 (ddof 1; 0 where n < 2)
    came_from -- (places,) index of the place this one split from, or -1
    broken -- (rows, months) True in the first month of a new series (annotated break): nothing before it
              compares with anything from it on; None = no breaks
    """

    place: IntArray
    measure: IntArray
    n: FloatArray
    mean: FloatArray
    variance: FloatArray
    came_from: IntArray
    broken: BoolArray | None = None

    @property
    def months(self) -> int:
        """Columns of the panel."""
        return int(self.n.shape[1])


@dataclass(frozen=True)
class Fix:
    """An action on one irritant, with its scope on both sides; months are column indices of the panels.

    start, stop -- month of the start (may lie outside the panel); first month without the fix, or None
    team_starts, touchpoint_starts -- start of each place in scope, in the order of teams and touchpoints
    registered -- month of registration when the start was found from the data (method.md §10), else None:
                  cells from the start up to that month then count as no evidence
    """

    code: str
    measure: int
    start: int
    stop: int | None = None
    teams: tuple[int, ...] = ()
    team_starts: tuple[int, ...] = ()
    touchpoints: tuple[int, ...] = ()
    touchpoint_starts: tuple[int, ...] = ()
    registered: int | None = None


@dataclass(frozen=True)
class Chain:
    """Neighbours of each team on the value chain (either direction), CUSTOMERS left out.

    Who is asked is read from the cells: a neighbour that is asked but never measured is as blind a spot as
    one nobody asks.
    """

    neighbours: tuple[tuple[int, ...], ...] = ()

    def rings(self, teams: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The teams exactly one hop and exactly two hops away from a set of teams, each sorted."""
        seen = set(teams)
        first = {v for u in seen for v in self._next(u)} - seen
        second = {v for u in first for v in self._next(u)} - first - seen
        return tuple(sorted(first)), tuple(sorted(second))

    def _next(self, team: int) -> tuple[int, ...]:
        return self.neighbours[team] if 0 <= team < len(self.neighbours) else ()


@dataclass(frozen=True)
class Effect:
    """An estimated change at full roll-out in points of 0..10, with its ±1.96 standard error interval."""

    value: float
    low: float
    high: float
    se: float

    @classmethod
    def of(cls, value: float, se: float) -> Effect:
        """The effect with this estimate and standard error."""
        return cls(value, value - 1.96 * se, value + 1.96 * se, se)


@dataclass(frozen=True)
class Path:
    """A scope's pooled mean month by month, for a chart; all arrays (months,), points, NaN = no cell.

    observed -- what was measured
    expected, low, high -- what the months before the start and the unaffected series make one expect
                           without the fix, with the 95 % range of a measured month around it
    """

    observed: FloatArray
    expected: FloatArray
    low: FloatArray
    high: FloatArray


@dataclass(frozen=True)
class Landing:
    """Where a burden is said to land: teams, irritant, hops from the fix's teams (0 = its own).

    log_evidence -- natural log of prior weight x e-value of the place
    """

    places: tuple[int, ...]
    measure: int
    hops: int
    effect: Effect | None
    log_evidence: float


@dataclass(frozen=True)
class Finding:
    """What one look says about one fix; evidence as natural logarithms of e-values (0 = none).

    relief, worse -- customers were relieved by, or suffer more since, the fix
    burden -- staff carry more since the fix, anywhere near it
    customer, staff -- effect on the scope's touchpoints and own teams, on the fix's irritant; None below 3
                       months or 20 answers
    landing -- the likeliest place of a burden, or None when no place is measured
    rival -- code of the other fix when the burden may be its doing ("A or B"), else None
    unsurveyed -- share of the prior weight of places where a burden could land that nobody measures, 0..1
    ceiling -- the fix's own teams scored so high before that a rise could not show
    answers_customer, answers_staff -- answers in scope that count as "after"
    months_after -- closed months since the start (the start's month is the first)
    controls -- there are unaffected series to compare the customers' side with
    confounded -- another fix on the same rows started so close that the two cannot be told apart
    changed_collection -- an annotated break keeps the months before from being compared with those after
    teams, touchpoints -- of the scope, with measured cells
    compared_customers, compared_staff -- series that no fix touches and the scope's are compared with
    months_before -- months before the start in which any of the teams was measured
    """

    code: str
    relief: float
    worse: float
    burden: float
    customer: Effect | None
    staff: Effect | None
    landing: Landing | None
    rival: str | None
    unsurveyed: float
    ceiling: bool
    answers_customer: int
    answers_staff: int
    months_after: int
    controls: bool
    confounded: bool
    changed_collection: bool
    teams: int
    months_before: int
    touchpoints: int = 0
    compared_customers: int = 0
    compared_staff: int = 0
    customer_path: Path | None = None
    staff_path: Path | None = None
