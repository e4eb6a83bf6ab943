"""One flag as its page shows it: where it stands, what happened to it, what may be chosen."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.dashboards.flag_forms import Offers
from pulse.dashboards.flag_list import Line
from pulse.i18n import language
from pulse.organisation.models import Fix
from pulse.people import naming
from pulse.people.naming import Called
from pulse.verdicts import flags
from pulse.verdicts.flag_words import deeds
from pulse.verdicts.models import Flag, FlagEvent
from pulse.verdicts.names import Names, names_in


@dataclass(frozen=True)
class Entry:
    """An event with what it did, in words."""

    event: FlagEvent
    said: Sequence[str]


@dataclass(frozen=True)
class FlagPage:
    """A flag, what its verdict's codes are called, and its history, oldest first."""

    line: Line
    names: Names
    called: Called
    entries: Sequence[Entry]

    @property
    def flag(self) -> Flag:
        """The flag itself."""
        return self.line.flag

    @property
    def newest(self) -> int:
        """The id of what happened last."""
        return self.entries[-1].event.id if self.entries else 0

    def since(self, seen: int) -> list[Entry]:
        """What happened after an event."""
        return [entry for entry in self.entries if entry.event.id > seen]


def page(session: Session, flag: Flag, today: date) -> FlagPage:
    """A flag as it stands today."""
    history = flags.events(session, flag)
    addresses = [flag.owner, *(event.by for event in history), *(event.owner for event in history)]
    called = naming.called(session, addresses)
    entries = [
        Entry(event, deeds(event, before, called))
        for before, event in zip([None, *history], history, strict=False)
    ]
    return FlagPage(Line(flag, today), names_in(session, [flag.verdict]), called, entries)


def offers(session: Session, flag: Flag, today: date) -> Offers:
    """Who may look after a flag, and which fixes may put it right, by name."""
    others = session.scalars(select(Fix).where(Fix.id != flag.fix_id))
    fixes = sorted(((fix.id, fix.name(language())) for fix in others), key=lambda pair: pair[1].casefold())
    return Offers(
        [(person.email, person.name or person.email) for person in flags.holders(session)], fixes, today
    )
