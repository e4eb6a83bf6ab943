"""Irritants are put on record as a pair, reworded with a break where they were asked about, and retired."""

from datetime import date

from sqlalchemy import select

from pulse import db
from pulse.organisation.models import Break, Fix, FixEvent, Irritant, PlaceKind, Side, Touchpoint
from tests.pulse.dashboards.conftest import text_of
from tests.pulse.registering.conftest import sent

PAIR = {
    "label_en": "Cold halls",
    "label_fr": "Halls froids",
    "customer_question_en": "How much did the cold bother you?",
    "customer_question_fr": "À quel point le froid vous a-t-il gêné ?",
    "employee_question_en": "How much did the cold land on you?",
    "employee_question_fr": "À quel point le froid est-il retombé sur vous ?",
    "added": "2026-02-01",
}


def irritant(code: str) -> Irritant:
    with db.reading() as session:
        return session.scalars(select(Irritant).where(Irritant.code == code)).one()


def breaks() -> list[tuple[Side, date]]:
    with db.reading() as session:
        return [(mark.side, mark.month) for mark in session.scalars(select(Break))]


def test_a_pair_is_looked_over_and_put_on_record(analyst):
    alike = PAIR | {"employee_question_en": PAIR["customer_question_en"], "do": "check"}
    said = text_of(sent(analyst, "/register/irritant", **alike).text)
    assert "Both sides are asked in the same words." in said
    refused = sent(analyst, "/register/irritant", do="save", **(PAIR | {"added": "2026-01-14"}))
    assert refused.status_code == 422
    done = sent(analyst, "/register/irritant", do="save", **PAIR)
    assert done.headers["Location"] == "/irritants/cold-halls?done=registered"
    assert irritant("cold-halls").added == date(2026, 2, 1)
    assert "asked about from 1 February 2026" in text_of(analyst.get("/irritants").text)
    again = PAIR | {"customer_question_en": "Was it cold?"}
    freely = sent(analyst, "/irritants/cold-halls", do="save", **again)
    assert freely.status_code == 303  # nobody has been asked: no new series
    assert breaks() == []


def test_other_words_start_a_new_series_and_that_is_said_before(analyst):
    page = "/irritants/late"
    row = irritant("late")
    words = {name: getattr(row, name) for name in PAIR if name != "added"}
    named = sent(analyst, page, do="save", **(words | {"label_en": "Late trains"}))
    assert named.status_code == 303
    assert breaks() == []
    other = words | {"label_en": "Late trains", "employee_question_en": "Did delays land on you?"}
    told = sent(analyst, page, do="save", **other)
    assert told.status_code == 200
    assert "The employees’ series starts anew with February 2026" in text_of(told.text)
    assert "4 fixes on it" not in text_of(told.text)
    assert irritant("late").employee_question_en == words["employee_question_en"]
    assert sent(analyst, page, do="save", **(other | {"agreed": "employee"})).status_code == 303
    assert breaks() == [(Side.EMPLOYEE, date(2026, 2, 1))]
    assert "New series from February 2026 on" in text_of(analyst.get(page).text)
    further = other | {"agreed": "employee", "employee_question_en": "Did lateness land on you?"}
    assert sent(analyst, page, do="save", **further).status_code == 303
    assert len(breaks()) == 1  # one break a month and side
    stale = sent(analyst, page, do="save", **(further | {"seen": "0", "label_en": "Delays"}))
    assert stale.status_code == 409


def test_an_irritant_is_retired_and_asked_about_again(analyst):
    page = "/irritants/info"
    assert sent(analyst, page, f"{page}/retire").status_code == 303
    assert irritant("info").retired == date(2026, 1, 15)
    assert "not asked about since 15 January 2026" in text_of(analyst.get("/irritants?show=retired").text)
    assert "No information" not in analyst.get("/register/fix").text
    assert sent(analyst, page, f"{page}/reopen").status_code == 303
    assert irritant("info").retired is None


def test_a_launched_fix_stays_where_it_was_when_its_irritant_is_met_elsewhere(analyst):
    with db.writing() as session:
        lounge = Touchpoint(code="lounge", name_en="Lounge", name_fr="Salon")
        session.add(lounge)
        session.flush()
        key = lounge.id
    row = irritant("late")
    words = {name: getattr(row, name) for name in PAIR if name != "added"}
    assert sent(analyst, "/irritants/late", do="save", touchpoints=[key], **words).status_code == 303
    with db.reading() as session:
        fix = session.scalars(select(Fix).where(Fix.code == "early-doors")).one()
        kept = [place.code for place in fix.places if place.kind is PlaceKind.TOUCHPOINT]
        logged = select(FixEvent.changed).where(FixEvent.fix_id == fix.id)
        assert kept == ["lounge", "station"]
        assert session.scalars(logged).one() == {"touchpoints": [[], kept]}


def test_the_works_council_reads_irritants_and_changes_none(council):
    assert council.get("/irritants/late").status_code == 200
    assert "Change its words" not in council.get("/irritants/late").text
    for to in ("/irritants/late", "/irritants/late/retire", "/irritants/late/reopen", "/register/irritant"):
        assert council.post(to, data=PAIR).status_code == 404, to
    assert council.get("/irritants/nothing").status_code == 404
