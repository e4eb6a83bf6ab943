"""The checks before the first wave, the test mail by the real sender, and both surveys to look at."""

import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from config import Settings
from pulse import db
from pulse.outbox.models import Message
from pulse.scheduler import Job, hourly, run_due
from surveys.delivery.sender import send_due
from surveys.responses.models import Response
from surveys.starting import checks, service
from surveys.starting.steps import SENT
from tests.conftest import SECRET
from tests.surveys.starting.conftest import ADMIN, NOW, loaded, press


@pytest.fixture
def begun(admin: FlaskClient) -> FlaskClient:
    """The first run is under way, with an organisation and nobody in it."""
    press(admin, "/start")
    loaded(admin)
    return admin


def titles(**changed: object) -> dict[str, bool]:
    """What the checks say under these settings, and whether it is well."""
    known = Settings(secret_key=SECRET, **changed)
    with db.reading() as session:
        found = [*checks.checks(session, known, NOW), *checks.addresses(known, lambda address: True)]
    return {finding.title: finding.well for finding in found}


def test_every_check_says_what_to_do_until_it_is_passed(sqlite) -> None:
    assert titles() == {
        "No mail server is set": False,
        "Mails would come from pulse@localhost": False,
        "The clock does not run": False,
        "The secret key is set": True,
        "The addresses are of this machine alone": False,
        "Ballots go to a host of their own: localhost": True,
        "The ballot host answers": True,
    }
    run_due(db.main, Job("look", hourly, lambda now: "looked"), NOW)
    well = titles(
        smtp_url="smtps://post.example.org",
        mail_from="Pulse <pulse@example.org>",
        site_url="https://pulse.example.org",
        ballot_url="https://ballots.example.org",
    )
    assert all(well.values())
    assert "A mail server is set: post.example.org" in well
    assert "The clock runs: it last began something at 10:30" in well


def test_a_job_that_failed_last_and_a_shared_host_are_told(sqlite) -> None:
    def fails(now) -> str:
        raise ValueError("no")

    run_due(db.main, Job("look", hourly, fails), NOW)
    found = titles(site_url="http://pulse.example.org", ballot_url="http://pulse.example.org:81")
    assert found["1 job of the clock failed when it last ran"] is False
    assert found["Ballots go to the same host as the site"] is False
    assert found["Not every address is encrypted"] is False
    with db.reading() as session:
        late = checks.checks(session, Settings(secret_key=SECRET), NOW + timedelta(hours=2))
    assert "The clock does not run" in [finding.title for finding in late]


def test_nothing_answers_at_a_closed_port() -> None:
    assert checks.answers("http://localhost:9") is False
    assert checks.answers("http://no such host") is False


def test_the_test_mail_goes_by_the_sender_and_tells_what_became_of_it(begun: FlaskClient) -> None:
    assert press(begun, "/start/sending", test="1").status_code == 303
    assert press(begun, "/start/sending", test="1").status_code == 303
    assert "It waits to be sent" in begun.get("/start/sending").text
    with db.reading() as session:
        mail = session.scalars(select(Message)).one()
    assert (mail.recipient, mail.subject, mail.urgent) == (ADMIN, "Pulse: this is the test", True)
    assert "this is the test: mails from Pulse reach you" in mail.text
    closed = Settings(secret_key=SECRET, smtp_url="smtp://localhost:9")
    assert send_due(db.main, closed, NOW) == "1 queued"
    assert "The last attempt failed" in begun.get("/start/sending").text
    assert send_due(db.main, Settings(secret_key=SECRET), NOW + timedelta(minutes=2)) == "1 logged"
    assert "written to the log and sent to nobody" in begun.get("/start/sending").text
    press(begun, "/start/sending", test="1")
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 1


def test_both_surveys_look_as_they_will_and_nothing_of_them_is_kept(begun: FlaskClient) -> None:
    page = begun.get("/start/sending").text
    paths = re.findall(r'href="(/start/preview/[^"]+)"', page)
    assert len(paths) == 3 + 6
    customers = begun.get("/start/preview/customers?of=phone").text
    assert "How easy was it to get what you came for?" in customers
    assert "Waiting on the phone" in customers
    french = begun.get("/start/preview/employees?of=hotline&lang=fr").text
    assert "5 questions, moins d’une minute" in french
    assert "Ce mois-ci" in french
    for path in paths[:1] + paths[-1:]:
        sent = begun.post(path, data={"q-waiting": "3", "comment": "seen"})
        assert sent.headers["Location"] == "/start/sending?tried=1"
    assert "nothing of what you answered was kept" in begun.get("/start/sending?tried=1").text
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Response)) == 0
    for path in ("customers?of=nowhere", "customers", "employees?of=company", "employees?of=%00"):
        assert begun.get(f"/start/preview/{path}").status_code == 404


def test_what_was_seen_is_kept_until_somebody_comes_back(begun: FlaskClient) -> None:
    assert press(begun, "/start/sending").headers["Location"] == "/start/wave"
    assert "Still in order" in begun.get("/start/sending").text
    with db.reading() as session:
        assert SENT in service.said(session)
