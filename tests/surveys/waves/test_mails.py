"""Who is told of a wave, in which words, at which hour; and who is reminded of it, and who is not."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from pulse.outbox.models import Message
from pulse.people import personal_links
from pulse.people.models import AnswersBy, Membership, Person
from surveys.waves import mails, reminders
from surveys.waves.calendar import last_working_days
from surveys.waves.mails import KEPT, Done, Letterhead, forget, invite_some, remind_some
from surveys.waves.models import Issued, Wave, WaveState
from surveys.waves.service import open_due, taking_answers
from tests.surveys.conftest import CLOSED, MONTH, OPENS, PARIS

ROOT = "ab" * 32
HEAD = Letterhead("https://pulse.example.org", ROOT, "a secret", PARIS)
MONDAY = datetime(2026, 11, 30, 10, tzinfo=UTC)  # the last day of the wave; the Friday before is the other
FRIDAY = MONDAY - timedelta(days=3)


def opened(database, now=OPENS):
    with database.writing() as session:
        assert open_due(session, now, zone=PARIS, k=5) is not None


def mailed(database, some=invite_some, now=OPENS):
    queued, done = 0, Done(0, 0)
    while done.last is not None:
        with database.writing() as session:
            wave = taking_answers(session, now)
            assert wave is not None
            done = some(session, wave, now, head=HEAD, after=done.last)
        queued += done.queued
    return queued


def to(session, recipient, like="%"):
    rows = select(Message).where(Message.recipient == recipient, Message.key.like(like))
    return session.scalars(rows).one()


def test_everybody_gets_one_mail_in_their_language_and_a_second_run_adds_none(database, railway):
    with database.writing() as session:
        railway.session = session
        railway.person("zoe@example.org", "north", language="fr")
    opened(database)
    assert mailed(database) == 31
    assert mailed(database) == 0
    with database.reading() as session:
        mail = to(session, "north0@example.org")
        assert mail.subject == "5 questions about your work, less than a minute"
        assert f"https://pulse.example.org/pulse#{ROOT}\n" in mail.text
        assert "until 30 November 2026" in mail.text
        assert "groups of at least 5 answers" in mail.text
        assert f"which your browser checks: {ROOT}" in mail.text
        french = to(session, "zoe@example.org")
        assert "novembre 2026" in french.text
        assert '<html lang="fr">' in french.html
        assert f'<a href="https://pulse.example.org/pulse#{ROOT}">' in french.html


def test_a_mail_is_the_same_as_text_and_as_a_page(database, railway):
    opened(database)
    mailed(database)
    with database.reading() as session:
        mail = to(session, "south0@example.org")
        for paragraph in mail.text.strip().split("\n\n"):
            assert paragraph.replace("'", "&#39;") in mail.html


def test_who_answers_by_a_printed_code_or_was_shut_out_gets_no_mail(database, railway):
    with database.writing() as session:
        ids = [person.id for person in railway.people if person.email.startswith("south")]
        session.get_one(Person, ids[0]).answers_by = AnswersBy.CODE
        session.get_one(Person, ids[1]).disabled_at = OPENS
    opened(database)
    assert mailed(database) == 28


def test_who_joins_while_a_wave_is_open_waits_for_the_next(database, railway):
    opened(database)
    mailed(database)
    with database.writing() as session:
        railway.session = session
        new = railway.person("new@example.org", "south")
        session.scalars(select(Membership).where(Membership.person_id == new.id)).one().since = date(
            2026, 11, 10
        )
    assert mailed(database, now=OPENS + timedelta(days=10)) == 0


def test_mails_wait_for_working_hours(database, railway):
    opened(database)
    mailed(database, now=OPENS + timedelta(days=4, hours=11))
    with database.reading() as session:
        due = session.scalar(select(func.min(Message.due_at)))
        assert due.astimezone(PARIS).isoformat() == "2026-11-09T09:00:00+01:00"


def test_a_large_company_is_invited_in_batches(small_railway, sqlite, monkeypatch):
    monkeypatch.setattr(mails, "AT_ONCE", 25)
    opened(sqlite)
    with sqlite.writing() as session:
        wave = taking_answers(session, OPENS)
        first = invite_some(session, wave, OPENS, head=HEAD)
        second = invite_some(session, wave, OPENS, head=HEAD, after=first.last)
    assert (first.queued, second) == (25, Done(5, None))


# Reminders


def drew(database, *people):
    with database.writing() as session:
        wave = taking_answers(session, OPENS)
        session.add_all(Issued(wave_id=wave.id, person_id=person, request=bytes(32)) for person in people)


def test_on_the_last_two_working_days_those_are_reminded_who_drew_no_ballot(database, railway):
    opened(database)
    mailed(database)
    north = [person.id for person in railway.people if person.email.startswith("north")]
    drew(database, *north)
    assert mailed(database, remind_some, FRIDAY - timedelta(days=1)) == 0
    assert mailed(database, remind_some, FRIDAY) == 18
    assert mailed(database, remind_some, FRIDAY + timedelta(hours=1)) == 0
    drew(database, railway.people[-1].id)
    assert mailed(database, remind_some, MONDAY) == 17
    assert mailed(database, remind_some, MONDAY + timedelta(hours=1)) == 0
    with database.reading() as session:
        mail = to(session, "south0@example.org", "%reminder:2%")
        assert mail.subject == "Open until 30 November 2026: your pulse"
        assert "no ballot has been drawn for you yet" in mail.text
        off = reminders.token("a secret", railway.people[13].id)
        assert f"https://pulse.example.org/reminders/{off}\n" in mail.text
        assert ROOT in mail.html


def test_nobody_is_reminded_who_was_not_invited_before_or_refused(database, railway):
    opened(database)
    assert mailed(database, remind_some, FRIDAY) == 0
    assert mailed(database, now=FRIDAY) == 30
    assert mailed(database, remind_some, FRIDAY) == 0
    with database.writing() as session:
        reminders.want(session, railway.people[3].id, False)
        reminders.want(session, railway.people[3].id, False)
        reminders.want(session, railway.people[4].id, False)
        reminders.want(session, railway.people[4].id, True)
    assert mailed(database, remind_some, MONDAY) == 29


@pytest.mark.parametrize("hour", [2, 7, 18, 22])
def test_nobody_is_reminded_outside_working_hours(small_railway, sqlite, hour):
    opened(sqlite)
    mailed(sqlite)
    assert mailed(sqlite, remind_some, MONDAY.replace(hour=hour)) == 0


def test_a_wave_that_opens_on_its_last_days_reminds_nobody_of_it_that_day():
    closes = datetime(2026, 11, 30, 23, tzinfo=UTC)
    wave = Wave(month=MONTH, opens_at=FRIDAY, closes_at=closes, state=WaveState.OPEN, threshold=5)
    assert mails.reminder_due(wave, FRIDAY + timedelta(hours=2), PARIS) is None
    assert mails.reminder_due(wave, MONDAY, PARIS) == 2


def test_the_last_working_days_leave_the_weekend_out():
    assert last_working_days(datetime(2026, 10, 31, 23, tzinfo=UTC), PARIS, 2) == [
        date(2026, 10, 29),
        date(2026, 10, 30),
    ]


def test_a_month_after_a_wave_its_mails_are_deleted(database, railway):
    opened(database)
    mailed(database)
    mailed(database, remind_some, MONDAY)
    with database.writing() as session:
        assert forget(session, CLOSED) == 0
        assert forget(session, CLOSED + KEPT) == 60
        assert forget(session, CLOSED + KEPT) == 0


def test_a_link_made_elsewhere_refuses_nobodys_reminders(sqlite, small_railway):
    made = reminders.token("a secret", small_railway.people[0].id)
    with sqlite.reading() as session:
        assert reminders.person_of(session, "a secret", made) == small_railway.people[0].id
        for secret, token in (("another", made), ("a secret", made + "x"), ("a secret", "")):
            with pytest.raises(personal_links.NoSuchLink):
                reminders.person_of(session, secret, token)
        with pytest.raises(personal_links.NoSuchLink):
            reminders.person_of(session, "a secret", reminders.token("a secret", 999_999))
