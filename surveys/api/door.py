"""The door of the API: no session and no cookie, but a key; each view says what a key must be good for."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import wraps
from typing import Any, TypeVar

from flask import g, request

from pulse import db
from pulse.people import api_keys, service
from pulse.people.models import Scope
from pulse.web import open_to_all
from surveys.api import errors

View = TypeVar("View", bound=Callable[..., Any])


def for_key(scope: Scope) -> Callable[[View], View]:
    """Marks a view for programs that show a key of this scope. No page's session is looked at."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **values: Any) -> Any:
            let_in(scope)
            return view(*args, **values)

        guarded.scope = scope  # type: ignore[attr-defined]
        return open_to_all(guarded)  # type: ignore[return-value]

    return mark


def let_in(scope: Scope) -> None:
    """Look at the key that is shown, and remember the day; raises errors.Refusal where it opens nothing."""
    shown, now, today = request.authorization, datetime.now(UTC), service.today()
    if shown is None or shown.type != "bearer" or not shown.token:
        raise errors.no_key()
    try:
        with db.reading() as session:
            key = api_keys.known(session, shown.token, scope, today, now)
            first_of_day, key_id = key.last_used_on != today, key.id
            g.api_key_name = key.name
    except api_keys.NotForThis:
        raise errors.not_allowed() from None
    except api_keys.TooManyWrong:
        raise errors.too_many_wrong() from None
    except api_keys.WrongKey as wrong:
        _count(wrong, now)
        raise errors.wrong_key() from None
    if first_of_day:
        with db.writing() as session:
            api_keys.note_use(session, key_id, today)


def _count(wrong: api_keys.WrongKey, now: datetime) -> None:
    if wrong.args:  # what cannot be a key at all costs no look at the database
        with db.writing() as session:
            api_keys.count_wrong(session, wrong, now)


def caller() -> str:
    """Who is calling, as it is kept of what they do: the name of their key."""
    return f"API: {g.api_key_name}"
