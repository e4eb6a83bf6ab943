"""People are made once, belong to one team at a time, and what admins do is written down."""

from datetime import date

import pytest
from flask import Flask
from sqlalchemy import select

from pulse import db
from pulse.db import Database
from pulse.organisation.models import Team
from pulse.people import service
from pulse.people.models import AuditEntry, Grant, Membership


def test_adding_somebody_twice_is_the_same_person(database: Database) -> None:
    with database.writing() as session:
        first = service.add(session, "ana@example.org", name="Ana")
        assert service.add(session, " ANA@example.org").id == first.id
        for _ in range(2):
            service.grant(session, first, Grant.ANALYST)
        assert [held.grant for held in first.grants] == [Grant.ANALYST]


def test_who_changes_team_belongs_to_one_at_a_time(database: Database) -> None:
    with database.writing() as session:
        one, other = (Team(code=code, name_en=code, name_fr=code) for code in ("one", "other"))
        session.add_all([one, other])
        person = service.add(session, "eve@example.org")
        service.join(session, person, one, since=date(2025, 1, 1))
        service.join(session, person, other, since=date(2025, 6, 1))
        service.join(session, person, other, since=date(2025, 7, 1))
        for day, team in ((date(2025, 5, 31), one), (date(2025, 6, 1), other), (date(2026, 1, 1), other)):
            found = service.membership(session, person.id, day)
            assert found is not None
            assert found.team_id == team.id
        assert service.membership(session, person.id, date(2024, 12, 31)) is None
        assert len(session.scalars(select(Membership)).all()) == 2


@pytest.mark.parametrize(
    "address", ["", "ana", "@example.org", "ana@", "a b@example.org", "ana@exa\nmple.org"]
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(service.NotAnAddress):
        service.normal(address)


def test_the_command_adds_people_with_their_grants_and_writes_it_down(app: Flask) -> None:
    with db.writing() as session:
        session.add(Team(code="west", name_en="West", name_fr="Ouest"))
    runner = app.test_cli_runner()
    done = runner.invoke(
        args=["users", "add", "Max@example.org", "--grant", "manager", "--team", "west", "--language", "en"]
    )
    assert done.exit_code == 0
    assert done.output.startswith("max@example.org (manager)\npassword: ")
    password = done.output.split("password: ")[1].strip()
    with db.reading() as session:
        person = service.recognise(session, "max@example.org", password)
        assert person is not None
        assert [(held.grant, held.team_id is not None) for held in person.grants] == [(Grant.MANAGER, True)]
        entries = session.scalars(select(AuditEntry)).all()
        assert [(entry.action, entry.subject) for entry in entries] == [("person added", "max@example.org")]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a@example.org", "--team", "north"], "there is no team north"),
        (["nobody"], "nobody is not an e-mail address"),
    ],
)
def test_the_command_refuses_in_one_line(app: Flask, words: list[str], said: str) -> None:
    done = app.test_cli_runner().invoke(args=["users", "add", *words])
    assert done.exit_code == 1
    assert said in done.output
    with db.reading() as session:
        assert session.scalars(select(AuditEntry)).all() == []
