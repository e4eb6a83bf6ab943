"""What balancers, Prometheus and administrators are told, and what nobody is told."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families

import config
from pulse import db
from pulse.outbox.service import enqueue
from pulse.people import service as people
from pulse.people.models import Grant
from pulse.scheduler import Beat
from surveys.invitations.models import Interaction, Outcome
from surveys.responses.models import Door, Held, Response
from surveys.watching import metrics, refusals, status
from surveys.watching.models import Alert, Kind, Turned
from tests.conftest import Addresses, made
from tests.pulse.test_web import sign_in
from tests.surveys.conftest import Railway, built
from tests.surveys.responses.conftest import answered

TOKEN = "a token long enough for a scraper"
PASSWORD = "correct horse battery staple"
NOW = datetime.now(UTC)
WHOLE = refusals.whole(NOW)


@pytest.fixture
def production(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The site is on a server, and Prometheus has a token."""
    monkeypatch.setenv("PULSE_SITE_URL", "https://pulse.example.org")
    monkeypatch.setenv("PULSE_METRICS_TOKEN", TOKEN)
    config.settings.cache_clear()
    yield
    monkeypatch.undo()
    config.settings.cache_clear()


@pytest.fixture
def either(addresses: Addresses) -> Iterator[Flask]:
    """The application on each engine, over the railway."""
    app = made(addresses)
    with db.writing() as session:
        built(session)
        now = datetime.now(UTC)  # not when the tests began, which may be ten minutes ago
        session.merge(Beat(clock="a:1", started_at=now - timedelta(hours=1), beaten_at=now))
    yield app
    db.main.close()
    db.night.close()


def figures(client: FlaskClient) -> dict[tuple[str, ...], float]:
    """What /metrics says: name and labels to value."""
    page = client.get("/metrics")
    assert page.status_code == 200
    return {
        (sample.name.removeprefix("pulse_"), *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(page.text)
        for sample in family.samples
    }


def test_a_process_lives_whatever_its_databases_do_and_is_ready_when_they_do(either: Flask) -> None:
    client = either.test_client()
    assert (client.get("/healthz").text, client.get("/healthz").status_code) == ("ok\n", 200)
    assert client.get("/readyz?web").text == "database: ok\nurn: ok\nmigrations: ok\n"
    assert client.get("/readyz").text.endswith("clock: ok\n")
    with db.writing() as session:
        session.query(Beat).delete()
    assert client.get("/readyz?web").status_code == 200
    silent = client.get("/readyz")
    assert (silent.status_code, silent.text[-15:]) == (503, "clock: failing\n")
    assert "Set-Cookie" not in silent.headers


def test_a_database_that_is_away_is_told_by_its_name_alone(app: Flask) -> None:
    db.main.connect("postgresql://nobody:pw@127.0.0.1:1/x")
    client = app.test_client()
    assert client.get("/healthz").status_code == 200
    away = client.get("/readyz?web")
    assert (away.status_code, away.text) == (503, "database: failing\nurn: ok\n")
    assert figures(client) == {("ready", "database"): 0, ("ready", "urn"): 1}


def test_figures_are_for_one_s_own_machine_only_while_pulse_is_tried_out(app: Flask) -> None:
    client = app.test_client()
    assert client.get("/metrics").status_code == 200
    assert client.get("/metrics").mimetype == "text/plain"
    assert client.get("/metrics", environ_base={"REMOTE_ADDR": "192.0.2.7"}).status_code == 404
    for header in ("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"):
        assert client.get("/metrics", headers={header: "127.0.0.1"}).status_code == 404


def test_in_production_figures_are_for_whoever_shows_the_token(app: Flask, production: None) -> None:
    client = app.test_client()
    assert client.get("/metrics").status_code == 404
    for wrong in (
        "",
        "Bearer ",
        f"Bearer {TOKEN}x",
        f"Basic {TOKEN}",
        "Bearer \N{SNOWMAN}".encode().decode("latin-1"),
    ):
        assert client.get("/metrics", headers={"Authorization": wrong}).status_code == 404
    assert client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).status_code == 200


@pytest.mark.parametrize("token", ["short", "é" * 30, "a\nb" * 20])
def test_a_token_that_could_be_guessed_or_not_be_sent_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match="24 random letters"):
        config.Settings(metrics_token=token)
    assert config.Settings(alerts_to="a@example.org, b@example.org").alerts_to == (
        "a@example.org",
        "b@example.org",
    )
    with pytest.raises(ValueError, match="separated by commas"):
        config.Settings(alerts_to="nobody")


