"""From an empty database to an open wave in five steps, each left and come back to."""

import re
from datetime import timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from pulse import db
from pulse.outbox.models import Message
from pulse.people.models import AuditEntry, Grant
from surveys import jobs
from surveys.starting import service
from surveys.waves.models import Wave, WaveState
from tests.surveys.ballots.voter import voter
from tests.surveys.starting.conftest import NOW, bring, entered, example_files, loaded, press, waiting_path

HOUR = timedelta(hours=1)
PEOPLE = "email;team;manager_of\n" + "".join(
    f"{team}{number}@example.org;{team};{team if not number else ''}\n"
    for team, number_of in (("hotline", 14), ("fitters", 12), ("billing", 11), ("planning", 3))
    for number in range(number_of)
)


def brought_people(client: FlaskClient) -> None:
    path = press(client, "/people/file", text=PEOPLE, starts="2026-11-20").headers["Location"]
    assert press(client, path).status_code == 303


def waves() -> dict[str, WaveState]:
    with db.reading() as session:
        return {f"{wave.month:%Y-%m}": wave.state for wave in session.scalars(select(Wave))}


def test_an_empty_database_becomes_an_open_wave_in_five_steps(app: Flask, admin: FlaskClient, now) -> None:
    assert admin.get("/").headers["Location"] == "/start"
    page = admin.get("/start").text
    assert "Nobody is asked before you say so" in page
    assert admin.get("/start/people").headers["Location"] == "/start"
    assert press(admin, "/start").status_code == 303

    path = waiting_path(bring(admin, *example_files()))
    told = admin.get(path).text
    assert "What loading the folder would do" in told
    assert "Months of answers added, employees: 9 (February 2026 to October 2026)" in told
    assert press(admin, path).headers["Location"] == "/start/look?loaded=51"

    page = admin.get("/start/look?loaded=51").text
    assert "The folder was loaded: 51 entries added, changed or taken away." in page
    assert "Nothing: every team has a way to customers" in page
    assert page.index("How much did waiting on the phone bother you?") < page.index(
        "This month, how much did full telephone queues weigh on your work?"
    )
    assert press(admin, "/start/look").headers["Location"] == "/start/people"

    assert "Nobody belongs to a team yet" in admin.get("/start/people").text
    brought_people(admin)
    page = admin.get("/start/people").text
    assert "1 team has fewer people than figures are shown for" in page
    assert "Nobody belongs to 2 teams" in page
    assert "Planning of visits" in page

    assert "No mail server is set" in admin.get("/start/sending").text
    assert press(admin, "/start/sending").headers["Location"] == "/start/wave"

    assert jobs.open_wave(NOW) == "no wave opens before the first run is finished"
    page = admin.get("/start/wave").text
    assert "November 2026: it opens within the hour and closes at the end of 30 November 2026" in page
    assert press(admin, "/start/wave", month="2026-11").status_code == 303
    assert "It opens within the hour" in admin.get("/start/wave").text

    assert jobs.open_wave(NOW + HOUR) == "opened the wave of 2026-11"
    assert jobs.invite_to_wave(NOW + HOUR) == "40 invitations queued"
    now.move_to(NOW + HOUR)
    employee = entered(app, "hotline1@example.org")
    assert "questions, less than a minute" in employee.get("/pulse?lang=en").text
    assert voter(app, "hotline1@example.org", NOW + HOUR).draw()
    assert "The first wave has opened" in admin.get("/start/wave").text
    assert admin.get("/").headers["Location"] == "/dashboard"
    with db.reading() as session:
        said = [(entry.action, entry.subject) for entry in session.scalars(select(AuditEntry))]
    assert ("first wave ready", "2026-11") in said


def test_nothing_opens_and_nothing_goes_out_while_a_first_run_is_under_way(admin: FlaskClient) -> None:
    press(admin, "/start")
    loaded(admin)
    brought_people(admin)
    for hours in (1, 24, 24 * 20):  # over the next month's first Tuesday
        assert jobs.open_wave(NOW + hours * HOUR) == "no wave opens before the first run is finished"
        assert jobs.invite_to_wave(NOW + hours * HOUR) == "no open wave"
    assert set(waves().values()) == {WaveState.PLANNED}
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 0


