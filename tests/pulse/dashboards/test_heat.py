"""Heat maps show what may be shown, in the tree's order, to whom it may be shown."""

import json
import re
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, select, update

from pulse import db
from pulse.dashboards import burden, heat
from pulse.db import Database
from pulse.ledger import store
from pulse.ledger.disclosure import Extent
from pulse.ledger.models import ClosedMonth, ReleasedCell, Source
from pulse.ledger.readers import EVERYTHING
from pulse.ledger.store import Sum
from pulse.months import shifted
from pulse.organisation.models import Indicator, Irritant, Side, Team, Touchpoint
from pulse.people import service
from pulse.people.models import Grant
from pulse.verdicts.sentences import Span
from tests.pulse.dashboards.conftest import text_of
from tests.pulse.dashboards.line import COUNCIL, LATEST, MANAGER, OF_FEW, show, tell_line
from tests.pulse.dashboards.told import ANALYST, EMPLOYEE, PASSWORD
from tests.pulse.test_web import sign_in, without_tokens

NOW = datetime(2026, 7, 4, 2, tzinfo=UTC)


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
    return client


def row(page: str, place: str, extent: str = "own") -> str:
    """The row of a place."""
    found = re.search(rf'<tr data-place="{place}" data-extent="{extent}".*?</tr>', page, re.S)
    assert found is not None
    return found[0]


def test_teams_stand_in_the_trees_order_with_a_figure_in_every_cell(line: Flask) -> None:
    page = browser_of(line, ANALYST).get("/heat").text
    assert re.findall(r'<tr data-place="([\w-]+)"', page) == ["rail", "billing", "few", "counter", "crew"]
    assert re.findall(r'data-measure="(\w+)"', page) == ["info", "refunds", "late"]
    # month 23, levels as told.py has them: 3.2 + 1.5 and the wobble of each irritant
    assert text_of(row(page, "billing")).split() == ["Billing", "5.1", "4.8", "4.9"]
    assert 'class="h5"' in row(page, "billing")
    assert 'class="h4"' in row(page, "billing")


def test_a_cell_without_enough_answers_says_so_and_never_which_of_the_two_it_is(line: Flask) -> None:
    with db.writing() as session:
        for number, code in enumerate(("empty", "hidden")):
            session.add(Team(code=code, name_en="Same", name_fr="Pareil", headcount=20 - number))
        session.flush()
        irritant = session.scalars(select(Irritant.id).where(Irritant.code == "late")).one()
        hidden = session.scalars(select(Team.id).where(Team.code == "hidden")).one()
        other = session.scalars(select(Team.id).where(Team.code == "billing")).one()
        sums = [Sum(irritant, hidden, 4, 900 * 4, 900 * 900 * 4), Sum(irritant, other, 9, 4500, 4500 * 500)]
        store.replace(session, Side.EMPLOYEE, shifted(LATEST, 1), Source.LOADED, sums)
        store.close(session, Side.EMPLOYEE, shifted(LATEST, 1), k=5, now=NOW)
    page = browser_of(line, ANALYST).get("/heat").text
    assert row(page, "hidden") == row(page, "empty").replace("empty", "hidden")
    assert text_of(row(page, "hidden")).count("not enough answers") == 3
    assert "≈5.0" in row(page, "billing")


def test_hidden_answers_change_no_byte_of_any_page(line: Flask) -> None:
    pages = []
    for score in (0, 1000):
        with db.writing() as session:
            irritants = session.scalars(select(Irritant.id).order_by(Irritant.code)).all()
            teams = {team.code: team.id for team in session.scalars(select(Team))}
            sums = [Sum(irritant, teams["few"], 4, score * 4, score * score * 4) for irritant in irritants]
            sums += [Sum(irritant, teams["crew"], 30, 12000, 12000 * 400) for irritant in irritants[:1]]
            store.replace(session, Side.EMPLOYEE, shifted(LATEST, 1), Source.LOADED, sums)
            store.close(session, Side.EMPLOYEE, shifted(LATEST, 1), k=5, now=NOW)
        client = browser_of(line, ANALYST)
        where = ("/heat", "/heat?as=json", "/heat?as=csv", "/heat?search=few", "/burden", "/teams/few")
        pages.append([without_tokens(client.get(address).text) for address in where])
    assert pages[0] == pages[1]


