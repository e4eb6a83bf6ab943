"""The audit is a chain: whatever is changed, put in or taken out later is found, by the mailed head too."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import insert, select, text, update

from config import ROOT
from pulse import db, migrations, wiring
from pulse.db import Database
from pulse.outbox.models import Message
from pulse.people import audit, leavers, service
from pulse.people.audit import Fault, Head
from pulse.people.models import AuditEntry, AuditHead, Grant, Person
from tests.pulse.test_web import PASSWORD, sign_in

MAIN = ROOT / "migrations" / "main"
TUESDAY = datetime(2026, 11, 24, 2, 30, tzinfo=UTC)
SATURDAY = datetime(2026, 11, 28, 2, 30, tzinfo=UTC)


def noted(*subjects: str) -> Head:
    """These noted, each in a transaction of its own; where the chain ends then."""
    for subject in subjects:
        with db.writing() as session:
            service.note(session, "grant given", subject, "analyst")
    with db.reading() as session:
        return audit.head(session)


def found(known: Head | None = None, newest: int | None = None) -> audit.Verification:
    with db.reading() as session:
        return audit.verify(session, known=known, newest=newest)


def fault() -> Fault | None:
    return found().fault


def change(statement: str) -> None:
    with db.writing() as session:
        session.execute(text(statement))


def test_an_empty_chain_holds(database: Database) -> None:
    assert found() == audit.Verification(Head(0, audit.FIRST), 0, 0, None)


def test_entries_are_numbered_in_the_order_of_their_transactions_and_hold(database: Database) -> None:
    early = noted("ana", "bob")
    late = noted("cléa")
    with db.reading() as session:
        rows = session.execute(
            select(AuditEntry.number, AuditEntry.subject).order_by(AuditEntry.number)
        ).all()
    assert rows == [(1, "ana"), (2, "bob"), (3, "cléa")]
    assert found() == audit.Verification(late, 3, 0, None)
    assert found(newest=2) == audit.Verification(late, 2, 0, None)
    assert found(known=early).fault is None
    assert found(known=Head(2, late.digest)).fault == Fault(2, "this entry has not the digest that was given")
    assert found(known=Head(9, late.digest)).fault == Fault(9, "this entry has not the digest that was given")


def test_what_was_noted_is_read_in_the_same_transaction_and_gone_with_it(sqlite: Database) -> None:
    with db.reading() as session:
        service.note(session, "grant given", "ana")
        assert session.scalars(select(AuditEntry.subject)).all() == ["ana"]
        session.rollback()
        service.note(session, "grant given", "bob")
        session.rollback()
        session.commit()
    assert found().head.number == 0


CHANGES = {
    "UPDATE audit_entry SET detail = 'admin' WHERE number = 2": Fault(
        2, "this entry, or the digest before it, was changed"
    ),
    "UPDATE audit_entry SET at = '2026-01-01 00:00:00' WHERE number = 2": Fault(
        2, "this entry, or the digest before it, was changed"
    ),
    "UPDATE audit_entry SET subject = 'eve' WHERE number = 3": Fault(
        3, "what this entry is about was changed"
    ),
    "UPDATE audit_entry SET salt = NULL WHERE number = 3": Fault(3, "what this entry is about was changed"),
    "UPDATE audit_entry SET salt = NULL, subject = 'forgotten person 7' WHERE number = 3": Fault(
        3, "the name in this entry was taken out"
    ),
    "DELETE FROM audit_entry WHERE number = 2": Fault(2, "this entry is missing"),
    "DELETE FROM audit_entry WHERE number = 1": Fault(1, "this entry is missing"),
    "DELETE FROM audit_entry WHERE number = 4": Fault(3, "the chain does not end where its head says"),
    "UPDATE audit_head SET number = 3": Fault(4, "the chain does not end where its head says"),
}


def test_whatever_is_changed_or_taken_out_is_found(database: Database) -> None:
    noted("ana", "bob", "cléa", "dan")
    for statement, expected in CHANGES.items():
        with db.writing() as session:
            session.execute(text(statement))
            assert audit.verify(session).fault == expected, statement
            session.rollback()
    assert fault() is None


def test_a_chain_made_anew_from_its_middle_is_given_away_by_the_mail(sqlite: Database) -> None:
    before = noted("ana", "bob", "cléa")
    columns = ("at", "person_id", "action", "subject", "detail")
    with db.writing() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.number)).all()
        rows = [{name: getattr(entry, name) for name in columns} for entry in entries]
        rows[1]["detail"] = "admin"
        end, forged = audit.chained(Head(0, audit.FIRST), rows)
        session.execute(text("DELETE FROM audit_entry"))
        session.execute(insert(AuditEntry), forged)
        session.execute(update(AuditHead).values(number=end.number, digest=end.digest))
    assert fault() is None
    assert found(known=before).fault == Fault(3, "this entry has not the digest that was given")


def test_a_forgotten_name_leaves_the_chain_whole_and_an_entry_that_says_so(database: Database) -> None:
    kept = noted("ana@example.org", "bob", "ana@example.org")
    with db.writing() as session:
        audit.forget(session, "ana@example.org", "forgotten person 7")
    with db.reading() as session:
        last = session.scalars(select(AuditEntry).order_by(AuditEntry.number.desc())).first()
        assert last is not None
        assert (last.action, last.subject, last.detail) == ("name forgotten", "forgotten person 7", "1 3")
        rows = session.execute(text("SELECT * FROM audit_entry")).all()
        assert "ana@example.org" not in repr(rows)
    assert found(known=kept).fault is None
    change("UPDATE audit_entry SET subject = 'forgotten person 8' WHERE number = 3")
    assert fault() == Fault(3, "the name in this entry was taken out")


def test_who_left_a_year_ago_is_forgotten_and_the_chain_holds(database: Database) -> None:
    with db.writing() as session:
        person = service.add(session, "ana@example.org")
        service.note(session, "person added", person.email)
        person.left_on, person.disabled_at = date(2025, 1, 1), TUESDAY
    with db.night.writing() as session:
        leavers.nightly(session, date(2026, 11, 24), TUESDAY)
    assert (found().head.number, fault()) == (2, None)


def test_entries_of_the_release_before_are_put_into_the_chain_by_night(database: Database) -> None:
    noted("ana")
    old = (
        "INSERT INTO audit_entry (at, action, subject, detail) VALUES ('2026-11-23 10:00:00', 'a', '{}', '')"
    )
    for subject in ("old", "older"):
        change(old.format(subject))
    assert (found().waiting, fault()) == (2, None)
    assert wiring.check_audit(TUESDAY).startswith("3 entries hold, 2 of them put in tonight; 0 mails queued")
    assert (found().checked, found().waiting, fault()) == (3, 0, None)


def test_people_at_work_at_once_make_one_chain(database: Database) -> None:
    gate = threading.Barrier(4)

    def work(who: int) -> None:
        gate.wait()
        for turn in range(6):
            with db.writing() as session:
                service.note(session, "grant given", f"{who}-{turn}")
                session.scalar(select(Person.id))
                service.note(session, "grant taken", f"{who}-{turn}")

    threads = [threading.Thread(target=work, args=(who,)) for who in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (found().checked, fault()) == (48, None)


def test_entries_there_before_are_chained_by_the_migration(database: Database) -> None:
    noted("ana", "bob", "cléa")
    migrations.downgrade(database, MAIN, "0059")
    migrations.upgrade(database, MAIN)
    assert (found().checked, fault()) == (3, None)
    noted("dan")
    assert (found().checked, fault()) == (4, None)


def test_the_head_is_mailed_on_working_days_and_what_does_not_hold_always(sqlite: Database) -> None:
    with db.writing() as session:
        for email, grant, language in (
            ("ada@example.org", Grant.ADMIN, "en"),
            ("cora@example.org", Grant.COUNCIL, "fr"),
            ("hana@example.org", Grant.ANALYST, "en"),
        ):
            service.grant(session, service.add(session, email, language=language), grant)
    end = noted("ana")
    assert (
        wiring.check_audit(SATURDAY)
        == "1 entries hold, 0 of them put in tonight; 0 mails queued, 0 old ones deleted"
    )
    assert "2 mails queued" in wiring.check_audit(TUESDAY)
    assert "0 mails queued" in wiring.check_audit(TUESDAY)
    with db.reading() as session:
        mails = {mail.recipient: mail for mail in session.scalars(select(Message))}
    assert set(mails) == {"ada@example.org", "cora@example.org"}
    assert mails["ada@example.org"].subject == "Audit: entry 1"
    command = f"flask audit verify --number 1 --head {end.digest}"
    assert all(command in mail.text and command in (mail.html or "") for mail in mails.values())
    change("UPDATE audit_entry SET detail = 'admin'")
    assert wiring.check_audit(SATURDAY) == (
        "NOT WHOLE at entry 1: this entry, or the digest before it, was changed; 2 people warned"
    )
    with db.reading() as session:
        warned = session.scalars(select(Message.subject).where(Message.due_at == SATURDAY)).all()
        assert "Warning: the audit was changed" in warned
    wiring.check_audit(TUESDAY + timedelta(days=60))
    with db.reading() as session:
        assert session.scalars(select(Message.id).where(Message.queued_at < TUESDAY)).all() == []


def test_the_command_checks_the_chain_and_what_a_mail_said(app) -> None:  # type: ignore[no-untyped-def]
    early = noted("ana")
    late = noted("bob")
    run = app.test_cli_runner().invoke
    assert run(args=["audit", "verify"]).output == (
        f"2 entries, each of which fits the one before\nnumber: 2\nhead: {late.digest}\n"
    )
    kept = run(args=["audit", "verify", "--number", "1", "--head", early.digest.upper()])
    assert (kept.exit_code, "entry 1 is the one of the mail" in kept.output) == (0, True)
    wrong = run(args=["audit", "verify", "--number", "1", "--head", late.digest])
    assert (wrong.exit_code, "does not hold at entry 1" in wrong.output) == (1, True)
    assert run(args=["audit", "verify", "--number", "1"]).exit_code == 2
    change("DELETE FROM audit_entry WHERE number = 1")
    broken = run(args=["audit", "verify"])
    assert (broken.exit_code, broken.output) == (
        1,
        "Error: the audit does not hold at entry 1: this entry is missing\n",
    )


@pytest.mark.parametrize("grant", [Grant.ADMIN, Grant.COUNCIL])
def test_the_page_tells_whether_the_chain_holds(app, client, grant) -> None:  # type: ignore[no-untyped-def]
    with db.writing() as session:
        person = service.add(session, "ada@example.org", language="en", password=PASSWORD)
        service.grant(session, person, grant)
    end = noted("ana")
    sign_in(client, "ada@example.org")
    page = client.get("/audit").text
    assert "Its newest entry was checked just now" in page
    assert f"--number 1 --head {end.digest}" in page
    change("UPDATE audit_entry SET detail = 'admin'")
    assert "The audit does not hold at entry 1" in client.get("/audit").text
