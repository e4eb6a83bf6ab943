"""Everything that is looked at: by /readyz what answering needs, by doctor and status page all."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy.exc import DBAPIError

from config import Settings
from pulse.cli import explained
from pulse.scheduler import Job
from surveys.watching import databases, machine, work
from surveys.watching.check import Check, State

__all__ = ["Check", "State", "everything", "fails", "readiness"]


def fails(found: Iterable[Check], *names: str) -> bool:
    """Whether any of these checks, or of all where none is named, fails."""
    return any(check.state is State.FAILING for check in found if not names or check.name in names)


def readiness(now: datetime, *, clock: bool = True) -> list[Check]:
    """What a web server needs in order to answer; it is ready where none of these fails.

    clock -- False leaves out whether anybody runs jobs: what a balancer asks, for a site without a clock
             still takes answers, and one without web servers does not

    A few short queries. Who asks without being known is to see names and states alone, not what is said.
    """
    found = [*machine.stopping(), *databases.reached()]
    if not fails(found):
        found += _seen("migrations", databases.migrated)
    if clock and not fails(found):
        found += _seen("clock", partial(work.clock, now))
    return found


def everything(
    now: datetime, settings: Settings, jobs: Sequence[Job], *, asks_mail_server: bool = True
) -> list[Check]:
    """All there is to look at, readiness first.

    now -- in any time zone
    jobs -- those the clock is to run
    asks_mail_server -- False where nobody should wait for another server: on a page. That none is set is
                        said nevertheless

    Where a database cannot be reached or is not up to date, what is in it is left out.
    """
    found = readiness(now)
    if not fails(found, "database", "urn", "migrations"):
        found += _seen("roles", partial(databases.roles, settings))
        found += _seen("durability", databases.durability)
        found += _seen("records", databases.records)
        found += _seen("time", databases.time)
        found += _seen("jobs", partial(work.jobs, now, jobs, settings.zone))
        found += _seen("messages", partial(work.messages, now))
        wanted = not machine.is_tried_out(settings)
        found += _seen("backup", partial(work.backup, now, wanted=wanted))
    found += [*machine.settings(settings), *machine.disks(settings)]
    if asks_mail_server or settings.smtp_url is None:
        found.append(machine.mail(settings))
    return found


def _seen(name: str, look: Callable[[], Check | Iterator[Check]]) -> list[Check]:
    """What a look into a database finds; that it fails is a finding too."""
    try:
        found = look()
        return [found] if isinstance(found, Check) else list(found)
    except DBAPIError as error:
        return [Check(name, State.FAILING, explained(error))]
