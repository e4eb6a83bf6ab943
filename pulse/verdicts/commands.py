"""`flask correlate`, `flask verdicts`, `flask flags`, `flask changes` and `flask plan`."""

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date, datetime
from multiprocessing import get_context
from typing import TYPE_CHECKING

import click

from pulse.db import night
from pulse.months import written
from pulse.verdicts import report

if TYPE_CHECKING:
    from pulse.verdicts.nightly import Concluded

DAY = click.DateTime(["%Y-%m-%d"])
FORMAT = click.option("--format", "as_what", type=click.Choice(list(report.FORMATS)), default="table")


def _day(_: click.Context, __: click.Parameter, value: datetime | None) -> date | None:
    return None if value is None else value.date()


AS_OF = click.option("--as-of", type=DAY, callback=_day, metavar="YYYY-MM-DD", help="As if it were that day.")


@click.command("correlate")
@AS_OF
@click.option(
    "--replay", is_flag=True, help="Walk the months from the first on, as the scheduler would have."
)
@click.option(
    "--workers", type=click.IntRange(1), default=1, show_default=True, help="Processes to share the work."
)
@click.option("--cluster", metavar="ADDRESS", help="Share the work over the Dask cluster at this address.")
def correlate_command(as_of: date | None, replay: bool, workers: int, cluster: str | None) -> None:
    """Set both sides against each other and conclude over every fix."""
    from pulse.verdicts import nightly  # NumPy: no web worker needs it

    if cluster and workers > 1:
        raise click.UsageError("give either --workers or --cluster")
    with _executor(workers, cluster) as executor:
        try:
            done = nightly.correlate(night, as_of=as_of, replay=replay, executor=executor, progress=_say)
        except nightly.NothingClosed:
            raise click.ClickException(
                "no month is closed yet, so there is nothing to correlate: load a company folder "
                "(flask load FOLDER) or wait until a month has closed on both sides"
            ) from None
    if not done:
        click.echo("Nothing new: every closed month has been concluded from the same answers already.")


@contextmanager
def _executor(workers: int, cluster: str | None) -> Iterator[Executor | None]:
    if cluster:
        try:
            from distributed import Client
        except ImportError:
            raise click.ClickException(
                "a cluster needs the package distributed: install pulse[cluster]"
            ) from None
        with Client(cluster) as client:
            yield client.get_executor()
    elif workers > 1:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            yield pool
    else:
        yield None


def _say(concluded: "Concluded") -> None:
    line = f"{written(concluded.month)}: {concluded.verdicts} verdicts"
    if concluded.revised:
        line += f", {concluded.revised} of them revised"
    if concluded.flags:
        line += f"; flagged: {', '.join(concluded.flags)}"
    if concluded.changes.reported:
        line += f"; unregistered changes: {concluded.changes.reported}"
    if concluded.changes.new:
        line += f", new: {', '.join(concluded.changes.new)}"
    click.echo(line)


@click.command("verdicts")
@AS_OF
@click.option("--history", is_flag=True, help="All original looks.")
@click.option("--revisions", is_flag=True, help="All looks, with the recomputed ones.")
@FORMAT
def verdicts_command(as_of: date | None, history: bool, revisions: bool, as_what: str) -> None:
    """Print what was concluded about each fix."""
    with night.reading() as session:
        rows = report.verdicts(session, as_of=as_of, history=history, revisions=revisions)
    _print(rows, report.COLUMNS, as_what, "No verdict yet: run flask correlate once a month is closed.")


@click.command("flags")
@FORMAT
def flags_command(as_what: str) -> None:
    """Print every flag raised."""
    with night.reading() as session:
        rows = report.flags(session)
    _print(rows, report.FLAG_COLUMNS, as_what, "No flag has been raised.")


@click.command("changes")
@FORMAT
def changes_command(as_what: str) -> None:
    """Print every change that no fix on record explains, and what was answered."""
    with night.reading() as session:
        rows = report.changes(session)
    _print(rows, report.CHANGE_COLUMNS, as_what, "No change without a fix on record has been reported.")


def _print(rows: list[report.Row], columns: tuple[str, ...] | list[str], as_what: str, nothing: str) -> None:
    if not rows and as_what == "table":
        click.echo(nothing)
    else:
        click.echo(report.FORMATS[as_what](rows, columns), nl=False)


@click.command("plan")
@click.argument("fix")
def plan_command(fix: str) -> None:
    """Say how large a burden on staff the answers about FIX (its code) would show, and when."""
    from pulse.verdicts import planning  # NumPy: no web worker needs it

    try:
        with night.reading() as session:
            found = planning.plan(session, fix)
    except planning.NoSuchFix:
        raise click.ClickException(f"there is no fix {fix}; `flask verdicts` lists the fixes") from None
    except planning.NobodyAsked:
        raise click.ClickException(
            f"no team of {fix} has enough answers about its irritant yet: ask about it (asked.csv), best "
            "six months before the start"
        ) from None
    click.echo(
        f"{found.fix}, started {found.started}: {found.answers:.1f} answers a month from each of "
        f"{found.teams} teams, {found.before} months before the start"
    )
    for effect in planning.WORTH_SEEING:
        own, other = found.months(effect), found.months(effect, elsewhere=True)
        click.echo(
            f"a burden of {effect:.1f} points would show {_after(own)} in its own teams, "
            f"{_after(other)} in one team elsewhere"
        )
    for after in planning.LOOKS:
        click.echo(
            f"after {after} months: {found.smallest(after):.1f} points in its own teams, "
            f"{found.smallest(after, elsewhere=True):.1f} in one team elsewhere"
        )


def _after(months: int | None) -> str:
    return "not within two years" if months is None else f"after {months} month{'s' if months > 1 else ''}"
