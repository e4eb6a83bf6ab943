"""A told company with somebody who may do everything, in one application for all tests of a module."""

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.routing import Rule

from pulse import db
from pulse.db import Base, main, night
from pulse.i18n import speaking
from pulse.organisation.models import Fix, Irritant, Team, Touchpoint
from pulse.people import service
from pulse.people.models import Grant
from pulse.verdicts.models import Flag
from surveys.ballots.urn import urn, urn_tally
from tests.architecture.test_who_may_enter import NOBODYS, address, case_of, kind_of
from tests.conftest import Addresses, made
from tests.pulse.dashboards.line import tell_line
from tests.pulse.dashboards.told import PASSWORD
from tests.pulse.test_web import sign_in

ALL = "all@example.org"
FURTHER = {
    "/asking/": "touchpoint",
    "/doors/": "touchpoint",
    "/people/<": "person",
    "/irritants/": "irritant",
}


@dataclass
class House:
    """The application, the browser of somebody with every grant, and what stands in addresses."""

    app: Flask
    client: FlaskClient
    there: dict[str, str]

    def address(self, rule: Rule) -> str:
        """An address of a rule, about something that is there."""
        kind = next((kind for start, kind in FURTHER.items() if rule.rule.startswith(start)), kind_of(rule))
        return address(rule, self.there.get(kind or "", NOBODYS))

    def stranger(self) -> FlaskClient:
        """Another browser, not signed in."""
        return self.app.test_client()


def token(page: str) -> str:
    """The token of a page's forms."""
    found = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found is not None
    return found[1]


def everything(session: Session) -> dict[str, list[tuple[object, ...]]]:
    """Every row of the main database, by table."""
    return {
        table.name: sorted((tuple(row) for row in session.execute(select(table))), key=repr)
        for table in Base.metadata.sorted_tables
    }


def stored() -> dict[str, list[tuple[object, ...]]]:
    """Every row as it is now."""
    with db.reading() as session:
        return everything(session)


@pytest.fixture(scope="module")
def house(sqlite_templates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """The told company; what a test changes in it stays for the next one of the module."""
    folder = tmp_path_factory.mktemp("house")
    for name in ("main", "urn"):
        shutil.copy(sqlite_templates / f"{name}.sqlite", folder / f"{name}.sqlite")
    app = made(Addresses(*(f"sqlite:///{folder / name}.sqlite" for name in ("main", "urn"))))
    with speaking("en"), db.writing() as session:
        tell_line(session)
        person = service.add(session, ALL, name="All", language="en", password=PASSWORD)
        for grant in (Grant.ANALYST, Grant.ADMIN, Grant.OWNER):
            service.grant(session, person, grant)
        there = {
            "team": session.scalars(select(Team.code).where(Team.code == "counter")).one(),
            "fix": session.scalars(select(Fix.code).order_by(Fix.id)).all()[0],
            "flag": str(session.scalars(select(Flag.id)).all()[0]),
            "case": str(case_of(session)),
            "touchpoint": str(session.scalars(select(Touchpoint.id)).all()[0]),
            "irritant": session.scalars(select(Irritant.code)).all()[0],
            "person": str(person.id),
        }
    client = app.test_client()
    sign_in(client, ALL)
    yield House(app, client, there)
    for database in (main, night, urn, urn_tally):
        database.close()
