"""The weekly mail: only what is new, to whoever may read it and wants it, once a week by whatever clock."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from pulse import db, wiring
from pulse.db import Database
from pulse.ledger.models import ClosedMonth, ParticipationBand
from pulse.ledger.rounding import Participation
from pulse.organisation.models import Fix, Side, Team
from pulse.outbox.models import Message, MessageState
from pulse.people import service as people
from pulse.people.models import Grant, Person
from pulse.scheduler import Job, run_due, weekly
from pulse.verdicts import digest, flags
from pulse.verdicts.digest import Sender
from pulse.verdicts.flags import Step
from pulse.verdicts.models import (
    ChangeEvent,
    ChangeSighting,
    ChangeState,
    Flag,
    FlagState,
    Look,
    UnregisteredChange,
)
from pulse.verdicts.rules import Outcome
from tests.pulse.verdicts.test_success import NOW, company, concluded

PARIS = ZoneInfo("Europe/Paris")
MONDAY = datetime(2026, 6, 8, 9, tzinfo=PARIS)
SENDER = Sender("https://pulse.example.org", PARIS, "a key for tests only, long enough to be taken")
ZONES = ("Europe/Paris", "America/St_Johns", "Pacific/Apia", "Australia/Lord_Howe", "America/Santiago")


@given(st.datetimes(datetime(2024, 1, 1), datetime(2027, 1, 1)), st.sampled_from(ZONES))
def test_a_week_begins_on_monday_at_nine_by_the_wall_clock(moment: datetime, zone: str) -> None:
    here = moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone))
    monday = date.fromisoformat(weekly(here))
    assert monday.weekday() == 0
    since = datetime.combine(monday, digest.MORNING)
    assert since <= here.replace(tzinfo=None) < since + timedelta(weeks=1)


def happened(session: Session) -> Fix:
    """In the night of 4 June: a flag of Zoé's fix A, a verdict about fix B, a change and a counted wave."""
    fix = company(session)
    other = session.scalars(select(Fix).where(Fix.code == "B")).one()
    other.owner = None
    for email, grant in (("zoe@example.org", Grant.OWNER), ("cor@example.org", Grant.COUNCIL)):
        people.grant(session, people.add(session, email, language="fr"), grant)
    people.grant(session, people.add(session, "ada@example.org", language="fr"), Grant.ADMIN)
    for one in (fix, other):
        concluded(session, one, Outcome.UNDETERMINED, 3).concluded_at = NOW - timedelta(days=30)
    concluded(session, fix, Outcome.DISPLACED, 4)
    concluded(session, other, Outcome.RESOLVED, 4)
    change = UnregisteredChange(irritant_id=fix.irritant_id, more=True, state=ChangeState.OPEN)
    team = Team(code="T", name_en="Team", name_fr="Équipe")
    session.add_all([change, team])
    session.flush()
    may = date(2026, 5, 1)
    session.add_all(
        [
            Look(as_of=date(2026, 5, 31), digest="-", concluded_at=NOW),
            ChangeEvent(change_id=change.id, at=NOW, by=None, state=ChangeState.OPEN, comment=""),
            ChangeSighting(
                change_id=change.id,
                as_of=date(2026, 5, 31),
                revision=0,
                concluded_at=NOW,
                month=may,
                earliest=may,
                latest=may,
                evidence=2.0,
            ),
            ClosedMonth(side=Side.EMPLOYEE, month=may, closed_at=NOW, digest="-"),
            ParticipationBand(place_id=team.id, month=may, band=Participation.TO_75),
        ]
    )
    return fix


def mails(session: Session) -> dict[str, Message]:
    return {
        message.recipient: message
        for message in session.scalars(select(Message).where(Message.key.startswith("weekly:")))
    }


