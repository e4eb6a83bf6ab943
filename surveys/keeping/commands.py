"""`flask backup` and `flask restore`: both databases out into one file, and back from it."""

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO

import click
from flask import current_app
from flask.cli import with_appcontext

from surveys.keeping import backup, restore

STAMP = "pulse-%Y%m%dT%H%M%SZ.backup"
MADE_HERE = "pulse-*.backup"
A_DAY = 24 * 3600
STREAM = "-"
KEY_WANTED = "PULSE_SECRET_KEY is not set: a backup is sealed with it, and useless without it"


@click.command("backup")
@click.argument("file", required=False)
@click.option(
    "--into",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write into this folder, under a name of day and hour.",
)
@click.option(
    "--keep", type=click.IntRange(1), help="With --into: keep so many of the newest, delete older ones."
)
@click.option(
    "--forgotten",
    "only_forgotten",
    is_flag=True,
    help="Only the list of what must not come back: a small file, to be written often and kept elsewhere.",
)
@with_appcontext
def backup_command(file: str | None, folder: Path | None, keep: int | None, only_forgotten: bool) -> None:
    """Write both databases into one new FILE (- = standard output) while Pulse is running."""
    if (file is None) == (folder is None) or (keep and folder is None):
        raise click.UsageError("give either FILE, or --into FOLDER with or without --keep N")
    now, secret = datetime.now(UTC), _secret()
    whole = not only_forgotten
    if file == STREAM:
        digest = _taken(sys.stdout.buffer, None, secret, now, whole=whole)
        backup.note(STREAM, digest)
        return
    if folder is not None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _tidied(folder)
    target = Path(file) if file is not None else (folder or Path()) / now.strftime(STAMP)
    with _new(target) as out:
        digest = _taken(out, target.parent, secret, now, whole=whole)
    if whole:
        backup.note(target.name, digest)
    click.echo(f"{target}: SHA-256 {digest}")
    if folder is not None and keep:
        for old in sorted(folder.glob(MADE_HERE))[:-keep]:
            old.unlink()
            click.echo(f"{old}: deleted")


def _secret() -> str:
    key = current_app.config["SECRET_KEY"]
    if not key:
        raise click.ClickException(KEY_WANTED)
    return str(key)


def _taken(out: IO[bytes], beside: Path | None, secret: str, now: datetime, *, whole: bool) -> str:
    try:
        return backup.take(out, beside, secret=secret, now=now, whole=whole)
    except backup.CannotBackUp as error:
        raise click.ClickException(f"no backup was made: {error}") from error
    except BrokenPipeError:
        raise  # whoever read it has gone: Click ends without a word
    except OSError as error:
        raise click.ClickException(f"no backup was made: {error.strerror}") from error


@contextmanager
def _new(target: Path) -> Iterator[IO[bytes]]:
    """A file that is there whole or not at all, for its owner alone to read."""
    if target.exists():
        raise click.ClickException(f"{target} is there already; nothing is overwritten")
    part = target.with_name(target.name + ".part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            yield out
        part.rename(target)
    finally:
        part.unlink(missing_ok=True)


def _tidied(folder: Path) -> None:
    """Delete what runs that were killed left behind: whole databases, readable by whoever reads them."""
    for left in folder.glob(f"{backup.WORK}*"):
        if left.is_dir() and not left.is_symlink() and time.time() - left.stat().st_mtime > A_DAY:
            shutil.rmtree(left)


@click.command("restore")
@click.argument("file")
@click.option(
    "--also",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A later backup: what it knows to be erased is erased (those beside FILE are looked at anyway).",
)
@click.option("--check", is_flag=True, help="Only read FILE and compare it with its digests.")
@click.option(
    "--moved",
    is_flag=True,
    help="Nothing happened since: messages that waited may be sent, not looked at first.",
)
@click.option("--other-key", is_flag=True, help="It was made under another PULSE_SECRET_KEY: do not look.")
@with_appcontext
def restore_command(file: str, also: tuple[Path, ...], check: bool, moved: bool, other_key: bool) -> None:
    """Bring a backup (FILE, - = standard input) back into two empty databases, as their owner."""
    now, secret = datetime.now(UTC), _secret()
    beside = None if file == STREAM else Path(file).resolve().parent
    with TemporaryDirectory(prefix=backup.WORK) as name, _readable(file) as source:
        work = Path(name)
        try:
            manifest = restore.opened(source, work, None if other_key else secret)
            click.echo(f"backup of {manifest.made_at:%Y-%m-%d %H:%M} UTC: whole, as it was written")
            if check:
                return
            restore.fits(manifest)
            others = [*also, *(sorted(beside.glob(MADE_HERE)) if beside else [])]
            with TemporaryDirectory(prefix=backup.WORK) as aside:
                since = restore.newer(others, manifest.made_at, Path(aside), secret)
            restore.bring_back(manifest, work)
        except restore.BrokenOff as error:
            raise click.ClickException(
                f"broken off: {error}. Delete both databases, make them anew, and try again"
            ) from error
        except restore.CannotRestore as error:
            raise click.ClickException(f"{file} cannot be restored: {error}") from error
    forget = current_app.extensions["surveys.forget"]
    jobs = current_app.extensions["pulse.jobs"]
    brought = restore.forget(manifest, since, now, also=forget, jobs=jobs, moved=moved)
    _tell(brought, manifest.engine, len(since))


@contextmanager
def _readable(file: str) -> Iterator[IO[bytes]]:
    if file == STREAM:
        yield sys.stdin.buffer
        return
    with Path(file).open("rb") as source:
        yield source


def _tell(brought: restore.Brought, engine: str, later: int) -> None:
    for name, report in brought.reports:
        click.echo(f"{name}: {report}")
    again = brought.again
    if later:
        click.echo(
            f"forgotten since, as {later} later backups know: {again.answers} answers erased again,"
            f" {again.contacts} customers asked no more, {again.api_keys} keys of the API revoked again"
        )
    if brought.doubtful:
        click.echo(
            f"{brought.doubtful} messages waited when the backup was made, and may have been sent since: an"
            " administrator decides on the page Messages"
        )
    click.echo("Everybody is signed out. Accounts closed and grants taken since the backup are open again.")
    if engine == "postgresql":
        click.echo("Give the roles their rights again: flask db roles --apply")