def test_a_set_up_by_commands_opens_waves_as_ever(admin: FlaskClient) -> None:
    admin.get("/start")
    press(admin, "/start")
    loaded(admin)
    brought_people(admin)
    with db.writing() as session:
        service.take_back(session, "begun")
    assert jobs.open_wave(NOW) == "opened the wave of 2026-11"
    assert "Waves have opened here" in admin.get("/start").text


def test_a_first_run_begun_after_a_wave_has_opened_holds_nothing(admin: FlaskClient) -> None:
    press(admin, "/start")
    loaded(admin)
    brought_people(admin)
    press(admin, "/start/wave", month="2026-11")
    jobs.open_wave(NOW)
    with db.writing() as session:
        service.take_back(session, "ready")
        assert not service.holds_waves(session, NOW)


def test_the_first_wave_waits_for_the_month_that_was_chosen(admin: FlaskClient, now) -> None:
    press(admin, "/start")
    loaded(admin)
    brought_people(admin)
    jobs.open_wave(NOW)
    assert "2026-11" in waves()
    press(admin, "/start/wave", month="2026-12")
    assert sorted(waves()) == ["2026-12", "2027-01", "2027-02"]
    assert jobs.open_wave(NOW + HOUR) == "no wave opens before the first run is finished"
    assert sorted(waves()) == ["2026-12", "2027-01", "2027-02"]
    page = admin.get("/start/wave").text
    assert "It opens on 1 December 2026 at 10:00 and closes at the end of 31 December 2026." in page
    assert '"/waves/2026-12"' in page
    press(admin, "/waves/2026-12", opens="2026-12-08", closes="2026-12-18")
    assert "It opens on 8 December 2026" in admin.get("/start/wave").text
    assert jobs.open_wave(NOW + 12 * 24 * HOUR) == "no wave to open"
    assert jobs.open_wave(NOW + 18 * 24 * HOUR) == "opened the wave of 2026-12"


def test_ready_can_be_taken_back_until_a_wave_opens(admin: FlaskClient) -> None:
    press(admin, "/start")
    loaded(admin)
    brought_people(admin)
    press(admin, "/start/wave", month="2026-11")
    assert press(admin, "/start/wave", not_yet="1").status_code == 303
    assert jobs.open_wave(NOW) == "no wave opens before the first run is finished"
    assert "Which month is the first?" in admin.get("/start/wave").text


def test_ready_is_refused_before_there_is_anybody_to_ask(admin: FlaskClient) -> None:
    press(admin, "/start")
    assert "A wave needs an organisation and people" in admin.get("/start/wave").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', admin.get("/start/folder").text)
    assert token is None or admin.post("/start/wave", data={"csrf_token": token[1]}).status_code == 422
    loaded(admin)
    brought_people(admin)
    assert press(admin, "/start/wave", month="2031-01").status_code == 422
    assert "Choose one of these months" in press(admin, "/start/wave", month="").text


def test_a_new_folder_takes_the_confirmation_of_the_old_one_back(admin: FlaskClient) -> None:
    press(admin, "/start")
    loaded(admin)
    press(admin, "/start/look")
    page = admin.get("/start").text
    assert re.search(r"Look at it</a><span class=\"unseen\">, done", page)
    loaded(admin, *example_files(value_chain="supplier;customer\nhotline;CUSTOMERS\n"))
    assert re.search(r"Look at it</a><span class=\"unseen\">, to do", admin.get("/start").text)
    page = admin.get("/start/look").text
    assert "teams have no way to customers on the value chain" in page


def test_nobody_else_is_led_there_or_finds_it(app: Flask, admin: FlaskClient) -> None:
    for grant in (None, *(set(Grant) - {Grant.ADMIN})):
        other = entered(app, f"{grant.value if grant else 'bob'}@example.org", *([grant] if grant else []))
        assert "/start" not in other.get("/").headers["Location"]
        for path in ("/start", "/start/folder", "/start/example.zip", "/start/preview/customers?of=phone"):
            assert other.get(path).status_code == 404


def test_an_installation_in_use_leads_its_administrator_to_the_overview(admin: FlaskClient) -> None:
    press(admin, "/start")
    assert admin.get("/").headers["Location"] == "/start"
    loaded(admin)
    with db.writing() as session:
        service.take_back(session, "begun")
    assert admin.get("/").headers["Location"] == "/dashboard"
    assert "set up by commands" in admin.get("/start").text
