"""`flask load`: a company folder into the database, all or nothing, with a report anybody can read."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.exc import IntegrityError

from pulse.db import night
from pulse.months import written
from pulse.organisation.models import Side
from surveys.imports import layouts
from surveys.imports.known import known
from surveys.imports.load import Reading, keep, read
from surveys.imports.records import Progress
from surveys.imports.refusals import Loaded, Refused, Report, quoted

OVERTAKEN = "the organisation was changed while the folder was read; load it again"
STEP = 1 << 20  # bytes between two moves of the progress bar


@click.command("load")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Read and check everything, keep nothing.")
@click.option(
    "--replace", is_flag=True, help="Replace months loaded before, and what was frozen at a fix's launch."
)
def load_command(folder: Path, dry_run: bool, replace: bool) -> None:
    """Load a company folder: everything in it, or nothing where a single row is refused."""
    try:
        report = _load(folder, dry_run=dry_run, replace=replace)
    except Refused as refused:
        _print_refused(refused.report)
        sys.exit(1)
    except IntegrityError:
        raise click.ClickException(OVERTAKEN) from None
    _print_read(report)
    _print_kept(report, dry_run=dry_run)


def _load(folder: Path, *, dry_run: bool, replace: bool) -> Report:
    """Read without holding the database up, then write in one transaction."""
    with night.reading() as session:
        before = known(session)
    with bar_over(folder / layout.file for layout in (*layouts.STRUCTURE, *layouts.SCORES)) as progress:
        reading: Reading = read(folder, before, replace=replace, progress=progress)
    with (night.reading if dry_run else night.writing)() as session:
        if known(session) != before:
            raise click.ClickException(OVERTAKEN)
        return keep(session, reading, replace=replace)


@contextmanager
def bar_over(files: Iterable[Path]) -> Iterator[Progress | None]:
    """A bar on a terminal; elsewhere standard error is for what was refused alone."""
    if not sys.stderr.isatty():
        yield None
        return
    size = sum(file.stat().st_size for file in files if file.is_file())
    with click.progressbar(length=size, label="Reading", file=sys.stderr) as bar:
        waiting = 0

        def move(_: str, read_on: int) -> None:
            nonlocal waiting
            waiting += read_on
            if waiting >= STEP:
                bar.update(waiting)
                waiting = 0

        yield move
        bar.update(waiting)


def _print_refused(report: Report) -> None:
    _print_read(report)
    for refusal in report.refused:
        say(str(refusal), err=True)
    more = report.refused_in_all - len(report.refused)
    if more:
        say(f"... and {more} more", err=True)
    say(f"Nothing was loaded: {number(report.refused_in_all, 'value')} refused, told on standard error.")


def _print_read(report: Report) -> None:
    for file, rows in report.rows.items():
        say(f"{file}: {number(rows, 'row')} read")
        if file in report.ignored_columns:
            say(f"{file}: ignored {', '.join(quoted(name) for name in report.ignored_columns[file])}")
    for file in report.ignored_files:
        say(f"{quoted(file)[1:-1]}: ignored, no file of a company folder")


def _print_kept(report: Report, *, dry_run: bool) -> None:
    if not (report.changes or report.added or report.replaced):
        say("Nothing changed: all of it had been loaded before.")
    else:
        say(f"Organisation: {number(report.changes, 'entry', 'entries')} added, changed or taken away")
    for what in ("added", "replaced", "unchanged"):
        for side in Side:
            _print_months(what, side, [month for month in getattr(report, what) if month.side is side])
    if dry_run:
        say("Dry run: nothing of this was kept.")


def _print_months(what: str, side: Side, months: list[Loaded]) -> None:
    if months:
        first, last = written(min(months).month), written(max(months).month)
        span = first if first == last else f"{first} to {last}"
        say(f"{side.value} answers: {number(len(months), 'month')} {what} ({span})")


def number(count: int, one: str, many: str | None = None) -> str:
    """So many things, in English: commands speak no other language."""
    return f"{count} {one if count == 1 else many or one + 's'}"


def say(line: str, *, err: bool = False) -> None:
    """Print a line, whatever characters the terminal knows."""
    encoding = (sys.stderr if err else sys.stdout).encoding or "utf-8"
    click.echo(line.encode(encoding, "backslashreplace").decode(encoding), err=err)
