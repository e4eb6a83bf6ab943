"""The page of a fix says what its verdict rests on, what else could explain it, and no more than is known."""

import gzip
import json
import re
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import delete, event, select
from sqlalchemy.orm import Session

from pulse import db
from pulse.correlation.engine import MONITORED
from pulse.dashboards import figures, queries, sheet
from pulse.dashboards.checks import State, checks
from pulse.dashboards.evidence import WATCHED, Evidence
from pulse.dashboards.expectation import words
from pulse.dashboards.landing_path import around, path
from pulse.dashboards.timeline import Kind, marks
from pulse.db import Database
from pulse.i18n import speaking
from pulse.ledger.models import Extent, ReleasedCell
from pulse.months import shifted
from pulse.organisation.models import (
    Asked,
    Break,
    Fix,
    FixDeed,
    FixEvent,
    Irritant,
    Place,
    RollOut,
    Side,
    Team,
    Touchpoint,
)
from pulse.people import service as people
from pulse.people.models import Grant
from pulse.verdicts.effects import Span
from pulse.verdicts.models import CounterfactualMonth, Decision, Flag, FlagEvent, Verdict
from pulse.verdicts.rules import Reason
from tests.pulse.dashboards.conftest import text_of
from tests.pulse.dashboards.told import FIRST, NOW, PASSWORD, tell
from tests.pulse.test_web import sign_in

DISPLACED, RESOLVED, UNKNOWN, YOUNG, PLANNED = (
    "refund-48h",
    "live-displays",
    "pay-later",
    "warm-rooms",
    "later",
)


@pytest.fixture
def company(database: Database) -> Database:
    """The told company."""
    with database.writing() as session:
        tell(session)
    return database


def of(session: Session, code: str) -> Evidence:
    """The evidence about a fix."""
    found = queries.evidence(session, code)
    assert found is not None
    return found


def the_fix(session: Session, code: str) -> Fix:
    return session.scalars(select(Fix).where(Fix.code == code)).one()


def test_a_page_says_what_its_verdict_rests_on_and_what_could_explain_it(analyst: FlaskClient) -> None:
    said = text_of(analyst.get(f"/fixes/{DISPLACED}").text)
    assert "Answers since the start about 560 about 80" in said
    assert "Measured at 1 touchpoint 1 team" in said
    assert "Compared with 2 other series 4 other series" in said
    assert "12 before the start, 12 since" in said
    assert "Is there anything to compare with? in order" in said
    assert "Customers −1.5 −1.8 −2.4 to −1.2 Met: what was expected lies within the range." in said
    assert "Not met: more lands on staff than expected." in said


def test_a_page_in_french_holds_no_english(analyst: FlaskClient) -> None:
    said = text_of(analyst.get(f"/fixes/{DISPLACED}?lang=fr").text)
    assert "Pour 10 points de gêne épargnés aux clients, environ 11 sont retombés sur" in said
    for english in ("since the start", "in order", "landed", "Compared", "hop away", "written down"):
        assert english not in said


def test_before_the_start_there_is_only_how_things_stood(analyst: FlaskClient) -> None:
    page = analyst.get(f"/fixes/{PLANNED}").text
    said = text_of(page)
    assert "starts 1 March 2026" in said
    assert "There is no verdict yet." in said
    assert "how things stood before" in said
    assert "What the verdict rests on" not in said
    assert 'class="expected"' not in page
    assert 'class="observed"' in page


def test_what_is_not_known_has_no_colour_and_no_arrow(analyst: FlaskClient) -> None:
    page = analyst.get(f"/fixes/{UNKNOWN}").text
    assert 'class="tiles open"' in page
    assert "So far, and no conclusion" in page
    looks = re.findall(r'class="look (\w+)', page)
    assert set(looks) == {"undetermined"}
    assert "Not yet known." in text_of(page)  # beside what was expected
    assert 'class="tiles' not in analyst.get(f"/fixes/{YOUNG}").text


