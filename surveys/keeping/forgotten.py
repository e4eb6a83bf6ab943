"""What must not come back with an older backup: answers that were erased, wishes, keys that were revoked."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from pulse.people.models import ApiKey
from surveys.invitations import contacts
from surveys.invitations.models import Contact, OptedOutBy
from surveys.responses import erasure
from surveys.responses.erasure import Forget
from surveys.responses.models import Erased, Response

NAME = "forgotten.gz"
KEPT = timedelta(days=400)  # no backup is to be older than that


@dataclass(frozen=True)
class Forgotten:
    """Digests of erased answers, contacts that want no more surveys (and by which way), revoked keys."""

    answers: Sequence[str] = ()
    contacts: Sequence[tuple[str, str]] = ()
    api_keys: Sequence[str] = ()


@dataclass(frozen=True)
class Done:
    """How many answers were erased again, wishes honoured again, keys revoked again."""

    answers: int
    contacts: int
    api_keys: int


def listed(session: Session) -> Forgotten:
    """All of it, as the database knows it."""
    wishes = select(Contact.key, Contact.opted_out_by).where(Contact.opted_out_at.is_not(None))
    revoked = select(ApiKey.public).where(ApiKey.revoked_at.is_not(None)).order_by(ApiKey.public)
    return Forgotten(
        answers=list(session.scalars(select(Erased.digest).order_by(Erased.digest))),
        contacts=[
            (key, (by or OptedOutBy.STAFF).value)
            for key, by in session.execute(wishes.order_by(Contact.key)).all()
        ],
        api_keys=list(session.scalars(revoked)),
    )


def write(folder: Path, found: Forgotten) -> None:
    """Put it into a folder as forgotten.gz."""
    with gzip.open(folder / NAME, "wt", encoding="utf-8") as out:
        json.dump(asdict(found), out)


def read(folder: Path) -> Forgotten:
    """What a folder's forgotten.gz holds."""
    with gzip.open(folder / NAME, "rt", encoding="utf-8") as content:
        found = json.load(content)
    wishes = [(key, by) for key, by in found["contacts"]]
    return Forgotten(found["answers"], wishes, found["api_keys"])


def again(session: Session, found: Forgotten, now: datetime, *, also: Sequence[Forget]) -> Done:
    """Erase, honour and revoke once more what a restored database does not know of; how much there was.

    also -- what other rooms forget with an answer, as for erasure.erase
    """
    known = set(session.scalars(select(Erased.digest)))
    answers = 0
    for digest in found.answers:
        response = session.scalar(select(Response).where(Response.erasure == digest))
        if response is not None:
            erasure.erase(session, response, now, also=also)
            answers += 1
        elif digest not in known:
            erasure.remember(session, digest, now.date())
    wished = set(session.scalars(select(Contact.key).where(Contact.opted_out_at.is_not(None))))
    new = [(key, by) for key, by in found.contacts if key not in wished]
    for key, by in new:
        contacts.opt_out(session, [key], OptedOutBy(by), now)
    keys = (
        update(ApiKey)
        .where(ApiKey.public.in_(found.api_keys), ApiKey.revoked_at.is_(None))
        .values(revoked_at=now)
        .returning(ApiKey.id)
    )
    return Done(answers, len(new), len(session.scalars(keys).all()))


def let_go(session: Session, today: date) -> None:
    """Drop what only backups older than any that may be kept would need."""
    session.execute(delete(Erased).where(Erased.erased_on < today - KEPT))
