"""The inbox of flags and the page of a flag: who sees which, what can be done, and that nothing is lost."""

import re
from datetime import date

import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from pulse import db
from pulse.dashboards.flag_list import Choice, Line, State, age
from pulse.organisation.models import Fix
from pulse.outbox.models import Message
from pulse.people import service as people
from pulse.people.models import Grant
from pulse.verdicts.forgetting import forget
from pulse.verdicts.models import Decision, Flag, FlagEvent, FlagState
from tests.pulse.dashboards.conftest import text_of
from tests.pulse.dashboards.told import ANALYST, PASSWORD
from tests.pulse.test_web import sign_in

DISPLACED, BACKFIRED = 1, 2  # flags of the told company: refund-48h is Omar's, as is early-doors
OMAR, OLGA, COUNCIL = "omar@example.org", "olga@example.org", "cor@example.org"


def somebody(app: Flask, email: str, *grants: Grant) -> FlaskClient:
    """The browser of a person with these grants."""
    with db.writing() as session:
        person = people.add(session, email, name=email.partition("@")[0].title(), language="en")
        person = people.add(session, email, password=PASSWORD)
        for grant in grants:
            people.grant(session, person, grant)
    client = app.test_client()
    sign_in(client, email)
    return client


def post(client: FlaskClient, do: str, flag: int = DISPLACED, **sent: str) -> TestResponse:
    """Open the form for a deed and send it, with the newest event on its page unless another is given."""
    page = client.get(f"/flags/{flag}?do={do}").text
    data = {name: hidden(page, name) for name in ("csrf_token", "seen")}
    return client.post(f"/flags/{flag}", data={**data, "do": do, **sent})


def send(client: FlaskClient, do: str, flag: int = DISPLACED, **sent: str) -> int:
    """The same; the status it is answered with."""
    return post(client, do, flag, **sent).status_code


def hidden(page: str, name: str) -> str:
    """What a hidden field of a page holds."""
    found = re.search(f'name="{name}" type="hidden" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def stored(flag: int = DISPLACED) -> Flag:
    with db.reading() as session:
        session.expire_on_commit = False
        found = session.get_one(Flag, flag)
        session.expunge_all()
    return found


def number_of_events() -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(FlagEvent)) or 0


def test_a_flag_is_followed_up_step_by_step_and_each_step_stays(analyst: FlaskClient, told: Flask) -> None:
    somebody(told, OLGA, Grant.OWNER)
    with db.reading() as session:
        other = session.scalars(select(Fix.id).where(Fix.code == "pay-later")).one()
    with time_machine.travel("2026-01-12T10:00:00Z", tick=False):
        sign_in(analyst, ANALYST)
        assert send(analyst, "acknowledge") == 303
        assert send(analyst, "decide", decision="adjust", comment="Two more people in Billing.") == 303
        assert send(analyst, "assign", owner=OLGA) == 303
        assert send(analyst, "correct", fix=str(other)) == 303
        assert send(analyst, "check", day="2026-04-01") == 303
        assert send(analyst, "comment", comment="The team was told <b>on Monday</b>.") == 303
        assert send(analyst, "close", comment="The answers fell back.") == 303
        said = text_of(analyst.get(f"/flags/{DISPLACED}").text)
    for words in (
        "Acknowledged",
        "Acted on · Decided: adjust the fix",
        "Two more people in Billing.",
        "Handed to Olga",
        "Corrective fix: Pay later instead of a fine",
        "To be checked again on 1 April 2026",
        "The team was told &lt;b&gt;on Monday&lt;/b&gt;.",
        "Closed",
        "12 January 2026 · Ana",
    ):
        assert words in said
    flag = stored()
    assert (flag.state, flag.decision, flag.owner) == (FlagState.CLOSED, Decision.ADJUST, OLGA)
    assert (flag.corrective_id, flag.recheck_on) == (other, date(2026, 4, 1))
    assert number_of_events() == 2 + 7
    with db.reading() as session:
        (mail,) = session.scalars(select(Message))
    assert (mail.recipient, mail.subject) == (OLGA, "A flag for you to look after: “Refunds within 48 hours”")
    assert "Ana asks you to look after the flag" in mail.text
    assert "http://127.0.0.1:8000/flags/1" in mail.text


