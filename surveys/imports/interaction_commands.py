"""`flask interactions`: a file of customers' interactions; who is to be asked is written to."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from config import settings
from pulse import db
from surveys.imports import interactions
from surveys.imports.commands import bar_over, number, say
from surveys.imports.refusals import quoted
from surveys.invitations.interactions import NoSecretKey
from surveys.invitations.models import Outcome

OUTCOMES = {
    Outcome.INVITED: "invited",
    Outcome.TOO_OLD: "not asked: too long ago",
    Outcome.NO_ADDRESS: "not asked: nothing to reach them by",
    Outcome.OPTED_OUT: "not asked: they want no more surveys",
    Outcome.UNREACHABLE: "not asked: what was sent to them before came back",
    Outcome.NOT_SAMPLED: "not asked: not in the sample",
    Outcome.ASKED_RECENTLY: "not asked: asked recently",
    Outcome.TARGET_REACHED: "not asked: enough were invited this month",
}


@click.command("interactions")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def interactions_command(file: Path) -> None:
    """Take customers' interactions from a CSV file: each is decided on once, however often it comes.

    Columns: interaction, touchpoint, happened_at; and customer, email, phone, language, name as known.
    """
    try:
        with bar_over([file]) as progress:
            done = interactions.load(db.main, file, datetime.now(UTC), known=settings(), progress=progress)
    except NoSecretKey:
        raise click.ClickException(
            "PULSE_SECRET_KEY is not set: customers are known by digests under it. Set it to the site's own"
        ) from None
    _tell(done)
    if done.refusals.count:
        sys.exit(1)


def _tell(done: interactions.Done) -> None:
    say(f"{done.name}: {number(done.rows, 'row')} read")
    if done.ignored:
        say(f"{done.name}: ignored {', '.join(quoted(name) for name in done.ignored)}")
    for refusal in done.refusals.first:
        say(str(refusal), err=True)
    more = done.refusals.count - len(done.refusals.first)
    if more:
        say(f"... and {more} more", err=True)
    for outcome, words in OUTCOMES.items():
        if found := done.outcomes[outcome]:
            say(f"  {found} {words}")
    if done.known:
        say(f"  {done.known} had come before: nothing changed")
    if done.refusals.count:
        refused = number(done.refusals.count, "value")
        say(f"{refused} refused, told on standard error; all other rows were taken.")
