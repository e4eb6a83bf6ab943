"""An employee's pages: what is asked, what is said about who could know, and nothing that leads back."""

import json
import re
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from pulse import db
from pulse.heard.models import Heard
from pulse.organisation.models import Fix, Side, Team
from pulse.people.models import AnswersBy, Membership, Person
from surveys.ballots import keys
from surveys.ballots.models import Ballot, Remark
from surveys.ballots.urn import urn
from surveys.responses.views import COOKIE
from surveys.waves.models import Issued
from tests.pulse.heard.test_pages import WORDS
from tests.surveys.conftest import MONTH, OVER, opened
from tests.surveys.responses.conftest import BALLOTS, answered, fields, hidden, token

DECEMBER_WAVE = datetime(2026, 12, 1, 9, tzinfo=UTC)


def ballots():
    with urn.reading() as session:
        return [(b.wave.isoformat(), b.unit, b.scores) for b in session.scalars(select(Ballot))]


def issued():
    with db.reading() as session:
        return len(session.scalars(select(Issued)).all())


def drawn(client):
    """The page with a ballot that the server made."""
    return client.post("/pulse/confidential", data=token(client.get("/pulse").text), follow_redirects=True)


def test_a_person_is_asked_their_units_questions_on_one_page(north):
    page = north.get("/pulse").text
    assert len(fields(page)) == 5
    assert "q-queue" in fields(page)
    assert "5 questions, less than a minute" in page
    assert "How much did queue land on you?" in page
    assert "Your ballot is anonymous: it counts for the group “North”" in page
    assert "at least 5 people answered" in page


def test_the_page_hands_the_script_what_everybody_of_the_unit_gets(north, signed_in):
    def handed(client):
        return json.loads(re.search(r'id="ballot">(.*?)</script>', client.get("/pulse").text)[1])

    found = handed(north)
    assert found == handed(signed_in("desk1@example.org"))  # three at the desk answer for the north
    assert (found["wave"], found["unit"], found["issue"]) == ("2026-11", "north", "/pulse/ballot")
    assert found["cast"] == f"{BALLOTS}/b"
    with db.reading() as session:
        assert found["root"] == keys.fingerprint(session, MONTH)


def test_the_page_runs_one_script_of_ours_known_by_its_digest(north):
    page = north.get("/pulse").text
    [script] = re.findall(r"<script (type=.module[^>]*)>", page)
    assert 'src="/static/ballot.js?v=' in script
    assert 'integrity="sha384-' in script


def test_two_people_of_one_browser_keep_their_ballots_apart(north, signed_in):
    def holder(client):
        return re.search(r'data-holder="([0-9a-f]{24})"', client.get("/pulse").text)[1]

    assert holder(north) == holder(north)
    assert holder(north) != holder(signed_in("north1@example.org"))


def test_only_pages_that_cast_may_speak_to_the_ballot_host(north, client):
    asking = north.get("/pulse").headers["Content-Security-Policy"]
    assert f"connect-src 'self' {BALLOTS}" in asking
    assert f"form-action 'self' {BALLOTS};" in asking
    assert BALLOTS not in client.get("/sign-in").headers["Content-Security-Policy"]


def test_a_page_that_quotes_its_request_is_not_packed(north):
    packed = {"Accept-Encoding": "gzip"}
    assert north.get("/pulse?lang=fr", headers=packed).headers.get("Content-Encoding") == "gzip"
    assert "Content-Encoding" not in north.get("/pulse?guess=x", headers=packed).headers


def test_no_form_with_answers_is_sent_to_the_site(north):
    page = north.get("/pulse").text
    assert '<form id="answers" method="dialog" novalidate hidden>' in page
    assert north.post("/pulse", data={"q-queue": "4"}).status_code == 405
    assert f'id="answers" action="{BALLOTS}/b?lang=en"' in drawn(north).text


def test_without_scripts_the_page_names_two_other_ways_and_who_could_link(north):
    page = north.get("/pulse").text
    assert "whoever runs the server could look on. So this way is confidential, not anonymous." in page
    assert f'href="{BALLOTS}/b/code"' in page


