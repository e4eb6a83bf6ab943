"""Answering through an open link: each page counts once, for a day, and what comes in a burst is held."""

from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from surveys.invitations import open_links
from surveys.invitations.open_links import Opened
from surveys.invitations.service import NotInvited
from surveys.responses import arrivals, page
from surveys.responses.models import Door, Response
from surveys.responses.page import Page
from surveys.responses.permission import Permission, Spent

VALID = timedelta(hours=24)  # of a page: as long as anybody leaves one open and still remembers


def permission(
    session: Session, secret: str, shown: Page, now: datetime, *, address: str | None, key: str
) -> Permission:
    """What an open link allows on a page that was shown behind it.

    address -- of whoever asks; key -- the installation's

    Raises NotInvited where there is no such link or the page was answered on before, page.Stale where it is
    older than a day.
    """
    opened = open_links.look(session, secret)
    if not timedelta(minutes=-1) <= now - shown.opened < VALID:
        raise page.Stale
    if session.scalar(select(exists().where(Response.once == shown.once))):
        raise NotInvited
    return Permission(opened.touchpoint_id, None, Door.OPEN, partial(_spent, opened, shown, address, key))


def _spent(
    opened: Opened, shown: Page, address: str | None, key: str, session: Session, now: datetime
) -> Spent:
    """The page, used up; two requests with one page at once are told apart by the database."""
    held = arrivals.note(session, opened.touchpoint_id, address, now, key=key)
    return Spent(once=shown.once, held=held)
