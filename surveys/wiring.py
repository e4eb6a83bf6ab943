"""What the surveys package brings: its views, commands, jobs, menu lines and error pages."""

from collections.abc import Callable, Sequence
from datetime import datetime

import click
from flask import Blueprint, Flask

from config import Settings, settings
from pulse import db
from pulse.i18n import lazy as _
from pulse.months import written
from pulse.scheduler import Job, hourly, minutely
from pulse.web import ErrorPage, MenuItem
from surveys.ballots import count
from surveys.ballots.models import Ballot, Remark
from surveys.ballots.rewriting import rewrite
from surveys.ballots.urn import tally, urn, urn_tally
from surveys.cli import db as db_group
from surveys.cli import demo_command
from surveys.clock import clock
from surveys.delivery.sender import send_due
from surveys.imports.commands import load_command
from surveys.invitations.commands import invite
from surveys.invitations.service import NotInvited
from surveys.questions.kind import NotAnAnswer
from surveys.responses import counting
from surveys.responses.employee import AlreadyAnswered, NotAsked, NoWave, PageOfAnotherWave, WaveClosed
from surveys.responses.views import bp as responses
from surveys.waves import mails, service
from surveys.waves.models import Issued


def connect(settings: Settings) -> None:
    """Connect the urn, once for casting and once for counting."""
    urn.connect(settings.urn_url, keeps_log=False)
    urn_tally.connect(settings.urn_tally_url or settings.urn_url, keeps_log=False)


def open_wave(now: datetime) -> str:
    """Open this month's wave when it is due."""
    with db.writing() as session:
        wave = service.open_due(session, now, zone=settings().zone, k=settings().min_respondents)
        return f"opened the wave of {written(wave.month)}" if wave else "no wave to open"


def invite_to_wave(now: datetime) -> str:
    """Queue a mail to everybody who can answer the open wave and has none yet, in transactions of a few."""
    zone, queued = settings().zone, 0
    with db.reading() as session:
        wave = service.taking_answers(session, now)
    if wave is None:
        return "no open wave"
    while True:
        with db.writing() as session:
            some = mails.invite_some(session, wave, now, zone=zone, site_url=settings().site_url)
        queued += some
        if some < mails.AT_ONCE:
            return f"{queued} invitations queued"


def close_waves(now: datetime) -> str:
    """Close the waves that are over and count them into the ledger.

    Three steps, each of which may be done again: take no more answers; write the urn and the list of who
    answered anew in the order of their keys; count, and post the counts in one transaction.
    """
    with db.writing() as session:
        service.close_due(session, now)
    with db.reading() as session:
        months = service.to_be_tallied(session, now)
    if not months:
        return "no wave to count"
    rewrite(urn_tally, Ballot, Remark)
    rewrite(db.main, Issued)
    scores = 0
    for month in months:
        with db.reading() as session:
            asked = count.asked(session, month)
        with urn_tally.reading() as box:
            tallies = tally(box, month, asked)
        with db.writing() as session:
            scores += count.post(session, month, tallies, now)
    return f"counted {', '.join(map(written, months))}: {scores} scores"


def count_responses(now: datetime) -> str:
    """Count customers' open months into the ledger."""
    with db.reading() as session:
        counts = counting.open_counts(session)
    with db.writing() as session:
        counting.post(session, counts)
    return f"{len(counts)} open months counted"


def close_customer_months(now: datetime) -> str:
    """Close the customer months that ended a few days ago."""
    with db.reading() as session:
        zone = settings().zone
        if not any(counting.is_over(month, now, zone) for month in counting.open_counts(session)):
            return "no month to close"
    with db.writing() as session:
        months = counting.close_due(session, now, zone=zone, k=settings().min_respondents)
    return f"closed {', '.join(map(written, months)) or 'none'}"


def send_messages(now: datetime) -> str:
    """Send the messages that are due."""
    return send_due(db.main, settings(), now)


BLUEPRINTS: Sequence[Blueprint] = (responses,)
COMMANDS: Sequence[click.Command] = (db_group, load_command, demo_command, invite, clock)
JOBS: Sequence[Job] = (
    Job("open the wave", hourly, open_wave),
    Job("invite to the wave", hourly, invite_to_wave),
    Job("close and count waves", hourly, close_waves),
    Job("count responses", hourly, count_responses),
    Job("close customer months", hourly, close_customer_months),
    Job("send messages", minutely, send_messages),
)
MENU: Sequence[MenuItem] = (MenuItem("surveys.responses.pulse", _("My pulse")),)
ERRORS: Sequence[ErrorPage] = (
    ErrorPage(NotInvited, 404, "surveys/responses/not_invited.html"),
    ErrorPage(NotAnAnswer, 400, "surveys/responses/not_an_answer.html"),
    ErrorPage(AlreadyAnswered, 200, "surveys/responses/answered.html"),
    ErrorPage(NotAsked, 200, "surveys/responses/not_asked.html"),
    ErrorPage(NoWave, 200, "surveys/responses/no_wave.html"),
    ErrorPage(WaveClosed, 409, "surveys/responses/closed.html"),
    ErrorPage(PageOfAnotherWave, 409, "surveys/responses/another_wave.html"),
)
SET_UP: Sequence[Callable[[Flask], None]] = ()
