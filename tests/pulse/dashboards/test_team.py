"""A manager sees the own line and no other, at or above the threshold, through the one door."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from pulse import db
from pulse.dashboards import team
from pulse.db import Database
from pulse.ledger.disclosure import Extent
from pulse.ledger.models import ReleasedCell
from pulse.organisation.models import Irritant, Place, Side, Team
from pulse.people import service
from pulse.people.models import Grant
from tests.pulse.dashboards.conftest import text_of
from tests.pulse.dashboards.line import COUNCIL, LATEST, MANAGER, NEIGHBOUR, OF_FEW, show, tell_line
from tests.pulse.dashboards.told import ANALYST, EMPLOYEE
from tests.pulse.test_web import sign_in, without_tokens


@pytest.fixture
def line(app: Flask) -> Flask:
    """The application over the told company with its reporting line."""
    with db.writing() as session:
        tell_line(session)
    return app


def browser_of(app: Flask, email: str) -> FlaskClient:
    """Somebody's browser, signed in."""
    client = app.test_client()
    sign_in(client, email)
    client.get("/me")
    return client


def test_who_heads_one_team_is_led_to_it(line: Flask) -> None:
    client = browser_of(line, MANAGER)
    assert client.get("/").headers["Location"] == "/teams"
    assert client.get("/teams").headers["Location"] == "/teams/counter"
    said = text_of(client.get("/teams/counter").text)
    assert "Ticket office, Rennes" in said
    assert "Between half and three quarters of those invited took part." in said
    assert "Refunds take too long" in said


def test_another_team_is_as_if_it_were_not_there(line: Flask) -> None:
    client = browser_of(line, MANAGER)
    pages = [client.get(f"/teams/{code}") for code in ("billing", "rail", "few", "no-such-team", "a%00b")]
    assert {page.status_code for page in pages} == {404}
    assert len({without_tokens(page.text) for page in pages}) == 1
    assert len({tuple(page.headers.keys()) for page in pages}) == 1
    assert browser_of(line, NEIGHBOUR).get("/teams/billing").status_code == 200


def test_an_employee_and_a_stranger_see_no_team(line: Flask, client: FlaskClient) -> None:
    employee = browser_of(line, EMPLOYEE)
    assert employee.get("/teams").status_code == employee.get("/teams/counter").status_code == 404
    assert client.get("/teams/counter").headers["Location"] == "/sign-in?next=/teams/counter"


@pytest.mark.parametrize("email", [ANALYST, COUNCIL])
def test_who_reads_all_may_look_for_any_team(line: Flask, email: str) -> None:
    client = browser_of(line, email)
    assert re.findall(r'href="/teams/([\w-]+)"', client.get("/teams").text)[0] == "billing"
    assert re.findall(r'href="/teams/([\w-]+)"', client.get("/teams?search=guichets").text) == ["counter"]
    assert "No team was found" in client.get("/teams?search=nothing").text
    for code in ("counter", "few", "rail"):
        assert client.get(f"/teams/{code}").status_code == 200


def test_a_team_below_the_threshold_shows_the_group_above_it_and_says_so(line: Flask) -> None:
    said = text_of(browser_of(line, OF_FEW).get("/teams/few").text)
    assert (
        "There are not enough answers to show of this team alone. The figures are those of The whole railway,"
        " to which it belongs." in said
    )
    assert "Whole organisation" not in said  # it would be the same twice


def test_a_figure_of_few_answers_is_a_band(line: Flask) -> None:
    with db.writing() as session:
        few = session.scalars(select(Team).where(Team.code == "few")).one()
        irritant = session.scalars(select(Irritant).where(Irritant.code == "late")).one()
        show(session, few, irritant, 0, n=10, score=350, extent=Extent.OWN)
    said = text_of(browser_of(line, OF_FEW).get("/teams/few").text)
    assert "3.3 to 3.8" in said
    assert "about 10" in said
    assert "3.5" not in said


def test_a_band_that_stands_is_told_as_such_and_is_no_point_of_the_line(line: Flask) -> None:
    with db.writing() as session:
        session.execute(update(ReleasedCell).where(ReleasedCell.month == LATEST).values(fresh=False))
    page = browser_of(line, MANAGER).get("/teams/counter").text
    assert "As before: too few people joined or left since for a new figure to be told." in text_of(page)


def test_a_fix_is_announced_with_what_it_changes(line: Flask) -> None:
    said = text_of(browser_of(line, MANAGER).get("/teams/counter").text)
    assert "A fix that has not started" in said
    assert "Expected for customers: −1.5." in said
    assert "Expected for the team: +0.5." in said
    assert "No fix is under way" in text_of(browser_of(line, OF_FEW).get("/teams/few").text)


def test_a_manager_without_a_team_is_told_whom_to_ask(line: Flask) -> None:
    with db.writing() as session:
        person = service.add(session, EMPLOYEE)
        service.grant(session, person, Grant.MANAGER)
    assert "No team is attached to your account yet" in browser_of(line, EMPLOYEE).get("/teams").text


def test_at_most_five_items_are_shown_and_none_is_ranked(database: Database) -> None:
    with database.writing() as session:
        tell_line(session)
        counter = session.scalars(select(Team).where(Team.code == "counter")).one()
        for number in range(7):
            words = {
                f"{what}_question_{tongue}": "?"
                for what in ("customer", "employee")
                for tongue in ("en", "fr")
            }
            irritant = Irritant(code=f"new{number}", label_en="New", label_fr="Neuf", **words)
            session.add(irritant)
            session.flush()
            show(session, counter, irritant, 0, n=40, score=900 - 100 * number, extent=Extent.OWN)
    with database.reading() as session:
        person = service.person(session, MANAGER)
        assert person is not None
        found = team.page(session, person.id, "counter", service.today(), "en", budget=2.0)
        assert found is not None
        codes = [item.measure.code for item in found.items]
        assert len(codes) == team.ITEMS
        assert codes == sorted(codes)


def test_without_any_pulse_the_page_says_what_will_come(app: Flask) -> None:
    with db.writing() as session:
        session.add(Team(code="new", name_en="New", name_fr="Neuve"))
        session.flush()
        boss = service.add(session, MANAGER, language="en", password="correct horse battery staple")
        service.grant(session, boss, Grant.MANAGER, team=service.team(session, "new"))
    assert "No pulse has been counted yet" in browser_of(app, MANAGER).get("/teams/new").text


def test_the_page_reads_no_sum_that_is_not_released(line: Flask) -> None:
    client = browser_of(line, MANAGER)
    said: list[str] = []
    event.listen(db.main.engine, "before_cursor_execute", lambda *what: said.append(what[2]))
    assert client.get("/teams/counter").status_code == 200
    secrets = ("measured_cell", "contribution", "closed_month.digest", "look.digest")
    assert not [one for one in said if any(secret in one for secret in secrets)]
    assert len(said) < 45


def test_hidden_and_empty_look_the_same(line: Flask) -> None:
    client = browser_of(line, MANAGER)
    with db.writing() as session:
        place = session.scalars(select(Place.id).where(Place.code == "counter")).one()
        for cell in session.scalars(
            select(ReleasedCell).where(ReleasedCell.place_id == place, ReleasedCell.side == Side.EMPLOYEE)
        ):
            session.delete(cell)
    hidden = text_of(client.get("/teams/counter").text)
    assert "The figures are those of The whole railway" in hidden
