"""Commands that know both databases: migrations, and the made-up company that `scripts/run` shows."""

from pathlib import Path

import click
from sqlalchemy import text

from pulse import migrations
from pulse.db import Database, main
from pulse.ledger import roles as ledger_roles
from surveys.ballots import roles as ballot_roles
from surveys.ballots.urn import urn

FOLDERS = migrations.FOLDERS


def _databases(only: str | None) -> list[tuple[str, Database]]:
    return [(name, database) for name, database in (("main", main), ("urn", urn)) if only in (None, name)]


WHICH = click.option("--database", "only", type=click.Choice(list(FOLDERS)), help="One of the two alone.")


@click.group("db")
def db() -> None:
    """Migrations of both databases: the main one and the urn."""


@db.command("upgrade")
@click.argument("revision", default="head")
@WHICH
def upgrade(revision: str, only: str | None) -> None:
    """Bring the databases up to a revision (the newest)."""
    for name, database in _databases(only):
        missing = migrations.pending(database, FOLDERS[name])
        _moved(migrations.upgrade, database, name, revision)
        click.echo(f"{name}: {'up to date' if not missing else 'migrated to ' + missing[-1]}")


@db.command("downgrade")
@click.argument("revision")
@WHICH
def downgrade(revision: str, only: str | None) -> None:
    """Bring the databases down to a revision ("base" empties them)."""
    for name, database in _databases(only):
        _moved(migrations.downgrade, database, name, revision)
        click.echo(f"{name}: at {revision}")


@db.command("check")
def check() -> None:
    """Tell whether the migrations make what the models say."""
    for name, database in _databases(None):
        try:
            migrations.check(database, FOLDERS[name])
        except migrations.MigrationsDiffer as error:
            raise click.ClickException(f"{name}: {error}") from error
        click.echo(f"{name}: migrations and models agree")


@db.command("roles")
@click.option("--web", default="pulse_web", show_default=True, help="Role of the pages on the main database.")
@click.option("--night", default="pulse_night", show_default=True, help="Role of the clock on it.")
@click.option("--casting", default="pulse_casting", show_default=True, help="Role of the pages on the urn.")
@click.option("--tally", default="pulse_tally", show_default=True, help="Role of the clock on the urn.")
@click.option("--apply", "carried_out", is_flag=True, help="Carry them out, as the owner of both databases.")
def roles(web: str, night: str, casting: str, tally: str, carried_out: bool) -> None:
    """Print what gives the four roles their rights on PostgreSQL, and no more (docs/postgresql.md)."""
    named = (ballot_roles.QUOTED.quote(role) for role in (web, night))
    statements = {
        "main": [*ballot_roles.alone(*named), *ledger_roles.grants(web, night)],
        "urn": ballot_roles.grants(casting, tally),
    }
    for name, database in _databases(None):
        if not carried_out:
            click.echo("\n".join([f"-- On the {name} database:", *(f"{line};" for line in statements[name])]))
            continue
        if database.engine.dialect.name != "postgresql":
            raise click.ClickException(f"{name}: SQLite knows no roles; nothing was changed in it")
        with database.engine.begin() as connection:
            for line in statements[name]:
                connection.execute(text(line))
        click.echo(f"{name}: rights given")


def _moved(step: migrations.Step, database: Database, name: str, revision: str) -> None:
    try:
        step(database, FOLDERS[name], revision)
    except migrations.UnknownRevision as error:
        raise click.ClickException(f"{name}: {error}") from error


@click.command("demo")
@click.option("--people", "size", type=click.IntRange(60), default=2000, show_default=True)
@click.option("--months", type=click.IntRange(6), default=36, show_default=True)
@click.option("--seed", type=click.IntRange(0), default=7, show_default=True)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Only write it, as a company folder."
)
@click.option("--if-empty", is_flag=True, help="Do nothing where another organisation is loaded.")
def demo_command(size: int, months: int, seed: int, out: Path | None, if_empty: bool) -> None:
    """Make up a company with planted truth; loads it, replays it and prints accounts to sign in with."""
    from surveys import demonstration  # NumPy and the method: no web worker needs them

    demonstration.show(size, months, seed, out=out, if_empty=if_empty)