def test_everybody_reads_what_is_new_for_them_and_nobody_twice(database: Database) -> None:
    with database.writing() as session:
        happened(session)
        assert digest.send(session, MONDAY, SENDER) == 3
        assert digest.send(session, MONDAY + timedelta(days=2), SENDER) == 3  # asked again, queued no more
    with database.writing() as session:
        told = mails(session)
        assert len(session.scalars(select(Message)).all()) == 3
        assert told.keys() == {"ana@example.org", "ada@example.org", "zoe@example.org"}
        ana, zoe = told["ana@example.org"], told["zoe@example.org"]
        assert ana.subject == "1 new flag this week"
        for words in (
            "1 new flag\n----------\n\nFix A\nhttps://pulse.example.org/flags/1\n\nMoved onto staff",
            "1 verdict reached",
            "Fix B\nhttps://pulse.example.org/fixes/B\n\nRemoved",
            "1 change without a fix",
            "In 1 unit between half and three quarters of those invited took part.",
            "https://pulse.example.org/weekly-news/",
        ):
            assert words in ana.text
        assert "1 nouvelle alerte" in zoe.text
        for others in ("Action B", "changement", "invité"):
            assert others not in zoe.text
        assert (zoe.headers or {})["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
        assert "<h2" in (ana.html or "")
        assert ana.due_at == MONDAY
        # A week later nothing is new, and nothing is sent.
        assert digest.send(session, MONDAY + timedelta(weeks=1), SENDER) == 0


def test_who_wants_none_gets_none_and_a_replayed_past_is_no_news(sqlite: Database) -> None:
    with sqlite.writing() as session:
        happened(session)
        for person in session.scalars(select(Person)):
            person.weekly_news = person.email != "ana@example.org"
        session.get_one(Look, date(2026, 5, 31)).as_of = date(2026, 6, 30)  # all of it is of a month before
        session.scalars(select(ParticipationBand)).one().month = date(2026, 4, 1)
        assert digest.send(session, MONDAY, SENDER) == 0
        session.get_one(Look, date(2026, 6, 30)).as_of = date(2026, 5, 31)
        assert digest.send(session, MONDAY, SENDER) == 2
        assert mails(session).keys() == {"ada@example.org", "zoe@example.org"}


def test_a_check_is_news_once_it_is_due(sqlite: Database) -> None:
    with sqlite.writing() as session:
        happened(session)
        flag = session.scalars(select(Flag)).one()
        step = Step(FlagState.ACKNOWLEDGED, recheck_on=date(2026, 6, 18))
        flags.take(session, flag, step, by="zoe@example.org", now=NOW)
        sent = [digest.send(session, MONDAY + timedelta(weeks=week), SENDER) for week in range(4)]
        assert sent == [3, 0, 3, 0]
        last = session.scalars(select(Message).order_by(Message.id.desc())).first()
        assert last is not None
        assert last.key.startswith("weekly:2026-06-22:person:")


def test_clocks_side_by_side_and_after_an_absence_send_it_once(sqlite: Database, app: Flask) -> None:
    with db.writing() as session:
        happened(session)
    job = next(job for job in wiring.JOBS if job.name == digest.JOB)
    assert isinstance(job, Job)
    said = [run_due(db.main, job, MONDAY + timedelta(minutes=minutes)) for minutes in (-1, 0, 1, 2)]
    assert said == ["0 weekly mails queued", "3 weekly mails queued", None, None]
    later = MONDAY + timedelta(weeks=3)  # the clock was away: nothing between is lost, nothing told again
    with db.writing() as session:
        session.scalars(select(Flag)).one().recheck_on = date(2026, 6, 17)
    assert run_due(db.main, job, later) == "3 weekly mails queued"
    with db.writing() as session:
        assert len(mails(session)) == 3
        assert len(session.scalars(select(Message)).all()) == 6
        for message in session.scalars(select(Message)):
            message.state, message.sent_at = MessageState.SENT, MONDAY
        assert digest.forget(session, MONDAY + timedelta(days=29)) == 0
        assert digest.forget(session, MONDAY + timedelta(days=30)) == 6


def test_the_link_at_its_end_works_without_signing_in(app: Flask) -> None:
    with db.writing() as session:
        happened(session)
    assert wiring.tell_the_week(MONDAY) == "3 weekly mails queued"
    with db.reading() as session:
        text = mails(session)["ana@example.org"].text
    found = re.search(r"/weekly-news/\S+", text)
    assert found is not None
    client, link = app.test_client(), found[0]

    def wanted() -> bool:
        with db.reading() as session:
            return session.scalars(select(Person.weekly_news).where(Person.email == "ana@example.org")).one()

    assert "No more weekly mails?" in client.get(f"{link}?lang=en").text
    assert wanted()  # looking changes nothing
    assert client.post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert not wanted()
    assert client.post(link).status_code == 303
    assert not wanted()
    assert "You get no weekly mails" in client.get(f"{link}?lang=en").text
    assert client.post(link, data={"again": "1"}).status_code == 303
    assert wanted()
    for wrong in (link[:-1], link[:-1] + ("A" if link[-1] != "A" else "B"), "/weekly-news/x"):
        assert client.post(wrong).status_code == 404


def test_where_nothing_has_been_concluded_yet_there_is_no_mail(database: Database) -> None:
    with database.writing() as session:
        people.grant(session, people.add(session, "ada@example.org"), Grant.ADMIN)
        digest.send(session, MONDAY, SENDER)
        assert mails(session) == {}