WRONG: tuple[tuple[str, dict[str, str], str], ...] = (
    ("decide", {"comment": "Why not"}, "Choose what is to become of the fix"),
    ("decide", {"decision": "keep"}, "Say why"),
    ("assign", {"owner": ""}, "Choose somebody"),
    ("correct", {"fix": ""}, "Choose a fix"),
    ("check", {"day": "2020-01-01", "comment": "Typed with care"}, "Choose a day to come"),
    ("check", {"day": "soon"}, "Choose a day"),
    ("comment", {"comment": " "}, "Write a comment"),
    ("close", {"comment": ""}, "Say why this flag is closed"),
)


def test_what_is_missing_is_said_beside_the_field(analyst: FlaskClient) -> None:
    for do, sent, words in WRONG:
        reply = post(analyst, do, seen="1", **sent)
        assert reply.status_code == 422, do
        assert words in text_of(reply.text)
        assert sent.get("comment", "") in reply.text
    assert number_of_events() == 2


def test_a_flag_moves_only_by_its_form(analyst: FlaskClient) -> None:
    assert analyst.post("/flags/1", data={"do": "acknowledge", "seen": "1"}).status_code == 422
    assert stored().state is FlagState.OPEN


def test_whoever_comes_second_sees_what_was_done_and_chooses(analyst: FlaskClient, told: Flask) -> None:
    omar = somebody(told, OMAR, Grant.OWNER)
    assert send(omar, "decide", decision="keep", comment="It is worth it.") == 303
    mine = {"decision": "roll_back", "comment": "No, it is not."}
    reply = post(analyst, "decide", seen="1", **mine)
    assert reply.status_code == 409
    said = text_of(reply.text)
    assert "Somebody was faster" in said
    assert "Decided: keep the fix as it is" in said
    assert "No, it is not." in reply.text
    assert re.search(r'checked[^>]*value="roll_back"', reply.text)
    assert stored().decision is Decision.KEEP

    assert send(analyst, "decide", seen=hidden(reply.text, "seen"), **mine) == 303
    assert stored().decision is Decision.ROLL_BACK
    assert number_of_events() == 2 + 2

    assert send(omar, "close", comment="Settled.") == 303
    late = post(analyst, "decide", seen="1", decision="keep", comment="But look")
    assert (late.status_code, "But look" in late.text) == (409, True)
    assert hidden(late.text, "do") == "comment"  # all that is still open to a closed flag


def test_owners_see_and_follow_up_their_own_flags_and_nothing_else(told: Flask) -> None:
    omar = somebody(told, OMAR, Grant.OWNER)
    olga = somebody(told, OLGA, Grant.OWNER)
    assert omar.get("/flags").text.count("card flag") == 2
    assert "None of your fixes bears a flag." in olga.get("/flags").text
    assert "Omar" not in text_of(olga.get("/flags").text)
    assert olga.get("/flags/1").status_code == 404
    assert olga.post("/flags/1", data={"do": "comment", "comment": "x"}).status_code == 404
    assert send(omar, "assign", owner=OLGA) == 303
    assert olga.get("/flags/1").status_code == 200
    assert send(olga, "comment", comment="Mine now.") == 303
    assert omar.get("/flags/1").status_code == 200  # still the owner of the fix
    assert "/fixes/refund-48h" not in olga.get("/flags/1").text  # the fix itself is not hers to see
    assert "/fixes/refund-48h" in omar.get("/flags/1").text


