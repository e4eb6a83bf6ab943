"""Both databases go up and down on both engines, with rows in them, and match the models."""

from datetime import UTC, date, datetime

import pytest
from sqlalchemy import inspect, select

from config import ROOT
from pulse import migrations
from pulse.db import Database
from pulse.ledger import store
from pulse.ledger.models import Source
from pulse.organisation.models import (
    Asked,
    Break,
    Fix,
    Irritant,
    RollOut,
    Serving,
    Side,
    Supply,
    Team,
    Touchpoint,
)
from pulse.outbox.models import Message
from pulse.people.models import Grant, Membership, Person, PersonGrant
from surveys.ballots.models import Ballot
from surveys.ballots.urn import urn

MAIN, URN = ROOT / "migrations" / "main", ROOT / "migrations" / "urn"
MAY = date(2026, 5, 1)
TABLES = {
    "place",
    "team",
    "touchpoint",
    "irritant",
    "fix",
    "roll_out",
    "series_break",
    "asked",
    "response",
    "contribution",
    "measured_cell",
    "released_cell",
    "run",
    "verdict",
    "flag",
    "person",
    "person_grant",
    "membership",
    "message",
    "audit_entry",
    "wave",
}


def fill(database: Database) -> None:
    """A row in every corner of the organisation and the ledger."""
    with database.writing() as session:
        team, other = (Team(code=code, name_en=code, name_fr=code) for code in ("A", "B"))
        counter = Touchpoint(code="COUNTER", name_en="Counter", name_fr="Guichet")
        words = {
            f"{what}_{language}": "Waiting"
            for what in ("label", "customer_question", "employee_question")
            for language in ("en", "fr")
        }
        waiting = Irritant(code="WAIT", touchpoints=[counter], **words)
        session.add_all([team, other, counter, waiting])
        session.flush()
        fix = Fix(
            code="F", name_en="F", name_fr="F", irritant_id=waiting.id, started=MAY, places=[team, counter]
        )
        person = Person(
            email="ana@example.org", name="Ana", language="fr", grants=[PersonGrant(grant=Grant.ANALYST)]
        )
        session.add_all([fix, person])
        session.flush()
        session.add_all(
            [
                Serving(touchpoint_id=counter.id, team_id=team.id),
                Supply(supplier_id=other.id, customer_id=team.id),
                Supply(supplier_id=team.id, customer_id=None),
                Asked(team_id=team.id, irritant_id=waiting.id),
                RollOut(fix_id=fix.id, place_id=team.id, started=MAY),
                Break(side=Side.CUSTOMER, month=MAY, note="New form"),
                Membership(person_id=person.id, team_id=team.id, since=MAY),
            ]
        )
        store.replace(
            session, Side.EMPLOYEE, MAY, Source.LOADED, [store.Sum(waiting.id, team.id, 7, 3500, 1750000)]
        )
        store.close(session, Side.EMPLOYEE, MAY, k=5, now=datetime(2026, 6, 4, tzinfo=UTC))
    with urn.writing() as session:
        session.add(Ballot(key=bytes(32), wave=MAY, unit="A", scores={"WAIT": 500}, seal=bytes(32)))


def test_the_tables_of_the_design_are_there(database):
    assert set(inspect(database.engine).get_table_names()) >= TABLES


def test_the_urn_is_a_database_of_its_own(database):
    assert set(inspect(urn.engine).get_table_names()) == {
        "alembic_version",
        "ballot",
        "code",
        "remark",
        "rewritten",
        "entered",
    }
    assert not {"ballot", "code", "remark", "rewritten"} & set(inspect(database.engine).get_table_names())


def test_migrations_make_what_the_models_say(database):
    migrations.check(database, MAIN)
    migrations.check(urn, URN)


def test_databases_with_rows_in_them_go_down_and_up_again(database):
    fill(database)
    for base, folder in ((database, MAIN), (urn, URN)):
        migrations.downgrade(base, folder, "base")
        assert inspect(base.engine).get_table_names() == ["alembic_version"]
        migrations.upgrade(base, folder)
        migrations.check(base, folder)
    fill(database)
    with database.reading() as session:
        assert session.scalars(select(Fix.code)).all() == ["F"]


def test_what_is_pending_is_known_before_and_after(database):
    migrations.downgrade(database, MAIN, "base")
    assert migrations.pending(database, MAIN)[0] == "0001"
    migrations.upgrade(database, MAIN)
    assert migrations.pending(database, MAIN) == []


def test_an_unknown_revision_is_refused_by_name(database):
    with pytest.raises(migrations.UnknownRevision, match="9999"):
        migrations.upgrade(database, MAIN, "9999")


def test_messages_of_before_know_their_mailing_and_what_somebody_waits_for(database):
    keys = [
        "wave:2026-10:person:12",
        "sign-in:a-9_b",
        "flag:F01:displaced",
        "wave:2026-10:person:reminder:1:4",
    ]
    migrations.downgrade(database, MAIN, "0050")
    row = "'email', 'a', 's', 't', 'sent', 1, '2026-11-01 00:00:00', '2026-11-01 00:00:00'"
    columns = "key, channel, recipient, subject, text, state, attempts, queued_at, due_at"
    with database.engine.begin() as connection:
        for key in keys:
            connection.exec_driver_sql(f"INSERT INTO message ({columns}) VALUES ('{key}', {row})")  # noqa: S608
    migrations.upgrade(database, MAIN)
    with database.reading() as session:
        found = session.execute(select(Message.key, Message.mailing, Message.urgent)).all()
    mailings = ["wave:2026-10:person", "sign-in", "flag:F01", "wave:2026-10:person:reminder:1"]
    assert sorted(found) == sorted(zip(keys, mailings, [False, True, False, False], strict=True))
