"""The pages on which a fix is called a success, or is not."""

from flask import Flask
from flask.testing import FlaskClient

from pulse import db
from pulse.people.models import Grant
from pulse.verdicts.models import Flag, FlagState
from tests.pulse.dashboards.conftest import text_of
from tests.pulse.dashboards.test_flags import COUNCIL, hidden, somebody


def send(client: FlaskClient, code: str, path: str = "", **sent: str) -> tuple[int, str]:
    """Send the form of a fix's success; the status and what the page says."""
    token = hidden(client.get("/fixes/boarding-marks/success").text, "csrf_token")
    reply = client.post(f"/fixes/{code}/success{path}", data={"csrf_token": token, **sent})
    return reply.status_code, text_of(reply.text)


def test_a_fix_is_called_a_success_and_no_longer(analyst: FlaskClient) -> None:
    page = analyst.get("/fixes/live-displays").text
    assert "By the newest verdict the problem is removed" in text_of(page)
    assert send(analyst, "live-displays")[0] == 303
    said = text_of(analyst.get("/fixes/live-displays").text)
    assert "Called a success since" in said
    assert "Said by Ana." in said
    assert send(analyst, "live-displays", "/withdraw")[0] == 303
    assert "taken back by Ana" in text_of(analyst.get("/fixes/live-displays").text)


def test_what_the_answers_do_not_show_has_to_be_confirmed(analyst: FlaskClient) -> None:
    status, said = send(analyst, "pay-later")
    assert status == 422
    assert "Confirm that you call it a success" in said
    assert send(analyst, "pay-later", confirmed="y")[0] == 303
    assert "Called a success since" in text_of(analyst.get("/fixes/pay-later/success").text)


def test_a_flag_stands_against_it_on_screen_too(analyst: FlaskClient, told: Flask) -> None:
    page = analyst.get("/fixes/refund-48h").text
    assert "It cannot be called a success: it bears a flag that is not closed." in text_of(page)
    assert 'href="/flags/1"' in page
    assert "/fixes/refund-48h/success" not in page
    status, said = send(analyst, "refund-48h", confirmed="y")
    assert status == 409
    assert "This fix cannot be called a success" in said
    with db.writing() as session:
        session.get_one(Flag, 1).state = FlagState.CLOSED
    assert "by the newest verdict its problem moved onto staff" in send(analyst, "refund-48h")[1]
    assert analyst.get("/fixes/nothing/success").status_code == 404

    council = somebody(told, COUNCIL, Grant.COUNCIL)
    assert "It has not been called a success so far." in council.get("/fixes/pay-later").text
    assert council.get("/fixes/pay-later/success").status_code == 404
    assert council.post("/fixes/pay-later/success").status_code == 404
