"""The HR file: who joins, moves and leaves, all of it or nothing, with every refusal said where it stands."""

import tracemalloc
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st
from sqlalchemy import func, select

from pulse import db
from pulse.db import Database
from pulse.organisation.models import Team
from pulse.outbox.models import Message, MessageState
from pulse.people import files, leavers, service, taking_over
from pulse.people.models import (
    AnswersBy,
    AuditEntry,
    Grant,
    Membership,
    PeopleFile,
    PeopleFileRow,
    Person,
    PersonGrant,
)
from surveys.imports import people
from surveys.imports.people import Reading, Wanted
from surveys.waves.models import Wave, WaveState

NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)
STARTS = date(2026, 11, 22)
HR, HOSTILE = (Path(__file__).parents[4] / "shared" / "data" / name for name in ("hr", "hostile"))
Read = Callable[..., Reading]


@pytest.fixture
def teams(database: Database) -> None:
    """Four teams; one of them is closed."""
    with database.writing() as session:
        session.add_all(
            Team(code=code, name_en=english, name_fr=french, closed=closed)
            for code, english, french, closed in (
                ("NORTH", "North station", "Gare du Nord", None),
                ("SOUTH", "South station", "Gare du Sud", None),
                ("DESK", "Desk", "Guichet", None),
                ("OLD", "Old desk", "Ancien guichet", date(2025, 3, 1)),
            )
        )


@pytest.fixture
def read(database: Database, teams: None, tmp_path: Path) -> Read:
    """Read a file's text (or bytes) as a file of people."""

    def reading(content: str | bytes, *, now: datetime = NOW, **how: object) -> Reading:
        path = tmp_path / "people.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        wanted = Wanted(**{"starts": STARTS, **how})  # type: ignore[arg-type]
        return people.read(db.main, path, wanted, name="people.csv", now=now)

    return reading


@pytest.fixture
def take(read: Read) -> Callable[..., files.Summary]:
    """Read a file and take it over."""

    def taking(
        content: str, *, leavers: int | None = None, now: datetime = NOW, **how: object
    ) -> files.Summary:
        found = read(content, now=now, **how)
        assert found.file_id is not None, found.refused
        with db.writing() as session:
            return taking_over.keep(session, found.file_id, leavers_confirmed=leavers, by=None, now=now)

    return taking


Take = Callable[..., files.Summary]


def said(reading: Reading) -> list[str]:
    """What was refused, a line each; nothing of the file may be left."""
    assert reading.file_id is None
    with db.reading() as session:
        assert session.scalars(select(PeopleFile)).all() == session.scalars(select(PeopleFileRow)).all() == []
        assert session.scalar(select(func.count()).select_from(Person)) == 0
    return [str(refusal) for refusal in reading.refused]


def belonging(day: date = STARTS) -> dict[str, str]:
    """Everybody's team on a day, by address."""
    with db.reading() as session:
        rows = (
            select(Person.email, Team.code)
            .join(Membership, Membership.person_id == Person.id)
            .join(Team, Team.id == Membership.team_id)
            .where(Membership.since <= day, (Membership.until.is_(None)) | (Membership.until >= day))
        )
        return dict(session.execute(rows).all())


def person(email: str) -> Person:
    """Somebody's record."""
    with db.reading() as session:
        return session.scalars(select(Person).where(Person.email == email)).one()


def heads() -> set[tuple[str, str]]:
    """Who heads which team."""
    with db.reading() as session:
        rows = (
            select(Person.email, Team.code)
            .join(PersonGrant, PersonGrant.person_id == Person.id)
            .join(Team, Team.id == PersonGrant.team_id)
        )
        return {(email, code) for email, code in session.execute(rows)}


THREE = """email,name,team,language,manager_of,answers_by
Ana@example.org,Ana Lind,NORTH,en,NORTH|SOUTH,
bob@example.org,"Bob, the second",NORTH,fr,,code
cleo@example.org,,SOUTH,,,
"""


