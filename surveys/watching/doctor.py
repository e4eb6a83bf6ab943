"""flask doctor: looks at everything an installation needs, and says what to do where something is wrong."""

import json
from datetime import UTC, datetime

import click
from flask import current_app
from flask.cli import with_appcontext

from config import settings
from surveys.watching import checks
from surveys.watching.check import Check, State

WORDS = {State.OK: "ok", State.WARNING: "WARNING", State.FAILING: "FAILING"}


@click.command("doctor")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--without-mail-server", "without", is_flag=True, help="Do not try whether it lets us in.")
@with_appcontext
def doctor(form: str, without: bool) -> None:
    """Look at everything and say what to do. Ends with 1 where something fails, 0 else, warnings included.

    Run it with the settings of the clock: it then tries every database role there is.
    """
    known, now = settings(), datetime.now(UTC)
    found = checks.everything(now, known, current_app.extensions["pulse.jobs"], asks_mail_server=not without)
    if form == "json":
        click.echo(json.dumps([_as_json(check) for check in found], ensure_ascii=False, indent=1))
    else:
        for check in found:
            click.echo(f"{WORDS[check.state]:8} {check.title}: {check.said}")
            if check.advice:
                click.echo(f"{'':8} -> {check.advice}")
    if checks.fails(found):
        raise SystemExit(1)


def _as_json(check: Check) -> dict[str, str]:
    return {"name": check.name, "state": check.state.value, "said": check.said, "advice": check.advice}
