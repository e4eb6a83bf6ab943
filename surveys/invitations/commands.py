"""flask invite: a link for one customer, from the command line."""

from datetime import UTC, datetime

import click

from config import settings
from pulse import db
from surveys.invitations import service


@click.command("invite")
@click.argument("touchpoint")
@click.option("--interaction", help="the contact's id in your own system; each leads to one link only")
def invite(touchpoint: str, interaction: str | None) -> None:
    """Print a link with which one customer can answer once about TOUCHPOINT, given by its code."""
    now = datetime.now(UTC)
    today = now.astimezone(settings().zone).date()
    try:
        with db.writing() as session:
            token = service.invite(session, touchpoint, interaction=interaction, happened_on=today, now=now)
    except service.UnknownTouchpoint:
        raise click.ClickException(f"there is no touchpoint {touchpoint}") from None
    except service.AlreadyInvited:
        raise click.ClickException(f"interaction {interaction} has led to a link before") from None
    click.echo(f"{settings().site_url}/r/{token}")