def test_everything_a_row_says_is_kept(take: Take) -> None:
    told = take(THREE)
    assert told.counts == {"joined": 3, "absent": 0}
    assert belonging() == {
        "ana@example.org": "NORTH",
        "bob@example.org": "NORTH",
        "cleo@example.org": "SOUTH",
    }
    ana, bob, cleo = (person(f"{name}@example.org") for name in ("ana", "bob", "cleo"))
    assert (ana.name, ana.language, ana.answers_by) == ("Ana Lind", "en", AnswersBy.BALLOT)
    assert (bob.name, bob.language, bob.answers_by) == ("Bob, the second", "fr", AnswersBy.CODE)
    assert (cleo.name, cleo.language) == ("cleo", "fr")
    assert heads() == {("ana@example.org", "NORTH"), ("ana@example.org", "SOUTH")}


def test_the_same_file_again_changes_nothing(take: Take) -> None:
    take(THREE)
    told = take(THREE, now=NOW + timedelta(hours=1))
    assert told.counts == {"stayed": 3, "absent": 0}
    assert not told.changes


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize(("delimiter", "end"), [(",", "\n"), (";", "\r\n")])
def test_a_file_is_read_as_spreadsheets_write_it(read: Read, encoding: str, delimiter: str, end: str) -> None:
    lines = [
        ["E-Mail ", "EMAIL", "Team"],
        ["x", " Zoé@Example.org ".replace("é", "e"), "NORTH"],
        ["", "", ""],
    ]
    content = end.join(delimiter.join(fields) for fields in lines).encode(encoding)
    found = read(content)
    assert (found.rows, found.ignored) == (1, ("E-Mail",))


def test_nothing_is_changed_until_a_file_is_taken_over(read: Read) -> None:
    found = read(THREE)
    assert found.file_id is not None
    with db.reading() as session:
        told = files.summary(session, files.waiting(session, found.file_id))
        assert session.scalars(select(Person)).all() == []
    assert told.examples["joined"][0] == ("ana@example.org", "Ana Lind")


def test_who_is_elsewhere_now_moves_and_the_past_stays(take: Take) -> None:
    take(THREE)
    told = take(
        "email;team;name\nana@example.org;DESK;\n", starts=date(2026, 12, 1), now=NOW + timedelta(hours=1)
    )
    assert told.counts == {"moved": 1, "absent": 0}
    assert belonging(date(2026, 11, 30))["ana@example.org"] == "NORTH"
    assert belonging(date(2026, 12, 1))["ana@example.org"] == "DESK"
    assert person("ana@example.org").name == "Ana Lind"  # nothing was said of it
    assert len(heads()) == 2  # nor of this: the column is not there


def test_a_column_of_heads_gives_and_takes_and_both_are_written_down(take: Take) -> None:
    take(THREE)
    told = take(
        "email;team;manager_of\nana@example.org;NORTH;SOUTH|DESK\nbob@example.org;NORTH;NORTH\n",
        now=NOW + timedelta(hours=1),
    )
    assert told.counts == {"updated": 2, "absent": 0}
    assert heads() == {
        ("ana@example.org", "SOUTH"),
        ("ana@example.org", "DESK"),
        ("bob@example.org", "NORTH"),
    }
    with db.reading() as session:
        deeds = session.execute(
            select(AuditEntry.action, AuditEntry.subject, AuditEntry.detail).order_by(AuditEntry.id)
        ).all()
    assert ("grant taken", "ana@example.org", "manager NORTH") in deeds
    assert ("grant given", "bob@example.org", "manager NORTH") in deeds
    assert deeds[-1] == ("people file", "people.csv", "from 2026-11-22: updated 2")


def test_the_language_is_a_persons_own_once_they_are_known(take: Take) -> None:
    take(THREE)
    told = take("email,team,language\nana@example.org,NORTH,fr\n", now=NOW + timedelta(hours=1))
    assert told.counts == {"stayed": 1, "absent": 0}
    assert person("ana@example.org").language == "en"


