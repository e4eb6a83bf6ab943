"""What is looked at of the work nobody waits for: clocks, jobs, messages."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from pulse import db
from pulse.i18n import gettext as _
from pulse.outbox.models import Message, MessageState
from pulse.people.models import AuditEntry
from pulse.scheduler import LEASE, Job, Run, RunState, last_beat
from surveys.watching.check import Check, State

SILENT = timedelta(minutes=5)  # a clock that has said nothing for so long is not at work
HOURS = 4  # a job is late when neither the period of now nor that of any of the hours before has been run
A_WEEK = timedelta(days=8)  # the longest period there is, and some
BACKED_UP = "backup made"  # what `flask backup` leaves in the audit
OLD, TOO_OLD = timedelta(days=2), timedelta(days=7)
STUCK, LOST = timedelta(hours=1), timedelta(days=1)  # how long the oldest message that is due has waited


def clock(now: datetime) -> Check:
    """Whether somebody runs jobs."""
    with db.reading() as session:
        beaten = last_beat(session)
    if beaten is None or beaten < now - SILENT:
        return Check(
            "clock",
            State.FAILING,
            _("No clock runs: no wave opens, no mail leaves, nothing is counted"),
            _("Start “flask clock” (systemctl start pulse-clock), one at least on one of the machines."),
        )
    if beaten > now + SILENT:
        return Check(
            "clock",
            State.WARNING,
            _("A clock is ahead of this machine's time"),
            _("Let all machines take their time from the same server: install chrony, or systemd-timesyncd."),
        )
    return Check("clock", State.OK, _("A clock runs"))


def jobs(now: datetime, known: Sequence[Job], zone: ZoneInfo) -> Check:
    """Whether every job was run in its period, or in one that has just ended."""
    here = now.astimezone(zone)
    newest = select(func.max(Run.id)).group_by(Run.job)
    with db.reading() as session:
        lately = Run.claimed_at > now - A_WEEK
        finished = select(Run.job, Run.period).where(Run.state == RunState.DONE, lately)
        done = {(job, period) for job, period in session.execute(finished)}
        failed = set(session.scalars(select(Run.job).where(Run.id.in_(newest), Run.state == RunState.FAILED)))
        at_work = set(
            session.scalars(
                select(Run.job).where(Run.state == RunState.RUNNING, Run.claimed_at > now - LEASE)
            )
        )
    late = [
        job.name
        for job in known
        if job.name not in at_work
        and not any((job.name, job.period(here - timedelta(hours=h))) in done for h in range(HOURS))
    ]
    broken = [job.name for job in known if job.name in failed]
    if late and not done:
        return Check("jobs", State.WARNING, _("No job has run yet"), _("Start “flask clock”."))
    if late:
        said = _("These jobs have not run when they should: %(names)s", names=", ".join(late))
        return Check("jobs", State.WARNING, said, _("Look into the clock's log: it says why."))
    if broken:
        said = _("These jobs failed at their last run: %(names)s", names=", ".join(broken))
        return Check(
            "jobs",
            State.WARNING,
            said,
            _("They are tried again every ten minutes; the clock's log says why."),
        )
    return Check("jobs", State.OK, _("Every job has run"))


def messages(now: datetime) -> Check:
    """Whether messages leave: how long the oldest that is due has waited."""
    waiting = select(func.min(Message.due_at)).where(Message.state == MessageState.QUEUED)
    with db.reading() as session:
        oldest = session.scalar(waiting)
    waited = timedelta(0) if oldest is None else now - oldest
    if waited <= STUCK:
        return Check("messages", State.OK, _("No message waits that should have left"))
    return Check(
        "messages",
        State.FAILING if waited > LOST else State.WARNING,
        _("Hours that a message has waited: %(n)s", n=int(waited / timedelta(hours=1))),
        _("The page “Messages” has what its server said; is PULSE_MESSAGES_PER_MINUTE too low?"),
    )


def last_backup(session: Session) -> datetime | None:
    """When the last backup was made."""
    return session.scalar(select(func.max(AuditEntry.at)).where(AuditEntry.action == BACKED_UP))


def backup(now: datetime, *, wanted: bool) -> Check:
    """How old the last backup is; wanted -- False where one of what is merely tried out is no matter."""
    with db.reading() as session:
        last = last_backup(session)
    advice = _("Start pulse-backup.timer, or run “flask backup --into FOLDER --keep 14” each night.")
    if last is None:
        state = State.WARNING if wanted else State.OK
        return Check("backup", state, _("No backup was made yet"), advice if wanted else "")
    hours = max(0, int((now - last) / timedelta(hours=1)))
    said = _("Hours since the last backup: %(n)s", n=hours)
    if now - last <= OLD or not wanted:
        return Check("backup", State.OK, said)
    return Check("backup", State.FAILING if now - last > TOO_OLD else State.WARNING, said, advice)