def responded(railway: Railway, at: datetime, number: int, held: Held | None = None) -> None:
    with db.writing() as session:
        place = railway.touchpoints["station"].id
        response = Response(
            touchpoint_id=place, month=at.date().replace(day=1), comment="", other="", digest=""
        )
        response.door, response.held, response.answered_at = Door.OPEN, held, at
        response.language, response.erasure, response.once = "en", f"e{number}", f"o{number}"
        session.add(response)
        seen = Interaction(code=f"i{number}", touchpoint_id=place, happened_at=at, received_at=at)
        seen.contact_keys, seen.outcome = [], Outcome.ASKED_RECENTLY
        session.add(seen)


def test_customers_are_counted_by_hours_that_are_over(database: object, railway: Railway) -> None:
    for number, ago in enumerate((-0.1, 0.1, 0.9, 1.1, 23.9, 24.1)):
        responded(railway, WHOLE - ago * timedelta(hours=1), number)
    responded(railway, WHOLE - timedelta(minutes=1), 10, Held.BURST)
    page = metrics.page(metrics.Figures(NOW, [], [], zone=config.settings().zone)).decode()
    for line in (
        'pulse_customer_answers{door="open",window="hour"} 2.0',
        'pulse_customer_answers{door="open",window="day"} 4.0',
        'pulse_customer_answers_held{reason="burst",window="day"} 1.0',
        'pulse_interactions{outcome="asked_recently",window="hour"} 3.0',
        'pulse_interactions{outcome="invited",window="day"} 0.0',
    ):
        assert line in page


def test_what_is_turned_away_is_added_up_by_the_hour_and_written_together(either: Flask) -> None:
    client, before = either.test_client(), refusals.Counted()
    refusals.counted.write()
    for _ in range(3):
        client.get("/r/unknown")
    client.post("/api/v1/interactions", json={})
    client.get("/b")  # of an employee's page nothing is counted
    with db.reading() as session:
        assert (
            sum(refusals.since(session, WHOLE, NOW + timedelta(hours=2)).values()) == 0
        )  # kept for a minute
    client.get("/readyz?web")
    before.add(Turned.LINK, datetime.now(UTC))  # another worker's
    before.write()
    with db.reading() as session:
        counted = refusals.since(session, WHOLE, NOW + timedelta(hours=2))
    assert {turned: n for turned, n in counted.items() if n} == {Turned.LINK: 4, Turned.KEY: 1}


def test_what_cannot_be_written_is_kept_for_later(app: Flask) -> None:
    counted = refusals.Counted()
    counted.add(Turned.FORM, NOW)
    good = db.main.engine.url
    db.main.connect("postgresql://nobody:pw@127.0.0.1:1/x")
    counted.write()
    db.main.connect(good.render_as_string(hide_password=False))
    counted.write()
    with db.reading() as session:
        assert refusals.since(session, WHOLE, WHOLE + timedelta(hours=1))[Turned.FORM] == 1


@pytest.mark.parametrize(
    ("endpoint", "code", "counts"),
    [
        ("surveys.responses.survey", 404, Turned.LINK),
        ("surveys.responses.open_survey", 422, Turned.FORM),
        ("surveys.responses.survey", 200, None),
        ("surveys.api.flags", 401, Turned.KEY),
        ("surveys.api.interactions", 429, Turned.OFTEN),
        ("surveys.api.interactions", 500, Turned.FAILURE),
        ("pulse.dashboards.flags", 500, Turned.FAILURE),
        ("pulse.dashboards.flags", 404, None),
        ("surveys.ballots.cast_ballot", 500, None),
        ("surveys.ballots.draw", 500, None),
        ("surveys.responses.pulse", 500, None),
        ("surveys.responses.draw_confidentially", 422, None),
        ("pulse.people.sign_in", 429, None),
    ],
)
def test_of_employees_not_even_a_failure_is_counted(
    app: Flask, endpoint: str, code: int, counts: Turned | None
) -> None:
    with app.test_request_context():
        assert refusals.kind(endpoint, code) is counts


