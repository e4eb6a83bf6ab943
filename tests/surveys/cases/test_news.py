"""Customers hear once what became of what they named, in true words, and never against their wish."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import func, select

from config import Settings
from pulse.heard.models import Heard
from pulse.organisation.models import Side
from pulse.outbox.models import Message
from pulse.verdicts.models import Verdict
from pulse.verdicts.rules import Outcome
from surveys.cases import letters, news, retention, service
from surveys.cases.models import Told
from surveys.invitations import contacts
from surveys.invitations.models import Contact, OptedOutBy
from surveys.responses.erasure import erase
from surveys.responses.models import Response
from tests.conftest import SECRET
from tests.pulse.heard.test_pages import WORDS
from tests.surveys.answering import days, said
from tests.surveys.conftest import PARIS

ANSWERED = datetime(2026, 5, 20, 9, tzinfo=UTC)  # the fix of "queue" starts on 1 June
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)  # a Monday, 10:00 in Paris
ADDRESS = "ana@example.org"
KNOWN = Settings(secret_key=SECRET, organisation="Rail & Co", languages=("fr", "en"))


def judged(database, outcome: Outcome, *, as_of: date = date(2026, 10, 31), revision: int = 0) -> None:
    with database.writing() as session:
        fix = session.scalars(select(news.Fix)).one()
        verdict = Verdict(fix_id=fix.id, as_of=as_of, revision=revision, concluded_at=NOW, outcome=outcome)
        session.add(verdict)


def customer(database, railway, **how) -> int:
    number = said(database, railway, **({"when": ANSWERED, "contact": ADDRESS, "queue": 750} | how))
    with database.writing() as session:
        service.open_wished(session, how.get("when", ANSWERED), zone=PARIS)
    return number


def tell(database, now=NOW, **how) -> int:
    with database.writing() as session:
        return news.tell(session, now, known=KNOWN, **how)


def messages(database) -> list[Message]:
    with database.reading() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def test_who_named_the_irritant_of_a_judged_fix_is_told_once(database, railway):
    customer(database, railway, name="Ana")
    assert tell(database) == 0
    judged(database, Outcome.RESOLVED)
    assert [tell(database), tell(database), tell(database, NOW + days(400))] == [1, 0, 0]
    (message,) = messages(database)
    assert message.recipient == ADDRESS
    assert message.subject == "Rail & Co: what became of what you told us"
    for words in (
        "Hello Ana,",
        "in May 2026 you told us that something bothered you: “queue” (Station)",
        "“A fix”, since 1 June 2026",
        "it bothers them less",
    ):
        assert words in message.text
    assert "under way" not in message.text
    assert message.headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "/stop/" in message.headers["List-Unsubscribe"]
    assert len(message.html) < 15_000


def test_another_verdict_later_is_no_reason_to_tell_again(sqlite, small_railway):
    database, railway = sqlite, small_railway
    customer(database, railway)
    judged(database, Outcome.INEFFECTIVE)
    assert tell(database) == 1
    judged(database, Outcome.RESOLVED, as_of=date(2026, 11, 30))
    assert tell(database, NOW + days(100)) == 0


def test_the_newest_verdict_counts_and_one_that_is_not_known_says_nothing(sqlite, small_railway):
    database, railway = sqlite, small_railway
    customer(database, railway)
    judged(database, Outcome.RESOLVED)
    judged(database, Outcome.UNDETERMINED, revision=1)
    assert tell(database) == 0


def test_what_is_told_to_all_customers_is_told_in_the_same_words(sqlite, small_railway):
    database, railway = sqlite, small_railway
    customer(database, railway)
    judged(database, Outcome.RESOLVED)
    with database.writing() as session:
        fix = session.scalars(select(news.Fix)).one()
        on_page = {"edited_at": NOW, "published_at": NOW}
        session.add(Heard(fix_id=fix.id, side=Side.CUSTOMER, **WORDS, **on_page))
    assert tell(database) == 1
    (message,) = messages(database)
    for words in (WORDS["done_en"], WORDS["next_en"], f"{KNOWN.site_url}/you-said?lang=en"):
        assert words in message.text
    assert WORDS["said_en"] not in message.text


@pytest.mark.parametrize(
    "how",
    [
        {"queue": 0},  # shown it, and not bothered
        {"queue": 0, "delay": 750},
        {"contact": "06 12 34 56 78"},
        {"contact": "no address @ all"},
        {"at": "phone"},  # where the fix is not
    ],
)
def test_nobody_else_is_told(sqlite, small_railway, how):
    customer(sqlite, small_railway, **how)
    judged(sqlite, Outcome.RESOLVED)
    assert tell(sqlite) == 0


def test_two_cases_of_one_customer_are_told_as_one(database, railway):
    customer(database, railway)
    customer(database, railway, contact="Ana@Example.org ")
    judged(database, Outcome.RESOLVED)
    assert [tell(database), tell(database, NOW + days(200))] == [1, 0]


def test_who_was_written_to_lately_hears_when_the_rest_is_over_and_rests_afterwards(database, railway):
    customer(database, railway)
    judged(database, Outcome.RESOLVED)
    keys = contacts.keys(SECRET, email=ADDRESS)
    with database.writing() as session:
        contacts.mark_asked(session, keys, NOW - days(10))
    assert [tell(database), tell(database, NOW + days(79)), tell(database, NOW + days(80))] == [0, 0, 1]
    with database.reading() as session:
        assert session.get_one(Contact, keys[0]).asked_at == NOW + days(80)


def test_who_wants_no_mails_gets_none(sqlite, small_railway):
    database, railway = sqlite, small_railway
    customer(database, railway)
    judged(database, Outcome.RESOLVED)
    with database.writing() as session:
        contacts.opt_out(session, contacts.keys(SECRET, email=ADDRESS), OptedOutBy.LINK, NOW)
    assert tell(database, NOW + days(1000)) == 0


def test_it_is_sent_within_the_hours_of_customers(sqlite, small_railway):
    database, railway = sqlite, small_railway
    customer(database, railway)
    judged(database, Outcome.RESOLVED)
    assert tell(database, datetime(2026, 11, 8, 3, tzinfo=UTC)) == 1  # a Sunday night
    assert messages(database)[0].due_at == datetime(2026, 11, 9, 8, tzinfo=UTC)


def test_who_answered_after_the_start_reads_that_it_was_under_way(sqlite, small_railway):
    database, railway = sqlite, small_railway
    customer(database, railway, when=NOW - days(20))
    judged(database, Outcome.RESOLVED)
    tell(database)
    assert "already under way" in messages(database)[0].text


def test_who_named_it_in_their_own_words_is_told_as_well(database, railway):
    number = customer(database, railway, queue=0)
    judged(database, Outcome.RESOLVED)
    assert tell(database, named=[(number, railway.irritants["delay"].id)]) == 0
    assert tell(database, named=[(number, railway.irritants["queue"].id)]) == 1


def test_an_erased_answer_takes_back_what_was_not_sent(database, railway):
    number = customer(database, railway)
    judged(database, Outcome.RESOLVED)
    tell(database)
    with database.writing() as session:
        erase(session, session.get_one(Response, number), NOW, also=[retention.forget_answer])
    assert messages(database) == []
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Told)) == 0


def test_a_year_later_nothing_says_who_was_told(database, railway):
    customer(database, railway)
    judged(database, Outcome.RESOLVED)
    tell(database)
    for day, known in ((364, True), (365, False), (400, False)):
        with database.writing() as session:
            retention.forget(session, NOW + days(day))
            key = session.scalars(select(Told.contact_key)).one()
            assert (key == contacts.keys(SECRET, email=ADDRESS)[0]) is known
    assert tell(database, NOW + days(400)) == 0


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if outcome in letters.BECAME])
def test_letters_say_the_same_in_text_and_page_without_a_figure_in_both_languages(outcome, language):
    said = letters.Said(
        language=language,
        name="Zoé\n{secret:x}",
        month=date(2026, 5, 1),
        place={"en": "Station", "fr": "La gare"},
        irritant={"en": "Queue", "fr": "File d’attente"},
        fix={"en": "Second till", "fr": "Deuxième caisse"},
        started=date(2026, 6, 1),
        outcome=outcome,
        underway=True,
        stop="https://pulse.example/stop/x",
    )
    subject, text, html = letters.news(said, KNOWN)
    assert "{secret" not in text + html
    assert "Rail & Co" in subject
    assert not set("0123456789") & set(str(letters.BECAME[outcome]))
    assert f'lang="{language}"' in html
    assert all(c not in text for c in ("%(", "None"))
    assert ("Bonjour" in text) is (language == "fr")
