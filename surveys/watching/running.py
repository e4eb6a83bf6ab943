"""How every job stands: when it last ran, whether it is late, whether it fails again and again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, func, select
from sqlalchemy.orm import Session

from pulse.scheduler import Beat, Job, Run, RunState

HOUR = timedelta(hours=1)
GRACE = 3 * HOUR  # a period that began so long ago and is not done is late
AT_WORK = 6 * HOUR  # a run may take so long, such as a large organisation's night
AWAKE = timedelta(minutes=15)  # a clock that came back needs a moment to catch up
SILENT = timedelta(minutes=5)  # a clock that has said nothing for so long is not at work
OFTEN = 3  # failures in a row after which somebody is to look
KEPT = timedelta(days=90)  # of runs
LATELY = 20_000  # runs: a month of thirty jobs, most of them hourly


@dataclass(frozen=True)
class Standing:
    """How a job stands.

    began -- when its last run began, whatever came of it; None = it never ran
    succeeded -- when its last run that succeeded began; None = none did within a month
    failures -- how often in a row it failed since
    error -- the kind of error it failed with last: no words, which may quote anything
    """

    job: str
    began: datetime | None = None
    succeeded: datetime | None = None
    state: RunState | None = None
    failures: int = 0
    error: str = ""
    late: bool = False

    @property
    def fails(self) -> bool:
        """Whether it has failed too often."""
        return self.failures >= OFTEN


def standings(session: Session, now: datetime, jobs: Sequence[Job], zone: ZoneInfo) -> list[Standing]:
    """How each of these jobs stands, in their order."""
    newest = _newest(session)
    done = select(Run.job, func.max(Run.claimed_at)).where(Run.state == RunState.DONE, _lately())
    succeeded: dict[str, datetime] = dict(session.execute(done.group_by(Run.job)).all())
    awake = is_awake(session, now)
    return [_standing(job, newest.get(job.name, []), succeeded, now.astimezone(zone), awake) for job in jobs]


def _lately() -> ColumnElement[bool]:
    """The condition that a run is one of the last weeks': no look reads years of them."""
    return Run.id > select(func.max(Run.id)).scalar_subquery() - LATELY


def _newest(session: Session) -> Mapping[str, Sequence[Run]]:
    """The last few runs of each job, the newest first."""
    place = func.row_number().over(partition_by=Run.job, order_by=Run.id.desc()).label("place")
    numbered = select(Run.id, place).where(_lately()).subquery()
    rows = select(Run).join(numbered, numbered.c.id == Run.id).where(numbered.c.place <= OFTEN + 1)
    found: dict[str, list[Run]] = {}
    for run in session.scalars(rows.order_by(Run.id.desc())):
        found.setdefault(run.job, []).append(run)
    return found


def _standing(
    job: Job, runs: Sequence[Run], succeeded: Mapping[str, datetime], here: datetime, awake: bool
) -> Standing:
    last = runs[0] if runs else None
    done = {run.period for run in runs if run.state is RunState.DONE}
    wanted = {job.period(here - hours * timedelta(hours=1)) for hours in range(GRACE // HOUR + 1)}
    busy = last is not None and last.state is RunState.RUNNING and last.claimed_at > here - AT_WORK
    failed = last is not None and last.state is RunState.FAILED
    return Standing(
        job.name,
        began=last.claimed_at if last else None,
        succeeded=succeeded.get(job.name),
        state=last.state if last else None,
        failures=_failures(runs),
        error=last.report.partition(":")[0] if last and failed else "",
        late=awake and not busy and not wanted & done,
    )


def _failures(runs: Sequence[Run]) -> int:
    """Failures in a row, up to the newest; each attempt counts."""
    failures = 0
    for run in runs:
        if run.state is RunState.DONE:
            break
        failures += run.attempts if run.state is RunState.FAILED else run.attempts - 1
    return failures


def beats(session: Session) -> list[Beat]:
    """The clocks that have said that they are at work, by their names."""
    return list(session.scalars(select(Beat).order_by(Beat.clock)))


def is_awake(session: Session, now: datetime) -> bool:
    """Whether a clock has been at work long enough that jobs should have run."""
    return any(beat.beaten_at > now - SILENT and beat.started_at <= now - AWAKE for beat in beats(session))


def forget(session: Session, now: datetime) -> int:
    """Delete runs of long ago; how many. Their periods never come back."""
    return len(session.scalars(delete(Run).where(Run.claimed_at < now - KEPT).returning(Run.id)).all())