def test_an_arrow_needs_two_fresh_figures(line: Flask) -> None:
    client = browser_of(line, ANALYST)
    with db.writing() as session:
        counter = session.scalars(select(Team.id).where(Team.code == "counter")).one()
        mine = ReleasedCell.place_id == counter
        session.execute(update(ReleasedCell).where(mine).values(n=400))
        session.execute(update(ReleasedCell).where(mine, ReleasedCell.month == LATEST).values(score=800))
    page = row(client.get("/heat").text, "counter")
    assert "up by 3.3 since September 2025" in text_of(page)
    assert "↑ 3.3" in page
    assert "since" not in row(client.get("/heat").text, "billing")
    for back in (0, 3):
        with db.writing() as session:
            session.execute(update(ReleasedCell).values(fresh=True))
            month = ReleasedCell.month == shifted(LATEST, -back)
            session.execute(update(ReleasedCell).where(month).values(fresh=False))
        said = text_of(row(client.get("/heat").text, "counter"))
        assert "since September" not in said
        assert ("as before" in said) == (back == 0)


def test_a_figure_of_an_earlier_month_says_so_and_an_old_one_is_not_shown(line: Flask) -> None:
    with db.writing() as session:
        rail = session.scalars(select(Team).where(Team.code == "rail")).one()
        few = session.scalars(select(Team).where(Team.code == "few")).one()
        late = session.scalars(select(Irritant).where(Irritant.code == "late")).one()
        info = session.scalars(select(Irritant).where(Irritant.code == "info")).one()
        show(session, few, late, 2, n=10, score=350, extent=Extent.OWN)
        show(session, few, info, 3, n=10, score=350, extent=Extent.OWN)
        show(session, rail, info, 0, n=10, score=250, extent=Extent.OWN)
    page = browser_of(line, ANALYST).get("/heat").text
    assert text_of(row(page, "few")).split(None, 2)[2] == (
        "· not enough answers · not enough answers ≈3.5 Oct "
    )
    assert "The whole railway, own people" in page


def test_a_month_a_unit_and_a_measure_are_chosen_in_the_address(line: Flask) -> None:
    client = browser_of(line, COUNCIL)
    page = client.get("/heat?month=2024-02&unit=billing&irritant=late").text
    assert "February 2024" in page
    assert re.findall(r'<tr data-place="([\w-]+)"', page) == ["billing"]
    assert re.findall(r'data-measure="(\w+)"', page) == ["late"]
    nonsense = client.get("/heat?month=2999-01&map=nothing&page=x&irritant=").text
    assert "December 2025" in nonsense
    assert "not enough answers to show for this choice" in client.get("/heat?irritant=nothing").text
    assert re.findall(r'<tr data-place="([\w-]+)"', client.get("/heat?search=guichets").text) == ["counter"]


def test_touchpoints_show_what_bothers_and_the_indicators_in_their_own_units(line: Flask) -> None:
    with db.writing() as session:
        station = session.scalars(select(Touchpoint).where(Touchpoint.code == "station")).one()
        for code, score in (("nps", 600), ("effort", 320)):
            indicator = Indicator(code=code, label_en=code.upper(), label_fr=code.upper())
            session.add(indicator)
            session.flush()
            session.add(
                ReleasedCell(
                    measure_id=indicator.id,
                    side=Side.CUSTOMER,
                    place_id=station.id,
                    extent=Extent.OWN,
                    month=LATEST,
                    n=140,
                    score=score,
                    step=10,
                )
            )
    page = browser_of(line, ANALYST).get("/heat?map=touchpoints").text
    assert re.findall(r'data-measure="(\w+)"', page)[:2] == ["effort", "nps"]
    assert text_of(row(page, "station")).split()[2:4] == ["3.2", "+20"]
    assert 'class="h2"><b>+20' in row(page, "station")
    assert "Net scores (NPS, eNPS) run from −100 to 100" in page


def test_a_manager_sees_the_own_line_and_no_other(line: Flask) -> None:
    client = browser_of(line, MANAGER)
    page = client.get("/heat").text
    assert re.findall(r'<tr data-place="([\w-]+)"', page) == ["counter"]
    for page, asked in (
        ("/heat", "unit=billing"),
        ("/heat", "unit=rail"),
        ("/heat", "unit=no-such-unit"),
        ("/heat", "unit=billing&as=json"),
        ("/heat", "map=touchpoints"),
        ("/burden", "unit=billing"),
        ("/burden", "unit=nothing&as=csv"),
    ):
        found, nowhere = client.get(f"{page}?{asked}"), client.get(f"/nothing-here?{asked}")
        assert found.status_code == 404
        assert without_tokens(found.text) == without_tokens(nowhere.text), f"{page}?{asked}"
    assert '"billing"' not in client.get("/heat?as=json").text
    assert browser_of(line, EMPLOYEE).get("/heat").status_code == 404
    assert "not enough answers to show for this choice" in browser_of(line, OF_FEW).get("/heat").text