def test_it_would_be_known_sooner_if_everybody_in_a_team_answered(told: Flask) -> None:
    with db.reading() as session:
        found = of(session, UNKNOWN)
        assert found.sooner is not None
        assert (found.sooner.months, found.sooner.teams) == (1, ["Ticket office, Rennes"])
        assert of(session, DISPLACED).sooner is None  # it is known
        assert of(session, YOUNG).sooner is None  # nothing is said yet of what it rests on
    with db.writing() as session:
        session.scalars(select(Team).where(Team.code == "counter")).one().headcount = None
    with db.reading() as session:
        assert of(session, UNKNOWN).sooner is None  # nobody knows how many they are


def test_a_month_that_is_missing_is_a_gap_in_both_drawings(told: Flask) -> None:
    with db.reading() as session:
        found = of(session, DISPLACED)
        rows = figures.rows(found.customers, found.staff, found.landing)
        for drawn in sheet.sheets(rows, marks(found)):
            assert [len(strip.observed) for strip in drawn.strips] == [2, 2, 2]  # nothing joins over month 5
            assert len(drawn.marks) == 2


def test_where_a_team_is_too_small_its_unit_is_offered(company: Database) -> None:
    with company.writing() as session:
        counter = session.scalars(select(Team).where(Team.code == "counter")).one()
        unit = Team(code="rail", name_en="The whole railway", name_fr="Tout le chemin de fer")
        session.add(unit)
        session.flush()
        counter.parent_id = unit.id
        irritant = session.scalars(select(Irritant).where(Irritant.code == "refunds")).one()
        mine = (ReleasedCell.place_id == counter.id, ReleasedCell.side == Side.EMPLOYEE)
        session.execute(delete(ReleasedCell).where(*mine))
        fix = the_fix(session, DISPLACED)
        employees = CounterfactualMonth.side == Side.EMPLOYEE
        session.execute(delete(CounterfactualMonth).where(CounterfactualMonth.fix_id == fix.id, employees))
        session.add_all(
            ReleasedCell(
                measure_id=irritant.id, side=Side.EMPLOYEE, place_id=unit.id, extent=Extent.WHOLE,
                month=shifted(FIRST, index), n=60, score=400, step=10, fresh=True,
            )
            for index in range(6)
        )  # fmt: skip
    with company.reading() as session:
        found = of(session, DISPLACED)
        assert found.staff.empty
        assert found.unit is not None
        assert (found.unit.team.code, found.unit.series.n[0]) == ("rail", 60)
        titles = [
            row.title for row in figures.rows(found.customers, found.staff, None, ("Rail", found.unit.series))
        ]
        assert titles == ["Customers, 0 to 10", "Rail as a whole, 0 to 10"]


def test_what_happened_when_is_numbered_in_order(told: Flask) -> None:
    with db.writing() as session:
        fix = the_fix(session, DISPLACED)
        counter = session.scalars(select(Team).where(Team.code == "counter")).one()
        session.add(RollOut(fix_id=fix.id, place_id=counter.id, started=date(2025, 3, 10), stopped=None))
        session.add(
            Break(
                side=Side.CUSTOMER, month=date(2024, 6, 1), place_id=None, measure_id=None, note="New form."
            )
        )
        fix.stopped = date(2025, 11, 30)
        flag = session.scalars(select(Flag).where(Flag.fix_id == fix.id)).one()
        flag.corrective_id, flag.recheck_on = the_fix(session, YOUNG).id, date(2026, 2, 16)
        session.add(
            FlagEvent(
                flag_id=flag.id, at=datetime(2025, 7, 3, 9, tzinfo=UTC), by=None, state=flag.state,
                comment="", decision=Decision.ADJUST,
            )
        )  # fmt: skip
    with db.reading() as session:
        told = marks(of(session, DISPLACED))
    assert [(mark.number, mark.kind, mark.text) for mark in told] == [
        (1, Kind.BREAK, "The way customers are asked changes in June 2024. New form."),
        (2, Kind.START, "The fix starts on 1 January 2025: Rennes station."),
        (3, Kind.ROLL_OUT, "From March 2025 also: Ticket office, Rennes."),
        (4, Kind.FLAG, "Flagged at the end of May 2025."),
        (5, Kind.DECISION, "Decided on 3 July 2025: adjust the fix."),
        (6, Kind.CORRECTIVE, "“Heated waiting rooms”, meant to put it right, starts on 1 November 2025."),
        (7, Kind.STOP, "The fix is stopped on 30 November 2025."),
        (8, Kind.RECHECK, "To be checked again on 16 February 2026."),
    ]


