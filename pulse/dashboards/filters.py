"""Which fixes a page shows: everything the address says after the question mark. Pure."""

import enum
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from pulse.i18n import Lazy, lazy
from pulse.months import month_of, shifted
from pulse.verdicts.rules import Outcome

PERIODS = (6, 12, 24)  # months
PAGE = 50  # fixes


class Show(enum.Enum):
    """The tabs."""

    ALL = "all"
    FLAGGED = "flagged"
    UNKNOWN = "unknown"
    NO_EFFECT = "no-effect"
    SOLVED = "solved"


TABS: dict[Show, Lazy] = {
    Show.ALL: lazy("All"),
    Show.FLAGGED: lazy("Flagged"),
    Show.UNKNOWN: lazy("Not yet known"),
    Show.NO_EFFECT: lazy("No measured effect"),
    Show.SOLVED: lazy("Solved"),
}
OUTCOMES: dict[Show, frozenset[Outcome]] = {
    Show.ALL: frozenset(Outcome),
    Show.FLAGGED: frozenset({Outcome.DISPLACED, Outcome.BACKFIRED}),
    Show.UNKNOWN: frozenset({Outcome.UNDETERMINED}),
    Show.NO_EFFECT: frozenset({Outcome.INEFFECTIVE}),
    Show.SOLVED: frozenset({Outcome.RESOLVED}),
}


@dataclass(frozen=True)
class Subject:
    """What is looked at to tell whether a fix is shown. outcome None = not started or not yet looked at."""

    outcome: Outcome | None
    started: date
    owner: str
    text: str
    places: frozenset[str]


@dataclass(frozen=True)
class Filters:
    """A choice of fixes; places are "team:CODE" or "touchpoint:CODE", empty = any."""

    show: Show = Show.ALL
    search: str = ""
    months: int | None = None
    touchpoint: str = ""
    team: str = ""
    owner: str = ""
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Filters":
        """The choice an address makes; what it cannot mean counts as not said."""
        tabs = {show.value: show for show in Show}
        months = query.get("months", "")
        page = query.get("page", "")[:6]
        return cls(
            show=tabs.get(query.get("show", ""), Show.ALL),
            search=query.get("search", "").strip()[:200],
            months=int(months) if months in map(str, PERIODS) else None,
            touchpoint=query.get("touchpoint", ""),
            team=query.get("team", ""),
            owner=query.get("owner", ""),
            page=max(1, int(page)) if page.isdecimal() else 1,
        )

    @property
    def query(self) -> dict[str, str]:
        """The same as an address says it, without what is as usual."""
        said = {
            "show": "" if self.show is Show.ALL else self.show.value,
            "search": self.search,
            "months": str(self.months or ""),
            "touchpoint": self.touchpoint,
            "team": self.team,
            "owner": self.owner,
            "page": str(self.page) if self.page > 1 else "",
        }
        return {name: value for name, value in said.items() if value}

    @property
    def narrowed(self) -> bool:
        """Whether anything but the tab is chosen."""
        return bool(self.search or self.months or self.touchpoint or self.team or self.owner)

    def to(self, **changed: object) -> dict[str, str]:
        """The address of another choice that differs in this, from its first page on."""
        return replace(self, **{"page": 1, **changed}).query  # type: ignore[arg-type]

    def takes(self, subject: Subject, today: date) -> bool:
        """Whether a fix is among those chosen, whatever the tab."""
        return (
            all(word in folded(subject.text) for word in folded(self.search).split())
            and (self.months is None or subject.started >= shifted(month_of(today), 1 - self.months))
            and (not self.owner or subject.owner == self.owner)
            and (not self.touchpoint or f"touchpoint:{self.touchpoint}" in subject.places)
            and (not self.team or f"team:{self.team}" in subject.places)
        )

    def shows(self, outcome: Outcome | None) -> bool:
        """Whether the tab holds fixes of this verdict; those without one are under "all" alone."""
        return self.show is Show.ALL or outcome in OUTCOMES[self.show]


def folded(text: str) -> str:
    """Text as it is searched: small letters, no accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