def test_the_confidential_way_counts_and_never_says_anonymous_of_itself(north, app):
    page = drawn(north).text
    assert "It is not anonymous." in page
    assert "Your ballot is anonymous" not in page
    form = hidden(page) | dict.fromkeys(fields(page), "3") | {"comment": " The queue is mine now. "}
    assert "csrf_token" not in re.search(r'<form method="post" id="answers".*?</form>', page, re.S)[0]
    reply = app.test_client().post("/b?lang=en", base_url=BALLOTS, data=form)
    assert "Your answers have arrived" in reply.text
    assert "Set-Cookie" not in reply.headers
    [(wave, unit, scores)] = ballots()
    assert (wave, unit, set(scores.values())) == ("2026-11-01", "north", {750})
    with urn.reading() as session:
        assert session.scalars(select(Remark.text)).all() == ["The queue is mine now."]


def test_a_confidential_ballot_outlives_a_closed_browser_page(north, app):
    first = hidden(drawn(north).text)
    assert "Back to my confidential form" in north.get("/pulse").text
    again = hidden(north.get("/pulse/confidential").text)
    assert again["nonce"] == first["nonce"]
    assert hidden(drawn_again(north))["nonce"] == first["nonce"]
    assert issued() == 1


def drawn_again(client):
    form = token(client.get("/pulse").text)
    return client.post("/pulse/confidential", data=form, follow_redirects=True).text


def test_the_cookie_of_a_confidential_ballot_stays_on_the_pulses_pages(north, signed_in):
    drawn(north)
    cookie = north.get_cookie(COOKIE, path="/pulse")
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    other = signed_in("north1@example.org")
    other.set_cookie(COOKIE, cookie.value, path="/pulse")
    assert other.get("/pulse/confidential").location == "/pulse"  # somebody else at the same browser
    north.set_cookie(COOKIE, cookie.value + "x", path="/pulse")
    assert north.get("/pulse/confidential").location == "/pulse"


def test_a_confidential_ballot_is_drawn_for_our_own_form_only(north):
    north.get("/pulse")
    assert north.post("/pulse/confidential").location == "/pulse"
    assert issued() == 0


def test_nobody_answers_twice(north, app):
    answered(app, north, "1")
    assert "You have drawn this month's ballot" in north.get("/pulse").text
    assert (
        "Other answers had been given with this ballot before"
        in app.test_client()
        .post(
            "/b?lang=en",
            base_url=BALLOTS,
            data=hidden(north.get("/pulse/confidential").text) | {"q-queue": "4"},
        )
        .text
    )
    assert [set(scores.values()) for _, _, scores in ballots()] == [{250}]


def test_people_of_a_small_team_count_for_their_unit(signed_in, app):
    answered(app, signed_in("desk0@example.org"), "3")
    assert [unit for _, unit, _ in ballots()] == ["north"]


def test_not_concerned_is_an_answer_without_a_score(north, app):
    answered(app, north, "none")
    assert [scores for _, _, scores in ballots()] == [{}]


@pytest.mark.parametrize("path", ["/pulse", "/pulse/thanks", "/pulse/confidential"])
def test_a_stranger_is_sent_to_the_door(client, company, path):
    reply = client.get(path)
    assert (reply.status_code, reply.location) == (302, f"/sign-in?next={path}")


def test_between_two_waves_the_page_says_when_the_next_one_opens(north, moment):
    moment.move_to(OVER)
    page = north.get("/pulse")
    assert page.status_code == 200
    assert "No pulse is open now" in page.text
    assert "1 December 2026" in page.text
    assert "ballot.js" in page.text  # what waits is cast from here too


def test_a_wave_that_ended_meanwhile_draws_no_confidential_ballot(north, moment):
    form = token(north.get("/pulse").text)
    moment.move_to(OVER)
    assert "No pulse is open now" in north.post("/pulse/confidential", data=form).text
    assert issued() == 0


def test_a_confidential_ballot_drawn_in_time_is_taken_for_a_day_and_then_no_more(north, app, moment):
    drawn(north)
    moment.move_to(OVER)
    assert "Back to my confidential form" in north.get("/pulse").text
    assert "5 questions" in north.get("/pulse/confidential").text
    moment.move_to(datetime(2026, 12, 2, 9, tzinfo=UTC))
    assert north.get("/pulse/confidential").location == "/pulse"


