"""What is told to each side, what could be, and what the words are checked against."""

import enum
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from pulse.heard.models import Heard
from pulse.heard.telling import PARTS, Item
from pulse.i18n import Lazy, lazy
from pulse.months import month_of, shifted
from pulse.organisation.models import Fix, Irritant, Place, PlaceKind, Side
from pulse.people.models import Person
from pulse.verdicts import sentences
from pulse.verdicts.models import Verdict
from pulse.verdicts.newest import newest
from pulse.verdicts.rules import FIRST_CALM_VERDICT, Outcome

LANGUAGES = ("en", "fr")


def published(session: Session, side: Side) -> list[Item]:
    """What is on a side's page, what was put there last on top."""
    found = session.scalars(
        select(Heard)
        .where(Heard.side == side, Heard.published_at.is_not(None))
        .options(joinedload(Heard.fix).joinedload(Fix.irritant))
        .order_by(Heard.published_at.desc(), Heard.fix_id.desc())
    ).all()
    verdicts = newest(session, [heard.fix_id for heard in found]) if found else {}
    return [item(heard.fix, side, words_of(heard), verdicts.get(heard.fix_id)) for heard in found]


def anything(session: Session, side: Side) -> bool:
    """Whether there is anything on a side's page."""
    rows = select(Heard.fix_id).where(Heard.side == side, Heard.published_at.is_not(None))
    return session.scalar(rows.limit(1)) is not None


def told(session: Session, fixes: Sequence[int], side: Side) -> dict[int, Heard]:
    """What is on a side's page about some fixes, by the fix's id."""
    rows = select(Heard).where(Heard.side == side, Heard.published_at.is_not(None), Heard.fix_id.in_(fixes))
    return {heard.fix_id: heard for heard in session.scalars(rows)}


def words_of(heard: Heard | None) -> dict[str, str]:
    """The words by column; none where nothing is written."""
    columns = [f"{part}_{code}" for part in PARTS for code in LANGUAGES]
    return {column: getattr(heard, column) if heard else "" for column in columns}


def item(fix: Fix, side: Side, words: Mapping[str, str], verdict: Verdict | None) -> Item:
    """A fix as it is told to a side with some words."""
    return Item(
        number=fix.id,
        side=side,
        irritant={"en": fix.irritant.label_en, "fr": fix.irritant.label_fr},
        started=fix.started,
        words={part: {code: words[f"{part}_{code}"] for code in LANGUAGES} for part in PARTS},
        verdict=verdict,
    )


def changed(session: Session, items: Sequence[Item], side: Side) -> dict[int, datetime]:
    """When what is told about each fix changed last: its words or its verdict."""
    edited = {heard.fix_id: heard for heard in told(session, [item.number for item in items], side).values()}
    return {
        item.number: max(
            moment
            for moment in (
                edited[item.number].edited_at,
                edited[item.number].published_at,
                item.verdict.concluded_at if item.verdict else None,
            )
            if moment is not None
        )
        for item in items
    }


def first_result(session: Session, today: date) -> date | None:
    """The month in which a running fix may first be judged; None where none runs. Never a month gone by."""
    started = session.scalar(select(func.min(Fix.started)).where(Fix.stopped.is_(None)))
    if started is None:
        return None
    # Judged at the first look after so many closed months, which is in the month after the last of them.
    possible = shifted(month_of(started), FIRST_CALM_VERDICT + 1)
    return max(possible, shifted(month_of(today), 1))


class Show(enum.Enum):
    """The tabs of the list."""

    UNTOLD = "untold"
    DRAFTS = "drafts"
    TOLD = "told"
    ALL = "all"


TABS: dict[Show, Lazy] = {
    Show.UNTOLD: lazy("To be told"),
    Show.DRAFTS: lazy("Drafts"),
    Show.TOLD: lazy("On the pages"),
    Show.ALL: lazy("All"),
}


@dataclass(frozen=True)
class Row:
    """A fix that has started, its newest verdict, and what is written for each side."""

    fix: Fix
    verdict: Verdict | None
    heard: Mapping[Side, Heard]

    @property
    def outcome(self) -> Outcome:
        """What is concluded so far."""
        return self.verdict.outcome if self.verdict else Outcome.UNDETERMINED

    def under(self, show: Show) -> bool:
        """Whether a tab holds it: to be told = something is known, and a side has not been told."""
        published = [heard.published_at is not None for heard in self.heard.values()]
        if show is Show.UNTOLD:
            return self.outcome is not Outcome.UNDETERMINED and sum(published) < len(Side)
        if show is Show.DRAFTS:
            return not all(published)
        return show is Show.ALL or any(published)


def rows(session: Session, today: date) -> list[Row]:
    """Every fix that has started, what was judged last on top, those not yet known at the end."""
    heard: dict[int, dict[Side, Heard]] = {}
    for one in session.scalars(select(Heard)):
        heard.setdefault(one.fix_id, {})[one.side] = one
    verdicts = newest(session)
    fixes = session.scalars(
        select(Fix).where(Fix.started <= today).options(joinedload(Fix.irritant)).order_by(Fix.code)
    )
    found = [Row(fix, verdicts.get(fix.id), heard.get(fix.id, {})) for fix in fixes]
    return sorted(found, key=lambda row: (row.outcome is Outcome.UNDETERMINED, -row.fix.started.toordinal()))


def fix(session: Session, code: str, today: date) -> Fix | None:
    """A fix that has started."""
    rows = select(Fix).where(Fix.code == code, Fix.started <= today).options(joinedload(Fix.irritant))
    return session.scalar(rows)


def team_names(session: Session) -> list[str]:
    """What teams are called in any language; names that a touchpoint or an irritant bears too are none."""
    named = {kind: _names(session, kind) for kind in PlaceKind}
    rows = session.execute(select(Irritant.label_en, Irritant.label_fr))
    public = {name for pair in rows for name in pair} | named[PlaceKind.TOUCHPOINT]
    return sorted(named[PlaceKind.TEAM] - public)


def _names(session: Session, kind: PlaceKind) -> set[str]:
    rows = session.execute(select(Place.name_en, Place.name_fr).where(Place.kind == kind))
    return {name for pair in rows for name in pair}


def names_of_things(session: Session) -> list[str]:
    """Names that are no person's: of places, irritants and fixes."""
    pairs = (
        select(Place.name_en, Place.name_fr),
        select(Irritant.label_en, Irritant.label_fr),
        select(Fix.name_en, Fix.name_fr),
    )
    return sorted({name for query in pairs for pair in session.execute(query) for name in pair})


def names_of_people(session: Session) -> list[str]:
    """What the people who have an account are called."""
    return list(session.scalars(select(Person.name).distinct()))


def figures(verdict: Verdict | None, side: Side) -> list[float]:
    """The figures of a verdict that a side reads: effects and the ends of their intervals."""
    if verdict is None:
        return []
    spans = [sentences.customers(verdict)]
    if side is Side.EMPLOYEE:
        spans += [sentences.landing(verdict), sentences.staff(verdict)]
    return [value for span in spans if span for value in (span.value, span.low, span.high)]
