"""The inbox of flags: which ones a page shows, and what each of its lines says. No queries of figures."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from pulse.dashboards.queries import places_of_fixes
from pulse.i18n import Lazy, lazy, ngettext
from pulse.i18n import gettext as _
from pulse.months import shifted
from pulse.organisation.models import Fix, Place, PlaceKind
from pulse.people import naming
from pulse.people.naming import Called
from pulse.verdicts import flags
from pulse.verdicts.models import Flag, FlagState
from pulse.verdicts.names import Names, names_in
from pulse.verdicts.rules import Outcome

PAGE = 50  # flags
AGES = (1, 3, 6)  # months
MINE, NOBODY = "mine", "nobody"


class State(enum.Enum):
    """Which flags by how far they have come."""

    ALL = ""
    WAITING = "waiting"  # for anything: all that are not closed
    OVERDUE = "overdue"
    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    ACTED_ON = "acted_on"
    CLOSED = "closed"


STATES: dict[State, Lazy] = {
    State.ALL: lazy("All"),
    State.WAITING: lazy("Not closed"),
    State.OVERDUE: lazy("Check due"),
    State.OPEN: lazy("Open"),
    State.ACKNOWLEDGED: lazy("Acknowledged"),
    State.ACTED_ON: lazy("Acted on"),
    State.CLOSED: lazy("Closed"),
}


@dataclass(frozen=True)
class Choice:
    """A choice of flags; months -- raised at least so long ago; owner -- an address, "mine" or "nobody"."""

    state: State = State.ALL
    owner: str = ""
    months: int | None = None
    verdict: Outcome | None = None
    touchpoint: str = ""
    team: str = ""
    page: int = 1

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Choice":
        """The choice an address makes; what it cannot mean counts as not said."""
        states = {state.value: state for state in State}
        verdicts = {outcome.value: outcome for outcome in flags.RAISING}
        months, page = query.get("months", ""), query.get("page", "")[:6]
        return cls(
            state=states.get(query.get("state", ""), State.ALL),
            owner=query.get("owner", ""),
            months=int(months) if months in map(str, AGES) else None,
            verdict=verdicts.get(query.get("verdict", "")),
            touchpoint=query.get("touchpoint", ""),
            team=query.get("team", ""),
            page=max(1, int(page)) if page.isdecimal() and page.isascii() else 1,
        )

    @property
    def query(self) -> dict[str, str]:
        """The same as an address says it, without what is as usual."""
        said = {
            "state": self.state.value,
            "owner": self.owner,
            "months": str(self.months or ""),
            "verdict": self.verdict.value if self.verdict else "",
            "touchpoint": self.touchpoint,
            "team": self.team,
            "page": str(self.page) if self.page > 1 else "",
        }
        return {name: value for name, value in said.items() if value}

    @property
    def narrowed(self) -> bool:
        """Whether anything but the state is chosen."""
        return bool(self.owner or self.months or self.verdict or self.touchpoint or self.team)

    def to(self, **changed: object) -> dict[str, str]:
        """The address of another choice that differs in this, from its first page on."""
        return replace(self, **{"page": 1, **changed}).query  # type: ignore[arg-type]

    def takes(self, line: "Line", places: frozenset[str], me: str) -> bool:
        """Whether a flag is among those chosen, whatever its state."""
        return (
            (not self.owner or self._owns(line.flag, me))
            and (self.months is None or line.flag.raised_on <= _before(line.today, self.months))
            and (self.verdict is None or line.flag.outcome is self.verdict)
            and (not self.touchpoint or f"touchpoint:{self.touchpoint}" in places)
            and (not self.team or f"team:{self.team}" in places)
        )

    def _owns(self, flag: Flag, me: str) -> bool:
        if self.owner == NOBODY:
            return not flag.owner
        return flags.is_of(flag, me) if self.owner == MINE else flag.owner == self.owner

    def shows(self, line: "Line") -> bool:
        """Whether a flag is in the state that is chosen."""
        match self.state:
            case State.ALL:
                return True
            case State.WAITING:
                return not line.closed
            case State.OVERDUE:
                return line.overdue
            case _:
                return line.flag.state.value == self.state.value


def _before(today: date, months: int) -> date:
    """The same day so many months ago, or the last one of a shorter month."""
    first = shifted(today.replace(day=1), -months)
    return min(date.fromordinal(first.toordinal() + today.day - 1), _last(first))


def _last(month: date) -> date:
    return date.fromordinal(shifted(month, 1).toordinal() - 1)


@dataclass(frozen=True)
class Line:
    """A flag as it stands today."""

    flag: Flag
    today: date

    @property
    def closed(self) -> bool:
        """Whether nothing is to be done any more."""
        return self.flag.state is FlagState.CLOSED

    @property
    def overdue(self) -> bool:
        """Whether somebody was to look again by now."""
        return flags.overdue(self.flag, self.today)

    @property
    def days(self) -> int:
        """How many days ago it was raised."""
        return max(0, (self.today - self.flag.raised_on).days)

    @property
    def urgency(self) -> tuple[bool, date, int, date, int]:
        """Smaller for what comes earlier: checks due longest, then open ones, the oldest first."""
        due = self.flag.recheck_on if self.overdue and self.flag.recheck_on else date.max
        place = list(FlagState).index(self.flag.state)
        return self.closed, due, place, self.flag.raised_on, self.flag.id


@dataclass(frozen=True)
class Inbox:
    """The flags a reader may see and chose, in the order of what is to be done first.

    tabs -- each state with how many there are of it; number -- of the lines on all pages
    """

    lines: Sequence[Line]
    tabs: Sequence[tuple[State, Lazy, int]]
    number: int
    known: int
    names: Names
    called: Called
    owners: Sequence[tuple[str, str]]
    touchpoints: Sequence[tuple[str, str]]
    teams: Sequence[tuple[str, str]]

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return -(-self.number // PAGE)


def inbox(
    session: Session,
    chosen: Choice,
    *,
    reader: str,
    reads_all: bool,
    today: date,
    language: str,
    whole: bool = False,
) -> Inbox:
    """The flags of a choice, as far as a reader may see them.

    reader -- e-mail of who reads; reads_all -- else their own flags only
    whole -- all pages at once, as a file has them
    """
    known = [Line(flag, today) for flag in _all(session) if reads_all or flags.is_of(flag, reader)]
    places = _places(session, known)
    taken = [line for line in known if chosen.takes(line, places[line.flag.id], reader)]
    shown = sorted((line for line in taken if chosen.shows(line)), key=lambda line: line.urgency)
    first = (chosen.page - 1) * PAGE
    here = shown if whole else shown[first : first + PAGE]
    called = naming.called(session, (line.flag.owner for line in known))
    owners = {line.flag.owner for line in known if line.flag.owner}
    at = set().union(*places.values()) if places else set()
    return Inbox(
        lines=here,
        tabs=[
            (state, STATES[state], sum(replace(chosen, state=state).shows(line) for line in taken))
            for state in State
        ],
        number=len(shown),
        known=len(known),
        names=names_in(session, [line.flag.verdict for line in here]),
        called=called,
        owners=sorted(((owner, called[owner]) for owner in owners), key=lambda pair: pair[1].casefold()),
        touchpoints=_called_places(session, PlaceKind.TOUCHPOINT, at, language),
        teams=_called_places(session, PlaceKind.TEAM, at, language),
    )


def _all(session: Session) -> Sequence[Flag]:
    return session.scalars(
        select(Flag).options(joinedload(Flag.fix).joinedload(Fix.irritant), joinedload(Flag.verdict))
    ).all()


def _places(session: Session, lines: Sequence[Line]) -> dict[int, frozenset[str]]:
    """Flag id -> the places of its fix, and the teams it landed on, as "team:CODE" and "touchpoint:CODE"."""
    if not lines:
        return {}
    of_fixes = places_of_fixes(session)
    landed = {line.flag.id: (line.flag.verdict.landing_team or "").split("|") for line in lines}
    return {
        line.flag.id: of_fixes.get(line.flag.fix_id, frozenset())
        | {f"team:{code}" for code in landed[line.flag.id] if code}
        for line in lines
    }


def _called_places(session: Session, kind: PlaceKind, at: set[str], language: str) -> list[tuple[str, str]]:
    """Code and name of the places of a kind where there is a flag."""
    codes = [code.partition(":")[2] for code in at if code.startswith(f"{kind.value}:")]
    found = session.scalars(select(Place).where(Place.kind == kind, Place.code.in_(codes)))
    return sorted(
        ((place.code, place.name(language)) for place in found), key=lambda pair: pair[1].casefold()
    )


def age(days: int) -> str:
    """How long ago it was raised, in words."""
    if days < 1:
        return _("raised today")
    if days < 14:
        return ngettext("raised %(n)s day ago", "raised %(n)s days ago", days)
    if days < 61:
        return ngettext("raised %(n)s week ago", "raised %(n)s weeks ago", days // 7)
    if days < 731:
        return ngettext("raised %(n)s month ago", "raised %(n)s months ago", round(days / 30.44))
    return ngettext("raised %(n)s year ago", "raised %(n)s years ago", int(days / 365.25))
