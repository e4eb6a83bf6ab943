"""Signing in by a link sent by mail: good once, for a quarter of an hour."""

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, lazyload

from pulse.i18n import gettext, language, speaking
from pulse.outbox.models import Message
from pulse.outbox.secrets import mark, secret
from pulse.outbox.service import enqueue
from pulse.people import attempts, service
from pulse.people.models import Person, SignInLink

GOOD_FOR = timedelta(minutes=15)
KEPT = timedelta(hours=1)  # a mail with a link that has long run out


class LinkVoid(Exception):
    """This link was used, has run out, or never was one: which of them is not said."""


def ask(session: Session, email: str, onward: str, now: datetime, *, key: str, site_url: str) -> None:
    """Queue a mail with a link for whoever has this address; nobody can tell whether anybody has.

    onward -- the path on this site to go to after signing in
    key -- the installation's secret key

    Raises service.NotAnAddress. The same statements run for every address, known or not, so that neither
    the answer nor the time it takes tells the two apart. The database never holds the token: the link's row
    has its digest, and the message a mark that is filled in when it is sent.
    """
    address = service.normal(email)
    if not attempts.allowed(session, "link", address, now, most=attempts.LINKS):
        return
    nonce = secrets.token_urlsafe(16)
    found = session.scalar(select(Person).where(Person.email == address).options(lazyload(Person.grants)))
    reader = found if found is not None and service.may_enter(found) else None
    session.add(
        SignInLink(
            token_hash=_digest(secret(key, nonce)),
            person_id=reader.id if reader else None,
            onward=onward,
            expires_at=now + GOOD_FOR,
        )
    )
    with speaking(reader.language if reader else language()):
        subject, text = _words(f"{site_url}/sign-in/{mark(nonce)}")
    message = f"sign-in:{nonce}"
    enqueue(
        session,
        key=message,
        channel="email",
        recipient=address,
        subject=subject,
        text=text,
        now=now,
        urgent=True,
    )
    session.execute(delete(Message).where(Message.key == ("" if reader else message)))


def _words(address: str) -> tuple[str, str]:
    paragraphs = (
        gettext("Hello,"),
        gettext("this link signs you in to Pulse. It works once, within 15 minutes of your asking for it:"),
        address,
        gettext("If you did not ask for it, you need not do anything: nobody is signed in without it."),
        "Pulse",
    )
    return gettext("Your link to sign in to Pulse"), "\n\n".join(paragraphs) + "\n"


def whose(session: Session, token: str, now: datetime) -> Person:
    """Whom a link would sign in. Looking uses nothing up: mail scanners follow links. Raises LinkVoid."""
    link = session.scalar(
        select(SignInLink).where(SignInLink.token_hash == _digest(token), SignInLink.expires_at > now)
    )
    return _reader(session, link.person_id if link else None)


def redeem(session: Session, token: str, now: datetime) -> tuple[Person, str]:
    """Use a link up: whom it signs in, and the path to go on to; raises LinkVoid for all but the first."""
    mine = (
        delete(SignInLink)
        .where(SignInLink.token_hash == _digest(token), SignInLink.expires_at > now)
        .returning(SignInLink.person_id, SignInLink.onward)
    )
    used = session.execute(mine).first()
    if used is None:
        raise LinkVoid
    person = _reader(session, used.person_id)
    attempts.forget(session, "link", person.email)
    return person, used.onward


def _reader(session: Session, person_id: int | None) -> Person:
    person = session.get(Person, person_id) if person_id is not None else None
    if person is None or not service.may_enter(person):
        raise LinkVoid
    return person


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def forget_old(session: Session, now: datetime) -> None:
    """Delete links that have run out, and the mails they went in: who signed in when is nothing to keep."""
    session.execute(delete(SignInLink).where(SignInLink.expires_at <= now))
    session.execute(delete(Message).where(Message.key.like("sign-in:%"), Message.queued_at <= now - KEPT))