def test_a_wave_that_is_open_keeps_its_people_and_their_ways_to_answer(read: Read) -> None:
    def taken(content: str, now: datetime, **how: object) -> None:
        found = read(content, now=now, **how)
        assert found.file_id is not None, found.refused
        with db.writing() as session:
            people.keep(session, found.file_id, leavers_confirmed=None, by=None, now=now)

    opened = date(2026, 11, 3)
    taken(THREE, NOW, starts=date(2026, 10, 1))
    with db.writing() as session:
        opens = datetime(2026, 11, 3, 9, tzinfo=UTC)
        session.add(
            Wave(
                month=date(2026, 11, 1),
                opens_at=opens,
                closes_at=opens + timedelta(days=20),
                state=WaveState.OPEN,
                threshold=5,
            )
        )
    before = belonging(opened)
    rows = ("ana@example.org,DESK,2026-10-20,code", "new@example.org,DESK,2015-01-01,")
    moved = "\n".join(("email,team,since,answers_by", *rows))
    taken(moved, NOW + timedelta(hours=1), starts=date(2026, 10, 1))
    assert belonging(opened) == before
    assert belonging(opened + timedelta(days=1)) == before | {
        "ana@example.org": "DESK",
        "new@example.org": "DESK",
    }
    assert person("ana@example.org").answers_by is AnswersBy.BALLOT
    with db.writing() as session:
        session.scalars(select(Wave)).one().state = WaveState.TALLIED
    taken(moved, NOW + timedelta(hours=2), starts=date(2026, 10, 1))
    assert person("ana@example.org").answers_by is AnswersBy.CODE


def many(number: int, *, team: str = "NORTH") -> str:
    """The file of so many people."""
    return "email,team\n" + "".join(f"p{i}@example.org,{team}\n" for i in range(number))


def test_who_is_not_in_a_full_file_has_left(take: Take) -> None:
    with db.writing() as session:
        outside = service.add(session, "auditor@example.org")
        service.grant(session, outside, Grant.COUNCIL)
    take(many(10))
    with db.writing() as session:
        service.grant(session, service.add(session, "p9@example.org"), Grant.ANALYST)
    assert take(many(9), now=NOW + timedelta(hours=1)).counts["absent"] == 0  # it does not say it is full
    told = take(many(9), full=True, now=NOW + timedelta(hours=2))
    assert (told.counts["absent"], told.leaving, told.people) == (1, 1, 10)
    assert told.examples["absent"] == [("p9@example.org", "p9")]
    gone = person("p9@example.org")
    assert gone.left_on == STARTS - timedelta(days=1)
    assert "p9@example.org" not in belonging()
    assert belonging(STARTS - timedelta(days=2)) == {}  # nobody had begun before
    assert person("auditor@example.org").disabled_at is None


def test_leaving_ends_sign_in_and_grants(take: Take) -> None:
    with db.writing() as session:
        service.add(session, "p9@example.org", password="correct horse battery staple")
        service.grant(session, service.add(session, "p9@example.org"), Grant.ANALYST)
    today = service.today()
    take(many(10), starts=today)
    take(many(9), starts=today, full=True, now=NOW + timedelta(hours=1))
    gone = person("p9@example.org")
    assert gone.disabled_at is not None
    assert gone.grants == []
    with db.reading() as session:
        assert service.recognise(session, "p9@example.org", "correct horse battery staple") is None
        assert ("grant taken", "p9@example.org", "analyst") in session.execute(
            select(AuditEntry.action, AuditEntry.subject, AuditEntry.detail)
        ).all()


def test_who_comes_back_may_sign_in_again_but_not_who_was_shut_out(take: Take) -> None:
    today = service.today()
    take(many(10), starts=today)
    take(many(9), starts=today, full=True, now=NOW + timedelta(hours=1))
    with db.writing() as session:
        shut = session.scalars(select(Person).where(Person.email == "p1@example.org")).one()
        shut.disabled_at = NOW
    told = take(many(10), starts=today, now=NOW + timedelta(hours=2))
    assert told.counts == {"stayed": 9, "returned": 1, "absent": 0}
    assert person("p9@example.org").disabled_at is person("p9@example.org").left_on is None
    assert person("p1@example.org").disabled_at is not None


