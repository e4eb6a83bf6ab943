"""What is new on the overview is what came since the last day somebody looked, and stays so for that day."""

from datetime import date, timedelta

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from pulse import db
from pulse.dashboards import queries, visits
from pulse.dashboards.models import OverviewVisit
from pulse.db import Database
from pulse.months import last_day, shifted
from pulse.organisation.models import Fix
from pulse.people import service as people
from pulse.verdicts.models import Flag, Look, Verdict
from pulse.verdicts.rules import Outcome
from tests.pulse.dashboards.conftest import text_of
from tests.pulse.dashboards.told import ANALYST, FIRST, LAST, MONTHS, NOW, tell

TODAY = date(2026, 1, 3)
EARLIER = last_day(shifted(FIRST, MONTHS - 3))


def test_what_was_seen_last_stays_so_for_the_day_and_moves_on_with_the_next(database: Database) -> None:
    with database.writing() as session:
        ana = people.add(session, ANALYST, name="Ana", language="en").id
    days = [TODAY, TODAY, TODAY + timedelta(days=1), TODAY + timedelta(days=1), TODAY + timedelta(days=5)]
    looks = [EARLIER, LAST, LAST, LAST, None]
    seen = []
    for day, look in zip(days, looks, strict=True):
        with database.writing() as session:
            before = visits.last_seen(session, ana, day)
            noted = visits.is_noted(session, ana, day, look)
            seen.append((before, noted))
            visits.note(session, ana, day, look, before=before)
    assert seen == [(None, False), (None, False), (LAST, False), (LAST, True), (LAST, False)]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(OverviewVisit)) == 1


def test_news_are_what_later_looks_raised_turned_and_began(database: Database) -> None:
    with database.writing() as session:
        tell(session)
        session.add(Look(as_of=EARLIER, digest="-", concluded_at=NOW))
        turned = session.scalars(
            select(Verdict).join(Fix).where(Fix.code == "live-displays", Verdict.as_of == EARLIER)
        ).one()
        turned.outcome = Outcome.UNDETERMINED
        flag = session.scalars(select(Flag).join(Flag.fix).where(Fix.code == "refund-48h")).one()
        flag.raised_on = LAST
        begun = session.scalars(select(Fix).where(Fix.code == "later")).one()
        begun.started = LAST
    with database.reading() as session:
        lines = queries.lines(session)
        found = visits.news(session, lines, EARLIER)
        assert [one.fix.code for one in found.flags] == ["refund-48h"]
        assert [(turn.line.fix.code, turn.before) for turn in found.turns] == [
            ("live-displays", Outcome.UNDETERMINED)
        ]
        assert [fix.code for fix in found.started] == ["warm-rooms", "later"]
        assert found.months == [LAST]
        assert not visits.news(session, lines, LAST).any
        assert visits.news(session, lines, None) == visits.News(None)


def test_the_overview_tells_what_is_new_and_a_second_look_writes_nothing(
    told: Flask, analyst: FlaskClient
) -> None:
    assert "From your next visit on" in text_of(analyst.get("/dashboard").text)
    with db.writing() as session:
        visit = session.scalars(select(OverviewVisit)).one()
        assert visit.seen == LAST
        visit.visited_on, visit.seen = people.today() - timedelta(days=3), EARLIER
    page = text_of(analyst.get("/dashboard?show=solved").text)
    assert "What changed since your last visit" in page
    assert "December 2025 was closed and concluded." in page
    with db.reading() as session:
        kept = session.scalars(select(OverviewVisit)).one()
        assert (kept.visited_on, kept.seen, kept.seen_before) == (people.today(), LAST, EARLIER)
    assert "What changed since your last visit" in text_of(analyst.get("/dashboard").text)
    with db.writing() as session:
        visit = session.scalars(select(OverviewVisit)).one()
        visit.visited_on, visit.seen = people.today() - timedelta(days=1), LAST
    assert "Nothing new since you last looked." in text_of(analyst.get("/dashboard").text)
