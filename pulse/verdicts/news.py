"""Mails about flags: that one was raised, handed over, or took a success back; to whom, and in which words.

Every figure in them is told by the sentences the pages tell it by.
"""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote

from sqlalchemy.orm import Session

from config import settings
from pulse.i18n import gettext as _
from pulse.i18n import language, speaking
from pulse.organisation.models import Fix
from pulse.outbox.hours import in_working_hours
from pulse.outbox.letters import Letter, Link, as_html, as_text, one_line
from pulse.outbox.service import enqueue
from pulse.people import service as people
from pulse.people.holders import holding
from pulse.people.models import Grant, Person
from pulse.verdicts import sentences
from pulse.verdicts.models import Flag, FlagEvent, Verdict
from pulse.verdicts.names import names_in


@dataclass(frozen=True)
class Reader:
    """Who gets a mail: where, in which language, and what its key calls them."""

    address: str
    language: str
    key: str


def readers(session: Session, owner: str | None) -> list[Reader]:
    """Who is told about something of this owner's: the owner, else those who look after all of it.

    owner -- e-mail; one who has left is as none, one without an account is written to all the same
    """
    person = people.person(session, owner) if owner else None
    if person is not None and people.may_enter(person):
        return [_reader(person)]
    if owner and person is None and "@" in owner:
        return [Reader(owner, settings().languages[0], "owner")]
    return [_reader(someone) for someone in holding(session, Grant.ANALYST) or holding(session, Grant.ADMIN)]


def _reader(person: Person) -> Reader:
    return Reader(person.email, person.language, f"person:{person.id}")


def raised(session: Session, flag: Flag, now: datetime, *, withdrawn: bool) -> None:
    """Queue the news of a new flag; withdrawn -- whether its fix was called a success until now."""
    names = names_in(session, [flag.verdict])
    for reader in readers(session, flag.owner):
        with speaking(reader.language):
            fix = one_line(flag.fix.name(language()))
            verdict = sentences.WORDS[flag.outcome]
            letter: Letter = (
                _("“%(fix)s”: %(verdict)s", fix=fix, verdict=verdict),
                [
                    _("Hello,"),
                    _("the night's computation has come to a conclusion about the fix “%(fix)s”:", fix=fix),
                    *(one_line(sentence) for sentence in sentences.story(flag.verdict, names)),
                    *([_("It is no longer called a success.")] if withdrawn else []),
                    *([] if flag.owner else [_("Nobody looks after it yet.")]),
                    _("The evidence on both sides, and where to note what you decide:"),
                    Link(_flag_address(flag), _("To the flag"), button=True),
                    "Pulse",
                ],
            )
            _queue(session, f"flag:{flag.id}:{reader.key}", reader, letter, now)


def taken_back(session: Session, fix: Fix, verdict: Verdict, now: datetime) -> None:
    """Queue the news that a fix is no longer called a success, where no new flag says so."""
    names = names_in(session, [verdict])
    for reader in readers(session, fix.owner):
        with speaking(reader.language):
            name = one_line(fix.name(language()))
            letter: Letter = (
                _("“%(fix)s” is no longer called a success", fix=name),
                [
                    _("Hello,"),
                    _("the night's computation has come to a conclusion about the fix “%(fix)s”:", fix=name),
                    one_line(sentences.headline(verdict, names)),
                    _("It is no longer called a success."),
                    Link(fix_address(settings().site_url, fix), _("To the fix"), button=True),
                    "Pulse",
                ],
            )
            _queue(session, f"flag:success:{fix.id}:{now.date()}:{reader.key}", reader, letter, now)


def handed(session: Session, flag: Flag, event: FlagEvent, by: str, now: datetime) -> None:
    """Queue the news that somebody looks after a flag from now on; by -- name of who handed it over."""
    person = people.person(session, event.owner or "")
    if person is None or person.email == event.by:
        return
    with speaking(person.language):
        fix = one_line(flag.fix.name(language()))
        letter: Letter = (
            _("A flag for you to look after: “%(fix)s”", fix=fix),
            [
                _("Hello,"),
                _("%(who)s asks you to look after the flag of the fix “%(fix)s”:", who=one_line(by), fix=fix),
                one_line(sentences.headline(flag.verdict, names_in(session, [flag.verdict]))),
                *([one_line(event.comment)] if event.comment else []),
                Link(_flag_address(flag), _("To the flag"), button=True),
                "Pulse",
            ],
        )
        _queue(session, f"flag:{flag.id}:handed:{event.id}:{person.id}", _reader(person), letter, now)


def fix_address(site: str, fix: Fix) -> str:
    """Where the evidence about a fix is."""
    return f"{site}/fixes/{quote(fix.code, safe='')}"


def _flag_address(flag: Flag) -> str:
    return f"{settings().site_url}/flags/{flag.id}"


def _queue(session: Session, key: str, reader: Reader, letter: Letter, now: datetime) -> None:
    subject, paragraphs = letter
    enqueue(
        session,
        key=key,
        channel="email",
        recipient=reader.address,
        subject=subject,
        text=as_text(paragraphs),
        html=as_html(paragraphs, subject),
        now=now,
        due=in_working_hours(now, settings().zone),
    )
