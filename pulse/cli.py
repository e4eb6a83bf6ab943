"""What every command says where a database or a file fails: one line on standard error."""

from copy import copy
from typing import Any

import click
from sqlalchemy.exc import DBAPIError, OperationalError

from pulse.db import WrongEncoding

NOT_MIGRATED = ("no such table", "no such column", "does not exist")  # SQLite twice, PostgreSQL
OUT_OF_REACH = ("unable to open", "connection", "could not translate")


def told_in_one_line(command: click.Command) -> click.Command:
    """The same command (a group with all of its own), but for what fails around it, told in one line."""
    told = copy(command)

    def invoke(context: click.Context) -> Any:
        try:
            return command.invoke(context)
        except DBAPIError as error:
            raise click.ClickException(explained(error)) from None
        except OSError as error:
            if error.filename is None:  # no file's: a pipe that nobody reads any more is Click's to end
                raise
            raise click.ClickException(f"{error.filename}: {error.strerror}") from None

    told.invoke = invoke  # type: ignore[method-assign, assignment]
    return told


def explained(error: DBAPIError) -> str:
    """What failed and what to do, in one line without any value: further lines of a driver's quote rows."""
    reason = (str(error.orig).strip().splitlines() or [type(error.orig).__name__])[0]
    if isinstance(error, WrongEncoding):
        return reason
    if any(words in reason for words in NOT_MIGRATED) and "database " not in reason:
        return f"a database is not up to date ({reason}): run `flask db upgrade`"
    if isinstance(error, OperationalError) and any(words in reason for words in OUT_OF_REACH):
        return f"a database cannot be reached ({reason}): check PULSE_DATABASE_URL and PULSE_URN_URL"
    return f"the database refuses: {reason}"
