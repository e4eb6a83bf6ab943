"""flask users: accounts from the command line."""

from datetime import datetime

import click

from config import settings
from pulse import db
from pulse.people import factors, passwords, service
from pulse.people.models import Grant


@click.group("users")
def users() -> None:
    """Accounts."""


@users.command("add")
@click.argument("email")
@click.option("--grant", "grants", type=click.Choice([grant.value for grant in Grant]), multiple=True)
@click.option("--team", "code", help="code of the team a manager heads, or an employee belongs to")
@click.option("--name", default="", help="as shown to this person")
@click.option("--language", type=click.Choice(["fr", "en"]), help="default: the first of PULSE_LANGUAGES")
@click.option("--ask", is_flag=True, help="ask for the password instead of making one up")
def add(
    email: str, grants: tuple[str, ...], code: str | None, name: str, language: str | None, ask: bool
) -> None:
    """Add a person, or give an existing one a new password and further grants."""
    password = (
        click.prompt("Password", hide_input=True, confirmation_prompt=True) if ask else passwords.made_up()
    )
    if ask and passwords.easily_guessed(password, (email, name, settings().organisation)):
        raise click.ClickException(
            "this password is among the first that are tried: take a few words that have nothing to do with"
            " you or with each other"
        )
    try:
        with db.writing() as session:
            team = service.team(session, code) if code else None
            person = service.add(
                session, email, name=name, language=language or settings().languages[0], password=password
            )
            for grant in map(Grant, grants):
                service.grant(session, person, grant, team=team if grant is Grant.MANAGER else None)
            if team is not None:
                service.join(session, person, team, since=datetime.now(settings().zone).date())
            service.note(session, "person added", person.email, " ".join(grants))
    except service.NoSuchTeam:
        raise click.ClickException(f"there is no team {code}; `flask load` brings teams in") from None
    except service.NotAnAddress:
        raise click.ClickException(f"{email} is not an e-mail address") from None
    except passwords.WeakPassword:
        raise click.ClickException(f"choose a password of at least {passwords.SHORTEST} characters") from None
    click.echo(f"{person_line(email, grants)}" + ("" if ask else f"\npassword: {password}"))


def person_line(email: str, grants: tuple[str, ...]) -> str:
    """Who was added, in one line."""
    return f"{email.strip().lower()} ({', '.join(grants) or 'employee'})"


@users.command("reset-factor")
@click.argument("email")
def reset_factor(email: str) -> None:
    """Ask a person for no second factor until they set one up again: app and recovery codes are lost."""
    with db.writing() as session:
        person = service.person(session, email)
        if person is None:
            raise click.ClickException(f"nobody has the e-mail address {email}")
        factors.reset(session, person, by=None)
    click.echo(f"{email.strip().lower()} is signed out, and has no second factor any more")
