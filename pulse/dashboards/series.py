"""Monthly means of a scope beside those expected without the fix. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from pulse.months import between, shifted


@dataclass(frozen=True)
class Series:
    """Monthly means of a scope, in points of 0..10; all tuples as long as months, None = nothing to show.

    n -- answers, as released (rounded where few)
    expected, low, high -- what would have been without the fix, with its 95 % range
    """

    months: tuple[date, ...]
    observed: tuple[float | None, ...]
    n: tuple[int, ...]
    expected: tuple[float | None, ...]
    low: tuple[float | None, ...]
    high: tuple[float | None, ...]

    @property
    def empty(self) -> bool:
        """Whether there is not one month to show."""
        return all(value is None for value in self.observed)


def joined(
    means: Mapping[date, tuple[float, int]], expected: Mapping[date, tuple[float, float, float]]
) -> Series:
    """One series from the first known month to the last, with a hole for each month nothing is known of.

    means -- month: (mean in points, answers); expected -- month: (value, low, high) in points
    """
    known = sorted({*means, *expected})
    months = (
        tuple(shifted(known[0], step) for step in range(between(known[0], known[-1]) + 1)) if known else ()
    )
    nothing = (None, None, None)
    return Series(
        months=months,
        observed=tuple(means[month][0] if month in means else None for month in months),
        n=tuple(means[month][1] if month in means else 0 for month in months),
        expected=tuple(expected.get(month, nothing)[0] for month in months),
        low=tuple(expected.get(month, nothing)[1] for month in months),
        high=tuple(expected.get(month, nothing)[2] for month in months),
    )