def test_the_works_council_reads_and_changes_nothing(told: Flask) -> None:
    council = somebody(told, COUNCIL, Grant.COUNCIL)
    page = council.get("/flags/1")
    assert page.status_code == 200
    assert 'name="comment"' not in page.text
    assert council.post("/flags/1", data={"do": "comment", "comment": "x"}).status_code == 404
    both = somebody(told, OMAR, Grant.COUNCIL, Grant.OWNER)  # who reads all may write on their own alone
    with db.writing() as session:
        flag = session.get_one(Flag, BACKFIRED)
        flag.owner = flag.fix.owner = "else@example.org"
    assert both.get("/flags/2").status_code == 200
    assert both.post("/flags/2", data={"do": "comment", "comment": "x"}).status_code == 404


def titles(page: str) -> list[str]:
    return re.findall(r'<h2><a href="/flags/\d+">([^<]+)</a>', page)


def test_the_inbox_shows_what_is_due_first_and_keeps_the_choice_in_its_address(analyst: FlaskClient) -> None:
    refund, doors = "Refunds within 48 hours", "Doors close thirty seconds early"
    with db.writing() as session:
        first, second = session.get_one(Flag, DISPLACED), session.get_one(Flag, BACKFIRED)
        first.state, first.recheck_on = FlagState.ACTED_ON, date(2026, 1, 2)
        second.owner = None
    assert titles(analyst.get("/flags").text) == [refund, doors]
    assert "Check due since 2 January 2026" in text_of(analyst.get("/flags").text)
    for query, found in (
        ("state=overdue", [refund]),
        ("state=open", [doors]),
        ("state=closed", []),
        ("state=waiting", [refund, doors]),
        ("owner=nobody", [doors]),
        ("owner=mine", []),
        (f"owner={OMAR}", [refund]),
        ("verdict=displaced", [refund]),
        ("team=billing", [refund]),
        ("team=nowhere", []),
        ("touchpoint=station", [refund, doors]),
        ("months=6", [refund, doors]),
        ("state=nonsense&months=x&page=-1&verdict=resolved", [refund, doors]),
    ):
        assert titles(analyst.get(f"/flags?{query}").text) == found, query
    assert "No flag answers to this choice." in analyst.get("/flags?team=nowhere").text


def test_the_files_say_what_the_page_says(analyst: FlaskClient) -> None:
    told = analyst.get("/flags?as=json&verdict=displaced").json
    (row,) = told["sheets"]["flags"]
    assert (row["fix"], row["verdict"], row["landing_team"]) == ("refund-48h", "displaced", "billing|counter")
    assert row["sentence"] in text_of(analyst.get("/flags/1").text)
    assert analyst.get("/flags?as=csv").text.count("\r\n") == 3
    history = analyst.get("/flags/1?as=json").json["sheets"]["events"]
    assert [event["did"] for event in history] == ["Raised"]


def test_a_forgotten_owner_is_somebody_who_left_on_every_page(analyst: FlaskClient) -> None:
    with db.writing() as session:
        forget(session, OMAR)
    for page in ("/flags", "/flags/1", "/fixes/refund-48h", "/fixes"):
        said = text_of(analyst.get(page).text)
        assert "a former colleague" in said
        assert OMAR not in said


def line(state: FlagState, raised: date, recheck: date | None = None) -> Line:
    return Line(Flag(id=1, state=state, raised_on=raised, recheck_on=recheck), date(2026, 3, 31))


def test_age_and_lateness_are_told_by_the_calendar() -> None:
    assert [age(days) for days in (0, 1, 13, 20, 61, 400, 800)] == [
        "raised today",
        "raised 1 day ago",
        "raised 13 days ago",
        "raised 2 weeks ago",
        "raised 2 months ago",
        "raised 13 months ago",
        "raised 2 years ago",
    ]
    month = Choice(months=1)
    assert month.takes(line(FlagState.OPEN, date(2026, 2, 28)), frozenset(), "")  # there is no 31 February
    assert not month.takes(line(FlagState.OPEN, date(2026, 3, 1)), frozenset(), "")
    due = line(FlagState.ACTED_ON, date(2026, 1, 31), date(2026, 3, 31))
    assert due.overdue
    assert Choice(state=State.OVERDUE).shows(due)
    assert not line(FlagState.CLOSED, date(2026, 1, 31), date(2026, 3, 1)).overdue