def test_files_hold_the_very_figures_of_the_page(line: Flask) -> None:
    client = browser_of(line, ANALYST)
    page = client.get("/heat").text
    cells = json.loads(client.get("/heat?as=json").text)["sheets"]["cells"]
    shown = [float(score) for score in re.findall(r"<b>≈?([\d.]+)</b>", page.split("<tbody>")[1])]
    assert [cell["score"] for cell in cells] == shown
    assert {(cell["team"], cell["extent"]) for cell in cells} >= {("rail", "whole"), ("billing", "own")}
    lines = client.get("/heat?as=csv").text.splitlines()
    assert len(lines) == len(cells) + 1
    assert lines[0].lstrip("\ufeff").startswith("team,name,extent,measure,label,month,n,score,step,fresh")
    assert client.get("/heat?as=xlsx").data.startswith(b"PK")


def test_many_teams_are_shown_level_by_level_or_page_by_page(line: Flask) -> None:
    with db.writing() as session:
        crew = session.scalars(select(Team).where(Team.code == "crew")).one()
        session.add_all(
            Team(code=f"t{number:03}", name_en=f"Team {number:03}", name_fr="Équipe", parent_id=crew.id)
            for number in range(heat.WHOLE_TREE)
        )
    client = browser_of(line, ANALYST)
    shown = re.findall(r'<tr data-place="([\w-]+)"', client.get("/heat").text)
    assert shown == ["rail", "billing", "few", "counter", "crew", "crew"]  # the last: its own people
    every = client.get("/heat?every=1").text
    assert len(re.findall("<tr data-place", every)) == heat.PAGE + 1
    assert "Page 1 of 2" in every
    assert len(re.findall("<tr data-place", client.get("/heat?every=1&page=2").text)) == 5
    assert len(json.loads(client.get("/heat?every=1&as=json").text)["sheets"]["cells"]) == 12


def test_before_the_first_pulse_the_page_says_what_will_come(app: Flask) -> None:
    with db.writing() as session:
        service.grant(session, service.add(session, ANALYST, language="en", password=PASSWORD), Grant.ANALYST)
    client = browser_of(app, ANALYST)
    assert "No pulse has been counted yet" in client.get("/heat").text
    assert "has been counted yet" in client.get("/heat?map=touchpoints").text
    assert "Nothing has been concluded yet" in client.get("/burden").text


def test_the_map_reads_no_sum_that_is_not_released_and_asks_little(line: Flask) -> None:
    client = browser_of(line, ANALYST)
    client.get("/heat")
    said: list[str] = []
    event.listen(db.main.engine, "before_cursor_execute", lambda *what: said.append(what[2]))
    client.get("/heat")
    assert not [one for one in said if "measured_cell" in one or "contribution" in one]
    assert len(said) < 20


def test_the_newest_month_with_figures_is_shown_first(line: Flask) -> None:
    with db.writing() as session:
        session.add(ClosedMonth(side=Side.EMPLOYEE, month=shifted(LATEST, 1), closed_at=NOW, digest="-"))
    assert "December 2025" in browser_of(line, ANALYST).get("/heat").text
    assert date(2025, 12, 1) == LATEST


def test_maps_and_ledger_are_read_alike_on_both_engines(database: Database) -> None:
    with database.writing() as session:
        tell_line(session)
    with database.reading() as session:
        person = service.person(session, ANALYST)
        assert person is not None
        found = heat.heat(session, EVERYTHING, person.id, heat.Choice(), "en")
        assert [row.place.code for row, _ in found.rows] == ["rail", "billing", "few", "counter", "crew"]
        assert [cell.figure.points for _, _, cell in found.cells][3:6] == [5.1, 4.8, 4.9]
        kept = burden.ledger(session, EVERYTHING, person.id, burden.Choice(), "en", budget=2.0)
        assert [(account.team.code, account.total) for account in kept.accounts] == [
            ("counter", Span(2.7, 1.3, 4.1)),
            ("billing", Span(1.9, 1.2, 2.6)),
        ]
