"""`flask codes`: sheets of printed codes, from the command line."""

import os
from datetime import date
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from surveys.ballots.codes import AlreadyMade, NoSuchUnit, NoSuchWave
from surveys.responses.codes import made
from surveys.waves.commands import MonthOption


@click.command("codes")
@click.option("--wave", "month", type=MonthOption(), required=True, help="The month, as YYYY-MM.")
@click.option("--unit", required=True, help="Code of the ballot unit.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The PDF file.")
@with_appcontext
def codes_command(month: date, unit: str, out: Path) -> None:
    """Make the sheets of printed codes of a unit, once: one code for each person who answers by code."""
    if current_app.config["SECRET_KEY"] is None:
        raise click.ClickException("set PULSE_SECRET_KEY first: a code is known by a digest under it")
    try:
        # Opened first, and for its owner alone: whoever reads it could answer in place of others.
        with open(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(made(month, unit))
    except FileExistsError:
        raise click.ClickException(f"{out} is there already: name another file") from None
    except (NoSuchWave, NoSuchUnit, AlreadyMade) as refused:
        out.unlink()
        raise click.ClickException(REFUSALS[type(refused)]) from None
    click.echo(f"{out}: print it before a witness, then delete it")


REFUSALS: dict[type[Exception], str] = {
    NoSuchWave: "no wave of this month is open",
    NoSuchUnit: "nobody of such a unit answers by a printed code: `flask people` says who does",
    AlreadyMade: "the unit's codes were made before: more of them could be more answers than people",
}
