"""Irritants as people change them on screen: every change noted, so that no folder undoes it unseen."""

import hashlib
import json
from collections.abc import Collection, Sequence
from dataclasses import asdict
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse.i18n import gettext as _
from pulse.months import parsed, written
from pulse.organisation import service
from pulse.organisation.models import Break, Irritant, Side
from pulse.organisation.service import Pair
from pulse.people import service as people
from pulse.people.models import AuditEntry

ADDED, CHANGED = "irritant registered", "irritant changed"
RETIRED, REOPENED = "irritant retired", "irritant asked again"
COLUMNS = {
    "label_en": "label",
    "label_fr": "label_fr",
    "customer_question_en": "customer_question",
    "customer_question_fr": "customer_question_fr",
    "employee_question_en": "employee_question",
    "employee_question_fr": "employee_question_fr",
}  # by attribute: its column in irritants.csv
PLACES = "touchpoints"


class Overtaken(Exception):
    """Somebody else changed this irritant since it was read."""


def version(irritant: Irritant) -> str:
    """A fingerprint of what people may change of an irritant."""
    told = {name: getattr(irritant, name) for name in COLUMNS}
    places = sorted(place.code for place in irritant.touchpoints)
    return hashlib.sha256(json.dumps([told, places], sort_keys=True).encode()).hexdigest()[:16]


def anew(irritant: Irritant, pair: Pair, today: date) -> Sequence[Side]:
    """The sides whose series would start anew with other words: those asked before."""
    return [] if service.never_asked(irritant, today) else service.reworded(irritant, pair)


def add(session: Session, pair: Pair, touchpoints: Collection[int], day: date, *, by: int) -> Irritant:
    """A new irritant, asked about from a day on; by -- id of the person."""
    made = service.add_irritant(session, pair, touchpoints, day)
    people.note(session, ADDED, made.code, " ".join([*COLUMNS.values(), PLACES]), by=by)
    return made


def reword(
    session: Session,
    irritant: Irritant,
    pair: Pair,
    touchpoints: Collection[int],
    *,
    by: int,
    seen: str,
) -> Sequence[Break]:
    """Give an irritant other words or places; the breaks this makes. Raises Overtaken."""
    session.refresh(irritant, with_for_update=True)
    if version(irritant) != seen:
        raise Overtaken
    today = people.today()
    before = {name: getattr(irritant, name) for name in COLUMNS}
    placed = {place.id for place in irritant.touchpoints}
    changed = [COLUMNS[name] for name, words in asdict(pair).items() if before[name] != words]
    changed += [PLACES] if set(touchpoints) != placed else []
    if not changed:
        return []
    breaks = service.reword(session, irritant, pair, today, note=_("other words"))
    service.meet_only(session, irritant, touchpoints, today)
    marks = [f"{mark.side.value}:{written(mark.month)}" for mark in breaks]
    people.note(session, CHANGED, irritant.code, " ".join([*changed, *marks]), by=by)
    return breaks


def switch(session: Session, irritant: Irritant, retired: date | None, *, by: int) -> None:
    """Retire an irritant from a day on, or ask about it again (None); nothing where it is so already."""
    session.refresh(irritant, with_for_update=True)
    if (irritant.retired is None) == (retired is None):
        return
    if retired is None:
        service.reopen(session, irritant)
    else:
        service.retire(session, irritant, retired)
    people.note(session, REOPENED if retired is None else RETIRED, irritant.code, "", by=by)


def on_screen(session: Session) -> dict[str, frozenset[str]]:
    """The columns of irritants.csv that were written on screen, by the irritant's code."""
    return {
        code: frozenset(word for word in words if ":" not in word) for code, words in _notes(session).items()
    }


def breaks_on_screen(session: Session) -> frozenset[tuple[str, Side, date]]:
    """The breaks that other words made on screen: irritant's code, side and month."""
    return frozenset(
        (code, Side(word.partition(":")[0]), parsed(word.partition(":")[2]))
        for code, words in _notes(session).items()
        for word in words
        if ":" in word
    )


def _notes(session: Session) -> dict[str, set[str]]:
    """What was noted of each irritant: columns, and breaks as side:month."""
    known = {*COLUMNS.values(), PLACES}
    found: dict[str, set[str]] = {}
    rows = select(AuditEntry.subject, AuditEntry.detail).where(AuditEntry.action.in_((ADDED, CHANGED)))
    for code, detail in session.execute(rows):
        words = {word for word in detail.split() if word in known or ":" in word}
        found.setdefault(code, set()).update(words)
    return found
