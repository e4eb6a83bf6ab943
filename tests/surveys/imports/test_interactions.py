"""`flask interactions`: every good row is taken, each refused one is told with its line."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

import config
from pulse import db
from pulse.i18n import speaking
from pulse.outbox.models import Message
from surveys.imports import interactions
from surveys.imports.refusals import Wrong
from surveys.invitations.models import Interaction, Outcome
from tests.conftest import SECRET
from tests.surveys.conftest import built
from tests.surveys.invitations.conftest import NOON, settings

HEADER = "interaction,touchpoint,happened_at,customer,email,phone,language"


@pytest.fixture
def file(tmp_path):
    """Writes a file of interactions."""

    def write(*lines, header=HEADER):
        path = tmp_path / "calls.csv"
        path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
        return path

    return write


def loaded(database, path, now=NOON):
    with speaking("en"):
        return interactions.load(database, path, now, known=settings())


def test_good_rows_are_taken_and_the_others_told_with_their_lines(database, railway, file):
    path = file(
        "c1,station,2026-11-09 11:30,42,zoe@example.org,,fr",
        "c2,moon,2026-11-09,,a@b.org,,",
        "c3,station,yesterday,,a@b.org,,",
        ",station,2026-11-09,,a@b.org,,",
        "c5,station,2026-11-09T08:00Z,,nobody,,",
        "c6,phone,2026-11-09T12:00:00+02:00,,,0612345678,en",
        "c7,phone,2026-09-09,,b@c.org,,",
        "c1,station,2026-11-09 11:30,42,zoe@example.org,,fr",
        "c8,station",
    )
    done = loaded(database, path)
    assert (done.rows, done.known) == (9, 1)
    assert done.outcomes == {Outcome.INVITED: 2, Outcome.TOO_OLD: 1}
    assert sorted(map(str, done.refusals.first)) == [
        "calls.csv, line 10: has 2 fields where the header has 7",
        'calls.csv, line 3: touchpoint "moon" is no touchpoint; write the code of one that was loaded',
        'calls.csv, line 4: happened_at "yesterday" is no time;'
        " write YYYY-MM-DD HH:MM, such as 2026-11-21 14:30",
        'calls.csv, line 5: interaction "" is missing; no row may leave it empty',
        'calls.csv, line 6: email "nobody" is no e-mail address; write one such as name@example.org',
    ]
    with database.reading() as session:
        assert session.scalars(select(Interaction.code).order_by(Interaction.code)).all() == [
            "c1",
            "c6",
            "c7",
        ]
        first = session.scalars(select(Interaction).where(Interaction.code == "c1")).one()
        assert first.happened_at == datetime(2026, 11, 9, 10, 30, tzinfo=UTC)
        assert "passé" in session.scalars(select(Message.subject).where(Message.channel == "email")).one()


def test_the_same_file_again_changes_nothing(database, railway, file):
    path = file(*(f"c{n},station,2026-11-09,,p{n}@example.org,," for n in range(30)))
    assert loaded(database, path).outcomes == {Outcome.INVITED: 30}
    again = loaded(database, path)
    assert (again.known, again.outcomes, again.refusals.count) == (30, {}, 0)


def test_of_a_file_that_breaks_off_all_before_is_taken(sqlite, small_railway, file):
    path = file(*(f"c{n},station,2026-11-09,,p{n % 100}@example.org,," for n in range(1300)))
    with path.open("ab") as more:
        more.write(b"c9999,station,2026-11-09,\xff,,,\n")
    done = loaded(sqlite, path)
    assert "is not UTF-8 text" in str(done.refusals.first[0])
    assert 1000 < done.outcomes.total() < 1300  # a file is decoded a little ahead of the rows taken from it
    with sqlite.reading() as session:
        assert session.scalar(select(func.count()).select_from(Interaction)) == done.outcomes.total()
    path.write_bytes(path.read_bytes().replace(b"\xff", b""))
    again = loaded(sqlite, path)
    assert again.outcomes.total() + again.known == 1301


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-11-09", datetime(2026, 11, 9)),
        ("2026-11-09 14:30", datetime(2026, 11, 9, 14, 30)),
        ("2026-11-09T14:30:05.250Z", datetime(2026, 11, 9, 14, 30, 5, 250000, tzinfo=UTC)),
    ],
)
def test_times_are_read_with_and_without_a_zone(written, expected):
    assert interactions.moment(written) == expected


def test_an_offset_is_read():
    found = interactions.moment("2026-11-09 14:30+0100")
    assert found.utcoffset() == timedelta(hours=1)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "20261109",
        "2026-W46-1",
        "09/11/2026",
        "2026-13-01",
        "2026-11-09 25:00",
        "1066-10-14",
        "2200-01-01",
        "٢٠٢٦-11-09",
    ],
)
def test_what_is_no_time_is_refused(written):
    with pytest.raises(Wrong):
        interactions.moment(written)


@pytest.fixture
def app(app, monkeypatch):
    """The application, with a secret key that commands know, too; they speak English."""
    monkeypatch.setenv("PULSE_SECRET_KEY", SECRET)
    config.settings.cache_clear()
    yield app
    config.settings.cache_clear()


def run(app, path):
    with speaking("en"):
        return app.test_cli_runner().invoke(args=["interactions", str(path)])


def test_the_command_tells_what_became_of_them(app, file):
    today = datetime.now(UTC).date()
    with db.writing() as session:
        built(session)
    done = run(app, file(f"c1,station,{today},,zoe@example.org,,", f"c2,station,{today},,ZOE@example.org,,"))
    assert (done.exit_code, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "calls.csv: 2 rows read",
        "  1 invited",
        "  1 not asked: asked recently",
    ]
    again = run(
        app, file(f"c1,station,{today},,,,", f"c3,moon,{today},,,,", header=HEADER.replace("email", "mail"))
    )
    assert again.exit_code == 1
    assert 'line 3: touchpoint "moon"' in again.stderr
    assert again.stdout.splitlines() == [
        "calls.csv: 2 rows read",
        'calls.csv: ignored "mail"',
        "  1 had come before: nothing changed",
        "1 value refused, told on standard error; all other rows were taken.",
    ]


def test_a_file_without_its_columns_is_refused(app, file):
    done = run(app, file("1,2", header="id,place"))
    assert done.exit_code == 1
    assert 'column "interaction" is missing' in done.stderr


def test_without_the_secret_key_the_command_says_what_to_set(app, file, monkeypatch):
    monkeypatch.delenv("PULSE_SECRET_KEY")
    config.settings.cache_clear()
    done = run(app, file("c1,station,2026-11-09,,,,"))
    assert (done.exit_code, done.stdout) == (1, "")
    assert "PULSE_SECRET_KEY is not set" in done.stderr
