"""An employee answers: one page, one submit, one ballot, and nothing that leads back."""

from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select, text

from pulse import db
from pulse.organisation.models import Team
from pulse.people.models import Membership, Person
from surveys.ballots.models import Ballot, Remark
from surveys.ballots.urn import urn
from surveys.waves.models import Issued
from surveys.waves.service import open_due
from tests.surveys.conftest import OVER, PARIS
from tests.surveys.responses.conftest import fields, filled, hidden

DECEMBER_WAVE = datetime(2026, 12, 1, 9, tzinfo=UTC)


def ballots():
    with urn.reading() as session:
        return [(b.wave.isoformat(), b.unit, b.scores) for b in session.scalars(select(Ballot))]


def answered(client, value="3", **more):
    page = client.get("/pulse").text
    form = filled(page, value) | more
    return client.post("/pulse", data=form)


def participations():
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Issued))


def test_a_person_is_asked_their_units_questions_on_one_page(north):
    page = north.get("/pulse").text
    assert len(fields(page)) == 5
    assert "q-queue" in fields(page)
    assert "5 questions, less than a minute" in page
    assert "How much did queue land on you?" in page
    assert "in the same request" in page


def test_answers_become_one_ballot_of_the_unit_and_thanks(north):
    reply = answered(north, "3", comment=" The queue is mine now. ")
    assert (reply.status_code, reply.location) == (303, "/pulse/thanks")
    assert "Thank you" in north.get(reply.location).text
    [(wave, unit, scores)] = ballots()
    assert (wave, unit, set(scores.values())) == ("2026-11-01", "north", {750})
    with urn.reading() as session:
        assert session.scalars(select(Remark.text)).all() == ["The queue is mine now."]


def test_people_of_a_small_team_count_for_their_unit(signed_in):
    answered(signed_in("desk0@example.org"))
    assert [unit for _, unit, _ in ballots()] == ["north"]


def test_not_concerned_is_an_answer_without_a_score(north):
    reply = answered(north, "none")
    assert reply.status_code == 303
    assert [scores for _, _, scores in ballots()] == [{}]


def test_nobody_answers_twice(north):
    answered(north)
    assert "You have answered this month" in north.get("/pulse").text
    assert participations() == 1


def test_the_same_page_sent_from_two_windows_counts_once(signed_in):
    first, second = signed_in("north1@example.org"), signed_in("north1@example.org")
    page, other = first.get("/pulse").text, second.get("/pulse").text
    for client, shown, value in ((first, page, "1"), (second, other, "4")):
        last = client.post("/pulse", data=filled(shown, value))
    assert "You have answered this month" in last.text
    assert [set(scores.values()) for _, _, scores in ballots()] == [{250}]


def test_skipped_questions_are_mentioned_once_and_then_accepted(north):
    page = north.get("/pulse").text
    form = hidden(page) | {"q-queue": "4", "comment": "kept"}
    reminder = north.post("/pulse", data=form)
    assert reminder.status_code == 422
    assert "4 questions without an answer" in reminder.text
    assert 'value="4" checked' in reminder.text
    assert "kept</textarea>" in reminder.text
    assert 'name="reminded" type="hidden" value="1"' in reminder.text
    assert ballots() == []
    assert north.post("/pulse", data=form | {"reminded": "1"}).status_code == 303
    assert [scores for _, _, scores in ballots()] == [{"queue": 1000}]


def test_a_comment_that_is_too_long_is_refused_in_words_and_kept(north):
    reply = answered(north, comment="x" * 2001)
    assert reply.status_code == 422
    assert "Shorten your comment to 2,000 characters" in reply.text
    assert "x" * 2001 in reply.text
    assert (ballots(), participations()) == ([], 0)


def test_a_form_of_another_site_is_refused(north):
    page = north.get("/pulse").text
    reply = north.post("/pulse", data=filled(page, "1") | {"csrf_token": ""})
    assert reply.status_code == 422
    assert ballots() == []


def test_an_answer_that_is_not_on_offer_is_not_understood(north):
    assert answered(north, "11").status_code == 400
    assert (ballots(), participations()) == ([], 0)


def test_a_stranger_is_sent_to_the_door(client, company):
    reply = client.get("/pulse")
    assert (reply.status_code, reply.location) == (302, "/sign-in?next=/pulse")


def test_between_two_waves_the_page_says_when_the_next_one_opens(north, moment):
    moment.move_to(OVER)
    page = north.get("/pulse")
    assert page.status_code == 200
    assert "No pulse is open now" in page.text
    assert "1 December 2026" in page.text


def test_a_page_left_open_past_the_end_is_told_so(north, moment):
    page = north.get("/pulse").text
    moment.move_to(OVER)
    reply = north.post("/pulse", data=filled(page, "1"))
    assert reply.status_code == 409
    assert "your answers were not taken" in reply.text
    assert "1 December 2026" in reply.text
    assert (ballots(), participations()) == ([], 0)


def test_answers_of_one_month_are_not_taken_for_the_next_ones(north, moment):
    page = north.get("/pulse").text
    moment.move_to(DECEMBER_WAVE)
    with db.writing() as session:
        open_due(session, DECEMBER_WAVE, zone=PARIS, k=5)
    reply = north.post("/pulse", data=filled(page, "1"))
    assert reply.status_code == 409
    assert "This page is of another month" in reply.text
    assert (ballots(), participations()) == ([], 0)
    assert north.post("/pulse", data=filled(north.get("/pulse").text, "1")).status_code == 303
    assert [wave for wave, _, _ in ballots()] == ["2026-12-01"]


def test_somebody_without_a_team_of_the_wave_is_asked_nothing(signed_in, company):
    with db.writing() as session:
        newcomer = session.query(Person).filter_by(email="south3@example.org").one()
        team = Team(code="new", name_en="New", name_fr="New", headcount=None)
        team.parent_id = team.opened = team.closed = team.split_from_id = team.merged_into_id = None
        session.add(team)
        session.flush()
        session.query(Membership).filter_by(person_id=newcomer.id).one().team_id = team.id
    assert "Nothing to answer this month" in signed_in("south3@example.org").get("/pulse").text


@pytest.mark.parametrize("language", ["en", "fr"])
def test_thanks_and_pages_say_nothing_that_identifies_an_answer(north, language):
    reply = answered(north, "2", comment="a secret remark")
    thanks = north.get(f"{reply.location}?lang={language}")
    assert "secret" not in thanks.text
    assert "Moderately" not in thanks.text
    assert thanks.headers["Cache-Control"] == "no-store"


def test_a_ballot_that_cannot_be_cast_uses_up_no_right_and_is_not_quoted_in_the_log(north, caplog):
    with urn.writing() as session:
        session.execute(text("DROP TABLE ballot"))
    north.application.config["PROPAGATE_EXCEPTIONS"] = False
    assert answered(north, "3", comment="The queue is mine now.").status_code == 500
    assert participations() == 0
    assert "no such table: ballot" in caplog.text
    for part in ("750", "queue", "north"):
        assert part not in caplog.text
