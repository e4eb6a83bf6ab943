"""Changes that nobody registered: kept look by look, answered by people, never asked about twice."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from itertools import groupby

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from pulse.months import between, month_of
from pulse.organisation.models import Fix, Irritant
from pulse.verdicts.models import ChangeEvent, ChangeSighting, ChangeState, UnregisteredChange

APART = 1  # months that may lie between two ranges that mean the same change
NEXT = {
    ChangeState.OPEN: (ChangeState.OURS, ChangeState.NOT_OURS),
    ChangeState.OURS: (ChangeState.NOT_OURS,),
    ChangeState.NOT_OURS: (ChangeState.OURS,),
    ChangeState.REGISTERED: (),
}
UNANSWERED = (ChangeState.OPEN, ChangeState.OURS)


class CannotAnswer(Exception):
    """That answer is not open to this change: it has been given, or a fix is on record already."""


class NoteMissing(Exception):
    """Whoever says that a change was none of theirs says what it was, or that nobody knows."""


@dataclass(frozen=True)
class Sighting:
    """What a look says about one irritant: customers are bothered more (or less) since about a month.

    month -- the likeliest first month; earliest, latest -- the shortest stretch that holds it with 90 %
    evidence -- power of ten of the e-value against "nothing changed", 1 decimal
    """

    irritant: str
    more: bool
    month: date
    earliest: date
    latest: date
    evidence: float

    def gap(self, first: date, last: date) -> int:
        """Months between this range and another stretch; 0 where they touch or overlap."""
        return max(between(last, self.earliest) - 1, between(self.latest, first) - 1, 0)


@dataclass(frozen=True)
class Recorded:
    """What a look's changes came to: how many it reports, and the irritants it is the first to ask about."""

    reported: int
    new: tuple[str, ...]


@dataclass(frozen=True)
class History:
    """A change with all that looks said about it, by day and revision; None = not reported any more."""

    change: UnregisteredChange
    rows: tuple[tuple[date, Sighting | None], ...]

    @cached_property
    def said(self) -> dict[date, Sighting | None]:
        """What stands of each look: its last revision. Earliest look first."""
        return dict(self.rows)

    @cached_property
    def told(self) -> list[tuple[date, Sighting]]:
        """The looks that report it, as they stand; as they once did where all have been taken back."""
        standing = [(day, one) for day, one in self.said.items() if one is not None]
        return standing or [(day, one) for day, one in self.rows if one is not None]

    @property
    def first(self) -> date:
        """The look that was the first to report it."""
        return min(day for day, one in self.rows if one is not None)

    @property
    def last(self) -> date:
        """The newest look that reports it."""
        return self.told[-1][0]

    @property
    def newest(self) -> Sighting:
        """What the newest look that reports it says."""
        return self.told[-1][1]

    def stands(self, as_of: date | None) -> bool:
        """Whether that look reports it."""
        return as_of is not None and self.said.get(as_of) is not None

    def before(self, as_of: date) -> Sighting:
        """What the nearest look before said, that day's included; failing that, the first one after."""
        past = [one for day, one in self.told if day <= as_of]
        return past[-1] if past else self.told[0][1]

    def means(self, found: Sighting, as_of: date) -> int | None:
        """How many months a sighting's likeliest month lies from this change's; None = another change."""
        mine = self.before(as_of)
        if (mine.irritant, mine.more) != (found.irritant, found.more):
            return None
        return (
            None if found.gap(mine.earliest, mine.latest) > APART else abs(between(mine.month, found.month))
        )


def record(session: Session, as_of: date, found: Sequence[Sighting], now: datetime) -> Recorded:
    """Keep what a look found: a new question each, or one more sighting of what was asked about before.

    A change that earlier looks of this day reported, and this one does not, gets a sighting that says so.
    Where a fix has meanwhile been put on record for a change, the question counts as answered.
    """
    irritants = {code: key for code, key in session.execute(select(Irritant.code, Irritant.id))}
    known = histories(session)
    seen: set[int] = set()
    new = []
    told = [one for one in sorted(found, key=lambda one: one.irritant) if one.irritant in irritants]
    for one in told:
        match = _same(known, one, as_of)
        if match is None:
            match = History(_asked(session, irritants[one.irritant], one.more, now), ())
            new.append(one.irritant)
        seen.add(match.change.id)
        _keep(session, match, as_of, one, now)
    for history in known:
        if history.change.id not in seen and as_of in history.said:
            _keep(session, history, as_of, None, now)
    _put_on_record(session, [h for h in histories(session) if h.change.state in UNANSWERED], as_of, now)
    return Recorded(len(told), tuple(new))


