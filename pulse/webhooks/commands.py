"""flask webhooks: webhooks from the command line."""

from datetime import UTC, datetime

import click

from config import settings
from pulse import db
from pulse.webhooks import guard, service
from pulse.webhooks.events import WANTED, Event
from pulse.webhooks.models import Webhook


@click.group("webhooks")
def webhooks() -> None:
    """Other programs that are told of flags and verdicts."""


@webhooks.command("add")
@click.argument("name")
@click.argument("url")
@click.option(
    "--event",
    "events",
    type=click.Choice([event.value for event in WANTED]),
    multiple=True,
    help="what it is told of; default: everything",
)
def add(name: str, url: str, events: tuple[str, ...]) -> None:
    """Make a webhook and print its secret, this once."""
    known = settings()
    if known.secret_key is None:
        raise click.ClickException("set PULSE_SECRET_KEY first: the secret is encrypted under it")
    try:
        with db.writing() as session:
            made = service.make(
                session,
                name,
                url,
                {Event(event) for event in events} or set(WANTED),
                inwards=known.webhook_inwards,
                key=known.secret_key.get_secret_value(),
                now=datetime.now(UTC),
            )
            said = f"webhook: {made.webhook_id}\nsecret: {made.secret}"
    except service.NotAName:
        raise click.ClickException("give a name of 1 to 100 characters on one line") from None
    except service.NameTaken:
        raise click.ClickException(f"there is a webhook of the name {name}: stop it first") from None
    except guard.Inwards:
        raise click.ClickException(
            "this address leads into your own network; PULSE_WEBHOOK_INWARDS names those allowed"
        ) from None
    except guard.NotAnAddress:
        raise click.ClickException("give an address such as https://example.org/pulse") from None
    click.echo(said)


@webhooks.command("list")
def list_webhooks() -> None:
    """List all webhooks: number, name, address, events, what waits, and how they are."""
    with db.reading() as session:
        for one in service.listed(session):
            webhook = one.webhook
            state = "stopped" if webhook.stopped_at else "failing" if one.failing else "works"
            told = [
                str(webhook.id),
                webhook.name,
                webhook.url,
                ",".join(webhook.events),
                str(one.waiting),
                state,
            ]
            click.echo("\t".join(told))


@webhooks.command("stop")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
def stop(number: int) -> None:
    """Tell the webhook of this NUMBER nothing more."""
    with db.writing() as session:
        webhook: Webhook | None = service.one(session, number)
        if webhook is None:
            raise click.ClickException(f"there is no webhook {number}; see `flask webhooks list`")
        service.stop(session, webhook, datetime.now(UTC))
        name = webhook.name
    click.echo(f"stopped: {name}")