def test_more_than_a_fifth_leaves_only_where_their_number_is_said(take: Take) -> None:
    take(many(10))
    for wrong in (None, 2, 10):
        with pytest.raises(taking_over.TooManyLeavers) as refused:
            take(many(7), full=True, leavers=wrong, now=NOW + timedelta(hours=1))
        assert (refused.value.leavers, refused.value.people) == (3, 10)
    assert len(belonging()) == 10
    take(many(7), full=True, leavers=3, now=NOW + timedelta(hours=1))
    assert len(belonging()) == 7


def test_dates_of_leaving_count_as_leavers_too(take: Take) -> None:
    take(many(4))
    content = "email,team,left\n" + "".join(f"p{i}@example.org,NORTH,2026-11-30\n" for i in range(2))
    with pytest.raises(taking_over.TooManyLeavers):
        take(content, now=NOW + timedelta(hours=1))


def test_no_file_takes_the_last_admin_out(take: Take) -> None:
    with db.writing() as session:
        service.grant(session, service.add(session, "p9@example.org"), Grant.ADMIN)
    today = service.today()
    take(many(10), starts=today)
    with pytest.raises(taking_over.NoAdminLeft):
        take(many(9), starts=today, full=True, now=NOW + timedelta(hours=1))
    assert person("p9@example.org").left_on is None


def test_a_file_is_taken_over_once_and_not_after_another_one(read: Read) -> None:
    first, second = read(THREE), read(many(3))
    assert first.file_id is not None
    assert second.file_id is not None
    with db.writing() as session:
        taking_over.keep(
            session, first.file_id, leavers_confirmed=None, by=None, now=NOW + timedelta(hours=1)
        )
    for file_id in (first.file_id, second.file_id):
        with pytest.raises(taking_over.Overtaken), db.writing() as session:
            taking_over.keep(session, file_id, leavers_confirmed=None, by=None, now=NOW + timedelta(hours=2))
    with pytest.raises(files.NoSuchFile), db.writing() as session:
        taking_over.keep(session, 999, leavers_confirmed=None, by=None, now=NOW)


def test_a_file_nobody_takes_over_is_forgotten_after_a_day(read: Read) -> None:
    read(THREE)
    with db.writing() as session:
        files.forget_old(session, NOW + timedelta(hours=23))
        assert len(session.scalars(select(PeopleFileRow)).all()) == 3
        files.forget_old(session, NOW + files.KEPT)
        assert session.scalars(select(PeopleFileRow)).all() == session.scalars(select(PeopleFile)).all() == []


REFUSED = [
    ("", "people.csv: is empty; write a header row and the rows below it"),
    ("email,team\n", "people.csv: holds no row; write one for each person below the header"),
    (
        "email,team\nana,NORTH\n",
        'line 2: email "ana" is no e-mail address; write one such as name@example.org',
    ),
    ("email,team\n,NORTH\n", 'line 2: email "" is missing; no row may leave it empty'),
    ("email,team\nana@example.org,\n", 'line 2: team "" is missing; no row may leave it empty'),
    (
        "email,team\nzoé@example.org,NORTH\n",
        'line 2: email "zoé@example.org" has letters that mail servers do not take; write it without accents',
    ),
    (
        "email,team\nana@example.org,NROTH\n",
        'line 2: team "NROTH" is no team; write the code of one that was loaded (did you mean "NORTH"?)',
    ),
    (
        "email,team\nana@example.org,Gare du Nord\n",
        'line 2: team "Gare du Nord" is a team\'s name; write its code, "NORTH"',
    ),
    (
        "email,team\nana@example.org,OLD\n",
        'line 2: team "OLD" is closed since 2025-03; write the team it became',
    ),
    (
        "email,team,language\nana@example.org,NORTH,de\n",
        'line 2: language "de" is no language Pulse speaks; write fr or en',
    ),
    (
        "email,team,answers_by\nana@example.org,NORTH,phone\n",
        'line 2: answers_by "phone" is no way to answer; write ballot or code',
    ),
    (
        "email,team,since\nana@example.org,NORTH,01/02/2026\n",
        'line 2: since "01/02/2026" is no day; write YYYY-MM-DD, such as 2025-03-31',
    ),
    (
        "email,team,since,left\nana@example.org,NORTH,2026-05-01,2026-04-30\n",
        'line 2: left "2026-04-30" is before since "2026-05-01"; write a later date',
    ),
    (
        "email,team,manager_of\nana@example.org,NORTH,SOUTH|nowhere\n",
        'line 2: manager_of "SOUTH|nowhere" is no team; write the code of one that was loaded',
    ),
    (
        "email,team,name\nana@example.org,NORTH,Ana\u202eLind\n",
        'line 2: name "Ana\\u202eLind" holds characters that cannot be read; write the name on one line',
    ),
    (
        "email,team\nana@example.org,NORTH\nbob@example.org,NORTH\nANA@example.org,SOUTH\n",
        'line 4: email "ana@example.org" is here twice (first on line 2); keep one row a person',
    ),
    ("email,team\nana@example.org,NORTH,1\n", "line 2: has 3 fields where the header has 2"),
    ("email,email,team\n", 'line 1: column "email" is there twice; keep one'),
]


