"""What the pulse package brings to the application: its views, commands, jobs, menu lines and error pages."""

from collections.abc import Callable, Sequence

import click
from flask import Blueprint, Flask

from config import Settings
from pulse import db
from pulse.dashboards.views import bp as dashboards
from pulse.i18n import lazy as _
from pulse.people import login
from pulse.people.commands import users
from pulse.people.views import bp as people
from pulse.scheduler import Job
from pulse.verdicts.commands import correlate_command, flags_command, verdicts_command
from pulse.web import ErrorPage, MenuItem, Reception

BLUEPRINTS: Sequence[Blueprint] = (people, dashboards)
COMMANDS: Sequence[click.Command] = (users, correlate_command, verdicts_command, flags_command)
JOBS: Sequence[Job] = ()
MENU: Sequence[MenuItem] = (
    MenuItem("pulse.dashboards.overview", _("Overview")),
    MenuItem("pulse.dashboards.fixes", _("Fixes")),
    MenuItem("pulse.dashboards.flags", _("Flags")),
)
ERRORS: Sequence[ErrorPage] = ()
SET_UP: Sequence[Callable[[Flask], None]] = (login.set_up,)
RECEPTION = Reception(visitor=login.here, sign_in="pulse.people.sign_in")


def connect(settings: Settings) -> None:
    """Connect the main database, once for the pages and once for the night's role."""
    db.main.connect(settings.database_url)
    db.night.connect(settings.night_url or settings.database_url)
