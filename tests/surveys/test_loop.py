"""The loop, by the jobs of the clock: said in one's own words, asked of both sides, judged, and told."""

from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

import config
from pulse.organisation.models import Fix
from pulse.organisation.service import Pair
from pulse.outbox import secrets
from pulse.outbox.models import Message
from pulse.verdicts.models import Verdict
from pulse.verdicts.rules import Outcome
from surveys import jobs
from surveys.cases.models import Case, CaseState, CloseReason
from surveys.cases.service import last_event, move
from surveys.invitations import contacts
from surveys.proposals.models import Proposal
from surveys.proposals.service import accept
from surveys.waves.models import WaveQuestion
from tests.conftest import SECRET
from tests.surveys.answering import days, said

SAID = datetime(2026, 11, 9, 9, tzinfo=UTC)
NIGHT = datetime(2026, 11, 10, 2, tzinfo=UTC)
JUDGED = datetime(2027, 6, 7, 8, tzinfo=UTC)  # a Monday, 10:00 in Paris
ADDRESS = "zoe@example.org"
WORDS = ("Pas de place pour mon vélo", "Où garer les vélos ?", "Il faudrait un abri à vélos")
PAIR = Pair(
    "Bicycles", "Vélos", "How much did it?", "À quel point\u202f?", "How much did it?", "À quel point\u202f?"
)


@pytest.fixture
def with_key(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The installation has a secret key."""
    monkeypatch.setenv("PULSE_SECRET_KEY", SECRET)
    config.settings.cache_clear()
    yield
    config.settings.cache_clear()


def test_who_brings_something_up_hears_what_became_of_it(database, railway, with_key):
    for number, words in enumerate(WORDS):
        contact = {"contact": ADDRESS, "name": "Zoé"} if number == 0 else {}
        said(database, railway, words, when=SAID, language="fr", **contact)
    assert jobs.open_cases(NIGHT) == "1 cases opened"
    assert "fr: 1 proposals open from 3 answers" in jobs.group_words(NIGHT)
    by = railway.people[0].id
    with database.writing() as session:
        proposal = session.scalars(select(Proposal)).one()
        station = railway.touchpoints["station"].id
        irritant = accept(session, proposal, PAIR, [station], by=by, now=NIGHT, day=date(2026, 11, 10))
        number = irritant.id
    assert jobs.open_wave(datetime(2026, 12, 1, 10, tzinfo=UTC)) == "opened the wave of 2026-12"
    with database.writing() as session:
        assert number in session.scalars(select(WaveQuestion.measure_id)).all()
        case = session.scalars(select(Case)).one()
        move(
            session,
            case,
            CaseState.CLOSED,
            by=by,
            now=SAID + days(3),
            seen=last_event(session, case),
            reason=CloseReason.ANSWERED,
            wants_news=True,
        )
        fix = Fix(code="rack", name_en="A rack", name_fr="Un abri", irritant_id=number)
        fix.started = date(2027, 1, 1)
        session.add(fix)
        session.flush()
        assert "nobody" in jobs.tell_customers(JUDGED)
        verdict = Verdict(fix_id=fix.id, as_of=date(2027, 5, 31), revision=0, concluded_at=JUDGED)
        verdict.outcome = Outcome.RESOLVED
        session.add(verdict)
    jobs.forget_cases(JUDGED)
    assert [jobs.tell_customers(JUDGED + days(day)) for day in (0, 1, 200)] == [
        "1 customers told",
        "0 customers told",
        "0 customers told",
    ]
    with database.reading() as session:
        message = session.scalars(select(Message).where(Message.recipient == ADDRESS)).one()
        letter = secrets.filled(message.text, SECRET)
    assert "Bonjour Zoé," in letter
    assert "en novembre 2026, vous nous avez signalé" in letter
    assert "«\u00a0Vélos\u00a0» (Le station)" in letter
    stop = letter.partition("/stop/")[2].split()[0]
    assert contacts.of_stop_token(SECRET, stop) == contacts.keys(SECRET, email=ADDRESS)
    jobs.forget_cases(JUDGED + days(1))
    with database.reading() as session:
        assert session.scalars(select(Case)).one().contact is None
