"""The application, put together from its two packages. Nothing else is in here."""

from collections.abc import Iterable
from types import ModuleType
from urllib.parse import urlsplit

import click
from flask import Blueprint, Flask
from flask.cli import FlaskGroup
from flask.helpers import get_debug_flag

import config
import pulse.wiring
import surveys.wiring
from pulse import web
from pulse.cli import told_in_one_line

KEY_WANTED = (
    "PULSE_SECRET_KEY is not set: it signs sessions and links. Set it to at least 32 random characters, for"
    " example to what `python3 -c 'import secrets; print(secrets.token_urlsafe(48))'` prints, and keep it."
)


class RefusesToStart(click.ClickException):
    """The settings do not allow Pulse to start; says in words what to set."""


def create_app(settings: config.Settings | None = None) -> Flask:
    """The whole of Pulse as a web application with its commands.

    Raises RefusesToStart where a setting is wrong or the secret key is missing (a command that serves no
    page does without the key), web.UnmarkedView where nobody said who may see a page.
    """
    known = settings or _settings()
    app = Flask(__name__)
    app.config.update(_flask_settings(known))
    packages = (pulse.wiring, surveys.wiring)
    for package in packages:
        _connect(package, known)
    app.extensions["pulse.jobs"] = [job for package in packages for job in package.JOBS]
    app.extensions["pulse.watches"] = [watch for package in packages for watch in package.WATCHES]
    app.register_blueprint(_nested("pulse", pulse.wiring.BLUEPRINTS))
    app.register_blueprint(_nested("surveys", surveys.wiring.BLUEPRINTS))
    for package in packages:
        for command in package.COMMANDS:
            app.cli.add_command(told_in_one_line(command))
        for set_up in package.SET_UP:
            set_up(app)
    web.set_up(
        app,
        languages=known.languages,
        reception=pulse.wiring.RECEPTION,
        menu=[item for package in packages for item in package.MENU],
        errors=[page for package in packages for page in package.ERRORS],
        ballot_host=known.ballot_url,
    )
    return app


def _settings() -> config.Settings:
    try:
        return config.settings()
    except config.WrongSettings as error:
        raise RefusesToStart(str(error)) from error


def _connect(package: ModuleType, settings: config.Settings) -> None:
    try:
        package.connect(settings)
    except OSError as error:
        raise RefusesToStart(
            f"no database can be kept in {error.filename} ({error.strerror}):"
            " check PULSE_DATABASE_URL and PULSE_URN_URL"
        ) from error


def _flask_settings(settings: config.Settings) -> dict[str, object]:
    if not _only_a_command():
        _refuse_what_is_unsafe(settings)
    encrypted = settings.site_url.startswith("https:")
    return {
        "SECRET_KEY": settings.secret_key.get_secret_value() if settings.secret_key else None,
        # The prefix makes browsers refuse such a cookie from a neighbouring host, or without encryption.
        "SESSION_COOKIE_NAME": "__Host-pulse" if encrypted else "pulse",
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "SESSION_COOKIE_SECURE": encrypted,
        "WTF_CSRF_TIME_LIMIT": None,  # a form may stay open as long as its reader needs
        "MAX_CONTENT_LENGTH": 1024 * 1024,
    }


def _refuse_what_is_unsafe(settings: config.Settings) -> None:
    """Refuse to serve, by whatever server, what anybody could take over; `flask serve` looks further."""
    if settings.secret_key is None:
        raise RefusesToStart(KEY_WANTED)
    if urlsplit(settings.site_url).hostname in config.OWN_MACHINE:
        return
    if config.is_guessable(settings.secret_key.get_secret_value()):
        raise RefusesToStart("PULSE_SECRET_KEY can be guessed: set it to what `openssl rand -hex 32` prints")
    if get_debug_flag():
        raise RefusesToStart("debugging is on, which opens the program to visitors: take FLASK_DEBUG away")


def _only_a_command() -> bool:
    """Whether the application is made for a command such as `flask load`, which signs nothing."""
    context = click.get_current_context(silent=True)
    return context is not None and isinstance(context.command, FlaskGroup)


def _nested(name: str, blueprints: Iterable[Blueprint]) -> Blueprint:
    # Endpoints are pulse.dashboards.flags: package, room, view; each application needs a parent of its own.
    parent = Blueprint(name, name)
    for blueprint in blueprints:
        parent.register_blueprint(blueprint)
    return parent