def test_what_cannot_be_is_refused_where_it_stands(read: Read) -> None:
    for content, refused in REFUSED:
        (line,) = said(read(content))
        assert line.removeprefix("people.csv, ") == refused


def test_one_wrong_row_keeps_all_of_a_file_out_and_every_wrong_row_is_told(read: Read) -> None:
    wrong = [5, 1500, 2999]
    lines = [f"p{i}@example.org,{'NORTH' if i not in wrong else 'nowhere'}" for i in range(3000)]
    found = read("email,team\n" + "\n".join(lines))
    assert [refusal.line for refusal in found.refused] == [number + 2 for number in wrong]
    assert found.rows == 3000
    said(found)


def test_columns_may_have_other_names(read: Read) -> None:
    found = read(
        "Work Mail;Dept;Full Name\nana@example.org;NORTH;Ana\n",
        columns={"email": "work  mail", "team": "DEPT", "name": "Full Name"},
    )
    assert found.file_id is not None
    assert found.ignored == ()


@pytest.mark.skipif(not HR.exists(), reason="no files of real HR systems here")
@pytest.mark.parametrize(
    ("file", "columns"),
    [("hrdataset_v14.csv", {}), ("ibm_attrition.csv", {}), ("employee_comments_bom_semicolon.csv", {})],
)
def test_real_hr_files_without_addresses_are_told_what_to_do(
    read: Read, file: str, columns: dict[str, str]
) -> None:
    (line,) = said(read((HR / file).read_bytes(), columns=columns))
    assert line.startswith('people.csv, line 1: column "email" is missing; the header has "')
    assert line.endswith("or rename these columns")


@pytest.mark.skipif(not HR.exists(), reason="no files of real HR systems here")
def test_a_real_hr_file_with_its_columns_named_is_read_to_its_last_row(read: Read) -> None:
    columns = {"email": "Employee_Name", "team": "Department", "left": "DateofTermination"}
    found = read((HR / "hrdataset_v14.csv").read_bytes(), columns=columns)
    assert found.rows == 311
    lines = said(found)
    assert 'email "Adinolfi, Wilson  K" is no e-mail address' in lines[0]
    assert any("is no day; write YYYY-MM-DD" in line for line in lines)


@pytest.mark.skipif(not HOSTILE.exists(), reason="no hostile files here")
def test_hostile_files_are_refused_and_never_kept(read: Read) -> None:
    for path in sorted(HOSTILE.rglob("*.csv"))[:60]:
        said(read(path.read_bytes()))


@pytest.mark.skipif(not HOSTILE.exists(), reason="no hostile files here")
def test_formulas_in_names_are_kept_as_words(take: Take) -> None:
    payloads = [
        line
        for line in (HOSTILE / "csv_injection_payloads.txt").read_text().splitlines()
        if line.strip() == line and line.isprintable() and 0 < len(line) < 100 and '"' not in line
    ][:20]
    rows = "".join(f'h{i}@example.org,NORTH,"{payload}"\n' for i, payload in enumerate(payloads))
    take(f"email,team,name\n{rows}")
    assert [person(f"h{i}@example.org").name for i in range(len(payloads))] == payloads


