"""Pictures of every page, to be looked at.

    python -m tests.browser.screenshots FOLDER [--told | --answering] [--email E --password P] [--survey PATH]

Taken of the application as PULSE_* variables set it up (the demonstration, say); with --told, of the small
company the tests tell; with --answering, of the pages of those who answer.
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser
from sqlalchemy import select

from config import ROOT, Settings
from pulse import migrations
from pulse.dashboards import queries, unregistered
from pulse.db import main
from pulse.verdicts.models import Flag
from surveys.ballots.urn import urn
from tests.browser import pictures
from tests.browser.journey import migrated
from tests.browser.visitor import DESKTOP, PHONE, Visitor, chromium, served
from tests.pulse.dashboards.told import ANALYST, PASSWORD, tell
from wsgi import create_app

LOOKS = {
    "phone": {"size": PHONE},
    "desktop": {"size": DESKTOP},
    "dark": {"size": DESKTOP, "dark": True},
    "phone-dark": {"size": PHONE, "dark": True},
    "no-script": {"size": DESKTOP, "scripts": False},
}


def pages() -> dict[str, str]:
    """Every page of an analyst by the name its picture gets: a fix of each verdict, a flag, a change."""
    found = {"overview": "/dashboard", "fixes": "/fixes", "flags": "/flags", "pulse": "/pulse"}
    found["changes"], found["messages"] = "/changes", "/messages"
    with main.reading() as session:
        for line in queries.lines(session):
            found.setdefault(
                f"fix-{line.outcome.value if line.outcome else 'new'}", f"/fixes/{line.fix.code}"
            )
        if flag := session.scalars(select(Flag.id).order_by(Flag.id)).first():
            found["flag"] = f"/flags/{flag}"
        questions = unregistered.questions(session)
        if questions:
            found["change"] = f"/changes/{questions[0].change.id}"
    return found


def shoot(browser: Browser, address: str, folder: Path, email: str, password: str, survey: str) -> None:
    """Take every page in every look and both languages; survey = a customer's link, "" for none."""
    for look, how in LOOKS.items():
        for language in ("fr", "en"):
            visitor = Visitor.at(browser, address, language=language, **how)  # type: ignore[arg-type]
            _shot(visitor, f"/sign-in?lang={language}", folder / f"sign-in-{look}-{language}.png")
            if survey:
                _shot(visitor, f"{survey}?lang={language}", folder / f"survey-{look}-{language}.png")
            visitor.sign_in(email, password)
            for name, path in pages().items():
                _shot(visitor, f"{path}?lang={language}", folder / f"{name}-{look}-{language}.png")
            visitor.close()


def _shot(visitor: Visitor, path: str, file: Path) -> None:
    visitor.visit(path)
    visitor.page.screenshot(path=file, full_page=True)


@contextmanager
def _told() -> Iterator[Flask]:
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(
            database_url=f"sqlite:///{folder}/pulse.sqlite",
            urn_url=f"sqlite:///{folder}/urn.sqlite",
            secret_key="a key for pictures only, long enough",  # type: ignore[arg-type]
        )
        app = create_app(settings)
        migrations.upgrade(main, ROOT / "migrations" / "main")
        migrations.upgrade(urn, ROOT / "migrations" / "urn")
        with main.writing() as session:
            tell(session)
        yield app


@contextmanager
def _as_set_up() -> Iterator[Flask]:
    yield create_app()


def run() -> None:
    """Take the pictures."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("folder", type=Path)
    words.add_argument("--told", action="store_true")
    words.add_argument("--answering", action="store_true")
    words.add_argument("--email", default=ANALYST)
    words.add_argument("--password", default=PASSWORD)
    words.add_argument("--survey", default="", help="path of a customer's link, /r/...")
    asked = words.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    if asked.answering:
        with tempfile.TemporaryDirectory() as files, chromium() as browser:
            pictures.shoot(browser, migrated(Path(files)), asked.folder, LOOKS)
        return
    with _told() if asked.told else _as_set_up() as app, served(app) as address, chromium() as browser:
        shoot(browser, address, asked.folder, asked.email, asked.password, asked.survey)


if __name__ == "__main__":
    run()
