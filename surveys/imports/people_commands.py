"""`flask people`: the HR file into the database, all or nothing, with a report anybody can read."""

import sys
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path

import click

from pulse import db
from pulse.people import files, service, taking_over
from pulse.people.files import Summary
from surveys.imports import people
from surveys.imports.commands import bar_over, number, say
from surveys.imports.people import COLUMNS, Reading, Wanted
from surveys.imports.refusals import quoted

CHANGES = {
    "joined": "join",
    "returned": "return",
    "moved": "move to another team",
    "left": "leave, by the date in the file",
    "absent": "leave: the file does not name them",
    "updated": "stay, with a new name, way to answer or team to head",
    "stayed": "stay as they are",
    "passed by": "had left before",
}


@click.command("people")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Read and check everything, change nobody.")
@click.option(
    "--from",
    "starts",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day from which the file holds (today). A pulse that is open keeps its people.",
)
@click.option("--full", is_flag=True, help="The file names everybody: whoever it does not name has left.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="OURS=THEIRS",
    help=f"What the file calls a column ({', '.join(COLUMNS)}).",
)
@click.option(
    "--leavers", type=click.IntRange(0), help="How many people leave: needed where it is more than a fifth."
)
def people_command(
    file: Path,
    dry_run: bool,
    starts: datetime | None,
    full: bool,
    columns: tuple[str, ...],
    leavers: int | None,
) -> None:
    """Take a file of people over: who joins, moves and leaves, all of it or nothing."""
    day = starts.date() if starts else service.today()
    reading = _read(file, Wanted(day, full=full, columns=_columns(columns)))
    _print_read(reading)
    if reading.file_id is None:
        _print_refused(reading)
        sys.exit(1)
    if dry_run:
        with db.writing() as session:
            _print_summary(files.summary(session, files.waiting(session, reading.file_id)), day)
            files.drop(session, reading.file_id)
        say("Dry run: nobody was changed.")
        return
    _print_summary(_kept(reading.file_id, leavers), day)


def _columns(given: tuple[str, ...]) -> Mapping[str, str]:
    found = {}
    for pair in given:
        ours, equals, theirs = pair.partition("=")
        if ours not in COLUMNS or not equals or not theirs.strip():
            raise click.UsageError(
                f"--column {pair}: write one of {', '.join(COLUMNS)}, = and its name there"
            )
        found[ours] = theirs
    return found


def _read(file: Path, wanted: Wanted) -> Reading:
    with bar_over([file]) as progress:
        return people.read(db.main, file, wanted, name=file.name, now=datetime.now(UTC), progress=progress)


def _kept(file_id: int, leavers: int | None) -> Summary:
    try:
        with db.writing() as session:
            return people.keep(session, file_id, leavers_confirmed=leavers, by=None, now=datetime.now(UTC))
    except taking_over.TooManyLeavers as many:
        why = (
            f"{number(many.leavers, 'person', 'people')} of {many.people} would leave, more than a fifth: if"
            f" that is right, run it again with --leavers {many.leavers}"
        )
    except taking_over.NoAdminLeft:
        why = "nobody would be left to look after accounts; make somebody who stays an admin first"
    except taking_over.Overtaken:
        why = "people were changed while the file was read; run it again"
    with db.writing() as session:
        files.drop(session, file_id)
    raise click.ClickException(f"{why}. Nobody was changed")


def _print_read(reading: Reading) -> None:
    say(f"{reading.name}: {number(reading.rows, 'row')} read")
    if reading.ignored:
        say(f"{reading.name}: ignored {', '.join(quoted(name) for name in reading.ignored)}")


def _print_refused(reading: Reading) -> None:
    for refusal in reading.refused:
        say(str(refusal), err=True)
    more = reading.refused_in_all - len(reading.refused)
    if more:
        say(f"... and {more} more", err=True)
    say(f"Nobody was changed: {number(reading.refused_in_all, 'value')} refused, told on standard error.")


def _print_summary(summary: Summary, day: date) -> None:
    if not summary.changes:
        say("Nothing changes: everybody is as the file says.")
        return
    say(f"From {day} on; a pulse that is open keeps the people it was opened with:")
    for change, words in CHANGES.items():
        if found := summary.counts.get(change):
            say(f"  {found} {words}")
            for email, name in summary.examples.get(change, ()) if change in ("left", "absent") else ():
                say(f"    {quoted(email)[1:-1]} {quoted(name)[1:-1]}".rstrip())
    if summary.doubtful:
        say(f"  {summary.leaving} of {summary.people} leave, more than a fifth: look twice")
