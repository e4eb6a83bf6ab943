"""On PostgreSQL, under the web's role: the organisation comes in on screen, sums of answers do not."""

import os
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy.engine import make_url

from pulse.db import Database, main, night
from pulse.people import service as people
from pulse.people.models import Grant
from surveys.ballots.urn import urn, urn_tally
from tests.conftest import Addresses, made
from tests.surveys.ballots.test_roles import as_role, names  # noqa: F401  # fixtures
from tests.surveys.starting.conftest import (
    ADMIN,
    STRUCTURE,
    bring,
    entered,
    example_files,
    press,
    waiting_path,
)


@pytest.fixture
def app(as_role, names, postgresql_addresses: Addresses) -> Iterator[Flask]:  # noqa: F811
    """The pages as docs/postgresql.md has them run: with the web's role and no other."""
    if "PGHOST" not in os.environ:
        pytest.skip("no PostgreSQL: run the tests by scripts/test, which starts one")

    def address(role: str, where: str) -> str:
        url = make_url(getattr(postgresql_addresses, where))
        return url.set(username=names[role], password="for this test").render_as_string(hide_password=False)

    owner = Database()
    owner.connect(postgresql_addresses.main)
    with owner.writing() as session:
        people.grant(session, people.add(session, ADMIN, language="en"), Grant.ADMIN)
    owner.close()
    yield made(Addresses(address("web", "main"), address("casting", "urn")))
    for place in (main, night, urn, urn_tally):
        place.close()


def test_the_web_brings_the_organisation_in_and_is_kept_from_sums_of_answers(app: Flask) -> None:
    admin = entered(app, ADMIN)
    assert press(admin, "/start").status_code == 303
    path = waiting_path(bring(admin, *example_files()))
    for reply in (admin.get(path), press(admin, path)):
        assert "the pages may not write them" in reply.text
        assert "Load it" not in reply.text
    path = waiting_path(bring(admin, *STRUCTURE))
    assert press(admin, path).headers["Location"] == "/start/look?loaded=51"
    assert press(admin, "/start/look").status_code == 303
    assert admin.get("/start/wave").status_code == admin.get("/start/sending").status_code == 200
