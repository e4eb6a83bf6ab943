"""What the surveys package brings: its views, commands, jobs, menu lines and error pages."""

from collections.abc import Callable, Sequence

import click
from flask import Blueprint, Flask

from config import Settings
from pulse.scheduler import Job
from pulse.web import ErrorPage, MenuItem

BLUEPRINTS: Sequence[Blueprint] = ()
COMMANDS: Sequence[click.Command] = ()
JOBS: Sequence[Job] = ()
MENU: Sequence[MenuItem] = ()
ERRORS: Sequence[ErrorPage] = ()
SET_UP: Sequence[Callable[[Flask], None]] = ()


def connect(settings: Settings) -> None:
    """Connect the databases of the asking side."""
