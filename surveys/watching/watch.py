"""What every clock does beside its jobs: looks whether something is wrong, and warns once."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial

from config import settings
from pulse import db
from pulse.scheduler import Job
from surveys.watching import alerts, checks, findings, refusals, running


def over(now: datetime, *, jobs: Callable[[], Sequence[Job]]) -> str | None:
    """Look at everything and warn of what is new; None where there is nothing to tell.

    jobs -- all there are, of both packages
    """
    known = settings()
    look = partial(checks.everything, now, known, jobs(), asks_mail_server=False)
    seen = look()
    if checks.fails(seen, "database", "urn", "migrations"):
        return None  # nothing can be written down, or read as it should be: /readyz tells
    with db.reading() as session:
        found = findings.findings(session, now, jobs(), seen, zone=known.zone)
        waves = list(findings.of_waves(session, now))
    with db.writing() as session:
        to = alerts.readers(session, known.alerts_to, known.languages[0])
        new, gone = alerts.watch(session, now, found, waves, look, to, site_url=known.site_url)
    return f"{new} warnings, {gone} over" if new or gone else None


def forget(now: datetime) -> str:
    """Forget warnings of a year ago, their mails, runs of three months ago and refusals of a month ago."""
    with db.writing() as session:
        refusals.forget(session, now)
        warnings, runs = alerts.forget(session, now), running.forget(session, now)
    return f"{warnings} warnings and {runs} runs forgotten"
