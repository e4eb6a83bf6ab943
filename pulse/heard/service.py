"""Writing down what is told, putting it on its page, and taking it off."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from pulse.heard.doubts import teams_named
from pulse.heard.models import Heard
from pulse.organisation.models import Fix, Side
from pulse.people import service as people

COLUMNS = tuple(f"{part}_{code}" for part in ("said", "done", "next") for code in ("en", "fr"))


class WordsMissing(Exception):
    """What is on a page needs its words in both languages; columns -- those without any."""

    def __init__(self, columns: list[str]) -> None:
        super().__init__(", ".join(columns))
        self.columns = columns


class TeamNamed(Exception):
    """Words for customers name a team; columns -- where, with the names."""

    def __init__(self, columns: Mapping[str, list[str]]) -> None:
        super().__init__(", ".join(columns))
        self.columns = columns


class NothingWritten(Exception):
    """Nobody has written anything about this fix for this side."""


def of(session: Session, fix: Fix, side: Side) -> Heard | None:
    """What is written about a fix for a side, on its page or not."""
    return session.get(Heard, (fix.id, side))


def keep(
    session: Session,
    fix: Fix,
    side: Side,
    words: Mapping[str, str],
    *,
    publish: bool = False,
    teams: list[str],
    now: datetime,
    by: int,
) -> Heard:
    """Keep the words about a fix for a side; what is on its page changes there at once.

    words -- by column (COLUMNS); publish -- put it on its page; teams -- names that customers are not to read
    by -- id of who writes. Raises WordsMissing or TeamNamed for what is on its page or is to be.
    """
    found = of(session, fix, side)
    told = publish or (found is not None and found.published_at is not None)
    if told:
        _check(words, side, teams)
    if found is None:
        found = Heard(fix_id=fix.id, side=side, published_at=None)
        session.add(found)
    for column in COLUMNS:
        setattr(found, column, words[column])
    found.edited_at = now
    if publish and found.published_at is None:
        found.published_at = now
    if told:
        people.note(session, "you said, we did: published", f"{fix.code} ({side.value})", by=by)
    session.flush()
    return found


def take_down(session: Session, fix: Fix, side: Side, *, by: int) -> None:
    """Take what is told off its page; the words stay as a draft. Raises NothingWritten."""
    found = of(session, fix, side)
    if found is None:
        raise NothingWritten
    if found.published_at is not None:
        found.published_at = None
        people.note(session, "you said, we did: taken down", f"{fix.code} ({side.value})", by=by)


def _check(words: Mapping[str, str], side: Side, teams: list[str]) -> None:
    missing = [column for column in COLUMNS if not words[column].strip()]
    if missing:
        raise WordsMissing(missing)
    if side is Side.CUSTOMER:
        named = {column: teams_named(words[column], teams) for column in COLUMNS}
        if any(named.values()):
            raise TeamNamed({column: names for column, names in named.items() if names})
