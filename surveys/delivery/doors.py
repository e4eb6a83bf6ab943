"""Touchpoints with their open links: what an analyst sees of them, and changes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from pulse.organisation.models import Touchpoint
from pulse.people import service as people
from surveys.invitations import open_links
from surveys.invitations.models import TouchpointSurvey
from surveys.responses.models import Door, Response

A_PAGE = 50


class NoSuchTouchpoint(Exception):
    """There is no touchpoint of this number."""


@dataclass(frozen=True)
class Line:
    """A touchpoint and what stands about its open link.

    secret -- of the link; None where there is none that leads here
    lost -- whether there is one of which the address is not known any more: the installation has another key
    answers, held -- this month's through the link: those let in, and those kept apart
    """

    touchpoint: Touchpoint
    secret: str | None
    lost: bool
    origins: Sequence[str]
    counts: bool
    answers: int
    held: int


@dataclass(frozen=True)
class Listing:
    """A page of touchpoints; pages -- how many pages there are."""

    lines: Sequence[Line]
    pages: int


def listing(session: Session, search: str, page: int, month: date, *, key: str) -> Listing:
    """The touchpoints whose code or name holds some words, by code."""
    wanted = select(Touchpoint).order_by(Touchpoint.code)
    if search:
        names = (Touchpoint.code, Touchpoint.name_en, Touchpoint.name_fr)
        wanted = wanted.where(or_(*(name.icontains(search, autoescape=True) for name in names)))
    number = session.scalar(select(func.count()).select_from(wanted.order_by(None).subquery())) or 0
    found = session.scalars(wanted.offset((page - 1) * A_PAGE).limit(A_PAGE)).all()
    return Listing(_lines(session, found, month, key=key), max(1, -(-number // A_PAGE)))


def line(session: Session, touchpoint_id: int, month: date, *, key: str) -> Line:
    """One touchpoint's; raises NoSuchTouchpoint."""
    return _lines(session, [touchpoint(session, touchpoint_id)], month, key=key)[0]


def touchpoint(session: Session, touchpoint_id: int) -> Touchpoint:
    """The touchpoint of a number; raises NoSuchTouchpoint."""
    found = session.get(Touchpoint, touchpoint_id)
    if found is None:
        raise NoSuchTouchpoint(touchpoint_id)
    return found


def _lines(session: Session, touchpoints: Sequence[Touchpoint], month: date, *, key: str) -> list[Line]:
    ids = [touchpoint.id for touchpoint in touchpoints]
    known = {
        row.touchpoint_id: row
        for row in session.scalars(select(TouchpointSurvey).where(TouchpointSurvey.touchpoint_id.in_(ids)))
    }
    rows = (
        select(Response.touchpoint_id, func.count(), func.count(Response.held))
        .where(Response.touchpoint_id.in_(ids), Response.door == Door.OPEN, Response.month == month)
        .group_by(Response.touchpoint_id)
    )
    counted = {place: (number - held, held) for place, number, held in session.execute(rows)}
    return [
        _line(session, place, known.get(place.id), counted.get(place.id, (0, 0)), key=key)
        for place in touchpoints
    ]


def _line(
    session: Session,
    place: Touchpoint,
    known: TouchpointSurvey | None,
    counted: tuple[int, int],
    *,
    key: str,
) -> Line:
    secret = open_links.secret_now(session, place, key=key)
    there = known is not None and known.open_digest is not None
    origins, counts = (tuple(known.origins), known.open_counts) if known else ((), False)
    return Line(place, secret, there and secret is None, origins, counts, *counted)


def make(session: Session, place: Touchpoint, *, key: str, by: int) -> None:
    """Give a touchpoint an open link, or another one."""
    open_links.make(session, place, key=key)
    people.note(session, "open link made", place.code, by=by)


def close(session: Session, place: Touchpoint, *, by: int) -> None:
    """Let a touchpoint's open link end."""
    open_links.close(session, place)
    people.note(session, "open link closed", place.code, by=by)


def allow(session: Session, place: Touchpoint, origins: Sequence[str], *, by: int) -> None:
    """Say which sites may show a touchpoint's survey in a frame."""
    known = open_links.settings_of(session, place.id)
    if list(known.origins) != list(origins):
        known.origins = list(origins)
        people.note(session, "sites of a survey changed", place.code, " ".join(origins), by=by)


def count(session: Session, place: Touchpoint, counts: bool, *, by: int) -> None:
    """Say whether answers through a touchpoint's open link weigh in verdicts, in months not closed yet."""
    known = open_links.settings_of(session, place.id)
    if known.open_counts != counts:
        known.open_counts = counts
        deed = "open answers counted" if counts else "open answers kept apart"
        people.note(session, deed, place.code, by=by)
