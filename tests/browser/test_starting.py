"""The five steps of the first run as an administrator sees them, on a phone and at a desk."""

from datetime import UTC, datetime
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser

from pulse.db import main
from pulse.people import service as people
from pulse.people.models import Grant
from surveys.starting import example
from tests.browser.visitor import DESKTOP, PHONE, Visitor, served
from tests.pulse.dashboards.told import PASSWORD

ADMIN = "ada@example.org"
STEPS = (
    "folder",
    "look",
    "people",
    "sending",
    "wave",
    "preview/customers?of=phone",
    "preview/employees?of=hotline",
)


def test_an_administrator_walks_through_the_first_run(
    browser: Browser, app: Flask, tmp_path: Path, monkeypatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with main.writing() as session:
        admin = people.add(session, ADMIN, language="fr", password=PASSWORD)
        people.grant(session, admin, Grant.ADMIN)
    zipped = tmp_path / "exemple.zip"
    zipped.write_bytes(example.packed(datetime.now(UTC).date()))
    with served(app) as address:
        visitor = Visitor.at(browser, address, size=PHONE, language="fr")
        visitor.sign_in(ADMIN, PASSWORD)
        found = visitor.visit("/start").looks()
        visitor.press("main button.go")
        visitor.visit("/start/folder").press("main button.go")  # with no file chosen
        found += visitor.looks()
        visitor.page.set_input_files("#files", zipped)
        visitor.press("main button.go")
        found += visitor.looks()
        visitor.press("main button.go")
        for step in STEPS:
            visitor.visit(f"/start/{step}")
            found += visitor.looks()
        found += visitor.visit("/start/sending").turns(DESKTOP, dark=True)
        visitor.close()
    assert found == []
