"""You said, we did: each side reads its own words, and figures that nobody can edit."""

import json
import re
from datetime import UTC, date, datetime, timedelta
from xml.etree import ElementTree as xml

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from pulse import db
from pulse.heard import queries, service, telling
from pulse.heard.doubts import teams_named
from pulse.heard.models import Heard
from pulse.heard.telling import Item
from pulse.i18n import speaking
from pulse.organisation.models import Fix, Side
from pulse.people import service as people
from pulse.people.models import AuditEntry, Grant, Person
from pulse.verdicts.models import Verdict
from pulse.verdicts.rules import Outcome, Reason
from tests.pulse.dashboards.conftest import text_of
from tests.pulse.dashboards.told import ANALYST, EMPLOYEE, FIXES, LAST, NOW, PASSWORD
from tests.pulse.test_web import sign_in

ATOM = {"a": "http://www.w3.org/2005/Atom"}
EDIT = "/heard/refund-48h"
WORDS = {
    "said_en": "Refunds took weeks.",
    "said_fr": "Les remboursements prenaient des semaines.",
    "done_en": "Refunds are now paid within 48 hours.",
    "done_fr": "Les remboursements sont versés en 48 heures.",
    "next_en": "We see to those who now pay them out.",
    "next_fr": "Nous nous occupons de celles et ceux qui les versent.",
}


def publish(*codes: str, side: Side | None = None) -> None:
    with db.writing() as session:
        by = session.scalars(select(Person.id)).first()
        assert by is not None
        for fix in session.scalars(select(Fix).where(Fix.code.in_(codes))):
            for one in [side] if side else Side:
                service.keep(session, fix, one, WORDS, publish=True, teams=[], now=NOW, by=by)


def not_started(code: str) -> None:
    with db.writing() as session:
        session.scalars(select(Fix).where(Fix.code == code)).one().started = people.today() + timedelta(
            days=40
        )


def sent(client: FlaskClient, path: str, **fields: str) -> int:
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).text)
    assert token is not None
    reply = client.post(path, data={**WORDS, "csrf_token": token[1], **fields})
    client.last = reply.text  # type: ignore[attr-defined]
    return reply.status_code


def every_kind() -> list[str]:
    return [code for code, *_ in FIXES]


def test_customers_read_neither_a_figure_of_staff_nor_a_team(told: Flask) -> None:
    publish(*every_kind())
    with db.reading() as session:
        teams = queries.team_names(session)
        verdicts = {fix.code: fix.id for fix in session.scalars(select(Fix))}
    assert "Billing" in teams
    assert verdicts
    client = told.test_client()
    for language in ("en", "fr"):
        for path in ("/you-said", "/you-said/customers.atom", "/you-said?as=csv", "/you-said?as=json"):
            page = client.get(f"{path}{'&' if '?' in path else '?'}lang={language}")
            said = text_of(page.text)
            assert teams_named(said, teams) == []
            assert not re.search("1[.,]9|landing|staff_|billing|counter", said)  # what landed, and where
            assert re.search("1[.,]8", said)  # relief of customers
            assert page.status_code == 200
            assert "Set-Cookie" not in page.headers
            assert page.headers["Cache-Control"] == "public, max-age=3600"
            assert "Accept-Language" in page.headers["Vary"]
    assert len(client.get("/you-said").data) < 9_000


def test_staff_read_both_sides_but_no_teams_name(told: Flask) -> None:
    publish(*every_kind())
    client = told.test_client()
    assert client.get("/you-said/staff").status_code == 302
    sign_in(client, EMPLOYEE)
    page = client.get("/you-said/staff").text
    said = text_of(page)
    assert "by 1.8 points on a scale from 0 to 10 (between 1.2 and 2.4)" in said
    assert "Staff carry more where it landed: by 1.9 points on a scale from 0 to 10" in said
    assert "As of the end of December 2025" in said
    with db.reading() as session:
        assert teams_named(said, queries.team_names(session)) == []
    assert 'href="/heard"' not in page
    book = json.loads(client.get("/you-said/staff?as=json").text)["sheets"]["told"]
    assert {row["verdict"] for row in book} == {outcome.value for outcome in Outcome}
    assert [row["landing_effect"] for row in book if row["verdict"] == "displaced"] == [1.9]
    assert [row["customer_effect"] for row in book if row["verdict"] == "undetermined"] == [None, None]


