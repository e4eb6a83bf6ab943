"""After thirteen months nobody can tell whose interaction it was; who wants no surveys is never forgotten."""

from datetime import timedelta

from sqlalchemy import func, select

from surveys.invitations import contacts, retention, service
from surveys.invitations.interactions import link_of, take
from surveys.invitations.models import Contact, Interaction, Invitation, OptedOutBy
from tests.conftest import SECRET
from tests.surveys.invitations.conftest import NOON, asks, seen, settings

LATER = NOON + retention.KEPT
REST = timedelta(days=90)


def keys(email):
    return contacts.keys(SECRET, email=email)


def forget(database, now):
    with database.writing() as session:
        return retention.forget(session, now, rest=REST)


def test_what_led_to_an_answer_stays_without_its_customer_and_all_else_goes(database, railway):
    with database.writing() as session:
        asks(session, railway, "phone", share=0)
        calls = [seen("one", email="a@b.org"), seen("two", email="c@d.org"), seen("three", "phone")]
        take(session, calls, NOON, known=settings())
        service.spend(session, link_of(SECRET, "one", "").rpartition("/")[2], NOON)
        take(session, [seen("four", happened_at=LATER, email="e@f.org")], LATER, known=settings())
    assert forget(database, LATER) == (
        "0 interactions deleted, 0 parted from their customer, 2 contacts forgotten"
    )
    told = forget(database, LATER + timedelta(seconds=1))
    assert told == "2 interactions deleted, 1 parted from their customer, 0 contacts forgotten"
    with database.reading() as session:
        first, last = session.scalars(select(Interaction).order_by(Interaction.id)).all()
        assert (first.code, first.contact_keys) == (f"forgotten {first.id}", [])
        assert (last.code, last.contact_keys) == ("four", keys("e@f.org"))
        assert session.scalar(select(func.count()).select_from(Invitation)) == 2
    assert forget(database, LATER + timedelta(seconds=1)).startswith("0 interactions deleted, 0 parted")


def test_a_contact_is_kept_as_long_as_a_rule_needs_it(database, railway):
    with database.writing() as session:
        contacts.mark_asked(session, keys("asked@b.org"), NOON)
        contacts.mark_unreachable(session, keys("lost@b.org"), NOON)
        contacts.opt_out(session, keys("gone@b.org"), OptedOutBy.LINK, NOON)

    def known():
        with database.reading() as session:
            return {key for (key,) in session.execute(select(Contact.key))}

    asked, lost, gone = (set(keys(f"{who}@b.org")) for who in ("asked", "lost", "gone"))
    for now, left in (
        (NOON + REST, asked | lost | gone),
        (NOON + REST + timedelta(seconds=1), lost | gone),
        (LATER, lost | gone),
        (LATER + timedelta(seconds=1), gone),
        (LATER + timedelta(days=36500), gone),
    ):
        forget(database, now)
        assert known() == left
