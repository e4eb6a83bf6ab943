"""What stays of somebody who is forgotten, in fixes and flags and in what was done about them: that it was
a former colleague, and nothing that tells which one."""

import json

from sqlalchemy import String, cast, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from pulse.organisation.models import Fix, FixEvent
from pulse.people.naming import FORMER
from pulse.verdicts.models import ChangeEvent, Flag, FlagEvent

BY_ADDRESS: tuple[InstrumentedAttribute[str] | InstrumentedAttribute[str | None], ...] = (
    Fix.owner,
    Fix.requested_by,
    FixEvent.by,
    Flag.owner,
    FlagEvent.by,
    FlagEvent.owner,
    ChangeEvent.by,
)


def forget(session: Session, address: str) -> None:
    """Put a marker wherever an e-mail address stands. Nobody can sign in as it, so it owns nothing more."""
    for column in BY_ADDRESS:
        table = column.class_
        session.execute(
            update(table).where(func.lower(column) == address.lower()).values({column.key: FORMER})
        )
    written = json.dumps(address)
    quoted = func.lower(cast(FixEvent.changed, String)).contains(written.lower(), autoescape=True)
    for event in session.scalars(select(FixEvent).where(quoted)):
        event.changed = {
            name: [_without(value, address) for value in values] for name, values in event.changed.items()
        }
    session.flush()


def _without(value: object, address: str) -> object:
    return FORMER if isinstance(value, str) and value.casefold() == address.casefold() else value
