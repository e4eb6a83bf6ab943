"""Rows of the time before blind ballots come along: who answered, and what is in the urn."""

from datetime import date

from sqlalchemy import text

from config import ROOT
from pulse import migrations
from surveys.ballots.urn import cast, tally, urn

MAIN, URN = ROOT / "migrations" / "main", ROOT / "migrations" / "urn"
MAY = date(2026, 5, 1)


def test_whoever_answered_an_open_wave_has_drawn_its_ballot_and_no_request_fits(database):
    migrations.downgrade(database, MAIN, "0001")
    with database.writing() as session:
        session.execute(
            text(
                "INSERT INTO wave (id, month, opens_at, closes_at, state, threshold) VALUES"
                " (1, '2026-05-01', '2026-05-05 08:00:00', '2026-05-31 22:00:00', 'open', 5)"
            )
        )
        for person in (1, 2):
            session.execute(
                text("INSERT INTO person (id, email, name, language) VALUES (:id, :email, 'P', 'en')"),
                {"id": person, "email": f"p{person}@example.org"},
            )
            session.execute(text("INSERT INTO participation VALUES (1, :id)"), {"id": person})
    migrations.upgrade(database, MAIN, "0002")
    with database.reading() as session:
        rows = session.execute(text("SELECT person_id, request FROM issued ORDER BY person_id")).all()
    assert [person for person, _ in rows] == [1, 2]
    assert {len(bytes(request)) for _, request in rows} == {32}
    assert rows[0][1] != rows[1][1]
    migrations.downgrade(database, MAIN, "0001")
    with database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM participation")) == 2


def test_ballots_cast_before_they_were_sealed_are_counted_beside_the_others(database):
    migrations.downgrade(urn, URN, "0001")
    with urn.writing() as session:
        for number in range(3):
            session.execute(
                text(
                    "INSERT INTO ballot (key, wave, unit, scores) VALUES (:key, '2026-05-01', 'A', :scores)"
                ),
                {"key": bytes([number]) * 16, "scores": '{"WAIT": 500}'},
            )
        session.execute(
            text("INSERT INTO remark (key, wave, unit, text) VALUES (:key, '2026-05-01', 'A', 'Slow.')"),
            {"key": bytes(16)},
        )
    migrations.upgrade(urn, URN)
    with urn.writing() as session:
        cast(session, MAY, "A", {"WAIT": 1000}, "")
    with urn.reading() as session:
        assert [(row.n, row.total) for row in tally(session, MAY, {"A": {"WAIT"}})] == [(4, 2500)]
        assert session.scalar(text("SELECT text FROM remark")) == "Slow."
    migrations.downgrade(urn, URN, "0001")
    with urn.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM ballot")) == 4