def test_no_figure_moves_while_employees_answer(
    app: Flask, company: Railway, north: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    reader = app.test_client()
    with db.writing() as session:
        ada = people.add(session, "ada@example.org", language="en", password=PASSWORD)
        people.grant(session, ada, Grant.ADMIN)
    sign_in(reader, "ada@example.org")

    def seen() -> tuple[object, str, str]:
        page = re.sub(r'(name="csrf_token"[^>]*value=")[^"]+', r"\1", reader.get("/status").text)
        page = re.sub(r"\d+\.\d GB", "", page)  # of the whole disk, which has other inhabitants
        fixed = {k: v for k, v in figures(reader).items() if k[0] != "db_connections" or k[1] == "kept"}
        return fixed, page, reader.get("/readyz").text

    before = seen()
    with db.writing() as session:
        words = {"channel": "email", "subject": "s", "text": "t", "now": datetime.now(UTC)}
        enqueue(session, key="sign-in:1", recipient="north0@example.org", urgent=True, **words)
        enqueue(session, key="wave:2026-11:person:reminder:1:1", recipient="north0@example.org", **words)
    sign_in(app.test_client(), "north0@example.org", password="wrong")
    north.get("/pulse")
    answered(app, north, "4")
    north.post("/pulse/confidential", data={})
    app.test_client().post("/b", json={}, base_url="http://localhost:8000")
    assert seen() == before


def test_labels_are_words_of_ours(either: Flask) -> None:
    client = either.test_client()
    client.get("/r/unknown-token")
    jobs = {job.name for job in either.extensions["pulse.jobs"]}
    known = {"database", "urn", "migrations", "clock", "kept", "open", "hour", "day", "email", "sms"} | jobs
    known |= {one.value for kinds in (Turned, Outcome, Held, Door, Kind) for one in kinds}
    known |= {"queued", "in_doubt", "failed", "acknowledged", "acted_on"}
    assert {label for name, *labels in figures(client) for label in labels} <= known


def test_the_page_says_what_wants_somebody_and_what_to_do(app: Flask, client: FlaskClient) -> None:
    with db.writing() as session:
        ada = people.add(session, "ada@example.org", language="en", password=PASSWORD)
        people.grant(session, ada, Grant.ADMIN)
        ana = people.add(session, "ana@example.org", language="en", password=PASSWORD)
        people.grant(session, ana, Grant.ANALYST)
        then = NOW - timedelta(days=3)
        session.add(Alert(kind=Kind.JOB_FAILED.value, subject="make keys", since=NOW, over_at=None))
        session.add(Alert(kind=Kind.FEW_ANSWERS.value, subject="2026-11", since=then, over_at=None))
        gone = Alert(kind=Kind.CHANNEL_FAILS.value, subject="email", since=then, over_at=NOW)
        gone.told_over = True
        session.add(gone)
    sign_in(client, "ana@example.org")
    assert client.get("/status").status_code == 404
    sign_in(client, "ada@example.org")
    page = client.get("/status").text
    for words in (
        "A job fails again and again: Make the keys of the next ballots",
        "Few have taken part in the wave of November 2026 so far",
        "No clock runs",
        "Messages do not leave: the mail server fails",
        "matters need your attention",
    ):
        assert words in page
    french = client.get("/status?lang=fr").text
    assert "points vous attendent" in french
    assert "Réécrire l’urne" in french


@pytest.mark.parametrize(
    ("language", "said"), [("en", "No mail server is set"), ("fr", "Aucun serveur de courrier")]
)
def test_the_page_says_that_no_mail_server_is_set_and_waits_for_none(
    app: Flask,
    client: FlaskClient,
    production: None,
    monkeypatch: pytest.MonkeyPatch,
    language: str,
    said: str,
) -> None:
    monkeypatch.setenv("PULSE_SECOND_FACTOR", "offered")
    config.settings.cache_clear()
    with db.writing() as session:
        ada = people.add(session, "ada@example.org", language=language, password=PASSWORD)
        people.grant(session, ada, Grant.ADMIN)
    sign_in(client, "ada@example.org")
    page = client.get(f"/status?lang={language}").text
    assert said in page.partition('class="looked"')[0]  # among what wants somebody
    monkeypatch.setenv("PULSE_SMTP_URL", "smtp://127.0.0.1:1")  # nobody listens there
    config.settings.cache_clear()
    page = client.get(f"/status?lang={language}").text
    assert said not in page
    assert "127.0.0.1:1" not in page


def test_moments_are_told_as_people_say_them() -> None:
    now = datetime(2026, 11, 22, 12, tzinfo=UTC)
    assert status.moment(now - timedelta(hours=1), now) == "today at 12:00"
    assert status.moment(now - timedelta(days=1), now) == "yesterday at 13:00"
    assert status.moment(now - timedelta(days=19), now) == "3 November 2026 at 13:00"