def states(found: Evidence) -> dict[str, State]:
    return {check.code: check.state for check in checks(found)}


def test_each_check_is_passed_or_not_by_what_is_stored(company: Database) -> None:
    with company.reading() as session:
        assert states(of(session, PLANNED)) == {}
        assert states(of(session, RESOLVED)) == {
            "compared": State.PASSED,
            "other_fix": State.PASSED,
            "asking": State.PASSED,
            "room": State.PASSED,
            "blind": State.PASSED,
            "chance": State.PASSED,
        }
        assert states(of(session, YOUNG)) | {"room": State.PASSED, "other_fix": State.PASSED} == {
            "compared": State.OPEN,
            "other_fix": State.PASSED,
            "asking": State.PASSED,
            "room": State.PASSED,
            "blind": State.PASSED,
            "chance": State.OPEN,
        }
    with company.writing() as session:
        fix = the_fix(session, DISPLACED)
        fix.registered = date(2025, 4, 1)
        the_fix(session, UNKNOWN).started = date(2025, 2, 1)
        newest = session.scalars(
            select(Verdict).where(Verdict.fix_id == fix.id).order_by(Verdict.as_of.desc())
        ).first()
        assert newest is not None
        newest.unsurveyed, newest.staff_compared = 0.6, 0
        session.add(
            Break(side=Side.EMPLOYEE, month=date(2024, 6, 1), place_id=None, measure_id=None, note="")
        )
    with company.reading() as session:
        found = of(session, DISPLACED)
        assert [one.code for one in found.rivals] == [UNKNOWN]
        assert states(found) == {
            "compared": State.CAREFUL,
            "other_fix": State.CAREFUL,
            "asking": State.PASSED,  # nothing is compared across it
            "room": State.PASSED,
            "blind": State.CAREFUL,
            "chance": State.PASSED,
            "written_down": State.CAREFUL,
        }


def test_a_reason_not_to_know_is_a_check_not_passed(told: Flask) -> None:
    reasons = {
        Reason.NO_CONTROLS: "compared",
        Reason.CONFOUNDED: "other_fix",
        Reason.COLLECTION_CHANGE: "asking",
        Reason.CEILING: "room",
    }
    with db.reading() as session:
        found = of(session, UNKNOWN)
        assert found.verdict is not None
        for language in ("en", "fr"):
            with speaking(language):
                for reason, code in reasons.items():
                    found.verdict.reason = reason
                    assert states(found)[code] is State.CAREFUL
        session.rollback()


def test_near_teams_nobody_asks_are_named_where_that_keeps_a_verdict_back(company: Database) -> None:
    def unasked() -> list[str]:
        with company.reading() as session:
            return [one.code for one in of(session, UNKNOWN).unasked]

    assert unasked() == []
    with company.writing() as session:
        for verdict in session.scalars(select(Verdict)):
            verdict.reason = Reason.NOT_SURVEYED if verdict.reason is Reason.WATCH else verdict.reason
    assert unasked() == []  # by where they are, both near teams are asked
    with company.writing() as session:
        billing = session.scalars(select(Team).where(Team.code == "billing")).one()
        info = session.scalars(select(Irritant).where(Irritant.code == "info")).one()
        session.add(Asked(team_id=billing.id, irritant_id=info.id, since=None, until=None))
    assert unasked() == ["billing"]  # its own list leaves the irritant out; the crews are not near
    with company.reading() as session:
        told = {check.code: check.answer for check in checks(of(session, UNKNOWN))}
        assert told["blind"].endswith("Nobody asks about it in: Billing.")


