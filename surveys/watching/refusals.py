"""How often visitors and programs are turned away: counted in each process, added up by the hour.

A process keeps what it counted for a minute before it writes, so that somebody who sends a thousand wrong
requests causes no thousand writes; killed, it takes that minute along. Only pages for customers, programs
and readers of figures are counted: of an employee's page not even that it failed.
"""

import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from threading import Lock

from flask import Flask, Response, current_app, request
from sqlalchemy import delete, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from pulse import db
from pulse.db import insert_into
from surveys.watching.models import Refusal, Turned

HOUR = timedelta(hours=1)
EVERY = 60.0  # seconds between two writes of a process
KEPT = timedelta(days=32)
OF_CUSTOMERS = {
    "surveys.responses.survey",
    "surveys.responses.open_survey",
    "surveys.responses.erase",
    "surveys.invitations.stop",
}
OF_PROGRAMS = "surveys.api."
CUSTOMERS = {404: Turned.LINK, 410: Turned.LINK, 400: Turned.FORM, 422: Turned.FORM, 429: Turned.OFTEN}
PROGRAMS = {
    401: Turned.KEY,
    403: Turned.KEY,
    429: Turned.OFTEN,
    **dict.fromkeys((400, 404, 409, 413, 415, 422), Turned.REQUEST),
}


class Counted:
    """What this process has counted and not written yet."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._kept: Counter[tuple[datetime, Turned]] = Counter()
        self._written = time.monotonic()

    def add(self, turned: Turned, now: datetime) -> bool:
        """Count one; whether it is time to write."""
        with self._lock:
            self._kept[whole(now), turned] += 1
            return time.monotonic() - self._written >= EVERY

    def write(self) -> None:
        """Add what was counted to everybody's; kept for later where the database does not take it."""
        with self._lock:
            kept, self._kept = self._kept, Counter()
            self._written = time.monotonic()
        if not kept:
            return
        try:
            with db.writing() as session:
                for (hour, turned), number in sorted(kept.items(), key=lambda each: each[0][1].value):
                    _add(session, hour, turned, number)
        except SQLAlchemyError:
            with self._lock:
                self._kept += kept


def _add(session: Session, hour: datetime, turned: Turned, number: int) -> None:
    row = insert_into(session, Refusal).values(hour=hour, turned=turned, number=number)
    more = {"number": Refusal.number + row.excluded.number}
    session.execute(row.on_conflict_do_update(index_elements=["hour", "turned"], set_=more))


def whole(moment: datetime) -> datetime:
    """The hour a moment is in, in UTC."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


counted = Counted()


def set_up(app: Flask) -> None:
    """Count what is turned away."""
    app.after_request(_count)


def _count(response: Response) -> Response:
    turned = kind(request.endpoint or "", response.status_code)
    if turned is not None and counted.add(turned, datetime.now(UTC)):
        response.call_on_close(counted.write)
    return response


def kind(endpoint: str, status: int) -> Turned | None:
    """What an answer of a page counts as; None where it is none that is counted."""
    customers, programs = endpoint in OF_CUSTOMERS, endpoint.startswith(OF_PROGRAMS)
    if status >= 500:
        readers = getattr(getattr(current_app.view_functions.get(endpoint), "door", None), "grants", None)
        return Turned.FAILURE if customers or programs or readers else None
    return CUSTOMERS.get(status) if customers else PROGRAMS.get(status) if programs else None


def since(session: Session, begin: datetime, end: datetime) -> dict[Turned, int]:
    """How often each happened in the whole hours from one moment to another; 0 where it did not."""
    rows = (
        select(Refusal.turned, func.sum(Refusal.number))
        .where(Refusal.hour >= begin, Refusal.hour < end)
        .group_by(Refusal.turned)
    )
    found: dict[Turned, int] = dict(session.execute(rows).all())
    return {turned: int(found.get(turned, 0)) for turned in Turned}


def forget(session: Session, now: datetime) -> None:
    """Delete what was counted a month ago."""
    session.execute(delete(Refusal).where(Refusal.hour < now - KEPT))