@trying(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_no_bytes_whatever_break_the_reader(read: Read, content: bytes) -> None:
    read(b"email,team\n" + content)


def test_a_long_file_needs_little_memory(read: Read) -> None:
    content = many(4_000).encode()
    tracemalloc.start()
    try:
        assert read(content).rows == 4_000
        highest = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert highest < 12 * 2**20


def flask_people(app: Flask, tmp_path: Path, content: str, *options: str) -> Result:
    """Run the command on a file."""
    path = tmp_path / "staff.csv"
    path.write_text(content, encoding="utf-8")
    return app.test_cli_runner().invoke(args=["people", str(path), *options])


@pytest.fixture
def two_teams(app: Flask) -> Flask:
    """The application with two teams."""
    with db.writing() as session:
        session.add_all(Team(code=code, name_en=code, name_fr=code) for code in ("NORTH", "SOUTH"))
    return app


def test_the_command_says_what_it_would_do_then_does_it(two_teams: Flask, tmp_path: Path) -> None:
    dry = flask_people(two_teams, tmp_path, many(10), "--dry-run", "--from", "2026-11-22")
    assert dry.exit_code == 0
    assert dry.output.splitlines() == [
        "staff.csv: 10 rows read",
        "From 2026-11-22 on; a pulse that is open keeps the people it was opened with:",
        "  10 join",
        "Dry run: nobody was changed.",
    ]
    with db.reading() as session:
        assert session.scalars(select(PeopleFile)).all() == session.scalars(select(Person)).all() == []
    assert flask_people(two_teams, tmp_path, many(10)).exit_code == 0
    refused = flask_people(two_teams, tmp_path, many(5), "--full")
    assert refused.exit_code == 1
    assert refused.stderr == (
        "Error: 5 people of 10 would leave, more than a fifth: if that is right, run it again with"
        " --leavers 5. Nobody was changed\n"
    )
    done = flask_people(two_teams, tmp_path, many(5), "--full", "--leavers", "5")
    assert done.exit_code == 0
    assert "  5 leave: the file does not name them\n    p5@example.org p5\n" in done.output


def test_the_command_refuses_by_line_on_standard_error(two_teams: Flask, tmp_path: Path) -> None:
    done = flask_people(
        two_teams, tmp_path, "Mail,team\nana,NORTH\nbob@example.org,EAST\n", "--column", "email=mail"
    )
    assert done.exit_code == 1
    assert len(done.stderr.splitlines()) == 2
    assert done.output.splitlines()[-1].startswith("Nobody was changed: 2 values refused") or (
        "Nobody was changed: 2 values refused" in done.output
    )
    wrong = flask_people(two_teams, tmp_path, many(1), "--column", "mail=email")
    assert wrong.exit_code == 2


def test_leavers_are_seen_off_and_a_year_later_forgotten(take: Take) -> None:
    take("email,team,name,left\nana@example.org,NORTH,Ana,2026-11-30\nbob@example.org,NORTH,Bob,\n")
    with db.writing() as session:
        service.note(session, "grant given", "ana@example.org", "manager NORTH")
        session.add(
            Message(
                key="k",
                mailing="k",
                urgent=False,
                channel="email",
                recipient="ana@example.org",
                subject="s",
                text="t",
                html=None,
                state=MessageState.SENT,
                attempts=1,
                queued_at=NOW,
                due_at=NOW,
            )
        )
    nights = [date(2026, 11, 30), date(2026, 12, 1), date(2027, 11, 30), date(2027, 12, 1)]
    told = []
    for day in nights:
        with db.writing() as session:
            told.append(leavers.nightly(session, day, NOW))
    assert [report.split(" who left")[0] for report in told] == [
        "0 sign-ins ended, 0 people forgotten",
        "1 sign-ins ended, 0 people forgotten",
        "0 sign-ins ended, 0 people forgotten",
        "0 sign-ins ended, 1 people forgotten",
    ]
    with db.reading() as session:
        rows = [
            repr(session.execute(select(*table.__table__.columns)).all())
            for table in (Person, Message, AuditEntry, Membership)
        ]
        assert "ana" not in "".join(rows).lower().replace("manager", "")
        assert session.scalar(select(func.count()).select_from(Person)) == 2
        assert session.scalar(select(func.count()).select_from(Membership)) == 1