def histories(session: Session) -> list[History]:
    """Every change ever reported, in the order in which they were kept."""
    changes = session.execute(
        select(UnregisteredChange, Irritant.code)
        .join(UnregisteredChange.irritant)
        .order_by(UnregisteredChange.id)
    ).all()
    rows = session.scalars(select(ChangeSighting).order_by(ChangeSighting.as_of, ChangeSighting.revision))
    by_change: dict[int, list[ChangeSighting]] = defaultdict(list)
    for row in rows:
        by_change[row.change_id].append(row)
    return [
        History(change, tuple((row.as_of, _sighting(row, code, change.more)) for row in by_change[change.id]))
        for change, code in changes
    ]


def _sighting(row: ChangeSighting, irritant: str, more: bool) -> Sighting | None:
    if row.month is None or row.earliest is None or row.latest is None or row.evidence is None:
        return None
    return Sighting(irritant, more, row.month, row.earliest, row.latest, row.evidence)


def _same(known: Iterable[History], found: Sighting, as_of: date) -> History | None:
    """The change a sighting is one more sighting of, the nearest where it could be several."""
    near = [
        (apart, history.change.id, history)
        for history in known
        if (apart := history.means(found, as_of)) is not None
    ]
    return min(near, key=lambda one: one[:2])[2] if near else None


def _asked(session: Session, irritant_id: int, more: bool, now: datetime) -> UnregisteredChange:
    change = UnregisteredChange(irritant_id=irritant_id, more=more, state=ChangeState.OPEN)
    session.add(change)
    session.flush()
    session.add(ChangeEvent(change_id=change.id, at=now, by=None, state=ChangeState.OPEN, comment=""))
    return change


def _keep(session: Session, history: History, as_of: date, one: Sighting | None, now: datetime) -> None:
    """Add a sighting unless what stands of this day's says the same already."""
    revision = sum(day == as_of for day, _ in history.rows)
    if revision and history.said[as_of] == one:
        return
    session.add(
        ChangeSighting(
            change_id=history.change.id,
            as_of=as_of,
            revision=revision,
            concluded_at=now,
            month=one.month if one else None,
            earliest=one.earliest if one else None,
            latest=one.latest if one else None,
            evidence=one.evidence if one else None,
        )
    )


def _put_on_record(session: Session, asked: Sequence[History], as_of: date, now: datetime) -> None:
    """Answer the questions for which a fix of their irritant, begun about then, is on record by this look."""
    if not asked:
        return
    begun = (
        select(Fix)
        .where(Fix.started <= as_of, or_(Fix.registered.is_(None), Fix.registered <= as_of))
        .order_by(Fix.irritant_id, Fix.code)
    )
    fixes = {key: list(some) for key, some in groupby(session.scalars(begun), key=lambda f: f.irritant_id)}
    for history in asked:
        fix = _explaining(history.before(as_of), fixes.get(history.change.irritant_id, []))
        if fix is not None:
            history.change.fix_id, history.change.state = fix.id, ChangeState.REGISTERED
            session.add(
                ChangeEvent(
                    change_id=history.change.id, at=now, by=None, state=ChangeState.REGISTERED, comment=""
                )
            )


def _explaining(told: Sighting, fixes: Sequence[Fix]) -> Fix | None:
    """The fix that began nearest to the likeliest month, of those that began in the range or next to it."""
    near = [fix for fix in fixes if told.gap(month_of(fix.started), month_of(fix.started)) == 0]
    return min(near, key=lambda fix: abs(between(told.month, month_of(fix.started)))) if near else None


def answer(
    session: Session,
    change: UnregisteredChange,
    state: ChangeState,
    *,
    by: str,
    comment: str,
    now: datetime,
) -> None:
    """Answer the question about a change, or comment on it where the state stays; keeps who, when and why.

    Raises CannotAnswer where that answer is not open any more, NoteMissing where a change is said to be
    none of the company's without a word on it.
    """
    if state is not change.state and state not in NEXT[change.state]:
        raise CannotAnswer
    if state is ChangeState.NOT_OURS and state is not change.state and not comment.strip():
        raise NoteMissing
    change.state = state
    session.add(ChangeEvent(change_id=change.id, at=now, by=by, state=state, comment=comment.strip()))