@pytest.mark.parametrize(
    ("expected", "span", "side", "said"),
    [
        (-1.5, Span(-1.8, -2.4, -1.2), Side.CUSTOMER, "Met"),
        (-1.5, Span(-2.4, -2.8, -2.0), Side.CUSTOMER, "Better than expected: customers"),
        (-1.5, Span(-0.8, -1.2, -0.4), Side.CUSTOMER, "Not met: customers"),
        (-0.5, Span(-0.3, -0.9, 0.3), Side.CUSTOMER, "Open"),
        (0.0, Span(0.1, -0.3, 0.5), Side.EMPLOYEE, "Met"),
        (0.0, Span(1.9, 1.2, 2.6), Side.EMPLOYEE, "Not met: more lands on staff"),
        (0.5, Span(-0.6, -1.1, -0.1), Side.EMPLOYEE, "Better than expected: less lands"),
        (None, Span(1.9, 1.2, 2.6), Side.EMPLOYEE, "Nothing was written down"),
        (0.5, None, Side.EMPLOYEE, "Not yet known"),
    ],
)
def test_what_was_expected_is_met_or_not_in_words(
    expected: float | None, span: Span | None, side: Side, said: str
) -> None:
    assert words(expected, span, side, settled=True).startswith(said)
    if expected is not None:
        assert words(expected, span, side, settled=False) == "Not yet known."


def team(number: int) -> Team:
    return Team(id=number, code=f"t{number}", name_en=f"T{number}", name_fr=f"T{number}")


def test_the_way_of_a_burden_leads_over_the_teams_between() -> None:
    # 1 - 2 - 3 and 1 - 4 - 3: two ways as short; 5 lies beside, 6 is cut off.
    beside = {1: {2, 4, 5}, 2: {1, 3}, 3: {2, 4}, 4: {1, 3}, 5: {1}}
    known = {number: team(number) for number in range(1, 7)}
    found = path([1], [3], beside, known)
    assert found is not None
    assert [one.code for one in found.own] == ["t1"]
    assert [[one.code for one in step] for step in found.between] == [["t2", "t4"]]
    assert [one.code for one in found.landed] == ["t3"]
    stayed = path([1, 2], [2], beside, known)
    assert stayed is not None
    assert ([one.code for one in stayed.own], stayed.between) == (["t1"], [])
    assert path([1], [], beside, known) is None
    far = path([1], [6], beside, known)
    assert far is not None
    assert far.between == []
    assert around([1], beside).counted.one == 3


def test_an_owner_reads_the_fixes_they_own_and_nobody_elses(told: Flask) -> None:
    with db.writing() as session:
        omar = people.add(session, "omar@example.org", name="Omar", language="en", password=PASSWORD)
        people.grant(session, omar, Grant.OWNER)
    client = told.test_client()
    sign_in(client, "omar@example.org")
    mine = client.get(f"/fixes/{DISPLACED}")
    assert mine.status_code == 200
    assert "All fixes" not in text_of(mine.text)
    assert 'href="/teams/' not in mine.text
    for address in (f"/fixes/{RESOLVED}", f"/fixes/{RESOLVED}?as=json", "/fixes/no-such-fix", "/fixes"):
        assert client.get(address).status_code == 404, address


def test_the_file_holds_what_the_page_shows(analyst: FlaskClient) -> None:
    told = json.loads(analyst.get(f"/fixes/{DISPLACED}?as=json").text)["sheets"]
    months = [row for row in told["months"] if row["series"] == "customers"]
    assert [months[0][name] for name in ("month", "score", "n", "expected")] == ["2024-01-01", 4.8, 140, 4.9]
    assert [row["score"] for row in months if row["month"] == "2024-06-01"] == [None]  # hidden
    assert {row["series"] for row in told["months"]} == {"customers", "staff", "landing"}
    newest = told["verdicts"][0]
    assert (newest["verdict"], newest["landing_team"], newest["customer_answers"]) == (
        "displaced",
        "billing|counter",
        560,
    )
    assert len(told["verdicts"]) == 12
    assert [row["comparison"][:3] for row in told["expectation"]] == ["Met", "Not"]
    assert {row["check"] for row in told["checks"]} >= {"compared", "blind"}
    assert [row["team"] for row in told["landing"]] == ["billing", "counter"]
    csv = analyst.get(f"/fixes/{DISPLACED}?as=csv&sheet=verdicts")
    assert csv.text.splitlines()[0].startswith("\ufeffas_of,revision,verdict,")
    assert analyst.get(f"/fixes/{DISPLACED}?as=xlsx").data.startswith(b"PK")
    assert analyst.get(f"/fixes/{PLANNED}?as=json").status_code == 200


