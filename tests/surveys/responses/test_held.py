"""Held answers count nowhere until an analyst has looked at them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from pulse import db
from pulse.people import service as people
from pulse.people.models import AuditEntry, Grant, Person
from surveys.responses import held
from surveys.responses.models import Door, Held, Recount, Response
from tests.surveys.conftest import MONTH, PARIS, responded
from tests.surveys.responses.conftest import filled, token

NOON = datetime(2026, 11, 9, 11, tzinfo=UTC)


def waiting(database):
    with database.reading() as session:
        return [
            (group.touchpoint, group.day, group.reason, group.number, group.different)
            for group in held.waiting(session, language="en", zone=PARIS)
        ]


def decide(database, railway, reason, *, let_in, day=MONTH):
    with database.writing() as session:
        place = session.get_one(type(railway.touchpoints["station"]), railway.touchpoints["station"].id)
        by = railway.people[0].id
        return held.decide(session, place, day, reason, NOON, let_in=let_in, zone=PARIS, by=by)


def states(database):
    with database.reading() as session:
        return sorted(str(response.held) for response in session.scalars(select(Response)))


@pytest.fixture
def some_held(database, railway):
    """Two that came too fast and one in a burst at the station, one that counts."""
    for reason in (Held.TOO_FAST, Held.TOO_FAST, None):
        responded(database, railway, MONTH, held=reason, delay=500)
    responded(database, railway, MONTH, held=Held.BURST, door=Door.OPEN, delay=1000)


def test_they_are_grouped_by_touchpoint_day_and_reason(database, some_held):
    assert waiting(database) == [
        ("Station", MONTH, Held.BURST, 1, 1),
        ("Station", MONTH, Held.TOO_FAST, 2, 1),
    ]


def test_a_day_is_one_of_the_organisations_clock(database, railway):
    responded(database, railway, MONTH, held=Held.TRAP, delay=0)
    with database.writing() as session:
        session.scalars(select(Response)).one().answered_at = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)
    assert [group[1] for group in waiting(database)] == [date(2026, 11, 2)]
    assert decide(database, railway, Held.TRAP, let_in=True) == 0
    assert decide(database, railway, Held.TRAP, let_in=True, day=date(2026, 11, 2)) == 1


def test_what_is_let_in_counts_and_its_month_is_counted_again(database, railway, some_held):
    assert decide(database, railway, Held.TOO_FAST, let_in=True) == 2
    assert states(database) == ["Held.BURST", "None", "None", "None"]
    with database.reading() as session:
        assert session.scalars(select(Recount.month)).all() == [MONTH]
        entry = session.scalars(select(AuditEntry)).one()
    assert (entry.action, entry.subject) == ("held answers let in", "station")
    assert entry.detail == "2026-11-01, too_fast, 2"
    assert entry.person_id == railway.people[0].id


def test_what_is_left_out_never_comes_back(database, railway, some_held):
    assert decide(database, railway, Held.TOO_FAST, let_in=False) == 2
    assert states(database) == ["Held.BURST", "Held.LEFT_OUT", "Held.LEFT_OUT", "None"]
    assert [group[2] for group in waiting(database)] == [Held.BURST]
    assert decide(database, railway, Held.TOO_FAST, let_in=True) == 0
    with database.reading() as session:
        assert held.left_out(session) == 2
        assert session.scalars(select(Recount)).all() == []


@pytest.fixture
def analyst(signed_in, company):
    """The browser of an analyst."""
    with db.writing() as session:
        person = session.query(Person).filter_by(email="desk1@example.org").one()
        people.grant(session, person, Grant.ANALYST)
    return signed_in("desk1@example.org")


def test_an_analyst_lets_a_group_in_by_its_button(client, link, analyst, moment):
    form = filled(client.get(link).text, none=True)
    client.post(link, data=form)
    moment.shift(timedelta(hours=1))
    page = analyst.get("/held?lang=en").text
    assert "Station, 9 November 2026" in page
    assert "Sent sooner than anybody can read the page (by invitation)" in page
    with db.reading() as session:
        place = session.scalar(select(Response.touchpoint_id))
    sent = token(page) | {"touchpoint": str(place), "day": "2026-11-09", "reason": "too_fast"}
    for wrong in ({"decided": "maybe"}, {"day": "today"}, {"reason": "left_out"}, {"touchpoint": "9" * 30}):
        assert analyst.post("/held", data=sent | {"decided": "in"} | wrong).status_code == 400
    assert analyst.post("/held", data=sent | {"decided": "in", "touchpoint": "999"}).status_code == 404
    assert analyst.post("/held", data=sent | {"decided": "in", "csrf_token": "x"}).status_code == 422
    done = analyst.post("/held?lang=en", data=sent | {"decided": "in"}, follow_redirects=True)
    assert "No answer is held." in done.text
    with db.reading() as session:
        assert session.scalars(select(Response)).one().held is None