def test_what_is_told_follows_the_newest_verdict_by_itself(told: Flask) -> None:
    publish("refund-48h")
    client = told.test_client()
    assert "displaced onto staff" in client.get("/you-said?lang=en").text
    with db.writing() as session:
        fix = session.scalars(select(Fix).where(Fix.code == "refund-48h")).one()
        later = Verdict(fix_id=fix.id, as_of=LAST, revision=1, concluded_at=NOW, outcome=Outcome.UNDETERMINED)
        session.add(later)
    page = client.get("/you-said?lang=en").text
    assert "not yet known" in page
    assert "1.8" not in page


def test_the_feed_is_valid_atom_and_each_item_leads_to_its_place(told: Flask) -> None:
    client = told.test_client()
    empty = xml.fromstring(client.get("/you-said/customers.atom").data)
    assert empty.findall("a:entry", ATOM) == []
    publish("refund-48h", "live-displays")
    reply = client.get("/you-said/customers.atom")
    assert reply.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
    feed = xml.fromstring(reply.data)
    for where in (feed, *feed.findall("a:entry", ATOM)):
        for name in ("id", "title", "updated"):
            assert (where.findtext(f"a:{name}", "", ATOM)).strip()
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", where.findtext("a:updated", "", ATOM))
    assert feed.findtext("a:author/a:name", "", ATOM)
    ids = [entry.findtext("a:id", "", ATOM) for entry in feed.findall("a:entry", ATOM)]
    assert len(set(ids)) == 2
    page = client.get("/you-said?lang=en").text
    assert all(f'id="{address.partition("#")[2]}"' in page for address in ids)


def test_before_anything_is_told_the_page_says_when_there_may_be(told: Flask) -> None:
    assert "The first results are expected in" in text_of(told.test_client().get("/you-said?lang=en").text)
    with db.reading() as session:
        assert queries.first_result(session, date(2024, 9, 20)) == date(
            2025, 2, 1
        )  # the first began in October
        assert queries.first_result(session, date(2026, 1, 20)) == date(2026, 2, 1)


def test_an_analyst_writes_looks_publishes_and_takes_down(analyst: FlaskClient) -> None:
    path, public = f"{EDIT}/customers", analyst.application.test_client()
    assert "Nothing is written yet." in analyst.get(path).text
    assert sent(analyst, path, do="preview") == 200
    assert "Les remboursements prenaient des semaines." in analyst.last  # type: ignore[attr-defined]
    assert sent(analyst, path, do="keep", next_fr="") == 303
    assert "Refunds took weeks." not in public.get("/you-said?lang=en").text
    assert sent(analyst, path, do="publish", next_fr="") == 422
    assert "Write this before it is published" in analyst.last  # type: ignore[attr-defined]
    assert sent(analyst, path, do="publish") == 303
    assert "Refunds took weeks." in public.get("/you-said?lang=en").text
    assert sent(analyst, path, do="keep", said_en="Refunds took forever.") == 303
    assert "Refunds took forever." in public.get("/you-said?lang=en").text
    assert sent(analyst, path, do="keep", said_fr=" ") == 422  # what is on its page stays whole
    assert sent(analyst, path, do="take down") == 303
    assert "Refunds took" not in public.get("/you-said?lang=en").text
    with db.reading() as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.subject == "refund-48h (customer)")).all()
        assert [entry.action.partition(": ")[2] for entry in noted] == [
            "published",
            "published",
            "taken down",
        ]
        assert session.scalars(select(Heard)).one().said_en == "Refunds took forever."


def test_what_looks_like_a_person_needs_a_second_look_and_customers_read_no_team(
    analyst: FlaskClient,
) -> None:
    path = f"{EDIT}/staff"
    assert sent(analyst, path, do="publish", done_en="It was Paul Reynaud who did it.") == 422
    assert "looks like the name of a person" in analyst.last  # type: ignore[attr-defined]
    assert sent(analyst, path, do="publish", done_en="It was Paul Reynaud who did it.", sure="y") == 303
    words = {"done_en": "Billing now pays at once.", "sure": "y"}
    assert sent(analyst, f"{EDIT}/customers", do="publish", **words) == 422
    assert "Customers read no team&#39;s name: take out Billing" in analyst.last  # type: ignore[attr-defined]
    assert sent(analyst, f"{EDIT}/staff", do="publish", **words) == 303