def test_a_revised_month_is_marked_and_both_verdicts_kept(told: Flask, analyst: FlaskClient) -> None:
    with db.writing() as session:
        fix = the_fix(session, RESOLVED)
        newest = session.scalars(
            select(Verdict).where(Verdict.fix_id == fix.id).order_by(Verdict.as_of.desc())
        ).first()
        assert newest is not None
        values = {c.name: getattr(newest, c.name) for c in Verdict.__table__.columns if c.name != "id"}
        session.add(Verdict(**{**values, "revision": 1, "probability": 0.09}))
    page = analyst.get(f"/fixes/{RESOLVED}").text
    assert len(re.findall(r'class="look resolved revised', page)) == 1
    assert "A dot marks a month" in page
    assert "revision 1" in text_of(page)


def test_what_was_written_down_stands_on_the_page(analyst: FlaskClient) -> None:
    with db.writing() as session:
        fix = the_fix(session, DISPLACED)
        fix.hypothesis, fix.staff_task = "Faster pay, fewer calls.", "Check every claim <by hand>."
        fix.requested_by = "The customers' board"
        session.add(FixEvent(fix_id=fix.id, at=NOW, by="ana@example.org", deed=FixDeed.STOPPED, changed={}))
    page = analyst.get(f"/fixes/{DISPLACED}").text
    said = text_of(page)
    assert "Why it should work Faster pay, fewer calls." in said
    assert "Check every claim &lt;by hand&gt;." in page
    assert "The customers&#39; board" in page
    assert "What was done to it on record" in said


def many(session: Session, touchpoints: int, months: int) -> None:
    """The displaced fix at so many touchpoints, with so many months and looks."""
    fix = the_fix(session, DISPLACED)
    places: list[Place] = [
        Touchpoint(code=f"stop-{i}", name_en=f"Stop number {i}", name_fr=f"Arrêt {i}")
        for i in range(touchpoints)
    ]
    session.add_all(places)
    fix.places = [*fix.places, *places]
    session.flush()
    cells = [(place.id, Side.CUSTOMER, Extent.OWN) for place in places]
    session.add_all(
        ReleasedCell(
            measure_id=fix.irritant_id, side=side, place_id=place, extent=extent,
            month=shifted(FIRST, index), n=140, score=300 + index, step=10, fresh=True,
        )
        for place, side, extent in cells
        for index in range(months)
    )  # fmt: skip
    newest = session.scalars(
        select(Verdict).where(Verdict.fix_id == fix.id).order_by(Verdict.as_of.desc())
    ).first()
    assert newest is not None
    values = {c.name: getattr(newest, c.name) for c in Verdict.__table__.columns if c.name != "id"}
    session.add_all(Verdict(**{**values, "revision": revision}) for revision in range(1, 13))


def test_a_verdict_is_said_to_stay_once_nobody_looks_again(analyst: FlaskClient) -> None:
    assert WATCHED == MONITORED
    assert "until December 2026, two years after the start" in text_of(
        analyst.get(f"/fixes/{DISPLACED}").text
    )
    with db.writing() as session:
        the_fix(session, DISPLACED).started = date(2023, 12, 1)
    assert "this verdict stays" in text_of(analyst.get(f"/fixes/{DISPLACED}").text)


def test_a_large_page_is_light_and_asks_the_database_no_more(analyst: FlaskClient) -> None:
    said: list[str] = []
    event.listen(db.main.engine, "before_cursor_execute", lambda *what: said.append(what[2]))
    analyst.get(f"/fixes/{DISPLACED}")
    few = len(said)
    with db.writing() as session:
        many(session, touchpoints=24, months=36)
    said.clear()
    page = analyst.get(f"/fixes/{DISPLACED}").data
    assert len(said) == few < 34
    assert len(gzip.compress(page, 6)) < 60_000
