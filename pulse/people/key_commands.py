"""flask keys: keys of the API from the command line."""

from datetime import UTC, date, datetime

import click

from config import settings
from pulse import db
from pulse.people import api_keys, service
from pulse.people.models import Scope


@click.group("keys")
def keys() -> None:
    """Keys by which other programs speak to Pulse."""


@keys.command("add")
@click.argument("name")
@click.option(
    "--scope", "scopes", type=click.Choice([scope.value for scope in Scope]), multiple=True, required=True
)
@click.option(
    "--expires", type=click.DateTime(["%Y-%m-%d"]), help="the last day it works; default: until revoked"
)
def add(name: str, scopes: tuple[str, ...], expires: datetime | None) -> None:
    """Make a key and print it, this once."""
    secret = settings().secret_key
    if secret is None and Scope.LINKS.value in scopes:
        raise click.ClickException("set PULSE_SECRET_KEY first: the secret for links is made of it")
    try:
        with db.writing() as session:
            made = api_keys.make(
                session,
                name,
                {Scope(scope) for scope in scopes},
                expires=expires.date() if expires else None,
                secret_key=secret.get_secret_value() if secret else "",
                now=datetime.now(UTC),
            )
    except api_keys.NameTaken:
        raise click.ClickException(f"there is a key of the name {name} that works: revoke it first") from None
    except api_keys.NotAName:
        raise click.ClickException("give a name of 1 to 100 characters on one line") from None
    except api_keys.Over:
        raise click.ClickException("the last day is over already: give today or a later one") from None
    click.echo(f"key: {made.text}")
    if made.link_secret:
        click.echo(f"link secret: {made.link_secret}")


@keys.command("list")
def list_keys() -> None:
    """List all keys: public part, name, scopes, made, last day, last used, and whether it works."""
    today = service.today()
    with db.reading() as session:
        for held in api_keys.listed(session):
            key = held.key
            standing = "works" if held.works(today) else "revoked" if key.revoked_at else "expired"
            scopes = ",".join(key.scopes)
            days = (key.made_at.date(), key.expires_on, key.last_used_on)
            click.echo("\t".join([key.public, key.name, scopes, *map(_day, days), standing]))


def _day(day: date | None) -> str:
    return day.isoformat() if day else "-"


@keys.command("revoke")
@click.argument("public")
def revoke(public: str) -> None:
    """Let the key of this PUBLIC part work no more, from now on; the links it signed neither."""
    try:
        with db.writing() as session:
            name = api_keys.revoke(session, public, datetime.now(UTC)).name
    except api_keys.UnknownKey:
        raise click.ClickException(f"there is no key {public} that works; see `flask keys list`") from None
    click.echo(f"revoked: {name}")