def test_the_list_says_what_is_still_to_be_told(analyst: FlaskClient) -> None:
    def listed(show: str) -> list[str]:
        return re.findall(r'href="/fixes/([\w-]+)"', analyst.get(f"/heard?show={show}").text)

    not_started("later")
    assert set(listed("untold")) == {"refund-48h", "live-displays", "early-doors", "boarding-marks"}
    publish("live-displays")
    publish("refund-48h", side=Side.CUSTOMER)
    assert set(listed("untold")) == {"refund-48h", "early-doors", "boarding-marks"}
    assert set(listed("told")) == {"refund-48h", "live-displays"}
    assert "later" not in listed("all")
    rows = json.loads(analyst.get("/heard?show=told&as=json").text)["sheets"]["fixes"]
    assert {(row["fix"], row["customers_state"], row["staff_state"]) for row in rows} == {
        ("refund-48h", "published", "nothing"),
        ("live-displays", "published", "published"),
    }


def test_the_council_reads_and_changes_nothing_and_others_find_nothing(told: Flask) -> None:
    not_started("later")
    with db.writing() as session:
        person = people.add(session, "cor@example.org", name="Cor", language="en", password=PASSWORD)
        people.grant(session, person, Grant.COUNCIL)
    council, employee, writer = told.test_client(), told.test_client(), told.test_client()
    sign_in(council, "cor@example.org")
    sign_in(employee, EMPLOYEE)
    sign_in(writer, ANALYST)
    for path in ("/heard", f"{EDIT}/staff"):
        assert council.get(path).status_code == 200
        assert employee.get(path).status_code == employee.get("/nowhere").status_code == 404
    assert "<textarea" not in council.get(f"{EDIT}/staff").text
    assert council.post(f"{EDIT}/staff", data=WORDS).status_code == 404
    for path in ("/heard/nothing/staff", f"{EDIT}/nobody", "/heard/later/staff"):
        assert writer.get(path).status_code == 404


effects = st.none() | st.floats(-9, 9)


@given(
    st.sampled_from(Outcome),
    st.none() | st.sampled_from(Reason),
    st.tuples(*[effects] * 6),
    st.none() | st.integers(20, 9000),
)
def test_what_customers_are_told_is_the_same_whatever_landed_on_staff(outcome, reason, figures, answers):
    told_of = {"outcome": outcome, "reason": reason, "as_of": LAST, "customer_answers": 1200}
    columns = [f"{side}_{part}" for side in ("staff", "landing") for part in ("effect", "low", "high")]
    burdened = Verdict(
        **told_of,
        **dict(zip(columns, figures, strict=True)),
        staff_answers=answers,
        landing_team="billing",
        landing_hops=2,
        probability=0.9,
    )
    words = {part: {"en": "", "fr": ""} for part in telling.PARTS}
    heavy, light = (
        Item(1, Side.CUSTOMER, {"en": "", "fr": ""}, LAST, words, verdict)
        for verdict in (burdened, Verdict(**told_of))
    )
    assert (heavy.came, heavy.basis, heavy.word) == (light.came, light.basis, light.word)


OUTCOMES = [(outcome, reason) for outcome in Outcome for reason in (None, Reason.STAFF_PAY)]


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize(("outcome", "reason"), OUTCOMES)
def test_a_verdict_without_published_effects_is_told_in_words(outcome, reason, language):
    verdict = Verdict(outcome=outcome, reason=reason, as_of=LAST, concluded_at=datetime.now(UTC))
    words = {part: {"en": "", "fr": ""} for part in telling.PARTS}
    for side in Side:
        item = Item(1, side, {"en": "", "fr": ""}, LAST, words, verdict)
        with speaking(language):
            told_of = " ".join(item.came)
        assert told_of
        assert not re.search(r"\d", told_of)