def test_the_next_months_page_is_another_ballot(north, app, moment):
    answered(app, north, "1")
    moment.move_to(DECEMBER_WAVE)
    with db.writing() as session:
        opened(session, DECEMBER_WAVE)
    answered(app, north, "4")
    assert [wave for wave, _, _ in sorted(ballots())] == ["2026-11-01", "2026-12-01"]


def test_somebody_without_a_team_of_the_wave_is_asked_nothing(signed_in, company):
    with db.writing() as session:
        newcomer = session.query(Person).filter_by(email="south3@example.org").one()
        team = Team(code="new", name_en="New", name_fr="New", headcount=None)
        team.parent_id = team.opened = team.closed = team.split_from_id = team.merged_into_id = None
        session.add(team)
        session.flush()
        session.query(Membership).filter_by(person_id=newcomer.id).one().team_id = team.id
    assert "Nothing to answer this month" in signed_in("south3@example.org").get("/pulse").text


def test_somebody_who_answers_by_code_is_told_where(signed_in, company):
    with db.writing() as session:
        session.query(Person).filter_by(email="north2@example.org").one().answers_by = AnswersBy.CODE
    page = signed_in("north2@example.org").get("/pulse").text
    assert "You answer by a printed code" in page
    assert f'href="{BALLOTS}/b/code"' in page


@pytest.mark.parametrize("language", ["en", "fr"])
def test_thanks_and_pages_say_nothing_that_identifies_an_answer(north, app, language):
    answered(app, north, "2", comment="a secret remark")
    for path in ("/pulse/thanks", "/pulse"):
        page = north.get(f"{path}?lang={language}")
        assert "secret" not in page.text
        assert "Moderately" not in page.text
        assert page.headers["Cache-Control"] == "no-store"


def test_thanks_name_the_day_of_the_results_and_of_last_month_what_may_be_shown(north):
    page = north.get("/pulse/thanks").text
    assert "The results come on 2 December 2026." in page
    assert "Not enough answers to show." in page
    assert "<strong>Not yet known</strong><br>A fix, since 1 June 2026" in page


def test_thanks_lead_to_what_was_said_and_done_once_something_is_told(north, client):
    everybody, each = "/r/thanks/any?lang=en", "/pulse/thanks?lang=en"
    assert "/you-said" not in client.get(everybody).text
    assert "#fix-" not in north.get(each).text
    with db.writing() as session:
        fix, now = session.scalars(select(Fix)).one(), datetime.now(UTC)
        for side in Side:
            session.add(Heard(fix_id=fix.id, side=side, edited_at=now, published_at=now, **WORDS))
    assert 'href="/you-said?lang=en"' in client.get(everybody).text
    assert re.search(
        r'href="/you-said/staff\?lang=en#fix-\d+">queue</a><br>Not yet known', north.get(each).text
    )


def test_thanks_between_two_waves_are_thanks(north, moment):
    moment.move_to(OVER)
    page = north.get("/pulse/thanks")
    assert page.status_code == 200
    assert "Thank you" in page.text


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["Your team lead", "Somebody who watches the running server", "guess from the timing"]),
        ("fr", ["dirige votre équipe", "observerait le serveur", "deviner par l’horaire", "30 jours"]),
    ],
)
def test_anybody_may_read_what_can_be_seen_about_them(client, language, said):
    page = client.get(f"/pulse/seen?lang={language}")
    assert page.status_code == 200
    assert "Set-Cookie" not in page.headers
    for words in said:
        assert words in page.text


def test_every_page_of_employees_leads_to_what_can_be_seen(north, moment):
    for path in ("/pulse", "/pulse/thanks"):
        assert 'href="/pulse/seen"' in north.get(path).text
    moment.move_to(OVER)
    assert 'href="/pulse/seen"' in north.get("/pulse").text


def test_a_planned_opening_is_the_one_that_is_told(north, moment):
    from surveys.waves.models import Wave, WaveState

    moment.move_to(OVER)
    with db.writing() as session:
        session.query(Wave).filter(Wave.month != MONTH).delete()
        session.add(
            Wave(
                month=date(2026, 12, 1),
                opens_at=datetime(2026, 12, 7, 9, tzinfo=UTC),
                closes_at=datetime(2026, 12, 31, 23, tzinfo=UTC),
                state=WaveState.PLANNED,
                threshold=5,
            )
        )
    assert "7 December 2026" in north.get("/pulse").text
